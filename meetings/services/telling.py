"""Telling people: to whom a letter about a meeting goes, and in which language. One person at once, many through a mailing."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils import translation

from cmncp_portal.core.entries import CalendarEntry, Method
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.models import Mailing
from cmncp_portal.notifications.recipients import Recipient

from ..models import ActionItem, Invitee, Meeting, Registration
from ..notifications import both, letter_values, page_url, personal_url
from ..selectors.entries import entry_of


def recipient_of_place(place: Registration) -> Recipient:
    """Return who registered as a recipient; without a known language letters are in both."""
    language: Any = place.language or "both"
    return Recipient(place.email, place.name, language, place.zone)


def recipient_of_invitee(invitee: Invitee) -> Recipient:
    """Return an invitee as a recipient."""
    language: Any = invitee.language
    return Recipient(invitee.email, invitee.name, language, invitee.zone)


def recipient_of_owner(action: ActionItem) -> Recipient:
    """Return the owner of an action item as a recipient."""
    language: Any = action.owner_language or "both"
    return Recipient(action.owner_email, action.owner_name, language, action.owner_zone)


def speakers_for(municipality: Municipality | None) -> list[Recipient]:
    """Return the representative and deputies of `municipality` as recipients."""
    if municipality is None:
        return []
    rows = Stakeholder.objects.speaking_for(municipality).select_related("municipality", "user")
    return [recipient_of(person) for person in rows if person.email]


def calendar_of(meeting: Meeting, *, cancelled: bool = False) -> dict[str, CalendarEntry] | None:
    """Return the meeting's event per language, or None while it has no date. The same UID for its whole life."""
    if meeting.starts_on is None:
        return None
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = replace(entry_of(meeting), cancelled=cancelled)
    return found


def tell(
    kind: Kind,
    meeting: Meeting,
    to: Recipient,
    *,
    occasion: str,
    own: dict[str, dict[str, Any]] | None = None,
    method: Method | None = None,
    **more: Any,
) -> bool:
    """Put one letter about `meeting` into the outbox; return whether it is new.

    `occasion` completes the key, so that the same thing is said once per person. `own` are values per language that replace
    the common ones (the personal address); each keyword of `more` holds values per language; `method` adds the event.
    """
    values = letter_values(meeting, **more)
    context = {code: {**values[code], **(own or {}).get(code, {}), "name": to.name} for code in ("en", "fr")}
    events = calendar_of(meeting, cancelled=method == "CANCEL") if method else None
    event = events["fr" if to.language == "fr" else "en"] if events else None
    message = letters.send(
        kind,
        to,
        key=key_of(kind, meeting, occasion),
        context=context,
        calendar=event,
        calendar_method=method or "REQUEST",
    )
    return message is not None


def tell_place(kind: Kind, place: Registration, *, occasion: str, method: Method | None = None, **more: Any) -> bool:
    """Write to one registered person; the button leads to that person's own page."""
    return tell(
        kind,
        place.meeting,
        recipient_of_place(place),
        occasion=f"{place.pk}:{occasion}",
        own=own_urls(place),
        method=method,
        **more,
    )


def tell_many(
    kind: Kind,
    meeting: Meeting,
    lines: Iterable[Line],
    *,
    occasion: str,
    method: Method | None = None,
    by: Any = None,
    **more: Any,
) -> Mailing:
    """Begin a mailing about `meeting`: a worker writes the letters, and its progress can be read. Constant queries.

    `by` is who causes it; letters that name that person get the name as well.
    """
    if "by" in kind.variables:
        more.setdefault("by", both(str(by or "")))
    events = calendar_of(meeting, cancelled=method == "CANCEL") if method else None
    return mailings.begin(
        kind,
        lines,
        key=key_of(kind, meeting, occasion),
        context=letter_values(meeting, **more),
        calendar=events,
        calendar_method=method or "REQUEST",
        by=by,
    )


def key_of(kind: Kind, meeting: Meeting, occasion: str) -> str:
    """Return the key of a letter: kind, meeting, occasion."""
    return f"{kind.name}:{meeting.pk}:{occasion}"


def own_urls(thing: Invitee | Registration | ActionItem) -> dict[str, dict[str, Any]]:
    """Return the personal address of `thing` as a person's own values."""
    return {code: {"url": personal_url(thing, code)} for code in ("en", "fr")}


def page_urls(meeting: Meeting, page: str) -> dict[str, dict[str, Any]]:
    """Return the address of a page about `meeting` as a person's own values, for those who sign in."""
    return {code: {"url": page_url(meeting, page, code)} for code in ("en", "fr")}


def lines_of_places(places: Iterable[Registration], *, gets_calendar: bool = True) -> list[Line]:
    """Return registered people as lines of a mailing, each with the own page. Who wants no letters is still told of changes."""
    return [Line(recipient_of_place(p), own_urls(p), gets_calendar=gets_calendar) for p in places]


def lines_of_invitees(invitees: Iterable[Invitee], *, gets_calendar: bool = False) -> list[Line]:
    """Return invitees as lines of a mailing, each with the own page."""
    return [Line(recipient_of_invitee(i), own_urls(i), gets_calendar=gets_calendar) for i in invitees]


REMINDERS = (
    "dates_reminder",
    "invitation",
    "invitation_reminder",
    "host_check",
    "delegate",
    "practical",
    "join_link",
    "no_place",
)


def take_back_reminders(meeting: Meeting) -> None:
    """Take back what waits to be sent about dates that no longer hold, and stop mailings about them."""
    for name in REMINDERS:
        letters.withdraw(f"meetings.{name}:{meeting.pk}")
