"""What is due about modules at an instant: drafts before, on and after their day; invitations of authors that end soon."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from cmncp_portal.core.days import add_working_days
from cmncp_portal.core.timely import is_due, is_due_somewhere
from cmncp_portal.notifications.kinds import Kind

from ..models import Module, ModuleAuthor
from ..notifications import modules as kinds
from ..notifications.common import both, day_words

S = Module.State
DRAFT_DAYS = (7, 0)  # before the day on which the draft is due
LATE_WORKING_DAYS = 3  # after it
ENDS_DAYS = 7  # before the last day of an author's invitation
AROUND = 14  # days: what is looked at around today; weekends, holidays and a portal that slept lie within
AT_WORK = (S.PROPOSED, S.AGREED, S.DRAFTED, S.REVIEWED, S.PILOTED)


@dataclass(frozen=True)
class Due:
    """A letter that is due somewhere: about which module, of which kind, to whom, on which occasion (part of the key).

    `to` is "authors", "author" (the one of `author`) or "coordinators". `more` are values of the letter, per language.
    """

    module: Module
    kind: Kind
    to: str
    occasion: str
    day: date
    now: datetime
    more: dict[str, Any] = field(default_factory=dict)
    author: ModuleAuthor | None = None

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the letter is to leave now for a recipient in the IANA zone `zone`."""
        return is_due(self.day, self.now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield what is due about modules at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    yield from _drafts(now)
    yield from _invitations(now)


def _drafts(now: datetime) -> Iterator[Due]:
    """A week before, on the day, three working days after: a module that is still being drafted."""
    today = timezone.localdate(now)
    span = (today - timedelta(days=AROUND), today + timedelta(days=AROUND))
    rows = Module.objects.filter(state=S.AGREED, draft_due_on__range=span).select_related("partner")
    moved = rows.annotate(since=Max("changes__at", filter=Q(changes__to_state=S.AGREED))).order_by("pk")
    for module in moved.defer("search_en", "search_fr"):
        assert module.draft_due_on
        words = day_words(module.draft_due_on)
        for on, is_late in _days(module.draft_due_on):
            if not is_due_somewhere(on, now) or on <= timezone.localdate(module.since or module.created_at):
                continue  # told when the draft was assigned
            occasion = f"{module.draft_due_on}:{on}"
            more = {"due": words, "is_late": both(is_late)}
            yield Due(module, kinds.DRAFT_DUE, "authors", occasion, on, now, more)
            if is_late:
                yield Due(module, kinds.DRAFT_LATE, "coordinators", occasion, on, now, {"due": words})


def _days(due_on: date) -> list[tuple[date, bool]]:
    before = [(due_on - timedelta(days=days), False) for days in DRAFT_DAYS]
    return [*before, (add_working_days(due_on, LATE_WORKING_DAYS), True)]


def _invitations(now: datetime) -> Iterator[Due]:
    """A week before the last day: who may still write, or have to, as long as the module is not in the catalogue."""
    today = timezone.localdate(now)
    span = (today, today + timedelta(days=AROUND))
    rows = ModuleAuthor.objects.working(today).filter(until_on__range=span, module__state__in=AT_WORK)
    for author in rows.select_related("module__partner", "user").order_by("pk"):
        assert author.until_on
        on = author.until_on - timedelta(days=ENDS_DAYS)
        if is_due_somewhere(on, now) and on > timezone.localdate(author.updated_at):
            more = {"until": day_words(author.until_on)}
            occasion = f"{author.pk}:{author.until_on}"
            yield Due(author.module, kinds.AUTHOR_ENDS, "author", occasion, on, now, more, author)


def writing(module: Module) -> QuerySet[ModuleAuthor]:
    """Return the authors of `module` whose invitation runs today, with their accounts."""
    rows = ModuleAuthor.objects.working().filter(module=module, user__is_active=True)
    return rows.select_related("user").order_by("pk")
