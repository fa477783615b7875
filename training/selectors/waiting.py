"""What waits for a person in training, and which dates come next: one query for the own page, one for the count on every page."""

from datetime import date, timedelta
from typing import Any

from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat, is_university
from cmncp_portal.core.links import make_token
from cmncp_portal.core.places import CAME, Status
from cmncp_portal.core.waiting import NextDate, Row, Task, found_in, line
from cmncp_portal.network.rules import municipality_ids_of

from ..models import (
    Comment,
    CompetencyText,
    Enrolment,
    EvidenceClaim,
    Module,
    ModuleAuthor,
    ModuleCompetency,
    Offering,
    SelfAssessment,
    StandardVersion,
)
from .builds import AFTER_DAYS
from .offerings import ahead_of

G = Offering.State
BEFORE_DAYS = 7  # from then on the first self-assessment is asked for


def _assessments(user: Any, today: date, moment: str) -> QuerySet[Enrolment]:
    given = SelfAssessment.objects.filter(enrolment=OuterRef("pk"), moment=moment)
    builds = ModuleCompetency.objects.filter(module=OuterRef("offering__module"))
    mine = Q(learner__user=user) | Q(email=user.email.lower())
    rows = Enrolment.objects.registered().filter(mine).filter(Exists(builds), ~Exists(given))
    if moment == SelfAssessment.Moment.BEFORE:
        soon = (today, today + timedelta(days=BEFORE_DAYS))
        return rows.filter(offering__state=G.OPEN, offering__starts_on__range=soon)
    lately = (today - timedelta(days=AFTER_DAYS), today)
    was_there = Q(attendance="") | Q(attendance__in=CAME)
    return rows.filter(was_there, offering__state__in=[G.OPEN, G.HELD], offering__ends_on__range=lately)


def _to_approve(today: date) -> QuerySet[Offering]:
    asks = Enrolment.objects.filter(offering=OuterRef("pk"), status=Status.REQUESTED)
    return Offering.objects.filter(Exists(asks), state=G.OPEN, ends_on__gte=today)


def _to_record(user: Any, today: date) -> QuerySet[Offering]:
    rows = Offering.objects.filter(state=G.OPEN, ends_on__lt=today)
    if is_secretariat(user):
        return rows
    taught = Offering.objects.filter(facilitators__email=user.email.lower()).values("pk")
    return rows.filter(pk__in=taught)


def _drafts(user: Any, today: date) -> QuerySet[Module]:
    mine = ModuleAuthor.objects.working(today).filter(user=user).values("module")
    return Module.objects.filter(state__in=Module.WRITTEN_IN, pk__in=mine)


def _to_answer() -> QuerySet[StandardVersion]:
    open_ones = Comment.objects.unanswered().filter(standard_version=OuterRef("pk"), withdrawn_at__isnull=True)
    return StandardVersion.objects.filter(Exists(open_ones), state=StandardVersion.State.ANSWERING)


def _to_assess(user: Any) -> QuerySet[EvidenceClaim]:
    """Nobody judges their own, or a neighbour's."""
    near = Q(learner__stakeholder__municipality__in=municipality_ids_of(user))
    rows = EvidenceClaim.objects.filter(state=EvidenceClaim.State.SENT).filter(
        ~near | Q(learner__stakeholder__isnull=True)
    )
    return rows.filter(~Q(learner__user=user) | Q(learner__user__isnull=True))


def _my_claims(user: Any) -> QuerySet[EvidenceClaim]:
    return EvidenceClaim.objects.filter(learner__user=user, state=EvidenceClaim.State.MORE_ASKED)


def _all(user: Any, today: date) -> dict[str, QuerySet]:
    found: dict[str, QuerySet] = {
        "before": _assessments(user, today, SelfAssessment.Moment.BEFORE),
        "after": _assessments(user, today, SelfAssessment.Moment.AFTER),
        "record": _to_record(user, today),
        "draft": _drafts(user, today),
        "more": _my_claims(user),
    }
    if is_secretariat(user):
        found["approve"] = _to_approve(today)
    if is_secretariat(user) or is_university(user):
        found |= {"answer": _to_answer(), "assess": _to_assess(user)}
    return found


