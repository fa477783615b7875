"""What an offering was worth: surveys, and means of what people said of themselves before and after. Never by name."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count

from cmncp_portal.evaluation.models import Survey
from cmncp_portal.evaluation.results import SMALLEST

from ..models import Offering, OfferingSurvey, SelfAssessment, SelfRating
from .builds import Built, builds_of

M = SelfAssessment.Moment


@dataclass(frozen=True)
class Mean:
    """How sure people were, from 1 to 5. `value` is None where fewer than five answered."""

    n: int
    value: float | None


@dataclass(frozen=True)
class Change:
    """One competency: before, after, and the mean change of the same people.

    The change is None where they are fewer than five, and where fewer than five others answered once only: what these said
    could be worked out from the means.
    """

    built: Built
    before: Mean
    after: Mean
    pairs: int
    change: float | None


def self_assessments(offering: Offering) -> list[Change]:
    """Return before and after for each competency that the module builds. Three queries, whatever the number of people."""
    mine = SelfRating.objects.filter(assessment__enrolment__offering=offering).order_by()
    rows = mine.values("competency", "assessment__moment").annotate(n=Count("pk"), mean=Avg("value"))
    means = {(row["competency"], row["assessment__moment"]): Mean(row["n"], _shown(row)) for row in rows}
    pairs: dict[int, dict[int, dict[str, int]]] = {}
    values = mine.values_list("competency", "assessment__enrolment", "assessment__moment", "value")
    for competency, enrolment, moment, value in values:
        pairs.setdefault(competency, {}).setdefault(enrolment, {})[moment] = value
    return [_change(built, means, pairs.get(built.competency_id, {})) for built in builds_of(offering.module_id)]


def _shown(row: Any) -> float | None:
    return float(row["mean"]) if row["n"] >= SMALLEST else None


def _change(built: Built, means: dict, people: dict[int, dict[str, int]]) -> Change:
    none = Mean(0, None)
    both = [one[M.AFTER] - one[M.BEFORE] for one in people.values() if len(one) == len(M.values)]
    before, after = (means.get((built.competency_id, moment), none) for moment in (M.BEFORE, M.AFTER))
    alone = [mean.n - len(both) for mean in (before, after)]
    is_shown = len(both) >= SMALLEST and not any(0 < n < SMALLEST for n in alone)
    return Change(built, before, after, len(both), sum(both) / len(both) if is_shown else None)


def surveys_of(offering: Offering) -> dict[str, Survey]:
    """Return the surveys that were opened, by purpose. One query."""
    rows = OfferingSurvey.objects.filter(offering=offering).select_related("survey__questionnaire")
    return {one.purpose: one.survey for one in rows}
