"""What waits for whom, and what stands on whose calendar."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.network.tests.factories import make_municipality, make_user
from mentoring.models import Agreement
from mentoring.selectors.entries import calendar_entries
from mentoring.selectors.waiting import glance, waiting_keys

from .agreeing import CHIEF, make_running, read
from .factories import make_agreement, make_goal, make_participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def fresh(user: Any) -> Any:
    return type(user).objects.get(pk=user.pk)


def waits(user: Any) -> list[tuple[str, str]]:
    """What waits for a person: what to do, and the last word of the address."""
    tasks, _dates = glance(fresh(user))
    assert len(list(waiting_keys(fresh(user)))) == len(tasks)
    return [(task.detail, task.url.rstrip("/").rpartition("/")[2]) for task in tasks]


ANSWER = "Answer the proposal for your municipality"


def test_a_proposal_waits_for_who_may_answer(
    winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, joseph: Any, rosa: Any
) -> None:
    made = make_agreement(winnipeg, thunder_bay, "awaiting", answer_due_on=date(2027, 2, 11))
    assert [waits(person) for person in (helen, amina, joseph, rosa)] == [
        [(ANSWER, "answer")],
        [(ANSWER, "answer")],
        [],
        [],
    ]
    Agreement.objects.filter(pk=made.pk).update(mentor_accepted_at=datetime(2027, 2, 1, tzinfo=UTC))
    assert [waits(person) for person in (helen, amina)] == [[], [(ANSWER, "answer")]]


def test_who_leads_with_an_account_answers_too(winnipeg: Any) -> None:
    made = make_agreement(
        winnipeg, make_municipality("north", member=False), "awaiting", answer_due_on=date(2027, 2, 11)
    )
    make_participant(made, "mentee", CHIEF, is_lead=True)
    assert waits(make_user(CHIEF)) == [(ANSWER, "answer")]


def test_goals_then_the_end(winnipeg: Any, thunder_bay: Any, amina: Any, helen: Any) -> None:
    made = make_running(winnipeg, thunder_bay)
    assert waits(amina) == [("Agree on your goals", "goals")]
    make_goal(made)
    assert waits(amina) == []
    for ends_on, found in (
        (date(2027, 2, 1), []),
        (date(2027, 1, 31), [("Say what came of it, and conclude", "conclude")]),
    ):
        Agreement.objects.update(ends_on=ends_on)
        assert waits(amina) == found


def test_what_the_coordinators_see(winnipeg: Any, thunder_bay: Any, gatineau: Any, saskatoon: Any, priya: Any) -> None:
    offer = make_agreement(winnipeg, thunder_bay, "proposed").offer
    late = make_agreement(offer, gatineau, "awaiting", answer_due_on=date(2027, 1, 31))
    quiet = make_agreement(offer, saskatoon, last_sign_at=datetime(2026, 12, 18, 15, 0, tzinfo=UTC))
    make_goal(quiet)
    assert sorted(detail.partition(":")[0] for detail, _page in waits(priya)) == [
        "An answer is overdue", "Nothing was heard for 45 days", "Read the proposal and ask both municipalities",
    ]  # fmt: skip
    Agreement.objects.filter(pk=late.pk).update(answer_due_on=date(2027, 2, 1))
    Agreement.objects.filter(pk=quiet.pk).update(last_sign_at=datetime(2026, 12, 19, 15, 0, tzinfo=UTC))
    assert waits(priya) == [("Read the proposal and ask both municipalities", "ask")]


@pytest.mark.parametrize("number", [1, 12])
def test_one_query_whatever_waits(number: int, winnipeg: Any, priya: Any, amina: Any, thunder_bay: Any) -> None:
    offer = make_running(winnipeg, thunder_bay, next_session_at=datetime(2027, 2, 15, 19, 0, tzinfo=UTC)).offer
    for _n in range(number):
        make_agreement(offer, make_municipality(), "proposed")
    for person in (priya, amina):
        user = fresh(person)
        assert user.has_perm("mentoring.match") is (person is priya)
        glance(user)  # fetches who the person is
        with CaptureQueriesContext(connection) as queries:
            glance(user)
        assert len(queries) == 1


def test_the_next_session_on_the_calendar(
    winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, joseph: Any, rosa: Any, priya: Any
) -> None:
    at = datetime(2027, 2, 16, 4, 30, tzinfo=UTC)  # 23:30 of the 15th in Thunder Bay
    made = make_running(winnipeg, thunder_bay, next_session_at=at, next_session_place="Online")
    day = date(2027, 2, 15)
    found = {p.name.split()[0]: len(calendar_entries(fresh(p), day, day)) for p in (helen, amina, joseph, rosa, priya)}
    assert found == {"Helen": 1, "Amina": 1, "Joseph": 1, "Rosa": 0, "Priya": 0}
    [entry] = calendar_entries(fresh(amina), day, day)
    assert (entry.title, entry.place, entry.sequence, entry.activity) == (
        "Mentoring session: Winnipeg and Thunder Bay", "Online", 1, "mentoring",
    )  # fmt: skip
    assert [calendar_entries(fresh(amina), d, d) for d in (date(2027, 2, 14), date(2027, 2, 16))] == [[], []]
    assert [d.first_day for d in glance(fresh(amina))[1]] == [day]
    Agreement.objects.filter(pk=made.pk).update(state="paused")
    assert len(calendar_entries(fresh(amina), day, day)) == 1
    Agreement.objects.filter(pk=made.pk).update(state="ended")
    assert (calendar_entries(fresh(amina), day, day), read(made).state) == ([], "ended")
