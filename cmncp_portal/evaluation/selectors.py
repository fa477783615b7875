"""Reading: what a person is asked, how far a survey has come, what stands in a response."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import User

from .measures import Measure
from .models import Answer, Invitation, Question, Questionnaire, Response, Survey, Theme
from .questions import Asked, asked_in

REMARKS_FOR = timedelta(days=45)  # after the end: the personal link of an occasion lives for about 90 days after it

NOT_YET, OPEN, READ, ENDED, CANCELLED, EXCUSED = "not_yet", "open", "read", "ended", "cancelled", "excused"


@dataclass(frozen=True)
class Counts:
    """How many were asked and how many answered. `late` ones are part of `answered`; `excused` ones of neither."""

    asked: int = 0
    answered: int = 0
    late: int = 0
    excused: int = 0

    @property
    def waiting(self) -> int:
        return self.asked - self.answered


def response_counts(surveys: Iterable[Survey]) -> dict[int, Counts]:
    """Return the counts of each of `surveys` by its primary key, in one query. Only submitted responses count."""
    ids = [survey.pk for survey in surveys]
    rows = _counted(Invitation.objects.filter(survey_id__in=ids)).values("survey_id", *_COUNTS)
    found = {row.pop("survey_id"): Counts(**row) for row in rows}
    return {pk: found.get(pk, Counts()) for pk in ids}


_COUNTS = ("asked", "answered", "late", "excused")


def _counted(rows: QuerySet[Invitation]) -> QuerySet[Any, Any]:
    submitted = Q(response__submitted_at__isnull=False)
    return (
        rows.order_by()
        .values("survey_id")
        .annotate(
            asked=Count("pk", filter=Q(excused_at__isnull=True) | submitted),
            answered=Count("pk", filter=submitted),
            late=Count("pk", filter=submitted & Q(response__is_late=True)),
            excused=Count("pk", filter=Q(excused_at__isnull=False) & ~submitted),
        )
    )


def with_counts(rows: QuerySet[Survey]) -> QuerySet[Survey]:
    """Add to surveys what `counts_of` reads, in the same query."""
    numbers = _counted(Invitation.objects.filter(survey_id=OuterRef("pk")))
    return rows.annotate(numbers=Subquery(numbers.values(row=JSONObject(**{name: name for name in _COUNTS}))))


def counts_of(survey: Any) -> Counts:
    """Return the counts of a survey from `with_counts`, without a query."""
    return Counts(**(survey.numbers or {}))


def has_submitted(survey: Survey) -> bool:
    """Tell whether at least one person has answered `survey`."""
    return Response.objects.filter(invitation__survey=survey, submitted_at__isnull=False).exists()


def people_of(survey: Survey) -> QuerySet[Invitation]:
    """Return everybody who was invited to `survey`, with `response` when there is one: for the owner's list of who has answered."""
    return survey.invitations.select_related("response", "user")


def _asked_of(user: User) -> QuerySet[Invitation]:
    own = Q(user=user) | Q(user__isnull=True, email__iexact=user.email)
    return Invitation.objects.filter(own, excused_at__isnull=True, survey__cancelled_at__isnull=True)


def open_invitations_of(user: User, now: datetime | None = None) -> QuerySet[Invitation]:
    """Return the invitations that `user` may answer at `now`, the earliest due first.

    Each carries `is_submitted` and `is_begun`. Answered ones stay in it while they may still be changed.
    """
    now = now or timezone.now()
    responses = Response.objects.filter(invitation=OuterRef("pk"))
    return (
        _asked_of(user)
        .filter(survey__opens_at__lte=now, survey__closes_at__gt=now, survey__closed_at__isnull=True)
        .select_related("survey__questionnaire")
        .annotate(is_begun=Exists(responses), is_submitted=Exists(responses.filter(submitted_at__isnull=False)))
        .exclude(survey__released_at__isnull=False, is_submitted=True)
        .order_by("survey__due_at", "pk")
    )


def waiting_for(user: User, now: datetime | None = None) -> QuerySet[Invitation]:
    """Return the open invitations that `user` has not answered yet, the earliest due first: what waits for this person."""
    answered = Response.objects.filter(invitation=OuterRef("pk"), submitted_at__isnull=False)
    return open_invitations_of(user, now).filter(~Exists(answered))


