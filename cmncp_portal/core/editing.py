"""Two people saving the same thing: the second sees both texts and loses nothing."""

from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone


class Conflict(Exception):
    """Somebody saved first. `current` is the thing as it stands now; what was typed is still with the caller."""

    def __init__(self, current: models.Model) -> None:
        super().__init__("saved by somebody else meanwhile")
        self.current = current


@transaction.atomic
def save_version(thing: Any, *, seen: int, fields: dict[str, Any]) -> None:
    """Write `fields` to `thing` if nobody saved since version `seen`; the version rises by one.

    Raises Conflict, with nothing written, when the stored version is another.
    """
    manager = type(thing)._base_manager
    if any(field.name == "updated_at" for field in thing._meta.concrete_fields):
        fields = {"updated_at": timezone.now(), **fields}
    changed = manager.filter(pk=thing.pk, version=seen).update(**fields, version=F("version") + 1)
    if not changed:
        raise Conflict(manager.get(pk=thing.pk))
    thing.version = seen + 1
    for name, value in fields.items():
        setattr(thing, name, value)
