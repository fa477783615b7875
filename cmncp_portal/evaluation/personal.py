"""What evaluations hold about a person. Answers stay, because they are counted; who gave them is emptied."""

from datetime import datetime

from django.db.models import F, Prefetch, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.personal import NOBODY, NOWHERE, About, Mentions, Part, Person, Removed, Row, Section, Signed

from .models import (
    Answer,
    Coding,
    Comment,
    ConfidentialReading,
    FollowUp,
    Invitation,
    Occasion,
    Question,
    Remark,
    Response,
    Survey,
)
from .questions import asked_in

INVITATIONS = About(
    Invitation,
    _("Evaluations for which you were asked"),
    email="email",
    account="user",
    name="name",
    nobody="",
    empties=("role",),
    sets={"forgotten_at": lambda now: Coalesce(F("forgotten_at"), Value(now))},
    shows=("survey__title", "name", "email", "role", "place", "invited_at", "excused_at"),
)


def _answers(person: Person) -> list[Section]:
    """All that the person answered, question by question in words, drafts as well. Four queries."""
    hers = INVITATIONS.hers(person)
    found = Response.objects.filter(invitation__in=Invitation.objects.filter(hers))
    found = found.select_related("invitation__survey__questionnaire").order_by("pk")
    questions = Prefetch("invitation__survey__questionnaire__questions", Question.objects.order_by("order", "pk"))
    rows: list[Row] = []
    for response in found.prefetch_related("answers", questions):
        survey, given = response.invitation.survey, {one.question_id: one.value for one in response.answers.all()}
        row: Row = [(_("evaluation"), str(survey.title)), (_("where"), str(survey.about))]
        for asked in asked_in(survey):
            if asked.question.pk in given:
                words = asked.kind.words(asked, given[asked.question.pk])
                row.append((str(asked.question.text), "\n".join(words)))
        rows.append(row)
    return [Section("evaluation.response", _("Your answers"), rows)] if rows else []


def _no_longer_asked(person: Person, now: datetime) -> int:
    """Whoever has not answered yet is no longer asked: the last reminder would go nowhere."""
    is_open = Q(survey__closes_at__gt=now, survey__closed_at__isnull=True, survey__cancelled_at__isnull=True)
    waiting = Invitation.objects.filter(INVITATIONS.hers(person), is_open, excused_at__isnull=True)
    waiting.exclude(response__submitted_at__isnull=False).update(excused_at=now)
    return 0


def _expire(now: datetime) -> list[Removed]:
    """Take the names off answers long after closing, and off the log of confidential readings."""
    names, readings = LIMITS["evaluations"], LIMITS["readings"]
    closed = Q(survey__closes_at__lt=names.kept_since(now)) & ~Q(email__endswith=NOWHERE)
    read = ConfidentialReading.objects.filter(at__lt=readings.kept_since(now)).exclude(by_name=NOBODY)
    return [
        Removed("evaluations", names.label, INVITATIONS.empty(closed, now), names.first_day_kept(now)),
        Removed("readings", readings.label, read.update(by=None, by_name=NOBODY), readings.first_day_kept(now)),
    ]


PART = Part(
    "evaluation",
    _("Evaluations"),
    about=(
        About(
            Remark,
            _("What you added after closing"),
            email="invitation__email",
            account="invitation__user",
            shows=(("invitation__survey__title", _("evaluation")), "at", "text"),
        ),
        INVITATIONS,
    ),
    signed=(
        Signed(Occasion, (("reviewed_by", "reviewed_by_name"),)),
        Signed(Comment),
        Signed(FollowUp, (("by", "by_name"), ("done_by", "done_by_name"))),
        Signed(Coding),
    ),
    mentions=(
        Mentions(Answer, ("value",)),
        Mentions(Remark, ("text",)),
        Mentions(Coding, ("text",)),
        Mentions(Comment, ("text",)),
        Mentions(FollowUp, ("text", "outcome")),
        Mentions(Survey, ("title_en", "title_fr", "about_en", "about_fr", "rows")),
        Mentions(Occasion, ("title_en", "title_fr", "about_en", "about_fr")),
    ),
    also_held=_answers,
    also_forget=_no_longer_asked,
    expires=_expire,
)
