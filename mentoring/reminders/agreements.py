"""What is due about agreements: a function of the instant, asked every hour. A paused agreement is in none of these lists."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from cmncp_portal.core.timely import is_due, is_due_somewhere
from cmncp_portal.notifications.kinds import Kind

from ..models import Agreement
from ..notifications import agreements as kinds
from ..notifications.common import both, day_words
from ..selectors.agreements import unanswered
from ..workflow import ANSWER_REMINDERS, SILENT_DAYS

S = Agreement.State
SEEN = timedelta(days=30)  # who was asked longer ago is no longer reminded by itself


@dataclass(frozen=True)
class Due:
    """Letters that are due somewhere: about which agreement, of which kind, to whom, on which occasion (part of the key).

    `to` is a side (whoever may answer for it), "leads" or "network". `is_due_in` says whether the hour has come in a zone.
    """

    agreement: Agreement
    kind: Kind
    to: str
    occasion: str
    day: date
    now: datetime
    more: dict[str, Any] = field(default_factory=dict)

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the letter is to leave now for a recipient in the IANA zone `zone`."""
        return is_due(self.day, self.now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield what is due at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    yield from _answers(now)
    yield from _silences(now)


def _answers(now: datetime) -> Iterator[Due]:
    """Five and nine days after the question: the side that has not answered. The day after the last one: the network."""
    asked = Agreement.objects.with_places().filter(state=S.AWAITING, asked_at__gte=now - SEEN).order_by("pk")
    for agreement in asked:
        assert agreement.asked_at
        assert agreement.answer_due_on
        missing, more = unanswered(agreement), {"due": day_words(agreement.answer_due_on)}
        for days in ANSWER_REMINDERS:
            on = timezone.localdate(agreement.asked_at) + timedelta(days=days)
            if is_due_somewhere(on, now):
                for side in missing:
                    place = {"place": kinds.names_of(agreement.municipality_of(side))}
                    yield Due(agreement, kinds.ANSWER_REMINDER, side, f"{side}:{days}", on, now, more | place)
        on = agreement.answer_due_on + timedelta(days=1)
        if is_due_somewhere(on, now):
            names = {code: [agreement.municipality_of(s).name_in(code) for s in missing] for code in ("en", "fr")}
            yield Due(agreement, kinds.ANSWERS_OVERDUE, "network", f"{on}", on, now, more | {"missing": names})


def _silences(now: datetime) -> Iterator[Due]:
    """45 days without a sign of life, and again after another 45: who leads on both sides, and the network."""
    quiet = Agreement.objects.with_places().filter(
        state=S.ACTIVE, last_sign_at__lte=now - timedelta(days=SILENT_DAYS - 1)
    )
    for agreement in quiet.order_by("pk"):
        assert agreement.last_sign_at
        since = timezone.localdate(agreement.last_sign_at)
        times = (timezone.localdate(now) - since).days // SILENT_DAYS
        on = since + timedelta(days=SILENT_DAYS * times)
        if times and is_due_somewhere(on, now):
            occasion = f"{agreement.last_sign_at:%Y%m%dT%H%M}:{SILENT_DAYS * times}"
            for to in ("leads", "network"):
                more = {"since": day_words(since), "is_network": both(to == "network")}
                yield Due(agreement, kinds.SILENT, to, f"{occasion}:{to}", on, now, more)
