"""What an activity tells about whom it has reached: in the same columns for each, so that all come in one query."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, DateField, IntegerField, Max, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast


@dataclass(frozen=True)
class Contact:
    """A municipality took part `times` in something of the sort "activity.part" ("visits.hosted"), the last time on `last_on`."""

    place: int
    what: str
    times: int
    last_on: date

    @property
    def activity(self) -> str:
        return self.what.partition(".")[0]

    @property
    def part(self) -> str:
        return self.what.partition(".")[2]


def within(day: str, from_on: date | None, until_on: date | None) -> Q:
    """Return the condition that the field `day` lies between the two, both included; None is no bound, and then no day is asked."""
    since = Q(**{f"{day}__gte": from_on}) if from_on else Q()
    return since & (Q(**{f"{day}__lte": until_on}) if until_on else Q())


def line(rows: QuerySet, what: str, *, place: Any, times: Any = None, last: Any) -> QuerySet:
    """Return `rows` counted for each municipality, as columns of Contact.

    `place` is the field or expression that holds the municipality's key (rows without one are left out), `times` an
    aggregate (how many rows, unless given), `last` the field of the last day or an aggregate of it.
    """
    key = Cast(place, IntegerField())
    found = rows.order_by().alias(c_key=key).filter(c_key__isnull=False).values(c_place=key)
    latest = Max(last) if isinstance(last, str) else last
    return found.annotate(
        c_what=Value(what, output_field=TextField()),
        c_times=Cast(times or Count("pk", distinct=True), IntegerField()),
        c_last=Cast(latest, DateField()),
    ).values_list("c_place", "c_what", "c_times", "c_last")


def found_in(lines: Iterable[QuerySet]) -> list[Contact]:
    """Return the contacts of all `lines` in one query, in no order; the same municipality and sort may stand there twice."""
    first, *rest = lines
    return [Contact(*row) for row in first.union(*rest, all=True)]
