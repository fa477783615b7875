"""What is due: before, on and after each day; weekends and holidays; a visit that moves; a portal that slept."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from cmncp_portal.core.days import add_working_days, local_instant, next_working_day
from cmncp_portal.core.timely import is_due, is_eve
from cmncp_portal.notifications.models import Message
from exchanges import services
from exchanges.models import Exchange, Side, Visit
from exchanges.services import sweeping

from .factories import make_exchange, make_member, read
from .mailbag import to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

AMINA, HELEN, PRIYA = "amina@thunderbay.example", "helen@winnipeg.example", "priya@network.example"
GOOD_FRIDAY = date(2027, 3, 26)


def at(day: date, clock: time = time(8, 30), zone: str = "America/Winnipeg") -> datetime:
    return local_instant(day, clock, zone)


def swept(day: date, clock: time = time(9, 0), zone: str = "America/Winnipeg") -> list[str]:
    """Sweep once at this hour; return the kinds of letters that were added, each once."""
    before = {m.pk for m in written()}
    sweeping.send_reminders(at(day, clock, zone))
    return sorted({m.kind.removeprefix("exchanges.") for m in written() if m.pk not in before})


@pytest.mark.parametrize(
    ("meant", "now", "due"),
    [
        (date(2027, 3, 10), at(date(2027, 3, 10), time(8, 29)), False),
        (date(2027, 3, 10), at(date(2027, 3, 10)), True),
        (date(2027, 3, 10), at(date(2027, 3, 11), time(23)), True),  # slept one day
        (date(2027, 3, 10), at(date(2027, 3, 12)), False),
        (date(2027, 3, 13), at(date(2027, 3, 13), time(12)), False),  # a Saturday
        (date(2027, 3, 14), at(date(2027, 3, 14), time(12)), False),  # a Sunday
        (date(2027, 3, 13), at(date(2027, 3, 15)), True),
        (date(2027, 3, 12), at(date(2027, 3, 13), time(12)), False),  # missed on Friday: not on Saturday…
        (date(2027, 3, 12), at(date(2027, 3, 15)), True),  # …but on Monday
        (GOOD_FRIDAY, at(GOOD_FRIDAY, time(12)), False),
        (GOOD_FRIDAY, at(next_working_day(GOOD_FRIDAY)), True),
    ],
)
def test_a_reminder_leaves_at_half_past_eight_on_a_working_day(meant: date, now: datetime, due: bool) -> None:
    assert is_due(meant, now, "America/Winnipeg") is due


@pytest.mark.parametrize(
    ("day", "clock", "eve"),
    [
        (11, time(15, 59), False),
        (11, time(16), True),
        (11, time(23, 59), True),
        (12, time(0), False),
        (12, time(9), False),
        (10, time(16), False),
    ],
)
def test_the_eve_begins_at_sixteen_and_ends_with_the_day(day: int, clock: time, eve: bool) -> None:
    assert is_eve(date(2027, 4, 12), at(date(2027, 4, day), clock), "America/Winnipeg") is eve


def test_next_working_day_after_good_friday_is_what_the_calendar_of_holidays_says() -> None:
    assert next_working_day(GOOD_FRIDAY) > date(2027, 3, 28)


def test_the_host_is_reminded_before_on_and_after_the_day_of_its_answer(exchange: Any, priya: Any) -> None:
    made = exchange("requested")  # due on Monday, February 15, 2027
    due_on = made.host_requests.get().due_on
    expected = {
        add_working_days(due_on, -5): ["answer_reminder"],
        due_on: ["answer_reminder"],
        add_working_days(due_on, 3): ["answer_reminder"],
        due_on + timedelta(days=7): ["no_answer"],
    }
    found = {
        day: swept(day)
        for day in sorted({d + timedelta(days=n) for d in expected for n in (-1, 0)} - {date(2027, 2, 14)})
    }
    assert {day: kinds for day, kinds in found.items() if kinds} == expected
    assert (to("answer_reminder"), to("no_answer")) == ([HELEN] * 3, [PRIYA])


def test_after_an_answer_nobody_is_reminded(exchange: Any, helen: Any) -> None:
    made = exchange("requested")
    window = made.first_visit.windows.first()
    services.accept_window(made.first_visit, window=window, by=helen)
    assert swept(made.host_requests.get().due_on) == []


def test_when_the_visitors_are_to_answer_they_are_reminded(exchange: Any, helen: Any) -> None:
    made = exchange("requested")
    services.propose_windows(made.first_visit, windows=[(date(2027, 5, 3), date(2027, 5, 4))], by=helen)
    assert swept(made.host_requests.get().due_on, zone="America/Toronto") == ["answer_reminder"]
    assert to("answer_reminder") == [AMINA]


def test_the_plan_is_called_for_six_weeks_before(visit: Any) -> None:
    accepted = visit("accepted", starts_on=date(2027, 4, 14))
    assert [swept(date(2027, 3, day)) for day in (2, 3, 4)] == [[], ["plan_not_ready"], []]
    assert to("plan_not_ready") == [AMINA, HELEN]
    assert "Say where the visitors arrive." in written("plan_not_ready")[0].text
    assert read(accepted).state == "accepted"


def test_only_the_side_that_has_not_confirmed_is_reminded(visit: Any, amina: Any) -> None:
    planned = visit("planned", starts_on=date(2027, 4, 14))
    services.confirm(planned, side="visitors", by=amina, seen_plan=1)
    days = (date(2027, 3, 12), date(2027, 3, 15), date(2027, 3, 30), date(2027, 3, 31))
    assert [swept(day) for day in days] == [[], ["confirm_reminder"], [], ["confirm_reminder"]]
    assert to("confirm_reminder") == [HELEN, HELEN]


def test_practical_details_a_week_before_and_tomorrow_on_the_eve(visit: Any) -> None:
    confirmed = visit("confirmed", starts_on=date(2027, 4, 14))
    team = sorted(m.email for m in confirmed.team.filter(status="accepted"))
    found = {
        (day, hour): swept(date(2027, 4, day), time(hour))
        for day, hour in [(6, 9), (7, 7), (7, 8), (7, 9), (8, 9), (13, 15), (13, 16), (13, 17), (14, 9)]
    }
    at_home_first = {(7, 8): ["practical"], (7, 9): ["practical"]}  # 8:00 in Winnipeg is 9:00 in Thunder Bay
    assert {when: kinds for when, kinds in found.items() if kinds} == at_home_first | {(13, 16): ["tomorrow"]}
    assert (to("practical"), to("tomorrow")) == (team, team)
    assert "9:00" in written("tomorrow")[0].text


def test_good_friday_waits_and_the_eve_does_not(visit: Any) -> None:
    """A visit on Friday, April 2, 2027, has its week before on Good Friday; one on Monday has its eve on a Sunday."""
    visit("confirmed", starts_on=date(2027, 4, 2))
    assert swept(GOOD_FRIDAY) == []
    assert swept(next_working_day(GOOD_FRIDAY)) == ["practical"]
    visit("confirmed", starts_on=date(2027, 5, 10))
    assert swept(date(2027, 5, 9), time(16)) == ["tomorrow"]


def test_a_portal_that_slept_catches_up_but_never_says_tomorrow_too_late(visit: Any) -> None:
    visit("confirmed", starts_on=date(2027, 4, 14))
    assert swept(date(2027, 4, 8), time(14)) == ["practical"]
    assert swept(date(2027, 4, 14), time(9)) == []


def test_sweeping_twice_adds_nothing(visit: Any) -> None:
    visit("confirmed", starts_on=date(2027, 4, 14))
    now = at(date(2027, 4, 7), time(9))
    assert sweeping.send_reminders(now) == 3
    assert sweeping.send_reminders(now) == 0
    assert sweeping.send_reminders(now + timedelta(hours=24)) == 0


def test_each_reader_has_a_clock_of_their_own(thunder_bay: Any, amina: Any, saskatoon: Any, rosa: Any) -> None:
    """Regression: everybody was written to at half past eight in the host's time."""
    visit = read(make_exchange(thunder_bay, saskatoon, stage="accepted", starts_on=date(2027, 4, 14)).first_visit)
    day = date(2027, 3, 3)
    sweeping.send_reminders(at(day, time(8, 30), "America/Toronto"))
    assert to("plan_not_ready") == [AMINA]
    sweeping.send_reminders(at(day, time(8, 30), "America/Regina"))
    assert to("plan_not_ready") == [AMINA, "rosa@saskatoon.example"]
    assert visit.zone == "America/Regina"


