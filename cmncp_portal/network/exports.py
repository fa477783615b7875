"""The lists of the network as files, in the active language; read back, they change nothing."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils import timezone

from .columns import columns_of, municipality_row, person_row
from .lists import Column, write
from .models import ImportRun, Membership, Municipality, Stakeholder


def _municipalities(columns: list[Column]) -> Iterator[dict[str, Any]]:
    day = timezone.localdate()
    running = Membership.objects.filter(from_on__lte=day).filter(Q(until_on__isnull=True) | Q(until_on__gte=day))
    memberships = {m.municipality_id: m for m in running.order_by("from_on", "pk")}
    for place in Municipality.objects.order_by("slug").prefetch_related("offers", "seeks"):
        yield municipality_row(place, columns, memberships.get(place.pk))


def _people(columns: list[Column]) -> Iterator[dict[str, Any]]:
    people = Stakeholder.objects.select_related("municipality", "sector")
    for person in people.order_by("municipality__slug", "name", "pk"):
        yield person_row(person, columns)


def export(what: str, kind: str) -> bytes:
    """Return the list `what` (a value of ImportRun.What) as a file of `kind`, "csv" or "xlsx"."""
    columns = columns_of(what)
    rows = _people(columns) if what == ImportRun.What.PEOPLE else _municipalities(columns)
    return write(columns, rows, kind, str(ImportRun.What(what).label))
