"""The next session of an agreement as a date on a calendar."""

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _t

from cmncp_portal.core.days import local_instant
from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.core.screens import absolute
from cmncp_portal.network.rules import municipality_ids_of

from ..models import Agreement, Participant

LASTS = timedelta(hours=1)  # a session on a calendar: nobody is asked how long they will talk
MOST = 200  # dates on one calendar
_MIDNIGHT = time()
WIDEST = timedelta(days=1)  # a day of the reader's zone may begin a day earlier elsewhere


def entry_of(agreement: Agreement) -> CalendarEntry:
    """Return the next session on a calendar, in the active language and the mentored municipality's zone.

    The same UID for the whole life of the agreement; SEQUENCE is its version. The agreement must have a next session.
    """
    assert agreement.next_session_at
    start = agreement.next_session_at.astimezone(ZoneInfo(agreement.mentee.time_zone))
    return CalendarEntry(
        uid=f"mentoring-{agreement.pk}@{settings.DEFAULT_FROM_ADDRESS.rpartition('@')[2]}",
        title=_t("Mentoring session: %(mentor)s and %(mentee)s")
        % {"mentor": agreement.mentor, "mentee": agreement.mentee},
        start=start,
        end=start + LASTS,
        place=agreement.next_session_place,
        url=absolute(agreement.get_absolute_url()),
        tone="good",
        sequence=agreement.version,
        activity="mentoring",
        state=str(agreement.get_state_display()),
    )


def _own(user: Any) -> QuerySet[Agreement]:
    ours = municipality_ids_of(user)
    named = Participant.objects.current().filter(email=user.email.lower()).values("agreement")
    return Agreement.objects.filter(Q(mentor__in=ours) | Q(mentee__in=ours) | Q(pk__in=named))


def calendar_entries(user: Any, start: date, end: date) -> list[CalendarEntry]:
    """Return the next sessions between `start` and `end` (inclusive) of agreements in which `user` takes part; at most MOST.

    A session stands on the day that it is where the mentored municipality is.
    """
    if not getattr(user, "is_authenticated", False):
        return []
    first = local_instant(start, _MIDNIGHT, "UTC") - WIDEST
    last = local_instant(end, _MIDNIGHT, "UTC") + 2 * WIDEST
    rows = _own(user).filter(state__in=Agreement.RUNNING, next_session_at__range=(first, last))
    entries = [
        entry_of(row) for row in rows.select_related("mentor", "mentee").order_by("next_session_at", "pk")[:MOST]
    ]
    return [entry for entry in entries if start <= entry.first_day <= end]
