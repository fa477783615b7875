"""The codebook: the themes that come with the portal, and what was sorted under them, without names."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from .models import Coding, Occasion, Theme
from .occasions import is_of

FILE = Path(__file__).parent / "data" / "codebook" / "themes.json"
WORDING = ("name_en", "name_fr", "definition_en", "definition_fr")


@dataclass(frozen=True)
class ThemeCount:
    """How many answers of how many people were sorted under `theme`; `by_activity` is [(label, answers), …], those with none left out."""

    theme: Theme
    answers: int
    people: int
    by_activity: list[tuple[Any, int]]


@transaction.atomic
def load_themes() -> list[Theme]:
    """Put the themes of data/codebook/themes.json into the database and return the new ones.

    What is there already stays as it is: its wording and whether it is in use are the reviewers' to keep.
    """
    rows: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    found = []
    for order, row in enumerate(rows, start=1):
        wording = {name: row[name] for name in WORDING}
        theme, is_new = Theme.objects.get_or_create(code=row["code"], defaults={**wording, "order": order * 10})
        if is_new:
            found.append(theme)
    return found


def coded(theme: str = "", activity: str = "", *, reader: Any = None) -> tuple[list[ThemeCount], QuerySet[Coding]]:
    """Return how often each theme occurs, and the texts behind it, the newest first: to be read without names, and paginated.

    `theme` (a code) and `activity` narrow both; the texts come with their theme and response. Themes out of use are counted as long as
    something is sorted under them. Two queries for the counts, one for a page of texts. What was said about occasions in which
    a municipality of `reader` took part is left out, as what belongs to surveys that were called off.
    """
    survey = "answer__response__invitation__survey"
    rows = Coding.objects.filter(answer__response__submitted_at__isnull=False, **{f"{survey}__cancelled_at": None})
    rows = rows.filter(answer__question__is_confidential=False)
    if reader is not None:
        rows = rows.exclude(is_of(reader, f"{survey}__occasion"))
    if activity:
        rows = rows.filter(**{f"{survey}__occasion__activity": activity})
    themes = Theme.objects.all()
    if theme:
        rows, themes = rows.filter(theme__code=theme), themes.filter(code=theme)
    texts = rows.select_related("theme", "answer__response", "answer__question").order_by("-at", "-pk")
    return _counted(rows, themes), texts


def _counted(rows: QuerySet[Coding], themes: QuerySet[Theme]) -> list[ThemeCount]:
    """One row for each theme and activity from the database; a person belongs to one activity, so people can be added up."""
    of = "answer__response__invitation__survey__occasion__activity"
    figures: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    numbers = {"answers": Count("pk"), "people": Count("answer__response", distinct=True)}
    for pk, activity, answers, people in rows.order_by().values_list("theme", of).annotate(**numbers):
        figures[pk][activity] = (answers, people)
    return [_count(theme, figures[theme.pk]) for theme in themes if theme.is_used or theme.pk in figures]


def _count(theme: Theme, found: dict[str, tuple[int, int]]) -> ThemeCount:
    labels = [(label, found[activity][0]) for activity, label in Occasion.Activity.choices if activity in found]
    answers, people = (sum(pair[n] for pair in found.values()) for n in (0, 1))
    return ThemeCount(theme, answers, people, labels)
