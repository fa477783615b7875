"""What a personal page says beyond the rows themselves: the agenda by day, the reader's own clock."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import instant_in_words, zone_in_words
from cmncp_portal.core.places import Status
from cmncp_portal.core.text import active_language
from cmncp_portal.evaluation.models import Invitation

from ..models import AgendaItem, Invitee, Material, Meeting, Registration
from .page import MaterialLine, materials_of
from .steps import next_step
from .words import dates_in_words, times_in_words

S = Meeting.State


@dataclass
class Day:
    """One day of the agenda: its number from 1, its date (None while the meeting has none), what is on, in order."""

    number: int
    on: date | None
    items: list[AgendaItem] = field(default_factory=list)


def days_of(meeting: Meeting) -> list[Day]:
    """Return the days of `meeting` on which something is planned, in order. Two queries."""
    dates, days = meeting.days, dict[int, Day]()
    for item in meeting.agenda.with_people():
        on = dates[item.day - 1] if item.day <= len(dates) else None
        days.setdefault(item.day, Day(item.day, on)).items.append(item)
    return list(days.values())


def when_in_words(meeting: Meeting) -> str:
    """Return "April 14–15, 2027, 9:00 a.m. to 4:00 p.m. (Winnipeg time)" in the active language; empty without a date."""
    language = active_language()
    dates, times = dates_in_words(meeting, language), times_in_words(meeting, language)
    zone = zone_in_words(meeting.zone_city, language)
    if not dates:
        return ""  # the hours of a postponed meeting stay, and say nothing without a day
    return f"{dates}, {times} ({zone})" if times else f"{dates} ({zone})"


def own_time(meeting: Meeting, zone: str) -> str:
    """Return when `meeting` begins by a clock in the IANA `zone`, in words of the active language.

    Empty when clocks there show the same time, when nobody takes part from afar, or while the beginning is not set.
    """
    begins = meeting.begins
    if begins is None or not meeting.is_online or not zone:
        return ""
    if begins.astimezone(ZoneInfo(zone)).utcoffset() == begins.utcoffset():
        return ""
    return instant_in_words(begins, zone, zone.rpartition("/")[2].replace("_", " "))


def may_be_given_back_until(place: Registration, now: datetime) -> datetime | None:
    """Return until when a place from the waiting list may be given back, on the meeting's clock; None when that is past or no matter."""
    if place.status != Status.REGISTERED or place.refuse_by is None or place.refuse_by <= now:
        return None
    return place.refuse_by.astimezone(ZoneInfo(place.meeting.time_zone))


def materials_for(place: Registration) -> list[MaterialLine]:
    """Return the materials this person may open from the own page: those for participants only when the place is held."""
    lines = materials_of(place.meeting, as_participant=place.status == Status.REGISTERED)
    return [line if line.material.url else replace(line, url=_own_address(place, line.material)) for line in lines]


def _own_address(place: Registration, material: Material) -> str:
    return reverse("meetings:place_material", args=[place.token, material.pk])


def survey_of(place: Registration) -> Invitation | None:
    """Return the evaluation this person is asked for, once there is one."""
    if place.meeting.state != Meeting.State.HELD:
        return None
    mine = Invitation.objects.filter(
        survey__meeting_evaluation__meeting=place.meeting_id, email__iexact=place.email, excused_at__isnull=True
    )
    return mine.select_related("survey").first()


def place_of(invitee: Invitee) -> Registration | None:
    """Return the place that the invited person has at the meeting: asked for, held or waited for."""
    return Registration.objects.live().filter(meeting=invitee.meeting_id, email__iexact=invitee.email).first()


@dataclass(frozen=True)
class Word:
    """What a personal page says first, in the active language; `waits` when it is the reader who acts."""

    sentence: str
    waits: bool = False


def word_to_invitee(invitee: Invitee, place: Registration | None) -> Word:
    """Return what happens now at the meeting for somebody who is asked or invited."""
    meeting = invitee.meeting
    if meeting.state == S.CANCELLED:
        return Word(
            _("This meeting does not take place, and nothing more is asked of you. Your answers are kept with it.")
        )
    if meeting.state == S.HELD or meeting.is_over:
        return Word(_("This meeting is over. Thank you for your interest."))
    if meeting.state == S.POSTPONED:
        return Word(_("This meeting is postponed. A new date will be set, and you hear of it. Registrations are kept."))
    if meeting.state == S.ANNOUNCED:
        return _word_once_announced(invitee, place)
    if meeting.state == S.SCHEDULED:
        return Word(_("The date is fixed. You are invited as soon as the agenda stands."))
    if dates_are_asked(invitee) and not invitee.dates_answered_at:
        return Word(_("Please say which dates suit you."), waits=True)
    return Word(_("The network prepares this meeting. Nothing is asked of you now."))


def _word_once_announced(invitee: Invitee, place: Registration | None) -> Word:
    meeting = invitee.meeting
    if place is not None:
        return {
            Status.REGISTERED: Word(_("You are registered.")),
            Status.WAITING: Word(_("You are on the waiting list.")),
        }.get(Status(place.status), Word(_("You asked for a place. The organisers answer by letter.")))
    if not meeting.is_registration_open:
        return Word(next_step(meeting).sentence)
    if invitee.declined_at:
        return Word(_("You told us that you cannot come. Thank you for answering."))
    return Word(_("Please say whether you come."), waits=True)


def dates_are_asked(invitee: Invitee) -> bool:
    """Tell whether the date poll still takes this person's answers, by the calendar of the meeting's place."""
    meeting = invitee.meeting
    closes = meeting.poll_closes_on
    return bool(
        meeting.state == S.POLLING and invitee.is_asked_for_dates and (closes is None or meeting.today() <= closes)
    )


def word_to_place(place: Registration, turn: int, until: datetime | None, survey: Invitation | None) -> Word:
    """Return what became of a registration. `turn` is from `position_of`, `until` from `may_be_given_back_until`."""
    meeting = place.meeting
    if meeting.state == S.CANCELLED:
        return Word(_("This meeting does not take place. Nothing more is asked of you."))
    if meeting.state == S.HELD or meeting.is_over:
        return (
            Word(_("The meeting took place. What was it worth to you?"), waits=True)
            if survey
            else Word(_("This meeting is over. Thank you."))
        )
    if place.status == Status.CANCELLED:
        return Word(_("This place was given back. You are no longer expected."))
    if place.status == Status.DECLINED:
        return Word(_("The organisers could not give you a place."))
    if meeting.state == S.POSTPONED:
        return Word(_("This meeting is postponed. Your registration is kept: you hear of the new date."))
    if place.status == Status.REQUESTED:
        return Word(_("You asked for a place. The organisers look at each registration and answer by letter."))
    if place.status == Status.WAITING:
        return Word(
            _("You are number %(turn)s on the waiting list. As soon as a place is free for you, you get a letter.")
            % {"turn": turn}
        )
    if until:
        words = {"until": instant_in_words(until, meeting.time_zone, meeting.zone_city)}
        return Word(
            _("A place became free, and it is yours. If you cannot come, give it back until %(until)s.") % words
        )
    return Word(_("You are registered."))
