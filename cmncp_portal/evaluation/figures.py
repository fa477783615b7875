"""What reports count about evaluations: plain rows of a period, one query each, no names and no texts.

An answer belongs to the day of the occasion it is about, whenever it was given. Both languages are one category: values are
codes and numbers, and somebody who answers half in English and half in French gave one response.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from cmncp_portal.core.days import local_day

from .measures import COUNTED, Measure
from .models import Answer, Invitation, Question


@dataclass(frozen=True)
class AskedRow:
    """Somebody who was asked. `place` is the key of a municipality; `submitted_at` is None while nothing was handed in.

    `asked_at` is when the person could answer for the first time. `is_excused` is also told of those who answered nevertheless.
    """

    pk: int
    response: int | None
    questionnaire: int
    occasion: str
    activity: str
    title_en: str
    title_fr: str
    path: str
    on: date
    side: str
    place: int | None
    language: str
    zone: str
    asked_at: datetime
    submitted_at: datetime | None
    is_excused: bool

    @property
    def has_answered(self) -> bool:
        return self.submitted_at is not None

    @property
    def days(self) -> int | None:
        """Days from being asked to handing in, by the calendar of the survey; None without an answer."""
        if self.submitted_at is None:
            return None
        return max((local_day(self.submitted_at, self.zone) - local_day(self.asked_at, self.zone)).days, 0)


@dataclass(frozen=True)
class Rated:
    """What one response says under one measure: `ratings` 1 to 5, or `changes` between before and after, one for each line."""

    response: int
    measure: str
    ratings: tuple[int, ...]
    changes: tuple[int, ...]

    @property
    def mean(self) -> Fraction | None:
        """The mean of the ratings, or of the changes; None when nothing was rated."""
        told = self.ratings or self.changes
        return Fraction(sum(told), len(told)) if told else None


def asked(from_on: date, until_on: date) -> list[AskedRow]:
    """Return everybody who was asked about an occasion of the period. Surveys that were called off or lie ahead are left out."""
    rows = Invitation.objects.filter(
        survey__occasion__on__range=(from_on, until_on),
        survey__cancelled_at__isnull=True,
        survey__opens_at__lte=timezone.now(),
    ).annotate(of_place=Coalesce("place", "survey__place"), able_at=Greatest("invited_at", "survey__opens_at"))
    names = (
        "pk", "response__pk", "survey__questionnaire", "survey__occasion__key", "survey__occasion__activity", "survey__occasion__title_en",
        "survey__occasion__title_fr", "survey__occasion__path", "survey__occasion__on", "survey__side", "of_place",
        "language", "survey__time_zone", "able_at", "response__submitted_at", "excused_at", "response__language",
    )  # fmt: skip
    return [_asked(row) for row in rows.order_by("survey__occasion__on", "pk").values_list(*names)]


def _asked(row: Any) -> AskedRow:
    *told, language, zone, asked_at, submitted_at, excused_at, answered_in = row
    moments = (zone, asked_at, submitted_at, excused_at is not None)
    return AskedRow(*(*told, language or answered_in or "", *moments))


def questionnaires_asking(measures: Collection[str] = tuple(COUNTED)) -> dict[str, set[int]]:
    """Return, for each measure, the keys of the questionnaires with a question that is counted for it."""
    rows = Question.objects.filter(indicator__in=measures, is_confidential=False).order_by()
    found: dict[str, set[int]] = {str(measure): set() for measure in measures}
    for measure, kind, questionnaire in rows.values_list("indicator", "kind", "questionnaire"):
        if Measure(measure).is_counted_from(kind):
            found[measure].add(questionnaire)
    return found


def rated(from_on: date, until_on: date, measures: Collection[str] = tuple(COUNTED)) -> list[Rated]:
    """Return what was handed in about occasions of the period under `measures`, one row for each response and measure.

    Several questions under one name count together. What is for the reviewers only is left out.
    """
    rows = Answer.objects.filter(
        response__submitted_at__isnull=False,
        response__invitation__survey__occasion__on__range=(from_on, until_on),
        response__invitation__survey__cancelled_at__isnull=True,
        question__indicator__in=measures,
        question__is_confidential=False,
    )
    told: dict[tuple[int, str], tuple[list[int], list[int]]] = {}
    names = ("response", "question__indicator", "question__kind", "value")
    for response, measure, kind, value in rows.order_by("response", "question__order").values_list(*names):
        if Measure(measure).is_counted_from(kind):
            ratings, changes = told.setdefault((response, measure), ([], []))
            ratings.extend(_ratings(value))
            changes.extend(_changes(value))
    return [Rated(pk, measure, tuple(r), tuple(c)) for (pk, measure), (r, c) in told.items()]


def _ratings(value: Any) -> Iterator[int]:
    points = value.values() if isinstance(value, dict) else [value]
    return (point for point in points if isinstance(point, int))


def _changes(value: Any) -> Iterator[int]:
    pairs = value.values() if isinstance(value, dict) else []
    return (
        pair["after"] - pair["before"]
        for pair in pairs
        if isinstance(pair, dict) and isinstance(pair.get("before"), int) and isinstance(pair.get("after"), int)
    )
