"""What reports count about briefs: plain rows of a period, one query, no words and no user. Days are those of the network's office."""

from dataclasses import dataclass, replace
from datetime import date

from django.conf import settings
from django.db.models import Min
from django.db.models.functions import Coalesce

from cmncp_portal.core.days import local_day

from ..models import Edition


@dataclass(frozen=True)
class BriefRow:
    """A brief that readers got. `on` is the day of its first text in the period, or of both once both are out by its end.

    `is_bilingual` tells whether both are. Titles are those that readers see now.
    """

    pk: int
    slug: str
    series: int | None
    title_en: str
    title_fr: str
    is_bilingual: bool
    on: date


def published(from_on: date, until_on: date) -> list[BriefRow]:
    """Return the briefs that came out in both languages in the period, and those that came out in one and lack the other.

    A text comes out when readers get it for the first time; a later revision is not a second time. Entries of briefs that were
    published elsewhere earlier are left out.
    """
    rows = Edition.objects.filter(published_at__isnull=False, brief__is_archival=False)
    rows = rows.annotate(first=Coalesce(Min("events__published_at"), "published_at"))
    found: dict[int, BriefRow] = {}
    names = ("brief", "brief__slug", "brief__series__number", "language", "title", "first")
    for pk, slug, series, language, title, first in rows.order_by("first", "pk").values_list(*names):
        on = local_day(first, settings.TIME_ZONE)
        if on > until_on:
            continue
        own = {f"title_{language}": title}
        if known := found.get(pk):
            found[pk] = replace(known, is_bilingual=True, on=on, **own)
        else:
            found[pk] = BriefRow(
                pk, slug, series, **({"title_en": "", "title_fr": ""} | own), is_bilingual=False, on=on
            )
    return sorted((row for row in found.values() if row.on >= from_on), key=lambda row: (row.on, row.pk))
