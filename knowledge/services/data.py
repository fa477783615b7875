"""What the library starts with: its words, the catalogue of the briefs of 2009, practices with ratings that others published.

Loading twice changes nothing; what people edited since is left as they left it. Titles, ratings and addresses stand in the
files of `knowledge/data` as their sources state them.
"""

import json
from datetime import date, time
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cmncp_portal.core.days import local_instant
from cmncp_portal.network.models import Sector, Topic

from ..models import ActionBrief, Audience, BriefSeries, Edition, Population, Practice, Source
from .moving import OFFICE_ZONE, next_review

_FOLDER = Path(__file__).resolve().parent.parent / "data"
_NOON = time(12, 0)
_INSTITUTE = "Institute for the Prevention of Crime / Institut pour la prévention de la criminalité (uOttawa)"
_CATALOGUE = {
    "en": "This is a catalogue entry of brief %s of the 2009 series of the Institute for the Prevention of Crime; the brief"
    " itself can be read, in English and in French, at the addresses named under its sources.",
    "fr": "Ceci est la notice de catalogue de la piste d’action %s de la série de 2009 de l’Institut pour la prévention de la"
    " criminalité; la piste elle-même se lit, en français et en anglais, aux adresses données dans ses sources.",
}


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return rows


@transaction.atomic
def load_words() -> None:
    """Create the municipal stakeholders, populations and series that do not exist yet. Needs the network's sectors first."""
    for order, row in enumerate(_read("audiences"), start=1):
        sectors = row.pop("sectors")
        audience, is_new = Audience.objects.get_or_create(slug=row["slug"], defaults=row | {"order": order})
        if is_new:
            audience.sectors.set(Sector.objects.filter(slug__in=sectors))
    for order, row in enumerate(_read("populations"), start=1):
        Population.objects.get_or_create(slug=row["slug"], defaults=row | {"order": order})
    for row in _read("series"):
        BriefSeries.objects.get_or_create(number=row["number"], defaults=row)


@transaction.atomic
def load_archive() -> list[ActionBrief]:
    """List the briefs of 2009 in the catalogue, with their titles and where they can be read; return those that are new.

    One whose address or number is in use stays out. Needs `load_words` and the network's topics first.
    """
    series = {one.number: one for one in BriefSeries.objects.all()}
    made = []
    for row in _read("archive"):
        taken = Q(slug=row["slug"]) | Q(series__number=row["series"], number=row["number"])
        if not ActionBrief.objects.filter(taken).exists():
            made.append(_entry(row, series[row["series"]]))
    return made


def _entry(row: dict[str, Any], series: BriefSeries) -> ActionBrief:
    first = date.fromisoformat(row["first_published_on"])
    at = local_instant(first, _NOON, OFFICE_ZONE)
    brief = ActionBrief.objects.create(
        series=series,
        number=row["number"],
        slug=row["slug"],
        state=ActionBrief.State.PUBLISHED,
        authors=_INSTITUTE,
        is_archival=True,
        archive_url=row["url_en"],
        first_published_on=first,
        published_at=at,
    )
    brief.topics.set(Topic.objects.filter(slug__in=row["topics"]))
    citations = dict(zip(("en", "fr"), row["citation"].split(" / "), strict=True))
    for order, code in enumerate(("en", "fr")):
        texts = dict.fromkeys(Edition.TEXTS, "") | {"title": row[code], "summary": _CATALOGUE[code] % brief.reference}
        given = {"published": texts, "published_version": 1, "published_at": at}
        Edition.objects.create(brief=brief, language=code, based_on=1, current_at=at, **texts, **given)
        Source.objects.create(brief=brief, language=code, citation=citations[code], url=row[f"url_{code}"], order=order)
    return brief


@transaction.atomic
def load_practices() -> list[Practice]:
    """Describe the practices of the library that are not there yet, each rating word for word; return the new ones.

    What a source does not say, such as the strength of the evidence or the cost, stays open. A practice is reviewed on the
    day on which its sources were read, and again a year later. Needs `load_words` and the network's topics first.
    """
    known = set(Practice.objects.values_list("slug", flat=True))
    return [_practice(row) for row in _read("practices") if row["slug"] not in known]


def _practice(row: dict[str, Any]) -> Practice:
    topics, populations, entries = (row.pop(name) for name in ("topics", "populations", "evidence"))
    read_on = max((date.fromisoformat(entry["read_on"]) for entry in entries), default=None)
    days: dict[str, Any] = {"reviewed_on": read_on, "review_due_on": next_review(read_on)} if read_on else {}
    practice = Practice.objects.create(published_at=timezone.now(), **days, **row)
    practice.topics.set(Topic.objects.filter(slug__in=topics))
    practice.populations.set(Population.objects.filter(slug__in=populations))
    for entry in entries:
        known = {name: date.fromisoformat(entry[name]) for name in ("read_on", "rated_on") if name in entry}
        practice.evidence.create(**entry | known, review_due_on=next_review(known["read_on"]))
    return practice
