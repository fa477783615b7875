"""Exchanges and visits at any stage, while the clock of testing/clock.py stands still."""

from typing import Any

import pytest


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
