"""A moved, postponed or cancelled meeting: one letter to each person concerned, and the event on the calendar set right."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality
from meetings import services
from meetings.models import Meeting, MeetingChange, Registration
from meetings.services import sweeping

from .factories import make_invitee, make_item, make_meeting, make_place, make_speaker
from .mailbag import event, forget, kinds_to, to, written

pytestmark = pytest.mark.django_db
MAY = {"starts_on": date(2027, 5, 5), "ends_on": date(2027, 5, 6)}


def read(meeting: Meeting) -> Meeting:
    return Meeting.objects.with_places().get(pk=meeting.pk)


@pytest.fixture
def crowd(meeting: Any, priya: Any) -> Meeting:
    """An announced meeting with two registered, one waiting, one invited, one who declined, one who speaks; all were told."""
    there = meeting("scheduled", capacity=2)
    services.announce(there, by=priya, seen=there.version)
    there = read(there)
    for email, language in (("anna@place.example", "en"), ("benoit@place.example", "fr")):
        services.register(there, people=[services.Person(name=email.title(), email=email, language=language)], by=priya)
    services.register(there, people=[services.Person(name="Cara", email="cara@place.example", language="en")], by=priya)
    at = datetime(2027, 1, 20, tzinfo=UTC)
    make_invitee(there, "dora@place.example", invited_at=at)
    make_invitee(there, "anna@place.example", invited_at=at)
    make_invitee(there, "no@place.example", invited_at=at, declined_at=at)
    make_speaker(make_item(there), "Dr. Ann Lee", email="lee@university.example")
    make_speaker(make_item(there), "Anna", email="Anna@place.example")
    services.invite(there, people=[], by=priya)
    forget()
    from cmncp_portal.notifications.models import Message

    Message.objects.create(  # Dora's invitation has left
        key=f"meetings.invitation:{there.pk}:announced:dora@place.example", kind="meetings.invitation", category="meetings",
        to_email="dora@place.example", language="en", subject="x", text="x", state="sent", sent_at=at,
    )  # fmt: skip
    return there


def test_a_moved_date_is_told_once_to_each_with_one_updated_event(crowd: Meeting, priya: Any) -> None:
    before = read(crowd)
    services.change(crowd, by=priya, seen=before.version, word="The hall is double-booked.", **MAY)
    assert to("changed") == [
        "anna@place.example",
        "benoit@place.example",
        "cara@place.example",
        "dora@place.example",
        "lee@university.example",
    ]
    letters = {m.to_email: m for m in written("changed")}
    hers, his = letters["anna@place.example"], letters["benoit@place.example"]
    assert event(hers) == {
        "method": "REQUEST",
        "uid": f"meeting-{crowd.pk}@{event(hers)['uid'].partition('@')[2]}",
        "sequence": before.sequence + 1,
        "status": "CONFIRMED",
        "start": datetime(2027, 5, 5, 9, 0, tzinfo=ZoneInfo("America/Winnipeg")),
        "zone": "America/Winnipeg",
        "title": "Safer Prairies",
    }
    assert event(his)["uid"] == event(hers)["uid"]
    assert "April 14–15, 2027 → May 5–6, 2027" in hers.text
    assert "du 14 au 15\u00a0avril\u00a02027 → du 5 au 6\u00a0mai\u00a02027" in his.text
    assert "The hall is double-booked." in his.text
    assert [letters[name].calendar for name in ("cara@place.example", "dora@place.example")] == ["", ""]
    assert MeetingChange.objects.get(meeting=crowd).text_en == "Dates: April 14–15, 2027 → May 5–6, 2027"


def test_a_new_host_is_told_by_name_in_both_languages(crowd: Meeting, priya: Any, saskatoon: Any) -> None:
    before = read(crowd)
    services.change(crowd, by=priya, seen=before.version, word="The hall in Winnipeg burned.", host=saskatoon)
    assert to("changed") == [
        "anna@place.example",
        "benoit@place.example",
        "cara@place.example",
        "dora@place.example",
        "lee@university.example",
    ]
    letters = {m.to_email: m for m in written("changed")}
    hers, his = letters["anna@place.example"], letters["benoit@place.example"]
    assert "What is different:\n\n- Host: Winnipeg → Saskatoon\n\n" in hers.text
    assert "Voici ce qui est différent\u00a0:\n\n- Municipalité hôte\u00a0: Winnipeg → Saskatoon\n\n" in his.text
    assert (hers.subject, his.subject) == (
        "[CMNCP] Changed: Safer Prairies, Saskatoon, April 14–15, 2027",
        "[RMCPC] Modification\u00a0: Des Prairies plus sûres, Saskatoon, du 14 au 15\u00a0avril\u00a02027",
    )
    assert event(hers)["sequence"] == read(crowd).sequence == before.sequence + 1
    assert read(crowd).host == saskatoon
    change = MeetingChange.objects.get(meeting=crowd)
    assert (change.text_en, change.text_fr) == (
        "Host: Winnipeg → Saskatoon",
        "Municipalité hôte\u00a0: Winnipeg → Saskatoon",
    )


def test_a_new_host_in_the_same_time_zone_changes_no_hours(crowd: Meeting, priya: Any) -> None:
    brandon = make_municipality("brandon", province="MB", time_zone="America/Winnipeg")
    services.change(crowd, by=priya, seen=read(crowd).version, host=brandon)
    assert list(MeetingChange.objects.values_list("text_en", flat=True)) == ["Host: Winnipeg → Brandon"]


def test_a_national_meeting_may_lose_its_host(meeting: Any, priya: Any, winnipeg: Any) -> None:
    there = meeting(national=True)
    make_place(there, "anna@place.example")
    services.change(there, by=priya, seen=1, host=None)
    [letter] = written("changed")
    assert "\n- The meeting no longer has a host.\n" in letter.text
    services.change(there, by=priya, seen=2, host=winnipeg)
    assert "\n- Host: Winnipeg\n" in written("changed")[-1].text


def test_the_hosts_fit_together(meeting: Any, priya: Any, thunder_bay: Any) -> None:
    for there, host, says in (
        (meeting(), None, "A regional meeting is hosted by a member: choose the host."),
        (meeting(co_host=thunder_bay, national=True), None, "A co-host stands beside a host"),
        (meeting(co_host=thunder_bay), thunder_bay, "The co-host is another member than the host."),
    ):
        with pytest.raises(TransitionRefused, match=says):
            services.change(there, by=priya, seen=1, host=host)
        assert read(there).sequence == 0
    assert to("changed") == []


def test_saving_the_same_again_tells_nobody(crowd: Meeting, priya: Any) -> None:
    there = read(crowd)
    assert (
        services.change(crowd, by=priya, seen=there.version, starts_on=there.starts_on, ends_on=there.ends_on) is None
    )
    assert to("changed") == []
    assert read(crowd).sequence == there.sequence


def test_two_moves_are_two_letters_with_rising_sequence(crowd: Meeting, priya: Any) -> None:
    services.change(crowd, by=priya, seen=read(crowd).version, **MAY)
    services.change(crowd, by=priya, seen=read(crowd).version, starts_on=date(2027, 5, 6))
    events = [event(m) for m in written("changed") if m.to_email == "anna@place.example"]
    assert [e["sequence"] for e in events] == [read(crowd).sequence - 1, read(crowd).sequence]
    assert len({e["uid"] for e in events}) == 1


def test_a_new_link_is_told_to_those_registered_only(meeting: Any, priya: Any) -> None:
    there = meeting(mode="virtual", join_link="https://video.example/1", captions="yes", venue="", address="")
    make_place(there, "anna@place.example")
    make_invitee(there, "dora@place.example", invited_at=datetime(2027, 1, 20, tzinfo=UTC))
    services.change(there, by=priya, seen=1, join_link="https://video.example/2")
    assert "changed" not in kinds_to("dora@place.example")
    [letter] = written("changed")
    assert "https://video.example/2" not in letter.text  # it stands on the own page, and leaves an hour before


def test_who_was_not_told_yet_is_invited_to_the_new_date(meeting: Any, priya: Any, helen: Any) -> None:
    there = meeting("scheduled", audience="members")
    services.announce(there, by=priya, seen=there.version)  # nothing is written yet
    there = read(there)
    services.change(there, by=priya, seen=there.version, **MAY)
    [letter] = written("invitation")
    assert letter.to_email == "helen@winnipeg.example"
    assert "May 5–6, 2027" in letter.text
    assert to("changed") == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"starts_on": date(2027, 5, 6), "ends_on": date(2027, 5, 5)}, "last day"),
        ({"starts_on": date(2027, 1, 31), "ends_on": date(2027, 1, 31)}, "lies ahead"),
        ({"finishes_at": None}, "times"),
        ({"starts_on": date(2027, 5, 5), "ends_on": date(2027, 5, 5), "finishes_at": time(8, 0)}, "ends after"),
        ({"mode": "virtual"}, "online"),
        ({"venue": "", "address": ""}, "where people meet"),
    ],
)
def test_what_cannot_be_announced_is_refused(meeting: Any, priya: Any, fields: dict[str, Any], says: str) -> None:
    there = meeting()
    with pytest.raises(TransitionRefused, match=says):
        services.change(there, by=priya, seen=1, **fields)
    assert read(there).sequence == 0


def test_a_change_is_refused_to_others_and_to_stale_pages(meeting: Any, priya: Any, helen: Any) -> None:
    there = meeting()
    with pytest.raises(PermissionDenied):
        services.change(there, by=helen, seen=1, **MAY)
    with pytest.raises(Conflict):
        services.change(there, by=priya, seen=7, **MAY)
    with pytest.raises(TransitionRefused):
        services.change(meeting("scheduled"), by=priya, seen=1, **MAY)


def test_a_close_change_is_urgent(meeting: Any, priya: Any, clock: Any) -> None:
    there = meeting()
    make_place(there, "anna@place.example")
    clock.move_to(datetime(2027, 4, 13, 12, 0, tzinfo=ZoneInfo("America/Winnipeg")))
    services.change(there, by=priya, seen=1, venue="Library")
    assert "URGENT" in written("changed")[0].subject


def test_registration_never_closes_after_the_end(meeting: Any, priya: Any) -> None:
    there = meeting(registration_closes_on=date(2027, 4, 10))
    services.change(there, by=priya, seen=1, starts_on=date(2027, 3, 3), ends_on=date(2027, 3, 4))
    assert read(there).registration_closes_on == date(2027, 3, 3)


def test_postponing_keeps_the_places_and_withdraws_the_event(crowd: Meeting, priya: Any) -> None:
    services.postpone(crowd, by=priya, note="A storm.")
    there = read(crowd)
    assert (there.state, there.starts_on, there.begins_at) == ("postponed", None, time(9, 0))
    letters = {m.to_email: m for m in written("postponed")}
    assert sorted(letters) == [
        "anna@place.example",
        "benoit@place.example",
        "cara@place.example",
        "dora@place.example",
        "lee@university.example",
    ]
    found = event(letters["anna@place.example"])
    assert (found["method"], found["status"], found["sequence"]) == ("CANCEL", "CANCELLED", there.sequence)
    assert "April 14–15, 2027" in letters["anna@place.example"].text
    assert Registration.objects.registered().filter(meeting=there).count() == 2

    services.set_new_date(there, by=priya, seen=there.version, word="All is repaired.", **MAY)
    again = read(crowd)
    assert (again.state, again.starts_on) == ("announced", date(2027, 5, 5))
    found = event(next(m for m in written("changed") if m.to_email == "anna@place.example"))
    assert (found["method"], found["sequence"]) == ("REQUEST", again.sequence)
    assert again.sequence == there.sequence + 1


def test_cancelling_tells_everyone_with_reason_date_and_zone(crowd: Meeting, priya: Any) -> None:
    services.cancel(crowd, by=priya, note="The host has a flood.")
    letters = {m.to_email: m for m in written("cancelled")}
    assert sorted(letters) == [
        "anna@place.example",
        "benoit@place.example",
        "cara@place.example",
        "dora@place.example",
        "lee@university.example",
    ]
    french = letters["benoit@place.example"].text
    assert "The host has a flood." in french
    assert "du 14 au 15\u00a0avril\u00a02027" in french
    assert "Winnipeg" in french
    assert event(letters["anna@place.example"])["method"] == "CANCEL"
    with pytest.raises(TransitionRefused) as refused:
        services.cancel(crowd, by=priya, note="Again.")
    assert refused.value.done_already
    assert len(to("cancelled")) == 5


def test_cancelling_needs_a_reason(meeting: Any, priya: Any) -> None:
    with pytest.raises(TransitionRefused, match="reason"):
        services.cancel(meeting(), by=priya, note=" ")


def test_before_the_announcement_only_those_asked_for_dates_are_told(meeting: Any, priya: Any, helen: Any) -> None:
    there = meeting("polling")
    make_invitee(there, "asked@place.example", is_asked_for_dates=True)
    services.cancel(there, by=priya, note="No date suits.")
    assert to("cancelled") == ["asked@place.example"]
    services.cancel(meeting("idea"), by=priya, note="Not now.")
    assert len(to("cancelled")) == 1


def test_a_cancelled_meeting_sends_no_reminder_and_no_survey_ever(
    priya: Any, winnipeg: Any, helen: Any, clock: Any
) -> None:
    """Asked every morning from the cancellation to months after the day it would have been."""
    there = make_meeting(
        host=winnipeg, mode="hybrid", join_link="https://video.example/1", captions="yes", is_general_meeting=True,
        registration_closes_on=date(2027, 2, 16), starts_on=date(2027, 2, 17), ends_on=date(2027, 2, 17), capacity=1,
    )  # fmt: skip
    make_place(there, attends="online")
    make_place(there)
    make_place(there, status=Status.WAITING)
    make_invitee(there, invited_at=there.published_at)
    services.cancel(there, by=priya, note="Flood.")
    forget()
    for day in range(90):
        clock.move_to(datetime(2027, 2, 1, 15, 30, tzinfo=UTC) + timedelta(days=day))
        sweeping.send_reminders()
        sweeping.send_join_links()
        sweeping.follow_up()
    assert written() == []
    assert not hasattr(read(there), "evaluation")
