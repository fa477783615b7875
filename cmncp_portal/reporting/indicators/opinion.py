"""What people thought of it and what they learned: ratings of the questions that carry a measure of evaluation.measures."""

from collections.abc import Callable
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from cmncp_portal.evaluation.figures import Rated
from cmncp_portal.evaluation.measures import Measure

from ..models import Narrative
from . import naming
from .base import MEAN, PERCENT, Figure, Indicator, indicator
from .facts import Facts
from .process import broken_down
from .tally import Item, LeftOut, figure, mean, share
from .tally import Measure as Way

REACTION, LEARNING = Narrative.Section.REACTION, Narrative.Section.LEARNING
LEVEL_ONE = _("Kirkpatrick’s four levels of evaluation, level 1: what people thought of it.")
LEVEL_TWO = _("Kirkpatrick’s four levels of evaluation, level 2: what people learned.")
NOT_RATED = _("Answered “not applicable” or left the question open.")
INCREASED = 4  # of 5: from here on capacity counts as increased


def _rated(
    told: Indicator,
    facts: Facts,
    measure: str,
    way: Way,
    *,
    is_part: Callable[[Fraction], bool] = lambda mean: False,
) -> Figure:
    """Count one mean for each response. Who was asked the question and rated nothing is left out; who was not asked is not in it."""
    rated, items, left = facts.rated.get(measure, {}), [], []
    for row in facts.asked:
        if row.response is None or not row.has_answered:
            continue
        key, found = f"response:{row.response}", rated.get(row.response, Rated(row.response, measure, (), ()))
        if found.mean is not None:
            parts = broken_down(facts, row)
            items.append(Item(naming.response(row), parts, person=key, value=found.mean, is_part=is_part(found.mean)))
        elif row.questionnaire in facts.asking[measure]:
            left.append(LeftOut(naming.response(row), key))
    return figure(told, items, way, left_out=left, why=NOT_RATED, people=True)


@indicator(
    "satisfaction",
    section=REACTION,
    name=_("Satisfaction"),
    definition=_(
        "How useful it was overall, rated from 1 to 5 by people who handed in their evaluation of something whose day lies in the "
        "period. The mean is given, and n, the number of people who gave a rating. By activity, side, language of the invitation, "
        "and province and size of the municipality. People who answered “not applicable” or left the question open are left out."
    ),
    source=LEVEL_ONE,
    unit=MEAN,
)
def satisfaction(told: Indicator, facts: Facts) -> Figure:
    return _rated(told, facts, Measure.SATISFACTION, mean)


@indicator(
    "relevance",
    section=REACTION,
    name=_("Relevance"),
    definition=_(
        "How well it fits the needs of the municipality, rated from 1 to 5 by people who handed in their evaluation of something "
        "whose day lies in the period. The mean is given, and n, the number of people who gave a rating. Only questionnaires that "
        "ask for it count. People who answered “not applicable” or left the question open are left out."
    ),
    source=LEVEL_ONE,
    unit=MEAN,
)
def relevance(told: Indicator, facts: Facts) -> Figure:
    return _rated(told, facts, Measure.RELEVANCE, mean)


@indicator(
    "objectives-met",
    section=REACTION,
    name=_("Objectives met"),
    definition=_(
        "How well objectives were met, rated from 1 to 5 by people who handed in their evaluation of something whose day lies in the "
        "period. The ratings that one person gives to several objectives make one mean first, so that everybody weighs the same. "
        "The mean is given, and n, the number of people who rated at least one objective. By activity, side, language of the "
        "invitation, and province and size of the municipality. People who rated none are left out."
    ),
    source=LEVEL_ONE,
    unit=MEAN,
)
def objectives_met(told: Indicator, facts: Facts) -> Figure:
    return _rated(told, facts, Measure.OBJECTIVES_MET, mean)


@indicator(
    "knowledge-change",
    section=LEARNING,
    name=_("Knowledge gained"),
    definition=_(
        "Own knowledge rated from 1 to 5 twice afterwards: as it was before, and as it is now. For each person, the mean of the "
        "differences over the subjects rated both times; then the mean over people. More than 0 means that knowledge grew. n is "
        "the number of people with at least one such pair. By activity, side, language of the invitation, and province and size of "
        "the municipality. People without a complete pair are left out."
    ),
    source=LEVEL_TWO,
    unit=MEAN,
)
def knowledge_change(told: Indicator, facts: Facts) -> Figure:
    return _rated(told, facts, Measure.KNOWLEDGE_CHANGE, mean)


@indicator(
    "capacity-increased",
    section=LEARNING,
    name=_("Capacity increased"),
    definition=_(
        "Of the people who rated from 1 to 5 how far their capacity increased, the share whose ratings have a mean of 4 or more. "
        "By activity, side, language of the invitation, and province and size of the municipality. People who answered “not "
        "applicable” throughout or left the question open are left out."
    ),
    source=LEVEL_TWO,
    unit=PERCENT,
    reveals=True,
)
def capacity_increased(told: Indicator, facts: Facts) -> Figure:
    return _rated(told, facts, Measure.CAPACITY, share, is_part=lambda mean: mean >= INCREASED)
