"""Which renewals a letter is due for, at an instant."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from cmncp_portal.core.timely import is_due

from .models import Renewal
from .workflow import RENEWAL_LETTERS

_AROUND = timedelta(days=7)  # weekends, holidays, and a portal that slept


def letters_due(now: datetime) -> list[tuple[Renewal, int]]:
    """Return the open renewals that a letter is due for at `now` in the member's zone, each with its day (-60, -30, 0, 30).

    Who said that it stays is left in peace: the coordinators settle the rest.
    """
    today = timezone.localdate(now)
    near = Q(pk__in=[])
    for days in RENEWAL_LETTERS:
        due = today - timedelta(days=days)
        near |= Q(due_on__range=(due - _AROUND, due + _AROUND))
    rows: QuerySet[Renewal] = Renewal.objects.running().filter(near, confirmed_at__isnull=True)
    found = []
    for renewal in rows.select_related("membership__municipality").order_by("pk"):
        zone = renewal.membership.municipality.time_zone
        for days in RENEWAL_LETTERS:
            if is_due(renewal.due_on + timedelta(days=days), now, zone):
                found.append((renewal, days))
    return found
