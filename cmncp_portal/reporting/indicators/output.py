"""What was done: exchanges, meetings, training, briefs, mentoring. Things are counted here; people in people.py."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchanges.selectors.figures import VisitRow
from meetings.selectors.figures import MeetingRow
from training.selectors.figures import OfferingRow

from ..models import Narrative
from . import naming
from .base import COUNT, DAYS, Figure, Indicator, both, indicator
from .categories import Category, category, of_language, of_place
from .facts import Facts
from .tally import Item, LeftOut, count, figure, middle

OUTPUT = Narrative.Section.OUTPUT
SOURCE = _("Process evaluation of the network: what was done.")
NOT_HELD = _("Not held: it was cancelled, it lies ahead, or nobody has recorded that it took place.")
KINDS: dict[str, Any] = {
    "regional": pgettext_lazy("kind in a report", "Regional meetings"),
    "national": pgettext_lazy("kind in a report", "National meetings"),
    "workshop": pgettext_lazy("kind in a report", "Workshops"),
    "module": pgettext_lazy("kind in a report", "Training modules"),
}


def _kind(code: str) -> Category:
    return category("kind", code, both(KINDS[code]))


@indicator(
    "exchanges-requested",
    section=OUTPUT,
    name=_("Exchanges requested"),
    definition=_(
        "Requests for an exchange that were sent in the period, by the clock of the municipality that asks. A request counts "
        "whatever became of it, and once, even if several hosts were asked. Drafts that were never sent are not counted. By "
        "province, size and official language of the municipality that asks."
    ),
    source=SOURCE,
    unit=COUNT,
)
def exchanges_requested(told: Indicator, facts: Facts) -> Figure:
    items = [Item(naming.exchange(facts, row), of_place(facts, row.guest)) for row in facts.requests]
    return figure(told, items, count)


@indicator(
    "exchanges-accepted",
    section=OUTPUT,
    name=_("Exchanges accepted"),
    definition=_(
        "Exchanges whose first visit was accepted for the first time in the period, by the clock of the host. If the host changed "
        "later and another one accepted, the exchange still counts once. By province, size and official language of the "
        "municipality that asked."
    ),
    source=SOURCE,
    unit=COUNT,
)
def exchanges_accepted(told: Indicator, facts: Facts) -> Figure:
    items = [Item(naming.exchange(facts, row), of_place(facts, row.guest)) for row in facts.acceptances]
    return figure(told, items, count)


def _visits_held(told: Indicator, facts: Facts, leg: str) -> Figure:
    rows = [row for row in facts.visits if row.leg == leg]
    items = [Item(naming.visit(facts, row), of_place(facts, row.visiting)) for row in rows if row.is_held]
    left = [LeftOut(naming.visit(facts, row)) for row in rows if not row.is_held]
    return figure(told, items, count, left_out=left, why=NOT_HELD)


@indicator(
    "exchanges-held",
    section=OUTPUT,
    name=_("Exchanges held"),
    definition=_(
        "First visits that took place and whose last day, where they took place, lies in the period. It does not matter when "
        "this was recorded. By province, size and official language of the visiting municipality. Visits that were cancelled, or "
        "that nobody has recorded as held, are left out."
    ),
    source=SOURCE,
    unit=COUNT,
)
def exchanges_held(told: Indicator, facts: Facts) -> Figure:
    return _visits_held(told, facts, "first")


@indicator(
    "return-visits-held",
    section=OUTPUT,
    name=_("Return visits held"),
    definition=_(
        "Return visits that took place and whose last day, where they took place, lies in the period. By province, size and "
        "official language of the municipality that travels. Visits that were cancelled, or that nobody has recorded as held, are "
        "left out."
    ),
    source=SOURCE,
    unit=COUNT,
)
def return_visits_held(told: Indicator, facts: Facts) -> Figure:
    return _visits_held(told, facts, "return")


@indicator(
    "days-to-visit",
    section=OUTPUT,
    name=_("Days from request to visit"),
    definition=_(
        "Days from the day on which the request was sent to the first day of the first visit, for the first visits held in the "
        "period. The median is given: half of the visits took less time, half took more. By province, size and official language "
        "of the visiting municipality. Visits whose request was not sent through the portal are left out."
    ),
    source=SOURCE,
    unit=DAYS,
)
def days_to_visit(told: Indicator, facts: Facts) -> Figure:
    rows = [row for row in facts.visits if row.leg == "first" and row.is_held]
    items = [
        Item(naming.visit(facts, row), of_place(facts, row.visiting), value=(row.starts_on - row.requested_on).days)
        for row in rows
        if row.requested_on
    ]
    left = [LeftOut(naming.visit(facts, row)) for row in rows if not row.requested_on]
    return figure(told, items, middle, left_out=left, why=_("The request was not sent through the portal."))


def _held(told: Indicator, rows: list[tuple[VisitRow | MeetingRow | OfferingRow, Item]]) -> Figure:
    items = [item for row, item in rows if row.is_held]
    left = [LeftOut(item.record) for row, item in rows if not row.is_held]
    return figure(told, items, count, left_out=left, why=NOT_HELD)


@indicator(
    "meetings-held",
    section=OUTPUT,
    name=_("Meetings held"),
    definition=_(
        "Regional and national meetings that took place and whose last day, by the calendar of the meeting, lies in the period. "
        "By kind, and by province and size of the host member. Meetings that were cancelled, or that nobody has recorded as "
        "held, are left out; meetings without a date are not counted."
    ),
    source=SOURCE,
    unit=COUNT,
)
def meetings_held(told: Indicator, facts: Facts) -> Figure:
    return _held(
        told,
        [
            (row, Item(naming.meeting(row), (_kind(row.kind), *of_place(facts, row.host, language=False))))
            for row in facts.meetings
        ],
    )


@indicator(
    "offerings-held",
    section=OUTPUT,
    name=_("Trainings held"),
    definition=_(
        "Modules and workshops that were given, pilots included, and whose last day, where they were given, lies in the period. "
        "A module that was given three times counts three times. By the language in which it was taught, and by province and size "
        "of the host municipality. Trainings that were cancelled, or that nobody has recorded as held, are left out."
    ),
    source=SOURCE,
    unit=COUNT,
)
def offerings_held(told: Indicator, facts: Facts) -> Figure:
    return _held(
        told,
        [
            (row, Item(naming.offering(row), (*of_place(facts, row.host, language=False), of_language(row.language))))
            for row in facts.offerings
        ],
    )


@indicator(
    "modules-approved",
    section=OUTPUT,
    name=_("Training modules approved"),
    definition=_(
        "Training modules and workshops that were approved for the first time in the period, by the calendar of Ottawa. A module "
        "that was retired and brought back does not count a second time."
    ),
    source=SOURCE,
    unit=COUNT,
)
def modules_approved(told: Indicator, facts: Facts) -> Figure:
    return figure(told, [Item(naming.module(row), (_kind(row.kind),)) for row in facts.modules], count)


@indicator(
    "briefs-published",
    section=OUTPUT,
    name=_("Action briefs published in both languages"),
    definition=_(
        "Action briefs that readers could read in English and in French for the first time in the period. The day is the one on "
        "which the second language came out, by the calendar of Ottawa. Revisions of a brief do not count again, nor do entries of "
        "briefs that were published elsewhere earlier. Briefs that came out in one language only are left out. Downloads are not "
        "reported, because the portal does not count them."
    ),
    source=SOURCE,
    unit=COUNT,
)
def briefs_published(told: Indicator, facts: Facts) -> Figure:
    items = [Item(naming.brief(row), ()) for row in facts.briefs if row.is_bilingual]
    left = [LeftOut(naming.brief(row)) for row in facts.briefs if not row.is_bilingual]
    return figure(told, items, count, left_out=left, why=_("Published in one language only by the end of the period."))


@indicator(
    "mentoring-begun",
    section=OUTPUT,
    name=_("Mentoring agreements begun"),
    definition=_(
        "Mentoring agreements that both municipalities accepted and that began in the period, whatever became of them. By province, "
        "size and official language of the mentored municipality. Proposals that were declined or withdrawn are not counted."
    ),
    source=SOURCE,
    unit=COUNT,
)
def mentoring_begun(told: Indicator, facts: Facts) -> Figure:
    rows = facts.agreements_begun
    return figure(told, [Item(naming.agreement(facts, row), of_place(facts, row.mentee)) for row in rows], count)


@indicator(
    "mentoring-concluded",
    section=OUTPUT,
    name=_("Mentoring agreements concluded"),
    definition=_(
        "Mentoring agreements that were completed in the period, by the clock of the mentored municipality. By province, size and "
        "official language of the mentored municipality. Agreements that ended early are left out."
    ),
    source=SOURCE,
    unit=COUNT,
)
def mentoring_concluded(told: Indicator, facts: Facts) -> Figure:
    rows = facts.agreements_concluded
    items = [Item(naming.agreement(facts, row), of_place(facts, row.mentee)) for row in rows if row.is_completed]
    left = [LeftOut(naming.agreement(facts, row)) for row in rows if not row.is_completed]
    return figure(told, items, count, left_out=left, why=_("The agreement ended early."))
