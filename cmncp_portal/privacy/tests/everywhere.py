"""Puts a person into every column that a part declares, and looks for her in every column that there is."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import TextField
from django.db.models.functions import Cast

from cmncp_portal.core.personal import About, Mentions, Signed, own
from cmncp_portal.privacy.parts import PARTS

from .factories import a_row_of_everything

TEXTS = (models.CharField, models.TextField, models.JSONField, ArrayField, models.FileField)
Kept = dict[type[models.Model], int]


def declared() -> list[About | Signed | Mentions]:
    return [table for part in PARTS for table in (*part.about, *part.signed, *part.mentions)]


def put_everywhere(user: Any) -> Kept:
    """Make rows of everything and put `user` into the first new one of each table; return the key of that row."""
    tables = {table.rows for table in declared()}
    before = {model: _last(model) for model in tables}
    a_row_of_everything(user)
    stakeholder = user.stakeholders.first()
    found: Kept = {}
    for model in tables:
        if model is type(user):
            found[model] = user.pk
            continue
        pk = model._base_manager.filter(pk__gt=before[model]).order_by("pk").values_list("pk", flat=True).first()
        assert pk is not None, f"no row of {model._meta.label} was made"
        found[model] = pk
    for table in declared():
        changes = _changes(table, user, stakeholder)
        table.rows._base_manager.filter(pk=found[table.rows]).update(**changes)
    return found


def _last(model: Any) -> int:
    return model._base_manager.order_by("-pk").values_list("pk", flat=True).first() or 0


def _changes(table: Any, user: Any, stakeholder: Any) -> dict[str, Any]:
    if isinstance(table, About):
        columns: dict[str, Any] = {
            table.email: user.email,
            table.name: user.name,
            table.entry: stakeholder,
            table.account: user,
        }
        if table.rows is type(user):
            return {}
        columns |= {one: f"Private of {user.name}" for one in table.empties if not _is_special(table.rows, one)}
        return {one: value for one, value in columns.items() if own(table.rows, one)}
    if isinstance(table, Signed):
        return {one: value for key, name in table.pairs for one, value in ((key, user), (name, user.name)) if one}
    return {one: _mention(table.rows, one, user) for one in table.columns if not _is_private(table.rows, one)}


def _is_special(model: Any, name: str) -> bool:
    return isinstance(own(model, name), models.JSONField | models.FileField | models.URLField | models.SlugField)


def _is_private(model: Any, name: str) -> bool:
    """Emptied as a whole, and filled for that already."""
    return any(
        isinstance(t, About) and t.rows is model and name in t.empties and not _is_special(model, name)
        for t in declared()
    )


def _mention(model: Any, name: str, user: Any) -> Any:
    text = f"Ask {user.name}, or write to {user.email.upper()}."
    if name == "key":
        return f"visit:{user.pk}:{user.email}"
    if isinstance(own(model, name), models.JSONField):
        return {"rows": [{"code": "x", "en": text, "fr": text}], "value": text}.get(name, {"en": {"by": text}})
    return (
        text[: own(model, name).max_length or 10_000]
        if len(text) < (own(model, name).max_length or 10_000)
        else user.name
    )


def everything() -> Iterator[tuple[type[models.Model], str]]:
    """Every column of every table in which words can stand."""
    for model in apps.get_models():
        if not model._meta.managed or model._meta.proxy:
            continue
        for column in model._meta.local_concrete_fields:
            if isinstance(column, TEXTS):
                yield model, column.name


def where(*words: str) -> list[str]:
    """The columns in which one of `words` stands, as "app.Model.column", in alphabetical order."""
    found = []
    for model, name in everything():
        text = Cast(name, TextField())
        for word in words:
            if model._base_manager.alias(as_text=text).filter(as_text__icontains=word).exists():
                found.append(f"{model._meta.label}.{name}")
                break
    return sorted(found)
