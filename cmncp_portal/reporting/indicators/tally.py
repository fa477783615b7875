"""From things to figures: counts, shares, means, medians and sums, as a whole and by category."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from statistics import median

from .base import TOTAL, Cell, Counted, Figure, Indicator, Number, Words, both
from .categories import Category

EVERYTHING: Words = ("", "")


@dataclass(frozen=True)
class Item:
    """One thing that is counted. `person` is the key of whom it stands for (None: it is a thing, or a municipality).

    `value` enters means, medians and sums; `is_part` says that it is in the numerator of a share.
    """

    record: Counted
    categories: tuple[Category, ...]
    person: str | None = None
    value: Number = 1
    is_part: bool = False


@dataclass(frozen=True)
class LeftOut:
    """What was not counted and why. `person` as in Item."""

    record: Counted
    person: str | None = None


Measure = Callable[[Sequence[Item]], tuple[Number | None, int, int | None]]


def count(items: Sequence[Item]) -> tuple[Number | None, int, int | None]:
    return len(items), len(items), None


def mean(items: Sequence[Item]) -> tuple[Number | None, int, int | None]:
    whole = sum((Fraction(item.value) for item in items), Fraction())
    return (whole / len(items) if items else None), len(items), None


def middle(items: Sequence[Item]) -> tuple[Number | None, int, int | None]:
    return (median(Fraction(item.value) for item in items) if items else None), len(items), None


def share(items: Sequence[Item]) -> tuple[Number | None, int, int | None]:
    part = sum(item.is_part for item in items)
    return (Fraction(100 * part, len(items)) if items else None), part, len(items)


def total(items: Sequence[Item]) -> tuple[Number | None, int, int | None]:
    return sum((Fraction(item.value) for item in items), Fraction()), len(items), None


def figure(
    indicator: Indicator,
    items: Iterable[Item],
    measure: Measure,
    *,
    left_out: Iterable[LeftOut] = (),
    why: object = "",
    people: bool = False,
) -> Figure:
    """Count `items` with `measure`. `people` says that they stand for persons, whose keys suppression needs."""
    items, left = list(items), list(left_out)
    by_category: dict[Category, list[Item]] = {}
    for item in items:
        for one in dict.fromkeys(item.categories):
            by_category.setdefault(one, []).append(item)
    dimensions = list(dict.fromkeys(one.dimension for item in items for one in item.categories))
    order = sorted(by_category, key=lambda one: (dimensions.index(one.dimension), one.rank, one.label, one.code))
    excluded = both(why)
    return Figure(
        indicator,
        _cell(TOTAL, "", EVERYTHING, items, measure, people=people),
        [_cell(one.dimension, one.code, one.label, by_category[one], measure, people=people) for one in order],
        len(left),
        excluded if left else ("", ""),
        [_recorded(item, measure) for item in items] + [replace(one.record, excluded=excluded) for one in left],
        frozenset(one.person for one in left if one.person) if people else None,
    )


def _cell(dimension: str, code: str, label: Words, items: Sequence[Item], measure: Measure, *, people: bool) -> Cell:
    value, n, denominator = measure(items)
    keys = frozenset(item.person for item in items if item.person) if people else None
    part = frozenset(item.person for item in items if item.person and item.is_part) if people else None
    return Cell(dimension, code, label, keys, value, n, denominator, part if measure is share else None)


def _recorded(item: Item, measure: Measure) -> Counted:
    """The record with its own share in the figure, so that a list of records adds up to it."""
    if item.record.value:
        return item.record
    if measure is share:
        return replace(item.record, value="1" if item.is_part else "0")
    if measure is count:
        return item.record
    told = Fraction(item.value)
    return replace(item.record, value=str(told.numerator) if told.denominator == 1 else f"{float(told):.2f}")
