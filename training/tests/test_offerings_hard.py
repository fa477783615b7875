"""Offerings when things go otherwise: nobody came, the standard changed, a letter never arrived, a button was pressed twice."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation.instruments import load_instruments
from training.models import CompetencyText, Module, StandardVersion
from training.selectors.gaps import HELD, LAPSED, profile_for
from training.services import changing
from training.services.attending import record_held
from training.services.certificates import revoke
from training.services.enrolling import Person, enrol, readdress, send_links_again
from training.services.modules import move
from training.services.offerings import create_offering
from training.services.offerings_sweep import follow_up

from .factories import make_enrolment, make_learner, make_module, make_offering, make_version
from .offering_screens import address, forget, held, kinds_to, written

pytestmark = pytest.mark.django_db
LAST = datetime(2027, 4, 15, 22, 0, tzinfo=UTC)


def test_dates_to_which_nobody_came_do_not_stay_open_for_ever(clock: Any, priya: Any) -> None:
    there = make_offering()
    make_enrolment(there, "kim@place.example", status="cancelled")
    clock.move_to(datetime(2027, 4, 20, 15, 0, tzinfo=UTC))
    with pytest.raises(TransitionRefused, match="Nobody had a place: a coordinator can cancel these dates."):
        record_held(there, by=priya)
    changing.cancel(there, by=priya, note="Nobody enrolled.")
    there.refresh_from_db()
    assert (there.state, written()) == ("cancelled", [])
    move(there.module, "retire", by=priya, note="Nobody wants it.")
    assert Module.objects.get(pk=there.module_id).state == "retired"


def test_a_second_click_makes_no_second_offering(clock: Any, priya: Any, winnipeg: Any) -> None:
    module = make_module("approved")
    values = {"mode": "online", "language": "en", "host": None, "time_zone": "America/Winnipeg"}
    first, again = (create_offering(by=priya, module=module, **values) for _n in range(2))
    assert first == again
    other = create_offering(by=priya, module=module, **(values | {"language": "fr"}))
    clock.shift(61)
    later = create_offering(by=priya, module=module, **values)
    assert [one.reference for one in (first, other, later)] == ["TR-2027-001", "TR-2027-002", "TR-2027-003"]


@pytest.mark.parametrize(("adopted", "state"), [(date(2027, 4, 15), HELD), (date(2027, 4, 16), LAPSED)])
def test_what_counts_is_the_standard_of_the_last_day_also_when_it_is_recorded_later(
    clock: Any, priya: Any, joseph: Any, adopted: date, state: str
) -> None:
    old = make_version()
    text = old.texts.in_order()[0]
    there = make_offering(module=make_module(builds=[(text.competency, 2)]))
    place = make_enrolment(there, joseph.email)
    StandardVersion.objects.filter(pk=old.pk).update(state="superseded", superseded_on=adopted)
    new = make_version(standard=old.standard, adopted_on=adopted)
    CompetencyText.objects.filter(version=new, competency=text.competency).update(asks_more=True)
    clock.move_to(datetime(2027, 4, 19, 15, 0, tzinfo=UTC))
    held(there, place, by=priya)
    assert place.attainments.get().standard_version == (new if state == HELD else old)
    lines = profile_for(place.learner, standing="staff").lines
    assert [line.state for line in lines if line.text.competency_id == text.competency_id] == [state]


def test_who_lost_the_letter_finds_the_certificate_again(clock: Any, priya: Any) -> None:
    there = make_offering()
    place, revoked = make_enrolment(there, "kim@place.example"), make_enrolment(there, "lou@place.example")
    clock.move_to(LAST)
    held(there, place, revoked, by=priya)
    place.refresh_from_db()
    revoke(revoked.certificate, by=priya, reason="It was somebody else.")
    clock.move_to(datetime(2027, 9, 1, 15, 0, tzinfo=UTC))
    forget()
    assert (send_links_again("Kim@place.example"), send_links_again("lou@place.example")) == (1, 0)
    send_links_again("kim@place.example")
    (letter,) = written()
    assert (letter.kind, letter.to_email, letter.calendar) == ("training.certificate", "kim@place.example", "")
    assert place.token in letter.text


def test_a_new_address_gets_the_certificate_and_the_questions_that_are_open(clock: Any, priya: Any) -> None:
    load_instruments()
    there = make_offering()
    place = make_enrolment(there, "kim@place.example")
    clock.move_to(LAST)
    held(there, place, by=priya)
    clock.move_to(datetime(2027, 4, 16, 15, 0, tzinfo=UTC))
    assert follow_up() == 1
    forget()
    readdress(place, email="kim@new.example", by=priya)
    assert [letter.to_email for letter in written()] == ["kim@new.example"] * len(written())
    assert kinds_to("kim@new.example") == ["certificate"]
    invitation = there.surveys.get().survey.invitations.get()
    assert invitation.email == "kim@new.example"


def test_a_new_address_after_dates_that_gave_nothing_is_not_told_that_the_place_is_confirmed(
    clock: Any, priya: Any
) -> None:
    there = make_offering()
    place = make_enrolment(there, "kim@place.example")
    clock.move_to(datetime(2027, 4, 16, 15, 0, tzinfo=UTC))
    readdress(place, email="kim@new.example", by=priya)
    assert kinds_to("kim@new.example") == []


@pytest.mark.parametrize("name", ["offering", "certificate_pdf", "revoke"])
def test_an_address_with_a_sign_that_no_text_holds_is_unknown(client: Any, priya: Any, name: str) -> None:
    client.force_login(priya)
    assert client.get(address(name, "x\x00")).status_code == 404


def test_a_place_that_was_meant_for_somebody_else_goes_to_her(
    clock: Any, priya: Any, joseph: Any, joan: Any, winnipeg: Any
) -> None:
    there = make_offering()
    (place,) = enrol(there, people=[Person("Joan Redsky", joseph.email, municipality=winnipeg)], by=priya)
    type(place.learner).objects.filter(pk=place.learner_id).update(user=joseph)
    readdress(place, email=joan.email, by=priya)
    place.refresh_from_db()
    assert place.learner.email == joan.email
    readdress(place, email="joan@home.example", by=priya)
    place.refresh_from_db()
    assert (place.learner.email, place.email) == ("joan@home.example", "joan@home.example")


def test_an_account_keeps_its_place_when_letters_go_elsewhere(clock: Any, priya: Any, joseph: Any) -> None:
    place = make_enrolment(make_offering(), learner=make_learner(user=joseph))
    readdress(place, email="joseph@home.example", by=priya)
    place.refresh_from_db()
    assert (place.learner.user, place.email) == (joseph, "joseph@home.example")
