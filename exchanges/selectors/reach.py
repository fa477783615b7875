"""Whom exchanges have reached. Only visits that were held count, on their last day; a cancelled one reached nobody."""

from datetime import date
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Coalesce

from cmncp_portal.core.contacts import line, within

from ..models import Visit

PLANNED = (Visit.State.ACCEPTED, Visit.State.CONFIRMED)
TRAVELS = Case(When(leg=Visit.Leg.FIRST, then=F("exchange__guest")), default=F("exchange__host"))
RECEIVES = Case(When(leg=Visit.Leg.FIRST, then=F("exchange__host")), default=F("exchange__guest"))


def contacts(from_on: date | None = None, until_on: date | None = None) -> list[QuerySet]:
    """Return who visited ("visits.visited") and who hosted ("visits.hosted") between the two days, as lines of `core.contacts`.

    The times are visits. Who travelled together with the guests on the first visit has visited as well.
    """
    held = _dated().filter(within("last_day", from_on, until_on), state=Visit.State.HELD)
    return [
        line(held, "visits.visited", place=TRAVELS, last="last_day"),
        line(_together(held), "visits.visited", place="joined", last="last_day"),
        line(held, "visits.hosted", place=RECEIVES, last="last_day"),
    ]


def journeys(from_on: date | None = None, until_on: date | None = None) -> list[tuple[int, int, int, int]]:
    """Return who visited whom between the two days, in one query: guest's key, host's key, visits held, visits planned.

    The pair may stand there twice. Planned visits that have no dates yet are there only without a bound.
    """
    shown = Q(state__in=[Visit.State.HELD, *PLANNED], exchange__host__isnull=False)
    visits = _dated().filter(shown & within("last_day", from_on, until_on))
    alone, together = _counted(visits, TRAVELS), _counted(_together(visits), F("joined"))
    return list(alone.union(together, all=True))


def _dated() -> QuerySet[Visit]:
    return Visit.objects.order_by().alias(last_day=Coalesce("ends_on", "starts_on"))


def _together(visits: QuerySet[Visit]) -> QuerySet[Visit]:
    """Return the first visits, once for each municipality that `joined` the guests; who received returns the visit alone."""
    first = visits.filter(leg=Visit.Leg.FIRST).alias(joined=F("exchange__travelling_with"))
    return first.filter(joined__isnull=False).exclude(joined=F("exchange__guest")).exclude(joined=F("exchange__host"))


def _counted(visits: QuerySet, travels: Any) -> QuerySet:
    held = Count("pk", filter=Q(state=Visit.State.HELD), distinct=True)
    planned = Count("pk", filter=Q(state__in=PLANNED), distinct=True)
    rows = visits.values(going=travels, receiving=RECEIVES).annotate(held=held, planned=planned)
    return rows.values_list("going", "receiving", "held", "planned")
