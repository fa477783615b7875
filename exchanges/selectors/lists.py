"""Lists of exchanges: all that a person may see, and what waits for them. Constant queries at any size."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import active_language
from cmncp_portal.core.waiting import Task
from cmncp_portal.network.lists import fold
from cmncp_portal.network.models import Municipality, Topic
from cmncp_portal.network.rules import municipality_ids_of

from ..models import Confirmation, DateWindow, Exchange, HostRequest, Side, Stop, TeamMember, Visit
from .stages import TONES, Step, next_step, stage_of

S = Visit.State


def _with_sides(visits: QuerySet) -> QuerySet:
    """Annotate who visits, who hosts, who proposed dates last, and who confirmed the present plan."""
    first = When(leg=Visit.Leg.FIRST, then=F("exchange__guest_id"))
    latest = DateWindow.objects.filter(visit=OuterRef("pk")).order_by("-round").values("proposed_by")[:1]
    latest_round = DateWindow.objects.filter(visit=OuterRef("pk")).order_by("-round").values("round")[:1]
    confirmed = Confirmation.objects.filter(visit=OuterRef("pk"), plan_version=OuterRef("plan_version"))
    return visits.annotate(
        visiting_id=Case(first, default=F("exchange__host_id")),
        hosting_id=Case(When(leg=Visit.Leg.FIRST, then=F("exchange__host_id")), default=F("exchange__guest_id")),
        dates_proposed_by=Subquery(latest),
        dates_round=Subquery(latest_round),
        visitors_confirmed=Exists(confirmed.filter(side=Side.VISITORS)),
        hosts_confirmed=Exists(confirmed.filter(side=Side.HOSTS)),
        has_return=Exists(Visit.objects.filter(exchange=OuterRef("exchange"), leg=Visit.Leg.RETURN)),
    )


def _waits_for_sides(mine: set[int], today: date) -> Q:
    visiting, hosting = Q(visiting_id__in=mine), Q(hosting_id__in=mine)
    return (
        Q(state=S.DRAFT) & visiting
        | Q(state=S.PROPOSED, dates_proposed_by=Side.HOSTS) & visiting
        | Q(state=S.PROPOSED, dates_proposed_by=Side.VISITORS) & hosting
        | Q(state=S.ACCEPTED) & (visiting & Q(visitors_confirmed=False) | hosting & Q(hosts_confirmed=False))
        | Q(state=S.CONFIRMED, ends_on__lt=today) & (visiting | hosting)
        | Q(state=S.HELD, released_at__isnull=False, leg=Visit.Leg.FIRST, has_return=False)
        & Q(exchange__return_decision__in=[Exchange.ReturnDecision.OPEN, Exchange.ReturnDecision.NOT_NEEDED])
        & (visiting | hosting)
        | Q(state=S.HELD, released_at__isnull=False, leg=Visit.Leg.RETURN) & (visiting | hosting)
    )


def _waits_for_network(today: date) -> Q:
    overdue = HostRequest.objects.filter(exchange=OuterRef("exchange"), outcome="", due_on__lt=today)
    return (
        Q(state=S.PROPOSED, leg=Visit.Leg.FIRST, exchange__host__isnull=True)
        | Q(state=S.PROPOSED) & Q(Exists(overdue))
        | Q(state=S.CONFIRMED, ends_on__lt=today - timedelta(days=7))
    )


def _waiting_visits(user: Any) -> QuerySet[Visit]:
    today = timezone.localdate()
    waits = _waits_for_sides(municipality_ids_of(user), today)
    if is_secretariat(user):
        waits |= _waits_for_network(today)
    return _with_sides(Visit.objects.filter(exchange__closed_at__isnull=True)).filter(waits)


def _my_invitations(user: Any) -> QuerySet[TeamMember]:
    asked = TeamMember.objects.filter(email__iexact=user.email, status=TeamMember.Status.INVITED)
    return asked.filter(visit__state__in=[S.ACCEPTED, S.CONFIRMED])


def waiting_keys(user: Any) -> Any:
    """Return the keys of the visits and invitations that wait for `user`, not yet fetched, so that they can be counted with others."""
    visits = _waiting_visits(user).order_by().values_list("pk")
    return visits.union(_my_invitations(user).order_by().values_list("pk"), all=True)


def waiting_count(user: Any) -> int:
    """Return how many exchanges and invitations wait for `user`, in one query."""
    return waiting_keys(user).count()


def waiting_for(user: Any, limit: int = 50) -> list[Task]:
    """Return what waits for `user` in exchanges, most urgent first, at most `limit` of each sort."""
    visits = (
        _waiting_visits(user)
        .select_related("exchange__guest", "exchange__host")
        .prefetch_related("windows", "confirmations")
        .order_by("updated_at")[:limit]
    )
    due = _answers_due([v.exchange_id for v in visits])
    tasks = [_task(visit, due.get(visit.exchange_id)) for visit in visits]
    tasks += [
        _invitation_task(m)
        for m in _my_invitations(user).select_related("visit__exchange__guest", "visit__exchange__host")[:limit]
    ]
    return sorted(tasks, key=lambda task: task.urgency)


def _answers_due(exchange_ids: list[int]) -> dict[int, date]:
    open_ones = HostRequest.objects.filter(exchange_id__in=exchange_ids, outcome="")
    return dict(open_ones.values_list("exchange_id", "due_on"))


def _task(visit: Visit, due_on: date | None) -> Task:
    since = timezone.localdate(visit.updated_at)
    step = next_step(visit, answer_due_on=due_on if visit.leg == Visit.Leg.FIRST else None)
    return Task(title_of(visit), step.sentence, visit.get_absolute_url(), step.due_on, since)


def _invitation_task(member: TeamMember) -> Task:

    since = timezone.localdate(member.invited_at or member.created_at)
    sentence = _t("You are invited to take part: say whether you come.")
    return Task(title_of(member.visit), sentence, reverse("exchanges:desk", args=[member.token]), None, since)


def title_of(visit: Visit) -> str:
    """Return “Waterloo Region visits Winnipeg”, or that a host is still to be found."""
    if visit.hosting is None:
        return _t("%(visitors)s looks for a host") % {"visitors": visit.visiting}
    return _t("%(visitors)s visits %(hosts)s") % {"visitors": visit.visiting, "hosts": visit.hosting}


GROUPS = {
    "open": Q(current_state__in=[S.DRAFT, S.PROPOSED, S.ACCEPTED, S.CONFIRMED])
    | Q(current_state=S.HELD, closed_at__isnull=True),
    "planned": Q(current_state__in=[S.ACCEPTED, S.CONFIRMED]),
    "evaluation": Q(current_state=S.HELD, closed_at__isnull=True),
    "over": Q(closed_at__isnull=False) | Q(current_state__in=[S.DECLINED, S.WITHDRAWN, S.CANCELLED]),
}


def filter_choices() -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the list's filters, topics and members by name in the active language, in one query."""
    name = f"name_{active_language()}"
    topics = Topic.objects.annotate(sort=Value("topic")).values_list("sort", "pk", name)
    places = Municipality.objects.members_on(timezone.localdate()).exclude(kind=Municipality.Kind.ORGANISATION)
    rows = topics.order_by().union(
        places.order_by().annotate(sort=Value("municipality")).values_list("sort", "pk", name)
    )
    choices: dict[str, list[tuple[str, str]]] = {"topic": [], "municipality": []}
    for sort, pk, label in sorted(rows, key=lambda row: fold(row[2])):
        choices[sort].append((str(pk), label))
    return choices


