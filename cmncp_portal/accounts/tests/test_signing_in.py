"""Signing in as the portal has set it up: what allauth does with our adapter, also while mail or cache are away."""

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import caches
from django.test import Client
from pytest_django.fixtures import Settings

from cmncp_portal.accounts.models import User
from cmncp_portal.caching import ForgivingRedisCache
from cmncp_portal.notifications.models import Message

from .factories import PASSWORD, make_invited, make_person

pytestmark = pytest.mark.django_db
LOGIN = "/en/account/login/"


@pytest.fixture(autouse=True)
def _no_attempts_from_before() -> None:
    caches["default"].clear()


@pytest.fixture
def mail_is_down(settings: Settings) -> None:
    settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1


def enter(client: Client, user: User, path: str = LOGIN, **more: str) -> Any:
    return client.post(path, {"login": user.email, "password": PASSWORD, **more})


def who(client: Client) -> str | None:
    return client.session.get("_auth_user_id")


def test_home_in_the_persons_language_after_signing_in(client: Client) -> None:
    luc = make_person("luc@gatineau.example", language="fr")
    answer = enter(client, luc)
    assert (answer.status_code, answer["Location"]) == (302, "/fr/")
    assert who(client) == str(luc.pk)
    assert client.cookies["django_language"].value == "fr"


@pytest.mark.parametrize(
    ("language", "asked", "shown"),
    [
        ("fr", "/en/account/profile/", "/fr/compte/profil/"),
        ("en", "/fr/compte/profil/", "/en/account/profile/"),
        ("fr", "/fr/compte/profil/?a=b", "/fr/compte/profil/?a=b"),
        ("fr", "/en/nothing/here/", "/en/nothing/here/"),
        ("fr", "/admin/", "/admin/"),
    ],
)
def test_on_to_the_page_that_was_asked_for_in_the_persons_language(
    client: Client, language: str, asked: str, shown: str
) -> None:
    person = make_person("luc@gatineau.example", language=language)
    assert enter(client, person, next=asked)["Location"] == shown


def test_not_on_to_another_site(client: Client) -> None:
    rosa = make_person("rosa@saskatoon.example")
    assert enter(client, rosa, next="https://evil.example/")["Location"] == "/en/"


def test_a_wrong_password_says_the_same_as_an_unknown_address(client: Client) -> None:
    rosa = make_person("rosa@saskatoon.example")
    wrong = client.post(LOGIN, {"login": rosa.email, "password": "nonsense"})
    unknown = client.post(LOGIN, {"login": "nobody@nowhere.example", "password": "nonsense"})
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert who(client) is None


def test_guessing_is_stopped_even_with_the_right_password_at_last(client: Client) -> None:
    rosa = make_person("rosa@saskatoon.example")
    for _attempt in range(6):
        client.post(LOGIN, {"login": rosa.email, "password": "nonsense"})
    assert enter(client, rosa).status_code == 200
    assert who(client) is None


def test_without_the_cache_people_come_in_and_guessing_is_still_stopped(client: Client, settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "cmncp_portal.caching.ForgivingRedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 1},
        }
    }
    ForgivingRedisCache.retry_at = 0.0
    rosa = make_person("rosa@saskatoon.example")
    started = time.monotonic()
    enter(client, rosa)
    assert who(client) == str(rosa.pk)
    guesser = Client(REMOTE_ADDR="192.0.2.9")
    for _attempt in range(6):
        guesser.post(LOGIN, {"login": rosa.email, "password": "nonsense"})
    enter(guesser, rosa)
    assert who(guesser) is None
    assert time.monotonic() - started < 5
    caches["default"].clear()
    ForgivingRedisCache.retry_at = 0.0


def test_a_closed_account_is_told_so_and_stays_out(client: Client) -> None:
    gone = make_person("gone@regina.example", is_active=False)
    answer = enter(client, gone)
    assert answer["Location"] == "/en/account/inactive/"
    assert "This account is closed" in client.get("/en/account/inactive/").content.decode()
    assert who(client) is None


def test_a_code_by_email_in_the_persons_language_lets_in(client: Client, mail_is_down: None) -> None:
    luc = make_person("luc@gatineau.example", language="fr")
    client.post("/en/account/login/code/", {"email": luc.email})
    letter = Message.objects.get()
    assert (letter.to_email, letter.kind, letter.language) == (luc.email, "accounts.sign_in_code", "fr")
    code = re.search(r"^([A-Z0-9]{3,}-?[A-Z0-9]*)$", letter.text, re.MULTILINE)
    assert code is not None
    assert client.post("/en/account/login/code/confirm/", {"code": "WRONG-CODE"}).status_code == 200
    answer = client.post("/en/account/login/code/confirm/", {"code": code[1]})
    assert answer["Location"] == "/fr/"
    assert who(client) == str(luc.pk)


