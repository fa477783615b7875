"""A date on a calendar, and its form as an .ics file (RFC 5545, RFC 5546)."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

import icalendar
from django.conf import settings
from django.utils import timezone

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True)
class CalendarEntry:
    """`start` and `end` are aware datetimes in the place's zone, or dates for whole days (`end` is the last day)."""

    uid: str
    title: str
    start: datetime | date
    end: datetime | date
    place: str = ""
    url: str = ""
    tone: str = "neutral"
    sequence: int = 0
    cancelled: bool = False
    description: str = ""
    activity: str = ""
    state: str = ""
    attendees: tuple[tuple[str, str], ...] = field(default=())

    @property
    def first_day(self) -> date:
        return self.start.date() if isinstance(self.start, datetime) else self.start

    @property
    def last_day(self) -> date:
        return self.end.date() if isinstance(self.end, datetime) else self.end


def _event(entry: CalendarEntry, method: Method, language: str) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", timezone.now())
    event.add("dtstart", entry.start)
    whole_day = not isinstance(entry.end, datetime)
    event.add("dtend", entry.end + timedelta(days=1) if whole_day else entry.end)
    event.add("summary", icalendar.vText(entry.title), parameters={"LANGUAGE": f"{language}-CA"})
    event.add("status", "CANCELLED" if method == "CANCEL" or entry.cancelled else "CONFIRMED")
    for name, value in (("location", entry.place), ("description", entry.description), ("url", entry.url)):
        if value:
            event.add(name, value)
    if method != "PUBLISH":
        _people(event, entry, language)
    return event


def _people(event: icalendar.Event, entry: CalendarEntry, language: str) -> None:
    organizer = icalendar.vCalAddress(f"mailto:{settings.DEFAULT_FROM_ADDRESS}")
    organizer.params["CN"] = icalendar.vText(getattr(settings, f"NETWORK_ACRONYM_{language.upper()}"))
    event["organizer"] = organizer
    for name, email in entry.attendees:
        attendee = icalendar.vCalAddress(f"mailto:{email}")
        attendee.params["CN"] = icalendar.vText(name)
        attendee.params["PARTSTAT"] = icalendar.vText("ACCEPTED")
        event.add("attendee", attendee, encode=False)


@lru_cache(maxsize=64)
def _time_zone(zone: str, first: int, last: int) -> icalendar.Timezone:
    """Return the VTIMEZONE of an IANA `zone` for the years `first` to `last`. Making one takes longer than a whole letter."""
    return icalendar.Timezone.from_tzid(zone, first_date=date(first, 1, 1), last_date=date(last, 12, 31))


def to_ics(entries: list[CalendarEntry], *, method: Method = "PUBLISH", language: str = "en", name: str = "") -> str:
    """Return a calendar file with its time zones. Outlook updates an event only if UID stays and SEQUENCE rises."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//CMNCP RMCPC//Portal//{language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", icalendar.vText(name))
    for entry in entries:
        calendar.add_component(_event(entry, method, language))
    if entries:
        first = min(e.first_day for e in entries).year - 1
        last = max(e.last_day for e in entries).year + 1
        for zone in sorted(calendar.get_missing_tzids()):
            calendar.add_component(_time_zone(zone, first, last))
    return calendar.to_ical().decode()
