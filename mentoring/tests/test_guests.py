"""The personal page: everything without an account, nothing without the link."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from mentoring.models import Agreement, Participant

from .agreeing import CHIEF, HELEN, PRIYA, about, as_sent, mail, make_running, own, read, said, words_of
from .factories import make_agreement, make_goal, make_participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NAMES = ("", "people", "goals", "session", "next", "documents", "hand-over")


@pytest.fixture
def running(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, clock: Any) -> Agreement:
    return make_running(winnipeg, thunder_bay)


@pytest.fixture
def chief(running: Agreement) -> Participant:
    return running.participants.get(email=CHIEF)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_opens_and_is_kept_out_of_search(language: str, chief: Participant, client: Client) -> None:
    for name in NAMES:
        page = client.get(own(chief, name, language))
        assert (name, page.status_code, page["X-Robots-Tag"]) == (name, 200, "noindex, nofollow")
        assert "no-store" in page["Cache-Control"]


def test_without_the_link_there_is_nothing(chief: Participant, client: Client) -> None:
    token = chief.token
    wrong = f"{token[:-3]}abc"
    assert client.get(reverse("mentoring:guest", args=[wrong])).status_code == 404
    assert client.get(reverse("mentoring:guest_act", args=[wrong, "goals"])).status_code == 404
    assert client.get(own(chief, "nonsense")).status_code == 404
    Participant.objects.filter(pk=chief.pk).update(left_on=date(2027, 2, 1))
    assert [client.get(own(chief, name)).status_code for name in NAMES] == [404] * len(NAMES)


def test_a_link_opens_its_own_agreement_only(chief: Participant, gatineau: Any, saskatoon: Any, client: Client) -> None:
    other = make_agreement(saskatoon, gatineau)
    goal = make_goal(other)
    document = other.documents.create(title="Secret", url="https://secret.example/")
    session = other.sessions.create(held_on=date(2027, 1, 5), summary="Theirs.")
    stranger = make_participant(other, "mentee")
    names = (f"goal-{goal.pk}-edit", f"session-{session.pk}", f"goal-{goal.pk}-reached")
    assert [client.get(own(chief, name)).status_code for name in names] == [404, 404, 404]
    assert client.get(reverse("mentoring:guest_document", args=[chief.token, document.pk])).status_code == 404
    assert client.post(own(chief, f"person-{stranger.pk}-leave")).status_code == 404


def test_the_pages_of_members_stay_closed(chief: Participant, client: Client) -> None:
    client.get(own(chief))
    closed = [about(chief.agreement), about(chief.agreement, "goals"), "/en/mentoring/agreements/"]
    assert [client.get(address).status_code for address in closed] == [302, 302, 302]


def test_goals_from_the_first_to_the_last_word(chief: Participant, client: Client) -> None:
    data = {"text": "A centre", "measure": "", "check_item": "", "due_on": "", "version": "1"}
    wrong = client.post(own(chief, "goals"), data | {"text": "", "measure": "A motion"})
    assert (wrong.status_code, as_sent(wrong)["measure"]) == (422, "A motion")
    assert said(client, client.post(own(chief, "goals"), data)) == ["The goal is added."]
    goal = chief.agreement.goals.get()
    edited = client.post(own(chief, f"goal-{goal.pk}-edit"), data | {"text": "A centre with staff"})
    assert said(client, edited) == ["The goal is saved."]
    done = client.post(own(chief, f"goal-{goal.pk}-reached"), {"note": ""})
    assert said(client, done) == ["Well done: the goal is reached."]
    goal.refresh_from_db()
    assert (goal.text, goal.state) == ("A centre with staff", "reached")


def test_sessions_dates_and_documents(chief: Participant, client: Client) -> None:
    data = {
        "held_on": "2027-01-29",
        "minutes": "",
        "who": "",
        "summary": "We talked.",
        "follow_up": "",
        "link": "",
        "version": "1",
    }
    client.post(own(chief, "session"), data)
    session = chief.agreement.sessions.get()
    client.post(own(chief, f"session-{session.pk}"), data | {"summary": "We talked long."})
    late = client.post(own(chief, f"session-{session.pk}"), data | {"summary": "Mine."})
    session.refresh_from_db()
    assert (session.summary, session.by_name, late.status_code) == ("We talked long.", "Chief Pierre", 409)
    when = {"day": "2027-02-15", "clock": "14:00", "zone": "America/Toronto", "place": "Online", "version": "1"}
    client.post(own(chief, "next"), when)
    assert (mail.to("next_session"), client.get(own(chief, "calendar"))["Content-Type"]) == (
        [CHIEF, HELEN], "text/calendar; charset=utf-8",
    )  # fmt: skip
    file = SimpleUploadedFile("terms.pdf", b"%PDF-1.7 terms")
    client.post(own(chief, "documents"), {"title": "Terms", "file": file})
    document = chief.agreement.documents.get()
    sent = client.get(reverse("mentoring:guest_document", args=[chief.token, document.pk]))
    assert b"".join(sent.streaming_content) == b"%PDF-1.7 terms"
    assert client.get(own(chief, f"document-remove-{document.pk}")).status_code == 405
    client.post(own(chief, f"document-remove-{document.pk}"))
    assert chief.agreement.documents.count() == 0


def test_the_lead_names_others_and_a_helper_does_not(chief: Participant, client: Client) -> None:
    data = {"side": "mentee", "name": "Marie", "title": "", "email": "marie@north.example", "language": "fr"}
    assert said(client, client.post(own(chief, "people"), data)) == [
        "Marie takes part; the personal page is on its way."
    ]
    marie = chief.agreement.participants.get(email="marie@north.example")
    assert client.get(own(marie, "people")).status_code == 403
    assert client.post(own(marie, f"person-{chief.pk}-leave")).status_code == 403
    client.post(own(chief, f"person-{marie.pk}-lead"))
    assert Participant.objects.get(pk=marie.pk).is_lead


def test_not_me(chief: Participant, amina: Any, priya: Any, client: Client) -> None:
    assert client.get(own(chief, "not-me")).status_code == 405
    page = client.post(own(chief, "not-me"))
    assert "This link no longer opens anything." in words_of(page)
    gone = Participant.objects.get(pk=chief.pk)
    assert (gone.name, CHIEF in gone.email, gone.left_on) == ("—", False, date(2027, 2, 1))
    assert client.get(own(chief)).status_code == 404
    assert mail.to("not_me") == [amina.email, PRIYA]
    assert "reached somebody else" in mail.written("not_me")[0].text


def test_a_lost_link_is_sent_again_once_an_hour(chief: Participant, client: Client) -> None:
    address = reverse("mentoring:lost_link")
    assert client.post(address, {"email": "no address"}).status_code == 422
    answers = [
        said(client, client.post(address, {"email": email})) for email in (CHIEF.upper(), CHIEF, "x@nowhere.example")
    ]
    assert answers[0] == answers[1] == answers[2]
    assert mail.to("person_added") == [CHIEF]
    assert chief.token in mail.written("person_added")[0].text


@pytest.mark.parametrize("number", [1, 12])
def test_the_page_costs_the_same_at_many(number: int, chief: Participant, client: Client) -> None:
    for n in range(number):
        make_goal(chief.agreement, f"Goal {n}")
        chief.agreement.sessions.create(held_on=date(2027, 1, 5), summary=f"We talked {n}.")
        chief.agreement.documents.create(title=f"Paper {n}", url="https://paper.example/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(own(chief)).status_code == 200
    assert len(queries) == 5


def test_once_it_is_over_the_page_still_tells(chief: Participant, client: Client) -> None:
    Agreement.objects.filter(pk=chief.agreement_id).update(state="completed", summary="A centre stands.")
    assert "A centre stands." in words_of(client.get(own(chief)))
    refused = client.post(own(chief, "documents"), {"title": "Late", "url": "https://late.example/"})
    assert (refused.status_code, read(chief.agreement).documents.count()) == (422, 0)
