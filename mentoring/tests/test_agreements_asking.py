"""The coordinator reads the proposal and the letter, writes a word, asks both."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality
from mentoring.models import Agreement, Participant
from mentoring.services.asking import ask_both
from mentoring.services.concluding import withdraw

from .agreeing import AMINA, CHIEF, HELEN, about, as_sent, mail, make_contact, read, said, words_of
from .factories import make_agreement, make_need

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

REASONS = {
    "en": ["Two stages ahead."],
    "fr": ["Deux étapes d’avance."],
    "cautions": {"en": ["Far away."], "fr": ["Loin."]},
    "score": 4.0,
}


@pytest.fixture
def proposed(clock: Any, winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any) -> Agreement:
    return make_agreement(winnipeg, thunder_bay, "proposed", reasons=REASONS)


def test_both_are_asked_with_ten_days_to_answer(proposed: Agreement, priya: Any) -> None:
    ask_both(proposed, by=priya, word="You both care for youth.")
    now = read(proposed)
    assert (now.state, now.answer_due_on, now.word) == ("awaiting", date(2027, 2, 11), "You both care for youth.")
    people = Participant.objects.filter(agreement=proposed).order_by("side")
    assert list(people.values_list("side", "email", "is_lead")) == [("mentee", AMINA, True), ("mentor", HELEN, True)]
    assert mail.to("asked") == [AMINA, HELEN]
    letter = mail.written("asked")[0]
    assert "> You both care for youth." in letter.text
    assert "- Two stages ahead." in letter.text
    assert f"/en/mentoring/agreements/{proposed.reference}/answer/" in letter.text


def test_the_last_day_for_answers_is_a_working_day(proposed: Agreement, priya: Any, clock: Any) -> None:
    clock.move_to("2027-02-03T15:00:00+00:00")
    ask_both(proposed, by=priya)
    assert read(proposed).answer_due_on == date(2027, 2, 15)  # the 13th is a Saturday


def test_a_municipality_without_account_gets_a_personal_page(clock: Any, winnipeg: Any, helen: Any, priya: Any) -> None:
    north = make_municipality("north", member=False)
    need = make_need(north, contact=make_contact(north, language="fr"))
    asked = make_agreement(winnipeg, need, "proposed", reasons=REASONS)
    ask_both(asked, by=priya)
    chief = Participant.objects.get(agreement=asked, side="mentee")
    assert (chief.email, chief.is_lead, chief.language) == (CHIEF, True, "fr")
    assert mail.to("asked") == [CHIEF, HELEN]
    [letter] = [m for m in mail.written("asked") if m.to_email == CHIEF]
    assert "/fr/" in letter.text
    assert f"/{chief.token}/answer/" in letter.text
    assert "Deux étapes d’avance." in letter.text


def test_nobody_is_asked_where_nobody_can_be_reached(clock: Any, winnipeg: Any, helen: Any, priya: Any) -> None:
    asked = make_agreement(winnipeg, make_municipality("north", member=False), "proposed")
    with pytest.raises(TransitionRefused, match="Nobody of North can be reached"):
        ask_both(asked, by=priya)
    assert (read(asked).state, mail.written()) == ("proposed", [])


def test_one_mentor_at_a_time(proposed: Agreement, priya: Any, saskatoon: Any, rosa: Any) -> None:
    other = make_agreement(saskatoon, proposed.need, "proposed")
    ask_both(proposed, by=priya)
    with pytest.raises(TransitionRefused, match="Another mentor is asked already"):
        ask_both(other, by=priya)


def test_only_the_network_asks(proposed: Agreement, amina: Any) -> None:
    with pytest.raises(PermissionDenied):
        ask_both(proposed, by=amina)


class TestThePage:
    def test_the_letter_is_read_before_it_goes(self, proposed: Agreement, priya: Any, client: Client) -> None:
        client.force_login(priya)
        page = client.get(about(proposed, "ask"))
        assert "Two stages ahead." in words_of(page)
        assert "Only the coordinators read this. Far away." in words_of(page)
        seen = client.post(about(proposed, "ask"), {"word": "Such a fit.", "see": "1"})
        assert (seen.status_code, mail.written()) == (200, [])
        assert "Such a fit." in words_of(seen).partition("The letter, in both languages")[2]
        sent = client.post(about(proposed, "ask"), {"word": "Such a fit.", "send": "1"})
        assert said(client, sent) == ["Both municipalities are asked by letter."]
        assert mail.to("asked") == [AMINA, HELEN]
        again = client.post(about(proposed, "ask"), {"word": "Such a fit.", "send": "1"})
        assert said(client, again) == ["Already done by Priya Nair: it is “Waiting for answers”."]

    def test_too_long_a_word_comes_back(self, proposed: Agreement, priya: Any, client: Client) -> None:
        client.force_login(priya)
        page = client.post(about(proposed, "ask"), {"word": "x" * 2001, "send": "1"})
        assert (page.status_code, as_sent(page)["word"]) == (422, "x" * 2001)

    def test_what_is_prepared_is_for_the_network_only(
        self, proposed: Agreement, amina: Any, rosa: Any, client: Client
    ) -> None:
        for person in (amina, rosa):
            client.force_login(person)
            assert [client.get(about(proposed, name)).status_code for name in ("ask", "agreement")] == [404, 404]

    def test_a_side_does_not_ask(self, proposed: Agreement, priya: Any, amina: Any, client: Client) -> None:
        ask_both(proposed, by=priya)
        client.force_login(amina)
        assert client.get(about(proposed, "ask")).status_code == 403

    def test_in_french(self, proposed: Agreement, priya: Any, client: Client) -> None:
        client.force_login(priya)
        page = client.get(about(proposed, "ask", language="fr"))
        assert (page.status_code, "Deux étapes d’avance." in words_of(page)) == (200, True)


def test_a_proposal_taken_back_is_told_to_who_was_asked(proposed: Agreement, priya: Any, client: Client) -> None:
    ask_both(proposed, by=priya)
    client.force_login(priya)
    wrong = client.post(about(proposed, "move", "withdraw"), {"note": ""})
    assert wrong.status_code == 422
    done = client.post(about(proposed, "move", "withdraw"), {"note": "The need changed."})
    assert said(client, done) == ["The proposal is taken back."]
    assert (read(proposed).state, mail.to("withdrawn")) == ("withdrawn", [AMINA, HELEN])
    again = client.post(about(proposed, "move", "withdraw"), {"note": "The need changed."})
    assert said(client, again) == ["Already done by Priya Nair: it is “Withdrawn”."]


def test_a_proposal_that_nobody_read_is_taken_back_quietly(proposed: Agreement, priya: Any) -> None:
    withdraw(proposed, by=priya, reason="A better match.")
    assert (read(proposed).state, mail.written()) == ("withdrawn", [])
