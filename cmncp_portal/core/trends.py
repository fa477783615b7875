"""A figure over the years as the server draws it: a line with dots, broken where years are missing, always with its table.

Places in the picture are text, because a template in French would write 30,5 and SVG wants 30.5.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import ceil
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

WIDTH, HEIGHT = 440, 220  # of the picture, in its own units
TOP, RIGHT, BOTTOM = 24, 18, 30  # what is left free around the field; at the left the longest label needs its room
LETTER = 7.2  # the width of a letter of the labels, at most
STEPS = 4  # lines above the lowest one, at most
YEARS = 7  # years written below the axis, at most, beside the last

Write = Callable[[Decimal], str]
Point = tuple[float, float]


@dataclass(frozen=True)
class Cell:
    """What a row of the table says beside year and figure: a text, where it leads, and lines in small letters below it."""

    text: str
    url: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A year with its figure in words, or several years together for which there is none (`figure` is empty)."""

    years: str
    figure: str
    cells: Sequence[Cell] = ()


@dataclass(frozen=True)
class Label:
    """A text of the picture and where it stands."""

    x: str
    y: str
    text: str


@dataclass(frozen=True)
class Trend:
    """What components/trend.html draws."""

    id: str
    title: str
    description: str
    unit: str
    view_box: str
    left: str
    right: str
    heights: list[Label]
    years: list[Label]
    lines: list[str]
    dots: list[Label]
    last: Label
    headers: Sequence[str]
    rows: list[Row]


def plain(value: Decimal) -> str:
    """Return `value` in the active language, with no more places than it has: "1,234.5" or « 1 234,5 »."""
    return number_format(Decimal(f"{value.normalize():f}"), use_l10n=True, force_grouping=True)


def trend(
    values: Mapping[int, Decimal | None],
    *,
    title: str,
    id: str,
    unit: str = "",
    write: Write = plain,
    scale: Sequence[Decimal] = (),
    is_joined: bool = True,
    description: str = "",
    headers: Sequence[str] = (),
    cells: Mapping[int, Sequence[Cell]] | None = None,
) -> Trend:
    """Return the picture and the table of `values` by year, in the active language; None is a year without a figure.

    `unit` heads the column of figures, `write` puts a figure into words, `scale` gives the heights that are marked (from none
    upward in even steps unless given); without `is_joined` there are only dots. `description` says in words what the picture shows (lowest, highest and latest unless
    given); missing years are always told. `cells` are further columns by year, under `headers`. Raises ValueError when there
    is no figure at all.
    """
    known = {year: value for year, value in sorted(values.items()) if value is not None}
    if not known:
        raise ValueError("A trend needs a figure.")
    gaps = missing(known)
    return Trend(
        id=id,
        title=title,
        description=" ".join(filter(None, (description or _in_words(known, write), _missing_words(gaps)))),
        unit=unit or _("Figure"),
        headers=headers,
        rows=_rows(known, gaps, write, cells or {}),
        **_picture(known, list(scale) or ticks(max(known.values())), write, is_joined),
    )


def _picture(known: Mapping[int, Decimal], heights: Sequence[Decimal], write: Write, is_joined: bool) -> dict[str, Any]:
    """What is drawn: the marked heights, the years, the lines, the dots and the last figure beside its dot."""
    left = _left(write(height) for height in heights)
    at = {year: (_along(year, known, left), _height(value, heights)) for year, value in known.items()}
    last = max(known)
    return {
        "view_box": f"0 0 {WIDTH} {HEIGHT}",
        "left": f"{left:.1f}",
        "right": f"{WIDTH - RIGHT:.1f}",
        "heights": [_label((left - 8, _height(height, heights)), write(height)) for height in heights],
        "years": [_label((_along(year, known, left), HEIGHT - 9), str(year)) for year in marked_years(known)],
        "lines": _lines(at) if is_joined else [],
        "dots": [_label(at[year], f"{year}: {write(known[year])}") for year in known],
        "last": _label((at[last][0], at[last][1] - 10), write(known[last])),
    }


