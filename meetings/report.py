"""A meeting on paper: the programme, the badges, a person's certificate of attendance. Accessible PDF, one file per language.

Like a letter each is one text in two languages, so its words stand here side by side.
"""

from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cmncp_portal.core.context import network
from cmncp_portal.core.dates import clock_in_words, day_in_words, days_in_words, zone_in_words
from cmncp_portal.core.pdf import compile_pdf
from cmncp_portal.core.places import Attendance
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.workflow import TransitionRefused

from .models import Meeting, Registration, Speaker
from .selectors.agenda import Day, Session, Slot, agenda_days
from .selectors.words import dates_in_words, languages_in_words, place_in_words, times_in_words

LONGEST_ON_BADGE = 90  # characters of a title or an organisation
NAME_SIZES = ((14, 28), (22, 24), (34, 19), (60, 15))  # up to so many characters, in points
SMALLEST_NAME = 11

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "programme": "Programme",
        "hosted": "Hosted by {host}",
        "hosted_both": "Hosted by {host} with {co_host}",
        "languages": "Working languages: {languages}",
        "all_times": "All times: {zone}.",
        "day": "Day {number}",
        "parallel": "At the same time",
        "empty": "The programme follows.",
        "read_more": "To read: ",
        "as_of": "As it stood on {day}. The latest programme: {url}",
        "cancelled": "This meeting does not take place.",
        "postponed": "This meeting is postponed. A new date will be set.",
        "badges": "Badges: {title}",
        "nobody": "Nobody is registered yet.",
        "certificate": "Certificate of attendance",
        "attended": "attended",
        "attended_online": "took part online in",
        "organised": "Organised by {network}.",
        "organised_with": "Organised by {network}, hosted by {host}.",
        "issued": "Issued on {day}.",
        "about": "The meeting: {title}, {url}",
    },
    "fr": {
        "programme": "Programme",
        "hosted": "Municipalité hôte\u00a0: {host}",
        "hosted_both": "Municipalités hôtes\u00a0: {host} et {co_host}",
        "languages": "Langues de travail\u00a0: {languages}",
        "all_times": "Toutes les heures\u00a0: {zone}.",
        "day": "Jour {number}",
        "parallel": "En même temps",
        "empty": "Le programme suivra.",
        "read_more": "À lire\u00a0: ",
        "as_of": "État au {day}. Le programme à jour\u00a0: {url}",
        "cancelled": "Cette rencontre n’a pas lieu.",
        "postponed": "Cette rencontre est reportée. Une nouvelle date sera fixée.",
        "badges": "Porte-noms\u00a0: {title}",
        "nobody": "Aucune inscription pour l’instant.",
        "certificate": "Attestation de participation",
        "attended": "a participé à",
        "attended_online": "a participé en ligne à",
        "organised": "Rencontre organisée par\u00a0: {network}.",
        "organised_with": "Rencontre organisée par\u00a0: {network}. Municipalité hôte\u00a0: {host}.",
        "issued": "Attestation délivrée le {day}.",
        "about": "La rencontre\u00a0: {title}, {url}",
    },
}


# ---- the programme


def programme_pdf(meeting: Meeting, language: str) -> bytes:
    """Return the programme of `meeting` in `language` ("en" or "fr") as PDF/UA-1. Raises core.pdf.NoPdf."""
    return compile_pdf("meeting_programme.typ", programme_data(meeting, language), language=language)


def programme_data(meeting: Meeting, language: str) -> dict[str, Any]:
    """Return what the programme says, as plain values in `language`. Days and times are those of the meeting's place."""
    words = WORDS[language]
    with translation.override(language):
        today = day_in_words(timezone.localdate(), language)
        return {
            "network": network(language).name,
            "title": _written(meeting.title),
            "line": _kind_line(meeting),
            "facts": [fact for fact in _facts(meeting, language, words) if fact],
            "warning": _warning(meeting, words),
            "words": {name: words[name] for name in ("programme", "parallel", "empty", "read_more")},
            "days": [_day(day, language, words) for day in agenda_days(meeting)],
            "foot": words["as_of"].format(day=today, url=absolute(meeting.get_absolute_url())),
        }


