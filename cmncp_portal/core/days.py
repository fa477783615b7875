"""Working days and clock times across Canada's zones.

Holidays are the ten general holidays of the Canada Labour Code (Part III, Division V): New Year's Day, Good Friday, Victoria
Day, Canada Day, Labour Day, National Day for Truth and Reconciliation (since 2021), Thanksgiving, Remembrance Day, Christmas and
Boxing Day; the working day after when one falls on a weekend. The `holidays` package calls this list "government". Holidays of
one province (Family Day, Saint-Jean-Baptiste, the civic holiday in August) and Easter Monday are working days here: a letter goes
to several provinces at once.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

REMINDER_TIME = time(8, 30)


@lru_cache(maxsize=16)
def _federal(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("CA", years=year, categories=("public", "government")))


def is_working_day(day: date) -> bool:
    """Tell whether letters that can wait may go out on `day`: not on a weekend or a holiday of the federal list."""
    return day.weekday() < 5 and day not in _federal(day.year)


def next_working_day(day: date) -> date:
    """Return `day` itself when it is a working day, else the first one after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """Return the working day that lies `count` working days after `day` (before it when negative).

    With 0, `day` itself or the first working day after it.
    """
    if count == 0:
        return next_working_day(day)
    step = 1 if count > 0 else -1
    for _turn in range(abs(count)):
        day += timedelta(days=step)
        while not is_working_day(day):
            day += timedelta(days=step)
    return day


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or the last one of a shorter month: January 31 and one is February 28."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def local_instant(day: date, clock: time, zone: str) -> datetime:
    """Return the aware instant of wall-clock `clock` on `day` in the IANA zone `zone`."""
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone))


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day that `instant` is in the IANA zone `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def instants_around(from_on: date, until_on: date) -> tuple[datetime, datetime]:
    """Return instants between which the days `from_on` to `until_on` lie in whatever zone, to narrow a query down.

    What is found between them may lie a little outside: it is tried by its own `local_day`.
    """
    begins = datetime.combine(from_on - timedelta(days=1), time(), tzinfo=UTC)
    return begins, datetime.combine(until_on + timedelta(days=2), time(), tzinfo=UTC)
