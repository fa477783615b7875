"""Renewals, on the desk and on the member's own page; and the first steps."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.joining.models import OnboardingStep
from cmncp_portal.network.tests.factories import make_membership, make_municipality

from .factories import make_applicant, make_renewal
from .screens import address, as_sent, heading, said, words_of

pytestmark = pytest.mark.django_db
DUE = date(2027, 2, 15)


@pytest.fixture(autouse=True)
def now(clock: Any) -> None:
    pass


@pytest.fixture
def renewal(winnipeg: Any, helen: Any) -> Any:
    return make_renewal(winnipeg.memberships.get(), DUE, fee=1_250)


class TestTheMembersPage:
    def here(self, slug: str = "winnipeg") -> str:
        return address("my_renewal", slug)

    def test_when_how_much_and_how_long(self, client: Client, renewal: Any, helen: Any, clock: Any) -> None:
        client.force_login(helen)
        words = words_of(client.get(self.here()))
        assert "The membership is to be renewed by February 15, 2027." in words
        assert "Yearly fee $1,250 Days of grace until May 16, 2027" in words
        clock.move_to(datetime(2027, 2, 16, 17, tzinfo=UTC))
        client.force_login(helen)
        assert "Everything goes on until May 16, 2027; then it ends by itself." in words_of(client.get(self.here()))

    def test_we_stay(self, client: Client, renewal: Any, helen: Any) -> None:
        client.force_login(helen)
        assert client.get(address("my_renewal_act", "winnipeg", "stay")).status_code == 404
        answers = [client.post(address("my_renewal_act", "winnipeg", "stay")) for _turn in range(2)]
        assert said(client, answers[1]) == [
            "Thank you: the coordinators settle the rest with you.",
            "Helen Friesen has said so already.",
        ]
        words = words_of(client.get(self.here()))
        assert "Helen Friesen said on February 1, 2027 that you stay." in words
        assert "We stay" not in words

    def test_we_leave(self, client: Client, renewal: Any, helen: Any) -> None:
        client.force_login(helen)
        there = address("my_renewal_act", "winnipeg", "leave")
        assert heading(client.get(there)) == "Leave the network"
        assert client.post(there, {"note": ""}).status_code == 422
        client.post(there, {"note": "Our office closes."})
        words = words_of(client.get(self.here()))
        assert "The membership ends on February 14, 2027." in words
        assert "We leave" not in words

    def test_who_else(self, client: Client, renewal: Any, henry: Any, rosa: Any, priya: Any) -> None:
        found = {}
        for user in (henry, rosa, priya):
            client.force_login(user)
            page = client.get(self.here())
            act = client.post(address("my_renewal_act", "winnipeg", "stay")).status_code
            found[user.name] = (page.status_code, "We stay" in page.content.decode(), act)
        assert found == {
            "Henry Okemaw": (200, False, 403),
            "Rosa Morin": (403, False, 403),
            "Priya Nair": (200, True, 302),
        }

    def test_nothing_to_do(self, client: Client, winnipeg: Any, helen: Any, django_assert_max_num_queries: Any) -> None:
        client.force_login(helen)
        with django_assert_max_num_queries(8):
            page = client.get(self.here())
        assert "The membership is next renewed by January 1, 2028" in words_of(page)
        assert client.get(self.here("nowhere")).status_code == 404
        assert client.post(address("my_renewal_act", "winnipeg", "stay")).status_code == 404
        make_applicant()
        assert client.get(self.here("merritt")).status_code == 404

    def test_it_has_ended(self, client: Client, winnipeg: Any, helen: Any) -> None:
        winnipeg.memberships.update(until_on=date(2027, 1, 31))
        make_renewal(winnipeg.memberships.get(), date(2026, 11, 2), state="lapsed")
        client.force_login(helen)
        words = words_of(client.get(self.here()))
        assert "The membership has ended." in words
        assert "Earlier years November 2, 2026 Lapsed" in words


class TestTheDesk:
    @pytest.fixture(autouse=True)
    def signed_in(self, client: Client, priya: Any) -> None:
        client.force_login(priya)

    def test_lists(self, client: Client) -> None:
        for slug, due, state, until in (
            ("soon", DUE, "due", None), ("today", date(2027, 2, 1), "due", None), ("grace", date(2027, 1, 31), "due", None),
            ("ended", DUE, "due", date(2027, 1, 1)), ("lapsed", date(2026, 10, 1), "lapsed", date(2026, 12, 30)),
            ("again", date(2026, 10, 1), "lapsed", date(2026, 12, 30)), ("done", DUE, "renewed", None),
        ):  # fmt: skip
            place = make_municipality(slug, member=False)
            make_renewal(make_membership(place, until_on=until), due, state=state)
            if slug == "again":
                make_membership(place, from_on=date(2027, 1, 1))
        found = {}
        for name in ("due", "grace", "lapsed", "settled"):
            page = client.get(address("renewals"), {"list": name})
            found[name] = [row.membership.municipality.slug for row in page.context["page"]]
        assert found == {
            "due": ["today", "soon"],
            "grace": ["grace"],
            "lapsed": ["lapsed", "again"],
            "settled": ["done"],
        }
        assert page.context["counts"] == {"due": 2, "grace": 1, "lapsed": 2, "settled": 1}
        assert words_of(client.get(address("renewals"), {"list": "lapsed"})).count("Renew after all") == 1
        assert client.get(address("renewals"), {"list": "x"}).status_code == 404

    @pytest.mark.parametrize("name", ["due", "lapsed"])
    def test_the_same_questions_at_one_and_at_many(
        self, client: Client, django_assert_max_num_queries: Any, name: str
    ) -> None:
        def add() -> None:
            place = make_municipality(member=False)
            until = date(2027, 1, 1) if name == "lapsed" else None
            make_renewal(make_membership(place, until_on=until), DUE, state=name)

        add()
        with django_assert_max_num_queries(8) as few:
            client.get(address("renewals"), {"list": name})
        for _turn in range(29):
            add()
        with django_assert_max_num_queries(len(few)):
            page = client.get(address("renewals"), {"list": name})
        assert len(page.context["page"]) == 25

    def test_recorded_on_a_day(self, client: Client, renewal: Any) -> None:
        there = address("renewal_act", renewal.pk, "renew")
        page = client.get(there)
        assert (heading(page), as_sent(page)["on"]) == ("Record the renewal", "2027-02-01")
        wrong = client.post(there, {"on": "2027-02-02"})
        assert (wrong.status_code, as_sent(wrong)["on"]) == (422, "2027-02-02")
        answers = [client.post(there, {"on": "2027-01-30"}) for _turn in range(2)]
        renewal.refresh_from_db()
        assert (renewal.state, renewal.renewed_on) == ("renewed", date(2027, 1, 30))
        assert said(client, answers[1])[1] == "Already done by Priya Nair: it is “Renewed”."

    def test_lapsed_and_brought_back(self, client: Client, winnipeg: Any, helen: Any) -> None:
        renewal = make_renewal(winnipeg.memberships.get(), date(2026, 11, 1))
        assert "Record that it lapsed" in words_of(client.get(address("renewals"), {"list": "grace"}))
        client.post(address("renewal_act", renewal.pk, "lapse"))
        assert winnipeg.memberships.get().until_on == date(2027, 1, 30)
        client.post(address("renewal_act", renewal.pk, "bring_back"), {"on": "2027-02-01"})
        assert winnipeg.memberships.count() == 2
        assert client.get(address("renewal_act", renewal.pk, "lapse")).status_code == 404

    def test_the_grace_still_runs(self, client: Client, renewal: Any) -> None:
        answer = client.post(address("renewal_act", renewal.pk, "lapse"))
        assert said(client, answer) == ["The days of grace still run."]

    def test_they_leave(self, client: Client, renewal: Any) -> None:
        client.post(address("renewal_act", renewal.pk, "leave"), {"note": "Told by telephone."})
        renewal.refresh_from_db()
        assert renewal.state == "left"

    def test_nobody_else(self, client: Client, renewal: Any, helen: Any) -> None:
        client.force_login(helen)
        assert client.get(address("renewals")).status_code == 403
        assert client.post(address("renewal_act", renewal.pk, "renew"), {"on": "2027-02-01"}).status_code == 403


class TestFirstSteps:
    @pytest.fixture
    def steps(self, winnipeg: Any, helen: Any) -> None:
        membership = winnipeg.memberships.get()
        OnboardingStep.objects.bulk_create(
            OnboardingStep(membership=membership, code=code) for code in OnboardingStep.Code
        )

    def test_five_steps_with_where_each_is_taken(
        self, client: Client, steps: None, helen: Any, django_assert_max_num_queries: Any
    ) -> None:
        client.force_login(helen)
        with django_assert_max_num_queries(8):
            page = client.get(address("first_steps", "winnipeg"))
        assert [(one.url, one.is_done, one.is_seen) for one in page.context["steps"]] == [
            ("/en/municipalities/winnipeg/people/", True, True),
            ("/en/municipalities/winnipeg/people/", False, False),
            ("/en/strategies/winnipeg/", False, False),
            ("/en/mentoring/need/winnipeg/", False, False),
            ("/en/exchanges/", False, False),
        ]
        assert "4 steps are left." in words_of(page)

    def test_ticked_and_taken_back(self, client: Client, steps: None, henry: Any) -> None:
        client.force_login(henry)
        there = address("step_act", "winnipeg", "mentor")
        for sent, name in (({}, "Henry Okemaw"), ({}, "Henry Okemaw"), ({"undo": "1"}, "")):
            assert client.post(there, sent)["Location"] == address("first_steps", "winnipeg")
            assert OnboardingStep.objects.get(code="mentor").done_by_name == name
        assert client.get(there).status_code == 405
        assert client.post(address("step_act", "winnipeg", "dance")).status_code == 404

    def test_strangers_and_members_without_steps(self, client: Client, steps: None, rosa: Any) -> None:
        client.force_login(rosa)
        assert client.get(address("first_steps", "winnipeg")).status_code == 403
        assert client.post(address("step_act", "winnipeg", "mentor")).status_code == 403
        assert client.get(address("first_steps", "saskatoon")).status_code == 404
