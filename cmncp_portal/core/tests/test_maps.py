import json
import math
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from cmncp_portal.core import maps
from cmncp_portal.core.management.commands import build_map
from cmncp_portal.core.maps import MapArc, MapPoint, network_map, project

WINNIPEG = MapPoint("Winnipeg", 49.895, -97.138, label="Winnipeg")
HALIFAX = MapPoint("Halifax", 44.649, -63.575, label="Halifax")
IQALUIT = MapPoint("Iqaluit", 63.749, -68.521, reached=False)


def drawn(points, arcs=()):
    return network_map(points, arcs, title="Who has visited whom", description="Two visits.")


def inside(path, x, y):
    """Say whether the point is inside the outline, by counting the edges to its left."""
    crossings = 0
    for ring in re.findall(r"M[^z]*z", path):
        at_x, at_y = 0.0, 0.0
        corners = []
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", ring)]
        for step_x, step_y in zip(numbers[::2], numbers[1::2], strict=True):
            at_x, at_y = at_x + step_x, at_y + step_y
            corners.append((at_x, at_y))
        for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1], strict=True):
            if (y1 > y) != (y2 > y) and x1 + (y - y1) * (x2 - x1) / (y2 - y1) < x:
                crossings += 1
    return crossings % 2 == 1


class TestProjection:
    def test_the_origin_of_the_projection_is_the_origin_of_the_plane(self):
        assert maps.plane(63.390675, -91.866667) == pytest.approx((0, 0), abs=1e-9)

    @pytest.mark.parametrize("lat", [49, 77])
    def test_the_standard_parallels_keep_their_length(self, lat):
        (x1, y1), (x2, y2) = maps.plane(lat, -75), maps.plane(lat, -75.01)
        on_the_globe = math.cos(math.radians(lat)) * math.radians(0.01)
        assert math.hypot(x2 - x1, y2 - y1) / on_the_globe == pytest.approx(1, abs=1e-6)

    @pytest.mark.parametrize(("lat", "lon"), [(45, -63), (55, -120), (70, -90)])
    def test_it_is_conformal(self, lat, lon):
        here, north, east = maps.plane(lat, lon), maps.plane(lat + 0.001, lon), maps.plane(lat, lon + 0.001)
        along_meridian = math.dist(here, north) / math.radians(0.001)
        along_parallel = math.dist(here, east) / (math.radians(0.001) * math.cos(math.radians(lat)))
        assert along_meridian == pytest.approx(along_parallel, rel=1e-4)

    def test_east_and_west_of_the_central_meridian_mirror_each_other(self):
        (east, south), (west, also_south) = maps.plane(50, -81.866667), maps.plane(50, -101.866667)
        assert (west, also_south) == pytest.approx((-east, south))

    @pytest.mark.parametrize(
        ("code", "lat", "lon"),
        [
            ("AB", 53.54, -113.49),
            ("BC", 53.92, -122.75),
            ("MB", 49.90, -97.14),
            ("NB", 45.96, -66.64),
            ("NL", 48.95, -55.65),
            ("NS", 45.10, -64.30),
            ("NT", 62.45, -114.37),
            ("NU", 64.32, -96.02),
            ("ON", 46.49, -81.01),
            ("PE", 46.35, -63.40),
            ("QC", 47.44, -72.79),
            ("SK", 52.13, -106.67),
            ("YT", 60.72, -135.06),
        ],
    )
    def test_a_place_of_each_province_lies_in_its_outline_and_in_no_other(self, code, lat, lon):
        at = project(lat, lon)
        assert [found for found, path in maps.geometry()["provinces"].items() if inside(path, *at)] == [code]

    @pytest.mark.parametrize(("lat", "lon"), [(90, 0), (-90, 0), (91, -75), (45, -181), (45, 181)])
    def test_places_that_do_not_exist_are_refused(self, lat, lon):
        with pytest.raises(ValueError, match="No such place"):
            project(lat, lon)


