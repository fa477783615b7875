"""A figure over the years: where its points lie, what its axes say, and that nothing of it depends on the language."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from cmncp_portal.core.trends import HEIGHT, WIDTH, Cell, marked_years, missing, ticks, trend

D = Decimal


def drawn(values: dict[int, Any], **more: Any) -> Any:
    known = {year: None if value is None else D(str(value)) for year, value in values.items()}
    return trend(known, title="Figures", id="t", **more)


def at(label: Any) -> tuple[float, float]:
    return float(label.x), float(label.y)


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        ("0", ["0", "1"]),
        ("1", ["0", "0.25", "0.50", "0.75", "1.00"]),
        ("4", ["0", "1", "2", "3", "4"]),
        ("4.1", ["0", "2", "4", "6"]),
        ("88", ["0", "25", "50", "75", "100"]),
        ("100", ["0", "25", "50", "75", "100"]),
        ("101", ["0", "50", "100", "150"]),
        ("1234567", ["0", "500000", "1000000", "1500000"]),
        ("0.03", ["0", "0.01", "0.02", "0.03"]),
    ],
)
def test_the_marked_heights_are_even_and_reach_the_largest(largest: str, expected: list[str]) -> None:
    assert ticks(D(largest)) == [D(one) for one in expected]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (2020, 2020, [2020]),
        (2018, 2025, list(range(2018, 2026))),
        (2017, 2025, [2017, 2019, 2021, 2023, 2025]),
        (2000, 2025, [2000, 2005, 2010, 2015, 2020, 2025]),
        (1990, 2027, [1997, 2007, 2017, 2027]),
    ],
)
def test_years_below_the_axis_have_room_and_the_last_is_there(first: int, last: int, expected: list[int]) -> None:
    assert marked_years([first, last]) == expected


@pytest.mark.parametrize(
    ("years", "gaps"),
    [
        ([2020], []),
        ([2020, 2021], []),
        ([2022, 2020], [(2021, 2021)]),
        ([2015, 2016, 2020, 2022], [(2017, 2019), (2021, 2021)]),
    ],
)
def test_gaps(years: list[int], gaps: list[tuple[int, int]]) -> None:
    assert missing(years) == gaps


class TestPlaces:
    def test_nothing_is_at_the_bottom_and_the_highest_mark_at_the_top(self) -> None:
        picture = drawn({2020: 0, 2021: 50, 2022: 100})
        (_x, bottom), (_x2, middle), (_x3, top) = map(at, picture.dots)
        assert [at(height)[1] for height in (picture.heights[0], picture.heights[-1])] == [bottom, top]
        assert middle == pytest.approx((bottom + top) / 2, abs=0.1)

    def test_years_are_evenly_apart_also_over_a_gap(self) -> None:
        picture = drawn({2020: 1, 2021: 1, 2024: 1})
        a, b, c = (at(dot)[0] for dot in picture.dots)
        assert c - b == pytest.approx(3 * (b - a), abs=0.3)

    def test_a_year_is_written_below_its_dot(self) -> None:
        picture = drawn({2020: 1, 2021: 3, 2022: 2})
        assert [label.x for label in picture.years] == [dot.x for dot in picture.dots]

    def test_a_single_year_stands_in_the_middle_and_has_no_line(self) -> None:
        picture = drawn({2020: 7})
        middle = (float(picture.left) + float(picture.right)) / 2
        assert (at(picture.dots[0])[0], picture.lines) == (pytest.approx(middle, abs=0.1), [])

    @pytest.mark.parametrize("values", [{2020: 0}, {1990: 3, 2027: 12_345_678}, {2020: "0.01", 2021: 100}])
    def test_everything_lies_inside_the_picture(self, values: dict[int, Any]) -> None:
        picture = drawn(values)
        for label in [*picture.dots, *picture.heights, *picture.years, picture.last]:
            assert 0 <= at(label)[0] <= WIDTH, label
            assert 0 <= at(label)[1] <= HEIGHT, label

    def test_a_value_above_the_given_heights_is_drawn_inside(self) -> None:
        assert at(drawn({2020: 3}, scale=[D(0), D(1)]).dots[0])[1] > 0


class TestLines:
    def test_the_line_breaks_where_years_are_missing(self) -> None:
        picture = drawn({2018: 1, 2019: 2, 2021: 2, 2023: 3, 2024: 1, 2025: 4})
        ends = [(float(path[1:].split()[0]), path.count("L")) for path in picture.lines]
        first = {dot.text[:4]: at(dot)[0] for dot in picture.dots}
        assert ends == [(first["2018"], 1), (first["2023"], 2)]  # 2021 stands alone and is a dot

    def test_a_year_said_to_have_no_figure_is_a_gap(self) -> None:
        assert drawn({2020: 1, 2021: None, 2022: 2}) == drawn({2020: 1, 2022: 2})

    def test_dots_alone_where_there_is_nothing_in_between(self) -> None:
        picture = drawn({2020: 0, 2021: 1}, is_joined=False)
        assert (picture.lines, len(picture.dots)) == ([], 2)

    def test_without_any_figure_there_is_nothing_to_draw(self) -> None:
        with pytest.raises(ValueError, match="needs a figure"):
            drawn({2020: None})


class TestWords:
    def test_the_description(self) -> None:
        assert drawn({2018: "12.5", 2019: 20, 2022: "1234.5"}).description == (
            "3 figures from 2018 to 2022. Lowest: 12.5 in 2018. Highest: 1,234.5 in 2022. Latest: 1,234.5 in 2022. "
            "No figure for these years: 2020–2021."
        )
        assert drawn({2018: 3}).description == "One figure: 3 in 2018."
        assert drawn({2018: 3, 2020: 4}, description="Own words.").description == (
            "Own words. No figure for this year: 2019."
        )

    def test_the_rows_of_the_table_with_gaps_the_latest_first(self) -> None:
        picture = drawn({2018: 1, 2019: "2.50", 2023: 100}, headers=["Source"], cells={2019: [Cell("Book")]})
        assert [(row.years, row.figure, [cell.text for cell in row.cells]) for row in picture.rows] == [
            ("2023", "100", []),
            ("2020–2022", "", []),
            ("2019", "2.5", ["Book"]),
            ("2018", "1", []),
        ]

    def test_labels_are_written_as_they_are_asked_for(self) -> None:
        picture = drawn({2020: 1, 2021: 0}, write=lambda value: "Yes" if value else "No", scale=[D(0), D(1)])
        assert [height.text for height in picture.heights] == ["No", "Yes"]
        assert [dot.text for dot in picture.dots] == ["2020: Yes", "2021: No"]
        assert picture.last.text == "No"


class TestPage:
    def html(self, language: str, **more: Any) -> str:
        with translation.override(language):
            picture = drawn({2018: "12.5", 2019: "1250.25", 2021: 7}, **more)
            return render_to_string("components/trend.html", {"trend": picture})

    def numbers(self, html: str) -> list[str]:
        return re.findall(r'(?: x| y| cx| cy| d| viewBox)="([^"]*)"', html.partition("</svg>")[0])

    def test_numbers_of_the_picture_are_written_for_machines_in_french_too(self) -> None:
        numbers = self.numbers(self.html("fr"))
        assert len(numbers) > 20
        assert [one for one in numbers if not re.fullmatch(r"[MLH0-9. ]+", one)] == []

    def test_numbers_for_people_are_written_in_their_language(self) -> None:
        assert "1,250.25" in self.html("en")
        assert "1\xa0250,25" in self.html("fr")

    def test_the_picture_has_a_name_a_description_its_table_and_no_inline_style(self) -> None:
        html = self.html("en", headers=["Source"], cells={2019: [Cell("Book", "https://a.example/", ("<b>",))]})
        assert '<svg class="trend__picture" viewBox="0 0 440 220" role="img" aria-labelledby="t-title t-desc">' in html
        assert '<title id="t-title">Figures</title>' in html
        assert re.search(
            r'<desc id="t-desc">3 figures from 2018 to 2021\..*No figure for this year: 2020\.</desc>', html
        )
        assert html.index("<table") > html.index("</svg>")
        assert [*re.findall(r'<th scope="row" class="nowrap">(.*?)</th>', html)] == ["2021", "2020", "2019", "2018"]
        assert '<a href="https://a.example/">Book</a>' in html
        assert ("&lt;b&gt;" in html, "style=" in html) == (True, False)

    def test_a_year_without_a_figure_says_so_in_the_table(self) -> None:
        assert self.html("en").count("No figure</td>") == 1
