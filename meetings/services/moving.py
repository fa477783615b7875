"""Moving, postponing, cancelling an announced meeting: everyone affected gets one letter, with the event on their calendar set right."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import zone_in_words
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.entries import Method
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Mailing, Message
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.notifications.selectors import letters_about

from .. import notifications as kinds
from ..models import Invitee, Meeting, MeetingChange, Registration, Speaker
from ..reminders import invited_without_answer
from ..selectors.words import dates_in_words, place_in_words, times_in_words
from ..workflow import MEETING, has_host_when_regional
from .general import prepare_delegates
from .registering import fill_free_places, locked
from .telling import (
    lines_of_invitees,
    lines_of_places,
    page_urls,
    recipient_of_invitee,
    take_back_reminders,
    tell_many,
)

HOURS = ("begins_at", "finishes_at", "time_zone")
DAYS_AND_TIMES = ("starts_on", "ends_on", *HOURS)
MATERIAL = (*DAYS_AND_TIMES, "host", "mode", "venue", "address", "join_link")
LABELS = {
    "dates": {"en": "Dates: ", "fr": "Dates\u00a0: "},
    "times": {"en": "Times: ", "fr": "Heures\u00a0: "},
    "place": {"en": "Place: ", "fr": "Lieu\u00a0: "},
    "host": {"en": "Host: ", "fr": "Municipalité hôte\u00a0: "},
    "no_host": {"en": "The meeting no longer has a host.", "fr": "La rencontre n’a plus de municipalité hôte."},
    "mode": {"en": "How it is held: ", "fr": "Forme\u00a0: "},
    "link": {"en": "There is a new link to take part online.", "fr": "Le lien pour participer en ligne est nouveau."},
}


def people_concerned(meeting: Meeting, *, only_registered: bool = False) -> list[Line]:
    """Return to whom a change matters, each address once: who has or wants a place, who speaks, who was invited and may yet come.

    Only those registered get the event on their calendar. Four queries at most.
    """
    places = list(Registration.objects.live().filter(meeting=meeting).order_by("pk"))
    for place in places:
        place.meeting = meeting
    registered = [p for p in places if p.status == Status.REGISTERED]
    lines = lines_of_places(registered)
    if not only_registered:
        lines += lines_of_places([p for p in places if p.status != Status.REGISTERED], gets_calendar=False)
        lines += _speakers(meeting)
        lines += lines_of_invitees(invited_without_answer(meeting))
    seen: dict[str, Line] = {}
    for line in lines:
        seen.setdefault(line.to.email.lower(), line)
    return list(seen.values())


def _speakers(meeting: Meeting) -> list[Line]:
    urls = page_urls(meeting, "meeting")
    rows = Speaker.objects.filter(item__meeting=meeting).exclude(email="").order_by("pk")
    return [
        Line(Recipient(s.email, s.name, s.language or "both", meeting.time_zone), urls, gets_calendar=False)  # type: ignore[arg-type]
        for s in rows
    ]


def as_it_would_be(meeting: Meeting, fields: dict[str, Any]) -> Meeting:
    """A copy of `meeting` with `fields`, not saved."""
    kept = {f.attname: getattr(meeting, f.attname) for f in Meeting._meta.concrete_fields if not f.generated}
    after = Meeting(**kept)
    after.host, after.co_host, after.region = meeting.host, meeting.co_host, meeting.region
    for name, value in fields.items():
        setattr(after, name, value)
    return after


def changes_in_words(meeting: Meeting, fields: dict[str, Any]) -> dict[str, list[str]]:
    """Return what `fields` would change, a line each "Dates: before → after", per language; empty when nothing changes."""
    after = as_it_would_be(meeting, fields)
    return {code: _lines(meeting, after, code) for code in ("en", "fr")}


def _lines(before: Meeting, after: Meeting, language: str) -> list[str]:
    from django.utils import translation

    def times(meeting: Meeting) -> str:
        words = times_in_words(meeting, language)
        return f"{words} ({zone_in_words(meeting.zone_city_in(language), language)})" if words else ""

    def host(meeting: Meeting) -> str:
        return meeting.host.name_in(language) if meeting.host else ""

    with translation.override(language):
        # The same hours under the name of the new host's city are not new to anybody.
        hours_stay = all(getattr(before, name) == getattr(after, name) for name in HOURS)
        pairs = [
            ("dates", dates_in_words(before, language), dates_in_words(after, language)),
            ("times", *(("", "") if hours_stay else (times(before), times(after)))),
            ("host", host(before), host(after)),
            ("mode", str(before.get_mode_display()), str(after.get_mode_display())),
            ("place", place_in_words(before, language), place_in_words(after, language)),
        ]
    found = [
        f"{LABELS[what][language]}{f'{old} → {new}' if old else new}" for what, old, new in pairs if old != new and new
    ]
    if before.host and not after.host:
        found.append(LABELS["no_host"][language])
    if after.is_online and before.join_link != after.join_link:
        found.append(LABELS["link"][language])
    return found


def _check_new(meeting: Meeting, fields: dict[str, Any]) -> Meeting:
    """Refuse what cannot be announced: days in the past or out of order, online without a link, no host where one is needed."""
    after = as_it_would_be(meeting, fields)
    if (
        not after.starts_on
        or not after.ends_on
        or after.ends_on < after.starts_on
        or (after.ends_on - after.starts_on).days > 13
    ):
        raise TransitionRefused(_("A meeting lasts one to fourteen days; its last day is not before the first."))
    if after.begins is None or after.finishes_at is None:
        raise TransitionRefused(_("Set the days and the times."))
    if after.finishes is None or after.finishes <= after.begins:
        raise TransitionRefused(_("The meeting ends after it begins."))
    is_moved = any(getattr(after, name) != getattr(meeting, name) for name in DAYS_AND_TIMES)
    if is_moved and after.begins <= timezone.now():
        raise TransitionRefused(_("The new date lies ahead."))
    if not is_moved and meeting.is_over:  # while it runs, a link that fails or another room is still told
        raise TransitionRefused(_("The meeting is over."))
    if after.is_online and not after.join_link:
        raise TransitionRefused(_("Give the link to take part online."))
    if after.mode != Meeting.Mode.VIRTUAL and not (after.venue or after.address):
        raise TransitionRefused(_("Say where people meet."))
    _check_hosts(after)
    return after


def _check_hosts(after: Meeting) -> None:
    if reason := has_host_when_regional(after):
        raise TransitionRefused(reason)
    if after.co_host and not after.host:
        raise TransitionRefused(_("A co-host stands beside a host: choose the host first."))
    if after.co_host and after.co_host == after.host:
        raise TransitionRefused(_("The co-host is another member than the host."))


@transaction.atomic
def change(meeting: Meeting, *, by: Any, seen: int, word: str = "", **fields: Any) -> Mailing | None:
    """Change days, times, host, place or form of an announced meeting; everyone affected gets one letter, those registered an updated event.

    `fields` are of MATERIAL. Return the mailing, or None when nothing changed. Raises PermissionDenied; Conflict when
    somebody saved since version `seen`; TransitionRefused for days that have passed or a place that is missing.
    """
    fresh = locked(meeting)
    _require(by, fresh, Meeting.State.ANNOUNCED)
    if all(getattr(fresh, name) == value for name, value in fields.items()):
        return None
    after = _check_new(fresh, fields)
    lines = changes_in_words(fresh, fields)
    soonest = min(day for day in (fresh.starts_on, after.starts_on) if day)
    urgent = (soonest - fresh.today()).days <= 1
    _save(fresh, seen, fields, after)
    link_only = lines["en"] == [LABELS["link"]["en"]]
    return _tell_change(locked(meeting), lines, by=by, word=word, urgent=urgent, only_registered=link_only)


def _require(by: Any, meeting: Meeting, state: str) -> None:
    if not by.has_perm("meetings.organise", meeting):
        raise PermissionDenied
    if meeting.state != state:
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": meeting.get_state_display()}
        )


def _save(meeting: Meeting, seen: int, fields: dict[str, Any], after: Meeting) -> None:
    """Write the new facts; registration never closes after the meeting has ended."""
    closes = meeting.registration_closes_on
    if closes and after.ends_on and closes > after.ends_on:
        fields = {**fields, "registration_closes_on": after.starts_on}
    save_version(meeting, seen=seen, fields={**fields, "sequence": meeting.sequence + 1})
    take_back_reminders(meeting)


def _tell_change(
    meeting: Meeting, lines: dict[str, list[str]], *, by: Any, word: str, urgent: bool, only_registered: bool = False
) -> Mailing:
    for en, fr in zip(lines["en"], lines["fr"], strict=True):
        MeetingChange.objects.create(meeting=meeting, text_en=en[:300], text_fr=fr[:300], by=by, by_name=str(by or ""))
    late = _invite_those_not_told(meeting, by=by)
    people = people_concerned(meeting, only_registered=only_registered)
    return tell_many(
        kinds.CHANGED,
        meeting,
        [line for line in people if line.to.email.lower() not in late],
        occasion=f"changed:{meeting.sequence}",
        method="REQUEST",
        by=by,
        changes=lines,
        word=kinds.both(word),
        urgent=kinds.both(urgent),
    )


def _invite_those_not_told(meeting: Meeting, *, by: Any) -> set[str]:
    """Who was to be invited when the date moved, and had no letter yet, is invited to the new date; return their addresses."""
    told = letters_about(f"{kinds.INVITATION.name}:{meeting.pk}").exclude(state=Message.State.WITHDRAWN)
    late = list(invited_without_answer(meeting).exclude(email__in=told.values("to_email")))
    if late:
        tell_many(kinds.INVITATION, meeting, lines_of_invitees(late), occasion=f"announced:{meeting.sequence}", by=by)
    return {invitee.email for invitee in late}


@transaction.atomic
def postpone(meeting: Meeting, *, by: Any, note: str) -> None:
    """Take the date off: registrations are kept, calendar events are withdrawn, a new date follows."""
    was = locked(meeting)
    MEETING.apply(was, "postpone", by=by, note=note)
    Meeting.objects.filter(pk=was.pk).update(
        starts_on=None, ends_on=None, registration_closes_on=None, sequence=was.sequence + 1, version=was.version + 1,
        updated_at=timezone.now(),
    )  # fmt: skip
    _call_off(kinds.POSTPONED, was, by=by, note=note)


@transaction.atomic
def cancel(meeting: Meeting, *, by: Any, note: str) -> None:
    """End the meeting before it took place. Everyone affected is told; no reminder and no survey ever follows."""
    was = locked(meeting)
    before = was.state
    MEETING.apply(was, "cancel", by=by, note=note)
    Meeting.objects.filter(pk=was.pk).update(
        sequence=was.sequence + 1, version=was.version + 1, updated_at=timezone.now()
    )
    if before in (Meeting.State.ANNOUNCED, Meeting.State.POSTPONED):
        _call_off(kinds.CANCELLED, was, by=by, note=note)
    elif before in (Meeting.State.POLLING, Meeting.State.SCHEDULED):
        _tell_those_asked(was, by=by, note=note)


def _call_off(kind: Kind, was: Meeting, *, by: Any, note: str) -> None:
    """One letter to each person concerned; the event of those registered is withdrawn. `was` still has its date."""
    take_back_reminders(was)
    letters.withdraw(f"{kinds.CHANGED.name}:{was.pk}")  # news of a date that no longer holds
    was.sequence += 1
    urgent = was.starts_on is not None and (was.starts_on - was.today()).days <= 1
    method: Method | None = "CANCEL" if was.starts_on else None
    more = {"urgent": kinds.both(urgent)} if "urgent" in kind.variables else {}
    tell_many(
        kind,
        was,
        people_concerned(was),
        occasion=f"{was.state}:{was.sequence}",
        method=method,
        by=by,
        word=kinds.both(note),
        **more,
    )


def _tell_those_asked(was: Meeting, *, by: Any, note: str) -> None:
    """Before the announcement only those know of it who were asked for dates."""
    letters.withdraw(f"meetings.dates_asked:{was.pk}")
    letters.withdraw(f"meetings.date_fixed:{was.pk}")
    take_back_reminders(was)
    asked = Invitee.objects.filter(meeting=was, is_asked_for_dates=True, wants_no_more=False)
    lines = [Line(recipient_of_invitee(i), page_urls_of(i), gets_calendar=False) for i in asked]
    tell_many(
        kinds.CANCELLED,
        was,
        lines,
        occasion=f"cancelled:{was.sequence + 1}",
        by=by,
        word=kinds.both(note),
        urgent=kinds.both(False),
    )


def page_urls_of(invitee: Invitee) -> dict[str, dict[str, Any]]:
    """Return the personal address of `invitee` per language."""
    return {code: {"url": kinds.personal_url(invitee, code)} for code in ("en", "fr")}


@transaction.atomic
def set_new_date(meeting: Meeting, *, by: Any, seen: int, word: str = "", **fields: Any) -> Mailing:
    """Give a postponed meeting its new date: those registered keep their places and get the event anew; the rest is told."""
    fresh = locked(meeting)
    _require(by, fresh, Meeting.State.POSTPONED)
    after = _check_new(fresh, fields)
    lines = changes_in_words(fresh, fields)
    _save(fresh, seen, fields, after)
    MEETING.apply(fresh, "set_new_date", by=by, note=word)
    fresh = locked(meeting)
    prepare_delegates(fresh)
    letters.withdraw(f"{kinds.POSTPONED.name}:{fresh.pk}")  # who has not read it yet hears of the new date alone
    urgent = fresh.starts_on is not None and (fresh.starts_on - fresh.today()).days <= 1
    mailing = _tell_change(fresh, lines, by=by, word=word, urgent=urgent)
    fill_free_places(fresh)
    return mailing