class TestData:
    def test_it_stays_small_enough_to_be_drawn_into_a_page(self):
        assert maps.DATA.stat().st_size <= 70_000

    def test_thirteen_provinces_and_territories(self):
        assert set(maps.geometry()["provinces"]) == build_map.CODES


class TestNetworkMap:
    def test_hollow_points_come_first_so_that_they_hide_nothing(self):
        assert [(p["name"], p["reached"]) for p in drawn([WINNIPEG, IQALUIT, HALIFAX])["points"]] == [
            ("Iqaluit", False),
            ("Winnipeg", True),
            ("Halifax", True),
        ]

    def test_labels_stand_where_there_is_room(self):
        assert [p["anchor"] for p in drawn([WINNIPEG, HALIFAX])["points"]] == ["start", "end"]

    def test_a_visit_and_its_return_are_two_lines(self):
        visits = [MapArc("Winnipeg", "Halifax"), MapArc("Halifax", "Winnipeg", planned=True)]
        there, back = drawn([WINNIPEG, HALIFAX], visits)["arcs"]
        assert there["path"] != back["path"]
        assert (there["planned"], back["planned"]) == (False, True)

    def test_an_arc_bends_to_the_right_of_the_traveller(self):
        assert maps.arc_path((0, 0), (100, 0)) == "M0 0Q50.0 36.0 100 0"
        assert maps.arc_path((100, 0), (0, 0)) == "M100 0Q50.0 -36.0 0 0"

    def test_an_arc_without_both_ends_is_left_out(self):
        arcs = [MapArc("Winnipeg", "Regina"), MapArc("Regina", "Winnipeg"), MapArc("Winnipeg", "Winnipeg")]
        assert drawn([WINNIPEG], arcs)["arcs"] == []

    def test_an_empty_network_is_still_a_map(self):
        empty = drawn([])
        assert (empty["points"], empty["arcs"], len(empty["provinces"])) == ([], [], 13)

    def test_the_picture_has_a_name_and_no_inline_style(self):
        picture = drawn([WINNIPEG, IQALUIT], [MapArc("Winnipeg", "Iqaluit")])
        html = render_to_string("components/map.html", {"map": picture})
        assert '<title id="map-title">Who has visited whom</title>' in html
        assert html.count("map__point--hollow") == 1
        assert html.count('class="map__arc"') == 1
        assert "style" not in html

    def test_numbers_are_written_for_machines_in_french_too(self):
        with translation.override("fr"):
            html = render_to_string("components/map.html", {"map": drawn([WINNIPEG])})
        assert re.findall(r'c[xy]="([^"]*)"', html) == [str(n) for n in project(WINNIPEG.lat, WINNIPEG.lon)]


class TestBuilding:
    def test_a_line_keeps_its_corners_and_loses_what_is_straight(self):
        assert build_map.simplified([(0, 0), (5, 0.1), (10, 0), (10, 10)]) == [(0, 0), (10, 0), (10, 10)]

    def test_a_path_is_short_and_relative(self):
        assert build_map.path_of([(0, 0), (10.5, 0), (10.5, 0.5), (0, 0)]) == "M0 0l10.5 0 0 .5 -10.5-.5z"

    def test_a_file_without_provinces_is_refused(self, tmp_path):
        source = Path(tmp_path) / "topology.json"
        arcs = [[[0, 0], [10, 0], [0, 10], [-10, -10]]]
        ontario = {"id": "ON", "type": "Polygon", "arcs": [[0]], "properties": {"gu": "CAN"}}
        objects = {"subunits": {"geometries": [ontario]}}
        transform = {"scale": [1, 1], "translate": [-90, 45]}
        source.write_text(json.dumps({"arcs": arcs, "objects": objects, "transform": transform}))
        with pytest.raises(build_map.CommandError, match="No outline for AB, BC"):
            build_map.Command().handle(topojson=source)