def exchange_list(user: Any) -> QuerySet[Exchange]:
    """Return the exchanges that `user` may see, those that wait for them first, then by the nearest date."""
    current = Visit.objects.filter(exchange=OuterRef("pk")).order_by("-leg")
    waiting = _waiting_visits(user).filter(exchange=OuterRef("pk"))
    over = Q(closed_at__isnull=False) | Q(current_state__in=[S.DECLINED, S.WITHDRAWN, S.CANCELLED])
    open_request = HostRequest.objects.filter(exchange=OuterRef("pk"), outcome="").values("due_on")[:1]
    topics = Topic.objects.filter(exchanges=OuterRef("pk")).order_by("order", "slug")
    return (
        Exchange.objects.visible_to(user)
        .select_related("guest", "host")
        .prefetch_related(Prefetch("visits", _with_sides(Visit.objects.all())))
        .annotate(
            current_state=Subquery(current.values("state")[:1]),
            current_starts_on=Subquery(current.values("starts_on")[:1]),
            waits_for_me=Exists(waiting),
            answer_due_on=Subquery(open_request),
            topic_names=ArraySubquery(topics.values(f"name_{active_language()}")),
        )
        .annotate(is_over=Case(When(over, then=True), default=False))
        .order_by("-waits_for_me", "is_over", F("current_starts_on").asc(nulls_last=True), "-updated_at", "-pk")
    )


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    exchange: Exchange
    title: str
    stage: Any
    tone: str
    step: Step
    since: date
    waits_for_me: bool


def listed(exchanges: Any) -> list[Row]:
    """Return the rows for a page of `exchange_list`."""
    return [_row(exchange) for exchange in exchanges]


def _row(exchange: Exchange) -> Row:
    visit = exchange.current_visit
    visit.exchange = exchange
    visit.knows_from_list()
    stage = stage_of(visit)
    step = next_step(visit, answer_due_on=exchange.answer_due_on)  # type: ignore[attr-defined]
    since = timezone.localdate(visit.updated_at)
    return Row(exchange, title_of(visit), stage, TONES[stage], step, since, getattr(exchange, "waits_for_me", False))


