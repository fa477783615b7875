from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from cmncp_portal.accounts import services
from cmncp_portal.accounts.models import AccountChange, Role, User
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications.models import Message

from .factories import PASSWORD, make_invited, make_person

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Nadia Roy", "language": "fr", "time_zone": "America/Regina"}


def letters_to(email: str) -> list[str]:
    return list(Message.objects.filter(to_email=email).order_by("pk").values_list("kind", flat=True))


def record_of(user: User) -> list[str]:
    return list(user.changes.order_by("pk").values_list("kind", flat=True))


def test_each_role_has_its_group_from_the_start() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(Role.values)


def test_inviting_makes_an_account_that_nobody_can_enter_and_one_letter(priya: User) -> None:
    user = services.invite(email=" Nadia@Regina.example ", name="Nadia Roy", language="fr", by=priya)
    assert (user.email, user.language, user.invited_by, user.accepted_at) == ("nadia@regina.example", "fr", priya, None)
    assert not user.has_usable_password()
    letter = Message.objects.get(to_email="nadia@regina.example")
    assert (letter.kind, letter.language) == ("accounts.invitation", "fr")
    assert f"/fr/compte/invitation/{user.invitation_token}/" in letter.text
    assert record_of(user) == ["invited"]


def test_who_has_an_account_comes_back_unchanged_and_hears_nothing(priya: User, rosa: User) -> None:
    again = services.invite(email=rosa.email.upper(), name="Another Name", language="fr", by=priya)
    again.refresh_from_db()
    assert (again.pk, again.name, again.language) == (rosa.pk, "Rosa Morin", "en")
    assert letters_to(rosa.email) == []


def test_inviting_twice_sends_a_second_link_and_the_first_stops_working(priya: User) -> None:
    first = services.invite(email="nadia@regina.example", name="Nadia Roy", language="en", by=priya)
    services.invite(email="nadia@regina.example", name="Nadia Roy", language="en", by=priya)
    assert User.objects.invited_by_link(first.invitation_token) is None
    assert letters_to(first.email) == ["accounts.invitation", "accounts.invitation"]
    assert User.objects.filter(email="nadia@regina.example").count() == 1


def test_a_closed_account_is_not_reopened_by_an_invitation(priya: User) -> None:
    make_person("gone@regina.example", is_active=False)
    with pytest.raises(TransitionRefused):
        services.invite(email="gone@regina.example", name="Gone", language="en", by=priya)


def test_a_coordinator_invites_but_gives_no_roles(priya: User) -> None:
    with pytest.raises(PermissionDenied):
        services.invite(email="nadia@regina.example", name="Nadia", language="en", by=priya, roles=[Role.REVIEWER])
    with_roles = services.invite(email="nadia@regina.example", name="Nadia", language="en", by=priya)
    assert list(with_roles.groups.all()) == []


def test_an_administrator_invites_with_roles_in_one_letter(admin_user: User) -> None:
    user = services.invite(email="n@regina.example", name="N", language="en", by=admin_user, roles=[Role.REVIEWER])
    assert user.role_names == {"reviewer"}
    assert letters_to(user.email) == ["accounts.invitation"]
    assert record_of(user) == ["invited", "roles"]


@pytest.mark.parametrize(("password", "usable"), [("", False), ("nine wild geese", True)])
def test_accepting_lets_in_with_or_without_a_password(password: str, usable: bool) -> None:
    user = services.accept(user=make_invited(), password=password, **PROFILE)
    assert user.accepted_at is not None
    assert (user.language, user.time_zone, user.has_usable_password()) == ("fr", "America/Regina", usable)
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == (user.email, True, True)
    assert record_of(user) == ["accepted"]


def test_an_invitation_is_used_once() -> None:
    user = services.accept(user=make_invited(), password="nine wild geese", **PROFILE)
    with pytest.raises(TransitionRefused) as refused:
        services.accept(user=user, password="another password", **PROFILE)
    assert refused.value.done_already
    user.refresh_from_db()
    assert user.check_password("nine wild geese")


