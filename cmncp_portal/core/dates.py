"""Days and clock times in words, in a given language. For pages and for letters alike.

Canadian usage: November 17, 2026, 9:00 a.m. — 17 novembre 2026, 9 h.
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _

from .text import active_language

NBSP = "\u00a0"


def _month(number: int, language: str) -> str:
    with translation.override(language):
        return str(MONTHS[number])


def day_in_words(day: date, language: str | None = None, *, weekday: bool = False) -> str:
    """Return "November 17, 2026" or « 17 novembre 2026 » (« 1er » for the first)."""
    language = language or active_language()
    month = _month(day.month, language)
    if language == "fr":
        number = "1er" if day.day == 1 else str(day.day)
        text = f"{number}{NBSP}{month}{NBSP}{day.year}"
    else:
        text = f"{month} {day.day}, {day.year}"
    if not weekday:
        return text
    with translation.override(language):
        name = str(WEEKDAYS[day.weekday()])
    return f"{name} {text}" if language == "fr" else f"{name}, {text}"


def days_in_words(first: date, last: date, language: str | None = None) -> str:
    """Return "November 17–18, 2026" or « du 17 au 18 novembre 2026 »; one day as a day."""
    language = language or active_language()
    if first == last:
        return day_in_words(first, language)
    same_year, same_month = first.year == last.year, (first.year, first.month) == (last.year, last.month)
    if language == "fr":
        number = "1er" if first.day == 1 else str(first.day)
        start = (
            number
            if same_month
            else f"{number}{NBSP}{_month(first.month, 'fr')}" + ("" if same_year else f"{NBSP}{first.year}")
        )
        return f"du {start} au {day_in_words(last, 'fr')}"
    if same_month:
        return f"{_month(first.month, 'en')} {first.day}–{last.day}, {first.year}"
    start = f"{_month(first.month, 'en')} {first.day}" + ("" if same_year else f", {first.year}")
    return f"{start} – {day_in_words(last, 'en')}"


def clock_in_words(clock: time | datetime, language: str | None = None) -> str:
    """Return "9:00 a.m." or « 9 h » (« 13 h 30 »)."""
    if (language or active_language()) == "fr":
        return f"{clock.hour}{NBSP}h" + (f"{NBSP}{clock.minute:02d}" if clock.minute else "")
    return f"{clock.hour % 12 or 12}:{clock.minute:02d}{NBSP}{'a.m.' if clock.hour < 12 else 'p.m.'}"


def zone_in_words(place: str, language: str | None = None) -> str:
    """Return "Winnipeg time" or « heure locale, Winnipeg »: abbreviations of zones are no longer safe to print (BC, AB, MB)."""
    with translation.override(language or active_language()):
        return _("%(place)s time") % {"place": place}


def instant_in_words(instant: datetime, zone: str, place: str, language: str | None = None) -> str:
    """Return day, clock time and zone in words of an aware `instant`, as it is in the IANA `zone` of `place`."""
    language = language or active_language()
    local = instant.astimezone(ZoneInfo(zone))
    return (
        f"{day_in_words(local.date(), language)}, {clock_in_words(local, language)} ({zone_in_words(place, language)})"
    )
