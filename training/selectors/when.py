"""When, where and in which language an offering is, in words: the same on pages, in letters and in files."""

from collections.abc import Iterable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _t

from cmncp_portal.core.dates import clock_in_words, day_in_words, days_in_words, instant_in_words, zone_in_words

from ..models import Offering, Session

TAUGHT = {
    "en": {"en": "English", "fr": "French", "both": "English and French"},
    "fr": {"en": "anglais", "fr": "français", "both": "anglais et français"},
}


def city_in(offering: Offering, language: str) -> str:
    """Return the place whose time is meant: the host when the offering keeps its time, else the city of the zone."""
    if offering.host and offering.host.time_zone == offering.time_zone:
        return offering.host.name_in(language)
    return offering.time_zone.rpartition("/")[2].replace("_", " ")


def zone_words(offering: Offering, language: str) -> str:
    """Return "Winnipeg time"."""
    return zone_in_words(city_in(offering, language), language)


def dates_in_words(offering: Offering, language: str) -> str:
    """Return "April 14–15, 2027", from the first day to the last; empty while no session is set."""
    if not offering.starts_on or not offering.ends_on:
        return ""
    return days_in_words(offering.starts_on, offering.ends_on, language)


def session_in_words(session: Session, language: str) -> str:
    """Return "Wednesday, April 14, 2027, 9:00 a.m. to 4:00 p.m.", or its French."""
    begins, ends = clock_in_words(session.begins_at, language), clock_in_words(session.finishes_at, language)
    day = day_in_words(session.day, language, weekday=True)
    return f"{day}, de {begins} à {ends}" if language == "fr" else f"{day}, {begins} to {ends}"


def sessions_in_words(sessions: Iterable[Session], language: str) -> list[str]:
    """Return a line for each session, in order."""
    return [session_in_words(session, language) for session in sessions]


def place_in_words(offering: Offering, language: str) -> str:
    """Return building and street, or "online"."""
    if offering.is_online:
        return "en ligne" if language == "fr" else "online"
    return ", ".join(part for part in (offering.venue, offering.address) if part)


def taught_in_words(offering: Offering, language: str) -> str:
    """Return "English", "French" or both, in `language`."""
    return TAUGHT[language][offering.language]


def own_time(offering: Offering, sessions: Iterable[Session], zone: str) -> str:
    """Return when the first session of an online offering begins by a clock in the IANA `zone`, in the active language.

    Empty when clocks there show the same time, or when people come to a place.
    """
    first = next(iter(sessions), None)
    if first is None or not offering.is_online or not zone:
        return ""
    first.offering = offering
    begins, _ends = first.instants()
    if begins.astimezone(ZoneInfo(zone)).utcoffset() == begins.utcoffset():
        return ""
    return instant_in_words(begins, zone, zone.rpartition("/")[2].replace("_", " "))


def completion_in_words(offering: Offering, count: int) -> str:
    """Return in the active language what completes an offering of `count` sessions."""
    needed = offering.sessions_needed
    if count <= 1:
        return _t("Who attends the session completes it.")
    if not needed or needed >= count:
        return _t("Who attends all %(count)s sessions completes it.") % {"count": count}
    return _t("Who attends %(needed)s of the %(count)s sessions completes it.") % {"needed": needed, "count": count}


def runs_of(sessions: Iterable[Session]) -> list[list[Session]]:
    """Return the sessions of days that follow one another together: each run is one event on a calendar."""
    runs: list[list[Session]] = []
    for session in sorted(sessions, key=lambda one: (one.day, one.begins_at)):
        if runs and session.day - runs[-1][-1].day <= timedelta(days=1):
            runs[-1].append(session)
        else:
            runs.append([session])
    return runs
