"""Taking a place, waiting for one, giving it back."""

import threading
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import TransactionTestCase

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from meetings import services
from meetings.models import Invitee, Meeting, Registration
from meetings.selectors.places import position_of, room_of
from meetings.services.persons import Person

from .factories import make_invitee, make_meeting, make_place
from .mailbag import event, kinds_to, to, written

pytestmark = pytest.mark.django_db
AMINA = "amina@thunderbay.example"


def person(email: str = "guest@place.example", **fields: Any) -> Person:
    return Person(name=email.partition("@")[0].title(), email=email, **({"language": "en"} | fields))


def read(place: Registration) -> Registration:
    return Registration.objects.select_related("meeting").get(pk=place.pk)


def statuses(meeting: Meeting) -> dict[str, str]:
    return dict(Registration.objects.filter(meeting=meeting).order_by("pk").values_list("email", "status"))


def test_a_member_registers_herself_and_a_colleague_in_his_language(meeting: Any, amina: Any, thunder_bay: Any) -> None:
    there = meeting(sequence=3)
    hers, his = services.register(
        there,
        people=[person(AMINA), person("luc@thunderbay.example", language="fr", municipality=thunder_bay)],
        by=amina,
    )
    assert (hers.status, his.status) == (Status.REGISTERED, Status.REGISTERED)
    assert (hers.municipality, hers.stakeholder.user, hers.zone) == (thunder_bay, amina, "America/Toronto")
    mine, other = written("place_confirmed")
    assert (mine.to_email, mine.language, other.to_email, other.language) == (
        AMINA,
        "en",
        "luc@thunderbay.example",
        "fr",
    )
    assert "Amina Diallo" in other.text
    assert "Amina Diallo registered" not in mine.text
    assert event(other) == {
        "method": "REQUEST",
        "uid": event(mine)["uid"],
        "sequence": 3,
        "status": "CONFIRMED",
        "start": datetime(2027, 4, 14, 9, 0, tzinfo=ZoneInfo("America/Winnipeg")),
        "zone": "America/Winnipeg",
        "title": "Des Prairies plus sûres",
    }


def test_the_second_click_is_answered_and_not_scolded(meeting: Any, amina: Any) -> None:
    there = meeting()
    services.register(there, people=[person(AMINA)], by=amina)
    with pytest.raises(TransitionRefused) as refused:
        services.register(there, people=[person("Amina@ThunderBay.example")], by=amina)
    assert refused.value.done_already
    assert len(to("place_confirmed")) == 1


def test_who_is_registered_already_is_left_out_and_the_others_come(meeting: Any, amina: Any) -> None:
    there = meeting()
    services.register(there, people=[person(AMINA)], by=amina)
    new = services.register(there, people=[person(AMINA), person("new@place.example")], by=amina)
    assert [place.email for place in new] == ["new@place.example"]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"registration_opens_on": date(2027, 2, 2)}, "Registration is closed."),
        ({"registration_closes_on": date(2027, 1, 31)}, "Registration is closed."),
    ],
)
def test_only_while_registration_is_open(meeting: Any, amina: Any, priya: Any, fields: Any, says: str) -> None:
    there = meeting(**fields)
    with pytest.raises(TransitionRefused, match=says):
        services.register(there, people=[person()], by=amina)
    assert services.register(there, people=[person()], by=priya)  # the network may, before and after


@pytest.mark.parametrize("day", [date(2027, 1, 31), date(2027, 2, 1)])
def test_the_first_and_last_day_of_registration_count_in_the_place_of_the_meeting(
    meeting: Any, amina: Any, clock: Any, day: date
) -> None:
    there = meeting(registration_opens_on=date(2027, 1, 31), registration_closes_on=date(2027, 2, 1))
    clock.move_to(datetime.combine(day, time(23, 59), tzinfo=ZoneInfo("America/Winnipeg")))
    assert services.register(there, people=[person()], by=amina)
    clock.move_to(datetime(2027, 2, 2, 0, 0, tzinfo=ZoneInfo("America/Winnipeg")))
    with pytest.raises(TransitionRefused):
        services.register(there, people=[person("late@place.example")], by=amina)


