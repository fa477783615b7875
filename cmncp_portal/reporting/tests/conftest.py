"""Figures that can be counted in the head instead of those of the network."""

from collections.abc import Iterator
from typing import Any

import pytest

from cmncp_portal.reporting.indicators import base

from .factories import REGISTRY, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, clock: Any) -> Iterator[World]:
    made, known = World(), dict(base.REGISTRY)
    monkeypatch.setattr(base, "compute", made.compute)
    base.REGISTRY.clear()
    base.REGISTRY.update(REGISTRY)
    yield made
    monkeypatch.undo()  # what a test put into the registry besides
    base.REGISTRY.clear()
    base.REGISTRY.update(known)  # in their order, which is the one of the report
