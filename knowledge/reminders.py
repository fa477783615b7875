"""What is due now: a function of the instant, asked every hour. Nothing waits in a broker, so a moved day moves its reminders.

At which hour a reminder leaves is the matter of `core.timely`; each recipient's own zone decides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from cmncp_portal.core.text import other
from cmncp_portal.core.timely import is_due, is_due_somewhere
from cmncp_portal.notifications.kinds import Kind

from . import notifications as kinds
from .models import ActionBrief, Review

S = ActionBrief.State
READING_DAYS = (-2, 0, 3)  # around the day by which somebody was asked to read
YEARLY_DAYS = (-60, 0)  # around the day of a brief's review
EXCEPTION_FIRST, EXCEPTION_EVERY = -7, 7  # around the day by which the other language is promised
LATEST = 6  # days: a weekend, holidays and a portal that slept lie between a day and the last hour for its reminder


@dataclass(frozen=True)
class Due:
    """A letter that is due somewhere: about which brief, of which kind, to whom, on which occasion (part of the key).

    `to` is "reviewer", "writers" or "keepers" (writers and administrators). `values` are those of the letter except the
    name, per language; `review` is what the reviewer is reminded of.
    """

    brief: ActionBrief
    kind: Kind
    to: str
    occasion: str
    day: date
    now: datetime
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    review: Review | None = None

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the letter is to leave now for a recipient in the IANA zone `zone`."""
        return is_due(self.day, self.now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield what is due at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    yield from _readings(now)
    yield from _yearly_reviews(now)
    yield from _exceptions(now)


def _span(now: datetime, first: int, last: int) -> tuple[date, date]:
    """Days whose reminders between `first` and `last` days around them may leave at `now`; a day more for the zones."""
    today = timezone.localdate(now)
    return today - timedelta(days=last + LATEST), today - timedelta(days=first - 1)


def _readings(now: datetime) -> Iterator[Due]:
    """Two days before, on the day, three days after: who was asked to read a draft and has not answered."""
    span = _span(now, READING_DAYS[0], READING_DAYS[-1])
    rows = Review.objects.filter(answered_at__isnull=True, due_on__range=span, reviewer__is_active=True)
    rows = rows.exclude(brief__state__in=[S.SUPERSEDED, S.WITHDRAWN])
    for review in rows.select_related("brief", "reviewer").prefetch_related("brief__editions").order_by("pk"):
        for offset in READING_DAYS:
            on = review.due_on + timedelta(days=offset)
            if is_due_somewhere(on, now) and on > timezone.localdate(review.asked_at):
                occasion = f"{review.pk}:{review.due_on}:{offset}"
                values = _reading_values(review, is_late=offset > 0)
                yield Due(review.brief, kinds.REVIEW_REMINDER, "reviewer", occasion, on, now, values, review)


def _reading_values(review: Review, *, is_late: bool) -> dict[str, dict[str, Any]]:
    brief = review.brief
    return _per_language(
        title=kinds.titles(brief),
        due=kinds.day_words(review.due_on),
        is_late=kinds.both(is_late),
        url=kinds.address("read", brief.slug, brief.source_language),
    )


def _yearly_reviews(now: datetime) -> Iterator[Due]:
    """Sixty days before the day of a published brief's review, and on it."""
    span = _span(now, YEARLY_DAYS[0], YEARLY_DAYS[-1])
    rows = ActionBrief.objects.filter(state=S.PUBLISHED, next_review_on__range=span)
    for brief in rows.prefetch_related("editions").order_by("pk"):
        assert brief.next_review_on
        for offset in YEARLY_DAYS:
            on = brief.next_review_on + timedelta(days=offset)
            if is_due_somewhere(on, now):
                values = _per_language(
                    title=kinds.titles(brief),
                    due=kinds.day_words(brief.next_review_on),
                    days=kinds.both(max((brief.next_review_on - timezone.localdate(now)).days, 0)),
                    url=kinds.address("overview", brief.slug),
                )
                occasion = f"{brief.pk}:{brief.next_review_on}:{offset}"
                yield Due(brief, kinds.REVIEW_DUE, "writers", occasion, on, now, values)


def _exceptions(now: datetime) -> Iterator[Due]:
    """A week before the promised day, on it, and every week after: a brief that still lacks its other language."""
    latest = timezone.localdate(now) - timedelta(days=EXCEPTION_FIRST - 1)
    rows = ActionBrief.objects.filter(state=S.PUBLISHED, exception_until__lte=latest)
    for brief in rows.prefetch_related("editions").order_by("pk"):
        assert brief.exception_until
        language = awaited_language(brief)
        if not language:
            continue
        for offset in _weeks((timezone.localdate(now) - brief.exception_until).days):
            on = brief.exception_until + timedelta(days=offset)
            if is_due_somewhere(on, now):
                values = _per_language(
                    title=kinds.titles(brief),
                    language=kinds.language_words(language),
                    due=kinds.day_words(brief.exception_until),
                    is_late=kinds.both(offset > 0),
                    url=kinds.address("overview", brief.slug),
                )
                occasion = f"{brief.pk}:{brief.exception_until}:{offset}"
                yield Due(brief, kinds.EXCEPTION_DUE, "keepers", occasion, on, now, values)


def awaited_language(brief: ActionBrief) -> str:
    """Return the language that readers of `brief` were promised and do not have yet, or "" when they have it."""
    language = other(brief.source_language)
    edition = brief.by_language.get(language)
    if edition is not None and edition.is_published and brief.state_of(language) == "current":
        return language if edition.is_being_revised else ""
    return language


def _weeks(age: int) -> list[int]:
    """Days around the promised day on which one asks, near `age` (days since then)."""
    first = max(EXCEPTION_FIRST, (age - LATEST) // EXCEPTION_EVERY * EXCEPTION_EVERY)
    return [offset for offset in range(first, age + 2, EXCEPTION_EVERY) if age - offset <= LATEST]


def _per_language(**values: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Turn {"title": {"en": …, "fr": …}} round into {"en": {"title": …}, "fr": {"title": …}}."""
    return {code: {name: given[code] for name, given in values.items()} for code in ("en", "fr")}
