"""What was asked: requests for briefs, with what can be done about each, and what readers wait for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..models import ActionBrief, BriefRequest, Concern, FormatRequest

S = BriefRequest.State
TONES = {
    S.OPEN: "attention",
    S.PASSED_ON: "under-way",
    S.ACCEPTED: "under-way",
    S.DECLINED: "neutral",
    S.DONE: "good",
}


@dataclass(frozen=True)
class Move:
    """What may be done with a request: to which state it leads, which permissions entitle to it, in which states each."""

    target: str
    allowed: dict[str, tuple[str, ...]]


SORT, ANSWER = "knowledge.sort_requests", "knowledge.answer_requests"
MOVES = {
    "pass_on": Move(S.PASSED_ON, {SORT: (S.OPEN,)}),
    "accept": Move(S.ACCEPTED, {ANSWER: (S.OPEN, S.PASSED_ON, S.ACCEPTED)}),
    "decline": Move(S.DECLINED, {SORT: (S.OPEN,), ANSWER: (S.OPEN, S.PASSED_ON)}),
}


def may_move(asked: BriefRequest, name: str, user: Any) -> bool:
    """Whether `user` may make this move now. Who sorts may decline what is new, who writes also what was passed on."""
    return any(asked.state in states and user.has_perm(right) for right, states in MOVES[name].allowed.items())


def may_ever_move(name: str, user: Any) -> bool:
    """Whether `user` may make this move at some time."""
    return any(user.has_perm(right) for right in MOVES[name].allowed)


def moves_for(asked: BriefRequest, user: Any) -> set[str]:
    """Return the names of the moves that `user` may make now."""
    return {name for name in MOVES if may_move(asked, name, user)}


@dataclass(frozen=True)
class Entry:
    """One line of what happened, for components/timeline.html."""

    at: datetime
    text: str
    by: str
    note: str = ""


ANSWERED: dict[str, str | Promise] = {
    S.PASSED_ON: _("Passed on to the University of Ottawa team"),
    S.ACCEPTED: _("Accepted"),
    S.DECLINED: _("Declined"),
    S.DONE: pgettext_lazy("request for a brief", "Published"),
}


def history_of(asked: BriefRequest) -> list[Entry]:
    """Return what happened to a request, the latest first."""
    entries = [Entry(asked.created_at, _t("Asked for"), asked.by_name)]
    if asked.answered_at is not None:
        text = str(ANSWERED.get(asked.state, ""))
        entries.insert(0, Entry(asked.answered_at, text, asked.answered_by_name, asked.reply))
    return entries


def requests_for(user: Any, *, state: str = "") -> QuerySet[BriefRequest]:
    """Return the requests that `user` may see, the latest first; in one `state` when given."""
    rows = BriefRequest.objects.visible_to(user).select_related("municipality")
    rows = rows.defer("municipality__search_en", "municipality__search_fr")
    return rows.filter(state=state) if state in S.values else rows


def concerns(*, is_answered: bool) -> QuerySet[Concern]:
    """Return what readers found wrong: the oldest first while it waits, the latest answer first afterwards."""
    rows = Concern.objects.filter(answered_at__isnull=not is_answered).select_related(
        "practice", "brief", "answered_by"
    )
    rows = rows.defer("practice__search_en", "practice__search_fr").prefetch_related("brief__editions")
    return rows.order_by("-answered_at", "-pk") if is_answered else rows.order_by("at", "pk")


def format_requests(*, is_answered: bool) -> QuerySet[FormatRequest]:
    """Return who needs another format: the first promised day first while it waits, the latest answer first afterwards."""
    rows = FormatRequest.objects.filter(answered_at__isnull=not is_answered).select_related("brief")
    rows = rows.prefetch_related("brief__editions")
    return rows.order_by("-answered_at", "-pk") if is_answered else rows.order_by("promised_on", "pk")


def is_overdue(asked: FormatRequest) -> bool:
    """Whether the promised day has passed without an answer."""
    return asked.answered_at is None and asked.promised_on < timezone.localdate()


@dataclass(frozen=True)
class ReaderLine:
    """A concern or a request for a format, as a list shows it: about what, which page, what was written."""

    asked: Any
    title: str
    url: str
    words: str
    language: str
    is_overdue: bool


def line_of(asked: Concern | FormatRequest) -> ReaderLine:
    """Return `asked` as a line. A brief that nobody can read yet leads to its page at the desk."""
    if isinstance(asked, FormatRequest):
        return ReaderLine(asked, *_page(asked.brief), asked.wanted, asked.language, is_overdue(asked))
    if asked.practice is not None:
        page = (str(asked.practice.name), asked.practice.get_absolute_url())
    else:
        page = _page(asked.brief)
    return ReaderLine(asked, *page, asked.text, asked.language, False)


def _page(brief: Any) -> tuple[str, str]:
    is_public = brief.state in ActionBrief.PUBLIC
    return str(brief.title), brief.get_absolute_url() if is_public else reverse("knowledge:overview", args=[brief.slug])
