"""Who came to which session, for the page on which it is noted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from cmncp_portal.core.places import CAME

from ..models import Enrolment, Offering, Session, SessionAttendance
from .places import by_words


def people_at(session: Session, words: str = "") -> QuerySet[Enrolment]:
    """Return the places held, by name, each with `noted`: what is noted for `session` ("" when nothing)."""
    mine = SessionAttendance.objects.filter(session=session, enrolment=OuterRef("pk")).values("attendance")[:1]
    rows = Enrolment.objects.registered().filter(offering=session.offering_id).select_related("municipality")
    noted = Coalesce(Subquery(mine), Value(""), output_field=CharField())
    return by_words(rows.defer("dietary_needs", "access_needs").annotate(noted=noted), words).order_by("name", "pk")


@dataclass(frozen=True)
class Tally:
    """Of one session: how many hold a place, how many came, for how many nothing is noted."""

    session: Session
    places: int
    came: int
    unknown: int


def tallies(offering: Offering, sessions: Sequence[Session], places: int) -> list[Tally]:
    """Return the tally of each of `sessions`, in order, when `places` people hold a place. One query."""
    rows = SessionAttendance.objects.filter(
        session__offering=offering, enrolment__in=Enrolment.objects.registered().values("pk")
    ).exclude(attendance="")
    noted: list[tuple[int, Any]] = list(rows.values_list("session", "attendance"))
    found = []
    for session in sessions:
        here = [value for pk, value in noted if pk == session.pk]
        found.append(Tally(session, places, sum(value in CAME for value in here), places - len(here)))
    return found


def is_fully_noted(offering: Offering) -> bool:
    """Tell whether attendance is noted for everybody with a place in every session. Three queries."""
    places = Enrolment.objects.registered().filter(offering=offering).count()
    found = tallies(offering, list(offering.sessions.all()), places)
    return bool(found) and all(one.places > 0 and one.unknown == 0 for one in found)
