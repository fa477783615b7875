"""What waits for each of the cast at meetings, and their next dates, in one query."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.core.places import Status
from meetings.selectors.waiting import glance, waiting_keys

from .factories import make_action, make_invitee, make_meeting, make_place, make_slot

pytestmark = pytest.mark.django_db
AT = datetime(2027, 1, 20, tzinfo=UTC)
AMINA = "amina@thunderbay.example"


def waits(user: Any) -> list[tuple[str, date | None]]:
    tasks, _dates = glance(user)
    assert waiting_keys(user).count() == len(tasks)
    return [(task.detail, task.due_on) for task in tasks]


@pytest.mark.parametrize(
    ("closes", "answered", "found"),
    [
        (date(2027, 2, 1), None, [("Say which dates suit you", date(2027, 2, 1))]),
        (date(2027, 1, 31), None, []),
        (date(2027, 2, 5), AT, []),
    ],
)
def test_dates_to_answer(meeting: Any, amina: Any, closes: date, answered: Any, found: list[Any]) -> None:
    there = meeting("polling", poll_closes_on=closes)
    make_slot(there)
    make_invitee(there, AMINA, is_asked_for_dates=True, dates_answered_at=answered)
    assert waits(amina) == found


def test_an_invitation_waits_until_yes_no_or_the_last_day(meeting: Any, amina: Any, clock: Any) -> None:
    there = meeting(registration_closes_on=date(2027, 2, 10))
    invitee = make_invitee(there, AMINA, invited_at=AT)
    assert waits(amina) == [("Say whether you come to the meeting", date(2027, 2, 10))]
    [task] = glance(amina)[0]
    assert task.url == f"/en/meetings/invitation/{invitee.token}/"
    place = make_place(there, AMINA)
    assert waits(amina) == []
    place.delete()
    clock.move_to(datetime(2027, 2, 11, 17, 0, tzinfo=UTC))
    assert waits(amina) == []


def test_what_the_meeting_asked_of_one(meeting: Any, helen: Any) -> None:
    make_action(meeting("held", notes_published_at=AT))
    make_action(meeting("held"))  # the notes are not out
    assert waits(helen) == [("Do what the meeting asked of you", date(2027, 5, 14))]


def test_what_waits_for_the_network(meeting: Any, priya: Any, amina: Any) -> None:
    meeting("polling", poll_closes_on=date(2027, 1, 31), title_en="A")
    make_place(meeting(title_en="B"), status=Status.REQUESTED)
    meeting("held", starts_on=date(2027, 1, 28), ends_on=date(2027, 1, 29), title_en="C")
    meeting("held", starts_on=date(2027, 1, 28), ends_on=date(2027, 1, 29), source="A report")
    meeting("held", starts_on=date(2027, 1, 30), ends_on=date(2027, 1, 30))  # two days ago
    found = {(task.title, task.detail) for task in glance(priya)[0]}
    assert found == {
        ("A", "Fix the date of the meeting"),
        ("B", "Answer those who ask for a place"),
        ("C", "Publish the notes of the meeting"),
    }
    assert waits(amina) == []


def test_the_next_dates(
    meeting: Any, amina: Any, helen: Any, priya: Any, rosa: Any, django_assert_num_queries: Any
) -> None:
    near = meeting(title_en="Near")
    make_place(near, AMINA)
    make_meeting(title_en="Far", starts_on=date(2027, 6, 1), ends_on=date(2027, 6, 1))
    meeting("held", title_en="Over", starts_on=date(2027, 1, 5), ends_on=date(2027, 1, 5))
    titles = {user: [one.title for one in glance(user)[1]] for user in (amina, helen, priya, rosa)}
    assert titles == {amina: ["Near"], helen: ["Near"], priya: ["Near", "Far"], rosa: []}
    with django_assert_num_queries(1):
        glance(helen)
