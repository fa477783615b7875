"""What stands beside the texts of a brief: numbers, steps, sources, examples, evidence; and the practices that these come from."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality, PreventionProgramme
from cmncp_portal.notifications.models import Message

from ..models import ActionBrief, Evidence, Example, Practice

RELATED = {
    "numbers": (),
    "steps": ("audience",),
    "sources": (),
    "examples": ("municipality", "programme"),
}
NOT_IN_A_FORM = {"order", "agreed_at", "agreed_by_name"}


@dataclass(frozen=True)
class Listed:
    """A row of a list: what it says now (`mark`), and whether it can go up or down among its neighbours."""

    row: Any
    mark: str
    is_first: bool
    is_last: bool
    asked_at: Any = None


def mark_of(row: Any) -> str:
    """Return a mark that changes with each change of what `row` says; its place in the list does not count."""
    fields = [field.attname for field in row._meta.concrete_fields if field.name not in NOT_IN_A_FORM]
    words = json.dumps([str(getattr(row, name)) for name in fields])
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def rows_of(brief: ActionBrief, name: str) -> list[Any]:
    """Return the rows of `brief` called `name` (a key of `RELATED`), in their order. One query."""
    return list(getattr(brief, name).select_related(*RELATED[name]).order_by(*_order(name)))


def _order(name: str) -> tuple[str, ...]:
    return ("audience__order", "audience__pk", "order", "pk") if name == "steps" else ("order", "pk")


def neighbours(rows: Iterable[Any], row: Any) -> list[Any]:
    """Return those of `rows` with which `row` may change places: steps stay with those for the same people."""
    return [r for r in rows if getattr(r, "audience_id", None) == getattr(row, "audience_id", None)]


def listed(brief: ActionBrief, name: str) -> list[Listed]:
    """Return the rows of `brief` called `name` as the desk's page shows them. Two queries at most, whatever their number."""
    rows = rows_of(brief, name)
    asked = asked_for_agreement(rows) if name == "examples" else {}
    found = []
    for row in rows:
        near = neighbours(rows, row)
        found.append(Listed(row, mark_of(row), near[0] == row, near[-1] == row, asked.get(row.pk)))
    return found


def agreement_key(example: Example) -> str:
    """Return the occasion of asking for agreement: the same words are asked about once."""
    return f"knowledge.example_agreement:{example.brief_id}:{example.pk}:{mark_of(example)}"


def asked_for_agreement(examples: Iterable[Example]) -> dict[int, Any]:
    """Return when the municipality was asked about each example as it stands now, by the example's pk. One query."""
    keys = {agreement_key(example): example.pk for example in examples if example.agreed_at is None}
    if not keys:
        return {}
    about = Q()
    for key in keys:
        about |= Q(key__startswith=f"{key}:")
    rows = Message.objects.filter(about).order_by("created_at").values_list("key", "created_at")
    return {keys[":".join(key.split(":")[:4])]: at for key, at in rows}


def evidence_choices(chosen: Iterable[int]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return all entries of published practices, and those already `chosen`, grouped by practice. One query."""
    name = f"practice__name_{active_language()}"
    rows = Evidence.objects.select_related("practice").defer("practice__search_en", "practice__search_fr")
    rows = rows.filter(Q(practice__published_at__isnull=False) | Q(pk__in=list(chosen))).order_by(name, "pk")
    groups: dict[str, list[tuple[int, str]]] = {}
    for entry in rows:
        words = f"{entry.outcome} — {entry.system} ({entry.label})"
        groups.setdefault(str(entry.practice.name), []).append((entry.pk, words))
    return list(groups.items())


def practices_to_edit(user: Any) -> QuerySet[Practice]:
    """Return the practices that `user` may see, with their places and evidence, for the page where they are written."""
    rows = Practice.objects.visible_to(user).defer("search_en", "search_fr")
    return rows.prefetch_related("places__municipality", "places__programme", "evidence")


def municipalities() -> QuerySet[Municipality]:
    """Return the places that an example or a practice can be at work in, by name."""
    return Municipality.objects.exclude(kind=Municipality.Kind.ORGANISATION).by_name(active_language())


def programmes() -> QuerySet[PreventionProgramme]:
    """Return all programmes, by municipality and name."""
    rows = PreventionProgramme.objects.select_related("municipality").defer("search_en", "search_fr")
    return rows.order_by("municipality__name_en", "name_en", "pk")
