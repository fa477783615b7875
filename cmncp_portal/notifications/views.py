"""My letters and what I want of them; the secretariat's outbox; the demo's mailbox; the way out of announcements."""

import re
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.screens import page_of, require

from . import selectors, services
from .forms import OutboxFilter, PreferencesForm, consent_wording
from .kinds import all_kinds
from .models import LIBRARY_MAIL, Category, Message
from .recipients import Recipient

# A letter's HTML has its own inline styles and nothing else: no script, no form, nothing from anywhere, an origin of its own.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'; "
)
CLOSED, LINKS_WORK = (
    "sandbox",
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
)
_PERSONAL_LINK = re.compile(r"\b(\d{1,18})\.[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")  # core.links.make_token


def without_personal_links(text: str) -> str:
    """Return `text` with the keys of personal links taken out: who reads along must not act in the reader's name."""
    return _PERSONAL_LINK.sub(r"\1.…", text)


# ---- for everybody ------------------------------------------------------------------------------


@login_not_required
@csrf_exempt  # one click in a mail program sends a bare POST (RFC 8058); the token is what entitles
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    choice = selectors.choice_of_token(token)
    if choice is None:
        raise Http404
    if request.method == "POST":
        services.unsubscribe(choice)
        choice.is_wanted = False
    response = render(request, "notifications/unsubscribe.html", {"choice": choice})
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


@login_not_required
@csrf_exempt
def events(request: HttpRequest, provider: str) -> HttpResponse:
    """What a mail provider reports. Exists only with a secret, without which anybody could declare letters undelivered."""
    configured = getattr(settings, "ANYMAIL", {}).get("WEBHOOK_SECRET") or getattr(
        settings, "ANYMAIL_WEBHOOK_SECRET", ""
    )
    if not configured:
        raise Http404
    try:
        view, args, kwargs = resolve(f"/{provider}/tracking/", urlconf="cmncp_portal.notifications.providers")
    except Resolver404:
        raise Http404 from None
    return view(request, *args, **kwargs)


# ---- for a person with an account ---------------------------------------------------------------


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    page = page_of(request, selectors.letters_to(user.email).for_lists())
    return render(request, "notifications/mine.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    given = request.POST if request.method == "POST" else None  # nothing ticked is an answer too
    form = PreferencesForm(given, decided=selectors.preferences_of(user.email))
    if request.method == "POST" and form.is_valid():
        to = Recipient(user.email, user.name, user.language, user.time_zone)
        services.set_preferences(to=to, choices=form.cleaned_data, wording=consent_wording())
        messages.success(request, _("Your choices are saved."))
        return redirect("notifications:preferences")
    news = form[Category.ANNOUNCEMENTS.value]
    optional = [field for field in form.visible_fields() if field.name != news.name]
    return render(request, "notifications/preferences.html", {"form": form, "optional": optional, "news": news})


def _readable(request: HttpRequest, pk: int) -> tuple[Message, bool]:
    """Return the letter and whether it is the reader's own; 404 for everybody but its reader and the secretariat."""
    user: Any = request.user
    if own := selectors.letters_to(user.email).filter(pk=pk).first():
        return own, True
    if user.has_perm("notifications.read_outbox"):
        return get_object_or_404(selectors.every_letter(), pk=pk), False
    raise Http404


@require_safe
def message(request: HttpRequest, pk: int) -> HttpResponse:
    letter, is_own = _readable(request, pk)
    context = {
        "letter": letter,
        "text": letter.text if is_own else without_personal_links(letter.text),
        "is_own": is_own,
        "is_hidden": letter.is_secret,
        "may_resend": letter.may_be_resent and request.user.has_perm("notifications.resend"),
    }
    return render(request, "notifications/message.html", context)


@require_safe
@xframe_options_sameorigin
def message_html(request: HttpRequest, pk: int) -> HttpResponse:
    letter, is_own = _readable(request, pk)
    if letter.is_secret or not letter.html:
        raise Http404
    return _as_page(letter.html if is_own else without_personal_links(letter.html), LINKS_WORK if is_own else CLOSED)


def _as_page(html: str, sandbox: str) -> HttpResponse:
    response = HttpResponse(html)
    response["Content-Security-Policy"] = LETTER_POLICY + sandbox
    response["Cache-Control"] = "private, no-store"
    return response


# ---- for the secretariat ------------------------------------------------------------------------


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    require(request.user, "notifications.read_outbox")
    kinds = sorted({LIBRARY_MAIL, *(kind.name for kind in all_kinds())})
    form = OutboxFilter(request.GET or {}, kinds=kinds)
    page = page_of(request, form.apply(Message.objects.for_lists()))
    late = selectors.oldest_unsent_age()
    minutes = int(late.total_seconds() // 60) if late else 0
    return render(request, "notifications/outbox.html", {"form": form, "page": page, "late_minutes": minutes})


@require_POST
def resend(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, "notifications.resend")
    letter = get_object_or_404(selectors.every_letter().for_lists(), pk=pk)
    if services.resend(letter):
        messages.success(request, _("The letter to %(address)s is on its way again.") % {"address": letter.to_email})
    else:
        messages.error(request, _("Only a letter that could not be sent or came back can be sent again."))
    return redirect("notifications:message", pk=pk)


# ---- for the demo -------------------------------------------------------------------------------


def _demo_only() -> None:
    if not getattr(settings, "DEMO", False):
        raise Http404


@login_not_required
@never_cache
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    """Everybody's letters, so that a newcomer can play every part and follow the links. Never outside the demo."""
    _demo_only()
    address = request.GET.get("q", "").strip()
    letters = Message.objects.for_lists().exclude(state=Message.State.WITHDRAWN)
    page = page_of(request, letters.filter(to_email__icontains=address) if address else letters)
    return render(request, "notifications/mailbox.html", {"page": page, "address": address})


@login_not_required
@never_cache
@require_safe
def mailbox_message(request: HttpRequest, pk: int) -> HttpResponse:
    _demo_only()
    return render(
        request, "notifications/mailbox_message.html", {"letter": get_object_or_404(selectors.every_letter(), pk=pk)}
    )


@login_not_required
@require_safe
@xframe_options_sameorigin
def mailbox_html(request: HttpRequest, pk: int) -> HttpResponse:
    _demo_only()
    letter = get_object_or_404(selectors.every_letter().exclude(html=""), pk=pk)
    return _as_page(letter.html, LINKS_WORK)