@pytest.mark.parametrize("stage", ["scheduled", "postponed", "cancelled", "held"])
def test_nobody_registers_for_what_is_not_announced(meeting: Any, priya: Any, stage: str) -> None:
    with pytest.raises(TransitionRefused):
        services.register(meeting(stage), people=[person()], by=priya)


def test_without_an_account_one_needs_a_public_meeting_or_an_invitation(meeting: Any) -> None:
    members_only, public = meeting(), meeting(audience="public")
    with pytest.raises(PermissionDenied):
        services.register(members_only, people=[person()])
    assert services.register(public, people=[person()], by_name="Guest")
    invited = make_invitee(members_only, "guest@place.example", declined_at=datetime(2027, 1, 20, tzinfo=UTC))
    [place] = services.register(members_only, people=[person()], by_name="Guest", invitee=invited)
    assert place.status == Status.REGISTERED
    assert Invitee.objects.get(pk=invited.pk).declined_at is None
    with pytest.raises(PermissionDenied):
        services.register(meeting(), people=[person()], invitee=invited)  # an invitation to another meeting


def test_a_stranger_to_the_audience_may_not(meeting: Any, rosa: Any) -> None:
    with pytest.raises(PermissionDenied):
        services.register(meeting(audience="invited"), people=[person()], by=rosa)


def test_approval_comes_before_a_place(meeting: Any, amina: Any, priya: Any) -> None:
    there = meeting(needs_approval=True, capacity=1)
    [one] = services.register(there, people=[person("one@place.example")], by=amina)
    [two] = services.register(there, people=[person("two@place.example")], by=amina)
    assert (one.status, two.status) == (Status.REQUESTED, Status.REQUESTED)
    with pytest.raises(PermissionDenied):
        services.approve(one, by=amina)
    services.approve(one, by=priya)
    services.approve(two, by=priya)
    assert statuses(there) == {"one@place.example": "registered", "two@place.example": "waiting"}
    with pytest.raises(TransitionRefused) as refused:
        services.approve(one, by=priya)
    assert refused.value.done_already
    assert kinds_to("one@place.example") == ["place_requested", "place_confirmed"]
    assert kinds_to("two@place.example") == ["place_requested", "place_waiting"]


def test_declining_needs_a_reason_that_the_person_reads(meeting: Any, amina: Any, priya: Any) -> None:
    [place] = services.register(meeting(needs_approval=True), people=[person()], by=amina)
    with pytest.raises(TransitionRefused):
        services.decline(place, by=priya, word=" ")
    services.decline(place, by=priya, word="The room is for delegates.")
    assert read(place).status == Status.DECLINED
    assert "The room is for delegates." in written("place_declined")[0].text


def test_the_waiting_list_keeps_its_order_and_nobody_overtakes(meeting: Any, amina: Any, clock: Any) -> None:
    there = meeting(capacity=1)
    emails = [f"{name}@place.example" for name in ("first", "second", "third")]
    places = [services.register(there, people=[person(email)], by=amina)[0] for email in emails]
    assert [place.status for place in places] == ["registered", "waiting", "waiting"]
    assert [position_of(read(place)) for place in places] == [0, 1, 2]
    assert "second" not in written("place_waiting")[1].subject
    Meeting.objects.filter(pk=there.pk).update(capacity=2)  # a place more, and nobody filled it yet
    [late] = services.register(there, people=[person("late@place.example")], by=amina)
    assert late.status == Status.WAITING


