"""Whom training has reached. Only offerings that were held count, on their last day, and only who is noted as having come."""

from datetime import date

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce

from cmncp_portal.core.contacts import line, within

from ..models import Enrolment, Offering


def contacts(from_on: date | None = None, until_on: date | None = None) -> list[QuerySet]:
    """Return who was trained ("training.trained") and who received ("training.hosted") between the two days, as lines of
    `core.contacts`. The times are offerings, however many people of a municipality came; the municipality is the one
    for which they enrolled."""
    last_day = Coalesce("offering__ends_on", "offering__starts_on")
    came = Enrolment.objects.came().filter(offering__state=Offering.State.HELD).alias(last_day=last_day)
    came = came.filter(within("last_day", from_on, until_on))
    held = Offering.objects.filter(state=Offering.State.HELD).alias(last_day=Coalesce("ends_on", "starts_on"))
    held = held.filter(within("last_day", from_on, until_on))
    offerings = Count("offering", distinct=True)
    return [
        line(came, "training.trained", place="municipality", times=offerings, last="last_day"),
        line(held, "training.hosted", place="host", last="last_day"),
    ]
