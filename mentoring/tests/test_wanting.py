"""What a municipality looks for and what it can give: written, changed by two at once, paused, taken back; the letters."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_representative,
    make_topic,
    make_user,
)
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.rendering import render
from cmncp_portal.progress.tests.factories import make_profile
from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import as_sent, said, text_of
from cmncp_portal.testing.snapshots import as_read, assert_snapshot
from mentoring.models import MentoringNeed, MentorOffer
from mentoring.notifications.common import both
from mentoring.notifications.matching import NEED_RECEIPT, NEED_RECEIVED
from mentoring.services.wanting import keep_need, keep_offer, move_offer, withdraw_need

from .factories import make_agreement, make_need, make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

GOALS = "Name a responsibility centre\nand adopt a first plan."


def address(name: str, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"mentoring:{name}", args=args)


def need_fields(**fields: Any) -> dict[str, Any]:
    return {"goals": GOALS, "languages": ["en"], "hours": 5, "meets": "both", "topics": [make_topic()]} | fields


def offer_fields(**fields: Any) -> dict[str, Any]:
    return {"languages": ["en"], "capacity": 2, "hours": 5, "meets": "online", "topics": [make_topic()]} | fields


# ---- needs


def test_a_need_is_written_told_and_acknowledged(thunder_bay: Any, winnipeg: Any, amina: Any, priya: Any) -> None:
    need = keep_need(thunder_bay, seen=0, by=amina, **need_fields(wish=winnipeg))
    assert (need.state, need.by_name, need.contact.name, [str(t) for t in need.topics.all()]) == (
        "open", "Amina Diallo", "Amina Diallo", ["Youth"],
    )  # fmt: skip
    post = Mailbag("mentoring")
    assert (post.to("need_received"), post.to("need_receipt")) == ([priya.email], [amina.email])
    [told] = post.written("need_received")
    assert told.subject == "[CMNCP] Thunder Bay looks for a mentor"
    assert address("candidates", need.pk) in told.text
    [receipt] = post.written("need_receipt")
    assert address("need", "thunder-bay") in receipt.text


def test_what_a_coordinator_writes_down_is_told_to_the_municipality(thunder_bay: Any, amina: Any, priya: Any) -> None:
    keep_need(thunder_bay, seen=0, by=priya, **need_fields())
    post = Mailbag("mentoring")
    assert (post.to("need_received"), post.to("need_receipt")) == ([], [amina.email, priya.email])


def test_changing_a_need_writes_to_nobody(thunder_bay: Any, amina: Any, priya: Any) -> None:
    need = make_need(thunder_bay)
    keep_need(thunder_bay, seen=1, by=amina, **need_fields(goals="Another goal."))
    need.refresh_from_db()
    assert (need.goals, need.version, MentoringNeed.objects.count()) == ("Another goal.", 2, 1)
    assert Message.objects.count() == 0


def test_while_a_mentor_is_there_no_other_is_looked_for(thunder_bay: Any, winnipeg: Any, amina: Any) -> None:
    make_agreement(winnipeg, thunder_bay)
    with pytest.raises(TransitionRefused, match="You work with a mentor"):
        keep_need(thunder_bay, seen=1, by=amina, **need_fields())
    MentoringNeed.objects.update(state="done")
    assert keep_need(thunder_bay, seen=0, by=amina, **need_fields()).state == "open"


def test_withdrawing_takes_back_what_was_only_prepared(
    thunder_bay: Any, winnipeg: Any, amina: Any, joseph: Any
) -> None:
    need = make_need(thunder_bay)
    prepared = make_agreement(winnipeg, need, "proposed")
    with pytest.raises(PermissionDenied):
        withdraw_need(need, by=joseph)
    withdraw_need(need, by=amina)
    need.refresh_from_db()
    prepared.refresh_from_db()
    assert (need.state, prepared.state) == ("withdrawn", "withdrawn")
    with pytest.raises(TransitionRefused) as again:
        withdraw_need(need, by=amina)
    assert again.value.done_already


def test_a_need_under_which_somebody_is_asked_is_declined_first(thunder_bay: Any, winnipeg: Any, amina: Any) -> None:
    need = make_need(thunder_bay)
    make_agreement(winnipeg, need, "awaiting")
    with pytest.raises(TransitionRefused, match="decline it first"):
        withdraw_need(need, by=amina)


# ---- offers


def test_an_offer_is_written_paused_resumed_and_withdrawn(winnipeg: Any, helen: Any) -> None:
    offer = keep_offer(winnipeg, seen=0, by=helen, **offer_fields(until_on=date(2027, 12, 31)))
    assert (offer.state, offer.capacity, offer.by_name) == ("open", 2, "Helen Friesen")
    states = [move_offer(offer, name, by=helen).state for name in ("pause", "resume", "withdraw")]
    assert states == ["paused", "open", "withdrawn"]
    with pytest.raises(TransitionRefused) as again:
        move_offer(offer, "withdraw", by=helen)
    assert again.value.done_already
    with pytest.raises(TransitionRefused, match="already"):
        move_offer(offer, "resume", by=helen)


def test_an_offer_that_waits_for_an_answer_is_paused_and_not_withdrawn(
    winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any
) -> None:
    agreement = make_agreement(winnipeg, thunder_bay, "awaiting")
    with pytest.raises(PermissionDenied):
        move_offer(agreement.offer, "pause", by=amina)
    with pytest.raises(TransitionRefused, match="decline it first"):
        move_offer(agreement.offer, "withdraw", by=helen)
    assert move_offer(agreement.offer, "pause", by=helen).state == "paused"


def test_who_is_no_member_yet_offers_nothing(priya: Any) -> None:
    place = make_municipality("newtown", member=False)
    make_membership(place, kind="prospective")
    rep = make_representative(place, "rep@newtown.example")
    with pytest.raises(PermissionDenied):
        keep_offer(place, seen=0, by=rep, **offer_fields())
    with pytest.raises(TransitionRefused, match="not one yet"):
        keep_offer(place, seen=0, by=priya, **offer_fields())


# ---- screens


def test_the_page_of_a_new_need_is_filled_in_from_what_is_known(client: Any, thunder_bay: Any, amina: Any) -> None:
    make_profile(thunder_bay, 2)
    topic = make_topic()
    thunder_bay.seeks.add(topic)
    client.force_login(amina)
    page = client.get(address("need", "thunder-bay"))
    sent = as_sent(page)
    assert (sent["stage"], sent["topics"], sent["languages"], sent["version"]) == ("2", str(topic.pk), "en", "0")
    assert "As your strategy profile says: Diagnosis" in text_of(page)
    page = client.post(address("need", "thunder-bay"), as_sent(page, goals=GOALS))
    assert (page.status_code, page["Location"]) == (302, address("overview"))
    assert said(client, page) == ["Saved. The network’s coordinators look for a mentor and write to you."]
    assert MentoringNeed.objects.get().goals.splitlines() == GOALS.splitlines()


def test_a_prospective_municipality_takes_part(client: Any) -> None:
    place = make_municipality("newtown", member=False)
    make_membership(place, kind="prospective")
    client.force_login(make_representative(place, "rep@newtown.example"))
    page = client.get(address("need", "newtown"))
    sent = as_sent(page, goals=GOALS, topics=make_topic().pk, languages="en")
    assert client.post(address("need", "newtown"), sent).status_code == 302
    assert MentoringNeed.objects.get().municipality == place
    page = client.get(address("offer", "newtown"))
    assert "<form class=" not in text_of(page)
    assert "Members of the network accompany others; this municipality is not one yet." in text_of(page)
    assert client.post(address("offer", "newtown"), {}).status_code == 403


@pytest.mark.parametrize("name", ["need", "offer"])
def test_what_was_typed_comes_back_with_what_is_wrong(client: Any, thunder_bay: Any, amina: Any, name: str) -> None:
    client.force_login(amina)
    page = client.get(address(name, "thunder-bay"))
    typed = {"goals": "My goals", "about": "My words", "hours": "100", "until_on": "2027-01-31", "languages": "en"}
    page = client.post(address(name, "thunder-bay"), as_sent(page, **typed))
    wrong = {"need": {"topics", "hours"}, "offer": {"topics", "hours", "until_on"}}
    assert (page.status_code, set(page.context["form"].errors)) == (422, wrong[name])
    assert ("My goals" if name == "need" else "My words") in text_of(page)
    assert (MentoringNeed.objects.count(), MentorOffer.objects.count()) == (0, 0)


def test_an_offer_may_end_today(client: Any, winnipeg: Any, helen: Any) -> None:
    client.force_login(helen)
    page = client.get(address("offer", "winnipeg"))
    sent = as_sent(page, topics=make_topic().pk, until_on="2027-02-01", about="What we did, and what failed.")
    page = client.post(address("offer", "winnipeg"), sent)
    assert (page.status_code, MentorOffer.objects.get().until_on) == (302, date(2027, 2, 1))
    assert said(client, page) == ["Saved. The coordinators propose municipalities to you; you decide each time."]
    page = client.post(address("offer_act", "winnipeg", "pause"))
    assert said(client, page) == ["Paused. Nobody new is proposed to you; what runs goes on."]
    page = client.post(address("offer_act", "winnipeg", "pause"))
    assert said(client, page) == ["It is “Paused” already."]
    assert client.post(address("offer_act", "winnipeg", "sell")).status_code == 404


@pytest.mark.parametrize("name", ["need", "offer"])
def test_two_who_write_at_once_both_keep_their_words(client: Any, thunder_bay: Any, amina: Any, name: str) -> None:
    topic = make_topic()
    field = "goals" if name == "need" else "about"
    fields = {field: "The first wrote this.", "topics": str(topic.pk), "languages": "en"}
    client.force_login(amina)
    blank = client.get(address(name, "thunder-bay"))
    assert client.post(address(name, "thunder-bay"), as_sent(blank, **fields)).status_code == 302
    late = client.post(address(name, "thunder-bay"), as_sent(blank, **(fields | {field: "The second wrote that."})))
    assert late.status_code == 409
    assert ("The first wrote this." in text_of(late), "The second wrote that." in text_of(late)) == (True, True)
    saved = client.post(address(name, "thunder-bay"), as_sent(late))
    assert saved.status_code == 302
    model: Any = MentoringNeed if name == "need" else MentorOffer
    assert [(getattr(row, field), row.version) for row in model.objects.all()] == [("The second wrote that.", 2)]


@pytest.mark.parametrize("name", ["need", "offer"])
def test_stranger_neighbour_and_staff(
    client: Any, thunder_bay: Any, amina: Any, joseph: Any, rosa: Any, name: str
) -> None:
    make_need(thunder_bay)
    make_offer(thunder_bay)
    hidden = make_municipality("newtown", member=False)
    page, act = address(name, "thunder-bay"), address(f"{name}_act", "thunder-bay", "withdraw")
    assert client.get(page).status_code == 302  # to sign in
    client.force_login(rosa)
    assert [client.get(page).status_code, client.post(act).status_code] == [403, 403]
    client.force_login(make_user("nobody@elsewhere.example"))
    assert client.get(address(name, hidden.slug)).status_code == 404
    client.force_login(joseph)
    found = client.get(page)
    assert (found.status_code, "Your representative writes and changes this." in text_of(found)) == (200, True)
    assert [client.post(page, {}).status_code, client.post(act).status_code] == [403, 403]
    client.force_login(amina)
    assert client.get(act).status_code == 405
    assert client.post(act).status_code == 302


def test_a_need_with_a_mentor_is_read(client: Any, winnipeg: Any, thunder_bay: Any, amina: Any) -> None:
    make_agreement(winnipeg, thunder_bay)
    client.force_login(amina)
    page = client.get(address("need", "thunder-bay"))
    assert "A mentor accompanies you. Your goals now stand in the agreement." in text_of(page)
    sent = {"version": 1, "goals": "New", "topics": make_topic().pk, "languages": "en", "hours": 4, "meets": "both"}
    page = client.post(address("need", "thunder-bay"), sent)
    assert (page.status_code, "You work with a mentor" in text_of(page)) == (422, True)


def test_the_pages_in_french(client: Any, thunder_bay: Any, amina: Any) -> None:
    make_profile(thunder_bay, 2)
    client.force_login(amina)
    page = client.get(address("need", "thunder-bay", language="fr"))
    assert "Ce que vous cherchez" in text_of(page)
    assert "Selon le profil de votre stratégie\u00a0: Diagnostic" in text_of(page)
    page = client.post(address("need", "thunder-bay", language="fr"), as_sent(page, goals=""))
    assert (page.status_code, page.context["form"]["goals"].errors) == (422, ["Ce champ est obligatoire."])
    assert "Ce que vous offrez" in text_of(client.get(address("offer", "thunder-bay", language="fr")))


def test_what_the_pages_cost(client: Any, thunder_bay: Any, amina: Any) -> None:
    client.force_login(amina)
    prices = []
    for number in (0, 30):
        for _n in range(number):
            make_municipality()
            make_topic(f"topic-{_n}")
        for name in ("need", "offer"):
            client.get(address(name, "thunder-bay"))
            with CaptureQueriesContext(connection) as captured:
                client.get(address(name, "thunder-bay"))
            prices.append(len(captured))
    assert prices[:2] == prices[2:]
    assert max(prices) <= 10


# ---- letters

KNOWN: dict[str, dict[str, Any]] = {
    "name": both("Priya Nair"),
    "heading": both("Thunder Bay"),
    "by": both("Amina Diallo"),
    "goals": both(GOALS),
    "topics": {"en": "Youth, Gangs", "fr": "Jeunesse, Gangs"},
    "wish": both(""),
    "is_prospective": both(False),
    "url": {"en": "https://portal.example/en/mentoring/", "fr": "https://portal.example/fr/mentorat/"},
}


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("kind", "variant", "more"),
    [
        (NEED_RECEIVED, "", {}),
        (NEED_RECEIVED, ".prospective", {"is_prospective": both(True), "wish": both("Winnipeg")}),
        (NEED_RECEIPT, "", {}),
    ],
    ids=["need_received", "need_received.prospective", "need_receipt"],
)
def test_the_letters_say_word_for_word(settings: Any, kind: Any, variant: str, more: Any, language: str) -> None:
    settings.NETWORK_POSTAL_ADDRESS_EN = settings.NETWORK_POSTAL_ADDRESS_FR = "1 Main Street\nOttawa ON  K1A 0A1"
    settings.NETWORK_CONTACT_EMAIL = "info@network.example"
    known = KNOWN | more
    values = {code: {name: known[name][code] for name in kind.variables} for code in ("en", "fr")}
    file = f"{kind.name.partition('.')[2]}{variant}.{language}.txt"
    assert_snapshot(Path(__file__).parent / "snapshots" / "matching" / file, as_read(render(kind, language, values)))
    assert json.dumps(values)
