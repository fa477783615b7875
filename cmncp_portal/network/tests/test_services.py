from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from cmncp_portal.core.editing import Conflict
from cmncp_portal.network import services
from cmncp_portal.network.models import Membership, Stakeholder, Standing
from cmncp_portal.network.services import Refused
from cmncp_portal.notifications.models import Message

from .factories import make_municipality, make_programme, make_sector, make_stakeholder, make_topic, make_user

pytestmark = pytest.mark.django_db


def letters() -> list[tuple[str, str, str]]:
    return sorted(Message.objects.values_list("kind", "to_email", "language"))


# ---- a municipality -------------------------------------------------------------------------------


def test_keeping_a_municipality_raises_its_version(thunder_bay: Any, amina: Any) -> None:
    youth = make_topic("youth")
    services.keep_municipality(thunder_bay, seen=1, by=amina, about_en="By the lake.", offers=[youth])
    thunder_bay.refresh_from_db()
    assert (thunder_bay.about_en, thunder_bay.version, list(thunder_bay.offers.all())) == ("By the lake.", 2, [youth])


def test_whoever_saved_second_changes_nothing(thunder_bay: Any, amina: Any) -> None:
    youth = make_topic("youth")
    services.keep_municipality(thunder_bay, seen=1, by=amina, about_en="First.")
    with pytest.raises(Conflict) as raised:
        services.keep_municipality(thunder_bay, seen=1, by=amina, about_en="Second.", offers=[youth])
    assert raised.value.current.about_en == "First."
    assert list(thunder_bay.offers.all()) == []


def test_a_programme_is_added_and_kept(thunder_bay: Any, amina: Any) -> None:
    youth, gangs = make_topic("youth"), make_topic("gangs")
    programme = services.add_programme(thunder_bay, by=amina, name_en="Night gym", topics=[youth], version=1)
    services.keep_programme(programme, seen=1, by=amina, name_fr="Gymnase de nuit", topics=[gangs])
    programme.refresh_from_db()
    assert (programme.name_fr, list(programme.topics.all()), programme.version) == ("Gymnase de nuit", [gangs], 2)


# ---- membership -----------------------------------------------------------------------------------


def test_a_new_class_ends_the_old_one_the_day_before(thunder_bay: Any, priya: Any) -> None:
    services.admit_member(
        thunder_bay, kind="associate", from_on=date(2026, 4, 1), by=priya, resolution_on=date(2026, 3, 9)
    )
    found = list(
        thunder_bay.memberships.order_by("from_on").values_list("kind", "from_on", "until_on", "resolution_on")
    )
    assert found == [
        ("general", date(2015, 1, 1), date(2026, 3, 31), None),
        ("associate", date(2026, 4, 1), None, date(2026, 3, 9)),
    ]


@pytest.mark.parametrize(
    ("kind", "day"), [("general", date(2026, 4, 1)), ("associate", date(2015, 1, 1)), ("associate", date(2014, 12, 31))]
)
def test_a_membership_that_cannot_begin(kind: str, day: date, thunder_bay: Any, priya: Any) -> None:
    with pytest.raises(Refused):
        services.admit_member(thunder_bay, kind=kind, from_on=day, by=priya)
    assert thunder_bay.memberships.count() == 1


def test_a_suspended_member_keeps_people_and_may_come_back(thunder_bay: Any, amina: Any, priya: Any) -> None:
    services.suspend_member(thunder_bay, until_on=date(2026, 1, 31), by=priya)
    assert thunder_bay.stakeholders.count() == 1
    with pytest.raises(Refused):
        services.suspend_member(thunder_bay, until_on=date(2026, 2, 1), by=priya)
    services.admit_member(thunder_bay, kind="general", from_on=date(2026, 2, 1), by=priya)
    assert Membership.objects.filter(municipality=thunder_bay, until_on__isnull=True).get().from_on == date(2026, 2, 1)


def test_a_membership_cannot_end_before_it_began(thunder_bay: Any, priya: Any) -> None:
    with pytest.raises(Refused):
        services.suspend_member(thunder_bay, until_on=date(2014, 12, 31), by=priya)


# ---- people ---------------------------------------------------------------------------------------


def test_an_added_deputy_is_welcomed_in_both_languages_when_none_is_known(thunder_bay: Any, amina: Any) -> None:
    services.add_stakeholder(
        thunder_bay, by=amina, name="Dana", email="dana@example.ca", sector=make_sector(), standing=Standing.DEPUTY
    )
    message = Message.objects.get()
    assert (message.kind, message.to_email, message.language) == ("network.now_deputy", "dana@example.ca", "both")
    assert "You act beside Amina Diallo" in message.text
    assert "aux côtés de Amina Diallo" in message.text


def test_an_added_partner_gets_no_letter(thunder_bay: Any, amina: Any) -> None:
    services.add_stakeholder(thunder_bay, by=amina, name="Dana", email="dana@example.ca", sector=make_sector())
    assert letters() == []


