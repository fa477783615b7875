"""The letters of meetings, and the values that all of them may use. The wording lies in templates/letters/meetings/."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.dates import clock_in_words, day_in_words, zone_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.notifications.bilingual import both as both
from cmncp_portal.notifications.bilingual import day_words as day_words
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category
from cmncp_portal.notifications.rendering import Letter, render

from .models import ActionItem, Invitee, Meeting, PollSlot, Registration
from .selectors.words import dates_in_words, languages_in_words, place_in_words, slot_in_words, times_in_words

# Every letter uses these; each kind names what else it uses. `letter_values` gives all that is known of the meeting.
# `heading` is what and where, for the subject; `title` is for the text.
COMMON = ("name", "heading", "title", "url")
WHEN_WHERE = ("dates", "times", "zone", "place")


def _kind(name: str, *more: str, reminder: bool = False) -> Kind:
    return Kind(f"meetings.{name}", Category.MEETINGS, (*COMMON, *more), essential=not reminder, is_reminder=reminder)


# --- finding a date
DATES_ASKED = _kind("dates_asked", "kind", "host", "summary", "slots", "zone", "due")
DATES_REMINDER = _kind("dates_reminder", "due", reminder=True)
DATE_FIXED = _kind("date_fixed", *WHEN_WHERE, "host")
# --- inviting and registering
INVITATION = _kind("invitation", *WHEN_WHERE, "kind", "host", "summary", "languages", "closes", "capacity")
INVITATION_REMINDER = _kind("invitation_reminder", *WHEN_WHERE, "closes", reminder=True)
PLACE_REQUESTED = _kind("place_requested", *WHEN_WHERE, "by")
PLACE_CONFIRMED = _kind("place_confirmed", *WHEN_WHERE, "by", "is_online", "local")
PLACE_WAITING = _kind("place_waiting", *WHEN_WHERE, "by", "position")
PLACE_DECLINED = _kind("place_declined", "dates", "word")
PLACE_CANCELLED = _kind("place_cancelled", "dates", "by", "word")
OFF_WAITING_LIST = _kind("off_waiting_list", *WHEN_WHERE, "until", "is_online")
NO_PLACE = _kind("no_place", "dates")
NOT_ME = _kind("not_me", "dates", "person")
# --- changes
CHANGED = _kind("changed", *WHEN_WHERE, "changes", "word", "by", "urgent")
POSTPONED = _kind("postponed", "dates", "word", "by")
CANCELLED = _kind("cancelled", "dates", "zone", "word", "by", "urgent")
# --- before and after
HOST_CHECK = _kind("host_check", *WHEN_WHERE, "missing", "registered", "waiting", reminder=True)
DELEGATE = _kind("delegate", *WHEN_WHERE, "municipality", "delegate", reminder=True)
PRACTICAL = _kind("practical", *WHEN_WHERE, "local", "local_contact", "is_online", reminder=True)
# `begins` is from `instant_words`, with day and zone: people read this letter far away from the meeting.
JOIN_LINK = _kind("join_link", "begins", "join_link", "captions")
NOTES_PUBLISHED = _kind("notes_published", "dates", "decisions", "actions")
ACTION_GIVEN = _kind("action_given", "action", "due", "dates")
ACTION_RETURNED = _kind("action_returned", "action", "person", "word")
ACTION_DUE = _kind("action_due", "action", "due", "is_late", reminder=True)

EVERY_CHANGE = (CHANGED, POSTPONED, CANCELLED)


def letter_values(meeting: Meeting, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values about `meeting` that letters use, in both languages. Each keyword of `more` is {"en": …, "fr": …}."""
    return {
        language: _values(meeting, language) | {k: v[language] for k, v in more.items()} for language in ("en", "fr")
    }


def _values(meeting: Meeting, language: str) -> dict[str, Any]:
    with translation.override(language):
        return {
            "title": meeting.title_in(language),
            "heading": _heading(meeting, language),
            "kind": str(meeting.get_kind_display()),
            "host": meeting.host.name_in(language) if meeting.host else "",
            "summary": (meeting.summary_fr if language == "fr" else meeting.summary_en) or str(meeting.summary),
            "dates": dates_in_words(meeting, language),
            "times": times_in_words(meeting, language),
            "zone": zone_in_words(meeting.zone_city_in(language), language),
            "place": place_in_words(meeting, language),
            "languages": languages_in_words(meeting, language),
            "local": (meeting.local_fr if language == "fr" else meeting.local_en) or str(meeting.local),
            "local_contact": meeting.local_contact,
            "closes": day_in_words(meeting.registration_closes_on, language) if meeting.registration_closes_on else "",
            "capacity": meeting.capacity or "",
            "captions": str(meeting.get_captions_display()) if meeting.captions else "",
            "url": absolute(meeting.get_absolute_url()),
        }


def _heading(meeting: Meeting, language: str) -> str:
    """Return "Safer Prairies, Winnipeg": the title and in a word or two where, as a subject has no room for a street."""
    online = "en ligne" if language == "fr" else "online"
    where = meeting.host.name_in(language) if meeting.host else meeting.venue or meeting.address
    if meeting.mode == Meeting.Mode.VIRTUAL:
        where = online
    elif meeting.mode == Meeting.Mode.HYBRID and where:
        where = f"{where} {'et' if language == 'fr' else 'and'} {online}"
    return ", ".join(part for part in (meeting.title_in(language), where) if part)


def instant_words(instant: datetime, meeting: Meeting) -> dict[str, str]:
    """Return day, clock and zone of an aware `instant` at the meeting's place, per language."""
    local = instant.astimezone(ZoneInfo(meeting.time_zone))
    found = {}
    for code in ("en", "fr"):
        zone = zone_in_words(meeting.zone_city_in(code), code)
        found[code] = f"{day_in_words(local.date(), code, weekday=True)}, {clock_in_words(local, code)} ({zone})"
    return found


def slot_words(slots: Iterable[PollSlot]) -> dict[str, list[str]]:
    """Return proposed dates as lines of words, per language."""
    return {code: [slot_in_words(slot, code) for slot in slots] for code in ("en", "fr")}


def personal_url(thing: Invitee | Registration | ActionItem, language: str) -> str:
    """Return the full address of the personal page of `thing`, in `language`."""
    name = {Invitee: "meetings:invitation", Registration: "meetings:place", ActionItem: "meetings:action"}[type(thing)]
    with translation.override(language):
        return absolute(reverse(name, args=[thing.token]))


def page_url(meeting: Meeting, page: str, language: str) -> str:
    """Return the full address of a page about `meeting` (a URL name of this app), in `language`."""
    with translation.override(language):
        return absolute(reverse(f"meetings:{page}", args=[meeting.slug]))


def preview(kind: Kind, meeting: Meeting, *, name: dict[str, str], **more: dict[str, Any]) -> list[tuple[str, Letter]]:
    """Return the letter of `kind` as it would be sent now, in English and in French, to show it before it is sent."""
    values = letter_values(meeting, **more)
    return [(code, render(kind, code, {c: values[c] | {"name": name[c]} for c in values})) for code in ("en", "fr")]
