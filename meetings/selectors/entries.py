"""Meetings as dates on a calendar."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Region
from cmncp_portal.network.rules import municipality_ids_of

from ..models import Meeting
from .words import place_in_words

TONES = {
    Meeting.State.IDEA: "neutral",
    Meeting.State.POLLING: "under-way",
    Meeting.State.SCHEDULED: "under-way",
    Meeting.State.ANNOUNCED: "good",
    Meeting.State.HELD: "neutral",
    Meeting.State.POSTPONED: "attention",
    Meeting.State.CANCELLED: "attention",
}
MOST = 200  # dates on one calendar


def entry_of(meeting: Meeting) -> CalendarEntry:
    """Return the meeting on a calendar, in the active language; the same UID for its whole life.

    From the beginning of the first day to the end of the last, in the meeting's zone; whole days without times. The join
    link is not in it: calendars are shared further than one thinks.
    """
    assert meeting.starts_on
    assert meeting.ends_on
    begins, finishes = meeting.begins, meeting.finishes if meeting.finishes_at else None
    whole = begins is None or finishes is None
    cancelled = meeting.state in (Meeting.State.CANCELLED, Meeting.State.POSTPONED)
    return CalendarEntry(
        uid=uid_of(meeting),
        title=str(meeting.title),
        start=meeting.starts_on if whole or begins is None else begins,
        end=meeting.ends_on if whole or finishes is None else finishes,
        place=place_in_words(meeting, active_language()),
        url=absolute(meeting.get_absolute_url()),
        tone=TONES[Meeting.State(meeting.state)],
        sequence=meeting.sequence,
        cancelled=cancelled,
        activity="meetings",
        state=_t("Under way") if meeting.is_under_way else str(meeting.get_state_display()),
    )


def uid_of(meeting: Meeting) -> str:
    """Return the UID of the meeting's calendar event."""
    return f"meeting-{meeting.pk}@{settings.DEFAULT_FROM_ADDRESS.rpartition('@')[2]}"


def dated(user: Any, start: date, end: date, region: Region | None = None) -> QuerySet[Meeting]:
    """Return the meetings between `start` and `end` (inclusive) that `user` may know of, in order; at most MOST.

    Before it is announced, a dated meeting stands on the calendars of those who prepare it only. With `region`, only those
    of that region are returned.
    """
    rows = Meeting.objects.visible_to(user).with_places().filter(starts_on__lte=end, ends_on__gte=start)
    rows = rows.exclude(state__in=[Meeting.State.IDEA, Meeting.State.POLLING, Meeting.State.CANCELLED])
    if not is_secretariat(user):
        ours = municipality_ids_of(user) if user.is_authenticated else set()
        rows = rows.filter(Q(published_at__isnull=False) | Q(host__in=ours) | Q(co_host__in=ours))
    if region:
        rows = rows.filter(region=region)
    return rows.order_by("starts_on", "pk")[:MOST]


def calendar_entries(user: Any, start: date, end: date) -> list[CalendarEntry]:
    """Return the meetings between `start` and `end` (inclusive) that `user` may know of, as dates on a calendar."""
    return [entry_of(meeting) for meeting in dated(user, start, end)]
