"""Whom meetings have reached. Only meetings that were held count, on their last day, and only who is noted as having come."""

from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from cmncp_portal.core.contacts import line, within

from ..models import Meeting, Registration


def contacts(from_on: date | None = None, until_on: date | None = None) -> list[QuerySet]:
    """Return who attended ("meetings.attended") and who received ("meetings.hosted") between the two days, as lines of
    `core.contacts`. The times are meetings, however many people of a municipality came."""
    last_day = Coalesce("meeting__ends_on", "meeting__starts_on")
    came = Registration.objects.came().filter(meeting__state=Meeting.State.HELD).alias(last_day=last_day)
    came = came.filter(within("last_day", from_on, until_on))
    held = Meeting.objects.filter(state=Meeting.State.HELD).alias(last_day=Coalesce("ends_on", "starts_on"))
    held = held.filter(within("last_day", from_on, until_on))
    meetings = Count("meeting", distinct=True)
    return [
        line(came, "meetings.attended", place="municipality", times=meetings, last="last_day"),
        line(held, "meetings.hosted", place="host", last="last_day"),
        line(held, "meetings.hosted", place="co_host", last="last_day"),
    ]
