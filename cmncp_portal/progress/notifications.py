"""The letters of progress. The wording lies in templates/letters/progress/."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

from .models import StrategyProfile

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
