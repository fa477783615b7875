"""Whom the network reaches: what counts and what does not, days around the period, filters, tables, the map."""

from datetime import date
from typing import Any

import pytest

from cmncp_portal.core.places import Attendance, Status
from cmncp_portal.home.forms import ReachForm
from cmncp_portal.home.reach import Reach, Wanted, reach
from cmncp_portal.home.reach_map import reach_map
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.tests.factories import make_membership, make_municipality, make_stakeholder
from cmncp_portal.reporting.indicators.base import Period, fiscal_year
from exchanges.models import Visit
from meetings.models import Meeting
from meetings.tests.factories import make_meeting, make_place
from mentoring.models import Agreement, MentoringSession
from mentoring.tests.factories import make_agreement
from training.tests.factories import make_enrolment, make_learner, make_offering

from .factories import make_exchange

DAY = date(2026, 3, 2)
YEAR = fiscal_year(DAY)  # April 1, 2025 to March 31, 2026


def visited(guest: Municipality, host: Municipality, day: date = DAY, **fields: Any) -> Visit:
    return make_exchange(guest, host, state="held", starts_on=day, ends_on=day, **fields)


def met(day: date = DAY, stage: str = "held", **fields: Any) -> Meeting:
    return make_meeting(stage, starts_on=day, ends_on=day, **fields)


def talked(agreement: Agreement, day: date) -> None:
    MentoringSession.objects.create(agreement=agreement, held_on=day, summary="We talked.", by_name="Amina Diallo")


def counts(found: Reach) -> dict[str, list[int]]:
    """How often each municipality that was reached took part: visited, hosted, attended, trained, mentored, was mentored."""
    return {str(line.place): line.counts for line in found.lines if line.is_reached}


def last_days(found: Reach) -> dict[str, date | None]:
    return {str(line.place): line.last_on for line in found.lines}


# ---- what counts


def test_the_whole_picture(clock: Any, thunder_bay: Any, winnipeg: Any, gatineau: Any, saskatoon: Any) -> None:
    visited(thunder_bay, winnipeg)
    meeting = met(date(2026, 5, 4), host=winnipeg, co_host=saskatoon)
    for email in ("a@x.example", "b@x.example"):
        make_place(meeting, email, thunder_bay, attendance=Attendance.PRESENT)
    make_place(meeting, "c@x.example", saskatoon, attendance=Attendance.REMOTE)
    offering = make_offering("held", starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 2), host=saskatoon)
    learner = make_learner(stakeholder=make_stakeholder(thunder_bay))
    make_enrolment(offering, learner=learner, attendance=Attendance.PRESENT)
    agreement = make_agreement(saskatoon, gatineau, starts_on=date(2026, 7, 6))
    talked(agreement, date(2026, 8, 10))
    found = reach(Wanted())
    assert found.columns == [
        "Visited others", "Hosted", "Attended meetings", "Was trained", "Mentored others", "Was mentored",
    ]  # fmt: skip
    assert counts(found) == {
        "Gatineau": [0, 0, 0, 0, 0, 1],
        "Saskatoon": [0, 2, 1, 0, 1, 0],
        "Thunder Bay": [1, 0, 1, 1, 0, 0],
        "Winnipeg": [0, 2, 0, 0, 0, 0],
    }
    assert last_days(found) == {
        "Gatineau": date(2026, 8, 10),
        "Saskatoon": date(2026, 8, 10),
        "Thunder Bay": date(2026, 6, 2),
        "Winnipeg": date(2026, 5, 4),
    }
    assert found.never == []


@pytest.mark.parametrize("state", ["draft", "proposed", "accepted", "declined", "withdrawn", "cancelled"])
def test_a_visit_that_was_not_held_reaches_nobody(thunder_bay: Any, winnipeg: Any, state: str) -> None:
    make_exchange(thunder_bay, winnipeg, state=state, starts_on=DAY, ends_on=DAY)
    assert counts(reach(Wanted())) == {}


