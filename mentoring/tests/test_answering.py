"""Each side answers for itself; with both it begins, if the mentor still has room."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.test import Client

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_user
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.models import Message
from mentoring.models import Agreement, MentoringNeed, Participant
from mentoring.services.answering import accept, decline

from .agreeing import AMINA, CHIEF, HELEN, PRIYA, about, mail, make_contact, own, read, said, words_of
from .factories import make_agreement, make_need, make_offer, make_participant

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def asked(clock: Any, winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any) -> Agreement:
    """Winnipeg is asked to accompany Thunder Bay; nobody has answered."""
    made = make_agreement(winnipeg, thunder_bay, "awaiting", answer_due_on=date(2027, 2, 11))
    make_participant(made, "mentee", AMINA, name="Amina Diallo", is_lead=True)
    make_participant(made, "mentor", HELEN, name="Helen Friesen", is_lead=True)
    return read(made)


def test_with_both_it_begins_today_for_a_year(asked: Agreement, amina: Any, helen: Any) -> None:
    assert accept(asked, side="mentee", by=amina) == "waiting"
    assert accept(asked, side="mentor", by=helen) == "begun"
    now = read(asked)
    assert (now.state, now.starts_on, now.ends_on) == ("active", date(2027, 2, 1), date(2028, 2, 1))
    assert now.last_sign_at is not None
    assert MentoringNeed.objects.get(pk=asked.need_id).state == "matched"
    assert mail.to("begun") == [AMINA, HELEN]
    assert "For your first session" in mail.written("begun")[0].text
    assert [(c.transition, c.by_name) for c in now.changes.all()][-1] == ("begin", "")


def test_a_second_click_says_who_answered(asked: Agreement, amina: Any, thunder_bay: Any) -> None:
    accept(asked, side="mentee", by=amina)
    with pytest.raises(TransitionRefused, match=r"Amina Diallo accepted for Thunder Bay on February 1, 2027\."):
        accept(asked, side="mentee", by=amina)


def test_nobody_answers_for_the_other_side(asked: Agreement, amina: Any, joseph: Any, priya: Any, rosa: Any) -> None:
    for person, side in ((amina, "mentor"), (joseph, "mentee"), (priya, "mentee"), (rosa, "mentee")):
        with pytest.raises(PermissionDenied):
            accept(asked, side=side, by=person)
        with pytest.raises(PermissionDenied):
            decline(asked, side=side, by=person, reason="No.")


def test_the_mentee_declines_after_the_mentor_prepared(asked: Agreement, amina: Any, helen: Any, priya: Any) -> None:
    accept(asked, side="mentor", by=helen)
    decline(asked, side="mentee", by=amina, reason="Our council changed.")
    now = read(asked)
    assert (now.state, now.declined_side) == ("declined", "mentee")
    assert MentoringNeed.objects.get(pk=asked.need_id).state == "open"
    assert mail.to("declined") == [HELEN, PRIYA]
    [kind] = [m for m in mail.written("declined") if m.to_email == HELEN]
    assert "Thank you for giving thought to accompanying Thunder Bay." in kind.text
    assert "> Our council changed." in kind.text
    assert [(c.transition, c.by_name, c.note) for c in now.changes.all()][-1] == (
        "decline", "Amina Diallo", "Our council changed.",
    )  # fmt: skip


def test_a_no_has_a_reason(asked: Agreement, amina: Any) -> None:
    with pytest.raises(TransitionRefused, match="Please give a reason"):
        decline(asked, side="mentee", by=amina, reason=" ")


def test_the_last_place_is_gone(asked: Agreement, amina: Any, helen: Any, priya: Any, gatineau: Any) -> None:
    make_agreement(asked.offer, gatineau, "active")
    accept(asked, side="mentor", by=helen)
    assert accept(asked, side="mentee", by=amina) == "no_room"
    now = read(asked)
    assert (now.state, now.starts_on) == ("withdrawn", None)
    assert now.changes.last().note == "The mentor accompanies as many municipalities as it can."
    assert MentoringNeed.objects.get(pk=asked.need_id).state == "open"
    assert mail.to("no_room") == [AMINA, HELEN, PRIYA]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_last_acceptances_at_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """One place, two municipalities, both accept at once: one begins, the other is kindly refused and told."""
    monkeypatch.setattr(letters, "_hand_over", lambda pks: None)
    mentor = make_municipality("winnipeg")
    helen = make_representative(mentor, HELEN, name="Helen Friesen")
    offer = make_offer(mentor, capacity=1)
    people, agreements = [], []
    for number in (1, 2):
        place = make_municipality(f"town-{number}")
        people.append(make_representative(place, f"rep{number}@town.example"))
        agreements.append(make_agreement(offer, place, "awaiting"))
        accept(agreements[-1], side="mentor", by=helen)
    start = Barrier(2)

    def act(number: int) -> str:
        try:
            start.wait(timeout=30)
            return accept(agreements[number], side="mentee", by=type(helen).objects.get(pk=people[number].pk))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(act, range(2)))

    assert Counter(found) == {"begun": 1, "no_room": 1}
    lucky, other = (agreements[found.index(word)] for word in ("begun", "no_room"))
    assert (read(lucky).state, read(other).state) == ("active", "withdrawn")
    needs = [MentoringNeed.objects.get(pk=one.need_id).state for one in (lucky, other)]
    assert needs == ["matched", "open"]
    told = Message.objects.filter(kind="mentoring.no_room").values_list("to_email", flat=True)
    assert sorted(told) == sorted([HELEN, f"rep{agreements.index(other) + 1}@town.example"])


class TestThePage:
    def test_accepting_from_a_telephone(self, asked: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        page = client.get(about(asked, "answer"))
        assert "Would you work with Winnipeg as your mentor?" in words_of(page)
        done = client.post(about(asked, "answer"), {"side": "mentee", "answer": "accept"})
        assert said(client, done) == ["Thank you: your municipality has accepted. The other one is still to answer."]
        again = client.post(about(asked, "answer"), {"side": "mentee", "answer": "accept"})
        assert said(client, again) == ["Amina Diallo accepted for Thunder Bay on February 1, 2027."]

    def test_declining_without_a_reason_keeps_the_page(self, asked: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        page = client.post(about(asked, "answer"), {"side": "mentee", "answer": "decline", "reason": ""})
        assert (page.status_code, read(asked).state) == (422, "awaiting")
        done = client.post(about(asked, "answer"), {"side": "mentee", "answer": "decline", "reason": "Not now."})
        assert (done.status_code, read(asked).state) == (302, "declined")

    def test_who_may_not(self, asked: Agreement, joseph: Any, priya: Any, rosa: Any, client: Client) -> None:
        found = {}
        for person in (joseph, priya, rosa):
            client.force_login(person)
            found[person.name] = client.get(about(asked, "answer")).status_code
        assert found == {"Joseph Kakegamic": 403, "Priya Nair": 403, "Rosa Morin": 404}

    def test_the_other_sides_answer_is_not_given(self, asked: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        client.post(about(asked, "answer"), {"side": "mentor", "answer": "accept"})
        now = read(asked)
        assert (now.mentor_accepted_at, now.mentee_accepted_by_name) == (None, "Amina Diallo")

    def test_the_wrong_moment(self, asked: Agreement, amina: Any, client: Client) -> None:
        Agreement.objects.filter(pk=asked.pk).update(state="withdrawn")
        client.force_login(amina)
        page = client.get(about(asked, "answer"))
        assert "There is nothing for you to answer here at the moment." in words_of(page)
        done = client.post(about(asked, "answer"), {"answer": "accept"})
        assert said(client, done) == ["No answer is expected any more: it is “Withdrawn”."]

    def test_in_french(self, asked: Agreement, luc: Any, client: Client, amina: Any) -> None:
        client.force_login(amina)
        assert client.get(about(asked, "answer", language="fr")).status_code == 200


class TestByThePersonalLink:
    @pytest.fixture
    def chief(self, clock: Any, winnipeg: Any, helen: Any) -> Participant:
        north = make_municipality("north", member=False)
        need = make_need(north, contact=make_contact(north))
        made = make_agreement(winnipeg, need, "awaiting", answer_due_on=date(2027, 2, 11))
        make_participant(made, "mentor", HELEN, is_lead=True)
        return make_participant(made, "mentee", CHIEF, name="Chief Pierre", is_lead=True)

    def test_who_leads_answers(self, chief: Participant, helen: Any, client: Client) -> None:
        assert "Your turn." in words_of(client.get(own(chief)))
        page = client.get(own(chief, "answer"))
        assert (page.status_code, page["X-Robots-Tag"]) == (200, "noindex, nofollow")
        client.post(own(chief, "answer"), {"side": "mentee", "answer": "accept"})
        assert read(chief.agreement).mentee_accepted_by_name == "Chief Pierre"
        accept(chief.agreement, side="mentor", by=helen)
        assert read(chief.agreement).state == "active"

    def test_opening_the_link_answers_nothing(self, chief: Participant, client: Client) -> None:
        client.get(own(chief, "answer"))
        assert read(chief.agreement).mentee_accepted_at is None

    def test_who_does_not_lead_does_not_answer(self, chief: Participant, client: Client) -> None:
        helper = make_participant(chief.agreement, "mentee")
        assert client.get(own(helper, "answer")).status_code == 403
        assert client.post(own(helper, "answer"), {"answer": "accept"}).status_code == 403

    def test_a_lead_with_an_account_answers_signed_in(self, chief: Participant, client: Client) -> None:
        client.force_login(make_user(CHIEF, name="Chief Pierre"))
        client.post(about(chief.agreement, "answer"), {"answer": "decline", "reason": "Snow."})
        now = read(chief.agreement)
        assert (now.state, now.declined_side) == ("declined", "mentee")
