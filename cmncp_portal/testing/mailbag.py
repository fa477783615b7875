"""What lies in the outbox about one activity, said briefly."""

from datetime import datetime
from typing import Any

import icalendar

from cmncp_portal.notifications import mailings
from cmncp_portal.notifications.models import Mailing, Message


def post() -> int:
    """Write the letters of all mailings, as a worker does; return how many."""
    return mailings.sweep()


def forget() -> None:
    """Empty the outbox, so that a test sees only what comes next."""
    post()
    Message.objects.all().delete()
    Mailing.objects.all().delete()


class Mailbag:
    """The letters of the app `label`, those of mailings included, as if a worker had written them by now."""

    def __init__(self, label: str) -> None:
        self.label = label

    def written(self, kind: str | None = None) -> list[Message]:
        """Letters that were not withdrawn, oldest first; of `kind` when given."""
        post()
        rows = Message.objects.filter(kind__startswith=f"{self.label}.").exclude(state=Message.State.WITHDRAWN)
        return list((rows.filter(kind=f"{self.label}.{kind}") if kind else rows).order_by("pk"))

    def to(self, kind: str) -> list[str]:
        """The addresses to which letters of `kind` went, in alphabetical order."""
        return sorted(message.to_email for message in self.written(kind))

    def kinds_to(self, email: str) -> list[str]:
        """The kinds of letters that one person got, oldest first."""
        return [m.kind.removeprefix(f"{self.label}.") for m in self.written() if m.to_email == email]


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
