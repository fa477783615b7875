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
def ann(db: None) -> Any:
    """Author and facilitator from a college; has an account and no role of the network."""
    from cmncp_portal.network.tests.factories import make_user

    return make_user("ann@college.example", name="Ann Lee")


@pytest.fixture
def joan(winnipeg: Any) -> Any:
    """An elected leader of Winnipeg."""
    from cmncp_portal.network.models import Standing
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    user = make_user("joan@winnipeg.example", name="Joan Redsky", time_zone="America/Winnipeg")
    make_stakeholder(winnipeg, user=user, standing=Standing.LEADER, title="Councillor")
    return user
