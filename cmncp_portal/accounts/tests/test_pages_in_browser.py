"""Every page about accounts in a real browser, in both languages, at 320 pixels: no barrier that axe finds, nothing wider than
the screen, nothing that the content security policy had to stop."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from cmncp_portal.accounts import services
from cmncp_portal.accounts.models import User
from cmncp_portal.testing.axe import violations

from .factories import PASSWORD, make_invited, make_person

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 320, "height": 700}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Walk:
    """One person's way through pages; what is wrong is collected, so that one run tells all of it."""

    def __init__(self, page: Any, server: LiveServer, language: str) -> None:
        self.page, self.server, self.language, self.faults = page, server, language, []
        page.on("console", lambda said: self.faults.append(("console", said.text)) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(("script", str(error))))

    def enter(self, client: Client) -> None:
        session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
        self.page.context.add_cookies([{**session, "url": self.server.url}])

    def open(self, name: str, *args: Any) -> None:
        with translation.override(self.language):
            path = reverse(name, args=args)
        answer = self.page.goto(self.server.url + path)
        assert answer is not None
        if answer.status >= 400:
            self.faults.append((path, answer.status))
        if urlsplit(self.page.url).path != path:
            self.faults.append((path, f"leads to {self.page.url}"))
        self.look(path)

    def look(self, what: str) -> None:
        context = {"exclude": [[".demo"]]}  # the strip above the masthead belongs to the layout
        for found in violations(self.page, context, runOnly=TAGS):
            self.faults.append((what, found["id"], [node["html"][:160] for node in found["nodes"]]))
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > PHONE["width"]:
            self.faults.append((what, f"{wide} pixels wide"))


@pytest.fixture
def walk(page: Any, live_server: LiveServer) -> Callable[[str], Walk]:
    cache.clear()
    page.set_viewport_size(PHONE)
    return lambda language: Walk(page, live_server, language)


def just_confirmed(user: User) -> Client:
    """A browser in which `user` has signed in and has just shown again who it is."""
    client = Client()
    client.force_login(user, backend="cmncp_portal.accounts.backends.PortalBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session.save()
    return client


def test_a_barrier_would_be_found(walk: Callable[[str], Walk]) -> None:
    way = walk("en")
    way.page.set_content("<html><body><main><img src='data:,'><p>" + "w" * 200 + "</p></main></body></html>")
    way.look("a page with barriers")
    assert {"image-alt", "html-has-lang"} <= {fault[1] for fault in way.faults}
    assert any("pixels wide" in str(fault[1]) for fault in way.faults)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_before_signing_in(walk: Callable[[str], Walk], language: str, settings: Settings) -> None:
    settings.DEMO = True
    settings.DEMO_PEOPLE = [{"email": "luc@gatineau.example", "role_en": "Representative", "role_fr": "Représentant"}]
    make_person("luc@gatineau.example", language=language)
    invited, expired = make_invited(), make_invited("late@regina.example", days_ago=20)
    used = services.accept(
        user=make_invited("in@regina.example"), name="In", language="en", time_zone="America/Toronto"
    )
    way = walk(language)
    for name in (
        "account_login",
        "account_request_login_code",
        "account_reset_password",
        "account_reset_password_done",
    ):
        way.open(name)
    for name in ("account_reset_password_from_key_done", "account_inactive", "account_signup"):
        way.open(name)
    way.open("socialaccount_login_cancelled")
    way.open("account_reset_password_from_key", "1", "nonsense")
    for user in (invited, expired, used):
        way.open("accounts:invitation", user.invitation_token)
    way.open("account_login")
    way.page.fill("input[name=login]", "luc@gatineau.example")
    way.page.fill("input[name=password]", "nonsense")
    way.page.click("main form button.button--primary")
    way.look("the sign-in page with an error")
    way.open("account_request_login_code")
    way.page.fill("input[name=email]", "luc@gatineau.example")
    way.page.click("main form button.button--primary")
    way.look("the page for the code")
    assert way.faults == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_pages_of_ones_own_account(walk: Callable[[str], Walk], language: str) -> None:
    user = make_person("luc@gatineau.example", language=language)
    way = walk(language)
    way.enter(just_confirmed(user))
    for name in ("accounts:profile", "account_email", "account_change_password", "mfa_index", "usersessions_list"):
        way.open(name)
    for name in (
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "account_logout",
        "socialaccount_connections",
    ):
        way.open(name)
    way.open("account_reauthenticate")
    key = Authenticator.objects.create(user=user, type="webauthn", data={"name": "Luc’s telephone", "credential": {}})
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    for name in ("mfa_index", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes"):
        way.open(name)
    for name in ("mfa_list_webauthn", "mfa_reauthenticate"):
        way.open(name)
    for name in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        way.open(name, key.pk)
    without = make_person("code@gatineau.example", language=language)
    without.set_unusable_password()
    without.save()
    way.enter(just_confirmed(without))
    way.open("account_set_password")
    assert way.faults == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_second_step_and_the_people(walk: Callable[[str], Walk], language: str) -> None:
    boss = make_person("ada@network.example", roles=("administrator",), language=language)
    invited = make_invited()
    services.set_roles(user=invited, roles=["reviewer"], by=User.objects.get(pk=boss.pk))
    way = walk(language)
    way.enter(just_confirmed(boss))
    way.open("accounts:people")
    way.open("accounts:invite")
    way.open("accounts:person", invited.pk)
    TOTP.activate(boss, generate_totp_secret())
    way.page.context.clear_cookies()
    way.open("account_login")
    way.page.fill("input[name=login]", boss.email)
    way.page.fill("input[name=password]", PASSWORD)
    way.page.click("main form button.button--primary")
    way.look("the second step")
    assert "/2fa/authenticate/" in way.page.url
    assert way.faults == []
