"""Figures as people read them: one line for the whole, one for each group, beside those of the period compared with.

What is given are figures as they are kept (`Calculation.figures`, `Snapshot.figures`): pages and files are made of the same lines.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .wording import WORDS, change_in_words, count_in_words, dimension_in_words, number_in_words

Data = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One number in words. `is_hidden` marks a small group: in what is published its number is not there at all."""

    dimension: str
    label: str
    value: str
    n: str
    of: str
    before: str
    n_before: str
    change: str
    is_hidden: bool
    is_total: bool


@dataclass(frozen=True)
class Told:
    """One figure in one language. `left_out` says how many were left out and why, or nothing."""

    code: str
    section: str
    name: str
    definition: str
    source: str
    version: int
    total: Line
    groups: list[Line]
    left_out: str
    is_compared: bool

    @property
    def only_total(self) -> list[Line]:
        return [self.total]

    @property
    def lines(self) -> list[Line]:
        return [self.total, *self.groups]


def told(figure: Data, language: str) -> Told:
    """Return a kept figure in words of `language` ("en" or "fr")."""
    unit, before = figure["unit"], figure.get("before")
    then = {_place(cell): cell for cell in (before["cells"] if before else [])}
    now = {_place(cell): cell for cell in figure["cells"]}
    groups = [(cell, then.get(place)) for place, cell in now.items()]
    groups += [(None, cell) for place, cell in then.items() if place not in now]
    return Told(
        code=figure["code"],
        section=figure["section"],
        name=figure["name"][language],
        definition=figure["definition"][language],
        source=figure["source"][language],
        version=figure["version"],
        total=_line(figure["total"], before["total"] if before else None, unit, language, is_total=True),
        groups=[_line(cell, other, unit, language) for cell, other in groups],
        left_out=_left_out(figure["excluded"], language),
        is_compared=before is not None,
    )


def _place(cell: Data) -> tuple[str, str]:
    return cell["dimension"], cell["category"]


def _line(cell: Data | None, before: Data | None, unit: str, language: str, *, is_total: bool = False) -> Line:
    known = cell or before
    assert known
    return Line(
        dimension="" if is_total else dimension_in_words(known["dimension"], language),
        label=WORDS[language]["total"] if is_total else known["label"][language],
        value=_value(cell, unit, language),
        n=_count(cell, "n", language),
        of=_count(cell, "denominator", language),
        before=_value(before, unit, language),
        n_before=_count(before, "n", language),
        change=change_in_words((cell or {}).get("value"), (before or {}).get("value"), unit, language),
        is_hidden=any(one is not None and one["hidden"] for one in (cell, before)),
        is_total=is_total,
    )


def _value(cell: Data | None, unit: str, language: str) -> str:
    if cell and cell["hidden"] and cell["value"] is None:
        return WORDS[language]["hidden"]
    return number_in_words(cell["value"] if cell else None, unit, language)


def _count(cell: Data | None, name: str, language: str) -> str:
    return count_in_words(cell[name] if cell else None, language)


def _left_out(excluded: Data, language: str) -> str:
    words, why = WORDS[language], excluded["why"][language]
    if excluded["hidden"] and excluded["count"] is None:
        return words["left_out_hidden"].format(why=why)
    if not excluded["count"]:
        return ""
    return words["left_out"].format(count=count_in_words(excluded["count"], language), why=why).strip()


def cells_of(figure: Data) -> Iterable[Data]:
    """Yield every number of a kept figure, those of the period compared with included."""
    yield figure["total"]
    yield from figure["cells"]
    if before := figure.get("before"):
        yield before["total"]
        yield from before["cells"]


def hidden_in(figures: Iterable[Data]) -> int:
    """Return how many numbers are hidden, or will be."""
    return sum(1 for figure in figures for cell in cells_of(figure) if cell["hidden"])


def without_hidden(figures: Iterable[Data]) -> list[Data]:
    """Return `figures` so that nothing is left of what is hidden: what is published, and what the university reads."""
    return [_emptied(figure) for figure in figures]


def _emptied(figure: Data) -> Data:
    made = figure | {
        "total": _empty(figure["total"]),
        "cells": [_empty(cell) for cell in figure["cells"]],
        "excluded": _empty(figure["excluded"]),
    }
    return made | {"before": _emptied(figure["before"])} if figure.get("before") else made


def _empty(cell: Data) -> Data:
    gone = {name: None for name in ("value", "n", "denominator", "count") if name in cell}
    return cell | gone if cell["hidden"] else cell
