"""Days and hours in words, in both languages. A tilde stands for the space that does not break."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from cmncp_portal.core.dates import clock_in_words, day_in_words, days_in_words, instant_in_words, zone_in_words


def unbroken(text: str) -> str:
    return text.replace("~", "\u00a0")


@pytest.mark.parametrize(
    ("day", "en", "fr"),
    [
        (date(2026, 11, 17), "November 17, 2026", "17~novembre~2026"),
        (date(2026, 8, 1), "August 1, 2026", "1er~août~2026"),
        (date(2027, 2, 11), "February 11, 2027", "11~février~2027"),
        (date(2027, 12, 31), "December 31, 2027", "31~décembre~2027"),
    ],
)
def test_a_day(day: date, en: str, fr: str) -> None:
    assert (day_in_words(day, "en"), day_in_words(day, "fr")) == (en, unbroken(fr))


def test_a_day_with_its_weekday() -> None:
    first = date(2026, 12, 1)
    assert day_in_words(first, "en", weekday=True) == "Tuesday, December 1, 2026"
    assert day_in_words(first, "fr", weekday=True) == unbroken("mardi 1er~décembre~2026")


@pytest.mark.parametrize(
    ("first", "last", "en", "fr"),
    [
        (date(2026, 11, 17), date(2026, 11, 17), "November 17, 2026", "17~novembre~2026"),
        (date(2026, 11, 17), date(2026, 11, 18), "November 17–18, 2026", "du 17 au 18~novembre~2026"),
        (date(2026, 12, 1), date(2026, 12, 2), "December 1–2, 2026", "du 1er au 2~décembre~2026"),
        (
            date(2026, 11, 30),
            date(2026, 12, 1),
            "November 30 – December 1, 2026",
            "du 30~novembre au 1er~décembre~2026",
        ),
        (
            date(2026, 12, 31),
            date(2027, 1, 1),
            "December 31, 2026 – January 1, 2027",
            "du 31~décembre~2026 au 1er~janvier~2027",
        ),
        (
            date(2026, 5, 4),
            date(2027, 5, 5),
            "May 4, 2026 – May 5, 2027",
            "du 4~mai~2026 au 5~mai~2027",
        ),
    ],
    ids=["one day", "one month", "from the first", "two months", "two years", "same month of two years"],
)
def test_a_range_of_days(first: date, last: date, en: str, fr: str) -> None:
    assert (days_in_words(first, last, "en"), days_in_words(first, last, "fr")) == (en, unbroken(fr))


@pytest.mark.parametrize(
    ("clock", "en", "fr"),
    [
        (time(0, 0), "12:00~a.m.", "0~h"),
        (time(0, 5), "12:05~a.m.", "0~h~05"),
        (time(9, 0), "9:00~a.m.", "9~h"),
        (time(11, 59), "11:59~a.m.", "11~h~59"),
        (time(12, 0), "12:00~p.m.", "12~h"),
        (time(13, 30), "1:30~p.m.", "13~h~30"),
        (time(23, 59), "11:59~p.m.", "23~h~59"),
    ],
)
def test_a_clock_time(clock: time, en: str, fr: str) -> None:
    assert (clock_in_words(clock, "en"), clock_in_words(clock, "fr")) == (unbroken(en), unbroken(fr))


def test_the_clock_of_an_instant_is_that_of_its_own_zone() -> None:
    assert clock_in_words(datetime(2027, 1, 12, 9, tzinfo=ZoneInfo("America/Winnipeg")), "fr") == unbroken("9~h")


def test_a_zone_is_named_by_its_place_and_never_abbreviated() -> None:
    assert (zone_in_words("Winnipeg", "en"), zone_in_words("Winnipeg", "fr")) == (
        "Winnipeg time",
        "heure locale, Winnipeg",
    )


@pytest.mark.parametrize(
    ("instant", "zone", "place", "en", "fr"),
    [
        (
            datetime(2027, 1, 12, 14, 0, tzinfo=UTC),
            "America/Winnipeg",
            "Winnipeg",
            "January 12, 2027, 9:00~a.m. (Winnipeg time)",
            "12~janvier~2027, 9~h (heure locale, Winnipeg)",
        ),
        (
            datetime(2027, 1, 13, 2, 30, tzinfo=UTC),
            "America/Vancouver",
            "Surrey",
            "January 12, 2027, 7:30~p.m. (Surrey time)",
            "12~janvier~2027, 19~h~30 (heure locale, Surrey)",
        ),
        (
            datetime(2027, 1, 1, 3, 30, tzinfo=UTC),
            "America/St_Johns",
            "St. John’s",
            "January 1, 2027, 12:00~a.m. (St. John’s time)",
            "1er~janvier~2027, 0~h (heure locale, St. John’s)",
        ),
    ],
)
def test_an_instant_as_it_is_in_its_place(instant: datetime, zone: str, place: str, en: str, fr: str) -> None:
    assert instant_in_words(instant, zone, place, "en") == unbroken(en)
    assert instant_in_words(instant, zone, place, "fr") == unbroken(fr)


def test_without_a_language_it_is_that_of_the_page() -> None:
    noon = datetime(2026, 11, 17, 12, tzinfo=ZoneInfo("America/Toronto"))
    with override("fr"):
        assert day_in_words(noon.date()) == unbroken("17~novembre~2026")
        assert days_in_words(noon.date(), date(2026, 11, 18)) == unbroken("du 17 au 18~novembre~2026")
        assert clock_in_words(noon) == unbroken("12~h")
        assert zone_in_words("Gatineau") == "heure locale, Gatineau"
        assert instant_in_words(noon, "America/Toronto", "Gatineau") == unbroken(
            "17~novembre~2026, 12~h (heure locale, Gatineau)"
        )


def test_english_words_on_a_french_page() -> None:
    with override("fr"):
        assert day_in_words(date(2026, 11, 17), "en", weekday=True) == "Tuesday, November 17, 2026"
        assert zone_in_words("Gatineau", "en") == "Gatineau time"
