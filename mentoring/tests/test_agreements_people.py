"""Who takes part; the agreement survives who leaves; the doors of strangers and neighbours."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_stakeholder, make_user
from mentoring.models import Agreement, Participant
from mentoring.services import people
from mentoring.services.sweeping import follow_up

from .agreeing import AMINA, CHIEF, HELEN, PRIYA, about, as_sent, forget, mail, read, said, words_of
from .factories import make_agreement, make_goal, make_participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def running(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, clock: Any) -> Agreement:
    """Winnipeg accompanies Thunder Bay; Helen leads for the one, Amina for the other."""
    made = make_agreement(winnipeg, thunder_bay)
    for side, user in (("mentor", helen), ("mentee", amina)):
        row = Stakeholder.objects.get(user=user)
        make_participant(made, side, user.email, name=user.name, stakeholder=row, is_lead=True)
    return read(made)


def leads(agreement: Agreement) -> dict[str, str]:
    rows = agreement.participants.filter(is_lead=True, left_on__isnull=True)
    return dict(rows.values_list("side", "email"))


def test_somebody_without_an_account_is_added(running: Agreement, amina: Any) -> None:
    added = people.add_person(running, side="mentee", by=amina, name="Marie Roy", email="Marie@Place.example")
    assert (added.email, added.is_lead, added.zone) == ("marie@place.example", False, "America/Toronto")
    [letter] = mail.written("person_added")
    assert (letter.to_email, added.token in letter.text) == ("marie@place.example", True)
    assert "Amina Diallo named you" in letter.text
    with pytest.raises(TransitionRefused, match="takes part already"):
        people.add_person(running, side="mentee", by=amina, name="Marie", email="marie@place.example")


def test_each_side_keeps_its_own_people(running: Agreement, amina: Any, joseph: Any, priya: Any) -> None:
    for person, side in ((amina, "mentor"), (joseph, "mentee")):
        with pytest.raises(PermissionDenied):
            people.add_person(running, side=side, by=person, name="Marie", email="marie@place.example")
    people.add_person(running, side="mentor", by=priya, name="Marie", email="marie@place.example")
    lead = running.participants.get(email=AMINA)
    people.add_person(running, side="mentee", by=lead, name="Jean", email="jean@place.example")
    assert running.participants.count() == 4


def test_another_person_leads(running: Agreement, amina: Any) -> None:
    marie = make_participant(running, "mentee", "marie@place.example")
    people.make_lead(marie, by=amina)
    assert leads(running) == {"mentor": HELEN, "mentee": "marie@place.example"}
    with pytest.raises(TransitionRefused, match="leads already"):
        people.make_lead(marie, by=amina)


def test_the_representative_leaves_in_the_middle(running: Agreement, thunder_bay: Any, priya: Any) -> None:
    """The agreement stays; the new representative leads, hears of it once with the coordinators; the old link is dead."""
    token = running.participants.get(email=AMINA).token
    Stakeholder.objects.filter(email=AMINA).update(left_on=date(2027, 2, 1))
    new = make_representative(thunder_bay, "nora@thunderbay.example", name="Nora Beaver")
    assert follow_up() == 1
    assert (read(running).state, leads(running)) == ("active", {"mentor": HELEN, "mentee": new.email})
    assert mail.to("lead_left") == ["nora@thunderbay.example", PRIYA]
    assert "Nora Beaver leads for Thunder Bay from now on." in mail.written("lead_left")[0].text
    assert Participant.from_token(token) is None
    forget()
    assert (follow_up(), mail.written()) == (0, [])


def test_nobody_is_there_to_lead_and_then_somebody_is(running: Agreement, thunder_bay: Any, priya: Any) -> None:
    Stakeholder.objects.filter(email=AMINA).update(left_on=date(2027, 2, 1))
    follow_up()
    assert (leads(running), mail.to("lead_left")) == ({"mentor": HELEN}, [PRIYA])
    assert "Nobody leads for Thunder Bay at the moment." in mail.written("lead_left")[0].text
    make_representative(thunder_bay, "nora@thunderbay.example", name="Nora Beaver")
    assert follow_up() == 1
    assert leads(running)["mentee"] == "nora@thunderbay.example"
    assert mail.to("person_added") == ["nora@thunderbay.example"]
    assert follow_up() == 0


def test_staff_who_leave_the_municipality_no_longer_take_part(running: Agreement, thunder_bay: Any) -> None:
    planner = make_stakeholder(thunder_bay, email="planner@place.example", left_on=date(2027, 2, 1))
    make_participant(running, "mentee", "planner@place.example", stakeholder=planner)
    assert follow_up() == 1
    assert running.participants.get(email="planner@place.example").left_on == date(2027, 2, 1)
    assert mail.written() == []


def test_who_leaves_by_themselves(running: Agreement, joseph: Any, priya: Any) -> None:
    me = make_participant(running, "mentee", joseph.email)
    people.remove_person(me, by=joseph)
    assert Participant.objects.get(pk=me.pk).left_on == date(2027, 2, 1)
    with pytest.raises(TransitionRefused, match="no longer takes part"):
        people.remove_person(me, by=joseph)
    other = running.participants.get(email=HELEN)
    with pytest.raises(PermissionDenied):
        people.remove_person(other, by=joseph)


class TestThePage:
    def test_adding_and_changing(self, running: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        wrong = client.post(about(running, "people"), {"side": "mentee", "name": "Marie", "email": "no address"})
        assert (wrong.status_code, as_sent(wrong)["name"]) == (422, "Marie")
        done = client.post(
            about(running, "people"),
            {"side": "mentee", "name": "Marie Roy", "email": "m@p.example", "title": "", "language": ""},
        )
        assert said(client, done) == ["Marie Roy takes part; the personal page is on its way."]
        marie = running.participants.get(email="m@p.example")
        done = client.post(about(running, "person_act", marie.pk, "lead"))
        assert said(client, done) == ["Marie Roy leads from now on."]
        done = client.post(about(running, "person_act", marie.pk, "leave"))
        assert said(client, done) == ["Marie Roy no longer takes part."]
        done = client.post(about(running, "person_act", marie.pk, "leave"))
        assert said(client, done) == ["Marie Roy no longer takes part."]

    def test_the_other_side_is_not_on_offer(self, running: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        page = client.post(about(running, "people"), {"side": "mentor", "name": "Marie", "email": "m@p.example"})
        assert page.status_code == 422
        helen = running.participants.get(email=HELEN)
        assert client.post(about(running, "person_act", helen.pk, "leave")).status_code == 403

    def test_staff_may_not(self, running: Agreement, joseph: Any, client: Client) -> None:
        client.force_login(joseph)
        assert client.get(about(running, "people")).status_code == 403

    def test_in_french(self, running: Agreement, amina: Any, client: Client) -> None:
        client.force_login(amina)
        assert client.get(about(running, "people", language="fr")).status_code == 200


PAGES = (
    "agreement",
    "answer",
    "people",
    "goals",
    "session_add",
    "next_session",
    "documents",
    "conclude",
    "hand_over",
    "check_ins",
)


def codes(client: Client, agreement: Agreement) -> dict[str, int]:
    return {name: client.get(about(agreement, name)).status_code for name in PAGES}


def test_a_third_municipality_finds_nothing(running: Agreement, rosa: Any, client: Client) -> None:
    make_goal(running)
    client.force_login(rosa)
    assert codes(client, running) == dict.fromkeys(PAGES, 404)
    posts = [
        about(running, "move", "pause"),
        about(running, "goal_act", 1, "reached"),
        about(running, "document_remove", 1),
    ]
    assert [client.post(address, {"note": "x"}).status_code for address in posts] == [404, 404, 404]
    assert client.get(about(running, "calendar")).status_code == 404


def test_what_each_may_open(
    running: Agreement, amina: Any, joseph: Any, priya: Any, rene: Any, uma: Any, client: Client
) -> None:
    found = {}
    for person in (amina, joseph, priya, rene, uma):
        client.force_login(person)
        found[person.name.split()[0]] = {name for name, code in codes(client, running).items() if code == 200}
    staff = {"agreement", "goals", "session_add", "next_session", "documents", "hand_over"}
    assert found == {
        "Amina": staff | {"answer", "people", "conclude"},
        "Joseph": staff,
        "Priya": {"agreement", "people", "conclude", "hand_over", "check_ins"},
        "René": {"check_ins"},
        "Uma": {"check_ins"},
    }


def test_a_prospective_municipality_sees_its_agreement_and_nothing_of_members(
    winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, client: Client, running: Agreement
) -> None:
    north = make_municipality("north", member=False)
    chief = make_representative(north, CHIEF, name="Chief Pierre")
    mine = make_agreement(running.offer, north, "paused")
    client.force_login(chief)
    assert client.get(about(mine)).status_code == 200
    assert client.get(about(running)).status_code == 404
    assert not chief.has_perm("network.view_people")
    page = words_of(client.get(winnipeg.get_absolute_url()))
    assert "helen@winnipeg.example" not in page
    private = ["/en/mentoring/offer/winnipeg/", "/en/mentoring/need/thunder-bay/", "/en/mentoring/matching/"]
    assert {client.get(address).status_code for address in private} <= {403, 404}


@pytest.mark.parametrize("number", [1, 12])
def test_the_page_costs_the_same_at_many(number: int, running: Agreement, amina: Any, client: Client) -> None:
    for n in range(number):
        make_goal(running, f"Goal {n}")
        make_participant(running, "mentee")
        running.sessions.create(held_on=date(2027, 1, 5), summary=f"We talked {n}.", by_name="Amina Diallo")
        running.documents.create(title=f"Paper {n}", url="https://paper.example/", by_name="Amina Diallo")
    client.force_login(amina)
    client.get(about(running))
    with CaptureQueriesContext(connection) as queries:
        client.get(about(running))
    assert len(queries) == 8


def test_a_named_person_with_an_account_of_no_municipality(running: Agreement, client: Client) -> None:
    make_participant(running, "mentee", "expert@place.example")
    client.force_login(make_user("expert@place.example"))
    assert client.get(about(running)).status_code == 200
    assert client.get(about(running, "people")).status_code == 403
