"""What the portal does by itself: sends what is due, records what took place, opens evaluations, deletes personal needs."""

import logging
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cmncp_portal.core.days import local_instant
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.selectors import letters_about

from .. import notifications as kinds
from ..models import Delegate, Meeting, Registration
from ..reminders import Due, asked_without_answer, due, invited_without_answer, join_links, without_a_place
from .attending import open_evaluation, record_held
from .general import prepare_delegates
from .telling import (
    key_of,
    lines_of_invitees,
    lines_of_places,
    own_urls,
    page_urls,
    recipient_of_owner,
    speakers_for,
    tell,
    tell_many,
)

log = logging.getLogger(__name__)
NEEDS_KEPT = timedelta(days=30)
EVALUATION_OPENS = time(9, 0)  # on the day after, where the meeting was: attendance can be noted until then
EVALUATION_LATEST = timedelta(days=30)  # what was held longer ago is not asked about any more


def send_reminders(now: datetime | None = None) -> int:
    """Begin each letter that is due; return for how many groups. Running it again adds nobody twice."""
    return sum(_remind(one) for one in due(now))


def send_join_links(now: datetime | None = None) -> int:
    """Send the link to those who follow online, within the hour before the day begins; return for how many meetings."""
    return sum(_remind(one) for one in join_links(now))


@transaction.atomic
def _remind(one: Due) -> int:
    """Write to those for whom the hour has come; the others follow when their own zone reaches it."""
    meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("host", "co_host", "region")
        .get(pk=one.meeting.pk)
    )
    if (meeting.state, meeting.sequence) != (one.meeting.state, one.meeting.sequence):
        return 0  # moved or called off since it was asked for
    if one.action is not None:
        to = recipient_of_owner(one.action)
        if not one.is_due_in(to.zone):
            return 0
        return int(tell(one.kind, meeting, to, occasion=one.occasion, own=own_urls(one.action), **one.more))
    told = _told(one, meeting)
    lines = [line for line in _lines(one, meeting) if one.is_due_in(line.to.zone) and line.to.email.lower() not in told]
    if not lines:
        return 0
    tell_many(one.kind, meeting, lines, occasion=f"{one.occasion}:{meeting.sequence}", **_values(one))
    return 1


def _told(one: Due, meeting: Meeting) -> set[str]:
    """To whom this was said before the meeting changed: the change took back only what was not written yet."""
    before = letters_about(key_of(one.kind, meeting, one.occasion)).exclude(state=Message.State.WITHDRAWN)
    return set(before.values_list("to_email", flat=True))


def _values(one: Due) -> dict[str, Any]:
    """Values of the letter that are not the meeting's own; what differs from person to person is in the lines."""
    absent = {name: kinds.both("") for name in ("municipality", "delegate", "is_online") if name in one.kind.variables}
    return absent | one.more


def _lines(one: Due, meeting: Meeting) -> list[Line]:
    if one.to == "asked":
        return lines_of_invitees(asked_without_answer(meeting))
    if one.to == "invited":
        return lines_of_invitees(invited_without_answer(meeting))
    if one.to == "hosts":
        people = [*speakers_for(meeting.host), *speakers_for(meeting.co_host)]
        return [Line(to, page_urls(meeting, "prepare"), gets_calendar=False) for to in people]
    if one.to == "members":
        return _delegates(meeting)
    if one.to == "waiting":
        return _with_meeting(without_a_place(meeting), meeting)
    return _with_meeting(_registered(one, meeting), meeting)


def _registered(one: Due, meeting: Meeting) -> Any:
    """Who comes; for the link, who follows online. Who asked for no more letters still gets the link to what they joined."""
    rows = Registration.objects.registered().filter(meeting=meeting).order_by("pk")
    if one.to == "registered":
        return rows.filter(wants_no_more=False)
    online = Q(attends=Registration.Attends.ONLINE) if meeting.mode == Meeting.Mode.HYBRID else Q()
    return rows.filter(online)


def _with_meeting(rows: Any, meeting: Meeting) -> list[Line]:
    places = list(rows)
    for place in places:
        place.meeting = meeting
    lines = lines_of_places(places, gets_calendar=False)
    virtual = meeting.mode == Meeting.Mode.VIRTUAL
    for place, line in zip(places, lines, strict=True):
        for values in line.own.values():
            values["is_online"] = virtual or place.is_online
    return lines


def _delegates(meeting: Meeting) -> list[Line]:
    """The representatives and deputies of each general member, with the name of who votes for it."""
    prepare_delegates(meeting)
    lines = []
    urls = page_urls(meeting, "general_meeting")
    for delegate in Delegate.objects.filter(meeting=meeting).select_related("municipality").order_by("pk"):
        for to in speakers_for(delegate.municipality):
            own = {
                code: urls[code] | {"municipality": delegate.municipality.name_in(code), "delegate": delegate.name}
                for code in ("en", "fr")
            }
            lines.append(Line(to, own, gets_calendar=False))
    return lines


def follow_up(now: datetime | None = None) -> int:
    """Record meetings whose last day has ended as held, and open evaluations whose hour has come; return how many moves."""
    return _hold_past(now) + _open_evaluations(now)


def _hold_past(now: datetime | None) -> int:
    """A meeting that was announced and not called off took place."""
    day = timezone.localdate(now or timezone.now()) + timedelta(days=1)  # the date line of the zones
    over = Meeting.objects.filter(state=Meeting.State.ANNOUNCED, ends_on__lte=day).with_places()
    held = 0
    for meeting in over.order_by("pk"):
        if not meeting.is_over:
            continue
        try:
            record_held(meeting, by=None)
            held += 1
        except TransitionRefused as refused:
            log.info("meeting %s was not recorded as held: %s", meeting.pk, refused)
    return held


def _open_evaluations(now: datetime | None) -> int:
    now = now or timezone.now()
    earliest = timezone.localdate(now) - EVALUATION_LATEST
    waiting = Meeting.objects.filter(
        state=Meeting.State.HELD, evaluation__isnull=True, ends_on__gte=earliest, source=""
    )
    opened = 0
    for meeting in waiting.with_places().order_by("pk"):
        assert meeting.ends_on
        if now >= local_instant(meeting.ends_on + timedelta(days=1), EVALUATION_OPENS, meeting.time_zone):
            opened += open_evaluation(meeting)
    return opened


def delete_needs(now: datetime | None = None) -> int:
    """Delete food and accessibility details thirty days after a meeting, or at once when it was cancelled or the place given back.

    Return for how many meetings something was deleted.
    """
    day = timezone.localdate(now or timezone.now()) - NEEDS_KEPT
    over = Q(meeting__ends_on__lt=day) | Q(meeting__state=Meeting.State.CANCELLED)
    gone = Q(status__in=[Status.CANCELLED, Status.DECLINED])
    kept = Registration.objects.filter(over | gone).exclude(dietary_needs="", access_needs="")
    with transaction.atomic():
        concerned = Meeting.objects.filter(pk__in=kept.values("meeting")).order_by("pk")
        meetings = list(concerned.select_for_update(of=("self",)).only("pk"))  # before the places, as everybody does
        kept.filter(meeting__in=meetings).update(dietary_needs="", access_needs="")
        done = Q(ends_on__lt=day) | Q(state=Meeting.State.CANCELLED)
        Meeting.objects.filter(done, pk__in=[m.pk for m in meetings]).update(needs_deleted_at=timezone.now())
    return len(meetings)
