"""What waits for a person: late after its day and not on it; what is due first comes first, then what has waited longest."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone

from cmncp_portal.core.waiting import Task

DAY = date(2027, 2, 1)


def task(due_on: date | None, since: date = DAY, title: str = "") -> Task:
    return Task(title, "Answer the request", "/", due_on, since)


@pytest.mark.parametrize(("due_on", "is_late"), [(date(2027, 1, 31), True), (DAY, False), (date(2027, 2, 2), False)])
def test_a_task_is_late_from_the_day_after(due_on: date, is_late: bool) -> None:
    with time_machine.travel(datetime(2027, 2, 1, 15, tzinfo=UTC), tick=False):
        assert (task(due_on).is_late, task(None).is_late) == (is_late, False)


def test_the_day_ends_where_the_reader_is() -> None:
    with time_machine.travel(datetime(2027, 2, 2, 5, 30, tzinfo=UTC), tick=False):
        late = []
        for zone in ("America/Vancouver", "America/Halifax"):
            with timezone.override(zone):
                late.append(task(DAY).is_late)
    assert late == [False, True]


def test_the_most_urgent_comes_first() -> None:
    tasks = [
        task(None, date(2027, 1, 5), "no day, waits since the 5th"),
        task(date(2027, 2, 9), date(2027, 1, 1), "due on the 9th"),
        task(date(2027, 2, 3), date(2027, 1, 8), "due on the 3rd, since the 8th"),
        task(None, date(2027, 1, 4), "no day, waits since the 4th"),
        task(date(2027, 2, 3), date(2027, 1, 7), "due on the 3rd, since the 7th"),
    ]
    assert [each.title for each in sorted(tasks, key=lambda one: one.urgency)] == [
        "due on the 3rd, since the 7th",
        "due on the 3rd, since the 8th",
        "due on the 9th",
        "no day, waits since the 4th",
        "no day, waits since the 5th",
    ]
