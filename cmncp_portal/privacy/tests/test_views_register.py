"""The register: who waits, what stands in the way, the decision, incidents, what the nights removed."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.privacy import services
from cmncp_portal.privacy.models import Incident, PersonRequest

from .factories import make_incident, make_request, make_run
from .screens import POST, address, as_sent, heading, said, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ada(clock: Any, client: Client, admin_user: Any) -> Any:
    client.force_login(admin_user)
    return admin_user


@pytest.fixture
def asked(amina: Any) -> PersonRequest:
    return services.confirm(make_request("forget", amina.email))


class TestRequests:
    def test_nothing_yet(self, client: Client) -> None:
        words = words_of(client.get(address("register")))
        assert "Nobody waits for an answer." in words
        assert "Nobody has asked for a copy or to be forgotten yet." in words

    def test_who_waits_comes_first(self, client: Client, asked: PersonRequest) -> None:
        copy = services.confirm(make_request("copy"))
        make_request("forget", "unconfirmed@example.ca")
        words = words_of(client.get(address("register")))
        assert "One person asks to be forgotten" in words
        first, second = f"Request {asked.pk}: To be forgotten", f"Request {copy.pk}: A copy"
        assert 0 < words.index(first) < words.index(second)
        assert "by March 3, 2027 Open To decide" in words
        assert "unconfirmed" not in words

    def test_what_is_late(self, client: Client, asked: PersonRequest) -> None:
        for due, word in ((date(2027, 2, 1), "To decide"), (date(2027, 1, 31), "Late")):
            PersonRequest.objects.update(due_on=due)
            assert f"Open {word}" in words_of(client.get(address("register")))

    def test_many_cost_no_more_than_one(self, client: Client, asked: PersonRequest) -> None:
        first = queries(client, address("register"))
        for n in range(30):
            services.confirm(make_request("copy", f"person{n}@example.ca"))
        assert queries(client, address("register")) == first
        assert first <= 8
        assert "1 to 25 of 31" in words_of(client.get(address("register")))

    def test_writing_a_request_down(self, client: Client) -> None:
        here = address("write_down")
        typed = {"kind": "forget", "email": "sam@merritt.example", "language": "fr"}
        page = client.post(here, as_sent(client.get(here), **typed))
        assert said(client, page) == ["It is written down, and the letter is on its way."]
        assert PersonRequest.objects.get().asked_by_name == "Ada Lefebvre"
        assert POST.written("confirm")[0].subject == "[RMCPC] Vous demandez l’effacement de vos renseignements"

    def test_a_wrong_address_comes_back(self, client: Client) -> None:
        page = client.post(address("write_down"), {"kind": "forget", "email": "x", "language": "fr"})
        assert page.status_code == 422
        assert as_sent(page)["email"] == "x"


class TestOneRequest:
    def test_what_stands_in_the_way(self, client: Client, asked: PersonRequest) -> None:
        words = words_of(client.get(address("decide", asked.pk)))
        assert "Please answer by March 3, 2027" in words
        assert "The only person who speaks for Thunder Bay: somebody else must take over." in words

    def test_deciding(self, client: Client, asked: PersonRequest) -> None:
        page = client.post(address("decide", asked.pk))
        assert said(client, page) == ["Decided: it is done within minutes, and the person is told."]
        assert "Decided by Ada Lefebvre; it is being done." in words_of(client.get(address("decide", asked.pk)))
        services.carry_out(asked.pk)
        words = words_of(client.get(address("decide", asked.pk)))
        assert "Done on February 1, 2027, decided by Ada Lefebvre." in words
        assert "amina@" not in words
        assert said(client, client.post(address("decide", asked.pk))) == ["This request was settled already."]

    def test_the_only_administrator(self, client: Client, admin_user: Any) -> None:
        asked = services.confirm(make_request("forget", admin_user.email))
        words = words_of(client.get(address("decide", asked.pk)))
        assert "Not before this is settled: nobody could look after the portal." in words
        assert "Forget the person for good" not in words
        assert "only administrator" in said(client, client.post(address("decide", asked.pk)))[0]

    def test_refusing(self, client: Client, asked: PersonRequest) -> None:
        page = client.post(address("refuse", asked.pk), {"answer": "Your successor begins in March."})
        assert said(client, page) == ["The answer is sent."]
        words = words_of(client.get(address("decide", asked.pk)))
        assert "Refused on February 1, 2027 by Ada Lefebvre. Your successor begins in March." in words

    def test_a_refusal_says_why(self, client: Client, asked: PersonRequest) -> None:
        page = client.post(address("refuse", asked.pk), {"answer": " "})
        assert page.status_code == 422
        assert "Please check:" in page.content.decode()
        asked.refresh_from_db()
        assert asked.refused_at is None

    def test_a_copy_needs_no_decision(self, client: Client) -> None:
        asked = services.confirm(make_request("copy"))
        assert "there is nothing to decide" in words_of(client.get(address("decide", asked.pk)))

    def test_there_is_no_such_request(self, client: Client) -> None:
        unconfirmed = make_request("forget")
        for pk in (unconfirmed.pk, 4711):
            assert client.get(address("decide", pk)).status_code == 404
            assert client.post(address("refuse", pk)).status_code == 404


class TestIncidents:
    TYPED = {"happened_on": "2027-01-20", "noticed_on": "2027-01-21", "what": "A list went astray.", "people": "12"}

    def test_none(self, client: Client) -> None:
        assert "No incident is in the register." in words_of(client.get(address("incidents")))

    def test_entering_and_closing(self, client: Client) -> None:
        client.post(address("incident_new"), self.TYPED)
        found = Incident.objects.get()
        assert (found.by_name, found.people, found.closed_on) == ("Ada Lefebvre", 12, None)
        assert "A list went astray. 12 people concerned · Ada Lefebvre January 21, 2027 Open" in words_of(
            client.get(address("incidents"))
        )
        here = address("incident", found.pk)
        typed = as_sent(
            client.get(here),
            measures="Asked to delete it.",
            told="The municipality, the same day.",
            closed_on="2027-01-22",
        )
        page = client.post(here, typed)
        assert said(client, page) == ["It is in the register."]
        found.refresh_from_db()
        assert (found.closed_on, found.measures, found.by_name) == (
            date(2027, 1, 22),
            "Asked to delete it.",
            "Ada Lefebvre",
        )

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            ({"noticed_on": "2027-01-19"}, "It was noticed on the day it happened, or later."),
            ({"noticed_on": "2027-02-02"}, "This day is still to come."),
            ({"closed_on": "2027-01-20", "measures": "x"}, "It was closed on the day it was noticed, or later."),
            ({"closed_on": "2027-01-25"}, "Say what was done before you close it."),
            ({"what": ""}, "This field is required."),
        ],
    )
    def test_wrong_days_come_back(self, client: Client, typed: dict[str, str], error: str) -> None:
        page = client.post(address("incident_new"), self.TYPED | typed)
        assert page.status_code == 422
        assert error in words_of(page)
        assert as_sent(page)["people"] == "12"
        assert not Incident.objects.exists()

    @pytest.mark.parametrize("day", ["2027-01-20", "2027-02-01"])
    def test_the_first_and_the_last_day_that_are_right(self, client: Client, day: str) -> None:
        assert client.post(address("incident_new"), self.TYPED | {"noticed_on": day}).status_code == 302

    def test_many_cost_no_more_than_one(self, client: Client) -> None:
        make_incident()
        first = queries(client, address("incidents"))
        for _n in range(30):
            make_incident(closed_on=date(2027, 1, 25), measures="x")
        assert queries(client, address("incidents")) == first
        assert first <= 8


class TestNights:
    LINE = {"code": "letters", "en": "Texts of letters", "fr": "Texte des lettres", "count": 3, "limit": "2025-02-01"}

    def test_none(self, client: Client) -> None:
        words = words_of(client.get(address("runs")))
        assert "No night has passed yet." in words
        assert "Texts of letters 24 months" in words
        assert "Lists handed in as files one day" in words

    def test_what_went(self, client: Client) -> None:
        make_run(lines=[self.LINE, self.LINE | {"code": "x", "count": 0}])
        make_run(problem="joining: RuntimeError")
        words = words_of(client.get(address("runs")))
        assert "Texts of letters: 3" in words
        assert "Nothing had outlived its time. Not everything could be removed: joining: RuntimeError" in words

    def test_many_cost_no_more_than_one(self, client: Client) -> None:
        make_run(lines=[self.LINE])
        first = queries(client, address("runs"))
        for _n in range(40):
            make_run(lines=[self.LINE])
        assert queries(client, address("runs")) == first
        assert first <= 8


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_headings(client: Client, asked: PersonRequest) -> None:
    incident = make_incident()
    said_first = {
        address("register"): "Personal data",
        address("write_down"): "Write down a request",
        address("decide", asked.pk): f"Request {asked.pk}: To be forgotten",
        address("incidents"): "Register of incidents",
        address("incident_new"): "Enter an incident",
        address("incident", incident.pk): "Incident",
        address("runs"): "What the nights removed",
    }
    assert {path: heading(client.get(path)) for path in said_first} == said_first
