"""Choosing what a module builds, among few or three hundred competencies: by domain, by words, a page at a time."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from cmncp_portal.core.search import search_query

from ..models import CompetencyText, Domain, StandardVersion
from .modules import LONGEST, UNREAD

ALL_AT_ONCE = 40  # competencies that stand on one page without choosing a domain first
PAGE = 50


def texts_in_force() -> QuerySet[Any]:
    """Return the wordings that hold today, in the order of the standard."""
    rows = CompetencyText.objects.that_hold().select_related("domain", "version__standard").defer(*UNREAD)
    return rows.order_by("version__standard__slug", "domain__order", "order", "pk")


def domains() -> list[Any]:
    """Return the domains of the versions in force, each with the number of its competencies (`number`). One query."""
    rows = Domain.objects.filter(version__state=StandardVersion.State.ADOPTED).select_related("version__standard")
    return list(rows.annotate(number=Count("texts")).order_by("version__standard__slug", "order", "pk"))


def found(*, words: str, domain: int, choices: list[Any]) -> list[Any]:
    """Return the wordings of `domain` (0: of all) that hold `words`; of a large standard nothing before one of them is given.

    At most one query.
    """
    rows = texts_in_force()
    if not words and not domain and sum(each.number for each in choices) > ALL_AT_ONCE:
        return []
    if domain:
        rows = rows.filter(domain=domain)
    if words:
        english, french = search_query(words[:LONGEST], "en"), search_query(words[:LONGEST], "fr")
        rows = rows.filter(Q(search_en=english) | Q(search_fr=french))
    return list(rows)
