"""What is due now: a function of the instant, asked every hour. Nothing waits in a broker, so a moved meeting moves its reminders.

At which hour a reminder leaves is the matter of `core.timely`. A cancelled or postponed meeting is in none of these lists.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Min, QuerySet
from django.utils import timezone, translation

from cmncp_portal.core.places import Status
from cmncp_portal.core.timely import is_due, is_due_somewhere, is_eve
from cmncp_portal.notifications.kinds import Kind

from . import notifications as kinds
from .models import ActionItem, AgendaItem, Invitee, Meeting, Registration
from .selectors.places import room_of
from .workflow import ANNOUNCE_GUARDS, missing

S = Meeting.State
POLL_DAYS = 2  # before the last day for answers
REGISTRATION_DAYS = 7  # before registration closes
HOST_DAYS = 14
PRACTICAL_DAYS = 3
JOIN_LINK_BEFORE = timedelta(hours=1)
ACTION_DAYS = (-7, 0, 7, 21)  # around the day until which something was to be done; afterwards every thirty days
ACTION_EVERY, ACTION_UNTIL = 30, 365
FOR_CANCELLED = (S.CANCELLED, S.POSTPONED)


@dataclass(frozen=True)
class Due:
    """Letters that are due somewhere: about which meeting, of which kind, to which group, on which occasion (part of the key).

    `to` is "asked", "invited", "hosts", "members", "registered", "online", "waiting" or "owner". `is_due_in` says whether
    the hour has come for somebody in a given zone; `day` is None for what is due at an instant.
    """

    meeting: Meeting
    kind: Kind
    to: str
    occasion: str
    day: date | None
    now: datetime
    action: ActionItem | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def is_due_in(self, zone: str) -> bool:
        """Tell whether the letter is to leave now for a recipient in the IANA zone `zone`."""
        return self.day is None or is_due(self.day, self.now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield what is due at `now` (an aware instant; the present unless given), except the links of the last hour."""
    now = now or timezone.now()
    yield from _polls(now)
    yield from _registrations(now)
    yield from _before_the_meeting(now)
    yield from _eves(now)
    yield from _actions(now)


def _meetings(**wanted: Any) -> QuerySet[Meeting]:
    return Meeting.objects.with_places().filter(**wanted).order_by("pk")


def _span(now: datetime, first: int, last: int) -> tuple[date, date]:
    """Days around `now`: wide enough for weekends, holidays and a portal that slept."""
    today = timezone.localdate(now)
    return today + timedelta(days=first), today + timedelta(days=last)


def _polls(now: datetime) -> Iterator[Due]:
    """Two days before the last day: who was asked for dates and has not answered."""
    for meeting in _meetings(state=S.POLLING, poll_closes_on__range=_span(now, -1, POLL_DAYS + 1)):
        assert meeting.poll_closes_on
        on = meeting.poll_closes_on - timedelta(days=POLL_DAYS)
        if is_due_somewhere(on, now) and meeting.poll_closes_on >= meeting.today():
            more = {"due": kinds.day_words(meeting.poll_closes_on)}
            yield Due(meeting, kinds.DATES_REMINDER, "asked", f"{meeting.poll_closes_on}", on, now, more=more)


def _registrations(now: datetime) -> Iterator[Due]:
    """A week before registration closes: who was invited and has said neither yes nor no."""
    span = _span(now, 0, REGISTRATION_DAYS + 1)
    for meeting in _meetings(state=S.ANNOUNCED, registration_closes_on__range=span):
        assert meeting.registration_closes_on
        on = meeting.registration_closes_on - timedelta(days=REGISTRATION_DAYS)
        if is_due_somewhere(on, now) and meeting.is_registration_open:
            closes = meeting.registration_closes_on
            yield Due(meeting, kinds.INVITATION_REMINDER, "invited", f"{closes}", on, now)


def _before_the_meeting(now: datetime) -> Iterator[Due]:
    """Two weeks before: hosts hear what is missing, members who votes for them. Three days before: the practical details."""
    for meeting in _meetings(state=S.ANNOUNCED, starts_on__range=_span(now, 0, HOST_DAYS + 1)):
        assert meeting.starts_on
        day = meeting.starts_on
        early, late = day - timedelta(days=HOST_DAYS), day - timedelta(days=PRACTICAL_DAYS)
        if is_due_somewhere(early, now):
            if meeting.host_id:
                yield Due(meeting, kinds.HOST_CHECK, "hosts", f"{day}", early, now, more=_host_check(meeting))
            if meeting.is_general_meeting:
                yield Due(meeting, kinds.DELEGATE, "members", f"{day}", early, now)
        if is_due_somewhere(late, now) and meeting.today() < day:
            yield Due(meeting, kinds.PRACTICAL, "registered", f"{day}", late, now)


def _host_check(meeting: Meeting) -> dict[str, Any]:
    room = room_of(meeting)
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = missing(meeting, ANNOUNCE_GUARDS) + _missing_locally(meeting, code)
    return {"missing": found, "registered": kinds.both(room.taken), "waiting": kinds.both(room.waiting)}


