"""Meetings at any stage, while the clock of testing/clock.py stands still."""

from typing import Any

import pytest


@pytest.fixture
def meeting(clock: Any, priya: Any, winnipeg: Any) -> Any:
    """meeting("announced") is a regional meeting of the Prairies that Winnipeg hosts on April 14–15, 2027, at that stage."""
    from .factories import make_meeting

    def make(stage: str = "announced", **fields: Any) -> Any:
        return make_meeting(stage, **({"host": winnipeg, "organised_by": priya} | fields))

    return make
