"""The table of fees as people read it: in words, with its day and its source."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cmncp_portal.core.money import money_in_words
from cmncp_portal.network.models import Membership

from ..models import FeeTier


@dataclass(frozen=True)
class Line:
    """A size in words, and what it costs a year."""

    size: str
    fee: str


@dataclass(frozen=True)
class Table:
    """The fees of one class from a day on. `is_invented` marks figures of the demonstration."""

    kind: str
    label: str
    effective_from: date
    sources: list[str]
    lines: list[Line]
    is_invented: bool


def in_force() -> list[FeeTier]:
    """Return the tiers that hold today, for all classes. One query."""
    return list(FeeTier.objects.in_force())


def tables(tiers: Iterable[FeeTier]) -> list[Table]:
    """Return `tiers`, in the order of the model, as one table for each class and day."""
    found = []
    for (kind, day), group in groupby(tiers, key=lambda tier: (tier.kind, tier.effective_from)):
        rows = list(group)
        sources = list(dict.fromkeys(row.source for row in rows if row.source))
        lines = [Line(size_in_words(row), money_in_words(row.annual_fee)) for row in rows]
        label = str(Membership.Kind(kind).label)
        found.append(Table(kind, label, day, sources, lines, any(row.is_demonstration for row in rows)))
    return sorted(found, key=lambda table: (table.kind != Membership.Kind.GENERAL, -table.effective_from.toordinal()))


def all_tables() -> list[Table]:
    """Return every table there was and will be, newest first within its class. One query."""
    return tables(FeeTier.objects.all())


def size_in_words(tier: FeeTier) -> str:
    """Return the size that a tier is for, such as "20,000 to under 100,000 people"."""
    first, last = _number(tier.population_from), _number(tier.population_to)
    if tier.population_to is None:
        return _("any size") if tier.population_from == 0 else _("%(first)s people and more") % {"first": first}
    if tier.population_from == 0:
        return _("under %(last)s people") % {"last": last}
    return _("%(first)s to under %(last)s people") % {"first": first, "last": last}


def _number(value: int | None) -> str:
    return "" if value is None else number_format(value, use_l10n=True, force_grouping=True)


@dataclass(frozen=True)
class Cost:
    """What a community of that size would pay a year, in a class."""

    label: str
    fee: str


def costs(tiers: Iterable[FeeTier], population: int) -> list[Cost]:
    """Return what `tiers` ask of a community of `population` people, one line per class; nothing for a class without a table."""
    found: list[Any] = [tier for tier in tiers if tier.holds(population)]
    found.sort(key=lambda tier: tier.kind != Membership.Kind.GENERAL)
    return [Cost(str(Membership.Kind(tier.kind).label), money_in_words(tier.annual_fee)) for tier in found]
