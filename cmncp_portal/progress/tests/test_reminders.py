"""The yearly question: on March 1 at 8:30 in each zone, once more on March 20, and then no more. March 1, 2027 is a Monday."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cmncp_portal.network.models import Municipality, Stakeholder, Standing
from cmncp_portal.network.tests.factories import make_municipality, make_stakeholder
from cmncp_portal.progress import services
from cmncp_portal.progress.services.sweeping import send_reminders
from cmncp_portal.testing.mailbag import Mailbag

from .factories import make_profile

pytestmark = pytest.mark.django_db
BAG = Mailbag("progress")
AMINA, ROSA = "amina@thunderbay.example", "rosa@saskatoon.example"


def at(day: int, hour: float, *, month: int = 3, year: int = 2027) -> datetime:
    """An instant by the clock of Toronto, which is five hours behind until March 14 and four afterwards."""
    summer = (month, day) >= (3, 14)
    return datetime(year, month, day, tzinfo=UTC) + timedelta(hours=hour + (4 if summer else 5))


@pytest.fixture
def sweep(clock: Any) -> Callable[..., int]:
    def move(instant: datetime) -> int:
        clock.move_to(instant)
        return send_reminders()

    return move


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (at(26, 9, month=2), 0),
        (at(1, 8.4), 0),
        (at(1, 8.5), 1),
        (at(1, 20), 1),
        (at(2, 9), 1),  # the portal slept
        (at(3, 8.4), 1),
        (at(3, 8.5), 0),  # too late: the reminder of March 20 remains
        (at(19, 9), 0),
    ],
)
def test_the_first_of_march(sweep: Any, thunder_bay: Any, amina: Any, instant: datetime, written: int) -> None:
    make_profile(thunder_bay, 3)
    assert sweep(instant) == written
    assert BAG.to("nudge") == [AMINA] * written


@pytest.mark.parametrize(
    ("year", "first", "again"),
    [(2026, 2, 20), (2027, 1, 22), (2031, 3, 20)],  # a Sunday; March 20 a Saturday; a Saturday
)
def test_weekends_move_to_the_next_working_day(
    sweep: Any, thunder_bay: Any, amina: Any, year: int, first: int, again: int
) -> None:
    sent = []
    for day in range(1, 29):
        if sweep(at(day, 9, year=year)):
            sent.append(day)
    assert sent == [first, again]
    assert BAG.kinds_to(AMINA) == ["nudge", "nudge_again"]


def test_each_in_the_own_zone_and_nobody_twice(sweep: Any, amina: Any, rosa: Any) -> None:
    assert sweep(at(1, 9)) == 1
    assert BAG.to("nudge") == [AMINA]
    assert [sweep(at(1, 9.6)), sweep(at(1, 10.6)), sweep(at(2, 9))] == [1, 0, 0]
    assert BAG.to("nudge") == [AMINA, ROSA]


@pytest.mark.parametrize(("days", "asked"), [(61, True), (60, False), (59, False), (-3, False)])
def test_what_was_changed_or_confirmed_lately_is_not_asked(
    clock: Any, sweep: Any, thunder_bay: Any, amina: Any, days: int, asked: bool
) -> None:
    make_profile(thunder_bay, 3)
    day = datetime(2027, 3, 1, 17, tzinfo=UTC) - timedelta(days=days)
    clock.move_to(day)
    services.confirm(thunder_bay, by=amina)
    if days >= 0:
        assert sweep(at(1, 9)) == int(asked)
    assert sweep(at(22, 9)) == int(asked)


def test_the_networks_own_change_of_the_checks_is_no_answer(
    clock: Any, sweep: Any, thunder_bay: Any, amina: Any, priya: Any
) -> None:
    make_profile(thunder_bay, 3)
    assert services.follow_check_list(by=priya) == 1  # there are no checks any more
    assert sweep(at(1, 9)) == 1


def test_once_more_and_then_never_again(sweep: Any, thunder_bay: Any, amina: Any) -> None:
    profile = make_profile(thunder_bay, 3)
    sweep(at(1, 9))
    sweep(at(22, 9))
    for month in range(4, 13):
        assert sweep(at(1, 9, month=month)) == 0
    assert BAG.kinds_to(AMINA) == ["nudge", "nudge_again"]
    assert (profile.changes.count(), sweep(at(1, 9, year=2028))) == (0, 1)


class TestWhoIsAsked:
    def test_the_deputies_when_nobody_represents(self, sweep: Any, thunder_bay: Any) -> None:
        for name in ("b", "a"):
            make_stakeholder(thunder_bay, name=name, email=f"{name}@tb.example", standing=Standing.DEPUTY)
        make_stakeholder(thunder_bay, name="Staff", email="staff@tb.example", standing=Standing.STAFF)
        sweep(at(1, 9))
        assert BAG.to("nudge") == ["a@tb.example", "b@tb.example"]

    def test_the_representative_and_not_the_deputies(self, sweep: Any, thunder_bay: Any, amina: Any) -> None:
        make_stakeholder(thunder_bay, name="b", email="b@tb.example", standing=Standing.DEPUTY)
        sweep(at(1, 9))
        assert BAG.to("nudge") == [AMINA]

    def test_whoever_represents_tomorrow_is_not_asked_the_same_again(
        self, sweep: Any, thunder_bay: Any, amina: Any
    ) -> None:
        sweep(at(1, 9))
        Stakeholder.objects.filter(user=amina).update(standing=Standing.STAFF)
        make_stakeholder(thunder_bay, email="new@tb.example", standing=Standing.REPRESENTATIVE)
        assert sweep(at(2, 9)) == 0
        assert sweep(at(22, 9)) == 1
        assert BAG.to("nudge_again") == ["new@tb.example"]

    def test_only_members_that_have_a_strategy(self, sweep: Any, thunder_bay: Any, amina: Any) -> None:
        Municipality.objects.filter(pk=thunder_bay.pk).update(kind=Municipality.Kind.ORGANISATION)
        outside = make_municipality(member=False)
        make_stakeholder(outside, standing=Standing.REPRESENTATIVE)
        make_profile(outside)
        assert sweep(at(1, 9)) == 0

    def test_the_office_hears_where_nobody_can_be_asked(
        self, sweep: Any, thunder_bay: Any, winnipeg: Any, gatineau: Any, luc: Any, priya: Any
    ) -> None:
        make_stakeholder(winnipeg, email="", standing=Standing.REPRESENTATIVE)
        assert sweep(at(1, 8)) == 0
        assert sweep(at(1, 9)) == 2
        assert sweep(at(1, 10)) == 0
        [letter] = BAG.written("nobody_to_ask")
        assert letter.to_email == "priya@network.example"
        assert "- Thunder Bay\n- Winnipeg\n" in letter.text
        assert sweep(at(22, 9)) == 1  # Gatineau only: the office is told once