def test_a_place_given_back_goes_to_the_next(meeting: Any, amina: Any) -> None:
    there = meeting(capacity=1)
    [first] = services.register(there, people=[person(AMINA)], by=amina)
    [second] = services.register(there, people=[person("second@place.example")], by=amina)
    services.cancel_place(first)
    assert read(first).status == Status.CANCELLED
    assert read(second).status == Status.REGISTERED
    gone, came = written("place_cancelled")[0], written("off_waiting_list")[0]
    assert (event(gone)["method"], event(came)["method"]) == ("CANCEL", "REQUEST")
    assert event(gone)["uid"] == event(came)["uid"]
    with pytest.raises(TransitionRefused) as refused:
        services.cancel_place(first)
    assert refused.value.done_already
    assert len(written("off_waiting_list")) == 1


def test_who_waits_may_leave_the_list(meeting: Any, amina: Any) -> None:
    there = meeting(capacity=1)
    make_place(there)
    waiting = make_place(there, "two@place.example", status=Status.WAITING)
    services.cancel_place(waiting)
    assert read(waiting).status == Status.CANCELLED
    assert written("place_cancelled")[0].calendar == ""
    assert written("off_waiting_list") == []


def test_after_giving_a_place_back_one_may_register_again(meeting: Any, amina: Any) -> None:
    there = meeting()
    [first] = services.register(there, people=[person(AMINA)], by=amina)
    services.cancel_place(first)
    [second] = services.register(there, people=[person(AMINA)], by=amina)
    assert second.pk != first.pk
    assert second.status == Status.REGISTERED


def test_only_the_network_the_person_or_the_one_who_registered_gives_a_place_back(
    meeting: Any, amina: Any, helen: Any, priya: Any
) -> None:
    there = meeting()
    [place] = services.register(there, people=[person("colleague@place.example")], by=amina)
    with pytest.raises(PermissionDenied):
        services.cancel_place(place, by=helen)
    services.cancel_place(place, by=amina, word="She is ill.")
    assert "Amina Diallo" in written("place_cancelled")[0].text
    [other] = services.register(there, people=[person("other@place.example")], by=amina)
    services.cancel_place(other, by=priya, word="Too many from one place.")
    assert "Too many from one place." in written("place_cancelled")[1].text


def test_a_place_cannot_be_given_back_when_the_meeting_is_over(meeting: Any, clock: Any) -> None:
    place = make_place(meeting())
    clock.move_to(datetime(2027, 4, 15, 15, 59, tzinfo=ZoneInfo("America/Winnipeg")))
    waiting = make_place(place.meeting, status=Status.WAITING)
    services.cancel_place(place)
    assert read(waiting).status == Status.WAITING  # nobody comes off the list once it has begun
    clock.move_to(datetime(2027, 4, 15, 16, 0, tzinfo=ZoneInfo("America/Winnipeg")))
    with pytest.raises(TransitionRefused):
        services.cancel_place(waiting)


def test_promotion_at_midnight_of_friday_in_vancouver(clock: Any, priya: Any) -> None:
    """48 hours would end on Sunday at midnight, when nobody reads mail: the place can be given back to Monday 17:00."""
    zone = ZoneInfo("America/Vancouver")
    there = make_meeting(
        national=True,
        capacity=1,
        time_zone="America/Vancouver",
        venue="Library Square",
        address="350 West Georgia Street",
    )
    place, next_one = make_place(there), make_place(there, "next@place.example", status=Status.WAITING)
    clock.move_to(datetime(2027, 2, 27, 0, 0, tzinfo=zone))  # the night from Friday to Saturday
    services.cancel_place(place)
    promoted = read(next_one)
    assert promoted.status == Status.REGISTERED
    assert promoted.promoted_at == datetime(2027, 2, 27, 0, 0, tzinfo=zone)
    assert promoted.refuse_by == datetime(2027, 3, 1, 17, 0, tzinfo=zone)
    assert promoted.refuse_by.astimezone(UTC) == datetime(
        2027, 3, 2, 0, 0, tzinfo=UTC
    )  # UTC−7 the whole year since 2026
    letter = written("off_waiting_list")[0]
    assert "Monday, March 1, 2027, 5:00\u00a0p.m. (Vancouver time)" in letter.text


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2027, 2, 2, 10, 0), datetime(2027, 2, 4, 10, 0)),  # Tuesday: 48 hours
        (datetime(2027, 2, 4, 10, 0), datetime(2027, 2, 8, 17, 0)),  # Thursday: Saturday moves to Monday evening
        (datetime(2027, 4, 13, 20, 0), datetime(2027, 4, 14, 9, 0)),  # never after the meeting begins
    ],
)
def test_until_when_a_place_can_be_given_back(clock: Any, meeting: Any, now: datetime, until: datetime) -> None:
    zone = ZoneInfo("America/Winnipeg")
    there = meeting(capacity=1)
    place, waiting = make_place(there), make_place(there, status=Status.WAITING)
    clock.move_to(now.replace(tzinfo=zone))
    services.cancel_place(place)
    assert read(waiting).refuse_by == until.replace(tzinfo=zone)


