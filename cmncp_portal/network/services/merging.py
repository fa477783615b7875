"""One person listed twice: everything that points at the second row moves to the first."""

from collections.abc import Iterator
from typing import Any

import pghistory.models
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.editing import save_version

from ..models import Stakeholder
from .base import Refused

_FILLED_FROM_DUPLICATE = ("title", "organisation", "email", "phone", "language", "user_id")


def _links() -> Iterator[Any]:
    """Every foreign key of any app to a stakeholder, those of join tables included, without the history."""
    for relation in Stakeholder._meta.get_fields(include_hidden=True):
        is_key = relation.auto_created and (relation.one_to_many or relation.one_to_one)
        model: Any = relation.related_model
        if is_key and not issubclass(model, pghistory.models.Event):
            yield relation


def _rows(relation: Any, person: Stakeholder) -> models.QuerySet:
    return relation.related_model._base_manager.filter(**{relation.field.name: person})


def what_moves(duplicate: Stakeholder) -> list[tuple[str, int]]:
    """Return what points at `duplicate`, as (name of the things, how many), without what is none."""
    counts = [(str(r.related_model._meta.verbose_name_plural), _rows(r, duplicate).count()) for r in _links()]
    return [(name, number) for name, number in counts if number]


@transaction.atomic
def merge_stakeholders(keep: Stakeholder, *, duplicate: Stakeholder, by: User) -> Stakeholder:
    """Move everything from `duplicate` to `keep`, fill what is empty there, and drop the duplicate; its history stays.

    Raises Refused when they are of two municipalities or accounts, or when both take part in the same thing.
    """
    rows = Stakeholder.objects.select_for_update().in_bulk(sorted([keep.pk, duplicate.pk]))
    if len(rows) != 2:
        raise Refused(_("Choose two entries of the same person."))
    keep, duplicate = rows[keep.pk], rows[duplicate.pk]
    if keep.municipality_id != duplicate.municipality_id:
        raise Refused(_("The two belong to different municipalities: somebody who moved keeps an entry in each."))
    if keep.user_id and duplicate.user_id and keep.user_id != duplicate.user_id:
        raise Refused(_("The two have different accounts: one of them must be closed first."))
    fields = {
        n: getattr(duplicate, n) for n in _FILLED_FROM_DUPLICATE if not getattr(keep, n) and getattr(duplicate, n)
    }
    try:
        with transaction.atomic():
            for relation in _links():
                _rows(relation, duplicate).update(**{relation.field.name: keep})
            duplicate.delete()
            if fields:
                save_version(keep, seen=keep.version, fields={**fields, "updated_at": timezone.now()})
    except IntegrityError as error:
        raise Refused(_("Both entries take part in the same thing: remove one of them there first.")) from error
    return keep
