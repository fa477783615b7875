"""What may go wrong between two municipalities: somebody left, a place was promised twice, the portal calls back who said no."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.accounts.models import User
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Membership, Stakeholder
from cmncp_portal.network.tests.factories import make_municipality
from mentoring.models import Agreement, MentoringSession
from mentoring.selectors import matching
from mentoring.selectors.finding import numbers
from mentoring.services import asking, people, proposing, sweeping, wanting
from mentoring.services.telling import participants

from .agreeing import AMINA, CHIEF, HELEN, about, forget, mail, own, words_of
from .factories import make_agreement, make_need, make_offer, make_participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NOON = datetime(2027, 2, 1, 20, tzinfo=UTC)


@pytest.fixture
def running(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any) -> Agreement:
    """Winnipeg accompanies Thunder Bay, which has nobody but Amina; she leads."""
    made = make_agreement(winnipeg, thunder_bay)
    for side, user in (("mentor", helen), ("mentee", amina)):
        row = Stakeholder.objects.get(user=user)
        make_participant(made, side, user.email, name=user.name, stakeholder=row, is_lead=True)
    return made


def test_a_new_offer_does_not_empty_the_hands(running: Agreement, helen: Any, priya: Any, gatineau: Any) -> None:
    """One at a time, said Winnipeg: withdrawing the offer and writing a new one makes no second place."""
    wanting.move_offer(running.offer, "withdraw", by=helen)
    offer = make_offer(running.mentor, capacity=1)
    found = matching.offers_to_match(priya).get(pk=offer.pk)
    assert (matching.candidate_of(found).capacity_left, matching.candidate_of(found).load) == (0, 1)
    assert (matching.capacities([found]), numbers().places) == ({"winnipeg": 0}, 0)
    with pytest.raises(TransitionRefused, match="accompanies as many municipalities as it can"):
        proposing.propose(make_need(gatineau), offer, by=priya, reasons={})


@pytest.mark.parametrize("goes", ["not me", "leaves"])
def test_who_said_no_is_not_called_back_at_night(running: Agreement, amina: Any, goes: str) -> None:
    """She stays the representative: without this, the next sweep would name her again and write to her, every hour."""
    person = running.participants.get(email=AMINA)
    if goes == "leaves":
        people.remove_person(person, by=amina)
    else:
        people.not_me(person)
    forget()
    assert (sweeping.follow_up(), mail.to("person_added")) == (0, [])
    assert not running.participants.filter(side="mentee", is_lead=True).exists()


def test_who_left_the_municipality_no_longer_finds_what_is_over(
    winnipeg: Any, thunder_bay: Any, amina: Any, client: Client
) -> None:
    """The sweep ends the part of leavers in live agreements only; the list and the page are closed at once in all."""
    made = make_agreement(winnipeg, thunder_bay, "completed")
    row = Stakeholder.objects.get(user=amina)
    make_participant(made, "mentee", AMINA, stakeholder=row)
    assert list(Agreement.objects.visible_to(amina)) == [made]
    Stakeholder.objects.filter(pk=row.pk).update(left_on=date(2027, 2, 1))
    del amina._places
    assert list(Agreement.objects.visible_to(amina)) == []
    client.force_login(amina)
    assert client.get(made.get_absolute_url()).status_code == 404


def test_a_closed_account_closes_the_personal_link_too(running: Agreement, amina: Any, client: Client) -> None:
    """Else the next letter would bring her a link that needs no account."""
    person = running.participants.get(email=AMINA)
    assert client.get(own(person)).status_code == 200
    User.objects.filter(pk=amina.pk).update(is_active=False, email="Amina@thunderbay.example")
    assert client.get(own(person)).status_code == 404
    assert [reader.to.email for reader in participants(running)] == [HELEN]
    assert (people.follow_leavers(), people.follow_leavers()) == (1, 0)
    assert not running.participants.filter(side="mentee", is_lead=True).exists()


def test_the_coordinator_names_a_contact_where_nobody_is_listed(winnipeg: Any, helen: Any, priya: Any) -> None:
    made = make_agreement(make_offer(winnipeg), make_need(make_municipality("north", member=False)), "proposed")
    with pytest.raises(TransitionRefused, match="name a contact with an address first"):
        asking.ask_both(made, by=priya)
    people.add_person(made, side="mentee", by=priya, name="Chief Pierre", email=CHIEF)
    asking.ask_both(made, by=priya)
    assert sorted(mail.to("asked")) == [CHIEF, HELEN]


def test_the_lead_whom_the_coordinator_chose_stays(winnipeg: Any, thunder_bay: Any, amina: Any, priya: Any) -> None:
    made = make_agreement(make_offer(winnipeg), make_need(thunder_bay), "proposed")
    people.add_person(made, side="mentor", by=priya, name="Helen Friesen", email=HELEN)
    people.add_person(made, side="mentee", by=priya, name="Chief Pierre", email=CHIEF)
    asking.ask_both(made, by=priya)
    leads = made.participants.filter(is_lead=True).values_list("side", "email")
    assert dict(leads) == {"mentor": HELEN, "mentee": CHIEF}
    assert sorted(mail.to("asked")) == [AMINA, CHIEF, HELEN]  # who represents it may answer as well


def test_a_mentor_whose_membership_ended_is_not_asked(winnipeg: Any, thunder_bay: Any, helen: Any, priya: Any) -> None:
    made = make_agreement(make_offer(winnipeg), make_need(thunder_bay), "proposed")
    Membership.objects.filter(municipality=winnipeg).update(until_on=date(2027, 1, 31))
    with pytest.raises(TransitionRefused, match="not a member at the moment"):
        asking.ask_both(made, by=priya)


def test_one_letter_that_fails_keeps_no_other(
    running: Agreement, gatineau: Any, luc: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = datetime(2026, 12, 18, 15, tzinfo=UTC)
    Agreement.objects.update(last_sign_at=quiet)
    make_agreement(running.offer, gatineau, last_sign_at=quiet)
    tell = sweeping.tell

    def breaks(kind: Any, agreement: Agreement, *args: Any, **more: Any) -> int:
        if agreement.pk == running.pk:
            raise RuntimeError("a broken letter")
        return tell(kind, agreement, *args, **more)

    monkeypatch.setattr(sweeping, "tell", breaks)
    sweeping.send_reminders(NOON)
    assert mail.to("silent") == [HELEN, "luc@gatineau.example"]


@pytest.mark.parametrize(("day", "status"), [("2027-02-01", 302), ("2027-02-02", 302), ("2027-02-03", 422)])
def test_half_past_midnight_in_st_johns(winnipeg: Any, clock: Any, client: Client, day: str, status: int) -> None:
    """There a session of today is written down while it is still yesterday in Toronto."""
    made = make_agreement(winnipeg, make_municipality("st-johns", time_zone="America/St_Johns", province="NL"))
    chief = make_participant(made, "mentee", CHIEF, is_lead=True)
    clock.move_to(datetime(2027, 2, 2, 4, tzinfo=UTC))
    answer = client.post(own(chief, "session"), {"held_on": day, "summary": "We met.", "version": 1})
    assert (answer.status_code, MentoringSession.objects.count()) == (status, int(status == 302))
    if status == 422:
        assert "This day lies ahead: set it as the next session." in words_of(answer)


@pytest.mark.parametrize(
    ("page", "typed", "what"),
    [
        ("goals", {"text": "Adopt a plan", "due_on": "2027-06-01"}, "goals"),
        ("session_add", {"held_on": "2027-01-29", "summary": "We met.", "minutes": "60"}, "sessions"),
    ],
)
def test_a_double_click_writes_once(
    running: Agreement, amina: Any, client: Client, page: str, typed: dict[str, str], what: str
) -> None:
    client.force_login(amina)
    found = [client.post(about(running, page), typed | {"version": "1"}).status_code for _click in range(2)]
    assert (found, getattr(running, what).count()) == ([302, 302], 1)


def test_a_double_tap_on_not_me(running: Agreement, client: Client) -> None:
    person = make_participant(running, "mentee", CHIEF)
    answers = [client.post(own(person, "not-me")) for _tap in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert words_of(answers[0]) == words_of(answers[1])
    assert client.post(own(person, "goals"), {"text": "Adopt a plan"}).status_code == 404


@pytest.mark.parametrize(("day", "status"), [("2028-02-02", 302), ("2028-02-03", 422), ("9999-12-31", 422)])
def test_a_session_of_the_year_9999(running: Agreement, amina: Any, client: Client, day: str, status: int) -> None:
    client.force_login(amina)
    typed = {"day": day, "clock": "23:59", "zone": "America/Toronto", "version": str(running.version)}
    answer = client.post(about(running, "next_session"), typed)
    assert (answer.status_code, "lies more than a year ahead" in words_of(answer)) == (status, status == 422)