@pytest.mark.parametrize(
    ("age", "works"), [(timedelta(days=13, hours=23), True), (timedelta(days=14), False), (timedelta(days=40), False)]
)
def test_an_invitation_works_for_fourteen_days(age: timedelta, works: bool) -> None:
    user = make_invited(invited_at=timezone.now() - age)
    if works:
        assert services.accept(user=user, **PROFILE).accepted_at is not None
    else:
        with pytest.raises(TransitionRefused):
            services.accept(user=user, **PROFILE)


def test_a_new_link_lasts_fourteen_days_again() -> None:
    user = make_invited(days_ago=20)
    services.resend_invitation(user=user)
    user.refresh_from_db()
    assert not user.has_expired_invitation
    assert letters_to(user.email) == ["accounts.invitation"]


def test_roles_change_with_a_record_and_a_letter(admin_user: User, rene: User) -> None:
    services.set_roles(user=rene, roles=[Role.COORDINATOR, "no such role"], by=admin_user, note="Since the AGM")
    change = AccountChange.objects.get(user=rene)
    assert (change.before, change.after) == (["reviewer"], ["coordinator"])
    assert (change.by, change.by_name, change.note) == (admin_user, "Ada Lefebvre", "Since the AGM")
    assert User.objects.get(pk=rene.pk).role_names == {"coordinator"}
    letter = Message.objects.get(to_email=rene.email)
    assert (letter.kind, letter.language) == ("accounts.roles_changed", "fr")


def test_the_same_roles_again_are_no_change(admin_user: User, rene: User) -> None:
    services.set_roles(user=rene, roles=[Role.REVIEWER], by=admin_user)
    assert record_of(rene) == []
    assert letters_to(rene.email) == []


def test_only_administrators_give_roles(priya: User, rene: User) -> None:
    with pytest.raises(PermissionDenied):
        services.set_roles(user=priya, roles=[Role.ADMINISTRATOR], by=priya)
    with pytest.raises(PermissionDenied):
        services.deactivate(user=rene, by=priya)
    with pytest.raises(PermissionDenied):
        services.reactivate(user=rene, by=priya)


def test_the_last_administrator_stays_one() -> None:
    alone = make_person("alone@network.example", roles=("administrator",))
    with pytest.raises(TransitionRefused):
        services.set_roles(user=alone, roles=[], by=alone)
    make_person("second@network.example", roles=("administrator",))
    services.set_roles(user=alone, roles=[], by=User.objects.get(pk=alone.pk))
    assert User.objects.get(pk=alone.pk).role_names == frozenset()


def test_closing_an_account_ends_its_sessions_and_keeps_the_person(admin_user: User) -> None:
    person = make_person("rosa@saskatoon.example")
    client = Client()
    client.post("/en/account/login/", {"login": person.email, "password": PASSWORD})
    assert client.get("/en/account/profile/").status_code == 200
    services.deactivate(user=person, by=admin_user, note="Left the city")
    assert client.get("/en/account/profile/").status_code == 302
    assert record_of(person) == ["deactivated"]
    assert letters_to(person.email) == ["accounts.account_closed"]
    services.deactivate(user=person, by=admin_user)
    assert record_of(person) == ["deactivated"]


def test_a_closed_account_does_not_come_in_by_an_old_invitation(admin_user: User) -> None:
    user = make_invited()
    token = user.invitation_token
    services.deactivate(user=user, by=admin_user)
    assert User.objects.invited_by_link(token) is None


def test_opening_again_brings_back_the_roles(admin_user: User, rene: User) -> None:
    services.deactivate(user=rene, by=admin_user)
    services.reactivate(user=rene, by=admin_user)
    again = User.objects.get(pk=rene.pk)
    assert (again.is_active, again.role_names) == (True, {"reviewer"})
    assert letters_to(rene.email) == ["accounts.account_closed", "accounts.account_opened"]


def test_nobody_closes_their_own_account(admin_user: User) -> None:
    with pytest.raises(TransitionRefused):
        services.deactivate(user=admin_user, by=admin_user)


def test_an_administrator_cannot_close_the_servers_account(admin_user: User) -> None:
    other = make_person("other@network.example", roles=("administrator",))
    with pytest.raises(TransitionRefused):
        services.deactivate(user=admin_user, by=other)
