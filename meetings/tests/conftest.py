"""The clock of these tests: Monday, February 1, 2027, 9:00 in Saskatoon, 10:00 in Toronto."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

NOW = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    """The time stands still; `clock.move_to(instant)` moves it."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def meeting(clock: Any, priya: Any, winnipeg: Any) -> Any:
    """meeting("announced") is a regional meeting of the Prairies that Winnipeg hosts on April 14–15, 2027, at that stage."""
    from .factories import make_meeting

    def make(stage: str = "announced", **fields: Any) -> Any:
        return make_meeting(stage, **({"host": winnipeg, "organised_by": priya} | fields))

    return make


@pytest.fixture
def henry(winnipeg: Any) -> Any:
    """Staff of the host."""
    from cmncp_portal.network.models import Standing
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("henry@winnipeg.example", name="Henry Okemaw", time_zone="America/Winnipeg")
    make_stakeholder(winnipeg, user=user, standing=Standing.STAFF, title="Planner")
    return user
