"""The figures of the network: for each indicator how many municipalities, the middle, the range and the years."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, Exists, F, FloatField, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import active_language
from cmncp_portal.core.trends import Cell, Trend, trend
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.models.municipality import MunicipalityQuerySet
from cmncp_portal.network.rules import members_now

from ..indicators import (
    EACH,
    INVESTMENT,
    MEANINGS,
    NAMES,
    Indicator,
    Unit,
    all_codes,
    name_of,
    unit_of,
    writer,
)
from ..models import IndicatorReading, PreventionBudget


class Median(Aggregate):
    """The middle of the values: half of them lie below it."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def members() -> MunicipalityQuerySet:
    """Return the municipalities and organisations that are members today."""
    return Municipality.objects.filter(Exists(members_now(OuterRef("pk"))))


def place_path(code: str) -> str:
    """Return the way from a figure of an indicator, or of the investment, to its municipality."""
    return "profile__municipality" if code in NAMES else "municipality"


def figures_of(code: str, places: MunicipalityQuerySet, year: int | None = None) -> QuerySet[Any]:
    """Return the figures of `places` for an indicator or the investment, of one year or all, the value as `figure`."""
    rows: QuerySet[Any]
    if code == EACH:
        people = F("profile__municipality__population")
        rows = PreventionBudget.objects.filter(profile__municipality__population__gt=0)
        rows = rows.annotate(figure=F("amount") / people)
    elif code == INVESTMENT:
        rows = PreventionBudget.objects.annotate(figure=F("amount"))
    else:
        rows = IndicatorReading.objects.filter(indicator=code).annotate(figure=F("value"))
    rows = rows.filter(**{f"{place_path(code)}__in": places.order_by().values("pk")})
    return rows if year is None else rows.filter(year=year)


def _latest(rows: QuerySet[Any], *by: str) -> QuerySet[Any]:
    """Of each place (and what else `by` names) the last year."""
    return rows.order_by(*by, "-year").distinct(*by).values("pk")


@dataclass(frozen=True)
class Line:
    """One indicator over the network: `n` municipalities with the last figure of each (or that of a year)."""

    code: str
    name: str
    meaning: str
    n: int
    median: str = ""
    range: str = ""
    years: str = ""


SUMMARY: dict[str, Any] = {
    "n": Count("pk"),
    "median": Median("figure"),
    "low": Min("figure"),
    "high": Max("figure"),
    "first": Min("year"),
    "last": Max("year"),
    "yes": Count("pk", filter=Q(figure=1)),
}


def lines(places: MunicipalityQuerySet, year: int | None = None) -> list[Line]:
    """Return a line for each indicator and the investment, of the last figure of each of `places`, or of `year`. Three queries."""
    readings = IndicatorReading.objects.filter(municipality__in=places.order_by().values("pk"))
    if year is not None:
        readings = readings.filter(year=year)
    latest = IndicatorReading.objects.filter(pk__in=_latest(readings, "municipality_id", "indicator"))
    rows = latest.annotate(figure=F("value")).order_by().values("indicator").annotate(**SUMMARY)
    found: dict[str, Any] = {row["indicator"]: row for row in rows}
    for code in (INVESTMENT, EACH):
        budgets = figures_of(code, places, year)
        found[code] = budgets.filter(pk__in=_latest(budgets, "profile_id")).aggregate(**SUMMARY)
    return [_line(code, found.get(code)) for code in all_codes()]


def _line(code: str, row: dict[str, Any] | None) -> Line:
    name, meaning = name_of(code), str(MEANINGS[code])
    if not row or not row["n"]:
        return Line(code, name, meaning, 0)
    years = str(row["last"]) if row["first"] == row["last"] else f"{row['first']}–{row['last']}"
    return Line(code, name, meaning, row["n"], _middle(code, row), _range(code, row), years)


def _middle(code: str, row: dict[str, Any]) -> str:
    """The median in words; of yes and no, how many say yes."""
    if unit_of(code) == Unit.YES_NO:
        words = {"yes": row["yes"], "n": row["n"]}
        return _("%(yes)s of %(n)s say yes") % words
    return writer(code)(_rounded(code, row["median"]))


def _range(code: str, row: dict[str, Any]) -> str:
    if unit_of(code) == Unit.YES_NO:
        return ""
    low, high = (writer(code)(_rounded(code, row[name])) for name in ("low", "high"))
    return low if low == high else _("%(low)s to %(high)s") % {"low": low, "high": high}


def _rounded(code: str, value: Any) -> Decimal:
    return round(Decimal(value), 0 if code == INVESTMENT else 2)


@dataclass(frozen=True)
class Entry:
    """The figure of one municipality, with its year and where it stands."""

    place: Municipality
    year: int
    figure: str
    source: str
    source_url: str


def latest_of_each(code: str, places: MunicipalityQuerySet, year: int | None = None) -> QuerySet[Any]:
    """Return the last figure of each of `places` for an indicator (or that of `year`), by name; `entries` puts it into words."""
    rows, path = figures_of(code, places, year), place_path(code)
    found = rows.filter(pk__in=_latest(rows, "profile_id" if code in NAMES else "municipality_id")).select_related(path)
    return found.order_by(Fold(f"{path}__name_{active_language()}"), "pk")


def entries(code: str, rows: Iterable[Any]) -> list[Entry]:
    """Put rows of `latest_of_each` into words."""
    found = []
    for row in rows:
        place = row.profile.municipality if isinstance(row, PreventionBudget) else row.municipality
        figure = writer(code)(_rounded(code, row.figure))
        found.append(Entry(place, row.year, figure, row.source, getattr(row, "source_url", "")))
    return found


def picture(code: str, places: MunicipalityQuerySet) -> Trend | None:
    """Return the middle of `places` by year, with how many figures each year has; None while there is none. One query."""
    rows = figures_of(code, places).order_by().values("year").annotate(**SUMMARY)
    found = {row["year"]: row for row in rows}
    if not found:
        return None
    if unit_of(code) == Unit.YES_NO:
        return _shares(code, found)
    return trend(
        {year: _rounded(code, row["median"]) for year, row in found.items()},
        title=_("%(name)s, the middle of the network") % {"name": name_of(code)},
        id=code,
        unit=_("Middle (median)"),
        write=writer(code),
        headers=[_("From lowest to highest"), _("Municipalities")],
        cells={year: [Cell(_range(code, row)), Cell(str(row["n"]))] for year, row in found.items()},
    )


def _shares(code: str, found: dict[int, dict[str, Any]]) -> Trend:
    return trend(
        {year: round(Decimal(100 * row["yes"]) / row["n"], 1) for year, row in found.items()},
        title=_("%(name)s, the share of the network that says yes") % {"name": name_of(code)},
        id=code,
        unit=_("Share that says yes"),
        write=writer(Indicator.FEELS_SAFE),
        scale=[Decimal(height) for height in (0, 25, 50, 75, 100)],
        headers=[_("Say yes"), _("Municipalities")],
        cells={year: [Cell(str(row["yes"])), Cell(str(row["n"]))] for year, row in found.items()},
    )
