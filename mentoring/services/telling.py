"""Telling people: to whom a letter about an agreement goes, and which page its button opens. Writing is in the other services."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.utils import translation

from cmncp_portal.accounts.models import User
from cmncp_portal.core.entries import Method
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.selectors import coordinators, recipient_of
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import Agreement, Participant, Side
from ..notifications.agreements import letter_values, own_urls, page_urls
from ..selectors.agreements import people_of
from ..selectors.entries import entry_of


@dataclass(frozen=True)
class Reader:
    """Somebody who gets a letter, and the address of its button, per language."""

    to: Recipient
    url: dict[str, str]


def recipient_of_participant(person: Participant) -> Recipient:
    """Return a participant as a recipient; without a known language letters are in both."""
    language: Any = person.language or "both"
    return Recipient(person.email, person.name, language, person.zone)


def participants(agreement: Agreement, *sides: str, page: str = "agreement", lead_only: bool = False) -> list[Reader]:
    """Return who takes part for `sides` (both unless given). The button signs in who has an account, else opens the own page."""
    rows = [p for p in people_of(agreement) if p.side in (sides or tuple(Side)) and (p.is_lead or not lead_only)]
    return [_reader(person, page, _accounts(rows)) for person in rows]


def _accounts(rows: Iterable[Participant]) -> set[str]:
    emails = [person.email for person in rows]
    return {
        email.lower() for email in User.objects.filter(email__in=emails, is_active=True).values_list("email", flat=True)
    }


def _reader(person: Participant, page: str, accounts: set[str]) -> Reader:
    url = page_urls(person.agreement, page) if person.email in accounts else own_urls(person, page)
    return Reader(recipient_of_participant(person), url)


def reader_of(person: Participant, page: str = "agreement") -> Reader:
    """Return one participant as a reader of a letter."""
    return _reader(person, page, _accounts([person]))


def speakers(agreement: Agreement, *sides: str, page: str = "agreement") -> list[Reader]:
    """Return the representatives and deputies of both municipalities, or of those on `sides`."""
    found = []
    for side in sides or tuple(Side):
        rows = Stakeholder.objects.speaking_for(agreement.municipality_of(side)).select_related("municipality", "user")
        found += [
            Reader(recipient_of(person), page_urls(agreement, page)) for person in rows if recipient_of(person).email
        ]
    return found


def answering(agreement: Agreement, side: str) -> list[Reader]:
    """Return who may answer for `side`: who leads for it, by account or by the own page, then its representative and deputies."""
    lead = participants(agreement, side, page="answer", lead_only=True)
    return [*lead, *speakers(agreement, side, page="answer")]


def leads(agreement: Agreement, *sides: str, page: str = "agreement") -> list[Reader]:
    """Return who leads for each of `sides` (both unless given); where nobody does, its representative and deputies."""
    found = []
    for side in sides or tuple(Side):
        found += participants(agreement, side, page=page, lead_only=True) or speakers(agreement, side, page=page)
    return found


def everyone(agreement: Agreement, *sides: str, page: str = "agreement") -> list[Reader]:
    """Return all who take part for `sides` (both unless given), and their representatives and deputies."""
    return [*participants(agreement, *sides, page=page), *speakers(agreement, *sides, page=page)]


def network(agreement: Agreement, page: str = "agreement") -> list[Reader]:
    """Return the network's coordinators."""
    return [Reader(to, page_urls(agreement, page)) for to in coordinators()]


def tell(
    kind: Kind,
    agreement: Agreement,
    readers: Iterable[Reader],
    *,
    occasion: str,
    method: Method | None = None,
    **more: dict[str, Any],
) -> int:
    """Put one letter for each reader into the outbox; return how many are new.

    `occasion` completes the key, so that the same thing is said once per person. Each keyword of `more` holds values per
    language; `method` adds the next session as a date for the calendar.
    """
    values = letter_values(agreement, **more)
    once: dict[str, Reader] = {}
    for reader in readers:
        once.setdefault(reader.to.email.lower(), reader)
    return sum(_send(kind, agreement, reader, occasion, values, method) for reader in once.values())


def key_of(kind: Kind, agreement: Agreement, occasion: str) -> str:
    """Return the key of a letter: kind, agreement, occasion."""
    return f"{kind.name}:{agreement.pk}:{occasion}"


def _send(
    kind: Kind,
    agreement: Agreement,
    reader: Reader,
    occasion: str,
    values: dict[str, dict[str, Any]],
    method: Method | None,
) -> bool:
    context = {code: values[code] | {"name": reader.to.name, "url": reader.url[code]} for code in ("en", "fr")}
    entry = None
    if method and agreement.next_session_at:
        with translation.override("fr" if reader.to.language == "fr" else "en"):
            entry = replace(entry_of(agreement), cancelled=method == "CANCEL")
    key = key_of(kind, agreement, occasion)
    sent = letters.send(kind, reader.to, key=key, context=context, calendar=entry, calendar_method=method or "REQUEST")
    return sent is not None
