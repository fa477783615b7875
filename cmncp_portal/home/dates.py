"""The dates of all activities, merged and sorted: by month on the page, all together in a calendar file."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.dates import MONTHS

from cmncp_portal.accounts.models import User
from cmncp_portal.core.context import network
from cmncp_portal.core.entries import CalendarEntry, to_ics
from cmncp_portal.core.text import active_language
from cmncp_portal.reporting.selectors import waiting as reports
from exchanges import selectors as exchanges
from meetings import selectors as meetings
from mentoring.selectors import entries as mentoring
from training.selectors import offerings as training

from .models import CalendarFeed

# One line per activity: (user, first day, last day) to entries.
Sources = tuple[Callable[[Any, date, date], list[CalendarEntry]], ...]
SOURCES: Sources = (
    exchanges.calendar_entries,
    meetings.calendar_entries,
    training.calendar_entries,
    mentoring.calendar_entries,
)
# The page shows what happens; the subscribed calendar also reminds of reports, which the own page has among what waits.
SUBSCRIBED = (*SOURCES, reports.calendar_entries)

YEARS = range(2000, 2100)
LATER = timedelta(days=366)  # how far the page looks for what comes after its month
BEFORE, AHEAD = timedelta(days=92), timedelta(days=400)  # what a subscribed calendar holds


def entries(user: Any, start: date, end: date, sources: Sources = SOURCES) -> list[CalendarEntry]:
    """Return the dates of all activities that concern `user` between `start` and `end` (inclusive), in order."""
    found = [entry for source in sources for entry in source(user, start, end)]
    return sorted(found, key=lambda entry: (entry.first_day, entry.last_day, entry.uid))


@dataclass(frozen=True)
class Month:
    """A month of the calendar; `str()` is its name in the active language."""

    first: date

    @classmethod
    def from_text(cls, text: str) -> "Month":
        """Read "2026-11"; anything else is the present month."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
        if match and int(match[1]) in YEARS and 1 <= int(match[2]) <= 12:
            return cls(date(int(match[1]), int(match[2]), 1))
        return cls(timezone.localdate().replace(day=1))

    def __str__(self) -> str:
        name = str(MONTHS[self.first.month])
        return f"{name.capitalize() if active_language() == 'fr' else name} {self.first.year}"

    @property
    def slug(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> "Month":
        return Month((self.first + timedelta(days=31)).replace(day=1))

    @property
    def previous(self) -> "Month":
        return Month((self.first - timedelta(days=1)).replace(day=1))


def month_page(user: Any, month: Month) -> tuple[list[CalendarEntry], list[CalendarEntry]]:
    """Return the dates of `user` that touch `month`, and the first few after it."""
    found = entries(user, month.first, month.last + LATER)
    now = [entry for entry in found if entry.first_day <= month.last]
    return now, [entry for entry in found if entry.first_day > month.last][:5]


def open_feed(user: User) -> CalendarFeed | None:
    """Return the calendar address of `user` that works now, or None."""
    return CalendarFeed.objects.filter(user=user, revoked_at__isnull=True).first()


def feed_file(feed: CalendarFeed) -> str:
    """Return the calendar file of the person whose `feed` it is, in that person's language."""
    user, today = feed.user, timezone.localdate()
    with translation.override(user.language):
        found = entries(user, today - BEFORE, today + AHEAD, SUBSCRIBED)
        return to_ics(found, language=user.language, name=network(user.language).acronym)
