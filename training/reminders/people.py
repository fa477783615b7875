"""What is due about evidence at an instant: after ten working days without an answer, the assessors are reminded once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from cmncp_portal.core.days import add_working_days
from cmncp_portal.core.timely import is_due, is_due_somewhere

from ..models import EvidenceClaim

WAITS_WORKING_DAYS = 10
LATEST = 30  # calendar days after which a portal that slept says nothing any more


@dataclass(frozen=True)
class Due:
    """Evidence that waits for an answer: the reminder is meant for `day`."""

    claim: EvidenceClaim
    day: date
    now: datetime

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the letter is to leave now for a recipient in the IANA zone `zone`."""
        return is_due(self.day, self.now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield the evidence of which assessors are to be reminded at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    rows = EvidenceClaim.objects.filter(state=EvidenceClaim.State.SENT, sent_at__gte=now - timedelta(days=LATEST))
    for claim in rows.select_related("learner__stakeholder").order_by("pk"):
        assert claim.sent_at
        day = add_working_days(timezone.localdate(claim.sent_at), WAITS_WORKING_DAYS)
        if is_due_somewhere(day, now):
            yield Due(claim, day, now)