def test_nobody_is_listed_twice_under_one_address(thunder_bay: Any, winnipeg: Any, amina: Any) -> None:
    with pytest.raises(Refused):
        services.add_stakeholder(
            thunder_bay, by=amina, name="A.", email="AMINA@thunderbay.example", sector=make_sector()
        )
    services.add_stakeholder(winnipeg, by=amina, name="A.", email="amina@thunderbay.example", sector=make_sector())


def test_there_is_one_representative(thunder_bay: Any, amina: Any) -> None:
    with pytest.raises(Refused):
        services.add_stakeholder(
            thunder_bay, by=amina, name="B", sector=make_sector(), standing=Standing.REPRESENTATIVE
        )
    joseph = make_stakeholder(thunder_bay, standing=Standing.STAFF)
    with pytest.raises(Refused):
        services.keep_stakeholder(joseph, seen=1, by=amina, standing=Standing.REPRESENTATIVE)
    with pytest.raises(Refused):
        services.keep_stakeholder(amina.stakeholders.get(), seen=1, by=amina, standing=Standing.STAFF)


def test_becoming_a_deputy_later_is_welcomed_once(thunder_bay: Any, amina: Any, joseph: Any) -> None:
    person = joseph.stakeholders.get()
    services.keep_stakeholder(person, seen=1, by=amina, standing=Standing.DEPUTY)
    services.keep_stakeholder(person, seen=2, by=amina, standing=Standing.DEPUTY, title="Planner")
    assert letters() == [("network.now_deputy", "joseph@thunderbay.example", "en")]


def test_handing_over_writes_to_the_old_the_new_and_the_coordinators(gatineau: Any, luc: Any, priya: Any) -> None:
    new = make_stakeholder(
        gatineau, name="Anne Roy", email="anne@gatineau.example", language="fr", standing=Standing.STAFF
    )
    services.transfer_representative(gatineau, to=new, by=priya, stays_as=Standing.DEPUTY)
    standings = dict(Stakeholder.objects.values_list("name", "standing"))
    assert standings == {"Anne Roy": "representative", "Luc Tremblay": "deputy"}
    assert letters() == [
        ("network.no_longer_representative", "luc@gatineau.example", "fr"),
        ("network.now_representative", "anne@gatineau.example", "fr"),
        ("network.representative_changed", "priya@network.example", "en"),
    ]
    subjects = set(Message.objects.values_list("subject", flat=True))
    assert subjects == {
        "[RMCPC] Anne Roy représente maintenant votre municipalité (Gatineau)",
        "[RMCPC] Vous représentez maintenant votre municipalité (Gatineau)",
        "[CMNCP] Gatineau: Anne Roy is now the representative",
    }


def test_handing_over_there_and_back_writes_each_time(thunder_bay: Any, amina: Any, joseph: Any) -> None:
    first, second = amina.stakeholders.get(), joseph.stakeholders.get()
    for one in (second, first, second):
        services.transfer_representative(thunder_bay, to=one, by=amina)
    assert Message.objects.filter(kind="network.now_representative").count() == 3


def test_whom_the_role_cannot_go_to(thunder_bay: Any, winnipeg: Any, amina: Any) -> None:
    gone = make_stakeholder(thunder_bay, left_on=timezone.localdate())
    for person in (amina.stakeholders.get(), gone, make_stakeholder(winnipeg)):
        with pytest.raises(Refused):
            services.transfer_representative(thunder_bay, to=person, by=amina)
    assert letters() == []


def test_when_the_representative_leaves_the_deputies_and_coordinators_hear(
    thunder_bay: Any, amina: Any, priya: Any
) -> None:
    deputy = make_stakeholder(
        thunder_bay, name="Dana", email="dana@example.ca", language="fr", standing=Standing.DEPUTY
    )
    services.leave(amina.stakeholders.get(), by=amina, on=date(2026, 1, 1))
    assert letters() == [
        ("network.representative_left", "dana@example.ca", "fr"),
        ("network.representative_left", "priya@network.example", "en"),
    ]
    assert "départ de Amina Diallo le 1er" in Message.objects.get(to_email="dana@example.ca").subject
    assert Stakeholder.objects.current().speaking_for(thunder_bay).get() == deputy


def test_leaving_keeps_the_entry_and_happens_once(thunder_bay: Any, amina: Any, joseph: Any) -> None:
    person = services.leave(joseph.stakeholders.get(), by=amina)
    assert (person.left_on, person.name, letters()) == (timezone.localdate(), "Joseph Kakegamic", [])
    with pytest.raises(Refused):
        services.leave(person, by=amina)


def test_moving_leaves_one_entry_behind_and_begins_another(
    thunder_bay: Any, winnipeg: Any, joseph: Any, priya: Any
) -> None:
    old = joseph.stakeholders.get()
    new = services.move_stakeholder(old, to=winnipeg, by=priya, standing=Standing.STAFF, title="Planner")
    old.refresh_from_db()
    assert (old.municipality, old.left_on) == (thunder_bay, timezone.localdate())
    assert (new.municipality, new.user, new.title, new.left_on) == (winnipeg, joseph, "Planner", None)


