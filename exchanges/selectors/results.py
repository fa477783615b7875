"""How far the evaluation of a visit is. Who may read what lies in `rules`; the answers themselves in `evaluation.results`."""

from dataclasses import dataclass
from typing import Any

from cmncp_portal.evaluation.selectors import response_counts

from ..models import Side, Visit, VisitEvaluation


@dataclass(frozen=True)
class SideCounts:
    """How many on one side were asked and have answered."""

    side: str
    municipality: Any
    evaluation: VisitEvaluation
    counts: Any


def evaluation_of(visit: Visit, side: str) -> VisitEvaluation | None:
    """Return the evaluation put to `side`, or None before the visit was recorded."""
    return visit.evaluations.select_related("survey__questionnaire").filter(side=side).first()


def evaluation_counts(visit: Visit) -> list[SideCounts]:
    """Return asked and answered for both sides: counts only, which either side may always see."""
    found = {e.side: e for e in visit.evaluations.select_related("survey__questionnaire", "survey__occasion")}
    counts = response_counts([e.survey for e in found.values()])
    return [
        SideCounts(side, visit.municipality_of(side), found[side], counts[found[side].survey_id])
        for side in (Side.VISITORS, Side.HOSTS)
        if side in found
    ]


def sides_with_answers(visit: Visit) -> set[str]:
    """Return the sides on which at least one person has submitted."""
    return {row.side for row in evaluation_counts(visit) if row.counts.answered}
