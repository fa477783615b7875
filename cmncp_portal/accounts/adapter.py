"""What django-allauth asks of the portal: no sign-up, our letters through the outbox, the person's language after signing in."""

import secrets
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import translate_url
from django.utils import translation
from django.utils.functional import Promise

from cmncp_portal.core.dates import clock_in_words, day_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import active_language
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from . import notifications as kinds
from . import services
from .models import User

LETTERS = {
    "account/email/login_code": kinds.SIGN_IN_CODE,
    "account/email/email_confirmation": kinds.EMAIL_CODE,
    "account/email/password_reset_key": kinds.PASSWORD_RESET,
    "account/email/unknown_account": kinds.UNKNOWN_ADDRESS,
    **dict.fromkeys(kinds.SECURITY_CHANGES, kinds.SECURITY_CHANGE),
}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: people come in through an invitation."""
        return False

    # ---- letters ------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the mail that allauth asks for into the outbox, in the language of the person who holds `email`.

        Nothing here waits for a mail server. A mail without wording of ours goes out in allauth's words, through
        Django's backend, which is the outbox as well.
        """
        person = person_at(email)
        language = person.language if person else active_language()
        kind = LETTERS.get(template_prefix)
        with translation.override(language):
            if kind is None:
                super().send_mail(template_prefix, email, context)
                return
            values = _values(kind, template_prefix, email, person, context)
        to = replace(services.recipient(person), email=email) if person else Recipient(email, "", active_language())
        letters.send(kind, to, key=f"{kind.name}:{secrets.token_hex(12)}", context=values)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Who was invited and is not in yet has no password to replace: a new invitation is the way in."""
        if user.is_waiting:
            services.resend_invitation(user=user)
        else:
            super().send_password_reset_mail(user, email, context)

    # ---- signing in ---------------------------------------------------------------------------

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Whoever gets here has proved the address, be it without the invitation's link: that accepts the invitation."""
        response = super().pre_login(request, user, **kwargs)
        if response is None and user.is_waiting:
            services.accept_by_mailbox(user=user)
        return response

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """On to the page that was asked for, else home, in the person's language."""
        response = super().post_login(request, user, **kwargs)
        if "Location" in response:
            response["Location"] = in_language(response["Location"], user.language)
        remember_language(response, user.language)
        return response

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return f"/{getattr(request.user, 'language', active_language())}/"


def in_language(url: str, language: str) -> str:
    """Return the address of the same page in `language`, whatever language `url` is in; unknown pages stay as they are."""
    with translation.override(translation.get_language_from_path(urlsplit(url).path) or language):
        return translate_url(url, language)


def remember_language(response: HttpResponse, language: str) -> None:
    """Let the bare address of the portal lead to `language` in this browser."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )


def person_at(email: str) -> User | None:
    """Return the active person who receives mail at `email`: the account's address, or another confirmed one."""
    user = User.objects.filter(email__iexact=email, is_active=True).first()
    if user:
        return user
    address = EmailAddress.objects.filter(email__iexact=email, user__is_active=True).select_related("user").first()
    return address.user if address else None


def _values(kind: Kind, prefix: str, email: str, person: User | None, context: dict[str, Any]) -> dict[str, Any]:
    """The plain values that the wording of `kind` may use, in the active language."""
    name = person.name if person else ""
    if kind == kinds.SIGN_IN_CODE:
        return {"code": context["code"], "minutes": app_settings.LOGIN_BY_CODE_TIMEOUT // 60}
    if kind == kinds.EMAIL_CODE:
        minutes = app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT // 60
        return {"code": context["code"], "minutes": minutes, "email": email}
    if kind == kinds.PASSWORD_RESET:
        path = urlsplit(in_language(context["password_reset_url"], active_language())).path
        return {"name": name, "url": absolute(path)}  # on our own address, whatever host the request named
    if kind == kinds.UNKNOWN_ADDRESS:
        return {"email": email}
    what = _said(kinds.SECURITY_CHANGES[prefix], context)
    when = context["timestamp"].astimezone(ZoneInfo(person.time_zone if person else settings.TIME_ZONE))
    return {
        "name": name,
        "what": what,
        "when": f"{day_in_words(when.date())}, {clock_in_words(when)}",
        "ip": str(context["ip"]),
        "browser": context["user_agent"][:200],
        "url": services.address_in(active_language(), "accounts:profile"),
    }


def _said(sentence: Promise, context: dict[str, Any]) -> str:
    return str(sentence) % {name: str(value) for name, value in context.items()}
