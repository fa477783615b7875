import base64
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.accounts import zones
from cmncp_portal.accounts.models import AccountChange, User
from cmncp_portal.accounts.templatetags.accounts import on_white
from cmncp_portal.notifications.models import Message

from .factories import make_invited, make_person

pytestmark = pytest.mark.django_db
PROFILE = {"name": "Nadia Roy", "language": "fr", "time_zone": "America/Regina", "password": ""}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="cmncp_portal.accounts.backends.PortalBackend")
    return client


def link(user: User, language: str = "en") -> str:
    return f"/{language}/{'compte' if language == 'fr' else 'account'}/invitation/{user.invitation_token}/"


# ---- the invitation ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "fr"])
def test_looking_at_an_invitation_three_times_changes_nothing(client: Client, language: str) -> None:
    user = make_invited()
    before = User.objects.filter(pk=user.pk).values().get()
    for _turn in range(3):
        page = client.get(link(user, language))
        assert page.status_code == 200
        assert "Nadia Roy" in page.content.decode()
    assert User.objects.filter(pk=user.pk).values().get() == before
    assert AccountChange.objects.count() == Message.objects.count() == 0
    assert "_auth_user_id" not in client.session


def test_the_button_lets_in_and_leads_home_in_the_chosen_language(client: Client) -> None:
    user = make_invited()
    answer = client.post(link(user), PROFILE)
    assert (answer.status_code, answer["Location"]) == (302, "/fr/")
    assert client.session["_auth_user_id"] == str(user.pk)
    user.refresh_from_db()
    assert (user.language, user.time_zone, user.has_usable_password()) == ("fr", "America/Regina", False)
    assert client.cookies["django_language"].value == "fr"


def test_a_password_can_be_chosen_and_a_weak_one_is_explained(client: Client) -> None:
    user = make_invited()
    weak = client.post(link(user), {**PROFILE, "password": "123"})
    assert weak.status_code == 200
    assert set(weak.context["form"].errors) == {"password"}
    client.post(link(user), {**PROFILE, "password": "nine wild geese"})
    user.refresh_from_db()
    assert user.check_password("nine wild geese")


@pytest.mark.parametrize("field", ["name", "language", "time_zone"])
def test_what_is_missing_is_asked_for(client: Client, field: str) -> None:
    user = make_invited()
    page = client.post(link(user), {**PROFILE, field: ""})
    assert set(page.context["form"].errors) == {field}
    user.refresh_from_db()
    assert user.accepted_at is None


def test_a_used_invitation_opens_no_door(client: Client) -> None:
    user = make_invited()
    address = link(user)
    client.post(address, PROFILE)
    stranger = Client()
    assert "You are in already" in stranger.get(address).content.decode()
    assert stranger.post(address, PROFILE).status_code == 200
    assert "_auth_user_id" not in stranger.session


def test_an_expired_invitation_offers_a_new_link_once(client: Client) -> None:
    user = make_invited(days_ago=15)
    address = link(user)
    assert "Send me a new link" in client.get(address).content.decode()
    assert client.post(address, PROFILE).status_code == 200
    user.refresh_from_db()
    assert user.accepted_at is None
    assert client.post(f"{address}new/").status_code == 200
    assert client.post(f"{address}new/").status_code == 404
    letter = Message.objects.get()
    user.refresh_from_db()
    assert link(user) in letter.text


def test_a_new_link_is_not_sent_for_one_that_works(client: Client) -> None:
    user = make_invited()
    assert client.post(f"{link(user)}new/").status_code == 302
    assert client.get(f"{link(user)}new/").status_code == 405
    assert Message.objects.count() == 0


@pytest.mark.parametrize("token", ["1", "x.y", "0.aaaa", "99999999999999999999.a", "{pk}.wrong", "{pk}."])
def test_a_wrong_token_finds_nothing(client: Client, token: str) -> None:
    user = make_invited()
    address = f"/en/account/invitation/{token.format(pk=user.pk)}/"
    assert client.get(address).status_code == 404
    assert client.post(address, PROFILE).status_code == 404


def test_whoever_was_signed_in_before_is_replaced(rosa: User) -> None:
    user = make_invited()
    client = signed_in(rosa)
    client.post(link(user), PROFILE)
    assert client.session["_auth_user_id"] == str(user.pk)


# ---- profile -------------------------------------------------------------------------------------


def test_the_profile_is_saved_and_shown_in_the_new_language(rosa: User) -> None:
    client = signed_in(rosa)
    answer = client.post("/en/account/profile/", {"name": "Rosa M.", "language": "fr", "time_zone": "America/Halifax"})
    assert answer["Location"] == "/fr/compte/profil/"
    rosa.refresh_from_db()
    assert (rosa.name, rosa.language, rosa.time_zone) == ("Rosa M.", "fr", "America/Halifax")
    assert "Votre profil est enregistré." in client.get("/fr/compte/profil/").content.decode()


def test_a_zone_outside_the_list_is_refused_but_a_present_one_stays(rosa: User) -> None:
    client = signed_in(rosa)
    wrong = client.post("/en/account/profile/", {"name": "R", "language": "en", "time_zone": "Mars/Olympus"})
    assert set(wrong.context["form"].errors) == {"time_zone"}
    User.objects.filter(pk=rosa.pk).update(time_zone="Europe/Paris")
    kept = client.post("/en/account/profile/", {"name": "R", "language": "en", "time_zone": "Europe/Paris"})
    assert kept.status_code == 302


