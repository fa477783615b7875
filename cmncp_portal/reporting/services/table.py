"""A frozen report as a table for machines: one line for each number, the same numbers in both languages."""

from collections.abc import Iterator
from typing import Any

from django.utils import translation

from cmncp_portal.network.lists import Column, DecimalColumn, write

from ..models import Snapshot
from ..selectors.snapshots import title_of
from ..selectors.wording import UNITS, WORDS, dimension_in_words

Data = dict[str, Any]
NUMBERS = ("value", "n", "of", "before", "n_before", "of_before", "excluded")
NAMES = (
    "section", "code", "figure", "dimension", "group", "value", "unit", "n", "of", "hidden", "excluded", "why",
    "before", "n_before", "of_before", "definition", "source", "version",
)  # fmt: skip


def csv_of(snapshot: Snapshot, language: str) -> bytes:
    """Return the figures of `snapshot` in `language` as CSV; numbers have a point and no unit. A hidden number is empty."""
    columns = [_column(name) for name in NAMES]
    with translation.override(language):
        return write(columns, _rows(snapshot, language), "csv", str(title_of(snapshot, language)))


def _column(name: str) -> Column:
    kind = DecimalColumn if name in NUMBERS else Column
    return kind(name, _header(name, "en"), _header(name, "fr"))


def _header(name: str, language: str) -> str:
    return WORDS[language][name].rstrip(" :\u00a0").capitalize() if name != "n" else "n"


def _rows(snapshot: Snapshot, language: str) -> Iterator[Data]:
    names = {section["section"]: section["name"][language] for section in snapshot.content["sections"]}
    for figure in snapshot.figures:
        before = figure.get("before") or {"total": None, "cells": []}
        then = {_place(cell): cell for cell in before["cells"]}
        now = {_place(cell): cell for cell in figure["cells"]}
        common = _common(figure, names, language)
        yield common | _excluded(figure, language) | _numbers(figure["total"], before["total"], language, is_total=True)
        for place in (*now, *(place for place in then if place not in now)):
            yield common | _numbers(now.get(place), then.get(place), language)


def _place(cell: Data) -> tuple[str, str]:
    return cell["dimension"], cell["category"]


def _common(figure: Data, names: dict[str, str], language: str) -> Data:
    return {
        "section": names.get(figure["section"], figure["section"]),
        "code": figure["code"],
        "figure": figure["name"][language],
        "unit": UNITS[language][figure["unit"]],
        "definition": figure["definition"][language],
        "source": figure["source"][language],
        "version": figure["version"],
        "excluded": None,
        "why": None,
    }


def _excluded(figure: Data, language: str) -> Data:
    excluded = figure["excluded"]
    return {"excluded": excluded["count"], "why": excluded["why"][language]}


def _numbers(cell: Data | None, before: Data | None, language: str, *, is_total: bool = False) -> Data:
    words, known = WORDS[language], cell or before
    assert known
    of, then = cell or {}, before or {}
    is_hidden = any(one["hidden"] for one in (cell, before) if one)
    return {
        "dimension": "" if is_total else dimension_in_words(known["dimension"], language),
        "group": words["total"] if is_total else known["label"][language],
        "value": of.get("value"),
        "n": of.get("n"),
        "of": of.get("denominator"),
        "before": then.get("value"),
        "n_before": then.get("n"),
        "of_before": then.get("denominator"),
        "hidden": words["yes"] if is_hidden else "",
    }
