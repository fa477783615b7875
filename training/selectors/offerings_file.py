"""The list of enrolments as a file, in the active language."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.network.lists import Column, write

from ..models import Enrolment, Offering
from .places import enrolments_of, status_words

COLUMNS = [
    Column("name", "Name", "Nom"),
    Column("title", "Title", "Titre"),
    Column("organisation", "Organisation", "Organisme"),
    Column("municipality", "Municipality", "Municipalité"),
    Column("email", "Email address", "Adresse courriel"),
    Column("language", "Language of letters", "Langue des lettres"),
    Column("status", "Place", "Place"),
    Column("asked", "Asked on", "Demandée le"),
    Column("by", "Enrolled by", "Inscription faite par"),
    Column("attendance", "Attendance", "Présence"),
    Column("completed", "Completed", "Terminée"),
]
NEEDS = [Column("dietary_needs", "Food", "Alimentation"), Column("access_needs", "Accessibility", "Accessibilité")]


def enrolments_file(offering: Offering, kind: str, *, with_needs: bool = False) -> bytes:
    """Return all enrolments of `offering` as a file of `kind` ("csv" or "xlsx"). One query, whatever their number."""
    columns = COLUMNS + (NEEDS if with_needs else [])
    return write(columns, _rows(offering, with_needs), kind, _t("Enrolments"))


def _rows(offering: Offering, with_needs: bool) -> Iterator[dict[str, Any]]:
    for place in enrolments_of(offering, with_needs=with_needs):
        row = {name: getattr(place, name) for name in ("name", "title", "organisation", "email")}
        needs = {"dietary_needs": place.dietary_needs, "access_needs": place.access_needs} if with_needs else {}
        yield row | _words(place, offering) | needs


def _words(place: Enrolment, offering: Offering) -> dict[str, Any]:
    zone = offering.now().tzinfo
    return {
        "municipality": str(place.municipality or ""),
        "language": place.get_language_display() if place.language else _t("Both languages"),
        "status": status_words(place),
        "asked": day_in_words(place.asked_at.astimezone(zone).date()),
        "by": place.enrolled_by_name,
        "attendance": place.get_attendance_display() if place.attendance else "",
        "completed": _t("Yes") if place.completed_at else "",
    }
