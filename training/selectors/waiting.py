"""What waits for a person in training, and which dates come next: one query for the own page, one for the count on every page."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat, is_university
from cmncp_portal.core.links import make_token
from cmncp_portal.core.places import CAME, Status
from cmncp_portal.core.text import pick
from cmncp_portal.core.waiting import NextDate, Task
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


# Of each sort: where title, address, first day, last day, due day and beginning are found. "" is none.
_OFFERING = ("module__title", "reference", "starts_on", "ends_on", "", "updated_at")
_PLACE = ("offering__module__title", "offering__reference", "offering__starts_on", "offering__ends_on", "", "asked_at")
_WHERE = {
    "before": _PLACE,
    "after": _PLACE,
    "record": _OFFERING,
    "approve": _OFFERING,
    "date": _OFFERING,
    "draft": ("title", "slug", "", "", "draft_due_on", "updated_at"),
    "answer": ("standard__title", "standard__slug", "", "", "", "updated_at"),
    "more": ("", "", "", "", "", "answered_at"),
    "assess": ("", "", "", "", "", "sent_at"),
}


def _line(rows: QuerySet, sort: str) -> Any:
    """The same columns for every sort of thing, so that one query brings them all."""
    title, address, first, last, due, since = _WHERE[sort]
    none = Cast(Value(None), output_field=DateField())
    words = [F(f"{title}_{code}") if title else _claimed(code) for code in ("en", "fr")]
    nothing = Value("", output_field=CharField())
    return rows.annotate(
        u_sort=Value(sort, output_field=CharField()),
        u_en=Cast(words[0], TextField()),
        u_fr=Cast(words[1], TextField()),
        u_address=Cast(F(address), CharField()) if address else nothing,
        u_number=F("number") if sort == "answer" else Value(0, output_field=IntegerField()),
        u_first=F(first) if first else none,
        u_last=F(last) if last else none,
        u_due=F(due) if due else none,
        u_since=F(since) if since else Cast(Value(None), output_field=DateTimeField()),
        u_nonce=F("nonce") if sort in ("before", "after") else nothing,
        u_pk=Cast(F("pk"), IntegerField()),
    ).values_list(
        "u_sort", "u_en", "u_fr", "u_address", "u_number", "u_first", "u_last", "u_due", "u_since", "u_nonce", "u_pk"
    )


def _claimed(code: str) -> Subquery:
    texts = CompetencyText.objects.filter(competency=OuterRef("competency"), version=OuterRef("standard_version"))
    return Subquery(texts.order_by().values(f"title_{code}")[:1])


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user` and the next offerings that concern them, at most `limit` and `dates`, in one query."""
    today = timezone.localdate()
    parts = [_line(rows.order_by(), sort) for sort, rows in _all(user, today).items()]
    parts.append(_line(ahead_of(user, today).order_by("starts_on", "pk"), "date")[:dates])
    rows = list(parts[0].union(*parts[1:], all=True)[: 4 * limit])
    tasks = sorted((_task(row) for row in rows if row[0] != "date"), key=lambda task: task.urgency)
    ahead = [_date(row) for row in rows if row[0] == "date"]
    return tasks[:limit], sorted(ahead, key=lambda one: (one.first_day, one.title))


def _date(row: Any) -> NextDate:
    _sort, en, fr, address, _number, first, last, *_rest = row
    return NextDate(str(pick(en, fr)), reverse("training:offering", args=[address]), first, last)


def _task(row: Any) -> Task:
    sort, en, fr, address, number, first, last, due, since, nonce, pk = row
    on = timezone.localdate(since) if isinstance(since, datetime) else timezone.localdate()
    if sort in ("before", "after"):
        due = first if sort == "before" else last + timedelta(days=AFTER_DAYS)
        on = on if sort == "before" else last
    elif sort == "record":
        on = last
    args: dict[str, tuple[str, list[Any], str]] = {
        "before": ("self_assessment", [_token(pk, nonce), sort], _t("Say how sure you are before the training")),
        "after": ("self_assessment", [_token(pk, nonce), sort], _t("Say how sure you are after the training")),
        "approve": ("enrolments", [address], _t("Answer those who ask for a place")),
        "record": ("attendance", [address], _t("Note who came, and record that it took place")),
        "draft": ("module_write", [address], _t("Write the draft of the module")),
        "answer": ("answers", [address, number], _t("Answer the comments on the standard")),
        "assess": ("claim", [pk], _t("Assess the evidence that somebody sent")),
        "more": ("evidence_edit", [pk], _t("Complete your evidence: the assessors ask for more")),
    }
    name, values, detail = args[sort]
    return Task(str(pick(en or "", fr or "")), detail, reverse(f"training:{name}", args=values), due, on)


def _token(pk: int, nonce: str) -> str:
    return make_token(Enrolment.SCOPE, pk, nonce) if nonce else "-"
