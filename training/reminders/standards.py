"""What is due at an instant: a week before a consultation closes; a consultation whose last day has passed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from cmncp_portal.core.timely import is_due, is_due_somewhere

from ..models import StandardVersion
from ..models.standards import office_day

CLOSING_DAYS = 7  # before the last day to comment
V = StandardVersion.State


@dataclass(frozen=True)
class Closing:
    """A consultation about which those who have not commented are reminded. `on` is the day meant for it."""

    version: StandardVersion
    on: date
    now: datetime

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the reminder may leave now for somebody in the IANA zone `zone`."""
        return is_due(self.on, self.now, zone)


def closing(now: datetime | None = None) -> Iterator[Closing]:
    """Yield the consultations that close in a week, at `now` (an aware instant; the present unless given)."""
    now = now or timezone.now()
    today = timezone.localdate(now, timezone=timezone.get_default_timezone())
    span = (today, today + timedelta(days=CLOSING_DAYS + 1))
    rows = StandardVersion.objects.filter(state=V.CONSULTATION, closes_on__range=span).select_related("standard")
    for version in rows.order_by("pk"):
        assert version.closes_on
        on = version.closes_on - timedelta(days=CLOSING_DAYS)
        if is_due_somewhere(on, now):
            yield Closing(version, on, now)


def past_their_last_day() -> list[StandardVersion]:
    """Return the consultations to be closed: their last day has passed at the network's office."""
    rows = StandardVersion.objects.filter(state=V.CONSULTATION, closes_on__lt=office_day())
    return list(rows.select_related("standard").order_by("pk"))