def ticks(largest: Decimal) -> list[Decimal]:
    """Return the heights to mark, from 0 in even steps of 1, 2, 2.5 or 5 (times ten) up to `largest` or just above it."""
    if largest <= 0:
        return [Decimal(0), Decimal(1)]
    least = largest / STEPS
    ten = Decimal(10) ** least.adjusted()
    step = next(one * ten for one in map(Decimal, ("1", "2", "2.5", "5", "10")) if one * ten >= least)
    count = ceil(largest / step)
    return [step * number for number in range(count + 1)]


def marked_years(years: Iterable[int]) -> list[int]:
    """Return the years to write below the axis: the last one, and those before it in steps that leave them room."""
    first, last = min(years), max(years)
    step = next(one for one in (1, 2, 5, 10, 20, 50) if (last - first) / one <= YEARS or one == 50)
    return list(range(last, first - 1, -step))[::-1]


def missing(years: Iterable[int]) -> list[tuple[int, int]]:
    """Return the gaps between the first and the last of `years`, each as its first and last missing year."""
    ordered = sorted(years)
    return [(a + 1, b - 1) for a, b in pairwise(ordered) if b - a > 1]


def _left(labels: Iterable[str]) -> float:
    return 14 + LETTER * max(len(label) for label in labels)


def _along(year: int, known: Mapping[int, Decimal], left: float) -> float:
    """How far to the right `year` lies; a single year stands in the middle."""
    first, last = min(known), max(known)
    share = (year - first) / (last - first) if last > first else 0.5
    inset = 14
    return left + inset + share * (WIDTH - RIGHT - inset - left - inset)


def _height(value: Decimal, heights: Sequence[Decimal]) -> float:
    lowest, highest = heights[0], max(heights[-1], value)
    return HEIGHT - BOTTOM - float((value - lowest) / (highest - lowest)) * (HEIGHT - BOTTOM - TOP)


def _label(at: Point, text: str) -> Label:
    return Label(f"{at[0]:.1f}", f"{at[1]:.1f}", text)


def _lines(at: Mapping[int, Point]) -> list[str]:
    """One path for each run of years without a gap; a year alone is only a dot."""
    runs: list[list[Point]] = []
    before = None
    for year, point in at.items():
        if before is None or year - before > 1:
            runs.append([])
        runs[-1].append(point)
        before = year
    return ["M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run) for run in runs if len(run) > 1]


def _in_words(known: Mapping[int, Decimal], write: Write) -> str:
    first, last = min(known), max(known)
    if first == last:
        return _("One figure: %(figure)s in %(year)s.") % {"figure": write(known[last]), "year": last}
    low, high = min(known, key=lambda year: known[year]), max(known, key=lambda year: known[year])
    words: dict[str, Any] = {"number": len(known), "first": first, "last": last, "low_year": low, "high_year": high}
    words |= {"low": write(known[low]), "high": write(known[high]), "latest": write(known[last])}
    return (
        _(
            "%(number)s figures from %(first)s to %(last)s. Lowest: %(low)s in %(low_year)s. Highest: %(high)s in %(high_year)s. Latest: %(latest)s in %(last)s."
        )
        % words
    )


def _years_in_words(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _missing_words(gaps: Sequence[tuple[int, int]]) -> str:
    if not gaps:
        return ""
    number = sum(last - first + 1 for first, last in gaps)
    years = ", ".join(_years_in_words(*gap) for gap in gaps)
    return ngettext("No figure for this year: %(years)s.", "No figure for these years: %(years)s.", number) % {
        "years": years
    }


def _rows(
    known: Mapping[int, Decimal], gaps: Iterable[tuple[int, int]], write: Write, cells: Mapping[int, Sequence[Cell]]
) -> list[Row]:
    """The rows of the table, the latest year first."""
    found = {year: Row(str(year), write(value), cells.get(year, ())) for year, value in known.items()}
    found |= {first: Row(_years_in_words(first, last), "") for first, last in gaps}
    return [found[year] for year in sorted(found, reverse=True)]
