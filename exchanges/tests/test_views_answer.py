"""The side whose turn it is answers: a period, other dates, or no. And the moves that need a reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.notifications.models import Message
from exchanges.models import Exchange, HostRequest, Visit

from .factories import make_exchange, make_member, make_window, read
from .screens import about, address, said, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any) -> Visit:
    """Thunder Bay asks Winnipeg, whose turn it is."""
    return read(make_exchange(thunder_bay, winnipeg, stage="requested", by=amina).first_visit)


@pytest.fixture
def planned(amina: Any, helen: Any, thunder_bay: Any, winnipeg: Any) -> Any:
    return lambda stage="planned": read(make_exchange(thunder_bay, winnipeg, stage=stage, by=amina).first_visit)


def state() -> str:
    return Visit.objects.get().state


class TestAccepting:
    def test_twice_is_answered_with_who_did_it(self, client: Any, helen: Any, asked: Visit) -> None:
        client.force_login(helen)
        sent = {"answer": "accept", "window": asked.latest_windows[1].pk}
        first = client.post(about(asked, "answer"), sent)
        assert said(client, first) == ["Accepted. Both sides are told; now you plan together."]
        second = client.post(about(asked, "answer"), sent)
        assert said(client, second) == ["Already done by Helen Friesen: it is “Accepted”."]
        assert Visit.objects.get().starts_on == asked.latest_windows[1].starts_on

    def test_of_a_period_that_is_no_longer_proposed(self, client: Any, helen: Any, asked: Visit) -> None:
        old = asked.latest_windows[0].pk
        make_window(asked, timezone.localdate() + timedelta(days=50), round=2)
        client.force_login(helen)
        page = client.post(about(asked, "answer"), {"answer": "accept", "window": old, "note": "Come & see"})
        assert (page.status_code, state()) == (422, "proposed")
        assert page.context["accept"].errors["window"] == [
            "These dates are no longer proposed; look at the latest ones."
        ]
        assert "Come &amp; see" in text_of(page)

    def test_of_a_period_that_has_passed(self, client: Any, helen: Any, asked: Visit) -> None:
        past = make_window(asked, timezone.localdate() - timedelta(days=5))
        client.force_login(helen)
        page = client.post(about(asked, "answer"), {"answer": "accept", "window": past.pk, "note": "Come"})
        assert (page.status_code, state()) == (422, "proposed")
        assert [str(m) for m in page.context["messages"]] == ["These dates have passed: propose others."]

    @pytest.mark.parametrize("which", ["accept", "dates", "decline", "nonsense", ""])
    def test_is_not_for_staff_of_the_host_nor_for_the_visitors(
        self, client: Any, henry: Any, amina: Any, asked: Visit, which: str
    ) -> None:
        for person in (henry, amina):
            client.force_login(person)
            sent = {"answer": which, "window": asked.latest_windows[0].pk, "reason": "dates"}
            page = client.post(about(asked, "answer"), sent)
            assert (page.status_code, state()) == (403, "proposed")
        assert "Your role does not open this page" in text_of(page) or "your role does not open this page" in text_of(
            page
        )

    def test_nothing_chosen_is_said_in_french(self, client: Any, helen: Any, asked: Visit) -> None:
        client.force_login(helen)
        page = client.post(about(asked, "answer", language="fr"), {"answer": "accept"})
        assert (page.status_code, page.context["accept"].errors["window"]) == (422, ["Ce champ est obligatoire."])


class TestOtherDates:
    def test_hosts_propose_then_visitors_answer(self, client: Any, joseph: Any, helen: Any, asked: Visit) -> None:
        day = timezone.localdate() + timedelta(days=90)
        client.force_login(helen)
        sent = {"answer": "dates", "start_1": day, "end_1": day, "word": "Before the snow"}
        assert client.post(about(asked, "answer"), sent).status_code == 302
        assert client.post(about(asked, "answer"), sent).status_code == 403  # now it is the others’ turn
        client.force_login(joseph)
        window = read(asked).latest_windows[0]
        assert client.post(about(asked, "answer"), {"answer": "accept", "window": window.pk}).status_code == 302
        assert state() == "accepted"

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({}, "start_1"),
            ({"start_1": "2031-05-05"}, "end_1"),
            ({"start_1": "2031-05-05", "end_1": "2031-05-04"}, "end_1"),
            ({"start_1": "soon", "end_1": "2031-05-04"}, "start_1"),
            ({"start_1": "2031-05-05", "end_1": "2031-05-05", "end_2": "2031-06-05"}, "start_2"),
            ({"start_1": "2031-05-05", "end_1": "2031-05-05", "word": "x" * 1001}, "word"),
        ],
    )
    def test_wrong_ones_come_back(
        self, client: Any, helen: Any, asked: Visit, typed: dict[str, str], field: str
    ) -> None:
        client.force_login(helen)
        page = client.post(about(asked, "answer"), {"answer": "dates", **typed})
        assert (page.status_code, state()) == (422, "proposed")
        assert field in page.context["other"].errors
        assert "<details open>" in text_of(page)
        for name, value in typed.items():
            assert page.context["other"][name].value() == value

    def test_in_the_past(self, client: Any, helen: Any, asked: Visit) -> None:
        client.force_login(helen)
        sent = {"answer": "dates", "start_1": "2020-01-01", "end_1": "2020-01-02", "word": "Typed"}
        page = client.post(about(asked, "answer"), sent)
        assert (page.status_code, page.context["other"]["word"].value()) == (422, "Typed")
        assert [str(m) for m in page.context["messages"]] == ["Propose at least one period that lies ahead."]


class TestDeclining:
    sent = {"answer": "decline", "reason": "capacity", "text": "Ask us in spring.", "is_text_shared": "on"}

    def test_a_second_click_is_no_error_though_the_request_is_gone(
        self, client: Any, helen: Any, rosa: Any, asked: Visit
    ) -> None:
        client.force_login(helen)
        assert client.post(about(asked, "answer"), self.sent)["Location"] == address("list")
        second = client.post(about(asked, "answer"), self.sent)
        assert said(client, second)[-1] == "Already declined by Helen Friesen."
        assert client.get(about(asked, "visit")).status_code == 404
        client.force_login(rosa)
        assert client.post(about(asked, "answer"), self.sent).status_code == 404

    def test_when_it_ends_the_request(self, client: Any, helen: Any, asked: Visit) -> None:
        Exchange.objects.update(looks_further=False)
        client.force_login(helen)
        client.post(about(asked, "answer"), self.sent)
        second = client.post(about(asked, "answer"), self.sent)
        assert (state(), said(client, second)[-1]) == ("declined", "Already done by Helen Friesen: it is “Declined”.")

    def test_needs_a_reason(self, client: Any, helen: Any, asked: Visit) -> None:
        client.force_login(helen)
        page = client.post(about(asked, "answer"), self.sent | {"reason": ""})
        assert (page.status_code, page.context["no"]["text"].value()) == (422, "Ask us in spring.")

    def test_a_word_that_is_not_shared_is_for_the_network(
        self, client: Any, helen: Any, amina: Any, priya: Any, asked: Visit
    ) -> None:
        client.force_login(helen)
        client.post(about(asked, "answer"), self.sent | {"text": "Between us.", "is_text_shared": ""})
        readers = []
        for person in (amina, priya):
            client.force_login(person)
            readers.append("Between us." in text_of(client.get(address("exchange", asked.exchange.reference))))
        assert readers == [False, True]

    def test_the_next_host_does_not_learn_who_declined(
        self, client: Any, helen: Any, amina: Any, rosa: Any, saskatoon: Any, winnipeg: Any, asked: Visit
    ) -> None:
        HostRequest.objects.update(outcome="declined", reason="dates", text="No.", answered_at=timezone.now())
        HostRequest.objects.create(
            exchange=asked.exchange, municipality=saskatoon, asked_at=timezone.now(), due_on=timezone.localdate()
        )
        Exchange.objects.update(host=saskatoon)
        seen = {}
        for person in (amina, rosa):
            client.force_login(person)
            page = client.get(address("exchange", asked.exchange.reference))
            seen[person.name] = [str(row.municipality) for row in page.context["host_requests"]]
        assert seen == {"Amina Diallo": ["Winnipeg", "Saskatoon"], "Rosa Morin": ["Saskatoon"]}


class TestMoves:
    @pytest.mark.parametrize(
        ("name", "stage", "message"),
        [
            ("postpone", "confirmed", "Done: Postpone. 4 people are told."),
            ("cancel", "confirmed", "Done: Cancel the visit. 5 people are told."),
            ("change_host", "planned", "Done: Look for another host. 2 people are told."),
            ("withdraw", "requested", "Done: Withdraw the request. One person is told."),
        ],
    )
    def test_say_how_many_are_told_and_a_second_click_by_whom(
        self, client: Any, amina: Any, priya: Any, planned: Any, name: str, stage: str, message: str
    ) -> None:
        visit = planned(stage)
        client.force_login(amina)
        first = client.post(about(visit, "move", name), {"note": "Snow"})
        assert said(client, first) == [message]
        assert Message.objects.values("to_email").distinct().count() == int(
            message.split(". ")[1].replace("One", "1").split()[0]
        )
        second = client.post(about(visit, "move", name), {"note": "Snow"})
        assert [words.split(":")[0] for words in said(client, second)] == ["Already done by Amina Diallo"]
        assert Visit.objects.get().changes.filter(transition=name).count() == 1

    @pytest.mark.parametrize("note", ["", " \n ", "x" * 1001, "x" * 1_000_000, "a\x00b"])
    @pytest.mark.parametrize("name", ["postpone", "cancel", "change_host"])
    def test_need_a_reason_and_keep_what_was_typed(
        self, client: Any, amina: Any, planned: Any, name: str, note: str
    ) -> None:
        visit = planned("confirmed")
        client.force_login(amina)
        page = client.post(about(visit, "move", name, language="fr"), {"note": note})
        assert (page.status_code, state(), page.context["form"]["note"].value()) == (422, "confirmed", note)
        assert Message.objects.count() == 0

    def test_postponed_twice_in_its_life(self, client: Any, amina: Any, planned: Any) -> None:
        visit = planned("planned")
        client.force_login(amina)
        for _ in range(2):
            assert client.post(about(visit, "move", "postpone"), {"note": "Snow"}).status_code == 302
            day = timezone.localdate() + timedelta(days=80)
            Visit.objects.update(starts_on=day, ends_on=day, postponed_at=None)
        assert visit.changes.filter(transition="postpone").count() == 2

    def test_reopening_is_for_the_network(self, client: Any, amina: Any, priya: Any, planned: Any) -> None:
        visit = planned("planned")
        client.force_login(amina)
        client.post(about(visit, "move", "cancel"), {"note": "Snow"})
        assert client.post(about(visit, "move", "reopen"), {"note": "Thaw"}).status_code == 403
        client.force_login(priya)
        assert client.post(about(visit, "move", "reopen"), {}).status_code == 422
        assert client.post(about(visit, "move", "reopen"), {"note": "Thaw"}).status_code == 302
        assert state() == "proposed"

    def test_a_move_that_is_none(self, client: Any, amina: Any, planned: Any) -> None:
        visit = planned("planned")
        client.force_login(amina)
        for name in ("record_held", "accept", "nonsense"):
            assert client.post(about(visit, "move", name), {"note": "x"}).status_code == 404

    def test_the_former_host_is_led_to_the_list_and_finds_nothing(
        self, client: Any, priya: Any, helen: Any, planned: Any
    ) -> None:
        visit = planned("planned")
        client.force_login(priya)
        client.post(about(visit, "move", "change_host"), {"note": "They have moved"})
        client.force_login(helen)
        assert client.post(about(visit, "move", "cancel"), {"note": "x"}).status_code == 404


class TestConfirming:
    def test_an_outdated_plan_is_not_confirmed(self, client: Any, amina: Any, planned: Any) -> None:
        visit = planned()
        Visit.objects.update(plan_version=7)
        client.force_login(amina)
        for seen in ("1", "", "²", "9" * 5000, "-1", "7.0"):
            answer = client.post(about(visit, "confirm"), {"plan_version": seen})
            assert said(client, answer) == [
                "The plan changed while you were reading; look at it again before you confirm."
            ]
        assert said(client, client.post(about(visit, "confirm"), {"plan_version": "7"}))[0].startswith("You confirmed")

    def test_twice(self, client: Any, amina: Any, planned: Any) -> None:
        visit = planned()
        client.force_login(amina)
        sent = {"plan_version": str(visit.plan_version)}
        client.post(about(visit, "confirm"), sent)
        assert said(client, client.post(about(visit, "confirm"), sent))[-1] == "Already confirmed by Amina Diallo."

    def test_is_not_for_the_network_nor_for_staff(
        self, client: Any, priya: Any, joseph: Any, henry: Any, planned: Any
    ) -> None:
        visit = planned()
        for person in (priya, joseph, henry):
            client.force_login(person)
            assert client.get(about(visit, "confirm")).status_code == 200
            assert client.post(about(visit, "confirm"), {"plan_version": "1"}).status_code == 403


class TestDates:
    def sent(self, visit: Visit, days: int = 100, **more: Any) -> dict[str, Any]:
        day = timezone.localdate() + timedelta(days=days)
        return {"starts_on": day, "ends_on": day, "plan_version": visit.plan_version, "word": "Snow"} | more

    def test_of_a_confirmed_visit_are_told_and_must_be_confirmed_again(
        self, client: Any, amina: Any, planned: Any
    ) -> None:
        visit = planned("confirmed")
        make_member(visit, status="declined")
        client.force_login(amina)
        page = client.get(about(visit, "dates"))
        assert len(page.context["people"]) == 4
        answer = client.post(about(visit, "dates"), self.sent(visit))
        assert (said(client, answer), state()) == (["The dates are set. 4 people are told."], "accepted")

    def test_the_same_ones_sent_twice(self, client: Any, amina: Any, planned: Any) -> None:
        visit = planned()
        client.force_login(amina)
        answers = [client.post(about(visit, "dates"), self.sent(visit)) for _ in range(2)]
        assert [a.status_code for a in answers] == [302, 302]
        assert said(client, answers[1])[-1] == "The dates are set."

    def test_a_stale_page_is_shown_again_and_can_be_sent_again(self, client: Any, joseph: Any, planned: Any) -> None:
        visit = planned()
        Visit.objects.update(plan_version=9)
        client.force_login(joseph)
        page = client.post(about(visit, "dates"), self.sent(visit))
        assert page.status_code == 409
        assert [str(m) for m in page.context["messages"]] == ["Somebody changed the plan meanwhile; look at it again."]
        again = {name: page.context["form"][name].value() for name in ("starts_on", "ends_on", "plan_version", "word")}
        assert client.post(about(visit, "dates"), again).status_code == 302

    @pytest.mark.parametrize(
        ("typed", "status"),
        [
            ({"starts_on": "2020-01-01", "ends_on": "2020-01-02"}, 409),
            ({"starts_on": "2031-01-01", "ends_on": "2031-01-20"}, 409),
            ({"starts_on": "2031-01-02", "ends_on": "2031-01-01"}, 422),
            ({"starts_on": "", "ends_on": "2031-01-01"}, 422),
            ({"word": ""}, 422),
            ({"word": "x" * 1001}, 422),
            ({"plan_version": "²"}, 422),
        ],
    )
    def test_wrong_ones_come_back(
        self, client: Any, amina: Any, planned: Any, typed: dict[str, str], status: int
    ) -> None:
        visit = planned("confirmed")
        client.force_login(amina)
        page = client.post(about(visit, "dates", language="fr"), self.sent(visit, **typed))
        assert (page.status_code, state()) == (status, "confirmed")
        for name, value in typed.items():
            assert page.context["form"][name].value() == value

    def test_in_whose_turn(self, client: Any, joseph: Any, rosa: Any, planned: Any) -> None:
        visit = planned("confirmed")
        client.force_login(joseph)  # staff may plan, and not move a confirmed visit
        assert client.post(about(visit, "dates"), self.sent(visit)).status_code == 403
        client.force_login(rosa)
        assert client.post(about(visit, "dates"), self.sent(visit)).status_code == 404
