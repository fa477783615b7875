"""Letters about offerings and places, and the values that all of them may use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.dates import clock_in_words, day_in_words, zone_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.rendering import Letter, render

from ..models import Enrolment, Offering, Session
from ..selectors.when import city_in, dates_in_words, place_in_words, sessions_in_words, taught_in_words, zone_words
from .common import both, kind

# `sessions` are lines of words; `taught` is the language.
WHEN_WHERE = ("title", "dates", "sessions", "zone", "place", "taught")

# --- places
PLACE_CONFIRMED = kind("place_confirmed", *WHEN_WHERE, "by", "is_online", "practical")
PLACE_REQUESTED = kind("place_requested", *WHEN_WHERE, "by")
PLACE_WAITING = kind("place_waiting", *WHEN_WHERE, "by", "position")
PLACE_DECLINED = kind("place_declined", "title", "dates", "word")
PLACE_CANCELLED = kind("place_cancelled", "title", "dates", "by", "word")
OFF_WAITING_LIST = kind("off_waiting_list", *WHEN_WHERE, "until", "is_online")
PLACE_NOT_ME = kind("place_not_me", "title", "dates", "person")
# --- changes
OFFERING_CHANGED = kind("offering_changed", *WHEN_WHERE, "changes", "word", "urgent")
OFFERING_CANCELLED = kind("offering_cancelled", "title", "dates", "zone", "word", "urgent")
# --- before and after. `assessment` is the address of the self-assessment, empty when it was given.
PRACTICAL = kind("offering_practical", *WHEN_WHERE, "is_online", "join_link", "practical", "assessment", reminder=True)
EVE = kind("offering_eve", "title", "session", "zone", "join_link")
AFTERWARDS = kind("offering_afterwards", "title", "dates", "until", reminder=True)
APPROVAL_WAITS = kind("approval_waits", "title", "dates", "count", reminder=True)
ATTENDANCE_DUE = kind("attendance_due", "title", "dates", reminder=True)
# `holds` says whether it counts again, or does not any more.
COMPLETION_CHANGED = kind("completion_changed", "title", "dates", "competencies", "holds")

REMINDERS = (PRACTICAL, EVE, AFTERWARDS, APPROVAL_WAITS, ATTENDANCE_DUE)
ABOUT_PLACES = (PLACE_CONFIRMED, PLACE_REQUESTED, PLACE_WAITING, OFF_WAITING_LIST)


def letter_values(offering: Offering, sessions: Sequence[Session], **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values about `offering` that letters use, in both languages. Each keyword of `more` is {"en": …, "fr": …}."""
    return {
        code: _values(offering, sessions, code) | {name: value[code] for name, value in more.items()}
        for code in ("en", "fr")
    }


def _values(offering: Offering, sessions: Sequence[Session], language: str) -> dict[str, Any]:
    with translation.override(language):
        title = offering.module.title_in(language)
        practical = (offering.practical_fr if language == "fr" else offering.practical_en) or str(offering.practical)
        return {
            "title": title,
            "heading": _heading(offering, title, language),
            "dates": dates_in_words(offering, language),
            "sessions": sessions_in_words(sessions, language),
            "zone": zone_words(offering, language),
            "place": place_in_words(offering, language),
            "taught": taught_in_words(offering, language),
            "practical": practical,
            "is_online": offering.is_online,
            "url": absolute(offering.get_absolute_url()),
        }


def _heading(offering: Offering, title: str, language: str) -> str:
    """Return "Planning with the community, Winnipeg": the title and in a word where; a subject has no room for a street."""
    where = offering.host.name_in(language) if offering.host else offering.venue or offering.address
    if offering.is_online:
        where = "en ligne" if language == "fr" else "online"
    return ", ".join(part for part in (title, where) if part)


def instant_words(instant: datetime, offering: Offering) -> dict[str, str]:
    """Return day, clock and zone of an aware `instant` where the offering is, per language."""
    local = instant.astimezone(ZoneInfo(offering.time_zone))
    found = {}
    for code in ("en", "fr"):
        zone = zone_in_words(city_in(offering, code), code)
        found[code] = f"{day_in_words(local.date(), code, weekday=True)}, {clock_in_words(local, code)} ({zone})"
    return found


def personal_urls(place: Enrolment, page: str = "place", *args: Any) -> dict[str, str]:
    """Return the full address of a personal page of `place` (a URL name of this app), per language."""
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = absolute(reverse(f"training:{page}", args=[place.token, *args]))
    return found


def preview(
    kind: Kind, offering: Offering, sessions: Sequence[Session], *, name: dict[str, str], **more: dict[str, Any]
) -> list[tuple[str, Letter]]:
    """Return the letter of `kind` as it would be sent now, in English and in French, to show it before it is sent."""
    values = letter_values(offering, sessions, **more)
    return [(code, render(kind, code, {c: values[c] | {"name": name[c]} for c in values})) for code in ("en", "fr")]


__all__ = [
    "ABOUT_PLACES", "AFTERWARDS", "APPROVAL_WAITS", "ATTENDANCE_DUE", "COMPLETION_CHANGED", "EVE", "OFFERING_CANCELLED",
    "OFFERING_CHANGED", "OFF_WAITING_LIST", "PLACE_CANCELLED", "PLACE_CONFIRMED", "PLACE_DECLINED", "PLACE_NOT_ME",
    "PLACE_REQUESTED", "PLACE_WAITING", "PRACTICAL", "REMINDERS", "both", "instant_words", "letter_values",
    "personal_urls", "preview",
]  # fmt: skip
