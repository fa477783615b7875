"""The list of registrations as a file, in the active language."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _t

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.network.lists import Column, write

from ..models import Meeting, Registration
from .people import registrations_of, status_words

COLUMNS = [
    Column("name", "Name", "Nom"),
    Column("title", "Title", "Titre"),
    Column("organisation", "Organisation", "Organisme"),
    Column("municipality", "Municipality", "Municipalité"),
    Column("sector", "Sector", "Secteur"),
    Column("email", "Email address", "Adresse courriel"),
    Column("language", "Language of letters", "Langue des lettres"),
    Column("status", "Place", "Place"),
    Column("attends", "Takes part", "Participe"),
    Column("asked", "Asked on", "Demandée le"),
    Column("by", "Registered by", "Inscription faite par"),
]
NEEDS = [Column("dietary_needs", "Food", "Alimentation"), Column("access_needs", "Accessibility", "Accessibilité")]


def registrations_file(meeting: Meeting, kind: str, *, with_needs: bool = False) -> bytes:
    """Return all registrations of `meeting` as a file of `kind` ("csv" or "xlsx"). One query, whatever their number."""
    columns = COLUMNS + (NEEDS if with_needs else [])
    return write(columns, _rows(meeting, with_needs), kind, _t("Registrations"))


def _rows(meeting: Meeting, with_needs: bool) -> Iterator[dict[str, Any]]:
    for place in registrations_of(meeting, with_needs=with_needs):
        row = {name: getattr(place, name) for name in ("name", "title", "organisation", "email")}
        yield row | _words(place, meeting) | (_needs(place) if with_needs else {})


def _words(place: Registration, meeting: Meeting) -> dict[str, Any]:
    return {
        "municipality": str(place.municipality or ""),
        "sector": str(place.sector or ""),
        "language": place.get_language_display() if place.language else _t("Both languages"),
        "status": status_words(place),
        "attends": place.get_attends_display(),
        "asked": day_in_words(place.asked_at.astimezone(meeting.now().tzinfo).date()),
        "by": place.registered_by_name,
    }


def _needs(place: Registration) -> dict[str, str]:
    return {"dietary_needs": place.dietary_needs, "access_needs": place.access_needs}