def waiting_keys(user: Any) -> Any:
    """Return the keys of what waits for `user`, not yet fetched, so that they can be counted together with others."""
    first, *rest = [part.order_by().values_list("pk") for part in _all(user, timezone.localdate()).values()]
    return first.union(*rest, all=True)


def _where() -> dict[str, dict[str, Any]]:
    """Of each sort: in which field each column of the line is found."""
    itself = {"en": "module__title_en", "fr": "module__title_fr", "slug": "reference"}
    days = {"first": "starts_on", "last": "ends_on", "since": "updated_at"}
    of_place = {name: f"offering__{field}" for name, field in (itself | days).items()} | {"since": "asked_at"}
    closes = ExpressionWrapper(F("offering__ends_on") + timedelta(days=AFTER_DAYS), output_field=DateTimeField())
    claimed = {"en": _claimed("en"), "fr": _claimed("fr")}
    titled = {"en": "title_en", "fr": "title_fr", "slug": "slug"}
    standard = {name: f"standard__{field}" for name, field in titled.items()}
    return {
        "before": of_place | {"nonce": "nonce", "due": "offering__starts_on"},
        "after": of_place | {"nonce": "nonce", "due": closes},
        "record": itself | days,
        "approve": itself | days,
        "date": itself | days | {"due": "starts_on"},
        "draft": titled | {"due": "draft_due_on", "since": "updated_at"},
        "answer": standard | {"number": "number", "since": "updated_at"},
        "more": claimed | {"since": "answered_at"},
        "assess": claimed | {"since": "sent_at"},
    }


def _claimed(code: str) -> Subquery:
    texts = CompetencyText.objects.filter(competency=OuterRef("competency"), version=OuterRef("standard_version"))
    return Subquery(texts.order_by().values(f"title_{code}")[:1])


def lines(user: Any, *, dates: int = 5) -> list[QuerySet]:
    """Return what waits for `user` and the next `dates` offerings that concern them, as lines of one query."""
    today, where = timezone.localdate(), _where()
    parts = [line(rows.order_by(), f"training.{sort}", **where[sort]) for sort, rows in _all(user, today).items()]
    ahead = ahead_of(user, today).order_by("starts_on", "pk")
    return [*parts, line(ahead, "training.date", **where["date"])[:dates]]


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user` and the next offerings that concern them, at most `limit` and `dates`, in one query."""
    return found_in(lines(user, dates=dates), {"training": told}, limit=limit, dates=dates)


def told(row: Row) -> Task | NextDate:
    """Put a line into words, in the active language."""
    if row.sort == "date":
        assert row.first, "only what has a date lies ahead"
        assert row.last, "the first day has a last one"
        return NextDate(row.title, reverse("training:offering", args=[row.slug]), row.first, row.last)
    token = make_token(Enrolment.SCOPE, row.pk, row.nonce) if row.nonce else ""
    words: dict[str, tuple[str, list[Any], str]] = {
        "before": ("self_assessment", [token, row.sort], _t("Say how sure you are before the training")),
        "after": ("self_assessment", [token, row.sort], _t("Say how sure you are after the training")),
        "approve": ("enrolments", [row.slug], _t("Answer those who ask for a place")),
        "record": ("attendance", [row.slug], _t("Note who came, and record that it took place")),
        "draft": ("module_write", [row.slug], _t("Write the draft of the module")),
        "answer": ("answers", [row.slug, row.number], _t("Answer the comments on the standard")),
        "assess": ("claim", [row.pk], _t("Assess the evidence that somebody sent")),
        "more": ("evidence_edit", [row.pk], _t("Complete your evidence: the assessors ask for more")),
    }
    page, values, detail = words[row.sort]
    since = row.last if row.sort in ("after", "record") and row.last else row.on
    return Task(row.title, detail, reverse(f"training:{page}", args=values), row.due, since)