def standing_of(invitation: Invitation, response: Response | None, now: datetime | None = None) -> str:
    """Return what the holder of `invitation` can do now: OPEN to answer or change, READ or ENDED to add a remark, or nothing."""
    survey, now = invitation.survey, now or timezone.now()
    submitted = response is not None and response.submitted_at is not None
    if survey.cancelled_at:
        return CANCELLED
    if invitation.excused_at and not submitted:
        return EXCUSED
    if now < survey.opens_at:
        return NOT_YET
    if not survey.is_open(now):
        return ENDED
    return READ if survey.released_at and submitted else OPEN


REASONS = {
    NOT_YET: _("This does not open until later."),
    READ: _("The answers have been passed on and can no longer be changed; you can add a remark."),
    ENDED: _("This has ended; you can still add a remark."),
    CANCELLED: _("This is no longer needed."),
    EXCUSED: _("You are no longer asked."),
}


def may_remark(invitation: Invitation, standing: str, now: datetime | None = None) -> bool:
    """Tell whether a remark may be added: once answers are fixed, until REMARKS_FOR after the last day."""
    return standing in (READ, ENDED) and (now or timezone.now()) < invitation.survey.closes_at + REMARKS_FOR


def response_of(invitation: Invitation) -> Response | None:
    """Return the response of `invitation` if there is one; reading never makes one."""
    return Response.objects.filter(invitation=invitation).first()


def answers_of(response: Response | None) -> dict[str, Any]:
    """Return the stored values of `response` by question code."""
    if response is None:
        return {}
    return dict(Answer.objects.filter(response=response).values_list("question__code", "value"))


def put_to(invitation: Invitation) -> list[Asked]:
    """Return the questions put to the holder of `invitation`."""
    return asked_in(invitation.survey)


def questionnaires() -> QuerySet[Questionnaire]:
    """Return every version of every questionnaire, with `survey_count` and `question_count`."""
    return Questionnaire.objects.annotate(
        survey_count=Count("surveys", distinct=True), question_count=Count("questions", distinct=True)
    ).order_by("slug", "-version")


def versions_of(questionnaire: Questionnaire) -> QuerySet[Questionnaire]:
    """Return every version of the same questionnaire, the newest first, with how often each was used."""
    return questionnaires().filter(slug=questionnaire.slug)


def measure_of(question: Question) -> Measure | None:
    """Return what the answers to `question` are counted for, or None; an old version may carry a name that is no longer known."""
    return Measure(question.indicator) if question.indicator in Measure.values else None


def themes() -> QuerySet[Theme]:
    """Return the themes under which answers can be sorted now."""
    return Theme.objects.filter(is_used=True)


def codebook() -> QuerySet[Theme]:
    """Return every theme with `uses`, the number of answers sorted under it; retired ones come last."""
    return Theme.objects.annotate(uses=Count("codings")).order_by("-is_used", "order", "code")


def latest(slug: str) -> Questionnaire:
    """Return the newest published version of the questionnaire `slug`. Raises Questionnaire.DoesNotExist."""
    found = Questionnaire.objects.filter(slug=slug, published_at__isnull=False).order_by("-version").first()
    if found is None:
        raise Questionnaire.DoesNotExist(f"no published questionnaire is called {slug}")
    return found


def what_is_missing(questionnaire: Questionnaire) -> list[str]:
    """Return, in words, what keeps `questionnaire` from being published: both languages everywhere, and something to ask."""
    q = questionnaire
    missing: list[Any] = []
    for en, fr, name in (
        (q.title_en, q.title_fr, _("The title")),
        (q.confidentiality_en, q.confidentiality_fr, _("The text on who sees the answers")),
    ):
        if not en.strip() or not fr.strip():
            missing.append(_("%(text)s is needed in both languages.") % {"text": name})
    if bool(q.introduction_en.strip()) != bool(q.introduction_fr.strip()):
        missing.append(_("%(text)s is needed in both languages.") % {"text": _("The introduction")})
    questions = list(q.questions.all())
    if not questions:
        missing.append(_("It has no question yet."))
    for question in questions:
        incomplete = (
            bool(question.help_en.strip()) != bool(question.help_fr.strip())
            or not question.text_en.strip()
            or not question.text_fr.strip()
        )
        if incomplete or any(not option["en"].strip() or not option["fr"].strip() for option in question.options):
            missing.append(_("The question “%(code)s” is needed in both languages.") % {"code": question.code})
        if not Asked(question).kind.needs_lines or question.rows_from_survey or question.options:
            continue
        missing.append(_("The question “%(code)s” has nothing to choose from or to rate.") % {"code": question.code})
    return [str(reason) for reason in missing]
