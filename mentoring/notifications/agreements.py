"""The letters about agreements, and the values that they share. The wording lies in templates/letters/mentoring/."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.dates import clock_in_words, day_in_words, zone_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.rendering import Letter, render

from ..models import Agreement, Participant
from .common import both, kind

PAIR = ("mentor", "mentee")

# --- asking and answering
ASKED = kind("asked", *PAIR, "goals", "reasons", "word", "by", "due")
ANSWER_REMINDER = kind("answer_reminder", *PAIR, "due", "place", reminder=True)
ANSWERS_OVERDUE = kind("answers_overdue", *PAIR, "due", "missing")
DECLINED = kind("declined", *PAIR, "by", "word", "reader")
NO_ROOM = kind("no_room", *PAIR, "reader")
WITHDRAWN = kind("withdrawn", *PAIR, "by", "word")
BEGUN = kind("begun", *PAIR, "starts", "ends", "goals", "people")
# --- people
PERSON_ADDED = kind("person_added", *PAIR, "place", "by")
LEAD_LEFT = kind("lead_left", *PAIR, "place", "person", "successor")
NOT_ME = kind("not_me", *PAIR, "place", "person")
# --- working
NEXT_SESSION = kind("next_session", *PAIR, "when", "before", "where", "by")
SESSION_CALLED_OFF = kind("session_called_off", *PAIR, "when", "by")
PAUSED = kind("paused", *PAIR, "by", "word")
RESUMED = kind("resumed", *PAIR, "by")
SILENT = kind("silent", *PAIR, "since", "is_network", reminder=True)
# --- the end
CONCLUDED = kind("concluded", *PAIR, "by", "early", "word", "summary", "goals")
JOIN_INVITED = kind("join_invited", *PAIR)


def names_of(place: Municipality) -> dict[str, str]:
    """Return the name of `place`, per language."""
    return {code: place.name_in(code) for code in ("en", "fr")}


def letter_values(agreement: Agreement, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values about `agreement` that all letters use, per language. Each keyword of `more` is {"en": …, "fr": …}."""
    found = {}
    for code in ("en", "fr"):
        mentor, mentee = agreement.mentor.name_in(code), agreement.mentee.name_in(code)
        known = {"mentor": mentor, "mentee": mentee, "heading": f"{mentor} – {mentee}"}
        found[code] = known | {name: value[code] for name, value in more.items()}
    return found


def page_urls(agreement: Agreement, page: str = "agreement") -> dict[str, str]:
    """Return the full address of a page about `agreement` for who signs in, per language."""
    return _urls(f"mentoring:{page}", agreement.reference)


def own_urls(participant: Participant, page: str = "agreement") -> dict[str, str]:
    """Return the full address of the participant's personal page, or of what is done there, per language."""
    if page == "agreement":
        return _urls("mentoring:guest", participant.token)
    return _urls("mentoring:guest_act", participant.token, page.replace("_", "-"))


def join_urls() -> dict[str, str]:
    """Return the full address of the page on becoming a member, per language."""
    return _urls("joining:join")


def _urls(name: str, *args: Any) -> dict[str, str]:
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = absolute(reverse(name, args=args))
    return found


def reason_words(agreement: Agreement) -> dict[str, list[str]]:
    """Return why the pair was suggested, as it was read on that day, per language."""
    return {code: [str(line) for line in agreement.reasons.get(code) or []] for code in ("en", "fr")}


def instant_words(instant: datetime, places: Iterable[Municipality]) -> dict[str, str]:
    """Return an aware `instant` as it is in the zone of each of `places`, per language; once where they share the clock."""
    found = {}
    for code in ("en", "fr"):
        seen: dict[Any, str] = {}
        for place in places:
            local = instant.astimezone(ZoneInfo(place.time_zone))
            day = day_in_words(local.date(), code, weekday=True)
            words = f"{day}, {clock_in_words(local, code)} ({zone_in_words(place.time_zone_city, code)})"
            seen.setdefault((local.date(), local.time()), words)
        found[code] = "; ".join(seen.values())
    return found


def preview(kind: Kind, agreement: Agreement, *, name: str, **more: dict[str, Any]) -> list[tuple[str, Letter]]:
    """Return the letter of `kind` as it would be sent now to `name`, in English and in French."""
    values = letter_values(agreement, url=page_urls(agreement, "answer"), name=both(name), **more)
    needed = {code: {key: values[code][key] for key in kind.variables} for code in values}
    return [(code, render(kind, code, needed)) for code in ("en", "fr")]