def test_a_return_goes_the_other_way_and_companions_travel_on_the_first_visit_only(
    thunder_bay: Any, winnipeg: Any, saskatoon: Any
) -> None:
    first = visited(thunder_bay, winnipeg)
    first.exchange.travelling_with.set([saskatoon, thunder_bay])  # the guests themselves are counted once
    Visit.objects.create(
        exchange=first.exchange, leg="return", state="held", starts_on=DAY, ends_on=DAY, held_at=first.held_at
    )
    found = reach(Wanted())
    assert {name: of[:2] for name, of in counts(found).items()} == {
        "Saskatoon": [1, 0],
        "Thunder Bay": [1, 1],
        "Winnipeg": [1, 1],
    }
    assert [(str(way.guest), str(way.host), way.held) for way in found.journeys] == [
        ("Saskatoon", "Winnipeg", 1),
        ("Thunder Bay", "Winnipeg", 1),
        ("Winnipeg", "Thunder Bay", 1),
    ]


@pytest.mark.parametrize(
    ("stage", "fields"),
    [
        ("held", {"attendance": Attendance.ABSENT}),
        ("held", {"attendance": Attendance.EXCUSED}),
        ("held", {"attendance": Attendance.UNKNOWN}),
        ("held", {"attendance": Attendance.PRESENT, "status": Status.CANCELLED}),
        ("cancelled", {"attendance": Attendance.PRESENT}),
        ("announced", {"attendance": Attendance.PRESENT}),
    ],
)
def test_who_did_not_come_to_a_meeting_is_not_reached(winnipeg: Any, stage: str, fields: dict[str, Any]) -> None:
    make_place(met(stage=stage), "a@x.example", winnipeg, **fields)
    assert counts(reach(Wanted())) == {}


def test_somebody_of_no_municipality_reaches_none(winnipeg: Any) -> None:
    make_place(met(), "a@x.example", None, attendance=Attendance.PRESENT)
    assert counts(reach(Wanted())) == {}


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        ("held", {"attendance": Attendance.ABSENT}),
        ("held", {"attendance": Attendance.UNKNOWN}),
        ("cancelled", {"attendance": Attendance.PRESENT}),
    ],
)
def test_who_did_not_come_to_a_training_is_not_trained(winnipeg: Any, state: str, fields: dict[str, Any]) -> None:
    learner = make_learner(stakeholder=make_stakeholder(winnipeg))
    make_enrolment(make_offering(state, starts_on=DAY, ends_on=DAY), learner=learner, **fields)
    assert counts(reach(Wanted())) == {}


@pytest.mark.parametrize("state", ["proposed", "awaiting", "declined", "withdrawn"])
def test_an_agreement_that_never_began_reaches_nobody(winnipeg: Any, gatineau: Any, state: str) -> None:
    make_agreement(winnipeg, gatineau, state)
    assert counts(reach(Wanted())) == {}


@pytest.mark.parametrize("state", ["active", "paused", "completed", "ended"])
def test_an_agreement_that_began_reaches_both(winnipeg: Any, gatineau: Any, state: str) -> None:
    agreement = make_agreement(winnipeg, gatineau, state, starts_on=DAY)
    for day in (date(2026, 3, 9), date(2026, 3, 16)):
        talked(agreement, day)
    found = reach(Wanted())
    assert {name: of[4:] for name, of in counts(found).items()} == {"Gatineau": [0, 1], "Winnipeg": [1, 0]}
    assert last_days(found) == dict.fromkeys(("Gatineau", "Winnipeg"), date(2026, 3, 16))


def test_only_members_of_today_are_in_the_picture_and_former_ones_stay_at_the_end_of_an_arc(
    clock: Any, winnipeg: Any
) -> None:
    former = make_municipality("former", member=False)
    make_membership(former, from_on=date(2015, 1, 1), until_on=date(2027, 1, 31))
    make_municipality("last-day", member=False).memberships.create(
        kind="associate", from_on=date(2020, 1, 1), until_on=date(2027, 2, 1)
    )
    make_municipality("tomorrow", member=False).memberships.create(kind="general", from_on=date(2027, 2, 2))
    visited(former, winnipeg)
    found = reach(Wanted())
    assert last_days(found) == {"Last Day": None, "Winnipeg": DAY}
    assert [(str(way.guest), str(way.host)) for way in found.journeys] == [("Former", "Winnipeg")]


# ---- the period


