"""The board of briefs and languages: what waits, filters, and a page of it. Constant queries at any size."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import active_language, other

from ..models import ActionBrief, Edition, Review
from .states import TONES, TextState, days_since, moved_at, open_comments, text_states

S = ActionBrief.State
GROUPS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "writing": (pgettext_lazy("briefs", "Being written"), (S.IDEA, S.OUTLINE, S.DRAFT, S.EDITING)),
    "review": (pgettext_lazy("briefs", "In review"), (S.REVIEW,)),
    "translation": (pgettext_lazy("briefs", "In translation"), (S.TRANSLATION,)),
    "ready": (pgettext_lazy("briefs", "Approved or scheduled"), (S.APPROVED, S.SCHEDULED)),
    "published": (pgettext_lazy("briefs", "Published"), (S.PUBLISHED,)),
    "review_due": (pgettext_lazy("briefs", "Review due"), (S.PUBLISHED,)),
    "gone": (pgettext_lazy("briefs", "Replaced or withdrawn"), (S.SUPERSEDED, S.WITHDRAWN)),
}
LONGEST = 200  # characters of a search that are looked at
REFERENCE = re.compile(r"(\d{1,4})\.(\d{1,4})")


@dataclass(frozen=True)
class Row:
    """A brief on the board. `days` it has been in its state; `asked` are who is to review it by which day; `is_exception_late` its deadline passed."""

    brief: ActionBrief
    title_language: str
    tone: str
    texts: list[TextState]
    days: int
    asked: list[tuple[str, date]]
    is_exception_late: bool


@dataclass(frozen=True)
class Counts:
    """What waits on the whole desk."""

    french_behind: int
    english_behind: int
    reviews_due: int
    exceptions_late: int
    unanswered: int

    @property
    def is_quiet(self) -> bool:
        return not (
            self.french_behind or self.english_behind or self.reviews_due or self.exceptions_late or self.unanswered
        )


def _behind(language: str) -> Exists:
    """Whether the text in `language`, a translation found ready once, is older than its source."""
    source = Edition.objects.filter(brief=OuterRef("brief"), language=other(language)).values("version")[:1]
    texts = Edition.objects.filter(brief=OuterRef("pk"), language=language, current_at__isnull=False)
    translations = texts.exclude(title="").filter(brief__source_language=other(language))
    return Exists(translations.filter(based_on__lt=Subquery(source)))


def board(user: Any) -> QuerySet[ActionBrief]:
    """Return the briefs that `user` may see at the desk, what waits first.

    First deadlines of exceptions that passed, then published texts that are behind, reviews due, then what is at work,
    longest in its state first; then what readers have; last what was replaced or withdrawn.
    """
    today = timezone.localdate()
    urgent = (
        When(exception_until__lt=today, state=S.PUBLISHED, then=Value(0)),
        When(Q(french_behind=True) | Q(english_behind=True), state=S.PUBLISHED, then=Value(1)),
        When(next_review_on__lte=today, state=S.PUBLISHED, then=Value(2)),
        When(state__in=[S.REVIEW, S.EDITING, S.TRANSLATION, S.APPROVED], then=Value(3)),
        When(state=S.DRAFT, then=Value(4)),
        When(state__in=[S.OUTLINE, S.SCHEDULED], then=Value(5)),
        When(state=S.IDEA, then=Value(6)),
        When(state=S.PUBLISHED, then=Value(7)),
    )
    return (
        ActionBrief.objects.visible_to(user)
        .annotate(french_behind=_behind("fr"), english_behind=_behind("en"), moved_at=moved_at())
        .annotate(rank=Case(*urgent, default=Value(8), output_field=IntegerField()))
        .order_by("rank", "moved_at", "pk")
    )


def with_row_parts(rows: QuerySet[ActionBrief]) -> QuerySet[ActionBrief]:
    """Return `rows` of the board with all that a line shows."""
    waiting = Review.objects.filter(brief=OuterRef("pk"), answered_at__isnull=True).order_by("due_on", "pk")
    asked = ArraySubquery(waiting.values(one=JSONObject(name="reviewer__name", due="due_on")))
    return (
        rows.select_related("series").prefetch_related("editions").annotate(open_comments=open_comments(), asked=asked)
    )


def in_group(rows: QuerySet[ActionBrief], group: str) -> QuerySet[ActionBrief]:
    """Return those of `rows` in one of `GROUPS`; all for any other word."""
    if group not in GROUPS:
        return rows
    found = rows.filter(state__in=GROUPS[group][1])
    return found.filter(next_review_on__lte=timezone.localdate()) if group == "review_due" else found


def with_words(rows: QuerySet[ActionBrief], text: str) -> QuerySet[ActionBrief]:
    """Return those of `rows` whose title holds `text` in either language, accents folded, or whose number it is ("1.3")."""
    words = text[:LONGEST].strip()
    number = REFERENCE.fullmatch(words)
    if number:
        return rows.filter(series__number=int(number[1]), number=int(number[2]))
    titled = Edition.objects.filter(brief=OuterRef("pk")).annotate(folded=Fold("title"))
    return rows.filter(Exists(titled.filter(folded__contains=Fold(Value(words)))))


def counts(user: Any) -> Counts:
    """Return what waits among all briefs that `user` may see, in one query. Replaced and withdrawn briefs do not wait."""
    today = timezone.localdate()
    late = Exists(Review.objects.filter(brief=OuterRef("pk"), answered_at__isnull=True, due_on__lt=today))
    live = ActionBrief.objects.visible_to(user).exclude(state__in=[S.SUPERSEDED, S.WITHDRAWN]).order_by()
    found = live.aggregate(
        french_behind=Count("pk", filter=_behind("fr")),
        english_behind=Count("pk", filter=_behind("en")),
        reviews_due=Count("pk", filter=Q(state=S.PUBLISHED, next_review_on__lte=today)),
        exceptions_late=Count("pk", filter=Q(exception_until__lt=today)),
        unanswered=Count("pk", filter=late),
    )
    return Counts(**found)


def listed(rows: Any) -> list[Row]:
    """Return a page of the board (`with_row_parts`) as it shows each brief. No queries beyond those of `rows`."""
    today = timezone.localdate()
    found = []
    for brief in rows:
        edition = brief.edition()
        found.append(
            Row(
                brief,
                edition.language if edition else active_language(),
                TONES[S(brief.state)],
                text_states(brief),
                days_since(brief.moved_at),
                [(review["name"], date.fromisoformat(review["due"])) for review in brief.asked],
                brief.exception_until is not None and brief.exception_until < today,
            )
        )
    return found
