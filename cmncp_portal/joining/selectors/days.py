"""By when something is due: an answer, a renewal; and what the table of fees says for that day."""

from datetime import date
from typing import Any

from cmncp_portal.core.days import add_working_days
from cmncp_portal.network.models import Membership, Municipality

from ..models import FeeTier
from ..workflow import ANSWER_WORKING_DAYS


def answer_by(confirmed_on: date) -> date:
    """Return the working day by which the coordinators answer what was confirmed on `confirmed_on`."""
    return add_working_days(confirmed_on, ANSWER_WORKING_DAYS)


def anniversary(from_on: date, year: int) -> date:
    """Return the day of `year` on which a membership that began on `from_on` is renewed; February 29 becomes the 28th."""
    try:
        return from_on.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def next_due(membership: Membership, after: date) -> date:
    """Return the first yearly day of `membership` after `after`, a year from its beginning at the earliest."""
    year = max(after.year, membership.from_on.year + 1)
    while (day := anniversary(membership.from_on, year)) <= after:
        year += 1
    return day


def fee_for(municipality: Municipality, kind: str, day: date) -> Any:
    """Return the yearly fee in dollars that the table in force on `day` gives, or None when it does not say."""
    tiers = FeeTier.objects.in_force(day).filter(kind=kind)
    return next((tier.annual_fee for tier in tiers if tier.holds(municipality.population)), None)