def test_a_visit_that_moves_takes_its_reminders_along(visit: Any, amina: Any, helen: Any) -> None:
    confirmed = visit("confirmed", starts_on=date(2027, 4, 14))
    assert swept(date(2027, 4, 7)) == ["practical"]
    Message.objects.filter(kind="exchanges.practical", to_email=HELEN).update(
        state="sent", sent_at=datetime(2027, 4, 7, 15, tzinfo=UTC)
    )
    services.set_dates(
        confirmed, starts_on=date(2027, 4, 21), ends_on=date(2027, 4, 22), by=amina, seen_plan=1, word="Snow"
    )
    states = dict(Message.objects.filter(kind="exchanges.practical").values_list("to_email", "state"))
    assert states == {email: "sent" if email == HELEN else "withdrawn" for email in states}
    assert swept(date(2027, 4, 13), time(16)) == []
    services.confirm(confirmed, side="visitors", by=amina, seen_plan=2)
    services.confirm(confirmed, side="hosts", by=helen, seen_plan=2)
    assert swept(date(2027, 4, 14)) == ["practical"]
    assert swept(date(2027, 4, 20), time(16)) == ["tomorrow"]


@pytest.mark.parametrize("how", ["cancel", "postpone"])
def test_a_visit_that_does_not_take_place_reminds_nobody_ever(how: str, visit: Any, amina: Any) -> None:
    confirmed = visit("confirmed", starts_on=date(2027, 4, 14))
    make_member(confirmed, Side.HOSTS, "school")
    swept(date(2027, 4, 7))
    getattr(services, how)(confirmed, by=amina, note="Flood")
    assert Message.objects.filter(is_reminder=True).exclude(state="withdrawn").count() == 0
    later = [date(2027, 4, 8) + timedelta(days=n) for n in (0, 1, 4, 5, 6, 7, 8, 11, 32)]
    asked = [kinds for day in later for kinds in swept(day, time(16, 30))]
    assert [k for k in asked if k != "invitation_reminder"] == []


