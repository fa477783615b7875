"""The reach of the network as a map: visits as arcs, whoever was reached as filled points. The tables say the same."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cmncp_portal.core.maps import MapArc, MapKey, MapPoint, network_map
from cmncp_portal.network.models import Municipality

from .reach import ACTIVITIES, Journey, Reach

MOST_ARCS = 200  # the ways that were travelled most; more of them are a blot
MOST_NAMES = 24  # more would lie on top of one another


def reach_map(reach: Reach) -> dict[str, Any]:
    """Return what `components/map.html` draws of `reach`: layers by the activity that was chosen. No query."""
    drawn = [journey for journey in reach.journeys if _lies(journey.guest) and _lies(journey.host)][:MOST_ARCS]
    reached = {line.place.pk: line.is_reached for line in reach.lines}
    ends = {end.pk: end for journey in drawn for end in (journey.guest, journey.host)}
    places = {line.place.pk: line.place for line in reach.lines} | ends
    points = [
        _point(place, reached, len(ends) <= MOST_NAMES and place.pk in ends)
        for place in places.values()
        if _lies(place)
    ]
    arcs = [MapArc(journey.guest.slug, journey.host.slug, planned=not journey.held) for journey in drawn]
    return network_map(
        points,
        arcs,
        title=_title(reach),
        description=_description(reach, drawn),
        id="reach",
        key=_key(reach, ends, drawn),
    )


def off_the_map(reach: Reach) -> int:
    """Return how many of the municipalities asked for have no known position."""
    return sum(not _lies(line.place) for line in reach.lines)


def _lies(place: Municipality) -> bool:
    return place.latitude is not None and place.longitude is not None


def _point(place: Municipality, reached: dict[int, bool], is_named: bool) -> MapPoint:
    outside = place.pk not in reached
    return MapPoint(
        place.slug,
        float(place.latitude or 0),
        float(place.longitude or 0),
        reached.get(place.pk, True),
        str(place) if is_named else "",
        outside,
    )


def _title(reach: Reach) -> str:
    activity = ACTIVITIES.get(reach.wanted.activity)
    whom = _("Whom the network reaches")
    return f"{whom} – {activity}" if activity else whom


def _description(reach: Reach, drawn: list[Journey]) -> str:
    total = reach.total
    sentence = _("%(reached)s of %(members)s municipalities are filled points: they took part. The others are hollow.")
    said = [sentence % {"reached": total.reached, "members": total.members}]
    if drawn:
        arcs = ngettext(
            "One arc leads from the visiting to the hosting municipality.",
            "%(number)s arcs lead from visiting to hosting municipalities.",
            len(drawn),
        )
        said.append(arcs % {"number": len(drawn)})
    return " ".join([*said, _("The tables say the same.")])


def _key(reach: Reach, ends: dict[int, Municipality], drawn: list[Journey]) -> list[MapKey]:
    key = [MapKey("filled", pgettext("reach", "Took part")), MapKey("hollow", pgettext("reach", "Not reached"))]
    if ends.keys() - {line.place.pk for line in reach.lines}:
        key.append(MapKey("small", _("The other end of a visit, not among those chosen")))
    if any(journey.held for journey in drawn):
        key.append(MapKey("arc", _("Visit held, bent to the right of those who travel")))
    if any(not journey.held for journey in drawn):
        key.append(MapKey("planned", _("Visit planned")))
    return key
