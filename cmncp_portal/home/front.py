"""The public front page: the members of the network, on a small map and in words."""

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.maps import MapPoint, network_map
from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Membership, Municipality, Province

_PIECE = re.compile(r"[Mlz]|-?\d*\.?\d+")
_APART = 4  # units of the map (of 1000 across) below which two points of a coast are one


@dataclass(frozen=True)
class Members:
    """The municipalities of the network by province from west to east, and how many there are."""

    provinces: list[tuple[str, list[Municipality]]]
    total: int
    map: dict[str, Any]


def members() -> Members:
    """Return the general and associate members of today, in one query, with the map that shows them."""
    kinds = (Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE)
    today = timezone.localdate()
    rows = Municipality.objects.members_on(today).filter(memberships__kind__in=kinds)
    rows = rows.only("slug", "name_en", "name_fr", "province", "latitude", "longitude").order_by(
        Fold(f"name_{active_language()}"), "pk"
    )
    places = list(rows)
    by_province = [(str(code.label), [p for p in places if p.province == code]) for code in Province]
    shown = [(name, found) for name, found in by_province if found]
    return Members(shown, len(places), _small_map(places))


def _small_map(places: list[Municipality]) -> dict[str, Any]:
    """The map with simpler coasts: a front page is read on telephones, and the map should not be most of it."""
    points = [
        MapPoint(p.slug, float(p.latitude), float(p.longitude))
        for p in places
        if p.latitude is not None and p.longitude is not None
    ]
    title, description = (
        _("The members of the network"),
        _("A map of Canada with a point for each member; the list names them by province."),
    )
    drawn = network_map(points, [], title=title, description=description, id="members")
    return drawn | {"provinces": [{"code": p["code"], "path": _lighter(p["path"])} for p in drawn["provinces"]]}


@cache
def _lighter(path: str) -> str:
    """Return the outlines of `path` (M, relative l, z) in whole units, without points closer than _APART and without islets."""
    rings: list[list[tuple[float, float]]] = []
    x, y, numbers, absolute = 0.0, 0.0, [], True
    for piece in _PIECE.findall(path):
        if piece in ("M", "l", "z"):
            absolute = piece == "M"
            rings += [[]] if absolute else []
            continue
        numbers.append(float(piece))
        if len(numbers) == 2:
            x, y = numbers if absolute else (x + numbers[0], y + numbers[1])
            rings[-1].append((x, y))
            numbers = []
    return "".join(_ring(ring) for ring in rings)


def _ring(points: list[tuple[float, float]]) -> str:
    kept = points[:1]
    for point in points[1:]:
        if max(abs(point[0] - kept[-1][0]), abs(point[1] - kept[-1][1])) >= _APART:
            kept.append(point)
    if len(kept) < 4:
        return ""
    whole = [(round(px), round(py)) for px, py in kept]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(whole)]
    return f"M{whole[0][0]} {whole[0][1]}l" + " ".join(f"{dx} {dy}" for dx, dy in steps) + "z"
