"""When a reminder may leave: at 8:30 in the reader's own time, on a working day, and never long after its day.

What falls on a weekend or holiday moves to the next working day. A portal that slept is caught up within two working days.
The eve of an occasion is the exception: that letter leaves at 16:00 where the occasion is, whatever the day.
"""

from datetime import date, datetime, time, timedelta

from .days import REMINDER_TIME, add_working_days, is_working_day, local_day, local_instant, next_working_day

LOOK_BACK = 2  # working days for which what was missed is still sent
EVE = time(16, 0)
EASTERNMOST, WESTERNMOST = "America/St_Johns", "America/Whitehorse"  # The first and the last of Canada to reach 8:30.


def is_due(day: date, now: datetime, zone: str) -> bool:
    """Tell whether a reminder meant for `day` may leave at `now` for somebody in `zone`.

    From 8:30 on `day`, or on the working day after it, for two working days; not on a day that is none.
    """
    first = next_working_day(day)
    begins = local_instant(first, REMINDER_TIME, zone)
    ends = local_instant(add_working_days(first, LOOK_BACK), REMINDER_TIME, zone)
    return begins <= now < ends and is_working_day(local_day(now, zone))


def is_due_somewhere(day: date, now: datetime) -> bool:
    """Tell whether a reminder meant for `day` may leave at `now` anywhere in Canada; each recipient's own clock decides later."""
    return is_due(day, now, EASTERNMOST) or is_due(day, now, WESTERNMOST)


def is_eve(starts_on: date, now: datetime, zone: str) -> bool:
    """Tell whether `now` lies on the eve of `starts_on`, from 16:00 on, in `zone`. This never moves to another day."""
    eve = starts_on - timedelta(days=1)
    return now >= local_instant(eve, EVE, zone) and local_day(now, zone) == eve
