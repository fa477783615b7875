"""The letters of progress. The wording lies in templates/letters/progress/."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications.bilingual import both, day_words, url_words
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

from .models import Commitment, Inquiry, StrategyProfile

# `stage` and `confirmed` (a day) are empty while there is no profile, or nobody has confirmed it.
_ABOUT = ("name", "municipality", "stage", "confirmed", "url")

NUDGE = Kind("progress.nudge", Category.MENTORING, _ABOUT, essential=False, is_reminder=True)
NUDGE_AGAIN = Kind("progress.nudge_again", Category.MENTORING, _ABOUT, essential=False, is_reminder=True)
NOBODY_TO_ASK = Kind(
    "progress.nobody_to_ask",
    Category.MENTORING,
    ("name", "municipalities", "url"),
    essential=False,
    is_reminder=True,
)


def about(place: Municipality, profile: StrategyProfile | None, name: str) -> dict[str, dict[str, Any]]:
    """Return the values of the yearly question about `place` for the person called `name`, in both languages."""
    return {language: _about(place, profile, name, language) for language in ("en", "fr")}


def _about(place: Municipality, profile: StrategyProfile | None, name: str, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {
            "name": name,
            "municipality": place.name_in(language),
            "stage": str(profile.stage.label) if profile else "",
            "confirmed": _day(profile.confirmed_at, language) if profile else "",
            "url": absolute(reverse("progress:strategy", args=[place.slug])),
        }


def _day(instant: datetime | None, language: str) -> str:
    return day_in_words(timezone.localdate(instant), language) if instant else ""


def without_anybody(places: list[Municipality], name: str) -> dict[str, dict[str, Any]]:
    """Return the values of the line to a coordinator about municipalities in which nobody can be asked."""
    found = {}
    for language in ("en", "fr"):
        with translation.override(language):
            url = absolute(reverse("network:directory"))
            found[language] = {"name": name, "municipalities": [p.name_in(language) for p in places], "url": url}
    return found


# ---- commitments

# Each of `own` and `others` is {"text", "due"}; those of others say in `owner` who saw to it, and in `why` ("left", "silent")
# why somebody else is asked; "nobody" when the name was taken out.
HOW_FAR = Kind("progress.how_far", Category.MENTORING, ("name", "municipality", "own", "others", "url"))
# `is_personal`: the address is a key, for somebody who cannot sign in to see the page.
COMMITMENT_YOURS = Kind(
    "progress.commitment_yours",
    Category.MENTORING,
    ("name", "municipality", "commitment", "due", "origin", "by", "is_personal", "url"),
)

Asked = tuple[Commitment, str, str]  # what is asked about, who saw to it when that is not the reader, and why


def how_far(inquiry: Inquiry, asked: Iterable[Asked]) -> dict[str, dict[str, Any]]:
    """Return the values of the letter that asks about all of `asked` at once, in both languages."""
    url, rows = url_words("progress:answer", inquiry.token), list(asked)
    found = {}
    for code in ("en", "fr"):
        lines = [
            {"text": one.text, "due": _due(one.due_on, code), "owner": owner, "why": why} for one, owner, why in rows
        ]
        found[code] = {
            "name": inquiry.name,
            "municipality": inquiry.municipality.name_in(code),
            "own": [line for line in lines if not line["why"]],
            "others": [line for line in lines if line["why"]],
            "url": url[code],
        }
    return found


def _due(day: date, language: str) -> str:
    return day_words(day)[language]


def yours(one: Commitment, *, by_name: str, url: dict[str, str], is_personal: bool) -> dict[str, dict[str, Any]]:
    """Return the values of the letter to somebody who is named as the one who sees to `one`, in both languages."""
    titles = {"en": one.source_title_en, "fr": one.source_title_fr}
    values: dict[str, dict[str, Any]] = {
        "name": both(one.owner_name),
        "municipality": {code: one.municipality.name_in(code) for code in ("en", "fr")},
        "commitment": both(one.text),
        "due": day_words(one.due_on),
        "origin": titles,
        "by": both(by_name),
        "is_personal": both(is_personal),
        "url": url,
    }
    return {code: {name: value[code] for name, value in values.items()} for code in ("en", "fr")}
