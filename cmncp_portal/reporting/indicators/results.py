"""What changed in municipalities: their strategies, offices, plans and budgets. Every member with a strategy profile is looked at."""

from django.utils.translation import gettext_lazy as _

from ..models import Narrative
from . import naming
from .base import COUNT, DOLLARS, PERCENT, Figure, Indicator, indicator
from .categories import of_place
from .facts import Facts
from .tally import Item, LeftOut, count, figure, share, total

RESULTS = Narrative.Section.RESULTS
SOURCE = _("Kirkpatrick’s four levels of evaluation, level 4: what changed.")


@indicator(
    "stages-risen",
    section=RESULTS,
    name=_("Strategies that reached a higher stage"),
    definition=_(
        "Of the members of the period that have a strategy profile, the share whose strategy stands at a higher stage at the end of "
        "the period than before it. A profile begun in the period is compared with the first stage. By province, size and official "
        "language. Members whose stage moved only because the network changed its list of checks are left out."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def stages_risen(told: Indicator, facts: Facts) -> Figure:
    items, left = [], []
    for row in facts.stages:
        record = naming.strategy(row.place, f"{'–' if row.before is None else row.before} → {row.after}")
        if row.moves and all(move.by_the_network for move in row.moves):
            left.append(LeftOut(record))
        else:
            items.append(Item(record, of_place(facts, row.place.pk), is_part=row.rose))
    why = _("The stage moved only because the network changed its list of checks.")
    return figure(told, items, share, left_out=left, why=why)


@indicator(
    "permanent-offices",
    section=RESULTS,
    name=_("Permanent offices"),
    definition=_(
        "Of the members of the period that say in their strategy profile whether they have a permanent office for prevention, the "
        "share that has one at the end of the period. By province, size and official language. Members that do not say are left out."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def permanent_offices(told: Indicator, facts: Facts) -> Figure:
    items, left = [], []
    for row in facts.offices:
        record = naming.strategy(row.place, row.office_after)
        if row.office_after:
            items.append(Item(record, of_place(facts, row.place.pk), is_part=row.office_after == "yes"))
        else:
            left.append(LeftOut(record))
    return figure(told, items, share, left_out=left, why=_("The municipality does not say."))


@indicator(
    "permanent-offices-new",
    section=RESULTS,
    name=_("New permanent offices"),
    definition=_(
        "Members of the period that have a permanent office for prevention at its end and had none, or had not said so, before it. "
        "By province, size and official language."
    ),
    source=SOURCE,
    unit=COUNT,
)
def permanent_offices_new(told: Indicator, facts: Facts) -> Figure:
    rows = [row for row in facts.offices if row.has_new_office]
    return figure(told, [Item(naming.strategy(row.place), of_place(facts, row.place.pk)) for row in rows], count)


@indicator(
    "plans-adopted",
    section=RESULTS,
    name=_("Plans adopted by council"),
    definition=_(
        "Members of the period whose council adopted a community safety plan on a day in the period, by what they say in their "
        "strategy profile. A plan that is renewed counts again on its new day. By province, size and official language."
    ),
    source=SOURCE,
    unit=COUNT,
)
def plans_adopted(told: Indicator, facts: Facts) -> Figure:
    rows = [row for row in facts.offices if row.adopted_on]
    items = [Item(naming.strategy(row.place, str(row.adopted_on)), of_place(facts, row.place.pk)) for row in rows]
    return figure(told, items, count)


@indicator(
    "prevention-budgets",
    section=RESULTS,
    name=_("Change of prevention budgets"),
    definition=_(
        "What municipalities spend on prevention in the last year they tell of, less the first, from the year before the one in "
        "which the period begins to the one in which it ends; all differences added up, in dollars of each year. n is the number of "
        "municipalities that tell of two years or more. By province, size and official language. Municipalities that tell of one "
        "year only are left out."
    ),
    source=SOURCE,
    unit=DOLLARS,
)
def prevention_budgets(told: Indicator, facts: Facts) -> Figure:
    items, left = [], []
    for row in facts.budgets:
        if row.change is None:
            left.append(LeftOut(naming.strategy(row.place)))
        else:
            record = naming.strategy(row.place, str(row.change))
            items.append(Item(record, of_place(facts, row.place.pk), value=row.change))
    return figure(told, items, total, left_out=left, why=_("One year only is known."))
