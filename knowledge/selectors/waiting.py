"""What waits for a person in knowledge: one query for the own page, a part of one for the count on every page."""

from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _t

from cmncp_portal.core.waiting import Row, Task, found_in, line
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
    return Subquery(titles)


def lines(user: Any) -> list[QuerySet]:
    """Return what waits for `user` as lines of one query."""
    brief = {"en": _title("en", "brief"), "fr": _title("fr", "brief"), "slug": "brief__slug"}
    in_practice = {code: Coalesce(F(f"practice__name_{code}"), Cast(brief[code], TextField())) for code in ("en", "fr")}
    where: dict[str, dict[str, Any]] = {
        "review": brief | {"word": "brief__source_language", "due": "due_on", "since": "asked_at"},
        "example": brief | {"since": "brief__updated_at"},
        "request": {"en": "subject", "word": "state", "since": "created_at"},
        "format": brief | {"due": "promised_on", "since": "at"},
        "concern": in_practice | {"since": "at"},
    }
    return [line(rows, f"knowledge.{sort}", **where[sort]) for sort, rows in _parts(user).items()]


def glance(user: Any, *, limit: int = 24) -> list[Task]:
    """Return what waits for `user`, the first due first, then what has waited longest, at most `limit`. One query."""
    return found_in(lines(user), {"knowledge": told}, limit=limit, dates=0)[0]


def told(row: Row) -> Task:
    """Put a line into words, in the active language."""
    if row.sort == "review":
        url = _at("read", row.slug, row.word)
        return Task(row.title, _t("Read the draft and say what you think"), url, row.due, row.on)
    if row.sort == "example":
        return Task(
            row.title, _t("Say whether the example about you may be told"), _at("example", row.pk), None, row.on
        )
    if row.sort == "request":
        what = _t("Sort the request for a brief") if row.word == S.OPEN else _t("Answer the request for a brief")
        return Task(row.title, what, _at("request", row.pk), None, row.on)
    url = _at("reader_answer", row.sort, row.pk)
    if row.sort == "format":
        return Task(row.title, _t("Answer who needs another format"), url, row.due, row.on)
    return Task(row.title, _t("Answer a reader who found something wrong"), url, None, row.on)


def _at(name: str, *args: Any) -> str:
    return reverse(f"knowledge:{name}", args=args)
