"""How figures are broken down: the categories of a place, a person, an answer, with their words in both languages."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.evaluation.models import Occasion
from cmncp_portal.network.models import Province
from cmncp_portal.network.selectors import SIZE_BANDS

from .base import Words, both
from .facts import Facts

UNKNOWN = ""
SIZES = dict(
    zip(
        SIZE_BANDS,
        (
            pgettext_lazy("population", "under 20,000"),
            pgettext_lazy("population", "20,000 to 100,000"),
            pgettext_lazy("population", "100,000 to 500,000"),
            pgettext_lazy("population", "over 500,000"),
        ),
        strict=True,
    )
)
OF_PLACES = {"en": _("English"), "fr": _("French"), "both": _("English and French")}
SIDES = {
    "exchange.visitors": pgettext_lazy("side in a report", "Exchange visits: visitors"),
    "exchange.hosts": pgettext_lazy("side in a report", "Exchange visits: hosts"),
    "meeting.": pgettext_lazy("side in a report", "Meetings: participants"),
    "training.": pgettext_lazy("side in a report", "Training: participants"),
    "mentoring.mentor": pgettext_lazy("side in a report", "Mentoring: mentors"),
    "mentoring.mentee": pgettext_lazy("side in a report", "Mentoring: mentored municipalities"),
}
NOT_KNOWN = _("Not known")
ORDER: dict[str, tuple[str, ...]] = {
    "activity": tuple(Occasion.Activity.values),
    "side": tuple(SIDES),
    "province": tuple(Province.values),
    "size": tuple(SIZE_BANDS),
    "language": ("en", "fr", "both"),
}


@dataclass(frozen=True, order=True)
class Category:
    """One category of a dimension, in the order in which a table shows it."""

    dimension: str
    rank: int
    code: str
    label: Words


@cache
def _words(dimension: str, code: str) -> Words:
    named: dict[str, Any] = {
        "activity": dict(Occasion.Activity.choices),
        "side": SIDES,
        "province": dict(Province.choices),
        "size": SIZES,
        "language": dict(Language.choices) | OF_PLACES,
    }
    return both(named.get(dimension, {}).get(code, NOT_KNOWN))


def category(dimension: str, code: str, label: Words | None = None) -> Category:
    """Return the category; `label` where its words are not fixed. What is not known comes last."""
    order = ORDER.get(dimension, ())
    rank = order.index(code) if code in order else len(order) + (code == UNKNOWN)
    return Category(dimension, rank, code, label or _words(dimension, code))


def of_place(facts: Facts, pk: int | None, *, language: bool = True) -> tuple[Category, ...]:
    """Return province, size and official language of a municipality; all unknown without one."""
    place = facts.places.get(pk) if pk else None
    spoken = ("both" if len(place.languages) > 1 else place.languages[0]) if place and place.languages else UNKNOWN
    found = (
        category("province", place.province if place else UNKNOWN),
        category("size", place.size if place else UNKNOWN),
    )
    return (*found, category("language", spoken)) if language else found


def of_language(code: str) -> Category:
    """Return the category of the language of a person or a request."""
    return category("language", code)


def of_sector(facts: Facts, slug: str) -> Category:
    """Return the sector in which somebody works."""
    return category("sector", slug, facts.sectors.get(slug))


def of_activity(activity: str, side: str) -> tuple[Category, ...]:
    """Return activity and side of an occasion."""
    code = f"{activity}.{side}"
    known = code if code in SIDES else f"{activity}." if f"{activity}." in SIDES else UNKNOWN
    return (category("activity", activity), category("side", known))
