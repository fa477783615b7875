"""What somebody who takes over needs to know, on one sheet."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch

from ..models import Agreement, Goal, GoalChange, MentoringSession, Participant, Side
from .agreements import people_of, reasons_of
from .check_ins import Asked, open_ones

MOST_SESSIONS = 100


@dataclass(frozen=True)
class SideSheet:
    """One municipality and its people, the lead first."""

    side: str
    place: Any
    people: list[Participant]


@dataclass(frozen=True)
class Promise:
    """What was to follow after a session, in the words of who wrote it."""

    held_on: Any
    text: str
    by: str


@dataclass(frozen=True)
class Sheet:
    """The hand-over of an agreement. `hours` a month is what the mentor gives."""

    agreement: Agreement
    sides: list[SideSheet]
    goals: list[Goal]
    sessions: list[MentoringSession]
    promises: list[Promise]
    documents: list[Any]
    open_check_ins: list[Asked]
    reasons: list[str]
    hours: int


def sheet_of(agreement: Agreement) -> Sheet:
    """Return the hand-over sheet of `agreement`, the latest session first; a constant number of queries."""
    people = people_of(agreement)
    goals = agreement.goals.select_related("check_item").prefetch_related(
        Prefetch("changes", GoalChange.objects.order_by("at", "pk"))
    )
    sessions = list(agreement.sessions.all()[:MOST_SESSIONS])
    return Sheet(
        agreement=agreement,
        sides=[
            SideSheet(str(side), agreement.municipality_of(side), [p for p in people if p.side == side])
            for side in (Side.MENTEE, Side.MENTOR)
        ],
        goals=list(goals),
        sessions=sessions,
        promises=[Promise(s.held_on, s.follow_up, s.by_name) for s in sessions if s.follow_up.strip()],
        documents=list(agreement.documents.all()),
        open_check_ins=open_ones(agreement),
        reasons=reasons_of(agreement),
        hours=agreement.offer.hours,
    )
