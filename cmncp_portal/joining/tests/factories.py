"""Dull factories: rows, not services, so that a broken service fails its own tests only. Stages by the name of the state."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from cmncp_portal.joining.models import Application, FeeTier, Interest, Renewal
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.tests.factories import make_membership, make_municipality

_numbers = count(1)
AT = datetime(2027, 1, 20, 15, 0, tzinfo=UTC)


def make_interest(state: str = "confirmed", **fields: Any) -> Interest:
    """Somebody of Merritt, British Columbia, who thinks of joining."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "place_name": "Merritt",
        "province": "BC",
        "name": "Sam Voght",
        "email": f"sam{number}@merritt.example",
        "language": "en",
        "state": state,
        "confirmed_at": AT if state != "unconfirmed" else None,
    }
    return Interest.objects.create(**(defaults | fields))


def make_applicant(slug: str = "merritt", **fields: Any) -> Municipality:
    """A municipality that thinks of joining: a prospective membership and nothing else."""
    defaults: dict[str, Any] = {"province": "BC", "time_zone": "America/Vancouver", "population": 7_051}
    place = make_municipality(slug, member=False, **(defaults | fields))
    make_membership(place, kind=Membership.Kind.PROSPECTIVE, from_on=date(2027, 1, 20))
    return place


def make_application(state: str = "sent", *, municipality: Municipality | None = None, **fields: Any) -> Application:
    """A complete application of that state."""
    place = municipality or make_applicant()
    interest = fields.pop("interest", None) or make_interest("applying", municipality=place)
    agreed = {"agreed": True, "wording": "We agree.", "at": AT.isoformat()}
    defaults: dict[str, Any] = {
        "kind": Membership.Kind.GENERAL,
        "resolution_on": date(2027, 1, 12),
        "resolution_reference": "2027-04",
        "representative_name": "Sam Voght",
        "representative_title": "Community Services Manager",
        "representative_email": interest.email,
        "representative_language": "en",
        "consents": {"represents": agreed, "directory": agreed, "privacy": agreed},
        "state": state,
        "sent_at": AT if state != "draft" else None,
        "join_on": date(2027, 2, 1) if state == "approved" else None,
    }
    return Application.objects.create(interest=interest, municipality=place, **(defaults | fields))


def make_fee(annual_fee: int = 650, **fields: Any) -> FeeTier:
    defaults: dict[str, Any] = {
        "kind": Membership.Kind.GENERAL.value,
        "population_from": 0,
        "population_to": 500_000,
        "effective_from": date(2021, 1, 1),
    }
    return FeeTier.objects.create(annual_fee=annual_fee, **(defaults | fields))


def make_renewal(membership: Membership, due_on: date = date(2027, 4, 1), **fields: Any) -> Renewal:
    return Renewal.objects.create(membership=membership, due_on=due_on, **fields)
