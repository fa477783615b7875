"""What waits for each of the cast in joining, in one query."""

from datetime import date
from typing import Any

import pytest

from cmncp_portal.joining.models import OnboardingStep
from cmncp_portal.joining.selectors.waiting import glance, waiting_keys

from .factories import make_applicant, make_application, make_interest, make_renewal

pytestmark = pytest.mark.django_db


def waits(user: Any) -> list[tuple[str, str, date | None, str]]:
    tasks, dates = glance(user)
    assert (waiting_keys(user).count(), dates) == (len(tasks), [])
    return [(task.title, task.detail, task.due_on, task.url) for task in tasks]


def test_coordinators(
    clock: Any, priya: Any, amina: Any, thunder_bay: Any, winnipeg: Any, django_assert_num_queries: Any
) -> None:
    interest = make_interest(place_name="Hope")
    for state in ("unconfirmed", "talking", "closed"):
        make_interest(state)
    application = make_application("sent")
    make_application("draft", municipality=make_applicant("yale"))
    make_renewal(winnipeg.memberships.get(), date(2027, 1, 31))
    make_renewal(thunder_bay.memberships.get(), date(2027, 2, 1))  # today: no grace yet
    assert waits(priya) == [
        ("Hope", "Answer who thinks of joining", date(2027, 1, 27), f"/en/join/desk/interest/{interest.pk}/"),
        ("Winnipeg", "Settle the renewal before grace ends", date(2027, 5, 1), "/en/join/desk/renewals/"),
        ("Merritt", "Decide the application for membership", None, f"/en/join/desk/application/{application.pk}/"),
    ]
    assert [detail for _title, detail, *_rest in waits(amina)] == ["Say whether you stay in the network"]
    for _turn in range(5):
        make_interest()
    with django_assert_num_queries(1):
        assert len(glance(priya, limit=4)[0]) == 4


def test_who_answers_for_a_member(clock: Any, winnipeg: Any, helen: Any, henry: Any, rosa: Any) -> None:
    membership = winnipeg.memberships.get()
    renewal = make_renewal(membership, date(2027, 3, 1))
    for code in ("mentor", "profile"):
        OnboardingStep.objects.create(membership=membership, code=code)
    stay = ("Winnipeg", "Say whether you stay in the network", date(2027, 3, 1), "/en/join/renewal/winnipeg/")
    steps = ("Winnipeg", "Take your first steps in the network", None, "/en/join/first-steps/winnipeg/")
    assert waits(helen) == [stay, steps]
    assert (waits(henry), waits(rosa)) == ([], [])
    type(renewal).objects.update(confirmed_at="2027-02-01T15:00:00Z")
    OnboardingStep.objects.update(done_at="2027-02-01T15:00:00Z")
    assert waits(helen) == []


def test_an_ended_membership_waits_for_nothing(clock: Any, winnipeg: Any, helen: Any, priya: Any) -> None:
    winnipeg.memberships.update(until_on=date(2027, 6, 1))
    make_renewal(winnipeg.memberships.get(), date(2027, 1, 1))
    assert (waits(helen), waits(priya)) == ([], [])
