"""Which reports a letter is due for, at an instant."""

from datetime import datetime, timedelta

from django.utils import timezone

from cmncp_portal.core.timely import is_due_somewhere

from .models import Report
from .workflow import REMINDERS, reminder_days

_AROUND = timedelta(days=7)  # weekends, holidays, and a portal that slept


def due(now: datetime) -> list[tuple[Report, int]]:
    """Return the reports that are not handed in and that a letter is due for somewhere at `now`, with its distance (-7, 0, 3)."""
    today = timezone.localdate(now)
    first = today - timedelta(days=max(REMINDERS)) - _AROUND
    last = today - timedelta(days=min(REMINDERS)) + _AROUND
    rows = Report.objects.filter(due_on__range=(first, last), handed_in_on__isnull=True).order_by("pk")
    return [
        (report, days)
        for report in rows
        if report.due_on
        for days, on in reminder_days(report.due_on)
        if is_due_somewhere(on, now)
    ]
