"""The coordinators' desk: who waits, which community it is, and the decision about an application."""

from collections.abc import Callable
from copy import copy
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core import files
from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, page_of, require, show
from cmncp_portal.network.models import Municipality

from ..forms.desk import ApproveForm, InviteForm, MakeForm, NotesForm
from ..models import Application, Interest
from ..selectors import desk as lists
from ..selectors.duplicates import duplicates, same_interests
from ..selectors.wording import consents_of
from ..services import admitting, deciding
from ..workflow import APPLICATION, INTEREST

WRITING = require_http_methods(["GET", "HEAD", "POST"])
S = Interest.State
Answer = HttpResponse | None


@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Who waits for an answer, with whom we talk, which applications are to be decided."""
    require(request.user, "joining.see_desk")
    shown = request.GET.get("list", "waiting")
    if shown not in lists.LISTS:
        raise Http404
    page = page_of(request, lists.listed(request.user, shown))
    context = {
        "shown": shown,
        "page": page,
        "lines": lists.lines(page),
        "counts": lists.counts(),
        "renewal_counts": lists.renewal_counts(),
        "params": request.GET,
    }
    return render(request, "joining/desk.html", context)


def _interest_or_404(request: HttpRequest, pk: int) -> Interest:
    found: Interest = get_object_or_404(lists.for_page(request.user), pk=pk)
    require(request.user, "joining.see_desk")
    return found


@never_cache
@require_safe
def interest(request: HttpRequest, pk: int) -> HttpResponse:
    return _interest_page(request, _interest_or_404(request, pk), {})


def _interest_page(request: HttpRequest, interest: Interest, wrong: dict[str, Any]) -> HttpResponse:
    """The whole page; `wrong` is a form that comes back with what was typed."""
    is_known = interest.municipality is not None
    offered = INTEREST.offered_to(request.user, interest)
    application = getattr(interest, "application", None)
    context = {
        "interest": interest,
        "application": application,
        "due": lists.due_on(interest),
        "line": lists.lines([interest])[0],
        "duplicates": [] if is_known else duplicates(interest.place_name, interest.province),
        "same": [] if is_known else same_interests(interest),
        "offered": offered,
        "invite": next((offer for offer in offered if offer.transition.name == "invite_to_apply"), None),
        "may_know": interest.state != S.CLOSED and application is None,
        "may_give_access": is_known and interest.state != S.CLOSED and not interest.has_account,  # type: ignore[attr-defined]
        "invite_form": InviteForm(),
        "notes_form": NotesForm(instance=interest),
        "entries": lists.story(interest),
    }
    return show(request, "joining/interest.html", context | wrong)


@never_cache
@WRITING
def interest_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Which community it is, access, notes, and the moves."""
    found = _interest_or_404(request, pk)
    acts: dict[str, Callable[[HttpRequest, Interest], Answer]] = {
        "know": _know,
        "make": _make,
        "access": _access,
        "notes": _notes,
        "talk": _talk,
        "invite_to_apply": _invite,
        "close": _close,
        "reopen": _reopen,
    }
    if name not in acts or request.method != "POST" and name not in ("make", "close"):
        raise Http404
    return acts[name](request, found) or redirect("joining:interest", pk)


def _know(request: HttpRequest, interest: Interest) -> None:
    place = get_object_or_404(Municipality.objects.visible_to(request.user), slug=request.POST.get("municipality", ""))
    done = _("Noted: it is %(place)s.") % {"place": place}
    attempt(request, lambda: deciding.know_as(interest, place, by=request.user), done)


def _make(request: HttpRequest, interest: Interest) -> Answer:
    """Make the community known, beside what looks like the same."""
    form = MakeForm(request.POST if request.method == "POST" else None, interest=interest)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data | {"province": interest.province}
        done = _("%(place)s is listed as a community that thinks of joining.") % {"place": interest.place_name}
        attempt(request, lambda: deciding.make_known(interest, by=request.user, **fields), done)
        return None
    context = {
        "interest": interest,
        "form": form,
        "cancel_url": reverse("joining:interest", args=[interest.pk]),
        "duplicates": duplicates(interest.place_name, interest.province),
    }
    return show(request, "joining/make.html", context)


def _access(request: HttpRequest, interest: Interest) -> None:
    done = _("An invitation is on its way to %(name)s.") % {"name": interest.name}
    attempt(request, lambda: deciding.give_access(interest, by=request.user), done)


