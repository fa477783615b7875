"""What reports count: stages, commitments, offices, plans and money, on the day before, on the day and on the day after."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cmncp_portal.network.models import Membership
from cmncp_portal.network.tests.factories import make_membership, make_municipality
from cmncp_portal.progress import services
from cmncp_portal.progress.models import CommitmentChange, PreventionBudget, ProfileChange
from cmncp_portal.progress.selectors import figures

from .commitments import make_commitment
from .factories import make_checks, make_profile

pytestmark = pytest.mark.django_db
FROM, UNTIL = date(2026, 4, 1), date(2027, 3, 31)
FIRST_MOMENT, LAST_MOMENT = datetime(2026, 4, 1, 4, 0, tzinfo=UTC), datetime(2027, 4, 1, 3, 59, tzinfo=UTC)
MOMENT = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _now(clock: Any, db: None) -> None:
    """Monday, February 1, 2027."""


def moved(profile: Any, at: datetime, before: int, after: int, what: str = "s1-1") -> None:
    ProfileChange.objects.create(profile=profile, what=what, stage_before=before, stage_after=after, at=at)


def stages(**found: Any) -> dict[str, Any]:
    rows = figures.stage_changes(FROM, UNTIL)
    return {row.place.slug: (row.before, row.after, len(row.moves), row.rose) for row in rows}


class TestPlace:
    @pytest.mark.parametrize(
        ("population", "size"),
        [
            (None, ""),
            (0, "small"),
            (19_999, "small"),
            (20_000, "medium"),
            (100_000, "large"),
            (499_999, "large"),
            (500_000, "metropolis"),
        ],
    )
    def test_its_size(self, population: int | None, size: str) -> None:
        assert figures.size_of(population) == size

    def test_what_is_known_of_it(self, gatineau: Any) -> None:
        assert figures.place_of(gatineau) == figures.Place(
            gatineau.pk, "gatineau", "Gatineau", "Gatineau", "QC", 291_041, "large", ("fr", "en")
        )


class TestStages:
    def test_through_the_services(self, clock: Any, thunder_bay: Any, amina: Any) -> None:
        checks = {check.stage: check.pk for check in make_checks(1)}
        for month, stage, seen in ((1, 1, 1), (5, 2, 2), (9, 3, 3)):
            clock.move_to(datetime(2026, month, 10, 15, tzinfo=UTC))
            answers = {checks[stage]: services.Answer("yes")}
            services.answer_checks(thunder_bay, seen=seen, by=amina, answers=answers)
        [row] = figures.stage_changes(FROM, UNTIL)
        assert (row.before, row.after, row.rose) == (1, 3, True)
        assert row.moves == (
            figures.Move(date(2026, 5, 10), 1, 2, False),
            figures.Move(date(2026, 9, 10), 2, 3, False),
        )
        [earlier] = figures.stage_changes(date(2025, 4, 1), date(2026, 3, 31))
        assert (earlier.before, earlier.after, earlier.rose) == (None, 1, True)
        assert figures.stage_changes(date(2024, 4, 1), date(2025, 3, 31)) == []

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            (FIRST_MOMENT - MOMENT, (2, 2, 0, False)),
            (FIRST_MOMENT, (1, 2, 1, True)),
            (LAST_MOMENT, (1, 2, 1, True)),
            (LAST_MOMENT + MOMENT, (1, 1, 0, False)),
        ],
    )
    def test_both_days_of_the_period_belong_to_it_by_the_clock_of_the_office(
        self, thunder_bay: Any, at: datetime, expected: Any
    ) -> None:
        moved(make_profile(thunder_bay, 2), at, 1, 2)
        assert stages() == {"thunder-bay": expected}

    def test_down_and_up_again_is_no_rise(self, thunder_bay: Any) -> None:
        profile = make_profile(thunder_bay, 2)
        moved(profile, datetime(2026, 5, 1, tzinfo=UTC), 2, 1)
        moved(profile, datetime(2026, 6, 1, tzinfo=UTC), 1, 2)
        assert stages() == {"thunder-bay": (2, 2, 2, False)}

    def test_a_profile_without_history_stands_as_it_is_since_it_was_made(self, thunder_bay: Any, clock: Any) -> None:
        make_profile(thunder_bay, 4)
        assert stages() == {"thunder-bay": (None, 4, 0, True)}
        clock.move_to(datetime(2028, 1, 1, tzinfo=UTC))
        [row] = figures.stage_changes(date(2027, 4, 1), date(2028, 3, 31))
        assert (row.before, row.after, row.rose) == (4, 4, False)

    def test_another_list_of_checks_is_the_networks_doing(self, thunder_bay: Any) -> None:
        moved(make_profile(thunder_bay, 1), datetime(2026, 5, 1, tzinfo=UTC), 2, 1, "check_list")
        [row] = figures.stage_changes(FROM, UNTIL)
        assert [move.by_the_network for move in row.moves] == [True]

    @pytest.mark.parametrize(
        ("kind", "from_on", "until_on", "counts"),
        [
            ("general", date(2015, 1, 1), date(2026, 3, 31), False),
            ("general", date(2015, 1, 1), date(2026, 4, 1), True),
            ("associate", date(2027, 3, 31), None, True),
            ("general", date(2027, 4, 1), None, False),
            ("prospective", date(2015, 1, 1), None, False),
        ],
    )
    def test_whoever_was_a_member_in_the_period(
        self, kind: Membership.Kind, from_on: date, until_on: date | None, counts: bool
    ) -> None:
        place = make_municipality("here", member=False)
        make_membership(place, kind=kind, from_on=from_on, until_on=until_on)
        make_profile(place, 1)
        assert list(stages()) == (["here"] if counts else [])


class TestCommitments:
    def said(self, commitment: Any, at: datetime, state: str, **more: Any) -> None:
        CommitmentChange.objects.create(commitment=commitment, to_state=state, at=at, note="So", **more)

    @pytest.mark.parametrize(
        ("made_on", "counts"),
        [(date(2026, 3, 31), False), (FROM, True), (UNTIL, True), (date(2027, 4, 1), False)],
    )
    def test_made_in_the_period(self, thunder_bay: Any, made_on: date, counts: bool) -> None:
        make_commitment(thunder_bay, made_on=made_on, due_on=date(2028, 1, 1))
        assert len(figures.commitments_made(FROM, UNTIL)) == counts

    def test_what_is_known_of_one(self, thunder_bay: Any, winnipeg: Any) -> None:
        commitment = make_commitment(thunder_bay, source="visit", source_of="visit-4", seen_in=winnipeg)
        self.said(commitment, datetime(2027, 2, 10, tzinfo=UTC), "started", investment=500)
        [row] = figures.commitments_made(FROM, UNTIL)
        assert (row.pk, row.place.slug, row.text, row.source, row.source_of, row.language) == (
            commitment.pk,
            "thunder-bay",
            "A youth hub",
            "visit",
            "visit-4",
            "en",
        )
        assert row.seen_in is not None
        assert row.seen_in.slug == "winnipeg"
        assert (row.made_on, row.due_on) == (date(2027, 2, 1), date(2027, 9, 1))
        assert row.story == (figures.Said(date(2027, 2, 9), "started", Decimal(500)),)

    @pytest.mark.parametrize(
        ("day", "state", "invested"),
        [
            (date(2027, 2, 9), "planned", 0),
            (date(2027, 2, 10), "started", 500),
            (date(2027, 5, 31), "started", 500),
            (date(2027, 6, 1), "done", 1500),
            (date(2027, 7, 1), "started", 1500),
        ],
    )
    def test_as_it_stood_on_a_day(self, thunder_bay: Any, day: date, state: str, invested: int) -> None:
        commitment = make_commitment(thunder_bay)
        self.said(commitment, datetime(2027, 2, 10, 12, tzinfo=UTC), "started", investment=500)
        self.said(commitment, datetime(2027, 6, 1, 4, tzinfo=UTC), "done", investment=1000)
        self.said(commitment, datetime(2027, 7, 1, 12, tzinfo=UTC), "started")
        [row] = figures.commitments_made(FROM, UNTIL, state_on=day)
        assert (row.state, row.state_on(day), row.invested_by(day)) == (state, state, invested)

    def test_at_the_end_of_the_period_unless_another_day_is_asked_for(self, thunder_bay: Any) -> None:
        commitment = make_commitment(thunder_bay)
        self.said(commitment, LAST_MOMENT, "started")
        self.said(commitment, LAST_MOMENT + MOMENT, "done")
        [row] = figures.commitments_made(FROM, UNTIL)
        assert (row.state, row.state_on(date(2027, 4, 1))) == ("started", "done")


class TestOfficesAndPlans:
    def told(self) -> list[Any]:
        rows = figures.offices_and_plans(FROM, UNTIL)
        return [(row.office_before, row.office_after, row.has_new_office, row.adopted_on) for row in rows]

    def keep(self, clock: Any, place: Any, by: Any, at: datetime, **fields: Any) -> None:
        clock.move_to(at)
        known = getattr(type(place).objects.select_related("strategy").get(pk=place.pk), "strategy", None)
        services.keep_facts(place, seen=known.version if known else 1, by=by, **fields)

    @pytest.mark.parametrize(
        ("at", "expected"),
        [
            (FIRST_MOMENT - MOMENT, ("yes", "yes", False)),
            (FIRST_MOMENT, ("", "yes", True)),
            (LAST_MOMENT, ("", "yes", True)),
            (LAST_MOMENT + MOMENT, ("", "", False)),
        ],
    )
    def test_an_office(self, clock: Any, thunder_bay: Any, amina: Any, at: datetime, expected: Any) -> None:
        self.keep(clock, thunder_bay, amina, at, has_permanent_office="yes")
        assert self.told() == [(*expected, None)]

    def test_an_office_that_was_closed(self, clock: Any, thunder_bay: Any, amina: Any) -> None:
        self.keep(clock, thunder_bay, amina, FIRST_MOMENT - MOMENT, has_permanent_office="yes")
        self.keep(clock, thunder_bay, amina, FIRST_MOMENT, has_permanent_office="no")
        assert self.told() == [("yes", "no", False, None)]

    def test_without_history_it_is_as_it_stands(self, thunder_bay: Any) -> None:
        make_profile(thunder_bay, has_permanent_office="yes", plan_adopted_on=date(2026, 5, 5))
        assert self.told() == [("yes", "yes", False, date(2026, 5, 5))]

    @pytest.mark.parametrize(
        ("adopted", "counts"),
        [(date(2026, 3, 31), False), (FROM, True), (UNTIL, True), (date(2027, 4, 1), False)],
    )
    def test_a_plan(self, clock: Any, thunder_bay: Any, amina: Any, adopted: date, counts: bool) -> None:
        self.keep(clock, thunder_bay, amina, datetime(2027, 5, 1, tzinfo=UTC), plan_adopted_on=adopted)
        assert self.told() == [("", "", False, adopted if counts else None)]

    def test_a_renewal_later_on_does_not_hide_it_and_a_correction_does(
        self, clock: Any, thunder_bay: Any, amina: Any
    ) -> None:
        self.keep(clock, thunder_bay, amina, datetime(2026, 6, 1, tzinfo=UTC), plan_adopted_on=date(2026, 5, 5))
        self.keep(clock, thunder_bay, amina, datetime(2026, 7, 1, tzinfo=UTC), plan_adopted_on=date(2026, 5, 6))
        self.keep(clock, thunder_bay, amina, datetime(2031, 7, 1, tzinfo=UTC), plan_adopted_on=date(2031, 6, 6))
        assert self.told() == [("", "", False, date(2026, 5, 6))]
        self.keep(clock, thunder_bay, amina, datetime(2031, 7, 2, tzinfo=UTC), plan_adopted_on=None)
        assert self.told() == [("", "", False, None)]


def test_the_investment_by_year(thunder_bay: Any, winnipeg: Any, gatineau: Any) -> None:
    for place, amounts in (
        (thunder_bay, {2023: 1, 2024: 100, 2026: 150}),
        (winnipeg, {2025: 70, 2027: 9}),
        (gatineau, {2022: 5}),
    ):
        profile = make_profile(place)
        for year, amount in amounts.items():
            PreventionBudget.objects.create(profile=profile, year=year, amount=amount)
    rows = [(row.place.slug, row.by_year, row.change) for row in figures.investment(2024, 2026)]
    assert rows == [
        ("thunder-bay", ((2024, Decimal(100)), (2026, Decimal(150))), Decimal(50)),
        ("winnipeg", ((2025, Decimal(70)),), None),
    ]


def test_queries_do_not_grow(thunder_bay: Any, django_assert_num_queries: Any) -> None:
    places = [thunder_bay]
    for _turn in ("one", "many"):
        for place in places:
            profile = make_profile(place, 2, plan_adopted_on=date(2026, 5, 5))
            moved(profile, FIRST_MOMENT, 1, 2)
            PreventionBudget.objects.create(profile=profile, year=2026, amount=1)
            commitment = make_commitment(place, seen_in=thunder_bay)
            CommitmentChange.objects.create(commitment=commitment, to_state="started")
        with django_assert_num_queries(7):
            found = [
                figures.stage_changes(FROM, UNTIL),
                figures.commitments_made(FROM, UNTIL),
                figures.offices_and_plans(FROM, UNTIL),
                figures.investment(2026, 2026),
            ]
        places = [make_municipality() for _number in range(10)]
    assert [len(rows) for rows in found] == [11, 11, 11, 11]
