"""What is due: before, on and after each day; who hears of it; never twice; never after a meeting was called off."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cmncp_portal.core.places import Status
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from meetings import services
from meetings.models import ActionItem, Meeting, Registration
from meetings.services import sweeping

from .factories import make_action, make_invitee, make_item, make_meeting, make_place, make_slot
from .mailbag import kinds_to, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WINNIPEG = ZoneInfo("America/Winnipeg")


def at(day: date, hour: int, minute: int = 0, zone: str = "America/Winnipeg") -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(zone))


def sweep(clock: Any, moment: datetime) -> None:
    clock.move_to(moment)
    sweeping.send_reminders()
    sweeping.send_reminders()  # twice: nothing is said twice


APRIL_11 = date(2027, 4, 11)  # the Sunday three days before the meeting


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (at(APRIL_11, 12), []),  # a Sunday
        (at(date(2027, 4, 12), 8, 29), []),
        (at(date(2027, 4, 12), 8, 30), ["anna@place.example"]),
        (at(date(2027, 4, 13), 20), ["anna@place.example"]),  # a portal that slept
        (at(date(2027, 4, 14), 9), []),  # too late: the meeting has begun
    ],
)
def test_practical_details_three_days_before(meeting: Any, clock: Any, moment: datetime, told: list[str]) -> None:
    there = meeting()
    make_place(there, "anna@place.example", zone="America/Winnipeg")
    make_place(there, "waiting@place.example", status=Status.WAITING)
    make_place(there, "silent@place.example", wants_no_more=True)
    sweep(clock, moment)
    assert to("practical") == told


def test_each_at_half_past_eight_of_their_own_morning(meeting: Any, clock: Any) -> None:
    there = meeting()
    make_place(there, "east@place.example", zone="America/St_Johns")
    make_place(there, "west@place.example", zone="America/Vancouver")
    sweep(clock, at(date(2027, 4, 12), 8, 30, "America/St_Johns"))
    assert to("practical") == ["east@place.example"]
    sweep(clock, at(date(2027, 4, 12), 8, 30, "America/Vancouver"))
    assert to("practical") == ["east@place.example", "west@place.example"]


def test_good_friday_is_no_day_for_reminders(clock: Any, winnipeg: Any) -> None:
    there = make_meeting(host=winnipeg, starts_on=date(2027, 3, 29), ends_on=date(2027, 3, 29))  # Easter Monday
    make_place(there, zone="America/Winnipeg")
    sweep(clock, at(date(2027, 3, 26), 12))  # Good Friday, three days before
    assert written("practical") == []


def test_a_moved_meeting_moves_its_reminders(meeting: Any, clock: Any, priya: Any) -> None:
    there = meeting()
    make_place(there, "anna@place.example", zone="America/Winnipeg")
    sweep(clock, at(date(2027, 4, 12), 9))
    services.change(there, by=priya, seen=1, starts_on=date(2027, 5, 5), ends_on=date(2027, 5, 5))
    sweep(clock, at(date(2027, 4, 13), 9))
    assert kinds_to("anna@place.example") == ["changed"]  # what was not sent yet is taken back
    sweep(clock, at(date(2027, 5, 3), 9))
    assert kinds_to("anna@place.example") == ["changed", "practical"]


@pytest.mark.parametrize(("day", "told"), [(4, []), (5, ["slow@place.example"]), (9, [])])
def test_who_has_not_answered_the_dates(meeting: Any, clock: Any, day: int, told: list[str]) -> None:
    there = meeting("polling", poll_closes_on=date(2027, 2, 7))
    make_slot(there)
    make_invitee(there, "slow@place.example", is_asked_for_dates=True)
    make_invitee(
        there, "quick@place.example", is_asked_for_dates=True, dates_answered_at=datetime(2027, 2, 1, tzinfo=UTC)
    )
    make_invitee(there, "silent@place.example", is_asked_for_dates=True, wants_no_more=True)
    sweep(clock, at(date(2027, 2, day), 12))
    assert to("dates_reminder") == told


@pytest.mark.parametrize(("day", "told"), [(9, []), (10, ["maybe@place.example"]), (15, [])])
def test_a_week_before_registration_closes(meeting: Any, clock: Any, day: int, told: list[str]) -> None:
    there = meeting(registration_closes_on=date(2027, 2, 17))
    invited = datetime(2027, 1, 20, tzinfo=UTC)
    make_invitee(there, "maybe@place.example", invited_at=invited)
    make_invitee(there, "no@place.example", invited_at=invited, declined_at=invited)
    make_invitee(there, "comes@place.example", invited_at=invited)
    make_place(there, "comes@place.example")
    sweep(clock, at(date(2027, 2, day), 12))
    assert to("invitation_reminder") == told


@pytest.mark.parametrize(("day", "count"), [(30, 0), (31, 1)])
def test_two_weeks_before_the_host_hears_what_is_missing(
    meeting: Any, clock: Any, helen: Any, day: int, count: int
) -> None:
    there = meeting(capacity=1, local_en="Parking behind the hall.", local_contact="Henry, 204 555-0100")
    make_place(there)
    make_place(there, status=Status.WAITING)
    sweep(clock, at(date(2027, 3, day), 12))
    letters = written("host_check")
    assert [m.to_email for m in letters] == ["helen@winnipeg.example"] * count
    if count:
        assert "Local information in both languages" in letters[0].text
        assert "telephone" not in letters[0].text


def test_members_hear_who_votes_for_them(clock: Any, winnipeg: Any, helen: Any, gatineau: Any) -> None:
    make_stakeholder(gatineau, standing=Standing.DEPUTY, email="deputy@gatineau.example", language="fr")
    make_meeting(national=True, host=winnipeg, is_general_meeting=True)
    sweep(clock, at(date(2027, 3, 31), 12))
    letters = {m.to_email: m for m in written("delegate")}
    assert sorted(letters) == ["deputy@gatineau.example", "helen@winnipeg.example"]
    assert "Helen" in letters["helen@winnipeg.example"].text


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (at(date(2027, 4, 13), 15, 59), []),
        (at(date(2027, 4, 13), 16, 0), ["asked@place.example", "waits@place.example"]),
        (at(date(2027, 4, 14), 0, 0), []),
    ],
)
def test_on_the_eve_those_who_still_wait_hear_that_no_place_came(
    meeting: Any, clock: Any, moment: datetime, told: list[str]
) -> None:
    there = meeting(capacity=1)
    make_place(there)
    make_place(there, "waits@place.example", status=Status.WAITING)
    make_place(there, "asked@place.example", status=Status.REQUESTED)
    sweep(clock, moment)
    assert to("no_place") == told


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (at(date(2027, 4, 14), 7, 59), []),
        (at(date(2027, 4, 14), 8, 0), ["far@place.example"]),
        (at(date(2027, 4, 14), 8, 59), ["far@place.example"]),
        (at(date(2027, 4, 14), 9, 0), []),
        (at(date(2027, 4, 15), 9, 30), ["far@place.example"]),  # the second day begins with its first session, at ten
    ],
)
def test_the_link_leaves_within_the_hour_before(meeting: Any, clock: Any, moment: datetime, told: list[str]) -> None:
    there = meeting(mode="hybrid", join_link="https://video.example/room", captions="yes")
    make_item(there, day=2, starts_at=time(10, 0), ends_at=time(11, 0))
    make_place(there, "far@place.example", attends="online", wants_no_more=True)
    make_place(there, "near@place.example")
    make_place(there, "waits@place.example", attends="online", status=Status.REQUESTED)
    clock.move_to(moment)
    sweeping.send_join_links()
    sweeping.send_join_links()
    assert to("join_link") == told
    if told:
        assert "https://video.example/room" in written("join_link")[0].text


@pytest.mark.parametrize(("stage", "field"), [("cancelled", {}), ("postponed", {}), ("scheduled", {})])
def test_what_is_not_announced_reminds_nobody(meeting: Any, clock: Any, stage: str, field: dict[str, Any]) -> None:
    there = meeting(stage, mode="virtual", join_link="https://video.example/1", captions="no")
    Meeting.objects.filter(pk=there.pk).update(
        starts_on=date(2027, 4, 14),
        ends_on=date(2027, 4, 15),
        begins_at=time(9),
        registration_closes_on=date(2027, 4, 13),
    )
    make_place(there)
    make_invitee(there, invited_at=datetime(2027, 1, 20, tzinfo=UTC))
    for day in (6, 12, 13):
        sweep(clock, at(date(2027, 4, day), 16, 30))
    clock.move_to(at(date(2027, 4, 14), 8, 30))
    sweeping.send_join_links()
    assert written() == []


@pytest.mark.parametrize(
    ("day", "late"),
    [
        (date(2027, 5, 6), None),
        (date(2027, 5, 7), False),
        (date(2027, 5, 14), False),
        (date(2027, 5, 21), True),
        (date(2027, 6, 4), True),
        (date(2027, 7, 5), True),  # 51 days after, a Sunday: on Monday
        (date(2028, 6, 20), None),  # after a year nobody asks any more
    ],
)
def test_an_action_is_asked_about_until_it_is_done(meeting: Any, clock: Any, day: date, late: bool | None) -> None:
    there = meeting("held", notes_published_at=datetime(2027, 4, 20, tzinfo=UTC))
    make_action(there)
    done = make_action(there, done_at=datetime(2027, 4, 25, tzinfo=UTC), owner_email="done@place.example")
    sweep(clock, at(day, 12))
    letters = written("action_due")
    assert [m.to_email for m in letters] == ([] if late is None else ["helen@winnipeg.example"])
    assert ActionItem.objects.get(pk=done.pk).done_at is not None


def test_an_action_is_not_asked_about_before_the_notes_are_out(meeting: Any, clock: Any) -> None:
    make_action(meeting("held"))
    sweep(clock, at(date(2027, 5, 14), 12))
    assert written() == []


@pytest.mark.parametrize(
    ("moment", "state"), [(at(date(2027, 4, 15), 15, 59), "announced"), (at(date(2027, 4, 15), 16), "held")]
)
def test_a_meeting_that_was_not_called_off_took_place(meeting: Any, clock: Any, moment: datetime, state: str) -> None:
    there = meeting()
    clock.move_to(moment)
    sweeping.follow_up()
    sweeping.follow_up()
    there.refresh_from_db()
    assert (there.state, there.changes.filter(transition="record_held").count()) == (state, int(state == "held"))


@pytest.mark.parametrize(
    ("moment", "opened"),
    [
        (at(date(2027, 4, 16), 8, 59), False),
        (at(date(2027, 4, 16), 9), True),
        (at(date(2027, 5, 14), 9), True),
        (at(date(2027, 6, 1), 9), False),  # nobody is asked about what was long ago
    ],
)
def test_the_evaluation_opens_the_morning_after(meeting: Any, clock: Any, moment: datetime, opened: bool) -> None:
    from cmncp_portal.evaluation.instruments import load_instruments

    load_instruments()
    there = meeting("held")
    make_place(there)
    clock.move_to(moment)
    sweeping.follow_up()
    assert hasattr(Meeting.objects.get(pk=there.pk), "evaluation") is opened


@pytest.mark.parametrize(("days", "kept"), [(29, "Vegan"), (30, "Vegan"), (31, "")])
def test_needs_are_deleted_thirty_days_after(meeting: Any, clock: Any, days: int, kept: str) -> None:
    there = meeting("held")
    place = make_place(there, dietary_needs="Vegan", access_needs="Step-free")
    clock.move_to(datetime.combine(there.ends_on + timedelta(days=days), time(12), tzinfo=ZoneInfo("America/Toronto")))
    sweeping.delete_needs()
    assert Registration.objects.get(pk=place.pk).dietary_needs == kept
    assert (Meeting.objects.get(pk=there.pk).needs_deleted_at is not None) is (kept == "")


def test_needs_for_what_does_not_take_place_go_at_once(meeting: Any) -> None:
    gone = make_place(meeting("cancelled"), dietary_needs="Vegan")
    left = make_place(meeting(), dietary_needs="Vegan", status=Status.CANCELLED)
    stays = make_place(meeting(), dietary_needs="Vegan")
    sweeping.delete_needs()
    found = dict(Registration.objects.values_list("pk", "dietary_needs"))
    assert (found[gone.pk], found[left.pk], found[stays.pk]) == ("", "", "Vegan")
