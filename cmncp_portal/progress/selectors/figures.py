"""What reports count about strategies, commitments and money: plain rows, one query or two each, no words and no user.

Days are those of the network's office (settings.TIME_ZONE); both ends of a period belong to it. What stood on a day is read from
the rows of history, so that a report about last year says the same when it is made again.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q

from cmncp_portal.core.days import local_day
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.selectors import SIZE_BANDS
from cmncp_portal.network.stages import Stage

from ..models import Commitment, CommitmentChange, PreventionBudget, ProfileChange, StrategyProfile

OFFICE, ADOPTED = "has_permanent_office", "plan_adopted_on"
LIST_CHANGED, BEGUN = "check_list", "begun"


@dataclass(frozen=True)
class Place:
    """A municipality as a report groups it. `size` is a key of network.selectors.SIZE_BANDS, "" when the population is not known."""

    pk: int
    slug: str
    name_en: str
    name_fr: str
    province: str
    population: int | None
    size: str
    languages: tuple[str, ...]


@dataclass(frozen=True)
class Move:
    """The stage went from `before` to `after` on a day. `by_the_network`: the list of checks changed, not the municipality."""

    on: date
    before: int
    after: int
    by_the_network: bool


@dataclass(frozen=True)
class StageChange:
    """Where a strategy stood before a period (None: no profile yet) and at its end, with each move in between."""

    place: Place
    before: int | None
    after: int
    moves: tuple[Move, ...]

    @property
    def rose(self) -> bool:
        """Whether it stands higher than before. A profile that is begun in the period rises from the first stage."""
        return self.after > (self.before or Stage.INTERESTED)


@dataclass(frozen=True)
class Said:
    """What was said about a commitment on a day: how far it is, and the dollars named with it."""

    on: date
    state: str
    investment: Decimal | None


@dataclass(frozen=True)
class CommitmentMade:
    """A commitment. `story` is what was said, in order; `state` how it stood at the end of the day that was asked for."""

    pk: int
    place: Place
    seen_in: Place | None
    text: str
    language: str
    source: str
    source_of: str
    made_on: date
    due_on: date
    state: str
    story: tuple[Said, ...]

    def state_on(self, day: date) -> str:
        """Return the state at the end of `day`; "planned" before anything was said."""
        said = [one.state for one in self.story if one.on <= day]
        return said[-1] if said else str(Commitment.State.PLANNED)

    def invested_by(self, day: date) -> Decimal:
        """Return the dollars that were named until the end of `day`, together."""
        return sum((one.investment or Decimal() for one in self.story if one.on <= day), Decimal())


@dataclass(frozen=True)
class OfficeAndPlan:
    """What a municipality says of its permanent office before a period and at its end ("yes", "no", ""), and its plan.

    `adopted_on` is the day on which council adopted the plan, when it lies in the period.
    """

    place: Place
    office_before: str
    office_after: str
    adopted_on: date | None

    @property
    def has_new_office(self) -> bool:
        return self.office_after == "yes" and self.office_before != "yes"


@dataclass(frozen=True)
class Investment:
    """Dollars for prevention by year, within the years that were asked for; at least one."""

    place: Place
    by_year: tuple[tuple[int, Decimal], ...]

    @property
    def change(self) -> Decimal | None:
        """Dollars of the last year less those of the first; None when only one year is known."""
        return self.by_year[-1][1] - self.by_year[0][1] if len(self.by_year) > 1 else None


def place_of(row: Municipality) -> Place:
    """Return `row` as reports group it."""
    return Place(
        pk=row.pk,
        slug=row.slug,
        name_en=row.name_en,
        name_fr=row.name_fr,
        province=row.province,
        population=row.population,
        size=size_of(row.population),
        languages=tuple(row.languages),
    )


def size_of(population: int | None) -> str:
    """Return the key of the band in SIZE_BANDS, "" when the population is not known."""
    if population is None:
        return ""
    return next(
        key for key, (low, limit) in SIZE_BANDS.items() if low <= population and (not limit or population < limit)
    )


def _day(at: datetime) -> date:
    return local_day(at, settings.TIME_ZONE)


def _profiles(from_on: date, until_on: date) -> list[StrategyProfile]:
    """The profiles of those who were general or associate members on a day of the period, by name."""
    kinds = (Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE)
    running = Membership.objects.filter(municipality=OuterRef("municipality"), kind__in=kinds, from_on__lte=until_on)
    running = running.filter(Q(until_on__isnull=True) | Q(until_on__gte=from_on))
    rows = StrategyProfile.objects.filter(Exists(running)).select_related("municipality")
    return list(rows.order_by("municipality__slug").defer("municipality__search_en", "municipality__search_fr"))


def _changes(what: Q) -> dict[int, list[ProfileChange]]:
    """The changes that `what` keeps, in the order of time, by profile."""
    found: dict[int, list[ProfileChange]] = defaultdict(list)
    for change in ProfileChange.objects.filter(what).order_by("at", "pk"):
        found[change.profile_id].append(change)
    return found


def stage_changes(from_on: date, until_on: date) -> list[StageChange]:
    """Return where the strategy of each member of the period stood before it and at its end, also of those that did not move.

    Profiles begun after `until_on` are left out. Two queries.
    """
    changes = _changes(~Q(stage_before=F("stage_after")) | Q(what=BEGUN))
    found = []
    for profile in _profiles(from_on, until_on):
        rows = changes.get(profile.pk, [])
        after = _stage(profile, rows, until_on)
        if after is not None:
            between = [row for row in rows if from_on <= _day(row.at) <= until_on]
            before = _stage(profile, rows, from_on - timedelta(days=1))
            found.append(StageChange(place_of(profile.municipality), before, after, _moves(between)))
    return found


def _moves(rows: Iterable[ProfileChange]) -> tuple[Move, ...]:
    return tuple(
        Move(_day(row.at), row.stage_before, row.stage_after, row.what == LIST_CHANGED)
        for row in rows
        if row.stage_before != row.stage_after
    )


def _stage(profile: StrategyProfile, rows: list[ProfileChange], day: date) -> int | None:
    """The stage at the end of `day`, from the moves `rows`; None when there was no profile yet."""
    until_then = [row for row in rows if _day(row.at) <= day]
    if until_then:
        return until_then[-1].stage_after
    if rows:
        return None if rows[0].what == BEGUN else rows[0].stage_before
    return int(profile.stage) if _day(profile.created_at) <= day else None


def commitments_made(from_on: date, until_on: date, *, state_on: date | None = None) -> list[CommitmentMade]:
    """Return the commitments made in the period, by day, each as it stood at the end of `state_on` (`until_on` unless given).

    Later days can be asked of each row: `row.state_on(day)`. Two queries.
    """
    rows = Commitment.objects.filter(made_on__range=(from_on, until_on)).select_related("municipality", "seen_in")
    changes = CommitmentChange.objects.order_by("at", "pk")
    rows = rows.prefetch_related(Prefetch("changes", changes)).order_by("made_on", "pk")
    return [_made(row, state_on or until_on) for row in rows]


def _made(row: Commitment, day: date) -> CommitmentMade:
    story = tuple(Said(_day(one.at), one.to_state, one.investment) for one in row.changes.all())
    said = [one.state for one in story if one.on <= day]
    return CommitmentMade(
        pk=row.pk,
        place=place_of(row.municipality),
        seen_in=place_of(row.seen_in) if row.seen_in else None,
        text=row.text,
        language=row.language,
        source=row.source,
        source_of=row.source_of,
        made_on=row.made_on,
        due_on=row.due_on,
        state=said[-1] if said else str(Commitment.State.PLANNED),
        story=story,
    )


def offices_and_plans(from_on: date, until_on: date) -> list[OfficeAndPlan]:
    """Return, for each member of the period with a profile, its permanent office before and at the end, and its adoption.

    Of several days of adoption that were said over time, the last one said that is not after the period counts: a correction
    replaces what was wrong, a renewal later on does not hide the plan before it. Two queries.
    """
    changes = _changes(Q(what__in=[OFFICE, ADOPTED]))
    found = []
    for profile in _profiles(from_on, until_on):
        rows = changes.get(profile.pk, [])
        office = [row for row in rows if row.what == OFFICE]
        adopted = _adopted([row for row in rows if row.what == ADOPTED], profile, until_on)
        found.append(
            OfficeAndPlan(
                place_of(profile.municipality),
                _office(profile, office, from_on - timedelta(days=1)),
                _office(profile, office, until_on),
                adopted if adopted and adopted >= from_on else None,
            )
        )
    return found


def _office(profile: StrategyProfile, rows: list[ProfileChange], day: date) -> str:
    until_then = [row for row in rows if _day(row.at) <= day]
    if until_then:
        return until_then[-1].after
    return rows[0].before if rows else profile.has_permanent_office


def _adopted(rows: list[ProfileChange], profile: StrategyProfile, until_on: date) -> date | None:
    said = [rows[0].before, *(row.after for row in rows)] if rows else [_iso(profile.plan_adopted_on)]
    found = None
    for text in said:
        day = date.fromisoformat(text) if text else None
        if day is None or day <= until_on:
            found = day
    return found


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def investment(year_from: int, year_to: int) -> list[Investment]:
    """Return what municipalities say that they spent on prevention in the years from `year_from` to `year_to`, in dollars.

    One row for each that names at least one of these years, the years in order. One query.
    """
    rows = PreventionBudget.objects.filter(year__range=(year_from, year_to)).select_related("profile__municipality")
    years: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    places: dict[int, Place] = {}
    for row in rows.order_by("profile__municipality__slug", "year"):
        places.setdefault(row.profile_id, place_of(row.profile.municipality))
        years[row.profile_id].append((row.year, row.amount))
    return [Investment(place, tuple(years[key])) for key, place in places.items()]
