"""Whom the exchanges reach: who visited whom, who was never part of one, by province and by size."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.maps import MapArc, MapPoint, network_map
from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality, Province
from exchanges.models import Visit

PLANNED = (Visit.State.ACCEPTED, Visit.State.CONFIRMED)


@dataclass(frozen=True)
class Journey:
    """Visits of one municipality to another: how many were held, how many are planned."""

    guest: Municipality
    host: Municipality
    held: int
    planned: int


@dataclass(frozen=True)
class Line:
    """One line of a table: of `members`, how many took part in a held visit, and as what."""

    label: str
    members: int
    reached: int
    visited: int
    hosted: int

    @property
    def never(self) -> int:
        return self.members - self.reached


@dataclass(frozen=True)
class Reach:
    map: dict[str, Any]
    journeys: list[Journey]
    never: list[Municipality]
    provinces: list[Line]
    sizes: list[Line]
    total: Line


def reach() -> Reach:
    """Return whom the network's exchanges have reached until today, in two queries. Only held visits count as reaching."""
    rows = Municipality.objects.members_on(timezone.localdate()).order_by(Fold(f"name_{active_language()}"), "pk")
    members = {place.pk: place for place in rows}
    journeys = _journeys(members)
    visited = {j.guest.pk for j in journeys if j.held}
    hosted = {j.host.pk for j in journeys if j.held}
    places = list(members.values())
    sizes = [
        str(label)
        for _low, label in sorted(
            {(place.population or 0, place.size_band) for place in places if place.size_band}, key=lambda pair: pair[0]
        )
    ]
    by_size = {label: [p for p in places if str(p.size_band) == label] for label in dict.fromkeys(sizes)}
    by_size[_("not known")] = [p for p in places if p.size_band is None]
    by_province = {str(code.label): [p for p in places if p.province == code] for code in Province}
    return Reach(
        map=_map(places, journeys, visited | hosted),
        journeys=journeys,
        never=[p for p in places if p.pk not in visited | hosted],
        provinces=_lines(by_province, visited, hosted),
        sizes=_lines(by_size, visited, hosted),
        total=_line(_("All members"), places, visited, hosted),
    )


def _journeys(members: dict[int, Municipality]) -> list[Journey]:
    counted = (
        Visit.objects.filter(state__in=[Visit.State.HELD, *PLANNED], exchange__host__isnull=False)
        .order_by()
        .values_list("exchange__guest", "exchange__host", "leg")
        .annotate(held=Count("pk", filter=Q(state=Visit.State.HELD)), planned=Count("pk", filter=Q(state__in=PLANNED)))
    )
    held: Counter[tuple[int, int]] = Counter()
    planned: Counter[tuple[int, int]] = Counter()
    for guest, host, leg, held_here, planned_here in counted:
        way = (guest, host) if leg == Visit.Leg.FIRST else (host, guest)
        held[way] += held_here
        planned[way] += planned_here
    ways = [way for way in held if way[0] in members and way[1] in members]
    found = [Journey(members[a], members[b], held[a, b], planned[a, b]) for a, b in ways]
    return sorted(found, key=lambda j: (-j.held, str(j.guest), str(j.host)))


def _map(places: list[Municipality], journeys: list[Journey], reached: set[int]) -> dict[str, Any]:
    named = {end.pk for j in journeys for end in (j.guest, j.host)}  # all names would lie on top of one another
    points = [
        MapPoint(p.slug, float(p.latitude), float(p.longitude), p.pk in reached, str(p) if p.pk in named else "")
        for p in places
        if p.latitude is not None and p.longitude is not None
    ]
    arcs = [MapArc(j.guest.slug, j.host.slug, planned=not j.held) for j in journeys]
    description = _(
        "Arcs lead from visiting to hosting municipalities; dotted ones are planned. Hollow points were never part of an exchange. The tables say the same."
    )
    return network_map(points, arcs, title=_("Who has visited whom"), description=description, id="reach")


def _lines(groups: dict[str, list[Municipality]], visited: set[int], hosted: set[int]) -> list[Line]:
    return [_line(label, places, visited, hosted) for label, places in groups.items() if places]


def _line(label: str, places: list[Municipality], visited: set[int], hosted: set[int]) -> Line:
    keys = {p.pk for p in places}
    return Line(label, len(keys), len(keys & (visited | hosted)), len(keys & visited), len(keys & hosted))
