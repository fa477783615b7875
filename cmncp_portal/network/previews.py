"""What a handed-in list would do, in the words of the person who looks at it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.text import active_language

from .columns import columns_of
from .lists import Column
from .models import ImportRun

STATES = {
    "new": (_("New"), "good"),
    "changed": (_("Changed"), "under-way"),
    "unchanged": (_("Unchanged"), "neutral"),
    "refused": (_("Refused"), "attention"),
}


@dataclass(frozen=True)
class Line:
    """One row of the file. `changes` are (header, before, after), `problems` sentences."""

    number: int
    label: str
    word: Any
    tone: str
    changes: list[tuple[str, str, str]]
    problems: list[str]


@dataclass(frozen=True)
class Count:
    state: str
    word: Any
    number: int


def counts(run: ImportRun) -> list[Count]:
    """Return how many rows are in each state, all four states."""
    return [Count(state, word, run.count(state)) for state, (word, _tone) in STATES.items()]


def in_words(what: str, rows: Iterable[dict[str, Any]]) -> list[Line]:
    """Return the stored `rows` of a run for reading in the active language."""
    columns = {column.name: column for column in columns_of(what)}
    return [_line(row, columns) for row in rows]


def _line(row: dict[str, Any], columns: dict[str, Column]) -> Line:
    word, tone = STATES[row["state"]]
    changes = [(columns[n].header, columns[n].show(old), columns[n].show(new)) for n, old, new in row["changes"]]
    problems = [_sentence(problem, columns) for problem in row["problems"]]
    return Line(row["line"], row["label"], word, tone, changes, problems)


def _sentence(problem: dict[str, str], columns: dict[str, Column]) -> str:
    text = problem[active_language()]
    column = columns.get(problem["column"])
    if column is None:
        return text
    colon = "\u00a0:" if active_language() == "fr" else ":"
    header = column.header[:1].upper() + column.header[1:]
    return f"{header}{colon} {text}"