def test_both_sides_are_asked_whether_it_took_place(visit: Any, clock: Any) -> None:
    visit("confirmed", starts_on=date(2027, 4, 13))
    assert [swept(date(2027, 4, day)) for day in (14, 15, 16, 19, 20)] == [
        [],
        ["did_it_take_place"],
        [],
        ["did_it_take_place"],
        [],
    ]
    assert to("did_it_take_place") == [AMINA, AMINA, HELEN, HELEN]


def test_an_invitation_without_answer_is_repeated_twice(visit: Any) -> None:
    accepted = visit("accepted")
    guest = make_member(accepted, category="school")  # on Monday, February 1
    make_member(accepted, category="health", wants_no_more=True)
    make_member(accepted, category="housing", status="declined")
    zone = "America/Toronto"
    found = [swept(date(2027, 2, day), zone=zone) for day in (4, 5, 8, 10, 11)]
    assert found == [[], ["invitation_reminder"], [], ["invitation_reminder"], []]
    assert to("invitation_reminder") == [guest.email] * 2
    assert guest.token in written("invitation_reminder")[0].text


def test_a_return_visit_nobody_decided_on_is_asked_about(exchange: Any) -> None:
    exchange("evaluated")  # opened on February 1
    days = (date(2027, 2, 19), date(2027, 2, 22), date(2027, 3, 17), date(2027, 3, 18))
    assert [swept(day) for day in days] == [[], ["return_reminder"], [], ["return_reminder"]]
    assert to("return_reminder") == [AMINA, AMINA, HELEN, HELEN]


def test_later_is_asked_about_on_its_day_and_not_before(exchange: Any) -> None:
    exchange("evaluated", return_decision="later", return_from_on=date(2027, 9, 1))
    assert [swept(day) for day in (date(2027, 2, 22), date(2027, 8, 31), date(2027, 9, 1), date(2027, 9, 2))] == [
        [],
        [],
        ["return_reminder"],
        [],
    ]


@pytest.mark.parametrize("fields", [{"return_decision": "not_needed", "return_reason": "We write letters."}])
def test_a_decided_return_visit_is_not_asked_about(fields: Any, exchange: Any) -> None:
    exchange("evaluated", **fields)
    assert [swept(day) for day in (date(2027, 2, 22), date(2027, 3, 18))] == [[], []]


def test_a_draft_that_nobody_touches_is_mentioned_after_sixty_days(exchange: Any) -> None:
    exchange("draft")
    assert [swept(date(2027, 4, day), zone="America/Toronto") for day in (1, 2, 5)] == [[], ["draft_waits"], []]
    assert to("draft_waits") == [AMINA]


def test_reminders_go_to_whoever_leads_now(visit: Any, amina: Any, thunder_bay: Any) -> None:
    from cmncp_portal.network.tests.factories import make_stakeholder

    visit("accepted", starts_on=date(2027, 4, 14))
    amina.stakeholders.update(left_on=date(2027, 2, 1))
    make_stakeholder(thunder_bay, standing="deputy", email="dora@thunderbay.example")
    swept(date(2027, 3, 3))
    assert to("plan_not_ready") == ["dora@thunderbay.example", HELEN]


def test_reminders_in_french_for_those_who_read_french(
    clock: Any, gatineau: Any, luc: Any, winnipeg: Any, helen: Any
) -> None:
    make_exchange(gatineau, winnipeg, stage="accepted", starts_on=date(2027, 4, 14))
    swept(date(2027, 3, 3))
    assert {m.to_email: m.language for m in written("plan_not_ready")} == {"luc@gatineau.example": "fr", HELEN: "en"}
    assert Exchange.objects.count() == Visit.objects.count() == 1
