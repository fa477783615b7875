"""What the preparation page of an offering shows: what is missing and where it is done, the moves on offer, what happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from cmncp_portal.core.checklist import Check
from cmncp_portal.core.workflow import Guard, Offer

from ..models import Module, Offering
from ..workflow import (
    OFFERING,
    enrolment_ends_in_time,
    has_facilitator,
    has_place,
    has_sessions_ahead,
    is_taught_in_a_language_of_the_module,
    module_can_be_given,
    needed_sessions_exist,
)

G = Offering.State

# Label, guards, and the page (URL name of training) where it is done.
LINES: tuple[tuple[Any, tuple[Guard, ...], str], ...] = (
    (_("A module that can be given"), (module_can_be_given,), ""),
    (_("Days and times that lie ahead"), (has_sessions_ahead,), "offering_sessions"),
    (_("The place, or the link"), (has_place,), "offering_edit"),
    (_("The language"), (is_taught_in_a_language_of_the_module,), "offering_edit"),
    (_("Who facilitates"), (has_facilitator,), "offering_facilitators"),
    (_("When enrolment closes"), (enrolment_ends_in_time,), "offering_edit"),
    (_("How many sessions complete it"), (needed_sessions_exist,), "offering_edit"),
)


def givable(user: Any) -> QuerySet[Module]:
    """Return the modules of which an offering can be planned: approved ones, and reviewed ones for a pilot."""
    states = (Module.State.REVIEWED, Module.State.PILOTED, Module.State.APPROVED, Module.State.OFFERED)
    return Module.objects.visible_to(user).filter(state__in=states).defer("search_en", "search_fr")


@dataclass(frozen=True)
class Preparation:
    """`checks` while it is planned; `opening` is the move that opens it, `moves` the others that the reader may make."""

    checks: list[Check]
    opening: Offer | None
    moves: list[Offer]


def preparation(offering: Offering, user: Any) -> Preparation:
    """Return the checklist and the moves, in the active language; each guard is asked once."""
    known: dict[Guard, Any] = {}

    def first(guards: Iterable[Guard]) -> Any:
        for guard in guards:
            if guard not in known:
                known[guard] = guard(offering)
            if known[guard]:
                return known[guard]
        return None

    lines = LINES if offering.state == G.PLANNED else ()
    checks = [Check(str(label), str(first(guards) or ""), _address(offering, page)) for label, guards, page in lines]
    offered = [
        Offer(move, first(move.guards))
        for move in OFFERING
        if offering.state in move.sources and user.has_perm(move.permission, offering) and move.name != "record_held"
    ]
    opening = next((one for one in offered if one.transition.name == "open_enrolment"), None)
    return Preparation(checks, opening, [one for one in offered if one is not opening])


def _address(offering: Offering, page: str) -> str:
    return reverse(f"training:{page}", args=[offering.reference]) if page else ""


@dataclass(frozen=True)
class Entry:
    """One line of what happened: `by` is empty when the portal did it."""

    at: datetime
    text: str
    by: str
    note: str = ""


def history(offering: Offering) -> list[Entry]:
    """Return what happened, newest first: moves, and changes that people were told. Two queries."""
    moves = [
        Entry(one.at, _words(one.transition), one.by_name, one.note) for one in offering.changes.order_by("-at", "-pk")
    ]
    told = [
        Entry(one.at, _t("Changed, and everyone was told: %(what)s") % {"what": one.text}, one.by_name)
        for one in offering.told_changes.order_by("-at", "-pk")
    ]
    return sorted(moves + told, key=lambda one: one.at, reverse=True)


def _words(name: str) -> str:
    move = OFFERING.transitions.get(name)
    return str(move.happened) if move else pgettext("history", "Changed")
