"""Each figure of the report is the same as one counted by an independent query."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from cmncp_portal.reporting.indicators import REGISTRY, Figure, Period, compute
from cmncp_portal.reporting.indicators.base import rounded

from .by_sql import PEOPLE_BY_PROVINCE, QUERIES, counted
from .seeded import PERIOD, make_year

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PERIODS = (PERIOD, Period(date(2026, 3, 31), date(2026, 9, 30)), Period(date(2026, 4, 1), date(2026, 4, 1)))


@pytest.fixture(params=[1, 20261123])
def year(request: Any, clock: Any) -> Any:
    return make_year(request.param)


def _values(period: Period) -> dict[str, Any]:
    return {"first": period.from_on, "last": period.until_on, "today": timezone.localdate(), "now": timezone.now()}


def test_every_indicator_has_a_query() -> None:
    assert set(QUERIES) == set(REGISTRY)


def test_every_figure_equals_its_query(year: Any) -> None:
    told, found = {}, {}
    for period in PERIODS:
        for one in compute(period):
            code, unit, total = one.indicator.code, one.indicator.unit, one.total
            told[period, code] = (rounded(total.value, unit), total.n, total.denominator, one.excluded)
            value, *rest = counted(code, **_values(period))
            found[period, code] = (rounded(value if value is None else _exact(value), unit), *rest)
    assert told == found


def _exact(value: Any) -> Any:
    return Fraction(str(value)).limit_denominator(100_000)


def test_the_seeded_year_is_not_empty(year: Any) -> None:
    figures = {one.indicator.code: one for one in compute(PERIOD)}
    empty = [code for code, one in figures.items() if not one.total.n]
    assert empty == ["permanent-offices-new"]


def test_records_lead_to_what_is_counted(year: Any) -> None:
    for one in compute(PERIOD):
        counted_ones = [record for record in one.records if not any(record.excluded)]
        whole = one.total.denominator if one.total.denominator is not None else one.total.n
        assert (one.indicator.code, len(counted_ones), len(one.records)) == (
            one.indicator.code, whole, whole + one.excluded,
        )  # fmt: skip
        assert all(all(record.label) for record in one.records)
        assert len({record.key for record in one.records}) == len(one.records)


def _cells(figure: Figure, dimension: str) -> dict[str, int]:
    return {cell.category: cell.n for cell in figure.cells if cell.dimension == dimension}


def test_people_by_province_equal_a_query(year: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE_BY_PROVINCE, _values(PERIOD))
        expected = dict(cursor.fetchall())
    [figure] = compute(PERIOD, ["people-reached"])
    assert _cells(figure, "province") == expected


def test_categories_of_one_person_each_add_up_to_the_whole(year: Any) -> None:
    for one in compute(PERIOD):
        if one.indicator.code == "people-reached":
            continue
        whole = one.total.denominator if one.total.denominator is not None else one.total.n
        for dimension in {cell.dimension for cell in one.cells}:
            cells = [cell for cell in one.cells if cell.dimension == dimension]
            parts = [cell.n if cell.denominator is None else cell.denominator for cell in cells]
            assert (one.indicator.code, dimension, sum(parts)) == (one.indicator.code, dimension, whole)
