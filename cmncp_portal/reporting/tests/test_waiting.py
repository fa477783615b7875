"""Which reports wait for each of the cast, and on which days they stand in the calendar."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cmncp_portal.home import dates
from cmncp_portal.home.dashboard import dashboard
from cmncp_portal.home.waiting import waiting_count
from cmncp_portal.reporting.selectors.waiting import calendar_entries, glance, waiting_keys

from .factories import make_maker, make_report

pytestmark = pytest.mark.django_db


def waits(user: Any) -> list[tuple[str, str, date | None, str]]:
    tasks, ahead = glance(user)
    assert (waiting_keys(user).count(), ahead) == (len(tasks), [])
    return [(task.title, task.detail, task.due_on, task.url) for task in tasks]


@pytest.mark.parametrize(
    ("due_on", "is_shown"),
    [(date(2027, 1, 1), True), (date(2027, 3, 2), True), (date(2027, 3, 3), True), (date(2027, 3, 4), False), (None, False)],
)  # fmt: skip
def test_from_thirty_days_before(clock: Any, priya: Any, due_on: date | None, is_shown: bool) -> None:
    report = make_report(due_on=due_on)
    line = ("Report for 2026–2027", "Finish the report and hand it in", due_on, f"/en/reports/{report.pk}/")
    assert waits(priya) == ([line] if is_shown else [])


def test_for_whom(clock: Any, priya: Any, rene: Any, uma: Any, amina: Any, admin_user: Any) -> None:
    maker = make_maker()
    make_report(maker, due_on=date(2027, 2, 10))
    make_report(rene, due_on=date(2027, 2, 10), handed_in_on=date(2027, 1, 30))
    people = (priya, admin_user, maker, rene, uma, amina)
    assert [len(waits(user)) for user in people] == [1, 1, 1, 0, 0, 0]
    assert [waiting_count(user) for user in people] == [1, 1, 1, 0, 0, 0]
    assert [task.title for task in dashboard(priya).tasks] == ["Report for 2026–2027"]


def test_the_page_says_it(client: Client, clock: Any, priya: Any) -> None:
    make_report(due_on=date(2027, 2, 10))
    client.force_login(priya)
    assert "Finish the report and hand it in" in client.get(reverse("home:front")).content.decode()


def test_the_calendar(clock: Any, priya: Any, uma: Any, amina: Any) -> None:
    report = make_report(due_on=date(2027, 2, 10))
    first, last = date(2027, 2, 1), date(2027, 2, 28)
    assert dates.entries(priya, first, last) == []  # the page shows what happens; this is reminded of
    [entry] = dates.entries(priya, first, last, dates.SUBSCRIBED)
    assert (entry.title, entry.start, entry.url) == (
        "Report due: Report for 2026–2027", date(2027, 2, 10), f"http://127.0.0.1:8000/en/reports/{report.pk}/",
    )  # fmt: skip
    assert [calendar_entries(user, first, last) for user in (uma, amina)] == [[], []]
    assert calendar_entries(priya, date(2027, 2, 11), last) == []
