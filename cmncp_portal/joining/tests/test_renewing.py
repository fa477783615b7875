"""A year of membership: when it is asked for, what letters leave, the yes, the no, and what happens without either."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.joining.models import FeeTier, OnboardingStep, Renewal
from cmncp_portal.joining.selectors.days import anniversary, fee_for, next_due
from cmncp_portal.joining.services import first_steps, renewing, sweeping
from cmncp_portal.joining.services.fees import set_table
from cmncp_portal.network.models import Membership, Standing
from cmncp_portal.network.rules import works_for_a_member
from cmncp_portal.network.tests.factories import make_membership, make_stakeholder
from exchanges.models import Exchange
from exchanges.tests.factories import make_exchange

from .factories import make_fee, make_renewal
from .screens import POST

pytestmark = pytest.mark.django_db
HELEN, PRIYA = "helen@winnipeg.example", "priya@network.example"
DUE = date(2027, 4, 1)  # a Thursday


@pytest.fixture
def renewal(clock: Any, winnipeg: Any, helen: Any, priya: Any) -> Any:
    """Winnipeg is a member since April 1, 2015."""
    winnipeg.memberships.update(from_on=date(2015, 4, 1))
    return make_renewal(winnipeg.memberships.get(), DUE)


@pytest.mark.parametrize(
    ("from_on", "after", "due"),
    [
        (date(2024, 2, 29), date(2027, 1, 1), date(2027, 2, 28)),
        (date(2024, 2, 29), date(2027, 2, 28), date(2028, 2, 29)),
        (date(2026, 2, 1), date(2026, 2, 1), date(2027, 2, 1)),
        (date(2026, 2, 1), date(2027, 1, 31), date(2027, 2, 1)),
        (date(2026, 2, 1), date(2027, 2, 1), date(2028, 2, 1)),
    ],
)
def test_the_yearly_day(from_on: date, after: date, due: date) -> None:
    assert next_due(Membership(from_on=from_on), after) == due


def test_february_29() -> None:
    assert [anniversary(date(2024, 2, 29), year) for year in (2027, 2028)] == [date(2027, 2, 28), date(2028, 2, 29)]


@pytest.mark.parametrize(("today", "opened"), [(date(2027, 1, 30), 0), (date(2027, 1, 31), 1), (date(2027, 4, 1), 1), (date(2027, 4, 2), 0)])  # fmt: skip
def test_a_renewal_is_asked_for_sixty_days_before(clock: Any, winnipeg: Any, today: date, opened: int) -> None:
    make_fee(650)
    make_fee(1_250, population_from=500_000, population_to=None)
    make_membership(make_municipality_of("hope"), kind="prospective", from_on=date(2020, 4, 1))
    winnipeg.memberships.update(from_on=date(2015, 4, 1))
    assert (renewing.open_due(today), renewing.open_due(today)) == (opened, 0)
    assert list(Renewal.objects.values_list("due_on", "fee")) == [(DUE, 1_250)] * opened


def make_municipality_of(slug: str) -> Any:
    from cmncp_portal.network.tests.factories import make_municipality

    return make_municipality(slug, member=False)


def test_what_the_table_asks(clock: Any, winnipeg: Any) -> None:
    make_fee(650)
    assert fee_for(winnipeg, "general", DUE) is None  # over 500,000
    winnipeg.population = 499_999
    assert fee_for(winnipeg, "general", DUE) == 650
    winnipeg.population = None
    assert fee_for(winnipeg, "general", DUE) is None


@pytest.mark.parametrize(
    ("local", "kinds"),
    [
        ((1, 31, 9, 0), []),  # sixty days before is a Sunday
        ((2, 1, 8, 29), []),
        ((2, 1, 8, 30), ["renewal"]),
        ((2, 3, 8, 29), ["renewal"]),  # a portal that slept
        ((2, 3, 8, 30), []),
        ((3, 2, 9, 0), ["renewal"]),  # thirty days before
        ((3, 31, 9, 0), []),
        ((4, 1, 9, 0), ["renewal"]),  # the day
        ((4, 30, 9, 0), []),
        ((5, 3, 9, 0), ["renewal"]),  # thirty days after is a Saturday
    ],
)
def test_letters_around_the_day(clock: Any, renewal: Any, local: tuple[int, ...], kinds: list[str]) -> None:
    moment = datetime(2027, *local, tzinfo=ZoneInfo("America/Winnipeg"))  # type: ignore[arg-type, misc]
    assert (sweeping.send_reminders(moment), sweeping.send_reminders(moment)) == (len(kinds), 0)
    assert POST.kinds_to(HELEN) == kinds


def test_who_is_left_in_peace(renewal: Any, helen: Any, winnipeg: Any) -> None:
    moment = datetime(2027, 4, 1, 15, tzinfo=UTC)
    winnipeg.memberships.update(until_on=date(2027, 6, 1))
    assert sweeping.send_reminders(moment) == 0
    winnipeg.memberships.update(until_on=None)
    renewing.say_we_stay(renewal, by=helen)
    assert sweeping.send_reminders(moment) == 0


def test_we_stay(renewal: Any, helen: Any, henry: Any, rosa: Any) -> None:
    for stranger in (henry, rosa):
        with pytest.raises(PermissionDenied):
            renewing.say_we_stay(renewal, by=stranger)
    renewing.say_we_stay(renewal, by=helen)
    renewal.refresh_from_db()
    assert (renewal.state, renewal.confirmed_by_name) == ("due", "Helen Friesen")
    assert POST.to("stays") == [PRIYA]
    with pytest.raises(TransitionRefused) as again:
        renewing.say_we_stay(renewal, by=helen)
    assert (str(again.value), again.value.done_already) == ("Helen Friesen has said so already.", True)


def test_recorded_also_in_grace(clock: Any, renewal: Any, priya: Any) -> None:
    clock.move_to(datetime(2027, 6, 30, 16, tzinfo=UTC))  # the last day
    renewing.record(renewal, by=priya)
    renewal.refresh_from_db()
    assert (renewal.state, renewal.renewed_on) == ("renewed", date(2027, 6, 30))
    assert POST.kinds_to(HELEN) == ["renewed"]
    assert "April 1, 2028" in POST.written("renewed")[0].text
    assert sweeping.housekeeping() == 0


@pytest.mark.parametrize(
    ("today", "until"), [(date(2027, 2, 1), date(2027, 3, 31)), (date(2027, 5, 3), date(2027, 5, 3))]
)
def test_we_leave(clock: Any, renewal: Any, helen: Any, winnipeg: Any, today: date, until: date) -> None:
    clock.move_to(datetime(today.year, today.month, today.day, 16, tzinfo=UTC))
    renewing.leave(renewal, by=helen, word="Our office closes.")
    assert (renewal.state, winnipeg.memberships.get().until_on) == ("left", until)
    assert (POST.to("left"), renewal.changes.get().note) == ([HELEN, PRIYA], "Our office closes.")


class TestLapsing:
    @pytest.mark.parametrize(("today", "number"), [(date(2027, 6, 30), 0), (date(2027, 7, 1), 1)])
    def test_the_day_after_grace(self, renewal: Any, winnipeg: Any, clock: Any, today: date, number: int) -> None:
        clock.move_to(datetime(today.year, today.month, today.day, 16, tzinfo=UTC))
        assert (renewing.lapse_due(), renewing.lapse_due()) == (number, 0)
        assert winnipeg.memberships.get().until_on == (date(2027, 6, 30) if number else None)
        assert (POST.to("lapsed"), POST.to("lapsed_to_coordinators")) == ([HELEN] * number, [PRIYA] * number)

    def test_another_membership_that_began_meanwhile_stays(self, renewal: Any, winnipeg: Any, clock: Any) -> None:
        winnipeg.memberships.update(until_on=date(2027, 4, 30))
        new = make_membership(winnipeg, kind="associate", from_on=date(2027, 5, 1))
        clock.move_to(datetime(2027, 7, 1, 16, tzinfo=UTC))
        assert renewing.lapse_due() == 1
        new.refresh_from_db()
        assert (new.until_on, POST.to("lapsed")) == (None, [])

    def test_people_keep_their_own_and_see_no_members_things(
        self, renewal: Any, winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, clock: Any, client: Any
    ) -> None:
        visit = make_exchange(thunder_bay, winnipeg, stage="confirmed")
        clock.move_to(datetime(2027, 7, 1, 16, tzinfo=UTC))
        renewing.lapse_due()
        user = type(helen).objects.get(pk=helen.pk)
        assert not works_for_a_member(user)
        assert Exchange.objects.visible_to(user).filter(pk=getattr(visit, "exchange_id", visit.pk)).exists()
        client.force_login(user)
        assert client.get("/en/municipalities/thunder-bay/people/").status_code in (403, 404)

    def test_brought_back(self, renewal: Any, winnipeg: Any, priya: Any, clock: Any) -> None:
        clock.move_to(datetime(2027, 7, 1, 16, tzinfo=UTC))
        renewing.lapse_due()
        clock.shift(timedelta(days=30))
        membership = renewing.bring_back(renewal, by=priya)
        assert (membership.kind, membership.from_on, membership.until_on) == ("general", date(2027, 7, 31), None)
        assert "July 31, 2028" in POST.written("renewed")[0].text


class TestFees:
    TIERS = [
        {"population_from": 100, "population_to": None, "annual_fee": 900},
        {"population_from": 0, "population_to": 100, "annual_fee": 300},
    ]

    def test_a_new_table_leaves_the_old(self, clock: Any, priya: Any) -> None:
        make_fee(650)
        for _turn in range(2):  # of the same day: replaced
            set_table(kind="general", effective_from=date(2027, 3, 1), tiers=self.TIERS, source="Board", by=priya)
        assert list(FeeTier.objects.values_list("annual_fee", flat=True)) == [300, 900, 650]

    @pytest.mark.parametrize(
        ("tiers", "reason"),
        [
            ([], "The first line begins at 0 people."),
            (TIERS[:1], "The first line begins at 0 people."),
            (TIERS[1:], "The last line has no upper limit: leave it empty."),
            ([TIERS[1], TIERS[0] | {"population_from": 99}], "Each line begins where the one before ends."),
        ],
    )
    def test_gaps_are_refused(self, clock: Any, priya: Any, tiers: Any, reason: str) -> None:
        with pytest.raises(TransitionRefused) as refused:
            set_table(kind="general", effective_from=date(2027, 3, 1), tiers=tiers, source="", by=priya)
        assert str(refused.value) == reason

    def test_only_coordinators(self, amina: Any) -> None:
        with pytest.raises(PermissionDenied):
            set_table(kind="general", effective_from=date(2027, 3, 1), tiers=self.TIERS, source="", by=amina)


def test_first_steps_that_the_portal_sees(clock: Any, winnipeg: Any, helen: Any, amina: Any) -> None:
    membership = winnipeg.memberships.get()
    for code in OnboardingStep.Code:
        OnboardingStep.objects.create(membership=membership, code=code)
    assert first_steps.notice_all() == 1  # Helen is in
    for _turn in range(2):
        make_stakeholder(winnipeg, standing=Standing.STAFF)
    assert (first_steps.notice_all(), first_steps.notice_all()) == (1, 0)
    mentor = OnboardingStep.objects.get(code="mentor")
    with pytest.raises(PermissionDenied):
        first_steps.tick(mentor, by=amina)
    for done in (True, True, False):
        first_steps.tick(mentor, by=helen, done=done)
        mentor.refresh_from_db()
        assert (mentor.done_at is not None, mentor.done_by_name) == (done, "Helen Friesen" if done else "")
