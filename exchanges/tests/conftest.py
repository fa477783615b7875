"""The clock of these tests: Monday, February 1, 2027, 9:00 in Saskatoon, 10:00 in Thunder Bay."""

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
def exchange(clock: Any, amina: Any, thunder_bay: Any, helen: Any, winnipeg: Any) -> Any:
    """exchange("confirmed") is Thunder Bay's exchange with Winnipeg at that stage; Amina and Helen lead."""
    from .factories import make_exchange

    def make(stage: str = "draft", **fields: Any) -> Any:
        return make_exchange(thunder_bay, winnipeg, stage=stage, by=amina, **fields)

    return make


@pytest.fixture
def visit(exchange: Any) -> Any:
    """visit("confirmed") is the first visit of such an exchange, with its plan."""
    from .factories import read

    return lambda stage="draft", **fields: read(exchange(stage, **fields).first_visit)


@pytest.fixture
def henry(winnipeg: Any) -> Any:
    """Staff of the host, as Joseph is of the visitors."""
    from cmncp_portal.network.models import Standing
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("henry@winnipeg.example", name="Henry Okemaw", time_zone="America/Winnipeg")
    make_stakeholder(winnipeg, user=user, standing=Standing.STAFF, title="Planner")
    return user
