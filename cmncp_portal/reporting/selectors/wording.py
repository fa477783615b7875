"""Words and numbers of figures in both languages. A frozen report is one text in two languages, so its words stand side by side."""

from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.formats import number_format

from cmncp_portal.core.dates import NBSP
from cmncp_portal.core.money import money_in_words

from ..indicators.base import COUNT, DAYS, DOLLARS, HOURS, PERCENT, PLACES

NOTHING, MINUS = "—", "\u2212"

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "group": "Group",
        "total": "All",
        "value": "Value",
        "n": "n",
        "of": "Out of",
        "before": "Before",
        "n_before": "n before",
        "change": "Change",
        "hidden": "hidden",
        "point": "{} point",
        "points": "{} points",
        "day": "{} day",
        "days": "{} days",
        "hours": "{} h",
        "percent": "{}%",
        "within": "{}: {}",
        "left_out": "Left out: {count}. {why}",
        "left_out_hidden": "Some were left out. {why} How many is not shown.",
        "definition": "Definition: ",
        "source": "Where it comes from: ",
        "cases": "Cases:",
        "line": "Report for {funder}, {period}",
        "line_alone": "Report, {period}",
        "compared": "Compared with {period}.",
        "frozen": "Frozen on {day} by {by} as number {number}. Version of the definitions: {version}. Nothing that changed later changes this report.",
        "why_hidden": "“Hidden” stands where fewer than five people could be recognized, directly or by subtracting one figure from another.",
        "about": "About this report",
        "file": "report",
        "section": "Section",
        "code": "Code",
        "figure": "Figure",
        "unit": "Unit",
        "version": "Version of the definition",
        "dimension": "By",
        "excluded": "Left out",
        "why": "Why left out",
        "of_before": "Out of, before",
        "yes": "yes",
    },
    "fr": {
        "group": "Groupe",
        "total": "Ensemble",
        "value": "Valeur",
        "n": "n",
        "of": "Sur",
        "before": "Avant",
        "n_before": "n avant",
        "change": "Écart",
        "hidden": "masqué",
        "point": "{}\u00a0point",
        "points": "{}\u00a0points",
        "day": "{}\u00a0jour",
        "days": "{}\u00a0jours",
        "hours": "{}\u00a0h",
        "percent": "{}\u00a0%",
        "within": "{}\u00a0: {}",
        "left_out": "Laissés de côté\u00a0: {count}. {why}",
        "left_out_hidden": "Certains cas ont été laissés de côté. {why} Leur nombre n’est pas montré.",
        "definition": "Définition\u00a0: ",
        "source": "Provenance\u00a0: ",
        "cases": "Cas\u00a0:",
        "line": "Rapport pour\u00a0: {funder}, {period}",
        "line_alone": "Rapport, {period}",
        "compared": "Période de comparaison\u00a0: {period}.",
        "frozen": "Figé le {day}; numéro\u00a0: {number}; auteur·rice\u00a0: {by}. Version des définitions\u00a0: {version}. Rien de ce qui change par la suite ne change ce rapport.",
        "why_hidden": "«\u00a0Masqué\u00a0» apparaît là où moins de cinq personnes pourraient être reconnues, directement ou en soustrayant un chiffre d’un autre.",
        "about": "À propos de ce rapport",
        "file": "rapport",
        "section": "Section",
        "code": "Code",
        "figure": "Chiffre",
        "unit": "Unité",
        "version": "Version de la définition",
        "dimension": "Par",
        "excluded": "Laissés de côté",
        "why": "Pourquoi laissés de côté",
        "of_before": "Sur, avant",
        "yes": "oui",
    },
}

UNITS = {
    "en": {"count": "number", "percent": "percent", "mean": "mean", "days": "days", "dollars": "dollars", "hours": "hours"},
    "fr": {"count": "nombre", "percent": "pourcentage", "mean": "moyenne", "days": "jours", "dollars": "dollars", "hours": "heures"},
}  # fmt: skip

DIMENSIONS = {
    "en": {
        "province": "Province or territory",
        "size": "Size",
        "language": "Language",
        "side": "Side",
        "activity": "Activity",
        "sector": "Sector",
        "kind": "Kind",
        "source": "Where it came from",
    },
    "fr": {
        "province": "Province ou territoire",
        "size": "Taille",
        "language": "Langue",
        "side": "Partie",
        "activity": "Activité",
        "sector": "Secteur",
        "kind": "Genre",
        "source": "Provenance",
    },
}


def dimension_in_words(dimension: str, language: str) -> str:
    """Return by what a figure is broken down, in `language`; the bare word where nobody gave it a name."""
    return DIMENSIONS[language].get(dimension, dimension.replace("_", " ").capitalize())


def number_in_words(value: Any, unit: str, language: str) -> str:
    """Return a published value with its unit, such as “45.5%” or « 45,5 % »; a dash for nothing."""
    if value is None:
        return NOTHING
    if unit == DOLLARS:
        return money_in_words(Decimal(str(value)), language)
    if unit == DAYS:
        return _counted("day", value, language)
    text = _plain(value, PLACES.get(unit, 0), language)
    return WORDS[language][unit].format(text) if unit in (PERCENT, HOURS) else text


def change_in_words(value: Any, before: Any, unit: str, language: str) -> str:
    """Return how far `value` is from `before`, with its sign; a dash when one of them is not there."""
    if value is None or before is None:
        return NOTHING
    change = Decimal(str(value)) - Decimal(str(before))
    sign = "+" if change > 0 else MINUS if change < 0 else ""
    if unit == PERCENT:
        return sign + _counted("point", abs(change), language)
    return sign + number_in_words(abs(change), unit, language)


def count_in_words(value: int | None, language: str) -> str:
    """Return a number of things; a dash for nothing."""
    return NOTHING if value is None else _plain(value, 0, language)


def _counted(word: str, value: Any, language: str) -> str:
    """A number with one decimal and its word; French says one of less than two."""
    is_one = abs(value) < 2 if language == "fr" else value == 1
    return WORDS[language][word if is_one else f"{word}s"].format(_plain(value, 1, language))


def _plain(value: Any, places: int, language: str) -> str:
    with translation.override(language):
        return str(number_format(value, decimal_pos=places, use_l10n=True, force_grouping=True)).replace(" ", NBSP)


assert COUNT not in PLACES  # a number of things has no decimals
