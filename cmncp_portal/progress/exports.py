"""The ladder of the network as a file, for the network's coordinators."""

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from cmncp_portal.core.text import active_language
from cmncp_portal.network.lists import Column, write
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.stages import Stage

from .models import StrategyProfile
from .selectors.ladder import members

COLUMNS = [
    Column("municipality", "Municipality", "Municipalité"),
    Column("province", "Province or territory", "Province ou territoire"),
    Column("population", "Population", "Population"),
    Column("stage", "Stage", "Étape"),
    Column("name", "Stage in words", "Étape en mots"),
    Column("by_checks", "Stage by the checks", "Étape selon les points vérifiés"),
    Column("reason", "Why another one is declared", "Raison de l’étape déclarée"),
    Column("centre", "Responsibility centre", "Centre de responsabilité"),
    Column("staff", "Staff, in full-time positions", "Personnel, en postes à temps plein"),
    Column("office", "Permanent office", "Bureau permanent"),
    Column("plan", "Plan", "Plan"),
    Column("link", "Link to the plan", "Lien vers le plan"),
    Column("adopted", "Adopted on", "Adopté le"),
    Column("renewal", "To be renewed by", "À renouveler d’ici le"),
    Column("sectors", "Sectors at the table", "Secteurs à la table"),
    Column("year", "Year of the budget", "Année du budget"),
    Column("amount", "Prevention budget, dollars", "Budget de prévention, dollars"),
    Column("each", "Dollars per resident", "Dollars par habitant"),
    Column("source", "Source of the figure", "Source du montant"),
    Column("confirmed", "Last confirmed on", "Dernière confirmation"),
]


def _rows() -> Iterator[dict[str, Any]]:
    rows = members().select_related("strategy").prefetch_related("strategy__sectors", "strategy__budgets")
    for place in rows.defer("search_en", "search_fr").by_name(active_language()):
        known = {"municipality": place.name, "province": place.get_province_display(), "population": place.population}
        profile = getattr(place, "strategy", None)
        yield dict.fromkeys(column.name for column in COLUMNS) | known | (_said(place, profile) if profile else {})


def _said(place: Municipality, profile: StrategyProfile) -> dict[str, Any]:
    budget = next(iter(profile.budgets.all()), None)
    confirmed = profile.confirmed_at and timezone.localdate(profile.confirmed_at)
    values = {
        "stage": int(profile.stage),
        "name": profile.stage.label,
        "by_checks": Stage(profile.computed_stage).label,
        "reason": profile.declared_reason,
        "centre": profile.centre,
        "staff": profile.centre_staff,
        "office": profile.get_has_permanent_office_display() if profile.has_permanent_office else "",
        "plan": profile.plan_title,
        "link": profile.plan_url,
        "adopted": profile.plan_adopted_on,
        "renewal": profile.plan_renewal_on,
        "sectors": ", ".join(str(sector) for sector in profile.sectors.all()),
        "confirmed": confirmed,
    }
    if budget is None:
        return values
    each = f"{budget.amount / place.population:.2f}" if place.population else None
    return values | {"year": budget.year, "amount": budget.amount, "each": each, "source": budget.source}


def as_csv() -> bytes:
    """Return the members of today with what their profiles say, as CSV in the active language. Constant queries."""
    return write(COLUMNS, _rows(), "csv", "")
