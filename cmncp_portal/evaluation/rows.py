"""Rows of one table that come along with a row of another, in the same query."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Model, QuerySet
from django.db.models.functions import JSONObject

M = TypeVar("M", bound=Model)


def rows_with(rows: QuerySet[Any], **more: str) -> ArraySubquery:
    """Return `rows` (which name the other row with an OuterRef) as one column; `more` are paths to read beside their own fields."""
    own = {field.attname: field.attname for field in rows.model._meta.concrete_fields}
    return ArraySubquery(rows.values(row=JSONObject(**own, **more)))


def as_rows(model: type[M], found: Iterable[Mapping[str, Any]]) -> list[M]:
    """Return what `rows_with` found as rows of `model`."""
    fields = model._meta.concrete_fields
    return [model(**{field.attname: field.to_python(row[field.attname]) for field in fields}) for row in found]
