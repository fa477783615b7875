"""What a figure of a report is made of: the period, the indicator with its definition, the cells, and what was counted.

Nothing is hidden here. A figure holds everything, for those who make the report; `suppression.protect` decides what is published.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from django.utils.translation import override

if TYPE_CHECKING:
    from .facts import Facts

DEFINITIONS = 1  # version of the whole set: one more whenever a definition changes or an indicator comes or goes
COUNT, PERCENT, MEAN, DAYS, DOLLARS, HOURS = "count", "percent", "mean", "days", "dollars", "hours"
PLACES = {PERCENT: 1, MEAN: 2, DAYS: 1, HOURS: 1}  # decimals of a published value, by unit
TOTAL = "total"  # dimension of the cell that holds everything
FISCAL_YEAR_BEGINS = 4  # month

Words = tuple[str, str]  # the same in English and in French
Number = int | Fraction | Decimal
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included. The day of a thing is the one of the place where it happened."""

    from_on: date
    until_on: date

    def __contains__(self, day: date) -> bool:
        return self.from_on <= day <= self.until_on


def fiscal_year(day: date) -> Period:
    """Return the federal fiscal year in which `day` lies: April 1 to March 31."""
    year = day.year if day.month >= FISCAL_YEAR_BEGINS else day.year - 1
    return Period(date(year, FISCAL_YEAR_BEGINS, 1), date(year + 1, FISCAL_YEAR_BEGINS, 1) - timedelta(days=1))


def both(text: Any) -> Words:
    """Return a lazy text in English and in French."""
    with override("en"):
        en = str(text)
    with override("fr"):
        return en, str(text)


def in_both(words: Words) -> dict[str, str]:
    return {"en": words[0], "fr": words[1]}


@dataclass(frozen=True)
class Indicator:
    """Something that reports count. `definition` says what exactly, `source` who asks for it; both are for people to read.

    `version` grows when the definition does. `section` is a value of `Narrative.Section`, `unit` one of those above.
    `reveals` tells that a share says what people answered: then those who did not answer so are protected as well.
    """

    code: str
    section: str
    name: Any
    definition: Any
    source: Any
    unit: str
    version: int
    compute: "Callable[[Facts], Figure]" = field(repr=False)
    reveals: bool = False


@dataclass(frozen=True)
class Counted:
    """One thing behind a figure. `key` names it ("visit-4"), `on` is the day by which it counts; `excluded` says why it does not."""

    key: str
    label: Words
    path: str
    on: date | None
    value: str = ""
    excluded: Words = ("", "")


@dataclass(frozen=True)
class Cell:
    """One number of a figure: the whole, or one category of a dimension (province, size, language, side, activity, sector…).

    A count has its `value` and the same `n`. A mean or median has `n`, how many it is made of. A share has `n` of `denominator`.
    `value` is None when there is nothing to make it of. `people` are those it is counted over, as stable keys ("response:12",
    "person:…"), and `part` those among them in the numerator of a share; None where things are counted, not people.
    """

    dimension: str
    category: str
    label: Words
    people: frozenset[str] | None
    value: Number | None
    n: int
    denominator: int | None = None
    part: frozenset[str] | None = None

    def as_data(self, unit: str) -> dict[str, Any]:
        return {
            "dimension": self.dimension,
            "category": self.category,
            "label": in_both(self.label),
            "value": rounded(self.value, unit),
            "n": self.n,
            "denominator": self.denominator,
            "hidden": False,
        }


def rounded(value: Number | None, unit: str) -> int | float | None:
    """Return `value` as it is published: whole, or with the decimals of its unit, halves away from zero."""
    if value is None:
        return None
    scale = 10 ** PLACES.get(unit, 0)
    doubled = Fraction(value) * scale * 2
    whole = (abs(doubled) + 1) // 2 * (1 if doubled >= 0 else -1)
    return int(whole) if scale == 1 else float(Fraction(whole, scale))


@dataclass(frozen=True)
class Figure:
    """An indicator counted for a period. `excluded` is how many were left out and `why`; `excluded_people` who, where they are people."""

    indicator: Indicator
    total: Cell
    cells: list[Cell] = field(default_factory=list)
    excluded: int = 0
    why: Words = ("", "")
    records: list[Counted] = field(default_factory=list)
    excluded_people: frozenset[str] | None = None

    def as_data(self) -> dict[str, Any]:
        """Return the figure with its definition in both languages, ready for JSON, without anybody's key."""
        told = self.indicator
        return {
            "code": told.code,
            "section": str(told.section),
            "name": in_both(both(told.name)),
            "definition": in_both(both(told.definition)),
            "source": in_both(both(told.source)),
            "unit": told.unit,
            "version": told.version,
            "total": self.total.as_data(told.unit),
            "cells": [cell.as_data(told.unit) for cell in self.cells],
            "excluded": {"count": self.excluded, "why": in_both(self.why), "hidden": False},
        }


REGISTRY: dict[str, Indicator] = {}


def indicator(
    code: str,
    *,
    section: str,
    name: Any,
    definition: Any,
    source: Any,
    unit: str,
    version: int = 1,
    reveals: bool = False,
) -> Callable[["Callable[[Indicator, Facts], Figure]"], "Callable[[Indicator, Facts], Figure]"]:
    """Register the decorated function as the one that counts `code`. It is given the indicator and the facts of the period."""

    def register(count: "Callable[[Indicator, Facts], Figure]") -> "Callable[[Indicator, Facts], Figure]":
        made = Indicator(
            code, section, name, definition, source, unit, version, lambda facts: count(made, facts), reveals
        )
        REGISTRY[code] = made
        return count

    return register


def chosen(codes: Collection[str]) -> list[Indicator]:
    """Return the indicators of `codes` in the order of the report; all when `codes` is empty. Unknown codes are passed over."""
    return [one for code, one in REGISTRY.items() if not codes or code in codes]


def compute(period: Period, codes: Sequence[str] = (), on_progress: Progress | None = None) -> list[Figure]:
    """Count `codes` (all when empty) for `period`. `on_progress(done, of)` is called before the first and after each."""
    from .facts import Facts

    facts, todo, figures = Facts(period), chosen(codes), []
    for done, one in enumerate(todo):
        if on_progress:
            on_progress(done, len(todo))
        figures.append(one.compute(facts))
    if on_progress:
        on_progress(len(todo), len(todo))
    return figures
