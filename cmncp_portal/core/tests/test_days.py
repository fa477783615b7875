"""Working days of the whole country, and clock times that survive the end of clock changes in the West (2026)."""

from datetime import UTC, date, datetime, time

import pytest

from cmncp_portal.core.days import (
    add_working_days,
    is_working_day,
    local_day,
    local_instant,
    next_working_day,
)

GENERAL_HOLIDAYS_2027 = {
    date(2027, 1, 1): "New Year’s Day",
    date(2027, 3, 26): "Good Friday",
    date(2027, 5, 24): "Victoria Day",
    date(2027, 7, 1): "Canada Day",
    date(2027, 9, 6): "Labour Day",
    date(2027, 9, 30): "National Day for Truth and Reconciliation",
    date(2027, 10, 11): "Thanksgiving",
    date(2027, 11, 11): "Remembrance Day",
    date(2027, 12, 27): "Christmas, a Saturday in 2027",
    date(2027, 12, 28): "Boxing Day, a Sunday in 2027",
}


def test_the_weekdays_off_of_a_year_are_the_ten_of_the_labour_code() -> None:
    first = date(2027, 1, 1).toordinal()
    year = [date.fromordinal(first + n) for n in range(365)]
    assert [day for day in year if day.weekday() < 5 and not is_working_day(day)] == list(GENERAL_HOLIDAYS_2027)


@pytest.mark.parametrize(
    ("day", "what"),
    [
        (date(2027, 2, 15), "Family Day, in some provinces"),
        (date(2027, 3, 29), "Easter Monday"),
        (date(2027, 6, 24), "Saint-Jean-Baptiste, in Québec"),
        (date(2027, 6, 21), "National Indigenous Peoples Day, in two territories"),
        (date(2027, 8, 2), "civic holiday, in some provinces"),
        (date(2027, 12, 24), "Christmas Eve"),
        (date(2020, 9, 30), "30 September before the law of 2021"),
    ],
)
def test_other_days_are_working_days(day: date, what: str) -> None:
    assert is_working_day(day), what


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 11, 22)])
def test_a_weekend_is_not(day: date) -> None:
    assert not is_working_day(day)


@pytest.mark.parametrize(
    ("day", "following"),
    [
        (date(2027, 3, 25), date(2027, 3, 25)),
        (date(2027, 3, 26), date(2027, 3, 29)),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 12, 25), date(2026, 12, 29)),  # Boxing Day is a Saturday, taken on Monday
        (date(2027, 12, 25), date(2027, 12, 29)),
        (date(2028, 1, 1), date(2028, 1, 4)),  # New Year's Day is a Saturday
    ],
)
def test_the_next_working_day(day: date, following: date) -> None:
    assert next_working_day(day) == following


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2027, 3, 24), 1, date(2027, 3, 25)),
        (date(2027, 3, 25), 1, date(2027, 3, 29)),
        (date(2027, 3, 25), 2, date(2027, 3, 30)),
        (date(2027, 3, 29), -1, date(2027, 3, 25)),
        (date(2027, 3, 30), -5, date(2027, 3, 22)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),  # from a Saturday
        (date(2026, 11, 21), -1, date(2026, 11, 20)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2027, 1, 4), -1, date(2026, 12, 31)),
        (date(2026, 11, 18), 0, date(2026, 11, 18)),
        (date(2026, 11, 21), 0, date(2026, 11, 23)),
    ],
)
def test_counting_working_days_both_ways(day: date, count: int, expected: date) -> None:
    assert add_working_days(day, count) == expected


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("America/St_Johns", 12),
        ("America/Halifax", 13),
        ("America/Toronto", 14),
        ("America/Winnipeg", 14),  # UTC−5 all year since 2026
        ("America/Regina", 15),
        ("America/Edmonton", 15),  # UTC−6 all year since 2026
        ("America/Vancouver", 16),  # UTC−7 all year since 2026
    ],
)
def test_nine_in_the_morning_of_january_2027_across_the_country(zone: str, hour: int) -> None:
    instant = local_instant(date(2027, 1, 12), time(9), zone)
    minute = 30 if zone == "America/St_Johns" else 0
    assert instant.astimezone(UTC) == datetime(2027, 1, 12, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        (datetime(2027, 1, 12, 4, 59, tzinfo=UTC), "America/Winnipeg", date(2027, 1, 11)),
        (datetime(2027, 1, 12, 5, 0, tzinfo=UTC), "America/Winnipeg", date(2027, 1, 12)),
        (datetime(2027, 1, 1, 3, 30, tzinfo=UTC), "America/St_Johns", date(2027, 1, 1)),
        (datetime(2027, 1, 1, 3, 30, tzinfo=UTC), "America/Toronto", date(2026, 12, 31)),
    ],
)
def test_the_day_of_an_instant_depends_on_the_place(instant: datetime, zone: str, day: date) -> None:
    assert local_day(instant, zone) == day