def test_moving_to_where_one_is_listed_changes_nothing(
    thunder_bay: Any, winnipeg: Any, joseph: Any, priya: Any
) -> None:
    make_stakeholder(winnipeg, email="joseph@thunderbay.example")
    old = joseph.stakeholders.get()
    for to in (winnipeg, thunder_bay):
        with pytest.raises(Refused):
            services.move_stakeholder(old, to=to, by=priya)
    old.refresh_from_db()
    assert old.left_on is None


# ---- accounts -------------------------------------------------------------------------------------


def test_giving_an_account_invites_in_the_person_s_language(gatineau: Any, luc: Any) -> None:
    person = make_stakeholder(gatineau, name="Anne Roy", email="anne@gatineau.example", language="")
    user = services.give_account(person, by=luc)
    person.refresh_from_db()
    assert person.user == user
    assert (user.email, user.language, user.accepted_at) == ("anne@gatineau.example", "fr", None)
    assert letters() == [("accounts.invitation", "anne@gatineau.example", "fr")]


def test_an_account_that_exists_is_tied_without_a_letter(thunder_bay: Any, amina: Any, rosa: Any) -> None:
    person = make_stakeholder(thunder_bay, email="Rosa@saskatoon.example")
    assert services.give_account(person, by=amina) == rosa
    assert letters() == []


@pytest.mark.parametrize("fields", [{"email": ""}, {"left_on": date(2026, 1, 1)}])
def test_who_cannot_be_given_an_account(fields: dict[str, Any], thunder_bay: Any, amina: Any) -> None:
    with pytest.raises(Refused):
        services.give_account(make_stakeholder(thunder_bay, **fields), by=amina)


def test_who_has_an_account_needs_none(thunder_bay: Any, amina: Any, joseph: Any) -> None:
    with pytest.raises(Refused):
        services.give_account(joseph.stakeholders.get(), by=amina)


def test_only_proven_addresses_are_tied(thunder_bay: Any, winnipeg: Any, rosa: Any) -> None:
    user = make_user("sam@example.ca")
    EmailAddress.objects.create(user=user, email="sam@example.ca", verified=True)
    EmailAddress.objects.create(user=user, email="unproven@example.ca", verified=False)
    mine = make_stakeholder(thunder_bay, email="Sam@Example.ca")
    make_stakeholder(thunder_bay, email="unproven@example.ca")
    make_stakeholder(winnipeg, email="sam@example.ca", user=None, left_on=date(2020, 1, 1))
    taken = make_stakeholder(make_municipality(), email="sam@example.ca")
    Stakeholder.objects.filter(pk=taken.pk).update(user=rosa)
    assert services.attach_user(user) == [mine]
    assert services.attach_user(user) == []


def test_signing_in_ties_the_account(thunder_bay: Any, client: Any) -> None:
    user = make_user("sam@example.ca")
    EmailAddress.objects.create(user=user, email="sam@example.ca", verified=True)
    mine = make_stakeholder(thunder_bay, email="sam@example.ca")
    client.force_login(user)
    mine.refresh_from_db()
    assert mine.user == user


# ---- duplicates -----------------------------------------------------------------------------------


def test_merging_fills_what_is_empty_and_drops_the_second(thunder_bay: Any, amina: Any) -> None:
    keep = make_stakeholder(thunder_bay, name="Sam", email="", phone="", title="Planner")
    second = make_stakeholder(thunder_bay, name="Samuel", email="sam@example.ca", phone="807 555-0100", title="Other")
    merged = services.merge_stakeholders(keep, duplicate=second, by=amina)
    merged.refresh_from_db()
    assert (merged.name, merged.email, merged.phone, merged.title) == (
        "Sam",
        "sam@example.ca",
        "807 555-0100",
        "Planner",
    )
    assert not Stakeholder.objects.filter(pk=second.pk).exists()


def test_what_moves_is_shown_and_moves(winnipeg: Any, thunder_bay: Any, amina: Any) -> None:
    from exchanges.models import TeamMember  # an app above: what points at a person is found, not listed by hand

    relations = {r.related_model for r in services.merging._links()}
    assert TeamMember in relations
    assert services.what_moves(make_stakeholder(thunder_bay)) == []


def test_who_cannot_be_merged(thunder_bay: Any, winnipeg: Any, amina: Any, joseph: Any) -> None:
    mine = joseph.stakeholders.get()
    for other in (mine, amina.stakeholders.get(), make_stakeholder(winnipeg)):
        with pytest.raises(Refused):
            services.merge_stakeholders(mine, duplicate=other, by=amina)
    assert Stakeholder.objects.count() == 3


def test_programmes_that_ended_are_not_running(thunder_bay: Any) -> None:
    today = timezone.localdate()
    make_programme(thunder_bay, name_en="Ended", ended_on=today)
    make_programme(thunder_bay, name_en="Ends tomorrow", ended_on=today + timedelta(days=1))
    assert [p.name_en for p in thunder_bay.programmes.running_on(today)] == ["Ends tomorrow"]
