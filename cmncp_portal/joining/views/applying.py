"""The personal page of whoever thinks of joining, without an account. Opening it changes nothing; each act is a POST.

The address is the key.
"""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, private, show

from ..forms.applying import ApplicationForm
from ..forms.public import MoreForm
from ..models import Application, Interest
from ..selectors import pages
from ..selectors.duplicates import known_place
from ..services import applying, interests

S, A = Interest.State, Application.State
Forms = dict[str, Any]
CONFIRMED = (S.CONFIRMED, S.TALKING, S.APPLYING)
WRITING = require_http_methods(["GET", "HEAD", "POST"])


def _interest_or_404(token: str) -> Interest:
    interest = Interest.from_token(token)
    if interest is None:
        raise Http404
    return interest


@private
@require_safe
def page(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, _interest_or_404(token), {})


def _page(request: HttpRequest, interest: Interest, wrong: Forms) -> HttpResponse:
    """The whole page; `wrong` is a form that comes back with its errors and what was typed."""
    application = pages.application_of(interest)
    is_open = interest.state in CONFIRMED
    context = {
        "interest": interest,
        "application": application,
        "status": pages.status(interest, application),
        "may_confirm": interest.state == S.UNCONFIRMED,
        "may_tell": is_open and (application is None or application.state == A.DRAFT),
        "may_write": is_open and application is not None and application.state in applying.WRITABLE,
        "may_withdraw": is_open and application is not None and application.state in Application.OPEN,
        "more_form": wrong.get("more_form") or (_more_form(interest) if is_open else None),
    }
    return show(request, "joining/page.html", context)


def _more_form(interest: Interest, data: Any = None) -> MoreForm:
    known = None
    if interest.population is None:
        known = interest.municipality or known_place(interest.place_name, interest.province)
    return MoreForm(data, instance=copy(interest), population=known.population if known else None)


@private
@require_POST
def act(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """Confirm the address, tell more, withdraw the application."""
    interest = _interest_or_404(token)
    acts: dict[str, Callable[[HttpRequest, Interest], HttpResponse | None]] = {
        "confirm": _confirm,
        "more": _more,
        "withdraw": _withdraw,
    }
    if name not in acts:
        raise Http404
    return acts[name](request, interest) or redirect("joining:page", token)


def _confirm(request: HttpRequest, interest: Interest) -> None:
    if interest.state in CONFIRMED:
        messages.info(request, _("Your address is confirmed already."))
        return
    attempt(request, lambda: interests.confirm(interest), _("Thank you: your address is confirmed."))


def _more(request: HttpRequest, interest: Interest) -> HttpResponse | None:
    form = _more_form(interest, chosen(request.POST))
    if not form.is_valid():
        return _page(request, interest, {"more_form": form})
    fields = dict(form.cleaned_data)
    seen = fields.pop("version")
    try:
        attempt(request, lambda: interests.tell_more(interest, seen=seen, **fields), _("Thank you: it is saved."))
    except Conflict as conflict:
        back = reverse("joining:page", args=[interest.token])
        return conflict_page(request, form, MoreForm(instance=conflict.current), cancel_url=back)
    return None


def _withdraw(request: HttpRequest, interest: Interest) -> None:
    found = pages.application_of(interest)
    if found is None:
        raise Http404
    attempt(request, lambda: applying.withdraw(found), _("The application is withdrawn."))


@private
@WRITING
def application(request: HttpRequest, token: str) -> HttpResponse:
    """The application as a draft, and the button that sends it."""
    interest = _interest_or_404(token)
    found = pages.application_of(interest)
    if found is None:
        raise Http404
    if found.state not in applying.WRITABLE:
        messages.info(request, pages.status(interest, found).sentence)
        return redirect("joining:page", token)
    if request.method == "POST":
        form = ApplicationForm(chosen(request.POST), request.FILES, instance=copy(found))
        if form.is_valid():
            return _keep(request, interest, found, form)
    else:
        form = ApplicationForm(instance=found)
    back = reverse("joining:page", args=[token])
    context = {"interest": interest, "application": found, "form": form, "cancel_url": back}
    return show(request, "joining/application.html", context | {"status": pages.status(interest, found)})


def _keep(request: HttpRequest, interest: Interest, found: Application, form: ApplicationForm) -> HttpResponse:
    """Save what was typed; with the second button, send it. What is missing is said, and nothing is lost."""
    here = reverse("joining:application", args=[interest.token])
    seen = form.cleaned_data["version"]
    keep = lambda: applying.keep(found, seen=seen, consents=form.consents, **form.written)  # noqa: E731
    sends = request.POST.get("do") == "send"
    try:
        if not attempt(request, keep, "" if sends else _("Saved.")):
            return redirect("joining:page", interest.token)
    except Conflict as conflict:
        return conflict_page(request, form, ApplicationForm(instance=conflict.current), cancel_url=here)
    if not sends:
        return redirect(here)
    done = _("The application is with the coordinators. They write to you.")
    if attempt(request, lambda: applying.send(found), done):
        return redirect("joining:page", interest.token)
    return redirect(here)
