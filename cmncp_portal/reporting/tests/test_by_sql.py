"""Each figure of the report is the same as one counted by an independent query."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cmncp_portal.reporting.indicators import REGISTRY, Cell, Figure, Period, compute
from cmncp_portal.reporting.indicators.base import rounded

from .by_sql import PEOPLE_BY_PROVINCE, QUERIES, counted
from .seeded import PERIOD, make_year

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PERIODS = (PERIOD, Period(date(2026, 3, 31), date(2026, 9, 30)), Period(date(2026, 4, 1), date(2026, 4, 1)))


def _values(period: Period) -> dict[str, Any]:
    return {"first": period.from_on, "last": period.until_on, "today": timezone.localdate(), "now": timezone.now()}


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(str(value)).limit_denominator(100_000)


def test_every_indicator_has_a_query() -> None:
    assert set(QUERIES) == set(REGISTRY)


@pytest.mark.parametrize("seed", [1, 20261123])
def test_every_figure_equals_its_query(seed: int, clock: Any) -> None:
    make_year(seed)
    for period in PERIODS:
        figures, found = compute(period), {}
        for one in figures:
            value, *rest = counted(one.indicator.code, **_values(period))
            found[one.indicator.code] = (rounded(_exact(value), one.indicator.unit), *rest)
        assert {one.indicator.code: _told(one) for one in figures} == found
        people = next(one for one in figures if one.indicator.code == "people-reached")
        assert {cell.category: cell.n for cell in people.cells if cell.dimension == "province"} == _by_province(period)
        _add_up(figures)
        _have_their_records(figures)
    empty = [one.indicator.code for one in compute(PERIOD) if not one.total.n]
    assert empty == ["permanent-offices-new"]  # nobody's office changes in this year; see test_periods


def _told(figure: Figure) -> tuple[Any, ...]:
    total = figure.total
    return rounded(total.value, figure.indicator.unit), total.n, total.denominator, figure.excluded


def _by_province(period: Period) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE_BY_PROVINCE, _values(period))
        return dict(cursor.fetchall())


def _whole(cell: Cell) -> int:
    return cell.n if cell.denominator is None else cell.denominator


def _add_up(figures: list[Figure]) -> None:
    """The categories of a dimension make up the whole, except where one person may be in two."""
    for one in figures:
        if one.indicator.code != "people-reached":
            for dimension in {cell.dimension for cell in one.cells}:
                parts = [_whole(cell) for cell in one.cells if cell.dimension == dimension]
                assert (one.indicator.code, dimension, sum(parts)) == (one.indicator.code, dimension, _whole(one.total))


def _have_their_records(figures: list[Figure]) -> None:
    """As many records as were counted and left out, each once, named in both languages; people as many as the number says."""
    for one in figures:
        left = [record for record in one.records if any(record.excluded)]
        expected = (one.indicator.code, _whole(one.total), one.excluded)
        assert (one.indicator.code, len(one.records) - len(left), len(left)) == expected
        assert len({record.key for record in one.records}) == len(one.records)
        assert all(all(record.label) for record in one.records)
        assert one.total.people is None or len(one.total.people) == _whole(one.total)