@pytest.mark.parametrize(
    ("day", "is_reached"),
    [
        (date(2025, 3, 31), False),
        (date(2025, 4, 1), True),
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), False),
    ],
)
def test_days_before_on_and_after_the_period(
    thunder_bay: Any, winnipeg: Any, gatineau: Any, saskatoon: Any, day: date, is_reached: bool
) -> None:
    visited(thunder_bay, winnipeg, day)
    make_place(met(day), "a@x.example", gatineau, attendance=Attendance.PRESENT)
    learner = make_learner(stakeholder=make_stakeholder(saskatoon))
    make_enrolment(make_offering("held", starts_on=day, ends_on=day), learner=learner, attendance=Attendance.PRESENT)
    mentor, mentee = make_municipality("mentor"), make_municipality("mentee")
    make_agreement(mentor, mentee, "completed", starts_on=day)
    six = ["Gatineau", "Mentee", "Mentor", "Saskatoon", "Thunder Bay", "Winnipeg"]
    found = reach(Wanted(period=YEAR))
    assert last_days(found) == dict.fromkeys(six, day if is_reached else None)
    assert len(found.journeys) == is_reached


def test_the_last_day_of_a_visit_decides(thunder_bay: Any, winnipeg: Any) -> None:
    make_exchange(thunder_bay, winnipeg, state="held", starts_on=date(2026, 3, 31), ends_on=date(2026, 4, 1))
    assert counts(reach(Wanted(period=YEAR))) == {}
    assert len(counts(reach(Wanted(period=fiscal_year(date(2026, 4, 1)))))) == 2


def test_an_agreement_in_which_nobody_talked_reached_nobody_in_that_period(winnipeg: Any, gatineau: Any) -> None:
    agreement = make_agreement(winnipeg, gatineau, starts_on=date(2025, 3, 31))
    talked(agreement, date(2026, 4, 1))
    assert counts(reach(Wanted(period=YEAR))) == {}
    talked(agreement, date(2025, 4, 1))
    assert last_days(reach(Wanted(period=YEAR))) == dict.fromkeys(("Gatineau", "Winnipeg"), date(2025, 4, 1))


def test_planned_visits_without_dates_are_in_no_year(thunder_bay: Any, winnipeg: Any, gatineau: Any) -> None:
    make_exchange(thunder_bay, winnipeg, state="accepted")
    make_exchange(gatineau, winnipeg, state="confirmed", starts_on=DAY, ends_on=DAY)
    assert [(str(way.guest), way.held, way.planned) for way in reach(Wanted()).journeys] == [
        ("Gatineau", 0, 1),
        ("Thunder Bay", 0, 1),
    ]
    assert [str(way.guest) for way in reach(Wanted(period=YEAR)).journeys] == ["Gatineau"]


def test_the_fiscal_years_on_offer_end_with_the_present_one(clock: Any) -> None:
    assert ReachForm().fields["period"].choices[:3] == [  # type: ignore[attr-defined]
        ("", "All time"), ("2026", "2026–2027"), ("2025", "2025–2026"),
    ]  # fmt: skip
    assert ReachForm({"period": "2025"}).wanted.period == Period(date(2025, 4, 1), date(2026, 3, 31))
    clock.move_to("2027-04-01T12:00:00-04:00")
    assert next(iter(ReachForm().fields["period"].choices[1:])) == ("2027", "2027–2028")  # type: ignore[attr-defined]


# ---- filters


@pytest.fixture
def four(thunder_bay: Any, winnipeg: Any, gatineau: Any) -> None:
    """Thunder Bay visited Winnipeg; Gatineau and a small place that thinks of joining did nothing."""
    visited(thunder_bay, winnipeg)
    small = make_municipality("petite", member=False, province="QC", population=19_999, languages=["fr"])
    make_membership(small, kind=Membership.Kind.PROSPECTIVE)
    make_municipality("silent", population=None, population_year=None, languages=[], province="NU")


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, ["Gatineau", "Petite", "Silent", "Thunder Bay", "Winnipeg"]),
        ({"province": "QC"}, ["Gatineau", "Petite"]),
        ({"size": "small"}, ["Petite"]),
        ({"size": "large"}, ["Gatineau", "Thunder Bay"]),
        ({"size": "metropolis"}, ["Winnipeg"]),
        ({"size": "unknown"}, ["Silent"]),
        ({"language": "en"}, ["Thunder Bay", "Winnipeg"]),
        ({"language": "fr"}, ["Petite"]),
        ({"language": "both"}, ["Gatineau"]),
        ({"language": "unknown"}, ["Silent"]),
        ({"membership": "prospective"}, ["Petite"]),
        ({"membership": "general", "province": "QC"}, ["Gatineau"]),
        ({"order": "silence"}, ["Gatineau", "Petite", "Silent", "Thunder Bay", "Winnipeg"]),
    ],
)
def test_filters(four: None, chosen: dict[str, str], names: list[str]) -> None:
    assert [str(line.place) for line in reach(Wanted(**chosen)).lines] == names  # type: ignore[arg-type]


