"""Keeping a municipality, its programmes and its place in the network up to date."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.editing import save_version

from ..models import Membership, Municipality, PreventionProgramme
from .base import Refused

# What both services set beside the plain columns.
_MANY = ("offers", "seeks", "topics")


def _save(thing: Any, seen: int, fields: dict[str, Any]) -> None:
    many = {name: fields.pop(name) for name in _MANY if name in fields}
    save_version(thing, seen=seen, fields={**fields, "updated_at": timezone.now()})
    for name, topics in many.items():
        getattr(thing, name).set(topics)


@transaction.atomic
def keep_municipality(municipality: Municipality, *, seen: int, by: User, **fields: Any) -> Municipality:
    """Write `fields` (columns, `offers`, `seeks`) of `municipality` as read at version `seen`.

    Raises core.editing.Conflict, with nothing written, when somebody saved since.
    """
    _save(municipality, seen, fields)
    return municipality


@transaction.atomic
def add_programme(municipality: Municipality, *, by: User, **fields: Any) -> PreventionProgramme:
    """Add a programme with its `topics` to `municipality`."""
    topics = fields.pop("topics", ())
    fields = {name: value for name, value in fields.items() if name != "version"}
    programme = PreventionProgramme.objects.create(municipality=municipality, **fields)
    programme.topics.set(topics)
    return programme


@transaction.atomic
def keep_programme(programme: PreventionProgramme, *, seen: int, by: User, **fields: Any) -> PreventionProgramme:
    """Write `fields` (columns, `topics`) of `programme` as read at version `seen`; raises core.editing.Conflict."""
    _save(programme, seen, fields)
    return programme


@transaction.atomic
def admit_member(
    municipality: Municipality,
    *,
    kind: str,
    from_on: date,
    by: User | None,
    resolution_on: date | None = None,
    resolution_reference: str = "",
    source: str = "",
) -> Membership:
    """Open a membership of `kind` from `from_on`; one that is open already ends the day before.

    Raises Refused when the open one began on or after that day, or is of the same kind.
    """
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    running = municipality.memberships.filter(until_on__isnull=True).first()
    if running is not None:
        if running.kind == kind:
            raise Refused(_("This municipality is already a member of this class."))
        if running.from_on >= from_on:
            raise Refused(_("The present membership began on that day or later: choose a later day."))
        running.until_on = from_on - timedelta(days=1)
        running.save(update_fields=["until_on"])
    return Membership.objects.create(
        municipality=municipality,
        kind=kind,
        from_on=from_on,
        resolution_on=resolution_on,
        resolution_reference=resolution_reference,
        source=source,
    )


@transaction.atomic
def suspend_member(municipality: Municipality, *, until_on: date, by: User) -> Membership:
    """End the open membership with `until_on` as its last day; records and people stay. A later one may be opened.

    Raises Refused when there is none or it began after that day.
    """
    running = municipality.memberships.select_for_update().filter(until_on__isnull=True).first()
    if running is None:
        raise Refused(_("This municipality has no open membership."))
    if until_on < running.from_on:
        raise Refused(_("The membership began after that day."))
    running.until_on = until_on
    running.save(update_fields=["until_on"])
    return running
