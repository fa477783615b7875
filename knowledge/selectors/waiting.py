"""What waits for a person in knowledge: one query for the own page, a part of one for the count on every page."""

from datetime import date
from typing import Any

from django.db.models import (
    CharField,
    DateField,
    Exists,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.core.text import pick
from cmncp_portal.core.waiting import Task
from cmncp_portal.network.rules import speaks_for_ids

from ..models import ActionBrief, BriefRequest, Concern, Edition, Example, FormatRequest, Review

S = BriefRequest.State


def _reviews(user: Any) -> QuerySet[Review]:
    return Review.objects.filter(reviewer=user, answered_at__isnull=True)


def _examples(user: Any) -> QuerySet[Example]:
    """Examples about the municipality for which `user` speaks; what the writers were asked to change waits for them."""
    said = Concern.objects.filter(brief=OuterRef("brief"), email=user.email, answered_at__isnull=True)
    asked = Example.objects.filter(municipality__in=speaks_for_ids(user), agreed_at__isnull=True)
    return asked.filter(~Exists(said)).exclude(brief__state=ActionBrief.State.WITHDRAWN)


def _requests(user: Any) -> QuerySet[BriefRequest]:
    """What is new waits for who sorts, what was passed on for who writes."""
    states = []
    if user.has_perm("knowledge.sort_requests"):
        states.append(S.OPEN)
    if user.has_perm("knowledge.answer_requests"):
        states.append(S.PASSED_ON)
    return BriefRequest.objects.filter(state__in=states)


def _parts(user: Any) -> dict[str, QuerySet[Any]]:
    """What may wait for `user`, by sort, unordered."""
    parts: dict[str, QuerySet[Any]] = {"review": _reviews(user), "example": _examples(user)}
    if user.has_perm("knowledge.sort_requests") or user.has_perm("knowledge.answer_requests"):
        parts["request"] = _requests(user)
    if user.has_perm("knowledge.answer_readers"):
        parts["format"] = FormatRequest.objects.filter(answered_at__isnull=True)
        parts["concern"] = Concern.objects.filter(answered_at__isnull=True)
    return {sort: rows.order_by() for sort, rows in parts.items()}


def waiting_keys(user: Any) -> Any:
    """Return the keys of what waits for `user`, not yet fetched, so that they can be counted together with others."""
    first, *rest = [rows.values_list("pk") for rows in _parts(user).values()]
    return first.union(*rest, all=True)


def _title(language: str, brief: str) -> Any:
    """The brief's title in `language` as it stands, as the one who works on it knows it."""
    titles = Edition.objects.filter(brief=OuterRef(brief), language=language).values("title")[:1]
    return Coalesce(Cast(Subquery(titles), TextField()), Value("", output_field=TextField()))


def _line(sort: str, rows: QuerySet[Any]) -> Any:
    """The same columns for every sort of thing, so that one query brings them all."""
    empty, no_day = Value("", output_field=TextField()), Cast(Value(None), DateField())
    brief = {
        "w_en": _title("en", "brief"),
        "w_fr": _title("fr", "brief"),
        "w_slug": Cast(F("brief__slug"), TextField()),
    }
    language = {"w_language": Cast(F("brief__source_language"), TextField())}
    columns: dict[str, dict[str, Any]] = {
        "review": brief | language | {"w_due": F("due_on"), "w_since": F("asked_at")},
        "example": brief | {"w_since": F("brief__updated_at")},
        "request": {
            "w_en": Cast(F("subject"), TextField()),
            "w_language": Cast(F("language"), TextField()),
            "w_slug": Cast(F("state"), TextField()),
            "w_since": F("created_at"),
        },
        "format": brief | {"w_due": F("promised_on"), "w_since": F("at")},
        "concern": {
            "w_en": Coalesce(Cast(F("practice__name_en"), TextField()), brief["w_en"]),
            "w_fr": Coalesce(Cast(F("practice__name_fr"), TextField()), brief["w_fr"]),
            "w_since": F("at"),
        },
    }
    defaults = {"w_en": empty, "w_fr": empty, "w_slug": empty, "w_language": empty, "w_due": no_day}
    same = {"w_sort": Value(sort, output_field=CharField()), "w_pk": Cast(F("pk"), IntegerField())}
    names = ("w_sort", "w_pk", "w_en", "w_fr", "w_slug", "w_language", "w_due", "w_since")
    return rows.annotate(**(defaults | same | columns[sort])).values_list(*names)


def glance(user: Any, *, limit: int = 24) -> list[Task]:
    """Return what waits for `user`, the first due first, then what has waited longest, at most `limit`. One query."""
    first, *rest = [_line(sort, rows) for sort, rows in _parts(user).items()]
    rows = first.union(*rest, all=True).order_by(F("w_due").asc(nulls_last=True), "w_since")[:limit]
    return [_task(*row) for row in rows]


def _task(sort: str, pk: int, en: str, fr: str, slug: str, language: str, due: date | None, since: Any) -> Task:
    title, on = str(pick(en, fr)), timezone.localdate(since)
    if sort == "review":
        return Task(title, _t("Read the draft and say what you think"), _at("read", slug, language), due, on)
    if sort == "example":
        return Task(title, _t("Say whether the example about you may be told"), _at("example", pk), None, on)
    if sort == "request":
        what = _t("Sort the request for a brief") if slug == S.OPEN else _t("Answer the request for a brief")
        return Task(title, what, _at("request", pk), None, on)
    if sort == "format":
        return Task(title, _t("Answer who needs another format"), _at("reader_answer", "format", pk), due, on)
    return Task(title, _t("Answer a reader who found something wrong"), _at("reader_answer", "concern", pk), None, on)


def _at(name: str, *args: Any) -> str:
    return reverse(f"knowledge:{name}", args=args)
