"""What lies in the outbox, said briefly."""

from datetime import datetime
from typing import Any

import icalendar

from cmncp_portal.notifications.models import Message


def written(kind: str | None = None) -> list[Message]:
    """Letters of exchanges that were not withdrawn, oldest first; of `kind` when given."""
    rows = Message.objects.filter(kind__startswith="exchanges.").exclude(state=Message.State.WITHDRAWN).order_by("pk")
    return list(rows.filter(kind=f"exchanges.{kind}") if kind else rows)


def to(kind: str) -> list[str]:
    """The addresses to which letters of `kind` went, in alphabetical order."""
    return sorted(m.to_email for m in written(kind))


def kinds_to(email: str) -> list[str]:
    """The kinds of letters that one person got, oldest first."""
    return [m.kind.removeprefix("exchanges.") for m in written() if m.to_email == email]


def forget() -> None:
    """Empty the outbox, so that a test sees only what comes next."""
    Message.objects.all().delete()


def event(message: Message) -> dict[str, Any]:
    """The event of a letter's calendar part: method, uid, sequence, status, start, zone of the start."""
    calendar: Any = icalendar.Calendar.from_ical(message.calendar)
    [found] = calendar.walk("VEVENT")
    start = found.decoded("dtstart")
    return {
        "method": str(calendar["METHOD"]),
        "uid": str(found["UID"]),
        "sequence": int(found["SEQUENCE"]),
        "status": str(found["STATUS"]),
        "start": start,
        "zone": found["DTSTART"].params.get("TZID", "") if isinstance(start, datetime) else "",
    }
