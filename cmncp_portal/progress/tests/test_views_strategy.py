"""One municipality's strategy: members read all of it, everybody the ticked parts, each part alone."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_representative,
    make_sector,
    make_topic,
)
from cmncp_portal.progress.models import PreventionBudget, StrategyCheck, StrategyProfile

from .factories import make_checks, make_profile
from .screens import address, said, words_of

pytestmark = pytest.mark.django_db

# What each part alone shows to everybody; nothing of the others.
SHOWN = {
    "stage": "Partnership · the stage today",
    "plan": "Safer Together",
    "centre": "Community Safety Office",
    "sectors": "Police",
    "budget": "$108,843 $1.00 per resident (population of 2021)",
    "strengths": "Our youth hub",
}
PRIVATE = ["Check 1 of stage 1", "A note for members", "By the checks", "Only members of the network"]


@pytest.fixture
def full(clock: Any, thunder_bay: Any) -> StrategyProfile:
    """A profile with something in each part."""
    make_checks()
    profile = make_profile(
        thunder_bay,
        3,
        centre="Community Safety Office",
        centre_staff=Decimal("2.5"),
        has_permanent_office="yes",
        plan_title="Safer Together",
        plan_url="https://plan.example/",
        plan_adopted_on=date(2022, 6, 1),
        plan_renewal_on=date(2027, 6, 1),
        strengths="Our youth hub",
        help_wanted="Measuring outcomes",
    )
    profile.sectors.add(make_sector("police"))
    PreventionBudget.objects.create(profile=profile, year=2026, amount=108_843, source="Budget book, p. 12")
    first = StrategyCheck.objects.get(code="s1-1")
    profile.answers.create(item=first, value="yes", note="A note for members", evidence_url="https://proof.example/")
    thunder_bay.offers.add(make_topic("youth"))
    thunder_bay.seeks.add(make_topic("housing"))
    return profile


@pytest.mark.parametrize("part", SHOWN)
def test_each_part_alone_for_everybody(client: Any, full: StrategyProfile, part: str) -> None:
    StrategyProfile.objects.update(public=[part])
    page = client.get(address("strategy", full.municipality))
    words = words_of(page)
    assert page.status_code == 200
    assert [name for name, text in SHOWN.items() if text in words] == [part]
    assert [text for text in PRIVATE if text in words] == []
    assert ("Youth" in words, "Housing" in words) == (part == "strengths", part == "strengths")


def test_nothing_ticked_is_not_there_for_the_public_and_for_strangers(client: Any, full: StrategyProfile) -> None:
    thinking = make_municipality(member=False)
    make_membership(thinking, kind="prospective")
    there = address("strategy", full.municipality)
    assert client.get(there).status_code == 404
    client.force_login(make_representative(thinking))
    assert client.get(there).status_code == 404
    assert client.get(address("edit", full.municipality)).status_code == 404
    assert client.get(address("strategy", thinking)).status_code == 200  # the own one, before it is begun
    StrategyProfile.objects.update(public=["plan"])
    assert client.get(there).status_code == 200


def test_a_municipality_that_is_no_member_is_not_public_whatever_it_ticks(client: Any) -> None:
    outside = make_municipality(member=False)
    make_profile(outside, public=["stage"])
    assert client.get(address("strategy", outside)).status_code == 404


def test_members_read_all_of_it_and_nothing_to_change(client: Any, full: StrategyProfile, helen: Any) -> None:
    client.force_login(helen)
    words = words_of(client.get(address("strategy", full.municipality)))
    expected = [*SHOWN.values(), "Check 1 of stage 1 “A note for members”", "The document that shows it"]
    expected += [
        "Permanent office Yes",
        "Staff, in full-time positions 2.5",
        "Budget book, p. 12",
        "Measuring outcomes",
    ]
    expected += ["Adopted on June 1, 2022 To be renewed by June 1, 2027", "1 of 2 met in full", "Not answered"]
    assert [text for text in expected if text not in words] == []
    for text in ("Still right today", "Keep the facts", "Answer the checks", "Choose what", "Who changed what"):
        assert text not in words


def test_the_own_people_see_the_next_check_and_their_forms(client: Any, full: StrategyProfile, amina: Any) -> None:
    client.force_login(amina)
    words = words_of(client.get(address("strategy", full.municipality)))
    assert "4 Plan adopted · to come Next: Check 1 of stage 4 3 Partnership · you are here" in words
    for text in (
        "Still right today",
        "Keep the facts",
        "Answer the checks of “Plan adopted”",
        "Choose what",
        "Declare",
    ):
        assert text in words


def test_a_declared_stage_says_why_and_what_the_checks_say(client: Any, full: StrategyProfile, helen: Any) -> None:
    StrategyProfile.objects.update(declared_stage=5, declared_reason="Older than the checks", public=["stage"])
    there = address("strategy", full.municipality)
    assert "The municipality declares the stage “Implementation”." in words_of(client.get(there))
    assert "Older than the checks" not in words_of(client.get(there))
    client.force_login(helen)
    said_now = "declares the stage “Implementation”. By the checks it is “Partnership”. “Older than the checks”"
    assert said_now in words_of(client.get(there))


@pytest.mark.parametrize(("renewal", "is_past"), [(date(2027, 1, 31), True), (date(2027, 2, 1), False)])
def test_a_renewal_that_passed_is_said_and_changes_no_stage(
    client: Any, full: StrategyProfile, amina: Any, renewal: date, is_past: bool
) -> None:
    StrategyProfile.objects.update(plan_renewal_on=renewal)
    client.force_login(amina)
    words = words_of(client.get(address("strategy", full.municipality)))
    text = "The plan was to be renewed by January 31, 2027. A renewal begins again at the diagnosis."
    assert (text in words, "3 Partnership · you are here" in words) == (is_past, True)


def test_before_anything_is_said(client: Any, clock: Any, amina: Any, helen: Any, thunder_bay: Any) -> None:
    make_checks()
    client.force_login(amina)
    words = words_of(client.get(address("strategy", thunder_bay)))
    assert "You have not said anything about your strategy yet" in words
    assert "Begin with the first checks" in words
    assert not StrategyProfile.objects.exists()
    client.force_login(helen)
    assert "This municipality has not said anything" in words_of(client.get(address("strategy", thunder_bay)))


class TestConfirming:
    def test_once_and_once_more(self, client: Any, full: StrategyProfile, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("confirm", full.municipality)
        assert said(client, client.post(there)) == ["Thank you: the profile is confirmed."]
        assert said(client, client.post(there)) == ["Already confirmed today by Joseph Kakegamic."]
        full.refresh_from_db()
        assert full.confirmed_at == datetime(2027, 2, 1, 15, tzinfo=UTC)
        words = words_of(client.get(address("strategy", full.municipality)))
        assert "confirmed on February 1, 2027 by Joseph Kakegamic" in words

    def test_who_may_not_and_how(self, client: Any, full: StrategyProfile, helen: Any) -> None:
        there = address("confirm", full.municipality)
        assert client.post(there)["Location"].startswith("/en/account/")
        client.force_login(helen)
        assert (client.post(there).status_code, client.get(there).status_code) == (403, 405)


class TestQueries:
    def many(self, profile: StrategyProfile) -> None:
        PreventionBudget.objects.bulk_create(
            (PreventionBudget(profile=profile, year=1990 + number, amount=number) for number in range(30)),
            ignore_conflicts=True,
        )
        profile.sectors.add(*(make_sector(f"sector-{number}") for number in range(8)))
        profile.municipality.offers.add(*(make_topic(f"topic-{number}") for number in range(8)))
        for check in make_checks(4):
            profile.answers.get_or_create(item=check, defaults={"value": "no"})

    def test_the_public_page(self, client: Any, full: StrategyProfile, django_assert_num_queries: Any) -> None:
        StrategyProfile.objects.update(public=list(SHOWN))
        for _turn in ("one", "many"):
            with django_assert_num_queries(1):
                client.get(address("strategy", full.municipality))
            self.many(full)

    def test_the_page_of_a_member(
        self, client: Any, full: StrategyProfile, helen: Any, django_assert_max_num_queries: Any
    ) -> None:
        client.force_login(helen)
        found = []
        for _turn in ("one", "many"):
            with django_assert_max_num_queries(8) as asked:
                client.get(address("strategy", full.municipality))
            found.append(len(asked))
            self.many(full)
        assert found[0] == found[1]


def test_the_page_of_the_municipality_leads_there_for_who_may_read_it(
    client: Any, full: StrategyProfile, helen: Any
) -> None:
    link = f'href="{address("strategy", full.municipality)}"'
    there = full.municipality.get_absolute_url()
    assert link not in client.get(there).content.decode()
    client.force_login(helen)
    assert link in client.get(there).content.decode()
