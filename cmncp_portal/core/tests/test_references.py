"""References are read aloud: none is given twice, not even to twenty people at once."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from cmncp_portal.core.models import ReferenceCounter
from cmncp_portal.core.references import next_reference

PEOPLE = 20


def at_once(number: int, what: Callable[[], Any]) -> list[Any]:
    """Call `what` in `number` threads that begin together; return what they gave, problems included."""
    start, results = Barrier(number), []

    def run() -> None:
        try:
            start.wait(20)
            results.append(what())
        except Exception as problem:
            results.append(problem)
        finally:
            connection.close()

    threads = [Thread(target=run) for _turn in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_twenty_people_at_once_get_twenty_references() -> None:
    given = at_once(PEOPLE, lambda: next_reference("EX", 2026))
    assert sorted(given) == [f"EX-2026-{number:03d}" for number in range(1, PEOPLE + 1)]


@pytest.mark.django_db
def test_each_year_and_each_series_begins_with_one() -> None:
    given = [next_reference(*of) for of in [("EX", 2026), ("EX", 2026), ("EX", 2027), ("ME", 2026), ("EX", 2026)]]
    assert given == ["EX-2026-001", "EX-2026-002", "EX-2027-001", "ME-2026-001", "EX-2026-003"]


@pytest.mark.django_db
def test_the_thousandth_has_four_digits() -> None:
    ReferenceCounter.objects.create(series="EX", year=2026, last=999)
    assert next_reference("EX", 2026) == "EX-2026-1000"
    assert str(ReferenceCounter.objects.get()) == "EX-2026: 1000"


@pytest.mark.django_db
def test_what_was_undone_did_not_take_a_number() -> None:
    with transaction.atomic():
        assert next_reference("EX", 2026) == "EX-2026-001"
        transaction.set_rollback(True)
    assert next_reference("EX", 2026) == "EX-2026-001"
