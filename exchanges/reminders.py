"""What is due now: a function of the instant, asked every hour. Nothing waits in a broker, so a moved visit moves its reminders.

Reminders leave at 8:30 in the recipient's own time on a working day; what falls on a weekend or holiday moves to the next
working day, except what would then come too late (the day before a visit). Whoever slept two days is caught up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cmncp_portal.core.days import REMINDER_TIME, add_working_days, local_instant, next_working_day
from cmncp_portal.notifications.kinds import Kind

from . import notifications as kinds
from .models import HostRequest, TeamMember, Visit
from .workflow import CONFIRM_GUARDS, PLAN_GUARDS, missing

LOOK_BACK = timedelta(days=2)
EVE = time(16, 0)
S = Visit.State


@dataclass(frozen=True)
class Due:
    """A letter that is due: about which visit, of which kind, to which group, on which occasion (part of the key)."""

    visit: Visit
    kind: Kind
    to: str  # "visitors", "hosts", "both", "team", "network", or "member"
    occasion: str
    member: TeamMember | None = None
    page: str = "exchanges:visit"
    more: dict[str, dict[str, Any]] = field(default_factory=dict)


def is_due(day: date, now: datetime, zone: str, *, clock: time = REMINDER_TIME, moves: bool = True) -> bool:
    """Tell whether a reminder meant for `day` is due at `now`: its instant in `zone` has come, no more than two days ago."""
    instant = local_instant(next_working_day(day) if moves else day, clock, zone)
    return instant <= now < instant + LOOK_BACK


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield each letter that is due at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    yield from _answers(now)
    yield from _plans(now)
    yield from _invitations(now)
    yield from _before_the_visit(now)
    yield from _after_the_visit(now)
    yield from _return_visits(now)
    yield from _drafts(now)


def _answers(now: datetime) -> Iterator[Due]:
    """The host that was asked: five working days before the answer is due, on the day, and three working days after."""
    near = timezone.localdate(now)
    open_ones = HostRequest.objects.filter(outcome="", due_on__range=(near - timedelta(days=14), near + timedelta(days=14)))
    for request in open_ones.select_related("exchange__guest", "exchange__host", "municipality"):
        visit = request.exchange.first_visit
        for offset in (-5, 0, 3):
            on = add_working_days(request.due_on, offset) if offset else request.due_on
            if visit.side_to_answer and is_due(on, now, request.municipality.time_zone):
                more = {"due": kinds.day_words(request.due_on), "asker": _other_name(visit)}
                yield Due(visit, kinds.ANSWER_REMINDER, visit.side_to_answer, f"{request.pk}:{request.due_on}:{offset}", page="exchanges:answer", more=more)
        if is_due(request.due_on + timedelta(days=7), now, request.municipality.time_zone):
            more = {"due": kinds.day_words(request.due_on), "asked": kinds.both(str(request.municipality))}
            yield Due(visit, kinds.NO_ANSWER, "network", f"{request.pk}:{request.due_on}", page="exchanges:hosts", more=more)


def _other_name(visit: Visit) -> dict[str, str]:
    from .models import Side

    asker = visit.municipality_of(Side(visit.side_to_answer or Side.HOSTS).other) or visit.visiting
    return {code: asker.name_in(code) for code in ("en", "fr")}


def _plans(now: datetime) -> Iterator[Due]:
    """Six weeks before: what is missing. Thirty and fourteen days before: the side that has not confirmed."""
    for visit in _visits(now, S.ACCEPTED, -1, 45):
        assert visit.starts_on
        if is_due(visit.starts_on - timedelta(days=42), now, visit.zone):
            lists = {code: _missing_in(visit, code) for code in ("en", "fr")}
            if lists["en"]:
                yield Due(visit, kinds.PLAN_NOT_READY, "both", f"{visit.starts_on}:42", more={"missing": lists, "weeks": kinds.both(6)})
        for days in (30, 14):
            if is_due(visit.starts_on - timedelta(days=days), now, visit.zone) and not missing(visit, PLAN_GUARDS):
                for side in ("visitors", "hosts"):
                    if not visit.confirmed_by(side):
                        place = visit.municipality_of(side)
                        names = {code: place.name_in(code) for code in ("en", "fr")} if place else kinds.both("")
                        yield Due(visit, kinds.CONFIRM_REMINDER, side, f"{visit.starts_on}:{days}", page="exchanges:confirm", more={"by": names})


def _missing_in(visit: Visit, language: str) -> list[str]:
    from django.utils import translation

    with translation.override(language):
        return missing(visit, CONFIRM_GUARDS)


def _visits(now: datetime, state: str, first: int, last: int) -> list[Visit]:
    """Visits in `state` that begin between `first` and `last` days from now, with their plan."""
    today = timezone.localdate(now)
    span = (today + timedelta(days=first), today + timedelta(days=last))
    return list(Visit.objects.with_plan().filter(state=state, starts_on__range=span))


def _invitations(now: datetime) -> Iterator[Due]:
    """Who was invited and has not answered: after four and nine days."""
    asked = TeamMember.objects.filter(status="invited", invited_at__gte=now - timedelta(days=14), wants_no_more=False)
    asked = asked.filter(visit__state__in=[S.ACCEPTED, S.CONFIRMED])
    for member in asked.select_related("visit__exchange__guest", "visit__exchange__host", "visit__visiting_lead", "visit__host_lead"):
        zone = (member.visit.municipality_of(member.side) or member.visit.visiting).time_zone
        for days in (4, 9):
            if is_due(timezone.localdate(member.invited_at) + timedelta(days=days), now, zone):
                place = member.visit.municipality_of(member.side)
                names = {code: place.name_in(code) for code in ("en", "fr")} if place else kinds.both("")
                yield Due(member.visit, kinds.INVITATION_REMINDER, "member", f"{member.pk}:{member.nonce[:8]}:{days}", member=member, more={"inviter": names})


def _before_the_visit(now: datetime) -> Iterator[Due]:
    """A week before: the practical details. The eve at 16:00 in the host's time: tomorrow. The eve never moves to another day."""
    for visit in _visits(now, S.CONFIRMED, -1, 9):
        assert visit.starts_on
        lead = visit.host_lead
        name = kinds.both(lead.name if lead else "")
        if is_due(visit.starts_on - timedelta(days=7), now, visit.zone):
            more = {"lodging": kinds.both(visit.lodging), "transport": kinds.both(visit.transport), "lead": name}
            yield Due(visit, kinds.PRACTICAL, "team", f"{visit.starts_on}:7", more=more)
        if is_due(visit.starts_on - timedelta(days=1), now, visit.zone, clock=EVE, moves=False):
            agreed = [s for s in visit.stops.all() if s.status == "agreed" and s.day == 1][:1]
            words = kinds.stop_words(agreed)
            first = {code: words[code][0] if words[code] else "" for code in ("en", "fr")}
            yield Due(visit, kinds.TOMORROW, "team", f"{visit.starts_on}:1", more={"first_stop": first, "lead": name})


