"""Naming and inviting, and what an invited person does from the personal link."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.notifications.models import Message
from exchanges import services
from exchanges.models import Side, TeamMember, Visit

from .factories import make_member, read
from .mailbag import event, forget, kinds_to, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

AMINA, HELEN, PRIYA = "amina@thunderbay.example", "helen@winnipeg.example", "priya@network.example"


def stored(member: TeamMember) -> TeamMember:
    return TeamMember.objects.select_related("visit__exchange__guest", "visit__exchange__host").get(pk=member.pk)


def leader_of(visit: Visit) -> TeamMember:
    return stored(visit.team.get(category="elected"))


# --- naming and inviting ----------------------------------------------------------------------------------------------


def test_places_are_named_one_by_one(visit: Any, joseph: Any) -> None:
    draft = visit("draft")
    open_place = services.add_member(draft, side="visitors", by=joseph, category="school")
    named = services.add_member(
        draft, side="visitors", by=joseph, category="police", name="Chief Rose", email="rose@example.ca"
    )
    assert (open_place.status, named.status) == ("to_name", "named")
    services.keep_member(stored(open_place), seen=1, by=joseph, name="Ms. Wabasse")
    assert (stored(open_place).status, stored(open_place).version) == ("named", 2)
    services.keep_member(stored(open_place), seen=2, by=joseph, name="")
    assert stored(open_place).status == "to_name"


@pytest.mark.parametrize(
    ("who", "side", "may"),
    [
        ("joseph", "visitors", True),
        ("joseph", "hosts", False),
        ("henry", "hosts", True),
        ("henry", "visitors", False),
        ("rosa", "hosts", False),
        ("priya", "hosts", True),
    ],
)
def test_each_side_keeps_its_own_people(
    who: str, side: str, may: bool, visit: Any, request: pytest.FixtureRequest
) -> None:
    accepted, by = visit("accepted"), request.getfixturevalue(who)
    if may:
        assert services.add_member(accepted, side=side, by=by, category="police").pk
    else:
        with pytest.raises(PermissionDenied):
            services.add_member(accepted, side=side, by=by, category="police")


def test_the_same_address_twice_is_a_sentence(visit: Any, joseph: Any) -> None:
    draft = visit("draft")
    services.add_member(draft, side="visitors", by=joseph, category="police", name="Rose", email="rose@example.ca")
    with pytest.raises(TransitionRefused, match="Rose@example.ca is in this team already."):
        services.add_member(draft, side="visitors", by=joseph, category="police", name="Rose", email="Rose@example.ca")
    other = make_member(draft, status="named")
    with pytest.raises(TransitionRefused, match="rose@example.ca is in this team already."):
        services.keep_member(stored(other), seen=1, by=joseph, email="rose@example.ca")


def test_two_people_correct_a_member(visit: Any, joseph: Any, amina: Any) -> None:
    member = make_member(visit("draft"), status="named")
    services.keep_member(stored(member), seen=1, by=amina, title="Chief")
    with pytest.raises(Conflict) as conflict:
        services.keep_member(stored(member), seen=1, by=joseph, title="Constable")
    assert (conflict.value.current.title, stored(member).title) == ("Chief", "Chief")


def test_people_are_invited_once_the_host_has_accepted(visit: Any, joseph: Any) -> None:
    with pytest.raises(TransitionRefused, match="People are invited once the host has accepted."):
        services.invite_member(make_member(visit("requested"), status="named"), by=joseph)
    accepted = visit("accepted")
    for member in (make_member(accepted, status="to_name"), make_member(accepted, status="named", email="")):
        with pytest.raises(TransitionRefused, match="An invitation needs a name and an email address."):
            services.invite_member(stored(member), by=joseph)
    with pytest.raises(TransitionRefused, match="was invited already"):
        services.invite_member(stored(make_member(accepted, status="accepted")), by=joseph)


def test_an_invitation_says_who_invites_in_which_capacity_and_holds_the_link(visit: Any, joseph: Any) -> None:
    member = make_member(visit("accepted"), status="named", title="Police chief", language="fr")
    services.invite_member(stored(member), by=joseph)
    letter = written("invitation")[0]
    assert (stored(member).status, letter.to_email, letter.language) == ("invited", member.email, "fr")
    assert [
        part in letter.text for part in (stored(member).token, "Joseph Kakegamic, Thunder Bay", "Police chief")
    ] == [True] * 3


def test_inviting_again_is_a_new_letter(clock: Any, visit: Any, joseph: Any) -> None:
    member = make_member(visit("accepted"), status="named")
    services.invite_member(stored(member), by=joseph)
    clock.shift(timedelta(minutes=1))
    services.invite_member(stored(member), by=joseph)
    assert to("invitation") == [member.email] * 2


def test_all_who_are_named_are_invited_at_once(visit: Any, joseph: Any) -> None:
    accepted = visit("accepted")
    named = [make_member(accepted, status="named") for _n in range(3)]
    make_member(accepted, status="named", email="")
    make_member(accepted, Side.HOSTS, status="named")
    assert services.invite_all(accepted, side="visitors", by=joseph) == 3
    assert services.invite_all(accepted, side="visitors", by=joseph) == 0
    assert to("invitation") == sorted(m.email for m in named)


def test_a_corrected_address_kills_the_old_link_even_when_a_form_wrote_on_the_member(visit: Any, joseph: Any) -> None:
    """Regression: a model form had written the new address onto the member, so that nothing seemed to change."""
    member = make_member(visit("accepted"), status="named", email="wrong@example.ca")
    services.invite_member(stored(member), by=joseph)
    old = stored(member).token
    typed = stored(member)
    typed.email = "right@example.ca"
    services.keep_member(typed, seen=1, by=joseph, email="right@example.ca")
    assert (TeamMember.from_token(old), TeamMember.from_token(stored(member).token)) == (None, member)
    assert (stored(member).status, to("invitation")) == ("invited", ["right@example.ca"])
    assert Message.objects.get(to_email="wrong@example.ca").state == "withdrawn"


def test_who_has_accepted_keeps_the_place_under_a_new_address(visit: Any, amina: Any, joseph: Any) -> None:
    """Regression: correcting the address of the only elected leader left a confirmed visit without one."""
    confirmed = visit("confirmed")
    leader = leader_of(confirmed)
    old = leader.token
    services.keep_member(leader, seen=1, by=joseph, email="mayor@thunderbay.example")
    assert (stored(leader).status, read(confirmed).state, TeamMember.from_token(old)) == ("accepted", "confirmed", None)
    assert "mayor@thunderbay.example" in to("confirmed")


def test_a_new_address_while_the_next_host_is_looked_for_invites_nobody_yet(
    visit: Any, amina: Any, joseph: Any
) -> None:
    confirmed = visit("confirmed")
    services.change_host(confirmed, by=amina, note="Fire")
    forget()
    services.keep_member(leader_of(confirmed), seen=1, by=joseph, email="mayor@thunderbay.example")
    assert written() == []


def test_who_is_taken_out_is_told_and_the_calendar_event_goes(visit: Any, joseph: Any) -> None:
    confirmed = visit("confirmed")
    extra, never_asked = (
        make_member(confirmed, category="school", status="accepted"),
        make_member(confirmed, status="named"),
    )
    for member in (extra, never_asked):
        services.remove_member(stored(member), by=joseph)
    [letter] = written()
    assert (letter.kind, letter.to_email, event(letter)["method"], event(letter)["sequence"]) == (
        "exchanges.cancelled",
        extra.email,
        "CANCEL",
        2,
    )
    assert (stored(extra).status, TeamMember.from_token(extra.token), read(confirmed).state) == (
        "withdrawn",
        None,
        "confirmed",
    )


def test_staff_may_take_out_the_only_leader_and_the_portal_asks_both_sides_again(
    visit: Any, joseph: Any, priya: Any
) -> None:
    """Regression: the consequence needed a right that staff do not have, and the page answered 403."""
    confirmed = visit("confirmed")
    services.remove_member(leader_of(confirmed), by=joseph)
    assert (read(confirmed).state, read(confirmed).plan_version) == ("accepted", 2)
    assert {AMINA, HELEN, PRIYA} <= set(to("changed"))
    assert len(to("changed")) == len(set(to("changed")))


def test_a_replacement_is_invited_and_the_former_person_told(visit: Any, joseph: Any) -> None:
    confirmed = visit("confirmed")
    leader = leader_of(confirmed)
    new = services.replace_member(leader, by=joseph, name="Councillor Ng", email="ng@thunderbay.example", language="en")
    assert (stored(leader).status, stored(leader).replaced_by, new.category, stored(new).status) == (
        "replaced",
        new,
        "elected",
        "invited",
    )
    assert (kinds_to(leader.email), kinds_to("ng@thunderbay.example")[0]) == (["cancelled"], "invitation")
    assert read(confirmed).state == "accepted"
    services.answer_invitation(new, comes=True)
    assert stored(new).status == "accepted"


def test_a_lead_is_somebody_of_the_municipality(visit: Any, joseph: Any, winnipeg: Any, thunder_bay: Any) -> None:
    accepted = visit("accepted")
    services.name_lead(accepted, side="visitors", stakeholder=joseph.stakeholders.get(), by=joseph)
    assert read(accepted).visiting_lead.name == "Joseph Kakegamic"
    for wrong in (make_stakeholder(winnipeg), make_stakeholder(thunder_bay, left_on=read(accepted).today())):
        with pytest.raises(TransitionRefused, match="A lead is somebody who works for the municipality now."):
            services.name_lead(accepted, side="visitors", stakeholder=wrong, by=joseph)


def test_a_waived_team_says_why_and_the_network_hears(visit: Any, amina: Any, joseph: Any, priya: Any) -> None:
    """Regression: the network was not told."""
    planned = visit("planned")
    with pytest.raises(PermissionDenied):
        services.waive_team(planned, by=joseph, reason="They are ill.")
    with pytest.raises(TransitionRefused, match="Please give a reason"):
        services.waive_team(planned, by=amina, reason=" ")
    services.waive_team(planned, by=amina, reason="A chief and a vice-chair travel.")
    assert (read(planned).leaders_waived, to("changed")) == ("A chief and a vice-chair travel.", [PRIYA])
    assert "A chief and a vice-chair travel." in written()[0].text


@pytest.mark.parametrize("stage", ["held", "closed"])
def test_after_the_visit_the_team_stands(stage: str, visit: Any, joseph: Any) -> None:
    over = visit(stage)
    with pytest.raises(TransitionRefused, match="The team can no longer be changed"):
        services.add_member(over, side="visitors", by=joseph, category="school")


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_a_guest_accepts_and_changes_their_mind(visit: Any) -> None:
    guest = make_member(visit("accepted"), category="school")
    services.answer_invitation(stored(guest), comes=True, word="Happy to.")
    assert (stored(guest).status, stored(guest).answer_note, written()) == ("accepted", "Happy to.", [])
    services.answer_invitation(stored(guest), comes=True)
    services.withdraw_member(stored(guest), word="Exams")
    assert (stored(guest).status, to("member_answered")) == ("declined", [AMINA])
    assert "Exams" in written("member_answered")[0].text
    services.answer_invitation(stored(guest), comes=True)
    assert stored(guest).status == "accepted"


def test_who_accepts_after_the_confirmation_gets_the_dates_at_once_and_nobody_else_again(visit: Any) -> None:
    guest = make_member(visit("confirmed"), category="school")
    services.answer_invitation(stored(guest), comes=True)
    guests = [m for m in written("confirmed") if m.to_email == guest.email]
    assert len(guests) == 1
    assert event(guests[0])["sequence"] == 1


@pytest.mark.parametrize(
    ("stage", "status", "reason"),
    [
        ("held", "invited", "This visit no longer waits for answers"),
        ("accepted", "replaced", "Your place was given to somebody else."),
        ("accepted", "withdrawn", "Your place was given to somebody else."),
    ],
)
def test_too_late_to_answer(stage: str, status: str, reason: str, visit: Any) -> None:
    guest = make_member(visit(stage), category="school", status=status)
    with pytest.raises(TransitionRefused, match=reason):
        services.answer_invitation(stored(guest), comes=True)


def test_the_only_leader_declines_a_confirmed_visit(visit: Any) -> None:
    confirmed = visit("confirmed")
    services.withdraw_member(leader_of(confirmed), word="Council meets.")
    assert (read(confirmed).state, [read(confirmed).confirmed_by(s) for s in Side]) == ("accepted", [None, None])
    assert (to("member_answered"), {AMINA, HELEN} <= set(to("changed"))) == ([AMINA], True)


def test_needs_are_kept_for_those_who_come_and_forgotten_when_they_do_not(visit: Any) -> None:
    accepted = visit("accepted")
    guest = make_member(accepted, category="school", status="accepted")
    needs = {"dietary_needs": "no nuts", "access_needs": "ramp", "emergency_contact": "Bo"}
    services.save_needs(stored(guest), **needs)
    assert stored(guest).dietary_needs == "no nuts"
    services.withdraw_member(stored(guest))
    assert (stored(guest).dietary_needs, stored(guest).access_needs, stored(guest).emergency_contact) == ("", "", "")
    with pytest.raises(TransitionRefused, match="This visit no longer asks for needs."):
        services.save_needs(stored(guest), **needs)
    with pytest.raises(TransitionRefused, match="This visit no longer asks for needs."):
        services.save_needs(stored(make_member(visit("held"), status="accepted")), **needs)


def test_a_colleague_is_suggested_and_not_invited_behind_the_leads_back(visit: Any) -> None:
    guest = make_member(visit("accepted"), category="school")
    services.suggest_colleague(stored(guest), name="Kim", email="kim@example.ca")
    assert (stored(guest).status, stored(guest).answer_note) == (
        "declined",
        "I suggest Kim (kim@example.ca) in my place.",
    )
    assert (to("member_answered"), "kim@example.ca" in written()[0].text) == ([AMINA], True)


def test_not_me_removes_the_name_and_closes_the_link(visit: Any, joseph: Any) -> None:
    guest = make_member(visit("accepted"), status="named")
    services.invite_member(stored(guest), by=joseph)
    token = stored(guest).token
    services.not_me(stored(guest))
    gone = stored(guest)
    assert (gone.name, gone.email, gone.status, TeamMember.from_token(token)) == ("", "", "withdrawn", None)
    assert (to("not_me"), to("invitation")) == ([AMINA], [])


def test_no_more_letters_but_for_the_end_of_what_was_accepted(visit: Any) -> None:
    guest = make_member(visit("confirmed"), status="accepted")
    services.stop_letters(stored(guest))
    assert stored(guest).wants_no_more


class TestLostLink:
    """Who lost the letter gets the link again; nobody learns whether an address is known."""

    @pytest.mark.parametrize("email", ["known", "KNOWN", "stranger@example.ca"])
    def test_the_answer_is_the_same(self, client: Any, visit: Any, email: str) -> None:
        planned = visit("accepted")
        member = make_member(planned, email="guest@example.ca", name="Guest")
        address = {"known": member.email, "KNOWN": member.email.upper()}.get(email, email)
        before = Message.objects.count()
        with translation.override("en"):
            page = client.post(reverse("exchanges:lost_link"), {"email": address}, follow=True)
        assert (page.status_code, "is on its way again" in page.content.decode()) == (200, True)
        letters = [m.to_email for m in Message.objects.order_by("pk")[before:]]
        assert letters == ([] if email == "stranger@example.ca" else ["guest@example.ca"])

    def test_twice_in_an_hour_is_one_letter(self, visit: Any) -> None:
        make_member(visit("accepted"), email="guest@example.ca", name="Guest")
        assert [services.send_links_again("guest@example.ca") for _ in range(3)] == [1, 0, 0]

    @pytest.mark.parametrize("stage", ["declined", "cancelled"])
    def test_what_is_over_opens_nothing_again(self, visit: Any, stage: str) -> None:
        planned = visit("accepted")
        make_member(planned, email="guest@example.ca", name="Guest")
        type(planned).objects.filter(pk=planned.pk).update(state=stage)
        assert services.send_links_again("guest@example.ca") == 0

    def test_who_declined_is_left_in_peace(self, visit: Any) -> None:
        make_member(visit("accepted"), email="guest@example.ca", name="Guest", status="declined")
        assert services.send_links_again("guest@example.ca") == 0

    def test_a_wrong_address_in_french(self, client: Any, db: None) -> None:
        with translation.override("fr"):
            page = client.post(reverse("exchanges:lost_link"), {"email": "pas une adresse"})
        assert (page.status_code, "pas une adresse" in page.content.decode()) == (422, True)
