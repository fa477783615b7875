"""How it went: who answers evaluations, how soon, and whether both sides of a visit do."""

from django.utils.translation import gettext_lazy as _

from cmncp_portal.evaluation.figures import AskedRow

from ..models import Narrative
from . import naming
from .base import DAYS, PERCENT, Figure, Indicator, indicator
from .categories import Category, of_activity, of_language, of_place
from .facts import Facts
from .tally import Item, LeftOut, figure, middle, share

PROCESS = Narrative.Section.PROCESS
SOURCE = _("Process evaluation of the network: how it went.")


def broken_down(facts: Facts, row: AskedRow) -> tuple[Category, ...]:
    """Return the categories of somebody who was asked: activity, side, language of the invitation, province and size."""
    return (
        *of_activity(row.activity, row.side),
        of_language(row.language),
        *of_place(facts, row.place, language=False),
    )


@indicator(
    "response-rate",
    section=PROCESS,
    name=_("Response rate"),
    definition=_(
        "Of the people who were asked to evaluate something whose day lies in the period, the share who handed in their "
        "evaluation. An evaluation begun and not handed in counts as not answered; one begun in one official language and finished "
        "in the other counts once. By activity, side, language of the invitation, and province and size of the municipality. "
        "People who are no longer asked because they did not come, and surveys that were called off, are left out; somebody who "
        "answered before that counts."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def response_rate(told: Indicator, facts: Facts) -> Figure:
    items, left = [], []
    for row in facts.asked:
        key = f"invitation:{row.pk}"
        if row.is_excused and not row.has_answered:
            left.append(LeftOut(naming.asked(row), key))
        else:
            items.append(Item(naming.asked(row), broken_down(facts, row), person=key, is_part=row.has_answered))
    return figure(told, items, share, left_out=left, why=_("No longer asked."), people=True)


@indicator(
    "days-to-respond",
    section=PROCESS,
    name=_("Days to respond"),
    definition=_(
        "Days from the day on which somebody could answer for the first time to the day on which the evaluation was handed in, by "
        "the calendar of the place that the survey is about. The median is given: half of the people took less time, half took "
        "more. By activity, side, language of the invitation, and province and size of the municipality."
    ),
    source=SOURCE,
    unit=DAYS,
)
def days_to_respond(told: Indicator, facts: Facts) -> Figure:
    items = [
        Item(naming.response(row), broken_down(facts, row), person=f"response:{row.response}", value=row.days)
        for row in facts.asked
        if row.days is not None
    ]
    return figure(told, items, middle, people=True)


@indicator(
    "visits-evaluated-by-both",
    section=PROCESS,
    name=_("Visits evaluated by both sides"),
    definition=_(
        "Of the exchange visits held with their last day in the period, the share for which at least one visitor and at least one "
        "host handed in an evaluation. First and return visits count alike. By province, size and official language of the "
        "visiting municipality."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def visits_evaluated_by_both(told: Indicator, facts: Facts) -> Figure:
    sides: dict[str, set[str]] = {}
    for row in facts.asked:
        if row.has_answered:
            sides.setdefault(row.occasion, set()).add(row.side)
    items = [
        Item(
            naming.visit(facts, visit),
            of_place(facts, visit.visiting),
            is_part=sides.get(f"visit-{visit.pk}", set()) >= {"visitors", "hosts"},
        )
        for visit in facts.visits
        if visit.is_held
    ]
    return figure(told, items, share)
