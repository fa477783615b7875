"""Calendar files as Outlook, Google and Apple read them: RFC 5545 and RFC 5546. Read back with a parser, byte by byte where it counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine

from cmncp_portal.core.entries import CalendarEntry, to_ics


def at(zone: str, hour: int = 9, day: int = 12, month: int = 1) -> datetime:
    return datetime(2027, month, day, hour, tzinfo=ZoneInfo(zone))


VISIT = CalendarEntry(
    uid="visit-12@portal",
    title="Visite à Winnipeg, premier jour",
    start=at("America/Winnipeg", 9),
    end=at("America/Winnipeg", 16),
    place="510 Main Street; Winnipeg",
    url="https://portal.example/fr/echanges/EX-2026-014/first/",
    sequence=3,
    description="Arrivez à 8 h 45.\nApportez vos questions, s’il vous plaît.",
    attendees=(("Tremblay, Luc", "luc@gatineau.example"), ("Amina Diallo", "amina@thunderbay.example")),
)


def lines(text: str) -> list[str]:
    """The logical lines, folds undone."""
    return text.replace("\r\n ", "").split("\r\n")


def event(text: str) -> icalendar.Event:
    (found,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    return found


# ---- the three methods ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "status"), [("PUBLISH", "CONFIRMED"), ("REQUEST", "CONFIRMED"), ("CANCEL", "CANCELLED")]
)
def test_each_method_says_what_it_is(method: Any, status: str) -> None:
    written = lines(to_ics([VISIT], method=method))
    assert written[0] == "BEGIN:VCALENDAR"
    assert written[-2:] == ["END:VCALENDAR", ""]
    assert [line for line in written if line.startswith(("VERSION", "METHOD", "STATUS", "UID", "SEQUENCE"))] == [
        "VERSION:2.0",
        f"METHOD:{method}",
        "UID:visit-12@portal",
        "SEQUENCE:3",
        f"STATUS:{status}",
    ]


def test_a_change_keeps_the_uid_and_raises_the_sequence() -> None:
    later = replace(VISIT, start=at("America/Winnipeg", 10), sequence=4)
    cancelled = replace(later, sequence=5)
    events = [event(to_ics([VISIT], method="REQUEST")), event(to_ics([later], method="REQUEST"))]
    events.append(event(to_ics([cancelled], method="CANCEL")))
    assert [(str(e["uid"]), int(e["sequence"]), str(e["status"])) for e in events] == [
        ("visit-12@portal", 3, "CONFIRMED"),
        ("visit-12@portal", 4, "CONFIRMED"),
        ("visit-12@portal", 5, "CANCELLED"),
    ]


def test_a_cancelled_date_in_a_feed_is_marked() -> None:
    assert str(event(to_ics([replace(VISIT, cancelled=True)]))["status"]) == "CANCELLED"


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
@pytest.mark.parametrize(("language", "acronym"), [("en", "CMNCP"), ("fr", "RMCPC")])
def test_an_invitation_names_organizer_and_attendees(method: Any, language: str, acronym: str) -> None:
    people = [
        line for line in lines(to_ics([VISIT], method=method, language=language)) if line.startswith(("ORG", "ATT"))
    ]
    assert people == [
        'ATTENDEE;CN="Tremblay, Luc";PARTSTAT=ACCEPTED:mailto:luc@gatineau.example',
        'ATTENDEE;CN="Amina Diallo";PARTSTAT=ACCEPTED:mailto:amina@thunderbay.example',
        f"ORGANIZER;CN={acronym}:mailto:info@safercities.ca",
    ]


def test_a_feed_tells_nobody_who_else_comes() -> None:
    text = to_ics([VISIT])
    assert [word for word in ("ATTENDEE", "ORGANIZER", "luc@") if word in text] == []


def test_a_name_cannot_write_lines_of_its_own() -> None:
    evil = replace(
        VISIT, title="A\r\nATTACH:https://evil.example", attendees=(('Bob "B"\r\nX-EVIL:1', "b@example.ca"),)
    )
    written = lines(to_ics([evil], method="REQUEST", name="N\r\nX-EVIL:2"))
    assert [line for line in written if line.startswith(("X-EVIL", "ATTACH"))] == []
    assert "X-WR-CALNAME:N\\nX-EVIL:2" in written


# ---- days and hours ---------------------------------------------------------------------------------


def test_whole_days_end_before_the_day_after() -> None:
    """DTEND is exclusive (RFC 5545, 3.6.1): two days from the 12th on end on the 14th."""
    days = replace(VISIT, start=date(2027, 1, 12), end=date(2027, 1, 13))
    text = to_ics([days])
    assert [line for line in lines(text) if line.startswith("DT") and "STAMP" not in line] == [
        "DTSTART;VALUE=DATE:20270112",
        "DTEND;VALUE=DATE:20270114",
    ]
    assert "VTIMEZONE" not in text
    assert (days.first_day, days.last_day) == (date(2027, 1, 12), date(2027, 1, 13))


def test_one_whole_day_at_the_end_of_a_year() -> None:
    day = replace(VISIT, start=date(2026, 12, 31), end=date(2026, 12, 31))
    assert event(to_ics([day])).decoded("dtend") == date(2027, 1, 1)


def test_hours_are_written_in_the_zone_of_the_place() -> None:
    assert [line for line in lines(to_ics([VISIT])) if line.startswith(("DTSTART;", "DTEND;"))] == [
        "DTSTART;TZID=America/Winnipeg:20270112T090000",
        "DTEND;TZID=America/Winnipeg:20270112T160000",
    ]
    assert (VISIT.first_day, VISIT.last_day) == (date(2027, 1, 12), date(2027, 1, 12))


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        ("America/Winnipeg", 1, -5),  # no clock changes since 2026
        ("America/Winnipeg", 7, -5),
        ("America/Vancouver", 1, -7),
        ("America/Edmonton", 1, -6),
        ("America/Regina", 1, -6),
        ("America/Toronto", 1, -5),
        ("America/Toronto", 7, -4),
        ("America/St_Johns", 1, -3.5),
        ("America/St_Johns", 7, -2.5),
    ],
)
def test_the_file_carries_the_rules_of_its_zones(zone: str, month: int, hours: float) -> None:
    """Read by a calendar program that knows no zones but those in the file."""
    entry = replace(VISIT, start=at(zone, month=month), end=at(zone, 16, month=month))
    (rules,) = icalendar.Calendar.from_ical(to_ics([entry])).walk("VTIMEZONE")
    assert str(rules["tzid"]) == zone
    naive = datetime(2027, month, 12, 9)
    begun = [
        (onset.dt, part["tzoffsetto"].td)
        for part in rules.subcomponents
        for onset in _onsets(part)
        if onset.dt <= naive
    ]
    assert max(begun, key=lambda pair: pair[0])[1] == timedelta(hours=hours)


def _onsets(part: Any) -> list[Any]:
    """The first and each listed day on which this part of a zone begins to hold; endless rules are not expected."""
    assert "RRULE" not in part
    listed = part.get("rdate", [])
    listed = listed if isinstance(listed, list) else [listed]
    return [part["dtstart"], *(one for some in listed for one in some.dts)]


def test_each_zone_is_given_once() -> None:
    there = replace(VISIT, uid="b", start=at("America/Vancouver"), end=at("America/Vancouver", 12))
    calendar = icalendar.Calendar.from_ical(to_ics([VISIT, there, replace(VISIT, uid="c")]))
    assert sorted(str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")) == ["America/Vancouver", "America/Winnipeg"]
    assert [str(e["uid"]) for e in calendar.walk("VEVENT")] == ["visit-12@portal", "b", "c"]


def test_days_and_hours_go_together_in_one_feed() -> None:
    days = replace(VISIT, uid="days", start=date(2026, 12, 1), end=date(2026, 12, 2))
    assert len(icalendar.Calendar.from_ical(to_ics([VISIT, days])).walk("VEVENT")) == 2


def test_the_stamp_is_the_moment_of_writing() -> None:
    with time_machine.travel(datetime(2026, 11, 18, 15, 4, 5, tzinfo=UTC), tick=False):
        assert "DTSTAMP:20261118T150405Z" in lines(to_ics([VISIT]))


# ---- words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_title_says_its_language(language: str) -> None:
    assert f"SUMMARY;LANGUAGE={language}-CA:Visite à Winnipeg\\, premier jour" in lines(
        to_ics([VISIT], language=language)
    )


def test_commas_semicolons_and_line_ends_are_escaped() -> None:
    written = lines(to_ics([VISIT]))
    assert "LOCATION:510 Main Street\\; Winnipeg" in written
    assert "DESCRIPTION:Arrivez à 8 h 45.\\nApportez vos questions\\, s’il vous plaît." in written
    read = event(to_ics([VISIT]))
    assert (str(read["location"]), str(read["description"])) == (VISIT.place, VISIT.description)


def test_long_lines_are_folded_at_75_bytes_and_never_inside_a_letter() -> None:
    entry = replace(VISIT, title="é" * 200, description="Sécurité, " * 60)
    raw = to_ics([entry], language="fr").encode()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    for line in raw.split(b"\r\n"):
        line.decode()
    assert (str(event(raw.decode())["summary"]), str(event(raw.decode())["description"])) == (
        "é" * 200,
        "Sécurité, " * 60,
    )


def test_what_is_not_known_is_left_out() -> None:
    bare = CalendarEntry(uid="x", title="Meeting", start=date(2027, 1, 12), end=date(2027, 1, 12))
    assert {"LOCATION", "DESCRIPTION", "URL"} & set(event(to_ics([bare]))) == set()


def test_a_feed_has_a_name() -> None:
    assert "X-WR-CALNAME:RMCPC" in lines(to_ics([], language="fr", name="RMCPC"))
    assert "X-WR-CALNAME" not in to_ics([])


def test_a_feed_without_dates_is_a_whole_file() -> None:
    assert lines(to_ics([], language="fr")) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//CMNCP RMCPC//Portal//FR",
        "METHOD:PUBLISH",
        "END:VCALENDAR",
        "",
    ]
