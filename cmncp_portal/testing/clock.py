"""The clock of the activities' tests: Monday, February 1, 2027, 9:00 in Saskatoon, 10:00 in Toronto and Thunder Bay."""

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
