"""Figures that can be counted in the head instead of those of the network."""

from typing import Any

import pytest

from cmncp_portal.reporting.indicators import base

from .factories import REGISTRY, World


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, clock: Any) -> World:
    made = World()
    for known in (base.REGISTRY,):
        monkeypatch.setattr(base, "compute", made.compute)
        for code in list(known):
            monkeypatch.delitem(known, code)
        for code, one in REGISTRY.items():
            monkeypatch.setitem(known, code, one)
    return made