@pytest.mark.parametrize("stage", ["postponed", "cancelled"])
def test_nobody_comes_off_the_list_of_what_does_not_take_place(meeting: Any, stage: str) -> None:
    there = meeting(stage, capacity=1)
    make_place(there, status=Status.WAITING)
    assert services.fill_free_places(there) == []


def test_online_places_fill_no_room(meeting: Any, amina: Any) -> None:
    there = meeting(mode="hybrid", capacity=1, join_link="https://video.example/1", captions="yes")
    [room] = services.register(there, people=[person(AMINA)], by=amina)
    [online] = services.register(there, people=[person("far@place.example", attends="online")], by=amina)
    [late] = services.register(there, people=[person("late@place.example")], by=amina)
    assert [p.status for p in (room, online, late)] == ["registered", "registered", "waiting"]
    assert room_of(there).taken == 1
    services.keep_place(late, seen=1, attends="online")
    assert read(late).status == Status.REGISTERED
    with pytest.raises(TransitionRefused, match="No place in the room"):
        services.keep_place(online, seen=1, attends="in_person")
    services.keep_place(room, seen=1, attends="online")
    assert room_of(there).taken == 0


def test_who_follows_online_after_all_frees_a_place(meeting: Any) -> None:
    there = meeting(mode="hybrid", capacity=1, join_link="https://video.example/1", captions="yes")
    sitting, waiting = make_place(there), make_place(there, status=Status.WAITING)
    services.keep_place(sitting, seen=1, attends="online")
    assert read(waiting).status == Status.REGISTERED


@pytest.mark.parametrize("seat", [("in_person", "online"), ("online", "in_person")])
def test_how_one_takes_part_is_settled_when_the_meeting_is_over(
    meeting: Any, clock: Any, priya: Any, seat: tuple[str, str]
) -> None:
    before, after = seat
    there = meeting(mode="hybrid", join_link="https://video.example/1", captions="yes")
    place = make_place(there, attends=before)
    over = there.finishes
    clock.move_to(over - timedelta(minutes=1))
    services.keep_place(place, seen=1, attends=after)
    services.keep_place(place, seen=2, attends=before)
    clock.move_to(over)
    for by in (None, priya):
        with pytest.raises(TransitionRefused, match="The meeting is over."):
            services.keep_place(place, seen=3, by=by, attends=after)
    services.keep_place(place, seen=3, name="Anna M. Roy", attends=before)  # for the certificate
    assert (read(place).attends, read(place).name) == (before, "Anna M. Roy")


def test_nor_can_it_be_changed_once_it_was_held(meeting: Any) -> None:
    there = meeting("held", mode="hybrid", join_link="https://video.example/1", captions="yes")
    place = make_place(there)
    with pytest.raises(TransitionRefused, match="The meeting is over."):
        services.keep_place(place, seen=1, attends="online")
    assert read(place).attends == "in_person"


def test_two_people_correct_the_same_registration(meeting: Any, priya: Any) -> None:
    place = make_place(meeting())
    services.keep_place(place, seen=1, by=priya, name="Anna Roy")
    with pytest.raises(Conflict):
        services.keep_place(read(place), seen=1, name="A. Roy")
    assert read(place).name == "Anna Roy"


