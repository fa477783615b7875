"""Rows of figures for tests."""

from datetime import date
from decimal import Decimal
from typing import Any

from cmncp_portal.network.models import Municipality
from cmncp_portal.progress.models import IndicatorReading

FEELS_SAFE = "feels_safe"
TYPED = {"year": 2025, "value": Decimal("61.5"), "source": "Survey of residents, p. 4"}


def make_reading(municipality: Municipality, indicator: str = FEELS_SAFE, **fields: Any) -> IndicatorReading:
    """A figure of 2025 that nobody in particular entered."""
    defaults: dict[str, Any] = {**TYPED, "source_on": date(2026, 3, 1)}
    return IndicatorReading.objects.create(municipality=municipality, indicator=indicator, **(defaults | fields))
