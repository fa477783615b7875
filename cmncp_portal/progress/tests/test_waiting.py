"""What waits for a person: to confirm, from March 1 until it is done."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.progress import services
from cmncp_portal.progress.selectors import glance, waiting_keys

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
