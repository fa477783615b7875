"""What planning shows: the checklist, the objectives with the stops that serve them, each day in order."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.checklist import Check

from ..models import Objective, Side, Stop, TeamMember, Visit
from ..workflow import (
    active_team,
    each_day_has_an_agreed_stop,
    each_objective_is_served,
    has_arrival_and_telephone,
    has_dates,
    has_leads,
    languages_meet,
    live_stops,
    team_has_accepted,
)


def plan_checklist(visit: Visit) -> list[Check]:
    """Return what must be true before both sides can confirm; the guards themselves are asked."""
    lines = (
        (_("Dates"), has_dates, "dates"),
        (_("One lead on each side"), has_leads, "team"),
        (_("Where to arrive, and a telephone number"), has_arrival_and_telephone, "practical"),
        (_("A programme agreed for each day"), each_day_has_an_agreed_stop, "programme"),
        (_("Each objective served"), each_objective_is_served, "programme"),
        (_("An elected leader and municipal staff who come"), team_has_accepted, "team"),
        (_("A language in common"), languages_meet, "dates"),
    )
    where = (visit.exchange.reference, visit.leg)
    return [
        Check(str(label), str(guard(visit) or ""), reverse(f"exchanges:{page}", args=where))
        for label, guard, page in lines
    ]


@dataclass(frozen=True)
class Coverage:
    objective: Objective
    stops: list[Stop]


def coverage(visit: Visit) -> list[Coverage]:
    """Return each learning objective with the live stops that serve it; gaps have none."""
    stops = live_stops(visit)
    return [
        Coverage(objective, [s for s in stops if objective.pk in {o.pk for o in s.objectives.all()}])
        for objective in visit.exchange.objectives.all()
    ]


@dataclass(frozen=True)
class PlannedStop:
    """A stop and whether it overlaps with the one before it."""

    stop: Stop
    overlaps: bool


@dataclass(frozen=True)
class DayPlan:
    number: int
    day: date | None
    stops: list[PlannedStop]


def day_plans(visit: Visit, *, only_agreed: bool = False) -> list[DayPlan]:
    """Return the days of the visit with their stops in order; without dates, as many days as the request asks for."""
    dates: list[date | None] = list(visit.days) or [None] * visit.exchange.days
    stops = [s for s in live_stops(visit) if not only_agreed or s.status == Stop.Status.AGREED]
    last = max([len(dates), *(s.day for s in stops)])
    plans = []
    for number in range(1, last + 1):
        rows: list[PlannedStop] = []
        busy_until = None
        for stop in sorted((s for s in stops if s.day == number), key=lambda s: (s.starts_at, s.pk)):
            rows.append(PlannedStop(stop, busy_until is not None and stop.starts_at < busy_until))
            busy_until = max(busy_until, stop.ends_at) if busy_until else stop.ends_at
        plans.append(DayPlan(number, dates[number - 1] if number <= len(dates) else None, rows))
    return plans


@dataclass(frozen=True)
class SideTeam:
    side: str
    municipality: object
    members: list[TeamMember]
    gone: list[TeamMember]
    leaders: int
    staff: int


def team_by_side(visit: Visit) -> list[SideTeam]:
    """Return both teams with the counts that matter: elected leaders and municipal staff."""
    teams = []
    for side in (Side.VISITORS, Side.HOSTS):
        active = active_team(visit, side)
        gone = [m for m in visit.team.all() if m.side == side and not m.is_active]
        leaders = sum(m.category == TeamMember.Category.ELECTED for m in active)
        staff = sum(m.category in (TeamMember.Category.STAFF, TeamMember.Category.POLICE) for m in active)
        teams.append(SideTeam(side, visit.municipality_of(side), active, gone, leaders, staff))
    return teams