def _after_the_visit(now: datetime) -> Iterator[Due]:
    """The day after: did it take place? Again after three days; after seven it is in the network's queue."""
    today = timezone.localdate(now)
    past = Visit.objects.with_plan().filter(state=S.CONFIRMED, ends_on__range=(today - timedelta(days=9), today))
    for visit in past:
        assert visit.ends_on
        for days in (1, 3):
            if is_due(visit.ends_on + timedelta(days=days), now, visit.zone):
                yield Due(visit, kinds.DID_IT_TAKE_PLACE, "both", f"{visit.ends_on}:{days}", page="exchanges:record")


def _return_visits(now: datetime) -> Iterator[Due]:
    """No decision on the return visit 21 and 45 days after the evaluations were opened; or the day of "later" has come."""
    open_ones = Visit.objects.with_plan().filter(state=S.HELD, leg="first", released_at__isnull=False, exchange__closed_at__isnull=True)
    undecided = open_ones.filter(exchange__return_decision="", released_at__gte=now - timedelta(days=60))
    later = Q(exchange__return_decision="later", exchange__return_from_on__range=(timezone.localdate(now) - timedelta(days=5), timezone.localdate(now)))
    for visit in (undecided | open_ones.filter(later)).exclude(exchange__visits__leg="return").distinct():
        exchange = visit.exchange
        if exchange.return_decision == "later":
            days = [(exchange.return_from_on, "later")]
        else:
            opened = timezone.localdate(visit.released_at)
            days = [(opened + timedelta(days=n), str(n)) for n in (21, 45)]
        for day, name in days:
            if day and is_due(day, now, visit.zone):
                yield Due(visit, kinds.RETURN_REMINDER, "both", f"{day}:{name}", page="exchanges:return")


def _drafts(now: datetime) -> Iterator[Due]:
    """A draft that nobody touched for sixty days."""
    span = (now - timedelta(days=66), now - timedelta(days=58))
    for visit in Visit.objects.with_plan().filter(state=S.DRAFT, updated_at__range=span):
        day = timezone.localdate(visit.updated_at) + timedelta(days=60)
        if is_due(day, now, visit.visiting.time_zone):
            yield Due(visit, kinds.DRAFT_WAITS, "visitors", str(day), page="exchanges:request")