def _missing_locally(meeting: Meeting, language: str) -> list[str]:
    """What visitors need and only the host knows."""
    lines = []
    if meeting.mode != Meeting.Mode.VIRTUAL and not (meeting.local_en and meeting.local_fr):
        lines.append(
            "Les renseignements pratiques dans les deux langues (s’y rendre, se loger, se garer)."
            if language == "fr"
            else "Local information in both languages (how to get there, where to stay, parking)."
        )
    if not meeting.local_contact:
        lines.append(
            "Le nom et le téléphone de la personne sur place."
            if language == "fr"
            else "The name and telephone of somebody on site."
        )
    return lines


def _eves(now: datetime) -> Iterator[Due]:
    """On the eve at 16:00 where the meeting is: who still waits hears that no place became free."""
    for meeting in _meetings(state=S.ANNOUNCED, starts_on__range=_span(now, 0, 2)):
        assert meeting.starts_on
        if is_eve(meeting.starts_on, now, meeting.time_zone):
            yield Due(meeting, kinds.NO_PLACE, "waiting", f"{meeting.starts_on}", None, now)


def join_links(now: datetime | None = None) -> Iterator[Due]:
    """Yield the meetings whose day begins online within the hour after `now`: the link goes to those who follow from afar."""
    now = now or timezone.now()
    first, last = _span(now, -1, 1)
    rows = _meetings(state=S.ANNOUNCED, starts_on__lte=last, ends_on__gte=first).exclude(mode=Meeting.Mode.IN_PERSON)
    for meeting in rows.exclude(join_link=""):
        for day, begins in _beginnings(meeting, first, last):
            if begins - JOIN_LINK_BEFORE <= now < begins:
                more = {
                    "begins": kinds.instant_words(begins, meeting),
                    "join_link": kinds.both(meeting.join_link),
                }
                yield Due(meeting, kinds.JOIN_LINK, "online", f"{day}:{meeting.sequence}", None, now, more=more)


def _beginnings(meeting: Meeting, first: date, last: date) -> Iterator[tuple[date, datetime]]:
    """When each day of `meeting` between `first` and `last` begins: with its first session, else at the usual time."""
    by_day: dict[int, time] = dict(
        AgendaItem.objects.filter(meeting=meeting).order_by().values_list("day").annotate(Min("starts_at"))
    )
    zone = ZoneInfo(meeting.time_zone)
    for number, day in enumerate(meeting.days, start=1):
        clock = meeting.begins_at if number == 1 and meeting.begins_at else by_day.get(number, meeting.begins_at)
        if clock is not None and first <= day <= last:
            yield day, datetime.combine(day, clock, tzinfo=zone)


def _actions(now: datetime) -> Iterator[Due]:
    """Something was to be done: a week before, on the day, a week and three weeks after; then every thirty days for a year."""
    today = timezone.localdate(now)
    span = (today - timedelta(days=ACTION_UNTIL + 5), today + timedelta(days=8))
    open_ones = (
        ActionItem.objects.filter(
            done_at__isnull=True, dropped_at__isnull=True, due_on__range=span, meeting__notes_published_at__isnull=False
        )
        .filter(meeting__source="")
        .exclude(owner_email="")
    )
    for action in open_ones.select_related("meeting__host", "meeting__region").order_by("pk"):
        for offset in _offsets((today - action.due_on).days):
            on = action.due_on + timedelta(days=offset)
            if is_due_somewhere(on, now) and on > timezone.localdate(action.created_at):
                late = kinds.both(offset > 0)
                more = {"action": _text(action), "due": kinds.day_words(action.due_on), "is_late": late}
                occasion = f"{action.pk}:{action.due_on}:{offset}"
                yield Due(action.meeting, kinds.ACTION_DUE, "owner", occasion, on, now, action=action, more=more)


def _offsets(age: int) -> list[int]:
    """Days after the due day on which one asks, near `age` (days since the due day)."""
    regular = [*ACTION_DAYS, *range(ACTION_DAYS[-1] + ACTION_EVERY, ACTION_UNTIL + 1, ACTION_EVERY)]
    return [offset for offset in regular if offset <= age + 1 and age - offset <= 6]


def _text(action: ActionItem) -> dict[str, str]:
    return {"en": action.text_en, "fr": action.text_fr}


def asked_without_answer(meeting: Meeting) -> QuerySet[Invitee]:
    """Who was asked for dates and has not answered."""
    return meeting.invitees.filter(is_asked_for_dates=True, dates_answered_at__isnull=True, wants_no_more=False)


def invited_without_answer(meeting: Meeting) -> QuerySet[Invitee]:
    """Who was invited and has said neither yes nor no."""
    answered = Registration.objects.filter(meeting=meeting).values("email")  # with a yes, or a place given back
    waiting = meeting.invitees.filter(invited_at__isnull=False, declined_at__isnull=True, wants_no_more=False)
    return waiting.exclude(email__in=answered)


def without_a_place(meeting: Meeting) -> QuerySet[Registration]:
    """Who waits, or has had no answer, on the eve."""
    return Registration.objects.filter(meeting=meeting, status__in=[Status.WAITING, Status.REQUESTED])
