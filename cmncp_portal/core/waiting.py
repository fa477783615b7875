"""What an activity tells the page that one sees first: what waits for a person, and which dates come next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import DateField, DateTimeField, F, Field, IntegerField, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from .text import pick


@dataclass(frozen=True)
class Task:
    """Something that waits for a person: about what (`title`), what to do (`detail`), where, until when, since when."""

    title: str
    detail: str
    url: str
    due_on: date | None
    since: date

    @property
    def is_late(self) -> bool:
        """Whether the day has passed in the reader's zone; on the day itself it is not late."""
        return self.due_on is not None and self.due_on < timezone.localdate()

    @property
    def urgency(self) -> tuple[date, date]:
        """To sort by: the first due first, then what has waited longest."""
        return self.due_on or date.max, self.since


@dataclass(frozen=True)
class NextDate:
    """Something that lies ahead of a person, from its first day to its last."""

    title: str
    url: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Row:
    """What one query brings of everything that waits, in the same columns for each sort of thing."""

    sort: str
    pk: int
    en: str
    fr: str
    slug: str
    word: str
    number: int
    first: date | None
    last: date | None
    due: date | None
    since: datetime | None
    nonce: str

    @property
    def title(self) -> str:
        """What it is about, in the active language."""
        return str(pick(self.en, self.fr))

    @property
    def on(self) -> date:
        """The day since which it waits, in the reader's zone; today when nothing says so."""
        return timezone.localdate(self.since) if self.since else timezone.localdate()


_TYPES: dict[str, tuple[Field, Any]] = {
    "en": (TextField(), ""),
    "fr": (TextField(), ""),
    "slug": (TextField(), ""),
    "word": (TextField(), ""),
    "number": (IntegerField(), 0),
    "first": (DateField(), None),
    "last": (DateField(), None),
    "due": (DateField(), None),
    "since": (DateTimeField(), None),
    "nonce": (TextField(), ""),
}
_COLUMNS = ("w_sort", "w_pk", *(f"w_{name}" for name in _TYPES))


def line(rows: QuerySet, sort: str, **where: Any) -> QuerySet:
    """Return `rows` as lines of the sort "app.name", so that those of all activities come in one query.

    `where` says in which field (or expression) each column of Row is found; what is not given is empty.
    """
    found = {"w_sort": Value(sort, output_field=TextField()), "w_pk": Cast(F("pk"), IntegerField())}
    for name, (kind, nothing) in _TYPES.items():
        given = where.get(name)
        column = (F(given) if isinstance(given, str) else given) if given else Value(nothing)
        cast = Cast(column, output_field=kind)
        found[f"w_{name}"] = cast if nothing is None else Coalesce(cast, Value(nothing, output_field=kind))
    return rows.annotate(**found).values_list(*_COLUMNS)


Teller = Callable[[Row], "Task | NextDate"]


def found_in(
    lines: Sequence[QuerySet], tellers: Mapping[str, Teller], *, limit: int, dates: int
) -> tuple[list[Task], list[NextDate]]:
    """Return what waits and what lies ahead, at most `limit` and `dates`, the first due first, in one query.

    `tellers` put a row of their app ("meetings" for the sort "meetings.poll") into words; their row has the sort "poll".
    """
    if not lines:
        return [], []
    first, *rest = lines
    rows = first.union(*rest, all=True) if rest else first
    tasks: list[Task] = []
    ahead: list[NextDate] = []
    for values in rows.order_by(F("w_due").asc(nulls_last=True), "w_since", "w_pk")[: 4 * limit]:
        app, _dot, sort = values[0].partition(".")
        told = tellers[app](Row(sort, *values[1:]))
        if isinstance(told, Task):
            tasks.append(told)
        else:
            ahead.append(told)
    tasks.sort(key=lambda task: task.urgency)
    ahead.sort(key=lambda one: (one.first_day, one.title))
    return tasks[:limit], ahead[:dates]
