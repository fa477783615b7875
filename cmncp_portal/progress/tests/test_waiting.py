"""What waits for a person: to confirm, from March 1 until it is done."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.network.tests.factories import make_stakeholder, make_user
from cmncp_portal.progress import services
from cmncp_portal.progress.models import Commitment, InquiryItem
from cmncp_portal.progress.selectors import glance, waiting_keys

from .commitments import link_of, make_commitment, make_inquiry, page_of
from .factories import make_profile

pytestmark = pytest.mark.django_db


def waits(user: Any) -> list[tuple[str, str]]:
    tasks, dates = glance(user)
    assert (waiting_keys(user).count(), dates) == (len(tasks), [])
    user.__dict__.pop("_places", None)
    return [(task.title, task.detail) for task in tasks]


def test_from_the_first_of_march_until_confirmed(clock: Any, thunder_bay: Any, amina: Any) -> None:
    make_profile(thunder_bay, 3)
    task = [("Thunder Bay", "Confirm where your strategy stands")]
    for instant, expected in [
        (datetime(2027, 2, 28, 17, tzinfo=UTC), []),
        (datetime(2027, 3, 1, 17, tzinfo=UTC), task),
        (datetime(2027, 11, 1, 17, tzinfo=UTC), task),
    ]:
        clock.move_to(instant)
        assert waits(amina) == expected
    [one] = glance(amina)[0]
    assert (one.url, one.due_on, one.since) == ("/en/strategies/thunder-bay/", None, date(2027, 3, 1))
    services.confirm(thunder_bay, by=amina)
    assert waits(amina) == []
    clock.move_to(datetime(2028, 3, 1, 17, tzinfo=UTC))
    assert waits(amina) == task


def test_without_a_profile_only_in_spring(clock: Any, amina: Any) -> None:
    for instant, expected in [
        (datetime(2027, 4, 30, 17, tzinfo=UTC), [("Thunder Bay", "Say where your strategy stands")]),
        (datetime(2027, 5, 1, 17, tzinfo=UTC), []),
    ]:
        clock.move_to(instant)
        assert waits(amina) == expected


def test_it_waits_for_who_decides_and_for_nobody_else(
    clock: Any, thunder_bay: Any, amina: Any, joseph: Any, helen: Any, priya: Any
) -> None:
    make_profile(thunder_bay, 3)
    clock.move_to(datetime(2027, 6, 1, 17, tzinfo=UTC))
    assert [waits(user) for user in (joseph, helen, priya)] == [[], [], []]
    assert len(waits(amina)) == 1


def test_one_query_and_no_instant_in_it(
    clock: Any, thunder_bay: Any, amina: Any, django_assert_num_queries: Any
) -> None:
    make_profile(thunder_bay, 3)
    clock.move_to(datetime(2027, 6, 1, 17, tzinfo=UTC))
    waits(amina)
    keys = waiting_keys(amina)
    with django_assert_num_queries(1):
        glance(amina)
    _sql, values = keys.query.sql_with_params()
    assert [value for value in values if isinstance(value, datetime)] == []


class TestCommitments:
    LATE = ("A youth hub", "Its day has passed: say how far it is")
    ASKED = ("Thunder Bay", "Say how far what you see to is")

    def test_past_its_day_for_its_owner(
        self, clock: Any, thunder_bay: Any, amina: Any, joseph: Any, helen: Any
    ) -> None:
        one = make_commitment(thunder_bay, owner=joseph.stakeholders.get(), due_on=date(2027, 2, 1))
        assert waits(joseph) == []  # on its day it has not passed
        clock.move_to(datetime(2027, 2, 2, 17, tzinfo=UTC))
        assert [waits(user) for user in (joseph, amina, helen)] == [[self.LATE], [], []]
        [task] = glance(joseph)[0]
        assert (task.url, task.due_on, task.is_late) == (page_of(one), date(2027, 2, 1), True)
        Commitment.objects.update(state="done", ended_on=date(2027, 2, 2))
        assert waits(joseph) == []

    def test_by_the_address_when_nobody_is_linked(self, clock: Any, thunder_bay: Any, amina: Any) -> None:
        make_commitment(thunder_bay, owner_email=amina.email, due_on=date(2027, 1, 1))
        assert waits(amina) == [self.LATE]

    def test_a_letter_that_is_not_answered(self, clock: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        clock.move_to(datetime(2027, 6, 3, 17, tzinfo=UTC))
        one = make_commitment(thunder_bay, owner=joseph.stakeholders.get(), due_on=date(2027, 1, 1))
        inquiry = make_inquiry(one, make_commitment(thunder_bay), email=joseph.email)
        assert [waits(joseph), waits(amina)] == [[self.ASKED], []]  # and not once more that its day has passed
        [task] = glance(joseph)[0]
        assert (task.url, task.since) == (link_of(inquiry), date(2027, 5, 3))
        InquiryItem.objects.filter(commitment=one).update(answered_at=inquiry.asked_at)
        assert waits(joseph) == [self.LATE, self.ASKED]
        InquiryItem.objects.update(answered_at=inquiry.asked_at)
        assert waits(joseph) == [self.LATE]

    @pytest.mark.parametrize(("day", "expected"), [(1, [ASKED]), (2, [ASKED]), (3, [])])
    def test_as_long_as_the_link_opens(
        self, clock: Any, thunder_bay: Any, day: int, expected: list[tuple[str, str]]
    ) -> None:
        partner = make_user("partner@thunderbay.example")
        make_stakeholder(thunder_bay, user=partner)
        one = make_commitment(thunder_bay, owner_email=partner.email)
        make_inquiry(one, email=partner.email)
        clock.move_to(datetime(2028, 5, day, 17, tzinfo=UTC))
        assert waits(partner) == expected
        Commitment.objects.update(state="abandoned", ended_on=date(2027, 2, 2))
        assert waits(partner) == []

    def test_one_query_for_all_of_it(
        self, clock: Any, thunder_bay: Any, amina: Any, django_assert_num_queries: Any
    ) -> None:
        for number in range(5):
            make_inquiry(make_commitment(thunder_bay, f"A hub {number}"), email=amina.email)
            make_commitment(thunder_bay, f"Late {number}", owner_email=amina.email, due_on=date(2027, 1, 1))
        waits(amina)
        assert waiting_keys(amina).count() == 10
        with django_assert_num_queries(1):
            assert len(glance(amina)[0]) == 10
