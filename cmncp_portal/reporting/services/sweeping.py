"""What the portal does by itself about reports: letters about the day on which they are due, and work that nobody took."""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cmncp_portal.core.dates import day_in_words, days_in_words
from cmncp_portal.core.timely import is_due
from cmncp_portal.network.selectors import coordinators
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.bilingual import both, day_words, url_words
from cmncp_portal.notifications.recipients import Recipient

from ..models import Calculation, Report, SnapshotFile
from ..notifications import DUE
from ..reminders import due
from ..workflow import reminder_days
from .background import CALCULATE, MAKE_FILES, publish
from .writing import locked, occasion_of

log = logging.getLogger(__name__)


def send_reminders(now: datetime | None = None) -> int:
    """Queue each letter that is due at `now`; return how many are new. Running it again adds nothing."""
    now = now or timezone.now()
    return sum(_try(report, days, now) for report, days in due(now))


def _try(report: Report, days: int, now: datetime) -> int:
    """One that fails is tried again in an hour, and keeps nobody else's letter."""
    try:
        return _remind(report, days, now)
    except Exception:
        log.exception("the letter about report %s could not be written", report.pk)
        return 0


@transaction.atomic
def _remind(report: Report, days: int, now: datetime) -> int:
    """Write to those for whom the hour has come; the others follow when their own zone reaches it."""
    found = locked(report)
    if (found.due_on, found.handed_in_on) != (report.due_on, None) or found.due_on is None:
        return 0  # moved or handed in meanwhile
    day = dict(reminder_days(found.due_on))[days]
    values = _values(found, days)
    ready = [to for to in readers(found) if is_due(day, now, to.zone)]
    told = [(to, {code: values[code] | {"name": to.name} for code in ("en", "fr")}) for to in ready]
    return len(letters.send_many(DUE, told, key=f"{DUE.name}:{occasion_of(found)}:{days}"))


def readers(report: Report) -> list[Recipient]:
    """Return to whom letters about `report` go: the coordinators, and whoever began it as long as they make reports."""
    found = {to.email: to for to in coordinators()}
    author = report.by
    if author and author.is_active and author.has_perm("reporting.make_reports"):
        found.setdefault(author.email, Recipient(author.email, author.name, author.language, author.time_zone))  # type: ignore[arg-type]
    return list(found.values())


def _values(report: Report, days: int) -> dict[str, dict[str, Any]]:
    last = report.snapshots.order_by("-number").first()
    said: dict[str, dict[str, Any]] = {
        "title": {"en": report.title_en, "fr": report.title_fr},
        "period": {code: days_in_words(report.from_on, report.until_on, code) for code in ("en", "fr")},
        "due": day_words(report.due_on),
        "is_today": both(days == 0),
        "is_late": both(days > 0),
        "frozen_on": {
            code: day_in_words(timezone.localdate(last.frozen_at), code) if last else "" for code in ("en", "fr")
        },
        "url": url_words("reporting:report", report.pk),
    }
    return {code: {name: value[code] for name, value in said.items()} for code in ("en", "fr")}


def follow_up() -> int:
    """Ask a worker again for figures and files that nobody took, as when the broker was away; return how many."""
    waiting = list(Calculation.objects.filter(state=Calculation.State.WAITING).values_list("pk", flat=True))
    files = SnapshotFile.objects.filter(state=SnapshotFile.State.WAITING).order_by()
    snapshots = list(files.values_list("snapshot", flat=True).distinct())
    asked = [publish(CALCULATE, pk) for pk in waiting] + [publish(MAKE_FILES, pk) for pk in snapshots]
    return sum(asked)
