"""Which reminder is due when: before, on and after its moment, around holidays, once, and to nobody who has answered."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cmncp_portal.evaluation import reminders, services
from cmncp_portal.evaluation.tests.factories import (
    OPENS,
    make_invitation,
    make_questionnaire,
    make_response,
    make_survey,
)
from cmncp_portal.notifications.models import Message

pytestmark = pytest.mark.django_db
WINNIPEG, VANCOUVER = "America/Winnipeg", "America/Vancouver"


def at(year: int, month: int, day: int, hour: int, minute: int, zone: str = WINNIPEG) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


def opened_on(day: datetime, **fields: Any) -> Any:
    return make_survey(opens_at=day, due_at=day + timedelta(days=14), closes_at=day + timedelta(days=45), **fields)


# Opened on Wednesday, November 18, 2026: +4 is a Sunday, +10 a Saturday, +14 and +21 Wednesdays, +35 the Wednesday before Christmas.
STEPS = [
    (4, at(2026, 11, 23, 8, 30), "evaluation.nudge"),
    (10, at(2026, 11, 30, 8, 30), "evaluation.nudge"),
    (14, at(2026, 12, 2, 8, 30), "evaluation.nudge"),
    (21, at(2026, 12, 9, 8, 30), "evaluation.last_call"),
    (35, at(2026, 12, 23, 8, 30), "evaluation.last_call"),
]


@pytest.mark.parametrize(("step", "moment", "kind"), STEPS)
def test_before_on_and_after_each_step(step: int, moment: datetime, kind: str) -> None:
    invitation = make_invitation(make_survey(), time_zone=WINNIPEG)
    minute = timedelta(minutes=1)
    assert [one.step for one in reminders.due(moment - minute)] == ([10] if step == 14 else [])
    (found,) = reminders.due(moment)
    assert (found.invitation, found.step, found.kind.name, found.at) == (invitation, step, kind, moment)
    assert [one.step for one in reminders.due(moment + timedelta(days=2) - minute)] == [step]
    assert [one.step for one in reminders.due(moment + timedelta(days=2))] == ([14] if step == 10 else [])


def test_each_person_is_reminded_at_half_past_eight_where_they_are() -> None:
    survey = make_survey()
    make_invitation(survey, "Helen", time_zone=WINNIPEG)
    make_invitation(survey, "Vera", time_zone=VANCOUVER)
    morning = at(2026, 12, 2, 8, 30)
    assert [one.invitation.name for one in reminders.due(morning) if one.step == 14] == ["Helen"]
    found = {one.invitation.name: one.at for one in reminders.due(at(2026, 12, 2, 8, 30, VANCOUVER)) if one.step == 14}
    assert found == {"Helen": morning, "Vera": at(2026, 12, 2, 8, 30, VANCOUVER)}


@pytest.mark.parametrize(
    ("opened", "due_day"),
    [
        (
            datetime(2027, 3, 22, 15, 0, tzinfo=UTC),
            at(2027, 3, 29, 8, 30),
        ),  # +4 is Good Friday; core.days works on Easter Monday
        (datetime(2026, 11, 17, 15, 0, tzinfo=UTC), at(2026, 11, 23, 8, 30)),  # +4 is a Saturday
        (datetime(2026, 11, 16, 15, 0, tzinfo=UTC), at(2026, 11, 20, 8, 30)),  # +4 is a Friday
        (
            datetime(2026, 12, 21, 15, 0, tzinfo=UTC),
            at(2026, 12, 29, 8, 30),
        ),  # +4 is Christmas, Boxing Day is kept on the Monday
    ],
)
def test_holidays_and_weekends_move_it_to_the_next_working_day(opened: datetime, due_day: datetime) -> None:
    survey = opened_on(opened)
    assert reminders.moment(survey, 4, WINNIPEG) == due_day


def test_after_a_long_weekend_the_later_of_two_steps_is_the_one_letter() -> None:
    """Opened on March 16, 2027: +10 is Good Friday and moves to Monday the 29th, +14 is the day after."""
    survey = opened_on(datetime(2027, 3, 16, 15, 0, tzinfo=UTC))
    make_invitation(survey, time_zone=WINNIPEG)
    assert [one.step for one in reminders.due(at(2027, 3, 29, 9, 0))] == [10]
    assert [one.step for one in reminders.due(at(2027, 3, 30, 9, 0))] == [14]


def test_a_nudge_moved_past_the_due_date_no_longer_asks_for_an_answer_by_then() -> None:
    survey = opened_on(datetime(2027, 3, 12, 15, 0, tzinfo=UTC))  # due on Good Friday at 10:00, in words of that day
    make_invitation(survey, time_zone=WINNIPEG)
    (found,) = reminders.due(at(2027, 3, 30, 9, 0))
    assert (found.step, found.kind.name) == (14, "evaluation.last_call")


@pytest.mark.parametrize("reason", ["answered", "excused", "cancelled", "closed", "ended", "not open"])
def test_nobody_is_reminded_who_need_not_answer(reason: str) -> None:
    now = at(2026, 12, 2, 9, 0)
    if reason == "answered":
        make_response(make_survey())
    elif reason == "excused":
        make_invitation(make_survey(), excused_at=OPENS)
    elif reason == "ended":
        make_invitation(make_survey(closes_at=now, due_at=now))
    elif reason == "not open":
        make_invitation(make_survey(opens_at=now + timedelta(hours=1)), invited_at=OPENS)
    else:
        make_invitation(make_survey(**{f"{reason}_at": OPENS}))
    assert reminders.due(now) == []


def test_a_draft_is_not_an_answer() -> None:
    make_response(make_survey(), "Amina", draft=True)
    assert [one.invitation.name for one in reminders.due(at(2026, 12, 2, 9, 0))] == ["Amina"]


def test_nobody_is_reminded_of_what_they_were_just_asked() -> None:
    survey, now = make_survey(), at(2026, 12, 2, 9, 0)
    make_invitation(survey, "Old", invited_at=OPENS)
    make_invitation(survey, "New", invited_at=now - timedelta(days=1))
    assert [one.invitation.name for one in reminders.due(now)] == ["Old"]


def test_the_same_sweep_twice_sends_once() -> None:
    survey = make_survey()
    for name in ("Amina", "Luc"):
        make_invitation(survey, name)
    now = at(2026, 12, 2, 10, 0)
    assert services.send_reminders(now) == 2
    assert services.send_reminders(now) == 0
    assert services.send_reminders(now + timedelta(hours=20)) == 0
    assert Message.objects.filter(kind="evaluation.nudge").count() == 2


def test_answering_takes_back_a_reminder_that_waits() -> None:
    survey = make_survey(
        opens_at=timezone.now() - timedelta(days=5),
        due_at=timezone.now() + timedelta(days=9),
        closes_at=timezone.now() + timedelta(days=40),
    )
    invitation = make_invitation(survey, "Amina")
    services._remind(reminders.Due(invitation, reminders.NUDGE, 4, timezone.now()))
    services.submit(invitation, seen=0, language="en", values={"usefulness": 3})
    assert list(Message.objects.values_list("kind", "state")) == [("evaluation.nudge", "withdrawn")]


@pytest.mark.slow
@pytest.mark.parametrize("people", [2, 500])
def test_finding_what_is_due_is_one_query(people: int, django_assert_num_queries: Any) -> None:
    from cmncp_portal.evaluation.models import Invitation

    survey = make_survey(make_questionnaire())
    Invitation.objects.bulk_create(
        Invitation(survey=survey, email=f"p{n}@example.ca", name=f"P{n}", language="en", invited_at=OPENS)
        for n in range(people)
    )
    now = at(2026, 12, 2, 10, 0)
    with django_assert_num_queries(1):
        due = reminders.due(now)
    assert len(due) == people
    Message.objects.bulk_create(
        Message(
            key=f"{one.key}:{one.invitation.email}",
            kind="evaluation.nudge",
            to_email=one.invitation.email,
            language="en",
            subject="s",
            text="t",
        )
        for one in due
    )
    with django_assert_num_queries(2):
        assert services.send_reminders(now) == 0
