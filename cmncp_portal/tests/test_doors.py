"""Doors are closed: whoever is not signed in gets nowhere, but for the pages listed here."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

# By the name of the URL. A page that is public on purpose is written here, with its app.
OPEN = {
    # the frame
    "root",
    "health",
    "robots",
    # accounts: an invitation leads to an account, a click to a person of the demo (404 elsewhere)
    "accounts:invitation",
    "accounts:new_invitation",
    "accounts:demo_sign_in",
    # evaluation: people without an account answer by their personal link
    "evaluation:answer",
    "evaluation:not_me",
    "evaluation:not_me_done",
    "evaluation:remark",
    "evaluation:thanks",
    # exchanges: an invited person without an account does all of theirs from one personal link
    "exchanges:lost_link",
    "exchanges:desk",
    "exchanges:desk_act",
    "exchanges:desk_calendar",
    "exchanges:desk_document",
    # home: the public pages, and the personal calendar feed, which carries its own key
    "home:accessibility",
    "home:feed",
    "home:front",
    "home:privacy",
    "home:search",
    "home:terms",
    # joining: what membership is, and the way in without an account
    "joining:join",
    "joining:resolution",
    "joining:sent",
    "joining:lost_link",
    "joining:page",
    "joining:application",
    "joining:act",
    # progress: what a municipality ticks as public
    "progress:ladder",
    "progress:strategy",
    # privacy: everybody may ask about herself, by her own mailbox
    "privacy:mine",
    "privacy:sent",
    "privacy:request",
    # progress: who sees to a commitment answers by a personal link
    "progress:answer",
    # reporting: a frozen report that was shared
    "reporting:shared",
    # training: standards are open, so are the catalogue, the dates, and the check of a certificate
    "training:overview",
    "training:check",
    "training:verify",
    "training:badge_issuer",
    "training:badge_key",
    "training:badge_revoked",
    "training:badge_achievement",
    "training:standards",
    "training:standard",
    "training:version",
    "training:version_print",
    "training:version_changes",
    "training:role",
    "training:competency",
    "training:comments",
    "training:modules",
    "training:module",
    "training:module_material",
    "training:offerings",
    "training:offering",
    "training:offering_calendar",
    # training: who is asked to comment, or holds a place, does all of theirs from a personal link
    "training:lost_link",
    "training:guest",
    "training:guest_act",
    "training:place",
    "training:place_act",
    "training:place_calendar",
    "training:place_certificate",
    "training:place_material",
    "training:self_assessment",
    # mentoring: who takes part without an account
    "mentoring:lost_link",
    "mentoring:guest",
    "mentoring:guest_act",
    "mentoring:guest_document",
    # knowledge: the library is for everyone who works for safer cities
    "knowledge:library",
    "knowledge:feed",
    "knowledge:practices",
    "knowledge:practice",
    "knowledge:brief",
    "knowledge:print",
    "knowledge:file",
    "knowledge:other_format",
    # knowledge: what anybody may say or follow, with or without an account
    "knowledge:practice_concern",
    "knowledge:brief_concern",
    "knowledge:subscribe",
    "knowledge:subscription",
    # meetings: what is announced to everybody, the calendar of it, and where the network has met
    "meetings:list",
    "meetings:network_calendar",
    "meetings:hosts",
    "meetings:meeting",
    "meetings:calendar",
    "meetings:programme",
    "meetings:programme_pdf",
    "meetings:material",  # what is for participants only asks again
    "meetings:register",
    # meetings: who is asked, invited or registered does all of theirs from a personal link
    "meetings:lost_link",
    "meetings:invitation",
    "meetings:invitation_act",
    "meetings:place",
    "meetings:place_act",
    "meetings:place_calendar",
    "meetings:place_material",
    "meetings:place_programme",
    "meetings:certificate",
    "meetings:action",  # whoever promised to do something says what came of it
    # network: who is a member, and what they do
    "network:directory",
    "network:municipality",
    "network:programme",
    # notifications: unsubscribing, what the mail provider reports, and the demo's mailbox (404 elsewhere)
    "notifications:unsubscribe",
    "notifications:events",
    "notifications:mailbox",
    "notifications:mailbox_html",
    "notifications:mailbox_message",
    # django.contrib.admin: its own sign-in, which leads to ours
    "admin:login",
    # allauth: everything one does before being signed in
    "account_login",
    "account_signup",
    "account_inactive",
    "account_logout",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_request_login_code",
    "account_confirm_login_code",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_login",
    "openid_connect_callback",
    "socialaccount_login_cancelled",
    "socialaccount_signup",
}

# Forms that other machines send, without our page: one-click unsubscribing (RFC 8058), reports of the mail provider.
WITHOUT_TOKEN = {"notifications:unsubscribe", "notifications:events"}


def doors() -> Iterator[tuple[str, str, Any]]:
    """Every URL: its name, its route, its view."""

    def walk(patterns: list[Any], prefix: str, namespace: str) -> Iterator[tuple[str, str, Any]]:
        for entry in patterns:
            route = prefix + str(entry.pattern)
            if isinstance(entry, URLResolver):
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                yield from walk(entry.url_patterns, route, inner)
            elif isinstance(entry, URLPattern):
                yield f"{namespace}{entry.name or entry.lookup_str}", route, entry.callback

    with translation.override("en"):
        yield from walk(get_resolver().url_patterns, "/", "")


def is_open(view: Any) -> bool:
    return not getattr(view, "login_required", True)


def test_the_open_doors_are_exactly_the_listed_ones() -> None:
    assert sorted({name for name, _, view in doors() if is_open(view)}) == sorted(OPEN)


def test_no_form_goes_without_its_token() -> None:
    assert sorted({name for name, _, view in doors() if getattr(view, "csrf_exempt", False)}) == sorted(WITHOUT_TOKEN)


def closed_pages() -> list[str]:
    routes = {route for _, route, view in doors() if not is_open(view)}
    return sorted(route for route in routes if not {"<", "(", "^"} & set(route))


@pytest.mark.parametrize("route", closed_pages())
def test_a_stranger_is_asked_to_sign_in(client: Client, db: None, route: str) -> None:
    answer = client.get(route)
    assert answer.status_code == 302, answer.content[:200]
    where = answer.headers["Location"].split("?")[0]
    assert where in {"/en/account/login/", "/admin/login/"}


def test_the_middleware_is_in_its_place() -> None:
    order = settings.MIDDLEWARE
    authentication = order.index("django.contrib.auth.middleware.AuthenticationMiddleware")
    assert order.index("django.contrib.auth.middleware.LoginRequiredMiddleware") == authentication + 1


def test_the_back_office_has_no_sign_in_of_its_own(client: Client, db: None) -> None:
    """Its own form would ask for a password only, past codes and passkeys."""
    answer = client.get("/admin/login/?next=/admin/")
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/en/account/login/")