def _written(text: Any) -> dict[str, str]:
    """A text that somebody wrote, with the language it stands in."""
    return {"text": str(text), "language": text.lang}


def _kind_line(meeting: Meeting) -> str:
    kind = str(meeting.get_kind_display())
    return f"{kind}, {meeting.region}" if meeting.region else kind


def _facts(meeting: Meeting, language: str, words: dict[str, str]) -> list[str]:
    when = dates_in_words(meeting, language)
    times = times_in_words(meeting, language)
    zone = zone_in_words(meeting.zone_city_in(language), language)
    spoken = languages_in_words(meeting, language)
    return [
        _capital(", ".join(part for part in (when, times) if part)),
        _capital(place_in_words(meeting, language)),
        _hosts(meeting, language, words),
        words["languages"].format(languages=spoken) if spoken else "",
        words["all_times"].format(zone=zone),
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _hosts(meeting: Meeting, language: str, words: dict[str, str]) -> str:
    if meeting.host is None:
        return ""
    host = meeting.host.name_in(language)
    if meeting.co_host is None:
        return words["hosted"].format(host=host)
    return words["hosted_both"].format(host=host, co_host=meeting.co_host.name_in(language))


def _warning(meeting: Meeting, words: dict[str, str]) -> str:
    if meeting.state == Meeting.State.CANCELLED:
        return words["cancelled"]
    return words["postponed"] if meeting.state == Meeting.State.POSTPONED else ""


def _day(day: Day, language: str, words: dict[str, str]) -> dict[str, Any]:
    number = words["day"].format(number=day.number)
    name = f"{number}, {day_in_words(day.day, language, weekday=True)}" if day.day else number
    return {"name": name, "slots": [_slot(slot, language) for slot in day.slots]}


def _slot(slot: Slot, language: str) -> dict[str, Any]:
    return {
        "clock": _clock(slot.starts_at, slot.ends_at, language),
        "is_parallel": slot.is_parallel,
        "sessions": [_session(session, slot, language) for session in slot.sessions],
    }


def _clock(starts_at: Any, ends_at: Any, language: str) -> str:
    return f"{clock_in_words(starts_at, language)} – {clock_in_words(ends_at, language)}"


def _session(session: Session, slot: Slot, language: str) -> dict[str, Any]:
    item = session.item
    own_times = _clock(item.starts_at, item.ends_at, language) if item.ends_at != slot.ends_at else ""
    details = (own_times, str(item.get_kind_display()), item.room, session.language_words)
    return {
        "title": _written(item.title),
        "details": " · ".join(part for part in details if part),
        "abstract": _written(item.abstract),
        "people": [_speaker(speaker) for speaker in session.people],
        "links": [{"title": _written(m.title), "url": m.url} for m in session.materials if m.url],
    }


def _speaker(speaker: Speaker) -> dict[str, str]:
    about = (str(speaker.get_role_display()), speaker.title, speaker.organisation)
    return {"name": speaker.name, "about": ", ".join(part for part in about if part)}


# ---- badges


def badges_pdf(meeting: Meeting, language: str) -> bytes:
    """Return the badges of who is registered, eight on a US-letter page, as PDF/UA-1. Raises core.pdf.NoPdf."""
    return compile_pdf("meeting_badges.typ", badges_data(meeting, language), language=language)


def badges_data(meeting: Meeting, language: str) -> dict[str, Any]:
    """Return one badge per registered person by name, in `language`; who takes part from afar needs none. Three queries."""
    rows = Registration.objects.registered().filter(meeting=meeting).select_related("municipality")
    if meeting.mode != Meeting.Mode.VIRTUAL:
        rows = rows.exclude(attends=Registration.Attends.ONLINE)
    words = WORDS[language]
    with translation.override(language):
        roles = _roles(meeting)
        return {
            "network": network(language).acronym,
            "title": words["badges"].format(title=meeting.title_in(language)),
            "meeting": _shortened(meeting.title_in(language)),
            "nobody": words["nobody"],
            "badges": [_badge(place, roles, language) for place in rows.order_by("name", "pk")],
        }


def _roles(meeting: Meeting) -> dict[str, str]:
    """Return what people do at the meeting, by all that may identify them; the first session's role stands."""
    roles: dict[str, str] = {}
    for speaker in Speaker.objects.filter(item__meeting=meeting).order_by(
        "item__day", "item__starts_at", "order", "pk"
    ):
        role = str(speaker.get_role_display())
        for key in _identities(speaker.stakeholder_id, speaker.email, "" if speaker.email else speaker.name):
            roles.setdefault(key, role)
    return roles


def _identities(stakeholder: int | None, email: str, name: str) -> list[str]:
    found = [f"stakeholder {stakeholder}"] if stakeholder else []
    return found + [text.strip().casefold() for text in (email, name) if text]


def _badge(place: Registration, roles: dict[str, str], language: str) -> dict[str, Any]:
    keys = _identities(place.stakeholder_id, place.email, place.name)
    own = place.municipality.name_in(language) if place.municipality else place.organisation
    return {
        "name": place.name,
        "size": next((points for length, points in NAME_SIZES if len(place.name) <= length), SMALLEST_NAME),
        "title": _shortened(place.title),
        "place": _shortened(own),
        "role": next((roles[key] for key in keys if key in roles), ""),
    }


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_ON_BADGE else f"{text[: LONGEST_ON_BADGE - 1].rstrip()}…"


# ---- the certificate


def certificate_pdf(place: Registration, language: str) -> bytes:
    """Return the certificate of who came to the meeting, as PDF/UA-1.

    Raises TransitionRefused for somebody whose attendance is not noted as present or online, and core.pdf.NoPdf.
    """
    return compile_pdf("meeting_certificate.typ", certificate_data(place, language), language=language)


def certificate_data(place: Registration, language: str) -> dict[str, Any]:
    """Return what the certificate says, in `language`. It names nobody else and bears no signature."""
    if not (place.is_registered and place.has_come):
        raise TransitionRefused(_("A certificate is for those whose attendance was noted."))
    meeting, words = place.meeting, WORDS[language]
    with translation.override(language):
        title, url = meeting.title_in(language), absolute(meeting.get_absolute_url())
        online = place.attendance == Attendance.REMOTE
        known = network(language)
        municipality = place.municipality.name_in(language) if place.municipality else ""
        own = (place.title, place.organisation or municipality)
        organised = "organised_with" if meeting.host else "organised"
        host = meeting.host.name_in(language) if meeting.host else ""
        return {
            "network": known.name,
            "heading": words["certificate"],
            "title": f"{words['certificate']}\u00a0– {place.name}",
            "name": place.name,
            "of": ", ".join(part for part in own if part),
            "attended": words["attended_online" if online else "attended"],
            "meeting": title,
            "kind": _kind_line(meeting),
            "days": _capital(_days(meeting, language)),
            "place": _capital(place_in_words(meeting, language)),
            "organised": words[organised].format(network=known.name, host=host),
            "issued": words["issued"].format(day=day_in_words(timezone.localdate(), language)),
            "about": words["about"].format(title=title, url=url),
        }


def _days(meeting: Meeting, language: str) -> str:
    """Return the days of the meeting; one day in French with its article: « le 14 avril 2027 »."""
    if not meeting.starts_on or not meeting.ends_on:
        return ""
    days = days_in_words(meeting.starts_on, meeting.ends_on, language)
    return f"le {days}" if language == "fr" and meeting.starts_on == meeting.ends_on else days
