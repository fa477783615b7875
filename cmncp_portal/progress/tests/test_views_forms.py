"""The small forms: they save, they come back with what was typed, two people at once lose nothing, neighbours stay outside."""

from datetime import date
from typing import Any

import pytest

from cmncp_portal.network.stages import Stage
from cmncp_portal.network.tests.factories import make_sector
from cmncp_portal.progress.models import StrategyCheck, StrategyProfile

from .factories import make_checks, make_profile
from .screens import address, as_sent, said, text_of, words_of

pytestmark = pytest.mark.django_db
FORMS = [("edit", ()), ("checks", (1,)), ("budget", ()), ("public", ()), ("declare", ())]


@pytest.fixture(autouse=True)
def _checks(clock: Any, db: None) -> None:
    make_checks()


@pytest.mark.parametrize(("name", "args"), [*FORMS, ("history", ())])
def test_a_neighbour_and_a_stranger(client: Any, thunder_bay: Any, helen: Any, name: str, args: Any) -> None:
    there = address(name, thunder_bay, *args)
    assert client.get(there)["Location"].startswith("/en/account/")
    client.force_login(helen)
    assert client.get(there).status_code == 403
    if name != "history":
        assert client.post(there, {}).status_code == 403
    assert not StrategyProfile.objects.exists()


@pytest.mark.parametrize(
    ("who", "allowed"), [("joseph", ["edit", "checks", "budget"]), ("priya", ["edit", "checks", "budget", "declare"])]
)
def test_staff_and_the_office(
    client: Any, thunder_bay: Any, request: pytest.FixtureRequest, who: str, allowed: list[str]
) -> None:
    client.force_login(request.getfixturevalue(who))
    found = [name for name, args in FORMS if client.get(address(name, thunder_bay, *args)).status_code == 200]
    assert found == allowed


