"""Telling people about an offering: one person at once, many through a mailing, each in their language."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.entries import CalendarEntry, Method
from cmncp_portal.core.screens import absolute
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Mailing
from cmncp_portal.notifications.recipients import Recipient

from ..models import Enrolment, Facilitator, Offering, Session
from ..notifications import offerings as kinds
from ..selectors.offerings import entries_of


def recipient_of_place(place: Enrolment) -> Recipient:
    """Return who enrolled as a recipient; without a known language letters are in both."""
    language: Any = place.language or "both"
    return Recipient(place.email, place.name, language, place.zone)


def recipient_of_facilitator(person: Facilitator, offering: Offering) -> Recipient:
    """Return a facilitator as a recipient; reminders follow the clock where the offering is."""
    language: Any = person.language or "both"
    return Recipient(person.email, person.name, language, offering.time_zone)


def calendar_of(
    offering: Offering, sessions: Sequence[Session], *, cancelled: bool = False
) -> dict[str, CalendarEntry] | None:
    """Return the event that letters carry, per language, or None without a session. The same UID for its whole life.

    A letter holds one event: the first run of days; its text names the others, and the file on the person's page has all.
    """
    if not sessions:
        return None
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = replace(entries_of(offering, sessions)[0], cancelled=cancelled)
    return found


def tell(
    kind: Kind,
    offering: Offering,
    to: Recipient,
    *,
    occasion: str,
    own: dict[str, dict[str, Any]] | None = None,
    method: Method | None = None,
    **more: Any,
) -> bool:
    """Put one letter about `offering` into the outbox; return whether it is new.

    `occasion` completes the key, so that the same thing is said once per person. `own` are values per language that replace
    the common ones; each keyword of `more` holds values per language; `method` adds the event.
    """
    sessions = list(offering.sessions.all())
    values = kinds.letter_values(offering, sessions, **more)
    context = {code: {**values[code], **(own or {}).get(code, {}), "name": to.name} for code in ("en", "fr")}
    events = calendar_of(offering, sessions, cancelled=method == "CANCEL") if method else None
    message = letters.send(
        kind,
        to,
        key=key_of(kind, offering, occasion),
        context=context,
        calendar=events["fr" if to.language == "fr" else "en"] if events else None,
        calendar_method=method or "REQUEST",
    )
    return message is not None


def tell_place(kind: Kind, place: Enrolment, *, occasion: str, method: Method | None = None, **more: Any) -> bool:
    """Write to one enrolled person; the button leads to that person's own page."""
    to, about = recipient_of_place(place), f"{place.pk}:{occasion}"
    return tell(kind, place.offering, to, occasion=about, own=own_urls(place), method=method, **more)


def tell_many(
    kind: Kind,
    offering: Offering,
    lines: Iterable[Line],
    *,
    occasion: str,
    method: Method | None = None,
    by: Any = None,
    sessions: Sequence[Session] | None = None,
    **more: Any,
) -> Mailing:
    """Begin a mailing about `offering`: a worker writes the letters. Constant queries, whatever the number of people."""
    sittings = list(offering.sessions.all()) if sessions is None else sessions
    return mailings.begin(
        kind,
        lines,
        key=key_of(kind, offering, occasion),
        context=kinds.letter_values(offering, sittings, **more),
        calendar=calendar_of(offering, sittings, cancelled=method == "CANCEL") if method else None,
        calendar_method=method or "REQUEST",
        by=by,
    )


def key_of(kind: Kind, offering: Offering, occasion: str) -> str:
    """Return the key of a letter: kind, offering, occasion."""
    return f"{kind.name}:{offering.pk}:{occasion}"


def own_urls(place: Enrolment) -> dict[str, dict[str, Any]]:
    """Return the personal address of `place` as a person's own values."""
    return {code: {"url": url} for code, url in kinds.personal_urls(place).items()}


def page_urls(offering: Offering, page: str = "offering") -> dict[str, dict[str, Any]]:
    """Return the address of a page about `offering` as a person's own values, for those who sign in."""
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = {"url": absolute(reverse(f"training:{page}", args=[offering.reference]))}
    return found


def lines_of_places(places: Iterable[Enrolment], *, gets_calendar: bool = True) -> list[Line]:
    """Return enrolled people as lines of a mailing, each with the own page."""
    return [Line(recipient_of_place(p), own_urls(p), gets_calendar=gets_calendar) for p in places]


def lines_of_facilitators(offering: Offering, page: str = "offering", *, gets_calendar: bool = True) -> list[Line]:
    """Return the facilitators with an address as lines of a mailing."""
    urls = page_urls(offering, page)
    rows = offering.facilitators.exclude(email="").order_by("pk")
    return [Line(recipient_of_facilitator(f, offering), urls, gets_calendar=gets_calendar) for f in rows]


def take_back_reminders(offering: Offering) -> None:
    """Take back what waits to be sent about dates that no longer hold, and stop mailings about them."""
    for kind in kinds.REMINDERS:
        letters.withdraw(f"{kind.name}:{offering.pk}")
