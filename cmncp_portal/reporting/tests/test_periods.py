"""To which period something belongs: before, on and after its first and last day, by the clock of the place."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cmncp_portal.core.days import local_instant
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.tests.factories import (
    make_invitation,
    make_occasion,
    make_questionnaire,
    make_response,
    make_survey,
)
from cmncp_portal.network.tests.factories import make_municipality
from cmncp_portal.progress.models import Commitment, CommitmentChange
from cmncp_portal.progress.tests.factories import make_profile
from cmncp_portal.reporting.indicators import REGISTRY, Figure, Period, compute, fiscal_year
from cmncp_portal.reporting.indicators.base import rounded
from exchanges.models import Exchange
from exchanges.tests.factories import make_exchange, make_member
from meetings.tests.factories import make_meeting, make_place
from mentoring.tests.factories import make_agreement
from training.models import ModuleChange
from training.tests.factories import make_enrolment, make_module, make_offering

pytestmark = pytest.mark.django_db

YEAR = Period(date(2025, 4, 1), date(2026, 3, 31))
EDGES = [  # day, whether it lies in the period
    (date(2025, 3, 31), False),
    (date(2025, 4, 1), True),
    (date(2026, 3, 31), True),
    (date(2026, 4, 1), False),
]
at_the_edges = pytest.mark.parametrize(("day", "is_in"), EDGES)


def figure(code: str, period: Period = YEAR) -> Figure:
    [found] = compute(period, [code])
    return found


def number(code: str, period: Period = YEAR) -> int:
    return figure(code, period).total.n


def vancouver() -> Any:
    return make_municipality("vancouver", province="BC", time_zone="America/Vancouver", population=660_000)


@pytest.mark.parametrize(
    ("day", "first"),
    [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2027, 1, 1), 2026), (date(2027, 3, 31), 2026)],
)
def test_the_fiscal_year(day: date, first: int) -> None:
    assert fiscal_year(day) == Period(date(first, 4, 1), date(first + 1, 3, 31))


@at_the_edges
def test_a_visit_counts_on_its_last_day(day: date, is_in: bool, clock: Any) -> None:
    make_exchange(stage="held", starts_on=day - timedelta(days=1), ends_on=day)
    assert number("exchanges-held") == is_in
    assert number("municipalities-reached") == 2 * is_in
    assert number("visits-evaluated-by-both") == 0


def test_a_visit_that_ends_on_march_31_in_vancouver(clock: Any) -> None:
    """It is April 1 in Toronto and in UTC when the hosts record it, late in the evening."""
    recorded = local_instant(date(2026, 3, 31), datetime(2026, 3, 31, 23, 15).time(), "America/Vancouver")
    assert recorded.astimezone(UTC).date() == date(2026, 4, 1)
    exchange = make_exchange(
        make_municipality(), vancouver(), stage="held", starts_on=date(2026, 3, 30), ends_on=date(2026, 3, 31)
    )
    exchange.visits.update(held_at=recorded)
    assert (number("exchanges-held", YEAR), number("exchanges-held", fiscal_year(date(2026, 4, 1)))) == (1, 0)


@pytest.mark.parametrize(
    ("at", "is_in"),
    [
        (datetime(2025, 4, 1, 6, 30, tzinfo=UTC), False),  # 23:30 on March 31 in Vancouver
        (datetime(2025, 4, 1, 7, 0, tzinfo=UTC), True),  # midnight
        (datetime(2026, 4, 1, 6, 59, tzinfo=UTC), True),
        (datetime(2026, 4, 1, 7, 0, tzinfo=UTC), False),
    ],
)
def test_a_request_counts_by_the_clock_of_who_asks_and_an_acceptance_by_the_hosts(
    at: datetime, is_in: bool, clock: Any
) -> None:
    make_exchange(vancouver(), make_municipality(), stage="requested", submitted_at=at)
    other = make_exchange(
        make_municipality(),
        Exchange.objects.get().guest,
        stage="accepted",
        submitted_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    other.first_visit.changes.filter(transition="accept").update(at=at)
    assert (number("exchanges-requested"), number("exchanges-accepted")) == (is_in, is_in)


def test_an_exchange_accepted_twice_counts_once_on_the_first_day(clock: Any) -> None:
    visit = make_exchange(stage="accepted").first_visit
    visit.changes.filter(transition="accept").update(at=datetime(2026, 3, 10, 15, tzinfo=UTC))
    again = visit.changes.create(from_state="proposed", to_state="accepted", transition="accept")
    type(again).objects.filter(pk=again.pk).update(at=datetime(2026, 5, 10, 15, tzinfo=UTC))
    assert (number("exchanges-accepted"), number("exchanges-accepted", fiscal_year(date(2026, 5, 1)))) == (1, 0)


@at_the_edges
def test_a_meeting_and_a_training_count_on_their_last_day(day: date, is_in: bool, clock: Any) -> None:
    meeting = make_meeting("held", starts_on=day - timedelta(days=1), ends_on=day, time_zone="America/Vancouver")
    make_place(meeting, attendance="present")
    offering = make_offering("held", starts_on=day - timedelta(days=1), time_zone="America/Vancouver")
    make_enrolment(offering, completed_at=datetime(2026, 9, 1, tzinfo=UTC))
    codes = ("meetings-held", "meeting-attendance", "offerings-held", "training-completions")
    assert {code: number(code) for code in codes} == dict.fromkeys(codes, int(is_in))
    assert number("people-reached") == 2 * is_in


@pytest.mark.parametrize(
    ("at", "is_in"),
    [(datetime(2026, 4, 1, 3, 59, tzinfo=UTC), True), (datetime(2026, 4, 1, 4, 0, tzinfo=UTC), False)],
)
def test_a_module_is_approved_by_the_calendar_of_ottawa_and_once(at: datetime, is_in: bool, clock: Any) -> None:
    module = make_module("approved")
    for moment in (at, at + timedelta(days=100)):
        change = ModuleChange.objects.create(module=module, to_state="approved", transition="approve")
        ModuleChange.objects.filter(pk=change.pk).update(at=moment)
    assert number("modules-approved") == is_in


@at_the_edges
def test_an_agreement_begins_and_ends(day: date, is_in: bool, clock: Any) -> None:
    begun = make_agreement(make_municipality(), make_municipality(), "completed", starts_on=day)
    late = local_instant(day, datetime(2026, 1, 1, 23, 30).time(), "America/Toronto")
    begun.changes.update(transition="complete", at=late)
    assert (number("mentoring-begun"), number("mentoring-concluded")) == (is_in, is_in)
    assert number("municipalities-reached") == 2 * (date(2025, 4, 1) <= day <= date(2026, 3, 31))


@at_the_edges
def test_an_answer_belongs_to_the_day_of_what_it_is_about(day: date, is_in: bool, clock: Any) -> None:
    form = make_questionnaire(questions=({"code": "worth", "kind": "rating", "indicator": "satisfaction"},))
    opens_at = local_instant(day, datetime(2026, 1, 1, 17).time(), "America/Vancouver")
    make_response(
        make_survey(
            form,
            occasion=make_occasion(on=day),
            opens_at=opens_at,
            due_at=opens_at + timedelta(days=14),
            closes_at=opens_at + timedelta(days=45),
        ),
        answers={"worth": 4},
    )
    assert (number("satisfaction"), number("response-rate")) == (is_in, is_in)


def test_a_survey_answered_half_in_english_and_half_in_french_is_one_category(clock: Any) -> None:
    options = [{"code": "planning", "en": "planning", "fr": "la planification"}]
    form = make_questionnaire(
        questions=(
            {"code": "worth", "kind": "rating", "indicator": "satisfaction"},
            {"code": "knowledge", "kind": "before_after", "options": options, "indicator": "knowledge-change"},
        )
    )
    opens_at = datetime(2027, 1, 30, 15, tzinfo=UTC)
    ends = {"due_at": opens_at + timedelta(days=14), "closes_at": opens_at + timedelta(days=45)}
    survey = make_survey(form, occasion=make_occasion(on=date(2027, 1, 29)), opens_at=opens_at, **ends)
    pair = {"planning": {"before": 2, "after": 4}}
    half = make_invitation(survey, "Half", language="en")
    begun = surveys.save_draft(half, seen=0, language="en", values={"worth": 4})
    surveys.submit(half, seen=begun.version, language="fr", values={"knowledge": pair})
    make_response(survey, "French", answers={"worth": 5, "knowledge": pair}, language="fr", invited={"language": "fr"})
    make_invitation(survey, "Silent", language="fr")
    period = fiscal_year(date(2027, 1, 29))
    rate, worth, knowledge = (figure(c, period) for c in ("response-rate", "satisfaction", "knowledge-change"))
    assert (rate.total.n, rate.total.denominator) == (2, 3)
    assert [(c.category, c.n, c.denominator) for c in rate.cells if c.dimension == "language"] == [
        ("en", 1, 1), ("fr", 1, 2),
    ]  # fmt: skip
    assert (rounded(worth.total.value, "mean"), worth.total.n) == (4.5, 2)
    assert (rounded(knowledge.total.value, "mean"), knowledge.total.n) == (2.0, 2)
    assert [(c.category, c.n) for c in knowledge.cells if c.dimension == "language"] == [("en", 1), ("fr", 1)]


def test_a_person_counts_once_by_address(clock: Any) -> None:
    visit = make_exchange(stage="held", starts_on=date(2026, 1, 12), ends_on=date(2026, 1, 12)).first_visit
    visit.team.all().delete()
    come = {"status": "accepted", "attendance": "present"}
    make_member(visit, "visitors", "staff", email="Ann@Place.example", language="en", **come)
    make_member(visit, "hosts", "police", email="", language="", **come)
    make_member(visit, "hosts", "police", email="", language="", **come)
    meeting = make_meeting("held", starts_on=date(2026, 1, 20), ends_on=date(2026, 1, 20))
    make_place(meeting, "ann@place.example", attendance="remote")
    make_place(meeting, "absent@place.example", attendance="absent")
    reached = figure("people-reached")
    assert (reached.total.value, len(reached.total.people or ()), reached.excluded) == (3, 3, 1)
    sides = [(cell.category, cell.n) for cell in reached.cells if cell.dimension == "side"]
    assert sides == [("exchange.visitors", 1), ("exchange.hosts", 2), ("meeting.", 1)]
    assert not any("ann" in key.lower() for key in reached.total.people or ())
    assert {"ann@place.example", "Ann"} & {text for record in reached.records for text in record.label} == set()


@pytest.mark.parametrize(("made_on", "is_told"), [(date(2026, 8, 1), True), (date(2026, 8, 2), False)])
def test_a_commitment_is_told_of_six_months_after_it_was_made(made_on: date, is_told: bool, clock: Any) -> None:
    """Today is February 1, 2027."""
    made = Commitment.objects.create(
        municipality=make_municipality(), text="Hire somebody", language="en", owner_name="Ann", made_on=made_on,
        due_on=date(2027, 6, 1), made_by_name="Ann", state="done", ended_on=date(2027, 2, 1),
    )  # fmt: skip
    for day, state in ((date(2026, 9, 1), "started"), (date(2027, 2, 1), "done")):
        at = local_instant(day, datetime(2026, 1, 1, 23, 59).time(), "America/Toronto")
        CommitmentChange.objects.create(commitment=made, to_state=state, at=at, investment=1_000)
    period = fiscal_year(made_on)
    done = figure("commitments-done", period)
    assert (done.total.n, done.total.denominator, done.excluded) == (is_told, is_told, not is_told)
    assert (number("commitments-made", period), figure("dollars-invested", period).total.value) == (1, 2_000)
    before = Period(date(2026, 8, 1), date(2027, 1, 31))
    assert figure("dollars-invested", before).total.value == 1_000


@at_the_edges
def test_offices_plans_and_budgets(day: date, is_in: bool, clock: Any) -> None:
    profile = make_profile(make_municipality(), has_permanent_office="yes", plan_adopted_on=day)
    type(profile).objects.update(created_at=datetime(2024, 1, 1, tzinfo=UTC))
    at = local_instant(day, datetime(2026, 1, 1, 12).time(), "America/Toronto")
    profile.changes.create(what="has_permanent_office", before="no", after="yes", stage_before=1, stage_after=1, at=at)
    profile.budgets.create(year=2024, amount=100_000)
    profile.budgets.create(year=2026, amount=130_000)
    assert (number("permanent-offices-new"), number("plans-adopted")) == (is_in, is_in)
    assert number("permanent-offices") == (day <= YEAR.until_on)
    assert figure("prevention-budgets").total.value == 30_000


def test_every_figure_is_told_in_both_languages_and_names_nobody(clock: Any) -> None:
    done: list[tuple[int, int]] = []
    figures = compute(YEAR, on_progress=lambda *step: done.append(step))
    data = json.loads(json.dumps([one.as_data() for one in figures]))
    assert [one["code"] for one in data] == list(REGISTRY)
    assert done == [(step, len(REGISTRY)) for step in range(len(REGISTRY) + 1)]
    for one in data:
        for name in ("name", "definition", "source"):
            assert all(one[name].values())
        assert set(one["total"]) == {"dimension", "category", "label", "value", "n", "denominator", "hidden"}
    assert [one.indicator.code for one in compute(YEAR, ["satisfaction", "exchanges-held", "gone"])] == [
        "exchanges-held", "satisfaction",
    ]  # fmt: skip


def test_definitions_stand_in_french(clock: Any) -> None:
    same = [
        (one["code"], name)
        for one in (figure.as_data() for figure in compute(YEAR))
        for name in ("name", "definition", "source")
        if one[name]["en"] == one[name]["fr"]
    ]
    assert same == [("satisfaction", "name")]  # the same word in both languages
