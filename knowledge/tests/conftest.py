"""The clock of these tests: Monday, February 1, 2027, 10:00 in Toronto."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

NOW = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[Any]:
    """The time stands still; `clock.move_to(instant)` moves it. Ask for it before signing anybody in."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def brief(clock: Any) -> Any:
    """brief("published") is a complete brief at that stage; see factories.make_brief."""
    from .factories import make_brief

    return make_brief
