"""When a meeting may move, and why not yet. Guards give a reason that the page shows before anyone clicks."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.workflow import Guard, Transition, Workflow

from .models import Meeting

Reason = str | Promise | None
S = Meeting.State

FEWEST_DATES, MOST_DATES = 3, 10  # of a poll: fewer are no choice, more are not answered


def has_titles(meeting: Meeting) -> Reason:
    return None if meeting.title_en and meeting.title_fr else _("Give the meeting a title in both languages.")


def offers_three_dates(meeting: Meeting) -> Reason:
    count = meeting.slots.count()
    if FEWEST_DATES <= count <= MOST_DATES:
        return None
    return _("Propose %(fewest)s to %(most)s dates.") % {"fewest": FEWEST_DATES, "most": MOST_DATES}


def dates_of_the_poll_lie_ahead(meeting: Meeting) -> Reason:
    first = min((slot.day for slot in meeting.slots.all()), default=None)
    if first and first <= meeting.today():
        return _("The proposed dates must lie ahead.")
    if meeting.poll_closes_on is None:
        return _("Say until when people may answer.")
    if meeting.poll_closes_on < meeting.today() or (first and meeting.poll_closes_on >= first):
        return _("People answer before the first proposed date.")
    return None


def somebody_is_asked(meeting: Meeting) -> Reason:
    asked = meeting.invitees.filter(is_asked_for_dates=True).exists()
    return None if asked else _("Say whom you ask about the dates.")


def has_dates(meeting: Meeting) -> Reason:
    if meeting.starts_on is None or meeting.begins_at is None or meeting.finishes_at is None:
        return _("Set the days and the times.")
    return None


def dates_lie_ahead(meeting: Meeting) -> Reason:
    return _("The dates have passed: set new ones.") if meeting.is_over else None


def seats_may_change(meeting: Meeting) -> Reason:
    """Once it is over, how somebody took part is noted with the attendance."""
    return _("The meeting is over.") if meeting.is_over or meeting.state == Meeting.State.HELD else None


def is_in_both_languages(meeting: Meeting) -> Reason:
    if meeting.is_bilingual:
        return None
    return _("Title and summary are needed in both languages.")


def has_host_when_regional(meeting: Meeting) -> Reason:
    if meeting.kind == Meeting.Kind.REGIONAL and meeting.host_id is None:
        return _("A regional meeting is hosted by a member: choose the host.")
    return None


def has_place(meeting: Meeting) -> Reason:
    if meeting.mode != Meeting.Mode.VIRTUAL and not (meeting.venue or meeting.address):
        return _("Say where people meet.")
    if meeting.is_online and not meeting.join_link:
        return _("Give the link to take part online.")
    if meeting.is_online and not meeting.captions:
        return _("Say whether there are live captions.")
    return None


def names_its_languages(meeting: Meeting) -> Reason:
    return None if meeting.languages else _("Say in which languages the meeting works.")


def agenda_is_in_both_languages(meeting: Meeting) -> Reason:
    half = next((item for item in meeting.agenda.all() if not (item.title_en and item.title_fr)), None)
    if half:
        return _("“%(title)s” has a title in one language only.") % {"title": half.title}
    return None


def sessions_have_speakers(meeting: Meeting) -> Reason:
    items = meeting.agenda.all() if _is_prefetched(meeting) else meeting.agenda.prefetch_related("speakers")
    silent = next((item for item in items if item.needs_speakers and not item.speakers.all()), None)
    return _("“%(title)s” has no speaker yet.") % {"title": silent.title} if silent else None


def _is_prefetched(meeting: Meeting) -> bool:
    return "agenda" in getattr(meeting, "_prefetched_objects_cache", {})


def agenda_fits_the_days(meeting: Meeting) -> Reason:
    beyond = next((item for item in meeting.agenda.all() if meeting.days and item.day > len(meeting.days)), None)
    if beyond:
        return _("“%(title)s” lies after the last day.") % {"title": beyond.title}
    return None


def registration_ends_in_time(meeting: Meeting) -> Reason:
    opens, closes = meeting.registration_opens_on, meeting.registration_closes_on
    if opens and closes and closes < opens:
        return _("Registration closes before it opens.")
    if closes and meeting.ends_on and closes > meeting.ends_on:
        return _("Registration closes after the meeting is over.")
    return None


def last_day_has_come(meeting: Meeting) -> Reason:
    if meeting.ends_on and meeting.today() < meeting.ends_on:
        return _("This can be recorded from the last day of the meeting on.")
    return None


def is_not_over(meeting: Meeting) -> Reason:
    return _("The meeting is over.") if meeting.is_over else None


def took_place(meeting: Meeting) -> Reason:
    return None if meeting.state == S.HELD else _("Record first that the meeting took place.")


def notes_are_in_both_languages(meeting: Meeting) -> Reason:
    if meeting.notes_en.strip() and meeting.notes_fr.strip():
        return None
    return _("The notes are needed in both languages.")


def decisions_are_in_both_languages(meeting: Meeting) -> Reason:
    half = next((d for d in meeting.decisions.all() if not (d.text_en.strip() and d.text_fr.strip())), None)
    return _("The decision “%(text)s” is in one language only.") % {"text": half.text} if half else None


def actions_are_in_both_languages(meeting: Meeting) -> Reason:
    rows = (a for a in meeting.actions.all() if a.dropped_at is None)
    half = next((a for a in rows if not (a.text_en.strip() and a.text_fr.strip())), None)
    return _("“%(text)s”, which is to be done, is in one language only.") % {"text": half.text} if half else None


POLL_GUARDS: tuple[Guard, ...] = (has_titles, offers_three_dates, dates_of_the_poll_lie_ahead, somebody_is_asked)
ANNOUNCE_GUARDS: tuple[Guard, ...] = (
    is_in_both_languages,
    has_dates,
    dates_lie_ahead,
    has_host_when_regional,
    has_place,
    names_its_languages,
    agenda_is_in_both_languages,
    sessions_have_speakers,
    agenda_fits_the_days,
    registration_ends_in_time,
)
PUBLISH_GUARDS: tuple[Guard, ...] = (
    took_place,
    notes_are_in_both_languages,
    decisions_are_in_both_languages,
    actions_are_in_both_languages,
)


def missing(meeting: Meeting, guards: tuple[Guard, ...]) -> list[str]:
    """Return the reasons of all `guards` that do not let `meeting` pass, in the active language."""
    return [str(reason) for guard in guards if (reason := guard(meeting))]


MEETING = Workflow(
    Transition(
        "ask_for_dates",
        (S.IDEA,),
        S.POLLING,
        "meetings.organise",
        _("Ask for dates"),
        happened=_("People were asked for dates"),
        guards=POLL_GUARDS,
    ),
    Transition(
        "fix_date",
        (S.IDEA, S.POLLING),
        S.SCHEDULED,
        "meetings.organise",
        _("Fix the date"),
        happened=_("The date was fixed"),
        guards=(has_titles, has_dates, dates_lie_ahead),
    ),
    Transition(
        "announce",
        (S.SCHEDULED,),
        S.ANNOUNCED,
        "meetings.organise",
        _("Announce the meeting"),
        happened=_("Announced"),
        guards=ANNOUNCE_GUARDS,
    ),
    Transition(
        "postpone",
        (S.ANNOUNCED,),
        S.POSTPONED,
        "meetings.organise",
        pgettext_lazy("meeting", "Postpone"),
        happened=pgettext_lazy("meeting", "Postponed"),
        guards=(is_not_over,),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "set_new_date",
        (S.POSTPONED,),
        S.ANNOUNCED,
        "meetings.organise",
        _("Set a new date"),
        happened=_("A new date was set"),
        guards=(has_dates, dates_lie_ahead),
    ),
    Transition(
        "cancel",
        (S.IDEA, S.POLLING, S.SCHEDULED, S.ANNOUNCED, S.POSTPONED),
        S.CANCELLED,
        "meetings.organise",
        _("Cancel the meeting"),
        happened=pgettext_lazy("meeting", "Cancelled"),
        guards=(is_not_over,),
        needs_reason=True,
        grave=True,
    ),
    Transition(
        "record_held",
        (S.ANNOUNCED,),
        S.HELD,
        "meetings.take_attendance",
        pgettext_lazy("meeting", "Record that it took place"),
        happened=pgettext_lazy("meeting", "Recorded as held"),
        guards=(last_day_has_come,),
    ),
    history="changes",
)

EVALUATION_OPENS_DAYS = 1
EVALUATION_DUE_DAYS = 14
EVALUATION_CLOSE_DAYS = 45
