"""The map of Canada as the server draws it: where a place lies on it, who was reached, and who has visited whom.

The projection is Statistics Canada's Lambert conformal conic (EPSG:3347), here on a sphere: standard parallels 49° and
77° north, origin 63.390675° north and 91.866667° west. At the size of a page the sphere is within a pixel of the ellipsoid.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "canada_map.json"

LOWER, UPPER, ORIGIN, MERIDIAN = (math.radians(angle) for angle in (49, 77, 63.390675, -91.866667))
RADIUS, SMALL = 6, 3.5  # of a point, in units of the map
BEND = 0.18  # how far an arc leaves the straight line, as a share of its length


@dataclass(frozen=True)
class MapPoint:
    """A municipality on the map. `reached` ones are filled, others hollow; `label` is written beside the point.

    One that lies `outside` of what the map is about, and is there as the end of an arc only, is small.
    """

    name: str
    lat: float
    lon: float
    reached: bool = True
    label: str = ""
    outside: bool = False


@dataclass(frozen=True)
class MapArc:
    """A visit from the point named `guest` to the point named `host`; `planned` ones are dotted."""

    guest: str
    host: str
    planned: bool = False


@dataclass(frozen=True)
class MapKey:
    """What a mark on the map means. `mark`: "filled", "hollow" or "small" point, "arc", or "planned" (a dotted arc)."""

    mark: str
    text: str


@cache
def geometry() -> dict[str, Any]:
    """Return the outlines and their placing, read once from the data file."""
    return json.loads(DATA.read_text())


def plane(lat: float, lon: float) -> tuple[float, float]:
    """Return the Lambert x (east) and y (south) of a place in degrees, in radii of the earth."""
    cone = _cone()
    size = math.cos(LOWER) * _stretch(LOWER) ** cone / cone
    rho = size / _stretch(math.radians(lat)) ** cone
    rho_origin = size / _stretch(ORIGIN) ** cone
    theta = cone * (math.radians(lon) - MERIDIAN)
    return rho * math.sin(theta), rho * math.cos(theta) - rho_origin


def _stretch(latitude: float) -> float:
    return math.tan(math.pi / 4 + latitude / 2)


def _cone() -> float:
    return math.log(math.cos(LOWER) / math.cos(UPPER)) / math.log(_stretch(UPPER) / _stretch(LOWER))


def project(lat: float, lon: float) -> tuple[float, float]:
    """Return where a place (degrees north and east) lies in the map's view box, rounded to a tenth of a unit.

    Places outside Canada are computed as well and may lie outside the view box. Raises ValueError for a latitude that is
    not between 90° south and 90° north, both excluded, or a longitude beyond 180°.
    """
    if not (-90 < lat < 90 and -180 <= lon <= 180):
        raise ValueError(f"No such place: {lat}, {lon}")
    x, y = plane(lat, lon)
    drawn = geometry()
    return round((x - drawn["west"]) * drawn["scale"], 1), round((y - drawn["north"]) * drawn["scale"], 1)


def network_map(
    points: Iterable[MapPoint],
    arcs: Iterable[MapArc],
    *,
    title: str,
    description: str,
    id: str = "map",
    key: Sequence[MapKey] = (),
) -> dict[str, Any]:
    """Return what `components/map.html` draws: outlines, points and arcs in view box units, with the given words and key.

    Arcs whose ends are not both among the points are left out, for nothing can be drawn then; an arc bends to the right of
    the traveller, so that a visit and its return are two lines. Hollow points are drawn first and never hide a filled one.
    """
    ordered = sorted(points, key=lambda point: point.reached)
    at = {point.name: project(point.lat, point.lon) for point in ordered}
    return {
        "id": id,
        "title": title,
        "description": description,
        "view_box": " ".join(map(str, geometry()["view_box"])),
        "provinces": [{"code": code, "path": path} for code, path in geometry()["provinces"].items()],
        "arcs": [
            {"path": arc_path(at[arc.guest], at[arc.host]), "planned": arc.planned}
            for arc in arcs
            if arc.guest in at and arc.host in at and arc.guest != arc.host
        ],
        "points": [_drawn(point, *at[point.name]) for point in ordered],
        "key": key,
    }


def arc_path(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Return the SVG path of an arc from `start` to `end`, bent to the right of the direction of travel."""
    (ax, ay), (bx, by) = start, end
    middle_x = (ax + bx) / 2 - (by - ay) * BEND * 2
    middle_y = (ay + by) / 2 + (bx - ax) * BEND * 2
    return f"M{ax:g} {ay:g}Q{middle_x:.1f} {middle_y:.1f} {bx:g} {by:g}"


def _drawn(point: MapPoint, x: float, y: float) -> dict[str, Any]:
    """Return a point with its label on the side where there is room: left of it in the eastern quarter, else right.

    Places are text, because a template in French would write 400,3 and SVG wants 400.3.
    """
    east = x > 0.75 * geometry()["view_box"][2]
    return {
        "name": point.name,
        "x": str(x),
        "y": str(y),
        "radius": str(SMALL if point.outside else RADIUS),
        "reached": point.reached,
        "label": point.label,
        "label_x": f"{x + (-11 if east else 11):.1f}",
        "label_y": f"{y + 6:.1f}",
        "anchor": "end" if east else "start",
    }
