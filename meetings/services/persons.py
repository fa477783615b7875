"""Who is to come: what was typed about a person, whom of the network it is, and the place it makes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from cmncp_portal.network.models import Municipality, Sector, Stakeholder

from ..models import Meeting, Registration


@dataclass(frozen=True)
class Person:
    """Who is to come. `zone` is an IANA name; "" means that of the municipality or of the meeting."""

    name: str
    email: str
    language: str = ""
    title: str = ""
    organisation: str = ""
    municipality: Municipality | None = None
    sector: Sector | None = None
    attends: str = Registration.Attends.IN_PERSON
    dietary_needs: str = ""
    access_needs: str = ""
    stakeholder: Stakeholder | None = None
    zone: str = ""


def known_people(emails: Iterable[str]) -> dict[str, Stakeholder]:
    """Return the people of the network behind these addresses, by address in lower case, so that counts know municipality and sector."""
    wanted = [email.strip().lower() for email in emails]
    by_address = Q(email__in=wanted) | Q(user__email__in=wanted)
    rows = Stakeholder.objects.current().filter(by_address).select_related("municipality", "user", "sector")
    found: dict[str, Stakeholder] = {}
    for row in rows.order_by("pk"):
        for email in {row.email.lower(), row.user.email.lower() if row.user else ""} & set(wanted):
            found.setdefault(email, row)
    return found


def place_for(meeting: Meeting, person: Person, known: Stakeholder | None, by: Any, by_name: str) -> Registration:
    """Return the place of `person`, not saved and not yet decided about; `known` is who that is in the network, if anybody.

    `by` is the signed-in person who registers them, or None with that person's name in `by_name`.
    """
    stakeholder = person.stakeholder or known
    place = person.municipality or (stakeholder.municipality if stakeholder and not person.organisation else None)
    attends = {
        Meeting.Mode.IN_PERSON: Registration.Attends.IN_PERSON,
        Meeting.Mode.VIRTUAL: Registration.Attends.ONLINE,
    }.get(Meeting.Mode(meeting.mode), person.attends)
    return Registration(
        meeting=meeting,
        name=person.name.strip(),
        title=person.title or (stakeholder.title if stakeholder else ""),
        organisation=person.organisation,
        email=person.email.strip().lower(),
        language=person.language or (stakeholder.language if stakeholder else ""),
        municipality=place,
        sector=person.sector or (stakeholder.sector if stakeholder else None),
        stakeholder=stakeholder,
        attends=attends,
        dietary_needs=person.dietary_needs,
        access_needs=person.access_needs,
        zone=person.zone or (place.time_zone if place else meeting.time_zone),
        registered_by=by,
        registered_by_name=str(by) if by else by_name,
    )
