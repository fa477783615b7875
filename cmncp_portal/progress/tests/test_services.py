"""Keeping a profile: what is written, what follows from it, and what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.stages import Stage
from cmncp_portal.network.tests.factories import make_sector
from cmncp_portal.progress import services
from cmncp_portal.progress.models import CheckAnswer, ProfileChange, StrategyCheck, StrategyProfile
from cmncp_portal.progress.services import Answer

from .factories import make_checks, make_profile

pytestmark = pytest.mark.django_db
YES, PARTLY, NO = Answer("yes"), Answer("partly"), Answer("no")


def story(place: Any) -> list[tuple[Any, ...]]:
    rows = ProfileChange.objects.filter(profile__municipality=place).order_by("pk")
    return list(rows.values_list("what", "before", "after", "stage_before", "stage_after", "by_name"))


def answers_of(stage: int, value: Answer = YES) -> dict[int, Answer]:
    return {check.pk: value for check in StrategyCheck.objects.filter(stage=stage)}


class TestFacts:
    def test_the_first_edit_makes_the_profile_and_each_field_is_a_line_of_history(
        self, clock: Any, thunder_bay: Any, joseph: Any
    ) -> None:
        sectors = [make_sector("police"), make_sector("health")]
        services.keep_facts(
            thunder_bay,
            seen=1,
            by=joseph,
            centre="Community Safety Office",
            centre_staff=Decimal("2.5"),
            plan_adopted_on=date(2021, 6, 1),
            help_wanted="",
            sectors=sectors,
        )
        profile = StrategyProfile.objects.get()
        assert (profile.municipality, profile.centre, profile.version) == (thunder_bay, "Community Safety Office", 2)
        assert set(profile.sectors.all()) == set(sectors)
        assert story(thunder_bay) == [
            ("begun", "", "", 0, 0, "Joseph Kakegamic"),
            ("centre", "", "Community Safety Office", 0, 0, "Joseph Kakegamic"),
            ("centre_staff", "", "2.5", 0, 0, "Joseph Kakegamic"),
            ("plan_adopted_on", "", "2021-06-01", 0, 0, "Joseph Kakegamic"),
            ("sectors", "", "police,health", 0, 0, "Joseph Kakegamic"),
        ]

    def test_the_same_once_more_changes_nothing(self, thunder_bay: Any, joseph: Any) -> None:
        profile = make_profile(thunder_bay, centre="Office", centre_staff=Decimal("2.0"))
        services.keep_facts(thunder_bay, seen=1, by=joseph, centre="Office", centre_staff=Decimal(2), sectors=[])
        profile.refresh_from_db()
        assert (profile.version, story(thunder_bay)) == (1, [])

    def test_who_saves_second_is_told(self, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        services.keep_facts(thunder_bay, seen=1, by=joseph, centre="Joseph’s")
        with pytest.raises(Conflict) as conflict:
            services.keep_facts(thunder_bay, seen=1, by=amina, centre="Amina’s")
        assert conflict.value.current.centre == "Joseph’s"  # type: ignore[attr-defined]
        assert StrategyProfile.objects.get().centre == "Joseph’s"

    def test_only_the_own_people_and_the_office(self, thunder_bay: Any, helen: Any, priya: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.keep_facts(thunder_bay, seen=1, by=helen, centre="Mine")
        assert not StrategyProfile.objects.exists()
        services.keep_facts(thunder_bay, seen=1, by=priya, centre="Theirs")
        assert StrategyProfile.objects.get().centre == "Theirs"


class TestChecks:
    def test_the_stage_follows_and_the_history_names_it(self, clock: Any, thunder_bay: Any, amina: Any) -> None:
        make_checks()
        profile = make_profile(thunder_bay)
        services.answer_checks(thunder_bay, seen=1, by=amina, answers=answers_of(1))
        services.answer_checks(thunder_bay, seen=2, by=amina, answers=answers_of(2, PARTLY))
        profile.refresh_from_db()
        assert (profile.stage, profile.version) == (Stage.COMMITMENT, 3)
        second = StrategyCheck.objects.get(code="s2-2")
        proof = Answer("yes", "https://a.example/x", "See page 4")
        services.answer_checks(thunder_bay, seen=3, by=amina, answers={second.pk: proof})
        answer = CheckAnswer.objects.get(item=second)
        assert (answer.value, answer.evidence_url, answer.note) == ("yes", "https://a.example/x", "See page 4")
        assert (answer.by, answer.by_name, answer.at) == (amina, "Amina Diallo", datetime(2027, 2, 1, 15, tzinfo=UTC))
        assert story(thunder_bay) == [
            ("s1-1", "", "yes", 0, 1, "Amina Diallo"),
            ("s1-2", "", "yes", 0, 1, "Amina Diallo"),
            ("s2-1", "", "partly", 1, 1, "Amina Diallo"),
            ("s2-2", "", "partly", 1, 1, "Amina Diallo"),
            ("s2-2", "partly", "yes", 1, 2, "Amina Diallo"),
        ]
        assert ProfileChange.objects.latest("pk").note == "See page 4 · https://a.example/x"

    def test_it_falls_when_an_answer_is_taken_away(self, thunder_bay: Any, amina: Any) -> None:
        make_checks()
        services.answer_checks(thunder_bay, seen=1, by=amina, answers=answers_of(1) | answers_of(2))
        first = StrategyCheck.objects.get(code="s1-1")
        profile = services.answer_checks(thunder_bay, seen=2, by=amina, answers={first.pk: Answer("")})
        assert (profile.stage, profile.answers.count()) == (Stage.INTERESTED, 3)
        assert story(thunder_bay)[-1] == ("s1-1", "yes", "", 2, 0, "Amina Diallo")

    def test_a_check_out_of_use_is_not_answered(self, thunder_bay: Any, amina: Any) -> None:
        make_checks()
        StrategyCheck.objects.filter(code="s1-1").update(is_used=False)
        profile = services.answer_checks(thunder_bay, seen=1, by=amina, answers=answers_of(1))
        assert (profile.stage, profile.answers.count()) == (Stage.COMMITMENT, 1)

    def test_another_list_of_checks_moves_who_it_concerns(self, thunder_bay: Any, amina: Any, priya: Any) -> None:
        make_checks()
        services.answer_checks(thunder_bay, seen=1, by=amina, answers=answers_of(1) | {**answers_of(2)})
        StrategyCheck.objects.create(code="new", stage=2, text_en="New", text_fr="Nouveau")
        assert services.follow_check_list(by=priya) == 1
        assert services.follow_check_list(by=priya) == 0
        assert StrategyProfile.objects.get().stage == Stage.COMMITMENT
        assert story(thunder_bay)[-1] == ("check_list", "2", "1", 2, 1, "Priya Nair")


def test_a_budget_is_kept_replaced_and_taken_away(thunder_bay: Any, joseph: Any) -> None:
    keep = services.keep_budget
    keep(thunder_bay, seen=1, by=joseph, year=2026, amount=Decimal(90_000), source="Budget book, p. 12")
    keep(thunder_bay, seen=2, by=joseph, year=2026, amount=Decimal(95_000), source="Budget book, p. 12")
    profile = keep(thunder_bay, seen=3, by=joseph, year=2025, amount=None)  # there was none
    assert [(one.year, one.amount, one.source) for one in profile.budgets.all()] == [
        (2026, 95_000, "Budget book, p. 12")
    ]
    keep(thunder_bay, seen=3, by=joseph, year=2026, amount=None)
    assert not profile.budgets.exists()
    assert [row[:3] for row in story(thunder_bay)[1:]] == [
        ("budget:2026", "", "90000"),
        ("budget:2026", "90000", "95000"),
        ("budget:2026", "95000", ""),
    ]


class TestDeclaring:
    def test_it_stands_above_the_checks_until_taken_back(self, thunder_bay: Any, amina: Any, priya: Any) -> None:
        make_checks()
        services.declare_stage(thunder_bay, seen=1, by=amina, stage=4, reason=" Adopted in 2019, before these checks. ")
        services.answer_checks(thunder_bay, seen=2, by=amina, answers=answers_of(1))
        profile = StrategyProfile.objects.get()
        assert (profile.stage, profile.computed_stage) == (Stage.PLAN, Stage.COMMITMENT)
        assert profile.declared_reason == "Adopted in 2019, before these checks."
        services.take_back_declaration(thunder_bay, by=priya)
        profile.refresh_from_db()
        assert (profile.stage, profile.declared_stage, profile.declared_reason) == (Stage.COMMITMENT, None, "")
        told = [row for row in story(thunder_bay) if row[0] == "declared_stage"]
        assert told == [
            ("declared_stage", "", "4", 0, 4, "Amina Diallo"),
            ("declared_stage", "4", "", 4, 1, "Priya Nair"),
        ]

    @pytest.mark.parametrize(
        ("stage", "reason", "said"),
        [
            (4, "  ", "Please give a reason; the others will read it."),
            (2, "We think so", "The checks say this stage already; there is nothing to declare."),
        ],
    )
    def test_what_is_refused(self, thunder_bay: Any, amina: Any, stage: int, reason: str, said: str) -> None:
        make_profile(thunder_bay, 2)
        with pytest.raises(TransitionRefused) as refused:
            services.declare_stage(thunder_bay, seen=1, by=amina, stage=stage, reason=reason)
        assert (str(refused.value), refused.value.done_already) == (said, False)

    def test_twice_is_done_already(self, thunder_bay: Any, amina: Any) -> None:
        services.declare_stage(thunder_bay, seen=1, by=amina, stage=4, reason="So")
        with pytest.raises(TransitionRefused) as refused:
            services.declare_stage(thunder_bay, seen=2, by=amina, stage=4, reason="So")
        assert refused.value.done_already
        services.take_back_declaration(thunder_bay, by=amina)
        with pytest.raises(TransitionRefused) as refused:
            services.take_back_declaration(thunder_bay, by=amina)
        assert refused.value.done_already

    def test_staff_do_not_declare(self, thunder_bay: Any, joseph: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.declare_stage(thunder_bay, seen=1, by=joseph, stage=4, reason="So")


def test_what_everybody_sees_is_the_representatives_choice(thunder_bay: Any, amina: Any, priya: Any) -> None:
    with pytest.raises(PermissionDenied):
        services.choose_public(thunder_bay, seen=1, by=priya, parts=["stage"])
    services.choose_public(thunder_bay, seen=1, by=amina, parts=["budget", "stage", "nonsense"])
    assert StrategyProfile.objects.get().public == ["stage", "budget"]
    assert story(thunder_bay)[-1][:3] == ("public", "", "stage,budget")


def test_confirming_once_a_day(clock: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
    with pytest.raises(TransitionRefused, match="There is nothing to confirm yet: begin with the checks."):
        services.confirm(thunder_bay, by=joseph)
    profile = make_profile(thunder_bay)
    services.confirm(thunder_bay, by=joseph)
    with pytest.raises(TransitionRefused, match="Already confirmed today by Joseph Kakegamic.") as refused:
        services.confirm(thunder_bay, by=amina)
    assert refused.value.done_already
    clock.move_to(datetime(2027, 2, 2, 15, tzinfo=UTC))
    services.confirm(thunder_bay, by=amina)
    profile.refresh_from_db()
    assert (profile.confirmed_by_name, profile.version) == ("Amina Diallo", 1)
    assert [row[0] for row in story(thunder_bay)] == ["confirmed", "confirmed"]