def _notes(request: HttpRequest, interest: Interest) -> Answer:
    form = NotesForm(chosen(request.POST), instance=copy(interest))
    if not form.is_valid():
        return _interest_page(request, interest, {"notes_form": form})
    seen, notes = form.cleaned_data["version"], form.cleaned_data["notes"]
    try:
        deciding.keep_notes(interest, seen=seen, by=request.user, notes=notes)
    except Conflict as conflict:
        back = reverse("joining:interest", args=[interest.pk])
        return conflict_page(request, form, NotesForm(instance=conflict.current), cancel_url=back)
    messages.success(request, _("Saved."))
    return None


def _talk(request: HttpRequest, interest: Interest) -> None:
    done = _("Noted: you look after this conversation.")
    attempt(request, lambda: deciding.talk(interest, by=request.user), done)


def _invite(request: HttpRequest, interest: Interest) -> Answer:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _interest_page(request, interest, {"invite_form": form})
    word = form.cleaned_data["word"]
    done = _("%(name)s is invited to apply, by letter.") % {"name": interest.name}
    attempt(request, lambda: deciding.invite_to_apply(interest, by=request.user, word=word), done)
    return None


def _close(request: HttpRequest, interest: Interest) -> Answer:
    close = lambda word: deciding.close(interest, by=request.user, word=word)  # noqa: E731
    up = reverse("joining:interest", args=[interest.pk])
    return _with_reason(
        request, close, INTEREST["close"], interest.place_name, up, _("Closed, and told to the person.")
    )


def _reopen(request: HttpRequest, interest: Interest) -> None:
    attempt(request, lambda: deciding.reopen(interest, by=request.user), _("It is open again."))


def _with_reason(request: HttpRequest, act: Callable[[str], Any], move: Any, about: str, up: str, done: str) -> Answer:
    """Do `act` with the reason that was typed, or ask for one on a page of its own."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        attempt(request, lambda: act(form.cleaned_data["note"]), done)
        return None
    return show(request, "joining/reason.html", {"form": form, "move": move.label, "about": about, "cancel_url": up})


# --- an application


def _application_or_404(request: HttpRequest, pk: int) -> Application:
    rows = Application.objects.visible_to(request.user).exclude(state=Application.State.DRAFT)
    found: Application = get_object_or_404(rows.select_related("interest", "municipality"), pk=pk)
    return found


@never_cache
@require_safe
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    found = _application_or_404(request, pk)
    require(request.user, "joining.decide", found)
    return _decide_page(request, found, ApproveForm(initial={"join_on": timezone.localdate()}))


def _decide_page(request: HttpRequest, found: Application, form: ApproveForm) -> HttpResponse:
    offered = APPLICATION.offered_to(request.user, found)
    context = {
        "application": found,
        "interest": found.interest,
        "consents": consents_of(found),
        "offered": [offer for offer in offered if offer.transition.name in ("ask_more", "decline")],
        "approve": next((offer for offer in offered if offer.transition.name == "approve"), None),
        "form": form,
        "entries": lists.story_of_application(found),
    }
    return show(request, "joining/decide.html", context)


@never_cache
@require_safe
def resolution_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The decision of the council, as a download; for coordinators and the community's own people."""
    rows = Application.objects.visible_to(request.user).exclude(resolution_file="")
    found: Application = get_object_or_404(rows, pk=pk)
    if not request.user.has_perm("joining.see_application", found):
        raise PermissionDenied
    return files.sent(found.resolution_file, found.resolution_filename)  # type: ignore[return-value]


@require_POST
def application_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Approve, ask for more, decline."""
    found = _application_or_404(request, pk)
    require(request.user, "joining.decide", found)
    acts = {"approve": _approve, "ask_more": _ask_more, "decline": _decline}
    if name not in acts:
        raise Http404
    return acts[name](request, found) or redirect("joining:decide", pk)


def _approve(request: HttpRequest, found: Application) -> Answer:
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return _decide_page(request, found, form)
    on = form.cleaned_data["join_on"]
    done = _("%(place)s is admitted. The letters are on their way.") % {"place": found.municipality}
    attempt(request, lambda: admitting.approve(found, by=request.user, join_on=on), done)
    return None


def _ask_more(request: HttpRequest, found: Application) -> Answer:
    act = lambda word: admitting.ask_more(found, by=request.user, word=word)  # noqa: E731
    done = _("Your question is on its way.")
    return _with_reason(request, act, APPLICATION["ask_more"], str(found), _up(found), done)


def _decline(request: HttpRequest, found: Application) -> Answer:
    act = lambda word: admitting.decline(found, by=request.user, word=word)  # noqa: E731
    done = _("Declined, and told to the person.")
    return _with_reason(request, act, APPLICATION["decline"], str(found), _up(found), done)


def _up(found: Application) -> str:
    return reverse("joining:decide", args=[found.pk])
