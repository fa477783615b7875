"""What is due now about offerings: a function of the instant, asked every hour. Nothing waits in a broker.

At which hour a reminder leaves is the matter of `core.timely`. A cancelled offering is in none of these lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from cmncp_portal.core.days import add_working_days
from cmncp_portal.core.places import Status
from cmncp_portal.core.timely import is_due, is_due_somewhere, is_eve
from cmncp_portal.notifications.kinds import Kind

from ..models import Offering
from ..notifications import offerings as kinds
from ..notifications.common import both, day_words
from ..selectors.attendance import is_fully_noted
from ..selectors.builds import AFTER_DAYS
from ..selectors.when import session_in_words

G = Offering.State
PRACTICAL_DAYS = 7
APPROVAL_DAYS = (14, 7, 3)  # before the first day
ATTENDANCE_AFTER = 3  # working days after the last day


@dataclass(frozen=True)
class Due:
    """Letters that are due somewhere: about which offering, of which kind, to which group, on which occasion (of the key).

    `to` is "registered", "came", "coordinators" or "organisers" (facilitators too). `is_due_in` says whether the hour has
    come for somebody in a given zone; `day` is None for what is due at an instant.
    """

    offering: Offering
    kind: Kind
    to: str
    occasion: str
    day: date | None
    now: datetime
    more: dict[str, Any] = field(default_factory=dict)

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the letter is to leave now for a recipient in the IANA zone `zone`."""
        return self.day is None or is_due(self.day, self.now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield what is due at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    yield from _before(now)
    yield from _eves(now)
    yield from _after(now)


def _offerings(**wanted: Any) -> QuerySet[Offering]:
    return Offering.objects.with_module().filter(**wanted).order_by("pk")


def _span(now: datetime, first: int, last: int) -> tuple[date, date]:
    """Days around `now`: wide enough for weekends, holidays and a portal that slept."""
    today = timezone.localdate(now)
    return today + timedelta(days=first), today + timedelta(days=last)


def _before(now: datetime) -> Iterator[Due]:
    """A week before: the practical details. Two weeks, one week and three days before: somebody still asks for a place."""
    asks = Count("enrolments", filter=Q(enrolments__status=Status.REQUESTED))
    rows = _offerings(state=G.OPEN, starts_on__range=_span(now, 0, max(APPROVAL_DAYS) + 1)).annotate(asks=asks)
    for offering in rows:
        assert offering.starts_on
        first = offering.starts_on
        if offering.today() >= first:
            continue
        week_before = first - timedelta(days=PRACTICAL_DAYS)
        if is_due_somewhere(week_before, now):
            more = {"join_link": both(offering.join_link if offering.is_online else "")}
            yield Due(offering, kinds.PRACTICAL, "registered", f"{first}", week_before, now, more=more)
        for days in APPROVAL_DAYS if offering.asks else ():
            on = first - timedelta(days=days)
            if is_due_somewhere(on, now):
                more = {"count": both(offering.asks)}
                yield Due(offering, kinds.APPROVAL_WAITS, "coordinators", f"{first}:{days}", on, now, more=more)


def _eves(now: datetime) -> Iterator[Due]:
    """On the eve of each session online, at 16:00 where the offering is: the link."""
    first, last = _span(now, 0, 2)
    rows = _offerings(state=G.OPEN, mode=Offering.Mode.ONLINE, starts_on__lte=last, ends_on__gte=first)
    for offering in rows.exclude(join_link="").prefetch_related("sessions"):
        seen: set[date] = set()
        for session in offering.sessions.all():
            if session.day not in seen and is_eve(session.day, now, offering.time_zone):
                seen.add(session.day)
                words = {code: session_in_words(session, code) for code in ("en", "fr")}
                more = {"session": words, "join_link": both(offering.join_link)}
                yield Due(offering, kinds.EVE, "registered", f"{session.day}", None, now, more=more)


def _after(now: datetime) -> Iterator[Due]:
    """The working day after: the second self-assessment. Three working days after: attendance or the record is missing."""
    for offering in _offerings(state__in=[G.OPEN, G.HELD], ends_on__range=_span(now, -14, 0)):
        assert offering.ends_on
        last = offering.ends_on
        next_day = last + timedelta(days=1)
        if is_due_somewhere(next_day, now):
            more = {"until": day_words(last + timedelta(days=AFTER_DAYS))}
            yield Due(offering, kinds.AFTERWARDS, "came", f"{last}", next_day, now, more=more)
        on = add_working_days(last, ATTENDANCE_AFTER)
        if is_due_somewhere(on, now) and not (offering.state == G.HELD and is_fully_noted(offering)):
            yield Due(offering, kinds.ATTENDANCE_DUE, "organisers", f"{last}", on, now)