def test_needs_are_kept_until_the_meeting_is_over(meeting: Any, clock: Any) -> None:
    place = make_place(meeting())
    services.keep_needs(place, dietary_needs="No nuts", access_needs="Step-free")
    assert (read(place).dietary_needs, read(place).access_needs) == ("No nuts", "Step-free")
    clock.move_to(datetime(2027, 4, 16, 12, 0, tzinfo=UTC))
    with pytest.raises(TransitionRefused):
        services.keep_needs(place, dietary_needs="", access_needs="")


def test_not_me_removes_name_and_address_and_tells_who_registered(meeting: Any, amina: Any) -> None:
    there = meeting(capacity=1)
    [place] = services.register(there, people=[person("wrong@place.example")], by=amina)
    token = place.token
    waiting = make_place(there, status=Status.WAITING)
    services.not_me(place)
    gone = read(place)
    assert (gone.name, gone.email, gone.status) == ("Name removed", f"removed-{place.pk}@removed.invalid", "cancelled")
    assert Registration.from_token(token) is None
    assert to("not_me") == [AMINA]
    assert read(waiting).status == Status.REGISTERED


def test_another_address_kills_the_old_link(meeting: Any, priya: Any) -> None:
    there = meeting()
    place, other = make_place(there), make_place(there)
    old = place.token
    with pytest.raises(TransitionRefused):
        services.readdress(place, email=other.email, by=priya)
    services.readdress(place, email="Right@Place.example", by=priya)
    assert Registration.from_token(old) is None
    assert to("place_confirmed") == ["right@place.example"]


def test_a_lost_link_is_sent_again_once_an_hour(meeting: Any, clock: Any) -> None:
    there = meeting()
    place = make_place(there, "guest@place.example")
    make_invitee(there, "guest@place.example", invited_at=place.asked_at)
    invited = make_invitee(there, "invited@place.example", invited_at=place.asked_at)
    assert services.send_links_again("Guest@place.example ") == 1
    services.send_links_again("guest@place.example")
    assert kinds_to("guest@place.example") == ["place_confirmed"]
    services.send_links_again(invited.email)
    assert kinds_to("invited@place.example") == ["invitation"]
    assert services.send_links_again("nobody@place.example") == 0
    clock.shift(3600)
    services.send_links_again("guest@place.example")
    assert kinds_to("guest@place.example") == ["place_confirmed", "place_confirmed"]


@pytest.mark.slow
class TwentyPeopleAndTwoPlaces(TransactionTestCase):
    """The rows must be committed for others to see them: a test case of its own."""

    def test_two_are_registered_and_eighteen_wait_in_order(self) -> None:
        there = make_meeting(
            national=True, capacity=2, audience="public", starts_on=date(2099, 5, 5), ends_on=date(2099, 5, 5)
        )
        gate, came, wrong = threading.Barrier(20), [], []

        def come(number: int) -> None:
            try:
                gate.wait(30)
                [place] = services.register(there, people=[person(f"p{number}@place.example")], by_name="x")
                came.append((place.waiting_since or place.asked_at, place.pk, place.status))
            except Exception as problem:  # shown below: a thread's exception is lost otherwise
                wrong.append(problem)
            finally:
                connection.close()

        threads = [threading.Thread(target=come, args=(n,)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert wrong == []
        assert sorted(status for _at, _pk, status in came) == ["registered"] * 2 + ["waiting"] * 18
        in_turn = Registration.objects.filter(meeting=there).in_waiting_order()
        assert [position_of(place) for place in in_turn] == list(range(1, 19))
        first_two = Registration.objects.registered().filter(meeting=there).values_list("asked_at", flat=True)
        assert max(first_two) <= in_turn[0].waiting_since
        promised = [m.text for m in written("place_waiting")]
        assert len(promised) == 18
