"""What the portal does by itself: reminders at their hour, the two surveys, and what waits for whom."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.places import Status
from cmncp_portal.evaluation.instruments import load_instruments
from cmncp_portal.evaluation.models import Invitation, Survey
from cmncp_portal.notifications.models import Message
from training.models import OfferingSurvey
from training.selectors.offerings import calendar_entries
from training.selectors.waiting import glance, waiting_keys
from training.services.offerings_sweep import follow_up, send_reminders
from training.services.self_assessing import assess_oneself
from training.services.surveying import months_after

from .factories import (
    make_author,
    make_claim,
    make_enrolment,
    make_learner,
    make_module,
    make_offering,
    make_version,
)
from .offering_screens import came, forget, held, to, written

pytestmark = pytest.mark.django_db


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2027) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


EVENING = at(4, 15, 22)


@pytest.fixture
def taught(clock: Any) -> Any:
    """Online, April 14–15, 2027, Winnipeg time; builds one competency."""
    text = make_version().texts.in_order().first()
    return make_offering(
        module=make_module(builds=[(text.competency, 1)]), mode="online", join_link="https://secret.example/1"
    )


# --- before


def test_practical_details_a_week_before_at_half_past_eight_of_each_reader(taught: Any, clock: Any) -> None:
    east = make_enrolment(taught, "east@x.example", zone="America/St_Johns")
    make_enrolment(taught, "west@x.example", zone="America/Vancouver")
    make_enrolment(taught, "none@x.example", wants_no_more=True)
    make_enrolment(taught, "waits@x.example", status=Status.WAITING)
    assess_oneself(east, moment="before", ratings={taught.module.builds.get().competency_id: 2})
    clock.move_to(at(4, 7, 10, 59))
    assert send_reminders() == 0
    clock.move_to(at(4, 7, 11, 0))
    assert (send_reminders(), to("offering_practical")) == (1, ["east@x.example"])
    clock.move_to(at(4, 7, 16, 0))
    send_reminders()
    send_reminders()
    assert to("offering_practical") == ["east@x.example", "west@x.example"]
    given, asked = sorted(written("offering_practical"), key=lambda m: m.to_email)
    assert ("/self-assessment/before/" in given.text, "/self-assessment/before/" in asked.text) == (False, True)
    assert "Link to take part: https://secret.example/1" in asked.text


def test_the_link_on_the_eve_of_each_day_even_for_who_wants_no_reminders(taught: Any, clock: Any) -> None:
    make_enrolment(taught, "a@x.example", wants_no_more=True)
    clock.move_to(at(4, 13, 20, 59))  # 15:59 in Winnipeg
    assert send_reminders() == 0
    for hour in (at(4, 13, 21), at(4, 13, 23), at(4, 14, 21), at(4, 15, 21)):
        clock.move_to(hour)
        send_reminders()
    letters = written("offering_eve")
    assert [m.to_email for m in letters] == ["a@x.example", "a@x.example"]
    assert "Wednesday, April 14, 2027, 9:00\xa0a.m. to 4:00\xa0p.m. (Winnipeg time)" in letters[0].text
    assert "Thursday, April 15" in letters[1].text


def test_in_person_there_is_no_letter_on_the_eve(clock: Any) -> None:
    make_enrolment(make_offering(), "a@x.example")
    clock.move_to(at(4, 13, 22))
    assert (send_reminders(), written()) == (0, [])


def test_coordinators_hear_that_somebody_still_asks(taught: Any, clock: Any, priya: Any) -> None:
    for n in range(2):
        make_enrolment(taught, f"{n}@x.example", status=Status.REQUESTED)
    for day in (31, 1, 7):  # the 31st of March is two weeks before
        clock.move_to(at(3 if day == 31 else 4, day, 15))
        send_reminders()
    letters = written("approval_waits")
    assert [m.to_email for m in letters] == [priya.email, priya.email]
    assert letters[0].subject.startswith("[CMNCP] 2 people ask for a place: Planning with the community, online")


def test_a_change_takes_back_what_was_not_sent(taught: Any, clock: Any, priya: Any) -> None:
    from training.services.changing import change
    from training.services.offerings import Sitting

    make_enrolment(taught, "a@x.example")
    clock.move_to(at(4, 7, 15))
    send_reminders()
    assert to("offering_practical") == ["a@x.example"]
    sittings = [Sitting(s.day + timedelta(days=28), s.begins_at, s.finishes_at) for s in taught.sessions.all()]
    change(taught, by=priya, seen=1, sittings=sittings)
    assert to("offering_practical") == []
    clock.move_to(at(5, 5, 15))
    send_reminders()
    assert to("offering_practical") == ["a@x.example"]


# --- after


def test_how_sure_one_is_is_asked_the_working_day_after(taught: Any, clock: Any, ann: Any) -> None:
    here, away = make_enrolment(taught, "a@x.example"), make_enrolment(taught, "b@x.example")
    make_enrolment(taught, "c@x.example")  # nothing noted yet
    clock.move_to(EVENING)
    came(taught, here, by=ann)
    came(taught, away, by=ann, what="absent")
    clock.move_to(at(4, 16, 15))
    send_reminders()
    assert to("offering_afterwards") == ["a@x.example", "c@x.example"]
    assert "/self-assessment/after/" in written("offering_afterwards")[0].text


def test_attendance_is_asked_for_three_working_days_after(taught: Any, clock: Any, ann: Any, priya: Any) -> None:
    load_instruments()
    place = make_enrolment(taught, "a@x.example")
    clock.move_to(at(4, 19, 15))  # Monday, two working days after
    send_reminders()
    assert to("attendance_due") == []
    clock.move_to(at(4, 20, 15))
    came(taught, place, by=ann)  # noted, and not recorded: nothing records itself
    send_reminders()
    follow_up()
    taught.refresh_from_db()
    assert (to("attendance_due"), taught.state) == (["ann@college.example", priya.email], "open")
    forget()
    held(taught, place, by=ann)
    Message.objects.all().delete()
    send_reminders()
    assert to("attendance_due") == []


@pytest.mark.parametrize(
    ("day", "months", "found"),
    [
        (date(2027, 4, 15), 3, date(2027, 7, 15)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 10, 1), 3, date(2027, 1, 1)),
    ],
)
def test_three_months_later(day: date, months: int, found: date) -> None:
    assert months_after(day, months) == found


def test_the_two_surveys_open_at_nine_where_it_was_and_ask_those_who_came(taught: Any, clock: Any, ann: Any) -> None:
    load_instruments()
    here, away = make_enrolment(taught, "a@x.example"), make_enrolment(taught, "b@x.example")
    make_enrolment(taught, "c@x.example")
    clock.move_to(EVENING)
    came(taught, here, by=ann)
    came(taught, away, by=ann, what="absent")
    clock.move_to(at(4, 16, 13, 59))
    assert follow_up() == 0
    clock.move_to(at(4, 16, 14, 0))
    assert (follow_up(), follow_up()) == (1, 0)
    assert list(Invitation.objects.values_list("email", flat=True)) == ["a@x.example"]
    came(taught, away, by=ann)  # corrected: asked as well
    came(taught, here, by=ann, what="absent")
    asked = Invitation.objects.filter(excused_at__isnull=True)
    assert list(asked.values_list("email", flat=True)) == ["b@x.example"]
    clock.move_to(at(7, 15, 13, 59))
    assert follow_up() == 0
    clock.move_to(at(7, 15, 14, 0))
    assert (follow_up(), follow_up()) == (1, 0)
    survey = Survey.objects.get(offering_survey__purpose="use")
    assert survey.questionnaire.slug == "training-use"
    assert list(survey.invitations.values_list("email", flat=True)) == ["b@x.example"]


def test_nobody_is_asked_while_nothing_is_noted_or_long_after(taught: Any, clock: Any, ann: Any) -> None:
    load_instruments()
    place = make_enrolment(taught, "a@x.example")
    clock.move_to(at(4, 17, 15))
    assert follow_up() == 0
    clock.move_to(at(5, 17, 15))
    came(taught, place, by=ann)
    assert (follow_up(), OfferingSurvey.objects.count()) == (0, 0)


# --- what waits, and the calendar


def titles(user: Any) -> list[str]:
    tasks, _dates = glance(user)
    assert waiting_keys(user).count() == len(tasks)
    return sorted(task.detail for task in tasks)


def test_what_waits_for_whom(clock: Any, joseph: Any, priya: Any, uma: Any, ann: Any, amina: Any) -> None:
    version = make_version()
    text = version.texts.first()
    soon = make_offering(starts_on=date(2027, 2, 8), module=make_module(builds=[(text.competency, 1)]))
    make_enrolment(soon, learner=make_learner(user=joseph))
    make_enrolment(make_offering(), "asks@x.example", status=Status.REQUESTED)
    make_offering(starts_on=date(2027, 1, 27))  # over, not recorded
    make_author(make_module("agreed"), ann)
    answering = make_version("answering")
    answering.comments.create(words="Why?", language="en", name="X", email="x@x.example")
    make_claim(make_learner("claims@x.example"), text)
    make_claim(make_learner("more@x.example", user=uma), text, "more_asked")
    before = "Say how sure you are before the training"
    record = "Note who came, and record that it took place"
    answer, assess = "Answer the comments on the standard", "Assess the evidence that somebody sent"
    assert titles(joseph) == [before]
    assert titles(ann) == [record, "Write the draft of the module"]
    assert titles(priya) == sorted([record, answer, assess, "Answer those who ask for a place"])
    assert titles(uma) == sorted([answer, assess, "Complete your evidence: the assessors ask for more"])
    assert titles(amina) == []
    [task] = glance(joseph)[0]
    assert (task.title, task.due_on) == ("Planning with the community", date(2027, 2, 8))
    assert task.url.endswith("/self-assessment/before/")
    assert [one.first_day for one in glance(joseph)[1]] == [date(2027, 2, 8)]
    with CaptureQueriesContext(connection) as found:
        glance(priya)
    assert len(found) <= 2  # one, and the groups of a person when they are not known yet


@pytest.mark.parametrize(("days", "waits"), [(8, False), (7, True), (0, True), (-1, False)])
def test_when_the_first_self_assessment_is_asked_for(clock: Any, joseph: Any, days: int, waits: bool) -> None:
    text = make_version().texts.first()
    first = date(2027, 2, 1) + timedelta(days=days)
    there = make_offering(starts_on=first, module=make_module(builds=[(text.competency, 1)]))
    place = make_enrolment(there, learner=make_learner(user=joseph))
    assert ("Say how sure you are before the training" in titles(joseph)) is waits
    if waits:
        assess_oneself(place, moment="before", ratings={text.competency_id: 3})
        assert titles(joseph) == []


def test_dates_on_a_calendar(clock: Any, joseph: Any, priya: Any, django_assert_num_queries: Any) -> None:
    there = make_offering()
    make_offering("cancelled")
    make_offering("planned")
    span = (date(2027, 4, 1), date(2027, 4, 30))
    joseph.get_all_permissions()
    assert [entry.title for entry in calendar_entries(joseph, *span)] == ["Planning with the community"]
    assert len(calendar_entries(priya, *span)) == 2
    assert calendar_entries(joseph, date(2027, 4, 16), date(2027, 4, 30)) == []
    with django_assert_num_queries(1):
        [entry] = calendar_entries(joseph, date(2027, 4, 15), date(2027, 4, 15))
    assert (entry.first_day, entry.last_day, entry.activity) == (there.starts_on, there.ends_on, "training")
