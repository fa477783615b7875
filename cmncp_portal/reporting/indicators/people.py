"""Who was reached: people, once each, and municipalities."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from ..models import Narrative
from . import naming
from .base import COUNT, PERCENT, Counted, Figure, Indicator, indicator
from .categories import Category, of_activity, of_language, of_place, of_sector
from .facts import Facts, person_key
from .output import SOURCE
from .tally import Item, LeftOut, count, figure, share

OUTPUT = Narrative.Section.OUTPUT


@dataclass(frozen=True)
class Presence:
    """Somebody came to something once."""

    person: str
    record: Counted
    categories: tuple[Category, ...]


def _presences(facts: Facts) -> Iterator[Presence]:
    visits = {row.pk: naming.visit(facts, row) for row in facts.visits}
    for one in facts.team:
        yield _presence(facts, "exchange", f"member-{one.pk}", one, visits[one.visit], one.side)
    meetings = {row.pk: naming.meeting(row) for row in facts.meetings}
    for place in facts.registrations:
        if place.came:
            yield _presence(facts, "meeting", f"registration-{place.pk}", place, meetings[place.meeting])
    offerings = {row.pk: naming.offering(row) for row in facts.offerings}
    for learner in facts.enrolments:
        if learner.completed:
            yield _presence(facts, "training", f"enrolment-{learner.pk}", learner, offerings[learner.offering])


def _presence(facts: Facts, activity: str, key: str, row: object, at: Counted, side: str = "") -> Presence:
    categories = (
        *of_activity(activity, side),
        of_sector(facts, row.sector),  # type: ignore[attr-defined]
        of_language(row.language),  # type: ignore[attr-defined]
        *of_place(facts, row.place, language=False),  # type: ignore[attr-defined]
    )
    return Presence(person_key(row.email, key), replace(at, key=key), categories)  # type: ignore[attr-defined]


@indicator(
    "people-reached",
    section=OUTPUT,
    name=_("People reached"),
    definition=_(
        "People who came to an exchange visit as visitors or hosts, who attended a meeting in person or online, or who completed a "
        "training, when its last day lies in the period. Each person counts once, recognized by the email address; somebody "
        "without an address counts once for each time. By activity, side, sector, language of letters, and province and size of "
        "the municipality: somebody who belongs to two categories counts in both, so that categories may add up to more than the "
        "whole. Further times of the same person are left out."
    ),
    source=SOURCE,
    unit=COUNT,
)
def people_reached(told: Indicator, facts: Facts) -> Figure:
    first: dict[str, Presence] = {}
    categories: dict[str, list[Category]] = {}
    again = []
    for one in _presences(facts):
        if one.person in first:
            again.append(LeftOut(one.record, one.person))
        first.setdefault(one.person, one)
        categories.setdefault(one.person, []).extend(one.categories)
    items = [Item(one.record, _ordered(categories[person]), person=person) for person, one in first.items()]
    return figure(told, items, count, left_out=again, why=_("The same person, counted already."), people=True)


def _ordered(categories: list[Category]) -> tuple[Category, ...]:
    return tuple(dict.fromkeys(categories))


@indicator(
    "municipalities-reached",
    section=OUTPUT,
    name=_("Municipalities reached"),
    definition=_(
        "Municipalities that took part in something in the period: on either side of an exchange visit held, with somebody who "
        "attended a meeting, with somebody who completed a training, or on either side of a mentoring agreement that ran on a day "
        "of the period. Each counts once. By province, size, and the official languages in which it receives visitors."
    ),
    source=SOURCE,
    unit=COUNT,
)
def municipalities_reached(told: Indicator, facts: Facts) -> Figure:
    reached: set[int | None] = set()
    for visit in facts.visits:
        if visit.is_held:
            reached |= {visit.visiting, visit.hosting, *visit.together}
    reached |= {row.place for row in facts.registrations if row.came}
    reached |= {row.place for row in facts.enrolments if row.completed}
    for agreement in facts.agreements_running:
        reached |= {agreement.mentor, agreement.mentee}
    places = sorted((facts.places[pk] for pk in reached if pk), key=lambda place: place.slug)
    return figure(told, [Item(naming.municipality(one), of_place(facts, one.pk)) for one in places], count)


@indicator(
    "meeting-attendance",
    section=OUTPUT,
    name=_("Attendance at meetings"),
    definition=_(
        "Of the places held at the meetings of the period, the share whose holders came, in person or online. Somebody who comes to "
        "two meetings counts twice. Waiting lists and cancelled registrations do not count. By sector, language of letters, and "
        "province and size of the municipality. Places for which nobody noted whether the person came are left out."
    ),
    source=SOURCE,
    unit=PERCENT,
)
def meeting_attendance(told: Indicator, facts: Facts) -> Figure:
    meetings = {row.pk: naming.meeting(row) for row in facts.meetings}
    items, left = [], []
    for row in facts.registrations:
        record, key = replace(meetings[row.meeting], key=f"registration-{row.pk}"), f"registration:{row.pk}"
        if row.came is None:
            left.append(LeftOut(record, key))
            continue
        broken_down = (
            of_sector(facts, row.sector),
            of_language(row.language),
            *of_place(facts, row.place, language=False),
        )
        items.append(Item(record, broken_down, person=key, is_part=row.came))
    return figure(told, items, share, left_out=left, why=_("Nobody noted whether the person came."), people=True)


@indicator(
    "training-completions",
    section=OUTPUT,
    name=_("Trainings completed"),
    definition=_(
        "Times that somebody completed a training whose last day lies in the period, that is, attended as many sessions as it asks "
        "for. Somebody who completes two trainings counts twice. By sector, language of letters, and province and size of the "
        "municipality. Places of people who did not come to enough sessions are left out."
    ),
    source=SOURCE,
    unit=COUNT,
)
def training_completions(told: Indicator, facts: Facts) -> Figure:
    offerings = {row.pk: naming.offering(row) for row in facts.offerings}
    items, left = [], []
    for row in facts.enrolments:
        record, key = replace(offerings[row.offering], key=f"enrolment-{row.pk}"), f"enrolment:{row.pk}"
        broken_down = (
            of_sector(facts, row.sector),
            of_language(row.language),
            *of_place(facts, row.place, language=False),
        )
        if row.completed:
            items.append(Item(record, broken_down, person=key))
        else:
            left.append(LeftOut(record, key))
    why = _("The person did not come to enough sessions.")
    return figure(told, items, count, left_out=left, why=why, people=True)
