"""What readers and members ask for, with and without an account: a concern, letters about new briefs, a brief on a subject."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import attempt, page_of, private, require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality

from ..forms.asking import (
    AcceptForm,
    AnswerForm,
    ConcernForm,
    DeclineForm,
    PassOnForm,
    RequestForm,
    SubscribeForm,
)
from ..models import ActionBrief, BriefRequest, Concern, FormatRequest, Practice, Subscription
from ..selectors import asking as selected
from ..selectors.subscribing import state_of
from ..selectors.using import places_for
from ..services import asking, subscribing

View = Callable[..., HttpResponse]
Forms = dict[str, Any]


# ---- something is wrong


@private
def practice_concern(request: HttpRequest, slug: str) -> HttpResponse:
    rows = Practice.objects.visible_to(request.user).defer("search_en", "search_fr")
    practice = get_object_or_404(rows, slug=slug)
    return _concern(request, practice, practice.name)


@private
def brief_concern(request: HttpRequest, slug: str) -> HttpResponse:
    brief: Any = get_object_or_404(ActionBrief.objects.public().prefetch_related("editions"), slug=slug)
    edition = brief.published_edition()
    return _concern(request, brief, edition.published["title"] if edition else brief.title)


def _concern(request: HttpRequest, about: Any, title: str) -> HttpResponse:
    """Take what a reader finds wrong. A machine gets the same answer, and nothing is written."""
    user: Any = request.user
    known = {"name": user.name, "email": user.email} if user.is_authenticated else {}
    form = ConcernForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and (form.is_machine or form.is_valid()):
        if not form.is_machine:
            said = {name: form.cleaned_data[name] for name in ("text", "name", "email")}
            asking.report_concern(about, **said)
        messages.success(
            request, _("Thank you. The University of Ottawa team reads it, and answers if you left an address.")
        )
        return redirect(about)
    context = {"form": form, "about": about, "about_title": title, "cancel_url": about.get_absolute_url()}
    return show(request, "knowledge/concern.html", context)


# ---- letters about new briefs


@private
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for letters about new briefs. The answer is the same for every address, known or not."""
    user: Any = request.user
    known = {"language": active_language()}
    if user.is_authenticated:
        known = {"email": user.email, "language": user.language or active_language()}
    form = SubscribeForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and (form.is_machine or form.is_valid()):
        if not form.is_machine:
            data = form.cleaned_data
            subscribing.subscribe(email=data["email"], language=data["language"], wording=form.wording)
        messages.success(
            request,
            _(
                "Look into your mailbox in a few minutes: a letter asks you to confirm, unless this address is confirmed already."
            ),
        )
        return redirect("knowledge:subscribe")
    context = {"form": form, "cancel_url": reverse("knowledge:library")}
    return show(request, "knowledge/subscribe.html", context)


@private
def subscription(request: HttpRequest, token: str) -> HttpResponse:
    """The subscriber's own page. Opening it changes nothing, so that programs that look at links confirm nothing."""
    found = Subscription.from_token(token)
    if found is None:
        raise Http404
    if request.method == "POST":
        if request.POST.get("what") == "end":
            attempt(request, lambda: subscribing.end(found), _("You will receive no more letters about new briefs."))
        else:
            done = _("Thank you. You hear of new action briefs from now on.")
            attempt(request, lambda: subscribing.confirm(found), done)
        return redirect("knowledge:subscription", token)
    return render(request, "knowledge/subscription.html", {"subscription": found, "state": state_of(found)})


# ---- a brief on a subject


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Who asked for which brief, and what became of it: one's own and the municipality's, all for the desk."""
    state = request.GET.get("state", "")
    page = page_of(request, selected.requests_for(request.user, state=state))
    context = {
        "page": page,
        "rows": [(asked, selected.TONES[BriefRequest.State(asked.state)]) for asked in page.object_list],
        "states": BriefRequest.State.choices,
        "state": state,
        "sees_all": request.user.has_perm("knowledge.see_desk"),
        "may_ask": request.user.has_perm("knowledge.ask_for_a_brief"),
        "params": request.GET,
    }
    return render(request, "knowledge/requests.html", context)


def request_new(request: HttpRequest) -> HttpResponse:
    require(request.user, "knowledge.ask_for_a_brief")
    places = places_for(request.user)
    form = RequestForm(request.POST if request.method == "POST" else None, places=places)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        place: Municipality | None = data.pop("municipality", None) or next(iter(places), None)
        done = _("Thank you. The network’s coordinators sort it first; you hear of each answer by email.")
        attempt(request, lambda: asking.request_brief(municipality=place, by=request.user, **data), done)
        return redirect("knowledge:requests")
    context = {"form": form, "place": next(iter(places), None), "cancel_url": reverse("knowledge:requests")}
    return show(request, "knowledge/request_new.html", context)


def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: what was asked, what happened, and what the reader can do about it."""
    rows = BriefRequest.objects.visible_to(request.user).select_related("municipality", "brief", "by")
    asked = get_object_or_404(rows.defer("municipality__search_en", "municipality__search_fr"), pk=pk)
    wrong: Forms = {}
    if request.method == "POST":
        acts = {"pass_on": _pass_on, "accept": _accept, "decline": _decline}
        name = request.POST.get("what", "")
        if name not in acts:
            raise Http404
        wrong = acts[name](request, asked)
        if not wrong:
            return redirect("knowledge:request", pk)
    return show(request, "knowledge/request.html", _request_context(request, asked) | wrong)


