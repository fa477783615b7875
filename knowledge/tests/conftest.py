"""Briefs at any stage, while the clock of testing/clock.py stands still."""

from typing import Any

import pytest


@pytest.fixture
def brief(clock: Any) -> Any:
    """brief("published") is a complete brief at that stage; see factories.make_brief."""
    from .factories import make_brief

    return make_brief
