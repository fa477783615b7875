"""What reports count. Each module makes its indicators known when it is read; their order here is the order of the report."""

from importlib import import_module

from .base import DEFINITIONS, REGISTRY, Cell, Counted, Figure, Indicator, Period, compute, fiscal_year

__all__ = [
    "DEFINITIONS", "REGISTRY", "Cell", "Counted", "Figure", "Indicator", "Period", "compute", "fiscal_year",
]  # fmt: skip

for _name in ("output", "people", "process", "opinion", "behaviour", "results"):
    import_module(f"{__name__}.{_name}")