def test_asking_for_a_code_reveals_nothing(client: Client) -> None:
    make_person("rosa@saskatoon.example")
    answers = []
    for email in ("rosa@saskatoon.example", "nobody@nowhere.example"):
        browser = Client()
        asked = browser.post("/en/account/login/code/", {"email": email})
        shown = browser.get(asked["Location"]).content.decode().replace(email, "…")
        answers.append((asked.status_code, asked["Location"], re.sub(r'value="[^"]{64}"', "", shown)))
    assert answers[0] == answers[1]
    assert Message.objects.get(to_email="nobody@nowhere.example").kind == "accounts.unknown_address"


def test_a_new_password_is_asked_for_quickly_while_mail_is_down(client: Client, mail_is_down: None) -> None:
    luc = make_person("luc@gatineau.example", language="fr")
    answers = []
    for email in (luc.email, "nobody@nowhere.example"):
        started = time.monotonic()
        answer = client.post("/en/account/password/reset/", {"email": email})
        assert time.monotonic() - started < 2
        answers.append((answer.status_code, answer["Location"]))
    assert answers == [(302, "/en/account/password/reset/done/")] * 2
    letter = Message.objects.get(to_email=luc.email)
    assert (letter.kind, letter.language, letter.state) == ("accounts.password_reset", "fr", "queued")


def test_the_link_of_the_letter_changes_the_password_and_is_told(client: Client, settings: Settings) -> None:
    settings.SITE_ADDRESS = "https://portal.example"
    luc = make_person("luc@gatineau.example", language="fr")
    client.post("/en/account/password/reset/", {"email": luc.email}, headers={"host": "localhost"})
    found = re.search(r"https://portal\.example(/fr/compte/\S+)", Message.objects.get().text)
    assert found is not None, Message.objects.get().text
    page = client.get(found[1], follow=True)
    form = {"password1": "nine wild geese", "password2": "nine wild geese"}
    client.post(page.redirect_chain[-1][0], form)
    luc.refresh_from_db()
    assert luc.check_password("nine wild geese")
    told = Message.objects.latest("pk")
    assert (told.kind, told.language, told.to_email) == ("accounts.security_change", "fr", luc.email)
    assert "Le mot de passe de votre compte a été remplacé." in told.text


def test_a_link_that_is_wrong_says_so(client: Client) -> None:
    page = client.get("/en/account/password/reset/key/1-nonsense/")
    assert "This link no longer works" in page.content.decode()


def test_who_is_invited_and_asks_for_a_password_gets_the_invitation(client: Client) -> None:
    user = make_invited(days_ago=30)
    client.post("/en/account/password/reset/", {"email": user.email})
    assert Message.objects.get().kind == "accounts.invitation"


def test_who_is_invited_and_comes_by_code_is_in(client: Client) -> None:
    user = make_invited(days_ago=30)
    client.post("/en/account/login/code/", {"email": user.email})
    code = re.search(r"^([A-Z0-9]{3,}-?[A-Z0-9]*)$", Message.objects.get().text, re.MULTILINE)
    assert code is not None
    user.refresh_from_db()
    assert user.accepted_at is None
    client.post("/en/account/login/code/confirm/", {"code": code[1]})
    user.refresh_from_db()
    assert user.accepted_at is not None
    assert EmailAddress.objects.get(user=user).verified
    assert who(client) == str(user.pk)


@pytest.mark.parametrize(
    ("address", "said"),
    [("/en/account/signup/", "People come in by invitation"), ("/fr/compte/signup/", "On entre sur invitation")],
)
def test_nobody_signs_up(client: Client, address: str, said: str) -> None:
    form = {"email": "new@nowhere.example", "password1": "nine wild geese", "password2": "nine wild geese"}
    for page in (client.get(address), client.post(address, form)):
        assert said in page.content.decode()
    assert not User.objects.filter(email="new@nowhere.example").exists()


def test_a_stale_page_is_explained(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.post(LOGIN, {"login": "a@b.example", "password": "x"})
    assert page.status_code == 403
    assert "Please send it once more" in page.content.decode()


def test_too_many_requests_are_explained(client: Client) -> None:
    for _request in range(25):
        page = client.post("/en/account/password/reset/", {"email": "a@b.example"})
    assert page.status_code == 429
    assert "One moment, please" in page.content.decode()


def test_adding_an_address_asks_for_a_code_in_the_persons_language(client: Client) -> None:
    luc = make_person("luc@gatineau.example", language="fr")
    enter(client, luc)
    asked = client.post("/fr/compte/email/", {"email": "luc@ville.example", "action_add": ""})
    if "reauthenticate" in asked["Location"]:
        client.post(asked["Location"], {"password": PASSWORD})
        client.post("/fr/compte/email/", {"email": "luc@ville.example", "action_add": ""})
    letter = Message.objects.get(to_email="luc@ville.example")
    assert (letter.kind, letter.language) == ("accounts.email_code", "fr")
