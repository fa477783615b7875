"""What municipalities did with it: commitments, what became of them, and the money put into them."""

from django.utils.translation import gettext_lazy as _

from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.selectors.figures import CommitmentMade

from ..models import Narrative
from . import naming
from .base import COUNT, DOLLARS, PERCENT, Figure, Indicator, both, indicator
from .categories import Category, category, of_place
from .facts import Facts
from .tally import Item, LeftOut, count, figure, share, total

BEHAVIOUR = Narrative.Section.BEHAVIOUR
SOURCE = _("Kirkpatrick’s four levels of evaluation, level 3: what people did with it, after 3 to 6 months.")
TOO_EARLY = _("Six months have not passed yet.")
State = Commitment.State


def _categories(facts: Facts, row: CommitmentMade) -> tuple[Category, ...]:
    source = category("source", row.source, both(dict(Commitment.Source.choices)[row.source]))
    return (source, *of_place(facts, row.place.pk))


@indicator(
    "commitments-made",
    section=BEHAVIOUR,
    name=_("Commitments made"),
    definition=_(
        "Commitments that municipalities made in the period: something they mean to do, with a person who sees to it and a day. By "
        "where they come from, and by province, size and official language of the municipality."
    ),
    source=SOURCE,
    unit=COUNT,
)
def commitments_made(told: Indicator, facts: Facts) -> Figure:
    items = [Item(naming.commitment(row), _categories(facts, row)) for row in facts.commitments]
    return figure(told, items, count)


def _after_six_months(told: Indicator, facts: Facts, state: str) -> Figure:
    items, left = [], []
    for row in facts.commitments:
        then = facts.after_six_months(row)
        if then is None:
            left.append(LeftOut(naming.commitment(row)))
        else:
            items.append(Item(naming.commitment(row, then), _categories(facts, row), is_part=then == state))
    return figure(told, items, share, left_out=left, why=TOO_EARLY)


@indicator(
    "commitments-started",
    section=BEHAVIOUR,
    name=_("Commitments under way after six months"),
    definition=_(
        "Of the commitments made in the period, the share that was started and neither done nor abandoned six months after it was "
        "made, by what the municipality had said until then. With those done, those abandoned and those not started it makes up "
        "the whole. Commitments whose six months have not passed on the day of the count are left out."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def commitments_started(told: Indicator, facts: Facts) -> Figure:
    return _after_six_months(told, facts, State.STARTED)


@indicator(
    "commitments-done",
    section=BEHAVIOUR,
    name=_("Commitments done after six months"),
    definition=_(
        "Of the commitments made in the period, the share that was done six months after it was made, by what the municipality had "
        "said until then. Commitments whose six months have not passed on the day of the count are left out."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def commitments_done(told: Indicator, facts: Facts) -> Figure:
    return _after_six_months(told, facts, State.DONE)


@indicator(
    "commitments-abandoned",
    section=BEHAVIOUR,
    name=_("Commitments abandoned after six months"),
    definition=_(
        "Of the commitments made in the period, the share that was abandoned six months after it was made, by what the municipality "
        "had said until then. Commitments whose six months have not passed on the day of the count are left out."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def commitments_abandoned(told: Indicator, facts: Facts) -> Figure:
    return _after_six_months(told, facts, State.ABANDONED)


@indicator(
    "commitments-seen-elsewhere",
    section=BEHAVIOUR,
    name=_("Commitments seen in another municipality"),
    definition=_(
        "Of the commitments made in the period, the share for which it is known in which other municipality the idea was seen. By "
        "where they come from, and by province, size and official language of the municipality that made them."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def commitments_seen_elsewhere(told: Indicator, facts: Facts) -> Figure:
    items = [
        Item(
            naming.commitment(row),
            _categories(facts, row),
            is_part=row.seen_in is not None and row.seen_in.pk != row.place.pk,
        )
        for row in facts.commitments
    ]
    return figure(told, items, share)


@indicator(
    "dollars-invested",
    section=BEHAVIOUR,
    name=_("Dollars invested through commitments"),
    definition=_(
        "Dollars that municipalities named in the period, by the calendar of Ottawa, as put into their commitments, whenever these "
        "were made. Amounts named for one commitment at several times add up. n is the number of commitments with an amount. By "
        "where they come from, and by province, size and official language of the municipality."
    ),
    source=SOURCE,
    unit=DOLLARS,
)
def dollars_invested(told: Indicator, facts: Facts) -> Figure:
    items = []
    for row in facts.commitments_so_far:
        named = [one.investment for one in row.story if one.investment is not None and one.on in facts.period]
        if named:
            items.append(Item(naming.commitment(row, str(sum(named))), _categories(facts, row), value=sum(named)))
    return figure(told, items, total)
