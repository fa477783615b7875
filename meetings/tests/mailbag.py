"""What lies in the outbox about meetings, said briefly. `post` writes what a worker would have written by now."""

from datetime import datetime
from typing import Any

import icalendar

from cmncp_portal.notifications import mailings
from cmncp_portal.notifications.models import Mailing, Message


def post() -> int:
    """Write the letters of all mailings, as a worker does; return how many."""
    return mailings.sweep()


def written(kind: str | None = None) -> list[Message]:
    """Letters of meetings that were not withdrawn, oldest first; of `kind` when given."""
    post()
    rows = Message.objects.filter(kind__startswith="meetings.").exclude(state=Message.State.WITHDRAWN).order_by("pk")
    return list(rows.filter(kind=f"meetings.{kind}") if kind else rows)


def to(kind: str) -> list[str]:
    """The addresses to which letters of `kind` went, in alphabetical order."""
    return sorted(m.to_email for m in written(kind))


def kinds_to(email: str) -> list[str]:
    """The kinds of letters that one person got, oldest first."""
    return [m.kind.removeprefix("meetings.") for m in written() if m.to_email == email]


def forget() -> None:
    """Empty the outbox, so that a test sees only what comes next."""
    post()
    Message.objects.all().delete()
    Mailing.objects.all().delete()


def event(message: Message) -> dict[str, Any]:
    """The event of a letter's calendar part: method, uid, sequence, status, start, zone of the start, title."""
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
        "title": str(found["SUMMARY"]),
    }