class TestFacts:
    def test_what_is_typed_is_kept(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        police = make_sector("police")
        client.force_login(joseph)
        there = address("edit", thunder_bay)
        sent = as_sent(client.get(there), centre="Safety Office", plan_renewal_on="2027-06-01", sectors=[police.pk])
        answer = client.post(there, sent)
        assert (answer.status_code, answer["Location"]) == (302, address("strategy", thunder_bay))
        profile = StrategyProfile.objects.get()
        assert (profile.centre, profile.plan_renewal_on) == ("Safety Office", date(2027, 6, 1))
        assert list(profile.sectors.all()) == [police]

    def test_what_is_wrong_comes_back(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("edit", thunder_bay)
        typed = {"plan_adopted_on": "2027-01-01", "plan_renewal_on": "2026-01-01", "centre_staff": "-1"}
        answer = client.post(there, as_sent(client.get(there), **typed, centre="Typed"))
        assert answer.status_code == 422
        assert answer.context["form"].errors == {
            "plan_renewal_on": ["A plan is renewed after it was adopted."],
            "centre_staff": ["This cannot be less than none."],
        }
        assert 'value="Typed"' in text_of(answer)
        assert not StrategyProfile.objects.exists()

    def test_two_people_at_once(self, client: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        there = address("edit", thunder_bay)
        client.force_login(joseph)
        sent = as_sent(client.get(there), centre="Joseph’s")
        client.force_login(amina)
        client.post(there, as_sent(client.get(there), centre="Amina’s", strengths="Youth hub"))
        client.force_login(joseph)
        answer = client.post(there, sent)
        assert answer.status_code == 409
        words = words_of(answer)
        assert "Amina’s" in words
        assert 'value="Joseph’s"' in text_of(answer)
        again = client.post(there, as_sent(answer))
        assert again.status_code == 302
        profile = StrategyProfile.objects.get()
        assert (profile.centre, profile.strengths) == ("Joseph’s", "Youth hub")


class TestChecks:
    def typed(self, page: Any, *values: str, **more: str) -> dict[str, Any]:
        keys = [check.pk for check in page.context["form"].block.lines for check in [check.check]]
        fields = {f"c{key}_value": value for key, value in zip(keys, values, strict=True)}
        return as_sent(page, **fields, **{f"c{keys[0]}_{name}": text for name, text in more.items()})

    def test_a_stage_answered(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("checks", thunder_bay, 1)
        sent = self.typed(client.get(there), "yes", "partly", note="Resolution 12", link="https://a.example/")
        assert said(client, client.post(there, sent)) == ["Saved."]
        profile = StrategyProfile.objects.get()
        assert profile.stage == Stage.COMMITMENT
        answer = profile.answers.get(item__code="s1-1")
        assert (answer.value, answer.note, answer.evidence_url) == ("yes", "Resolution 12", "https://a.example/")
        assert 'value="Resolution 12"' in text_of(client.get(there))

    def test_what_is_wrong_comes_back(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("checks", thunder_bay, 1)
        answer = client.post(there, self.typed(client.get(there), "", "yes", note="Typed", link="no address"))
        key = StrategyCheck.objects.get(code="s1-1").pk
        assert answer.status_code == 422
        assert answer.context["form"].errors == {
            f"c{key}_value": ["Choose an answer to go with the note or the link."],
            f"c{key}_link": ["Enter a valid URL."],
        }
        assert 'value="Typed"' in text_of(answer)

    def test_two_people_at_once(self, client: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        there = address("checks", thunder_bay, 1)
        client.force_login(joseph)
        sent = self.typed(client.get(there), "yes", "", note="Joseph’s")
        client.force_login(amina)
        client.post(there, self.typed(client.get(there), "no", "yes"))
        client.force_login(joseph)
        answer = client.post(there, sent)
        assert answer.status_code == 409
        assert "Check 1 of stage 1" in words_of(answer)
        assert client.post(there, as_sent(answer)).status_code == 302
        values = dict(StrategyProfile.objects.get().answers.values_list("item__code", "value"))
        assert values == {"s1-1": "yes", "s1-2": "yes"}

    @pytest.mark.parametrize("stage", [0, 8])
    def test_there_is_no_such_stage(self, client: Any, thunder_bay: Any, joseph: Any, stage: int) -> None:
        client.force_login(joseph)
        assert client.get(address("checks", thunder_bay, stage)).status_code == 404


class TestBudget:
    def test_a_year_is_added_and_changed(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("budget", thunder_bay)
        client.post(there, as_sent(client.get(there), year="2026", amount="90000", source="Budget book"))
        page = client.get(there, {"year": "2026"})
        assert as_sent(page) == as_sent(page, year="2026", amount="90000", source="Budget book", version="2")
        client.post(there, as_sent(page, amount="95000"))
        [budget] = StrategyProfile.objects.get().budgets.all()
        assert (budget.year, budget.amount) == (2026, 95_000)

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({"year": "1989"}, {"year": ["Ensure this value is greater than or equal to 1990."]}),
            ({"year": "2033"}, {"year": ["Choose a year up to 2032."]}),
            ({"amount": "-1"}, {"amount": ["Ensure this value is greater than or equal to 0."]}),
        ],
    )
    def test_what_is_wrong_comes_back(
        self, client: Any, thunder_bay: Any, joseph: Any, typed: dict[str, str], errors: dict[str, Any]
    ) -> None:
        client.force_login(joseph)
        there = address("budget", thunder_bay)
        answer = client.post(there, as_sent(client.get(there), source="Typed", **typed))
        assert (answer.status_code, answer.context["form"].errors) == (422, errors)
        assert 'value="Typed"' in text_of(answer)

    def test_two_people_at_once(self, client: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        there = address("budget", thunder_bay)
        client.force_login(joseph)
        sent = as_sent(client.get(there), year="2026", amount="1")
        client.force_login(amina)
        client.post(there, as_sent(client.get(there), year="2026", amount="2"))
        client.force_login(joseph)
        answer = client.post(there, sent)
        assert (answer.status_code, client.post(there, as_sent(answer)).status_code) == (409, 302)
        assert StrategyProfile.objects.get().budgets.get().amount == 1


def test_what_everybody_sees(client: Any, thunder_bay: Any, amina: Any) -> None:
    client.force_login(amina)
    there = address("public", thunder_bay)
    client.post(there, as_sent(client.get(there), public=["stage", "plan"]))
    assert StrategyProfile.objects.get().public == ["stage", "plan"]
    assert client.post(there, as_sent(client.get(there), public=["all"])).status_code == 422
    stale = as_sent(client.get(there), public=["plan"])
    client.post(there, as_sent(client.get(there), public=[]))
    assert client.post(there, stale).status_code == 409
    assert StrategyProfile.objects.get().public == []


class TestDeclaring:
    def test_there_and_back(self, client: Any, thunder_bay: Any, amina: Any) -> None:
        make_profile(thunder_bay, 1)
        client.force_login(amina)
        there = address("declare", thunder_bay)
        assert "By the checks the stage is “Commitment”." in words_of(client.get(there))
        client.post(there, as_sent(client.get(there), stage="4", reason="Adopted in 2019"))
        assert StrategyProfile.objects.get().stage == Stage.PLAN
        assert "“Plan adopted” is declared now." in words_of(client.get(there))
        move = {"move": "take_back"}
        assert said(client, client.post(there, move)) == ["The stage follows from the checks again."]
        assert said(client, client.post(there, move)) == ["The stage follows from the checks already."]
        assert StrategyProfile.objects.get().stage == Stage.COMMITMENT

    def test_what_is_refused_comes_back(self, client: Any, thunder_bay: Any, amina: Any) -> None:
        make_profile(thunder_bay, 1)
        client.force_login(amina)
        there = address("declare", thunder_bay)
        answer = client.post(there, as_sent(client.get(there), stage="4", reason=""))
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["reason"])
        answer = client.post(there, as_sent(client.get(there), stage="1", reason="Typed"))
        assert answer.status_code == 422
        assert "The checks say this stage already; there is nothing to declare." in words_of(answer)
        assert "Typed" in text_of(answer)
