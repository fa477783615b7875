"""Who asks to be forgotten is: in the rows, their history, the letters that wait. What is counted stays."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cmncp_portal.core.places import Status
from cmncp_portal.notifications.models import Message
from meetings import services
from meetings.models import Registration
from meetings.services.forgetting import forget

from .factories import make_invitee, make_place

pytestmark = pytest.mark.django_db


def register(meeting: Any, email: str = "ann@place.example", name: str = "Ann Lee") -> Registration:
    invitee = make_invitee(meeting, email, name=name)
    return services.register(meeting, people=[services.Person(name=name, email=email)], invitee=invitee)[0]


def letters() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("kind", "state"))


def test_the_letter_about_the_place_given_back_is_the_last(meeting: Any) -> None:
    held = meeting()
    place, other = register(held), register(held, "bob@place.example", "Bob")
    forget(place)
    assert letters() == [
        ("meetings.place_confirmed", "withdrawn"),
        ("meetings.place_confirmed", "queued"),
        ("meetings.place_cancelled", "queued"),
    ]
    assert Message.objects.get(kind="meetings.place_cancelled").to_email == "ann@place.example"
    other.refresh_from_db()
    assert (other.name, other.status) == ("Bob", Status.REGISTERED)


def test_a_place_given_back_before_goes_too(meeting: Any) -> None:
    place = register(meeting())
    services.cancel_place(place, word="I am ill.")
    again = services.register(place.meeting, people=[services.Person(name="Ann Lee", email="ann@place.example")], invitee=place.meeting.invitees.get())[0]  # fmt: skip
    forget(again)
    rows = Registration.objects.order_by("pk").values_list("name", "email", "answer_note", "status")
    assert list(rows) == [
        ("Name removed", f"removed-{pk}@removed.invalid", "", Status.CANCELLED) for pk in (place.pk, again.pk)
    ]


def test_the_history_names_nobody(meeting: Any) -> None:
    place = register(meeting())
    services.keep_place(place, seen=place.version, name="Ann B. Lee", title="Chief")
    forget(place)
    events = Registration.pgh_event_model.objects.filter(pgh_obj=place.pk)  # type: ignore[attr-defined]
    assert events.count() > 2
    assert set(events.values_list("name", "title", "email")) == {
        ("Name removed", "", f"removed-{place.pk}@removed.invalid")
    }


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (datetime(2027, 4, 15, 20, 59, tzinfo=UTC), Status.CANCELLED),
        (datetime(2027, 4, 15, 21, 0, tzinfo=UTC), Status.REGISTERED),
        (datetime(2027, 4, 16, 15, 0, tzinfo=UTC), Status.REGISTERED),
    ],
)
def test_until_the_meeting_ends_the_place_is_given_back(meeting: Any, clock: Any, at: datetime, status: str) -> None:
    place = make_place(meeting(), "ann@place.example")
    clock.move_to(at)
    forget(place)
    place.refresh_from_db()
    assert place.status == status


@pytest.mark.parametrize("stage", ["postponed", "cancelled"])
def test_nothing_is_owed_to_a_meeting_called_off(meeting: Any, stage: str) -> None:
    place = make_place(meeting(stage), "ann@place.example", dietary_needs="No nuts")
    forget(place)
    place.refresh_from_db()
    assert (place.name, place.dietary_needs, place.wants_no_more) == ("Name removed", "", True)