def calendar_entries(user: Any, start: date, end: date) -> list[CalendarEntry]:
    """Return the dated visits between `start` and `end` (inclusive) that concern `user`: own municipality's or own team's."""
    mine = municipality_ids_of(user)
    concerns = Q(exchange__guest_id__in=mine) | Q(exchange__host_id__in=mine) | Q(exchange__travelling_with__in=mine)
    concerns |= Q(team__email__iexact=user.email, team__status=TeamMember.Status.ACCEPTED)
    if is_secretariat(user):
        concerns |= Q(exchange__isnull=False)
    visits = (
        Visit.objects.filter(
            concerns, state__in=[S.ACCEPTED, S.CONFIRMED, S.HELD], starts_on__lte=end, ends_on__gte=start
        )
        .select_related("exchange__guest", "exchange__host")
        .annotate(agreed=_AGREED, confirmed=_CONFIRMED)
        .distinct()
        .order_by("starts_on", "pk")[:200]
    )
    return [entry_of(_known(visit)) for visit in visits]


# The agreed stops, and which sides confirmed the plan as it stands, in the same query: a calendar shows many visits.
_AGREED = ArraySubquery(
    Stop.objects.filter(visit=OuterRef("pk"), status=Stop.Status.AGREED)
    .order_by()
    .values(row=JSONObject(day="day", starts_at="starts_at", ends_at="ends_at"))
)
_CONFIRMED = ArraySubquery(
    Confirmation.objects.filter(visit=OuterRef("pk"), plan_version=OuterRef("plan_version")).order_by().values("side")
)


def _known(visit: Any) -> Visit:
    """Give `visit` what came with it in the query, so that nothing is asked for row by row."""
    visit.__dict__["_confirmed_sides"] = set(visit.confirmed)
    return visit


def entry_of(visit: Visit) -> CalendarEntry:
    """Return the visit on a calendar; the same UID for its whole life.

    From the first agreed stop to the last, in the host's zone, so that nobody is busy before the programme begins; whole days
    while the first or the last day has no agreed stop.
    """
    stage = stage_of(visit)
    start, end = _span(visit)
    return CalendarEntry(
        uid=uid_of(visit),
        title=title_of(visit),
        start=start,
        end=end,
        place=visit.address or str(visit.hosting),
        url=absolute(visit.get_absolute_url()),
        tone=TONES[stage],
        sequence=visit.sequence,
        activity="exchanges",
        state=str(stage.label),
    )


def _span(visit: Visit) -> tuple[Any, Any]:
    assert visit.starts_on
    assert visit.ends_on
    hours = _agreed_hours(visit)
    first = [starts for day, starts, _ends in hours if day == 1]
    last = [ends for day, _starts, ends in hours if day == len(visit.days)]
    if not first or not last:
        return visit.starts_on, visit.ends_on
    zone = ZoneInfo(visit.zone)
    return datetime.combine(visit.starts_on, min(first), tzinfo=zone), datetime.combine(
        visit.ends_on, max(last), tzinfo=zone
    )


def _agreed_hours(visit: Any) -> list[tuple[int, time, time]]:
    """Return day, beginning and end of the agreed stops, from the query of the calendar or from the rows."""
    if "agreed" in visit.__dict__:
        at = time.fromisoformat
        return [(row["day"], at(row["starts_at"]), at(row["ends_at"])) for row in visit.agreed]
    rows = [stop for stop in visit.stops.all() if stop.status == Stop.Status.AGREED]
    return [(stop.day, stop.starts_at, stop.ends_at) for stop in rows]


def uid_of(visit: Visit) -> str:
    """Return the UID of the visit's calendar event."""
    from django.conf import settings

    return f"visit-{visit.pk}@{settings.DEFAULT_FROM_ADDRESS.rpartition('@')[2]}"


def search(user: Any, text: str, limit: int = 10) -> list[Exchange]:
    """Return exchanges that `user` may see whose reference, challenge, municipalities or topics contain `text`, accents folded."""
    from django.db.models import TextField, Value

    from cmncp_portal.core.search import Fold

    wanted = Fold(Value(text, output_field=TextField()))
    fields = ("reference", "challenge", "guest__name_en", "guest__name_fr", "host__name_en", "host__name_fr")
    folded = {f"folded_{n}": Fold(field) for n, field in enumerate(fields)}
    topics = Topic.objects.annotate(folded_en=Fold("name_en"), folded_fr=Fold("name_fr"))
    hit = Q(topics__in=topics.filter(Q(folded_en__contains=wanted) | Q(folded_fr__contains=wanted)))
    for name in folded:
        hit |= Q(**{f"{name}__contains": wanted})
    found = Exchange.objects.visible_to(user).with_story().annotate(**folded).filter(hit).distinct()
    return list(found.order_by("-updated_at")[:limit])