def test_each_zone_exists() -> None:
    assert [ZoneInfo(name).key for name, _words in zones.CANADIAN] == [name for name, _words in zones.CANADIAN]


@pytest.mark.parametrize(
    "path", ["profile/", "people/", "people/invite/", "email/", "2fa/", "sessions/", "password/change/"]
)
def test_the_doors_are_closed(client: Client, path: str) -> None:
    answer = client.get(f"/en/account/{path}")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/en/account/login/?next=")


# ---- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "people", "invite"),
    [
        ("admin_user", 200, 200),
        ("priya", 403, 200),
        ("rene", 403, 403),
        ("uma", 403, 403),
        ("amina", 403, 403),
        ("joseph", 403, 403),
    ],
)
def test_who_may_see_the_people_and_who_may_invite(
    request: pytest.FixtureRequest, who: str, people: int, invite: int
) -> None:
    client = signed_in(request.getfixturevalue(who))
    assert client.get("/en/account/people/").status_code == people
    assert client.get("/en/account/people/invite/").status_code == invite


def test_an_administrator_by_role_alone_sees_the_people() -> None:
    client = signed_in(make_person("ines@network.example", roles=("administrator",)))
    page = client.get("/fr/compte/personnes/")
    assert page.status_code == 200
    assert "Administrateur" in page.content.decode()


@pytest.mark.parametrize("action", ["", "close/", "open/", "invite/"])
def test_somebody_elses_account_does_not_exist_for_a_stranger(priya: User, rosa: User, action: str) -> None:
    client = signed_in(priya)
    assert client.post(f"/en/account/people/{rosa.pk}/{action}").status_code == 404
    assert client.post(f"/en/account/people/{priya.pk}/{action}").status_code == 403


def test_the_list_filters_and_costs_the_same_with_many(admin_user: User, rene: User) -> None:
    client = signed_in(admin_user)
    make_invited()
    counts = []
    for more in (0, 40):
        for number in range(more):
            make_person(f"p{number}@place.example", roles=("university",))
        with CaptureQueriesContext(connection) as queries:
            client.get("/en/account/people/")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8
    found = client.get("/en/account/people/?role=reviewer&q=ren")
    assert [person.pk for person in found.context["page"]] == [rene.pk]
    invited = client.get("/en/account/people/?state=invited")
    assert [person.email for person in invited.context["page"]] == ["nadia@regina.example"]
    assert client.get("/en/account/people/?role=nonsense&state=x&page=zz").status_code == 200


def test_roles_are_changed_on_the_persons_page(admin_user: User, rene: User) -> None:
    client = signed_in(admin_user)
    address = f"/en/account/people/{rene.pk}/"
    assert client.post(address, {"roles": ["coordinator"], "note": "AGM"}).status_code == 302
    page = client.get(address).content.decode()
    assert "Given: Network coordinator" in page
    assert "Taken: Reviewer of evaluations" in page
    assert client.post(address, {"roles": ["king"]}).status_code == 200


def test_an_account_is_closed_and_opened(admin_user: User, rene: User) -> None:
    client = signed_in(admin_user)
    client.post(f"/en/account/people/{rene.pk}/close/", {"close-note": "Moved"})
    rene.refresh_from_db()
    assert rene.is_active is False
    assert rene.changes.get().note == "Moved"
    client.post(f"/en/account/people/{rene.pk}/open/")
    rene.refresh_from_db()
    assert rene.is_active is True


def test_ones_own_account_shows_why_it_stays_open(admin_user: User) -> None:
    page = signed_in(admin_user).get(f"/en/account/people/{admin_user.pk}/").content.decode()
    assert "You cannot close your own account" in page


def test_the_secretariat_invites(priya: User) -> None:
    client = signed_in(priya)
    form = {"name": "Nadia Roy", "email": "nadia@regina.example", "language": "fr"}
    assert client.post("/en/account/people/invite/", form).status_code == 302
    assert User.objects.get(email="nadia@regina.example").invited_by == priya
    twice = client.post("/en/account/people/invite/", {**form, "email": priya.email})
    assert set(twice.context["form"].errors) == {"email"}


def test_a_new_invitation_from_the_persons_page(admin_user: User) -> None:
    user = make_invited(days_ago=30)
    signed_in(admin_user).post(f"/en/account/people/{user.pk}/invite/")
    assert Message.objects.get().to_email == user.email


def test_the_back_office_asks_at_the_portals_door(client: Client, admin_user: User, rene: User) -> None:
    answer = client.get("/admin/login/")
    assert answer["Location"].startswith("/en/account/login/?next=")
    assert signed_in(rene).get("/admin/").status_code in {302, 403}
    assert signed_in(admin_user).get(f"/admin/accounts/user/{rene.pk}/change/").status_code == 200


def test_the_picture_for_the_app_has_white_ground() -> None:
    svg = '<?xml version="1.0"?><svg width="9"><path d="M0"/></svg>'
    shown = on_white(f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}")
    start, _comma, data = shown.partition(",")
    assert start == "data:image/svg+xml;base64"
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    assert base64.b64decode(data).decode() == f'<?xml version="1.0"?><svg width="9">{ground}<path d="M0"/></svg>'
