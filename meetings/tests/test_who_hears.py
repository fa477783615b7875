"""Who hears of a meeting when things cross: a place given back, a change while letters are on their way, a meeting from the archives."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cmncp_portal.core.places import Attendance, Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications.models import Mailing
from meetings import services
from meetings.models import Invitee, Meeting, MeetingEvaluation, Registration
from meetings.selectors.waiting import glance
from meetings.services import sweeping

from .factories import make_action, make_invitee, make_meeting, make_place
from .mailbag import event, forget, kinds_to, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
ROOM = {"venue": "Millennium Library, Carol Shields Auditorium"}


def read(meeting: Meeting) -> Meeting:
    return Meeting.objects.with_places().get(pk=meeting.pk)


def at(day: date, hour: int, minute: int = 0, zone: str = "America/Winnipeg") -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(zone))


def invited(meeting: Meeting, email: str, **fields: Any) -> Invitee:
    return make_invitee(meeting, email, invited_at=datetime(2027, 1, 20, tzinfo=UTC), **fields)


# --- a place that was given back, or never given


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.DECLINED])
def test_who_no_longer_comes_is_not_asked_again(meeting: Any, amina: Any, clock: Any, priya: Any, status: str) -> None:
    there = meeting(registration_closes_on=date(2027, 3, 31))
    invited(there, amina.email)
    invited(there, "silent@place.example")
    make_place(there, amina.email, status=status)
    assert [task.title for task in glance(amina)[0]] == []
    clock.move_to(at(date(2027, 3, 24), 12))
    sweeping.send_reminders()
    assert to("invitation_reminder") == ["silent@place.example"]
    services.change(there, by=priya, seen=read(there).version, **ROOM)
    assert kinds_to(amina.email) == []


def test_not_me_ends_the_invitation_to_that_address_as_well(meeting: Any, amina: Any, clock: Any) -> None:
    there = meeting(registration_closes_on=date(2027, 3, 31))
    invited(there, "wrong@place.example")
    [place] = services.register(there, people=[services.Person("Ann", "wrong@place.example")], by=amina)
    services.not_me(place)
    forget()
    clock.move_to(at(date(2027, 3, 24), 12))
    sweeping.send_reminders()
    assert to("invitation_reminder") == []


@pytest.mark.parametrize("stage", ["cancelled", "postponed", "held"])
def test_nobody_is_accepted_at_a_meeting_that_does_not_come(meeting: Any, priya: Any, stage: str) -> None:
    place = make_place(meeting(stage), status=Status.REQUESTED)
    with pytest.raises(TransitionRefused):
        services.approve(place, by=priya)
    assert Registration.objects.get().status == Status.REQUESTED
    assert written() == []


@pytest.mark.parametrize("stage", ["cancelled", "held"])
def test_nobody_is_turned_away_from_a_meeting_that_is_no_more(meeting: Any, priya: Any, stage: str) -> None:
    place = make_place(meeting(stage), status=Status.REQUESTED)
    with pytest.raises(TransitionRefused):
        services.decline(place, by=priya, word="Full.")
    assert written() == []


def test_who_waits_and_follows_online_instead_hears_of_the_place(meeting: Any, priya: Any) -> None:
    there = meeting(mode="hybrid", join_link="https://meet.example/x", capacity=1)
    make_place(there)
    place = make_place(there, "waits@place.example", status=Status.WAITING)
    services.keep_place(place, seen=place.version, by=priya, attends=Registration.Attends.ONLINE)
    [letter] = written("place_confirmed")
    assert (letter.to_email, event(letter)["method"]) == ("waits@place.example", "REQUEST")
    fresh = Registration.objects.get(pk=place.pk)
    services.keep_place(fresh, seen=fresh.version, by=priya, name="Wanda Waits")
    assert to("place_confirmed") == ["waits@place.example"]


def test_who_wants_no_more_letters_is_not_invited_after_all(meeting: Any, priya: Any) -> None:
    there = meeting()
    make_invitee(there, "stop@place.example", is_asked_for_dates=True, wants_no_more=True)
    people = [Invitee(meeting=there, name=name, email=f"{name}@place.example") for name in ("stop", "new")]
    services.invite(there, people=people, by=priya)
    assert to("invitation") == ["new@place.example"]


# --- what changes while letters are on their way


def test_reminders_of_the_morning_go_on_after_the_room_has_changed(meeting: Any, clock: Any, priya: Any) -> None:
    there = meeting()
    make_place(there, "east@place.example", zone="America/St_Johns")
    make_place(there, "west@place.example", zone="America/Vancouver")
    clock.move_to(at(date(2027, 4, 12), 8, 30, "America/St_Johns"))
    sweeping.send_reminders()
    assert to("practical") == ["east@place.example"]
    Mailing.objects.update(finished_at=None)  # the worker was not done yet
    services.change(there, by=priya, seen=read(there).version, **ROOM)
    clock.move_to(at(date(2027, 4, 12), 8, 30, "America/Vancouver"))
    sweeping.send_reminders()
    sweeping.send_reminders()
    east, west = written("practical")
    assert (east.to_email, west.to_email) == ("east@place.example", "west@place.example")
    assert "Carol Shields Auditorium" in west.text


def test_a_change_that_is_still_being_written_stops_when_the_meeting_is_called_off(meeting: Any, priya: Any) -> None:
    for off, kind in ((services.postpone, "postponed"), (services.cancel, "cancelled")):
        there = meeting()
        make_place(there, f"{kind}@place.example")
        services.change(there, by=priya, seen=read(there).version, **ROOM)
        off(read(there), by=priya, note="Flood.")
        assert kinds_to(f"{kind}@place.example") == [kind]


def test_a_new_date_stands_for_a_postponement_that_nobody_has_read(meeting: Any, priya: Any) -> None:
    there = meeting()
    make_place(there, "anna@place.example")
    services.postpone(there, by=priya, note="Flood.")
    there = read(there)
    services.set_new_date(there, by=priya, seen=there.version, starts_on=date(2027, 5, 5), ends_on=date(2027, 5, 6))
    [letter] = written()
    assert (letter.kind, event(letter)["sequence"]) == ("meetings.changed", read(there).sequence)


# --- the day itself


def test_a_link_that_fails_on_the_morning_is_replaced_while_the_meeting_runs(
    meeting: Any, clock: Any, priya: Any
) -> None:
    there = meeting(mode="virtual", join_link="https://meet.example/old", captions="yes")
    make_place(there, "anna@place.example")
    clock.move_to(at(date(2027, 4, 14), 9, 5))
    services.change(there, by=priya, seen=there.version, join_link="https://meet.example/new")
    assert to("changed") == ["anna@place.example"]
    with pytest.raises(TransitionRefused, match="lies ahead"):
        services.change(there, by=priya, seen=read(there).version, begins_at=time(8, 0))
    clock.move_to(at(date(2027, 4, 15), 16, 0))
    with pytest.raises(TransitionRefused, match="over"):
        services.change(there, by=priya, seen=read(there).version, join_link="https://meet.example/third")


# --- from the archives


def archival(**fields: Any) -> Meeting:
    days = {"starts_on": date(2027, 1, 20), "ends_on": date(2027, 1, 21)}
    return make_meeting("held", source="Annual report 2027", audience="public", **(days | fields))


def test_who_is_noted_at_a_meeting_of_the_archives_is_not_asked_what_it_was_worth(winnipeg: Any, priya: Any) -> None:
    there = archival(host=winnipeg)
    person = services.Person(name="Ann", email="ann@place.example")
    services.add_walk_in(there, by=priya, person=person)
    make_place(there, "bob@place.example", attendance=Attendance.PRESENT)
    sweeping.follow_up()
    assert not services.open_evaluation(read(there))
    assert (MeetingEvaluation.objects.count(), written()) == (0, [])


def test_notes_of_the_archives_write_to_nobody(winnipeg: Any, priya: Any, clock: Any) -> None:
    there = archival(host=winnipeg, notes_en="We met.", notes_fr="Nous nous sommes réunis.")
    make_place(there, "bob@place.example", attendance=Attendance.PRESENT)
    due = date(2027, 2, 10)
    action = make_action(there, due_on=due)
    assert services.publish_notes(read(there), by=priya) == 0
    services.add_action(
        read(there), by=priya, text_en="A", text_fr="A", due_on=due, owner_name="Ann", owner_email="ann@place.example"
    )
    services.readdress_action(action, by=priya, owner_name="Carl", owner_email="carl@place.example")
    clock.move_to(at(due, 12))
    sweeping.send_reminders()
    assert read(there).has_notes
    assert written() == []


# --- personal needs


def test_a_place_given_back_deletes_its_needs_and_says_nothing_of_the_others(meeting: Any) -> None:
    there = meeting()
    make_place(there, status=Status.CANCELLED, dietary_needs="No nuts")
    make_place(there, dietary_needs="No milk")
    assert sweeping.delete_needs() == 1
    assert sorted(Registration.objects.values_list("dietary_needs", flat=True)) == ["", "No milk"]
    assert read(there).needs_deleted_at is None
