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