def _request_context(request: HttpRequest, asked: BriefRequest) -> dict[str, Any]:
    moves = selected.moves_for(asked, request.user)
    return {
        "asked": asked,
        "tone": selected.TONES[BriefRequest.State(asked.state)],
        "entries": selected.history_of(asked),
        "moves": moves,
        "sees_desk": request.user.has_perm("knowledge.see_desk"),
        "pass_on_form": PassOnForm(auto_id="pass_%s"),
        "decline_form": DeclineForm(auto_id="decline_%s"),
        "accept_form": AcceptForm(asked=asked, auto_id="accept_%s") if "accept" in moves else None,
    }


def _pass_on(request: HttpRequest, asked: BriefRequest) -> Forms:
    form = PassOnForm(request.POST, auto_id="pass_%s")
    if not form.is_valid():
        return {"pass_on_form": form}
    done = _("The University of Ottawa team has it now.")
    attempt(request, lambda: asking.pass_on(asked, by=request.user, **form.cleaned_data), done)
    return {}


def _accept(request: HttpRequest, asked: BriefRequest) -> Forms:
    form = AcceptForm(request.POST, asked=asked, auto_id="accept_%s")
    require(request.user, "knowledge.answer_requests")
    if not form.is_valid():
        return {"accept_form": form}
    done = _("%(name)s hears of it by email.") % {"name": asked.by_name}
    attempt(request, lambda: asking.accept(asked, by=request.user, **form.cleaned_data), done)
    return {}


def _decline(request: HttpRequest, asked: BriefRequest) -> Forms:
    form = DeclineForm(request.POST, auto_id="decline_%s")
    if not form.is_valid():
        return {"decline_form": form}
    done = _("%(name)s hears of it by email.") % {"name": asked.by_name}
    attempt(request, lambda: asking.decline(asked, reason=form.cleaned_data["note"], by=request.user), done)
    return {}


# ---- the desk's answers to readers


@require_safe
def readers(request: HttpRequest) -> HttpResponse:
    """What readers wait for: concerns, or requests for a format (?kind=format); ?show=answered for what is done."""
    require(request.user, "knowledge.answer_readers")
    kind = "format" if request.GET.get("kind") == "format" else "concern"
    is_answered = request.GET.get("show") == "answered"
    rows: Any = selected.format_requests if kind == "format" else selected.concerns
    page = page_of(request, rows(is_answered=is_answered))
    context = {
        "kind": kind,
        "is_answered": is_answered,
        "page": page,
        "rows": [selected.line_of(one) for one in page.object_list],
        "params": request.GET,
    }
    return render(request, "knowledge/readers.html", context)


def reader_answer(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Read and answer one concern, or one request for a format."""
    require(request.user, "knowledge.answer_readers")
    models: dict[str, Any] = {"concern": Concern, "format": FormatRequest}
    if kind not in models:
        raise Http404
    asked: Any = get_object_or_404(models[kind], pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        act: Any = asking.answer_format if kind == "format" else asking.answer_concern
        done = _("The answer is on its way by email.") if asked.email else _("The answer is kept. No address was left.")
        attempt(request, lambda: act(asked, by=request.user, **form.cleaned_data), done)
        return redirect(_list_of(kind))
    context = {"kind": kind, "line": selected.line_of(asked), "form": form, "cancel_url": _list_of(kind)}
    return show(request, "knowledge/reader_answer.html", context)


def _list_of(kind: str) -> str:
    return reverse("knowledge:readers") + ("?kind=format" if kind == "format" else "")
