"""The figures of the network's municipalities as a file: one line for each figure of a year."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from cmncp_portal.core.text import active_language
from cmncp_portal.network.lists import Column, write
from cmncp_portal.network.models.municipality import MunicipalityQuerySet

from .indicators import EACH, Unit, all_codes, name_of, unit_of
from .models import IndicatorReading, PreventionBudget
from .selectors.network import figures_of, place_path

COLUMNS = [
    Column("municipality", "Municipality", "Municipalité"),
    Column("province", "Province or territory", "Province ou territoire"),
    Column("population", "Population", "Population"),
    Column("code", "Code", "Code"),
    Column("name", "Figure", "Donnée"),
    Column("year", "Year", "Année"),
    Column("value", "Value", "Valeur"),
    Column("unit", "Unit", "Unité"),
    Column("source", "Where it stands", "Provenance"),
    Column("link", "Link to the source", "Lien vers la source"),
    Column("dated", "Date of the source", "Date de la source"),
    Column("note", "Note", "Note"),
    Column("entered", "Entered on", "Saisie le"),
]
UNITS = {
    "": ("dollars", "dollars"),
    Unit.PERCENT: ("per cent", "pour cent"),
    Unit.YES_NO: ("1 yes, 0 no", "1 oui, 0 non"),
    Unit.INDEX: ("index", "indice"),
    Unit.RATE: ("per 100,000 people", "pour 100 000 personnes"),
}


def as_csv(places: MunicipalityQuerySet, code: str = "", year: int | None = None) -> bytes:
    """Return the figures of `places` (all, or of one indicator, one year) as CSV in the active language. A query for each indicator."""
    codes = [code] if code else [one for one in all_codes() if one != EACH]
    return write(COLUMNS, (row for one in codes for row in _rows(one, places, year)), "csv", "")


def _rows(code: str, places: MunicipalityQuerySet, year: int | None) -> Iterator[dict[str, Any]]:
    words = {"code": code, "name": name_of(code), "unit": UNITS[unit_of(code)][active_language() == "fr"]}
    path = place_path(code)
    rows = figures_of(code, places, year).select_related(path).order_by(f"{path}__slug", "-year")
    for row in rows.defer(f"{path}__search_en", f"{path}__search_fr"):
        yield _row(row) | words


def _row(row: PreventionBudget | IndicatorReading) -> dict[str, Any]:
    place = row.profile.municipality if isinstance(row, PreventionBudget) else row.municipality
    values = {
        "municipality": place.name,
        "province": place.get_province_display(),
        "population": place.population,
        "year": row.year,
        "value": f"{row.figure:.2f}".removesuffix(".00"),  # type: ignore[union-attr]
        "source": row.source,
    }
    if isinstance(row, PreventionBudget):
        return values | {"link": "", "dated": "", "note": "", "entered": ""}
    entered = timezone.localdate(row.at)
    return values | {"link": row.source_url, "dated": row.source_on, "note": row.note, "entered": entered}
