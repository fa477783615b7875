"""Telling people: to whom a letter about a visit goes, and in which language. Writing is in the other services."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import translation

from cmncp_portal.core.entries import Method
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.selectors import coordinators, recipient_of
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import TeamMember, Visit
from ..notifications import desk_url, letter_values
from ..selectors.lists import entry_of


def speakers(municipality: Municipality | None) -> list[Recipient]:
    """Return the representative and deputies of `municipality` as recipients."""
    if municipality is None:
        return []
    return [
        recipient_of(p)
        for p in Stakeholder.objects.speaking_for(municipality).select_related("municipality")
        if p.email
    ]


def leads(visit: Visit, side: str) -> list[Recipient]:
    """Return whoever answers for `side` of `visit`: its named lead if still there, else representative and deputies."""
    lead = visit.lead_of(side)
    if lead is not None and lead.is_current() and lead.email:
        return [recipient_of(lead)]
    return speakers(visit.municipality_of(side))


def recipient_of_member(member: TeamMember) -> Recipient:
    """Return a team member as recipient; without a known language letters are in both."""
    place = member.visit.municipality_of(member.side) or member.visit.visiting
    language: Any = member.language or "both"
    return Recipient(member.email, member.name, language, place.time_zone)


def tell(
    kind: Kind,
    visit: Visit,
    recipients: Iterable[Recipient],
    *,
    occasion: str,
    page: str = "exchanges:visit",
    method: Method | None = None,
    not_before: datetime | None = None,
    **more: Any,
) -> int:
    """Put one letter per recipient into the outbox; return how many are new. `method` adds the calendar part.

    `occasion` completes the key, so that the same thing is said once per person. Each keyword of `more` holds values per language.
    """
    values = letter_values(visit, page=page, **more)
    return sum(_send(kind, visit, to, occasion, values, not_before, method) for to in _each_once(recipients))


def tell_members(
    kind: Kind,
    visit: Visit,
    members: Iterable[TeamMember],
    *,
    occasion: str,
    method: Method | None = None,
    not_before: datetime | None = None,
    **more: Any,
) -> int:
    """Write to team members: the button leads to each one's own desk; `method` adds the calendar part for those who come.

    Who asked for no more letters still hears of changes to, and the end of, a visit that they accepted.
    """
    values = letter_values(visit, **more)
    written = 0
    for member in members:
        calendar = method if member.takes_part else None
        if not member.email or (member.wants_no_more and calendar is None):
            continue
        own = {code: values[code] | {"url": desk_url(member, code)} for code in ("en", "fr")}
        written += _send(kind, visit, recipient_of_member(member), occasion, own, not_before, calendar)
    return written


def _send(
    kind: Kind,
    visit: Visit,
    to: Recipient,
    occasion: str,
    values: dict[str, dict[str, Any]],
    not_before: datetime | None = None,
    method: Method | None = None,
) -> bool:
    context = {code: values[code] | {"name": to.name} for code in ("en", "fr")}
    entry = None
    if method and visit.starts_on:
        with translation.override("fr" if to.language == "fr" else "en"):
            entry = replace(entry_of(visit), attendees=((to.name, to.email),), cancelled=method == "CANCEL")
    key = f"{kind.name}:{visit.pk}:{occasion}"
    return (
        letters.send(
            kind,
            to,
            key=key,
            context=context,
            calendar=entry,
            calendar_method=method or "REQUEST",
            not_before=not_before,
        )
        is not None
    )


def _each_once(recipients: Iterable[Recipient]) -> list[Recipient]:
    seen: dict[str, Recipient] = {}
    for to in recipients:
        seen.setdefault(to.email.lower(), to)
    return list(seen.values())


def the_network() -> list[Recipient]:
    """Return the network coordinators."""
    return coordinators()
