"""Whom mentoring has reached. An agreement counts when it began or when both talked; one that was declined never began."""

from datetime import date

from django.db.models import Max, QuerySet
from django.db.models.functions import Greatest

from cmncp_portal.core.contacts import line, within

from ..models import Agreement


def contacts(from_on: date | None = None, until_on: date | None = None) -> list[QuerySet]:
    """Return who mentored ("mentoring.mentor") and who was mentored ("mentoring.mentee") between the two days, as lines of
    `core.contacts`. The times are agreements, each on the day it began and on those of its sessions: one that merely
    ran through the period, and in which nobody talked, reached nobody then."""
    began, talked = within("starts_on", from_on, until_on), within("sessions__held_on", from_on, until_on)
    begun = Agreement.objects.filter(state__in=[*Agreement.RUNNING, *Agreement.OVER]).filter(began | talked)
    last = Greatest(Max("starts_on", filter=began), Max("sessions__held_on", filter=talked))
    return [line(begun, f"mentoring.{side}", place=side, last=last) for side in ("mentor", "mentee")]
