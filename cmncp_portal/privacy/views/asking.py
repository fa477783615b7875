"""What everybody may do about the own data, without an account: ask, confirm from the mailbox, read the copy."""

import json

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cmncp_portal.core.files import made
from cmncp_portal.core.screens import attempt, private, show
from cmncp_portal.core.text import active_language

from .. import selectors, services
from ..forms import AskForm
from ..models import PersonRequest

WRITING = require_http_methods(["GET", "HEAD", "POST"])


@login_not_required
@WRITING
def mine(request: HttpRequest) -> HttpResponse:
    """Ask for a copy, or to be forgotten. Everybody gets the same answer; a machine too, and nothing is written."""
    start = {"email": request.user.email} if request.user.is_authenticated else {}
    form = AskForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and (form.is_machine or form.is_valid()):
        if not form.is_machine:
            said = {name: form.cleaned_data[name] for name in ("kind", "email")}
            services.ask(**said, language=active_language())
        return redirect("privacy:sent")
    return show(request, "privacy/mine.html", {"form": form})


@private
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The same page for everybody, whatever is held about an address."""
    return render(request, "privacy/sent.html")


@private
@WRITING
def request_page(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the letter: looking changes nothing, the button confirms. ?file=json gives a copy as a file."""
    found = PersonRequest.from_token(token)
    if found is None:
        return render(request, "privacy/gone.html", {"is_old": False}, status=404)
    if request.method == "POST":
        attempt(request, lambda: services.confirm(found))
        return redirect("privacy:request", token)
    stage = selectors.stage_of(found, timezone.now())
    if stage == "stale":
        return render(request, "privacy/gone.html", {"is_old": True}, status=410)
    if stage == "copy":
        return _copy(request, found)
    context = {"asked": found, "stage": stage, "obstacles": [], "report": _report(found)}
    if stage == "waiting":
        context["obstacles"] = selectors.obstacles_to_forgetting(found.email, timezone.now())
    return render(request, "privacy/request.html", context)


def _copy(request: HttpRequest, found: PersonRequest) -> HttpResponse:
    """What is held now: nothing of it is stored a second time, so that a copy is never older than its page."""
    sections, now = selectors.copy_of(found.email), timezone.localtime()
    if request.GET.get("file") == "json":
        data = {"address": found.email, "made_at": now.isoformat(), "sections": [one.as_data() for one in sections]}
        body = json.dumps(data, ensure_ascii=False, indent=2)
        return made(body, "application/json; charset=utf-8", _("my-data.json"))
    until = timezone.localdate(found.confirmed_at + selectors.COPY_LASTS) if found.confirmed_at else None
    return render(request, "privacy/copy.html", {"asked": found, "sections": sections, "until": until, "made_at": now})


def _report(found: PersonRequest) -> list[tuple[str, int]]:
    return [(line[active_language()], line["count"]) for line in found.report]
