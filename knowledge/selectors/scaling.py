"""Key numbers for a place of one's own, with the formula in words; and how to cite a brief."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from cmncp_portal.core.context import network
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import active_language, other
from cmncp_portal.network.rules import places_of

from ..models import ActionBrief, Edition, KeyNumber

MOST = 100_000_000  # residents; more than any place in Canada has
TENTHS_BELOW = 10


@dataclass(frozen=True)
class Scale:
    """For how many residents the numbers are worked out; `place` names them when it is the reader's own municipality.

    `typed` is what stands in the form, `is_wrong` that it is no number of residents.
    """

    population: int | None = None
    place: Any = ""
    typed: str = ""
    is_wrong: bool = False

    @property
    def in_words(self) -> str:
        return in_figures(Decimal(self.population)) if self.population else ""


@dataclass(frozen=True)
class Figure:
    """A key number as it is shown. `here` and `formula` are empty when it does not grow with the population."""

    number: KeyNumber
    value: str
    base: str
    here: str
    formula: str


def scale_for(user: Any, typed: str) -> Scale:
    """Return the scale for what somebody typed, such as "75 000"; else that of the reader's municipality, else none."""
    typed = " ".join(typed.replace("\x00", "").split())[:20]
    if typed:
        digits = re.sub(r"[\s,.'’]", "", typed)
        found = int(digits) if digits.isascii() and digits.isdigit() else 0
        return Scale(found, typed=typed) if 0 < found <= MOST else Scale(typed=typed, is_wrong=True)
    own = next((p.municipality for p in places_of(user) if p.municipality.population), None)
    return Scale(own.population, own.name) if own else Scale()


def figures(numbers: Iterable[KeyNumber], scale: Scale) -> list[Figure]:
    """Return the key numbers as they are shown, in the active language."""
    return [_figure(number, scale) for number in numbers]


def _figure(number: KeyNumber, scale: Scale) -> Figure:
    value, base = in_figures(number.value), number.base_population
    scaled = number.scaled_to(scale.population)
    base_words = in_figures(Decimal(base)) if base else ""
    if scaled is None:
        return Figure(number, value, base_words, "", "")
    return Figure(number, value, base_words, _rounded(scaled), f"{value} × {scale.in_words} ÷ {base_words}")


def _rounded(value: Decimal) -> str:
    step = Decimal("0.1") if abs(value) < TENTHS_BELOW else Decimal(1)
    return in_figures(value.quantize(step, ROUND_HALF_UP))


def in_figures(value: Decimal) -> str:
    """Return `value` as the active language writes it: thousands apart, no zeros behind the decimal sign."""
    plain = value.normalize()
    exact = plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain
    return number_format(exact, use_l10n=True, force_grouping=True)


def citations(brief: ActionBrief) -> list[tuple[str, str]]:
    """Return language and sentence for citing `brief`, one for each language in which it is published, the reader's first."""
    here = active_language()
    editions = [brief.by_language.get(code) for code in (here, other(here))]
    return [(e.language, _citation(brief, e)) for e in editions if e is not None and e.is_published]


def _citation(brief: ActionBrief, edition: Edition) -> str:
    published = brief.first_published_on or timezone.localdate(brief.published_at or edition.published_at)
    with translation.override(edition.language):
        parts = {
            "authors": brief.authors or network(edition.language).name,
            "title": edition.published.get("title", ""),
            "number": _("Action brief %(number)s") % {"number": brief.reference}
            if brief.reference
            else _("Action brief"),
            "network": network(edition.language).name,
            "year": published.year,
            "url": brief.archive_url or absolute(reverse("knowledge:brief", args=[brief.slug])),
        }
        if brief.is_archival:
            return _("%(authors)s. “%(title)s”. %(year)s. %(url)s") % parts
        return _("%(authors)s. “%(title)s”. %(number)s. %(network)s, %(year)s. %(url)s") % parts