def test_an_activity_has_its_columns_and_its_unreached(four: None, gatineau: Any, winnipeg: Any) -> None:
    meeting = met(date(2026, 5, 4), host=gatineau)
    make_place(meeting, "a@x.example", gatineau, attendance=Attendance.PRESENT)
    found = reach(Wanted(activity="meetings"))
    assert found.columns == ["Hosted", "Attended meetings"]
    assert counts(found) == {"Gatineau": [1, 1]}
    assert found.journeys == []
    assert counts(reach(Wanted(activity="visits"))) == {"Thunder Bay": [1, 0], "Winnipeg": [0, 1]}


def test_who_was_silent_longest_comes_first(four: None, gatineau: Any, winnipeg: Any) -> None:
    visited(winnipeg, gatineau, date(2026, 1, 5))
    names = [str(line.place) for line in reach(Wanted(order="silence")).lines]
    assert names == ["Petite", "Silent", "Gatineau", "Thunder Bay", "Winnipeg"]


def test_tables_by_province_size_language_and_membership_add_up(four: None) -> None:
    found = reach(Wanted())
    assert {
        name: [(line.label, line.members, line.counts[:2], line.never) for line in lines]
        for name, _title, lines in found.groups
    } == {
        "provinces": [
            ("Manitoba", 1, [0, 1], 0),
            ("Ontario", 1, [1, 0], 0),
            ("Quebec", 2, [0, 0], 2),
            ("Nunavut", 1, [0, 0], 1),
        ],
        "sizes": [
            ("under 20,000", 1, [0, 0], 1),
            ("100,000 to 500,000", 2, [1, 0], 1),
            ("over 500,000", 1, [0, 1], 0),
            ("not known", 1, [0, 0], 1),
        ],
        "languages": [
            ("English only", 2, [1, 1], 0),
            ("French only", 1, [0, 0], 1),
            ("English and French", 1, [0, 0], 1),
            ("not known", 1, [0, 0], 1),
        ],
        "memberships": [("General member", 4, [1, 1], 2), ("Thinking of joining", 1, [0, 0], 1)],
    }
    assert (found.total.members, found.total.reached, found.total.never) == (5, 2, 3)


# ---- the map


PLACED = {"latitude": "50.0", "longitude": "-90.0"}


def test_the_map_shows_visits_as_arcs_and_the_others_as_filled_points(db: None) -> None:
    here, there, quiet = (make_municipality(name, **PLACED) for name in ("here", "there", "quiet"))
    visited(here, there)
    make_exchange(quiet, here, state="accepted")
    make_place(met(), "a@x.example", quiet, attendance=Attendance.PRESENT)
    drawn = reach_map(reach(Wanted()))
    assert [arc["planned"] for arc in drawn["arcs"]] == [False, True]
    assert {point["name"]: point["reached"] for point in drawn["points"]} == {
        "here": True,
        "there": True,
        "quiet": True,
    }
    assert [key.mark for key in drawn["key"]] == ["filled", "hollow", "arc", "planned"]
    drawn = reach_map(reach(Wanted(activity="meetings")))
    assert drawn["arcs"] == []
    assert {point["name"]: point["reached"] for point in drawn["points"]} == {
        "here": False, "there": False, "quiet": True,
    }  # fmt: skip
    assert drawn["description"] == (
        "1 of 3 municipalities are filled points: they took part. The others are hollow. The tables say the same."
    )


def test_the_other_end_of_an_arc_is_small_when_it_is_not_among_those_chosen(db: None) -> None:
    here, there = make_municipality("here", **PLACED), make_municipality("there", province="SK", **PLACED)
    visited(here, there)
    drawn = reach_map(reach(Wanted(province="ON")))
    assert {point["name"]: point["radius"] for point in drawn["points"]} == {"here": "6", "there": "3.5"}
    assert [key.mark for key in drawn["key"]] == ["filled", "hollow", "small", "arc"]
