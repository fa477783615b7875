"""The editorial desk: the board, beginning a brief, its overview with the moves on offer, its facts, an exception."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, page_of, require, show

from ..forms.desk import BoardFilter, ExceptionForm, FactsForm, NewBriefForm, ScheduleForm, WithdrawForm
from ..models import ActionBrief
from ..selectors import board as boards
from ..selectors import desk as selectors
from ..selectors.states import days_since
from ..services import moving, writing
from ..workflow import BRIEF
from .common import desk_brief_or_404

FORMS: dict[str, type[BaseForm]] = {"schedule": ScheduleForm, "withdraw": WithdrawForm}


def board(request: HttpRequest) -> HttpResponse:
    """All briefs and both languages at a glance, what waits first."""
    require(request.user, "knowledge.see_desk")
    rows = boards.board(request.user)
    found = BoardFilter(request.GET, queryset=rows)
    page = page_of(request, boards.with_row_parts(found.qs))
    context = {
        "filter": found,
        "page": page,
        "rows": boards.listed(page.object_list),
        "counts": boards.counts(request.user),
        "is_filtered": found.is_filtered,
        "may_write": request.user.has_perm("knowledge.write"),
        "may_answer": request.user.has_perm("knowledge.answer_readers"),
        "params": request.GET,
    }
    return render(request, "knowledge/desk/board.html", context)


def new(request: HttpRequest) -> HttpResponse:
    require(request.user, "knowledge.write")
    form = NewBriefForm(request.POST if request.method == "POST" else None)
    made: list[ActionBrief] = []
    if form.is_valid() and attempt(
        request,
        lambda: made.append(writing.create_brief(by=request.user, **form.cleaned_data)),
        _("The brief is begun. Readers see nothing of it before it is published."),
    ):
        return redirect("knowledge:overview", made[0].slug)
    return show(request, "knowledge/desk/new.html", {"form": form, "cancel_url": reverse("knowledge:desk")})


def _for_overview(request: HttpRequest, slug: str) -> Any:
    """The brief with its history, for those of the desk and those who are asked to review it."""
    if not request.user.has_perm("knowledge.see_desk"):
        require(request.user, "knowledge.answer_review")
    return get_object_or_404(selectors.for_overview(request.user), slug=slug)


def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """What is missing and where it is done, the moves on offer, reviews and comments, what happened."""
    return _overview(request, _for_overview(request, slug))


def _overview(request: HttpRequest, brief: Any, bound: dict[str, BaseForm] | None = None) -> HttpResponse:
    """`bound` are forms that come back with what was typed."""
    desk = selectors.desk_of(brief, request.user)
    context = selectors.head(brief, request.user, "overview") | {
        "desk": desk,
        "forms": {name: (bound or {}).get(name) or FORMS[name]() for name in desk.forms},
        "errors": next(iter((bound or {}).values()), None),
        "reviews": selectors.reviews_of(brief),
        "entries": selectors.history(brief),
        "newer": getattr(brief, "replaced_by", None),
        "days": days_since(brief.moved_at),
        "move_base": reverse("knowledge:move", args=[brief.slug, "x"]).removesuffix("x/"),
    }
    return show(request, "knowledge/desk/overview.html", context)


@require_POST
def move(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """One move of the brief. A day or a reason that is missing comes back with the page."""
    if name not in BRIEF.transitions:
        raise Http404
    brief = _for_overview(request, slug)
    require(request.user, BRIEF[name].permission, brief)
    form = FORMS[name](request.POST) if name in FORMS else None
    if form is not None and not form.is_valid() and brief.state in BRIEF[name].sources:
        return _overview(request, brief, {name: form})
    attempt(request, _act(request, brief, name, form), f"{BRIEF[name].happened}.")
    return redirect("knowledge:overview", slug)


def _act(request: HttpRequest, brief: ActionBrief, name: str, form: BaseForm | None) -> Callable[[], None]:
    own: dict[str, Callable[..., None]] = {
        "publish": moving.publish,
        "publish_changes": moving.publish_changes,
        "schedule": moving.schedule,
        "withdraw": moving.withdraw,
    }
    if form is not None and form.is_valid():
        return lambda: own[name](brief, by=request.user, **form.cleaned_data)
    if name in own and form is None:
        return lambda: own[name](brief, by=request.user)
    # Of a form that is wrong at the wrong moment only the moment is told.
    return lambda: (
        BRIEF.apply(brief, name, by=request.user)
        if name in own
        else moving.advance(brief, name, by=request.user, note=request.POST.get("note", ""))
    )


def facts(request: HttpRequest, slug: str) -> HttpResponse:
    """Number, address, subjects, authors, next review; who does not write reads them."""
    brief = desk_brief_or_404(request, slug, "topics", "populations")
    if request.method == "POST":
        require(request.user, "knowledge.write_brief", brief)
    context = selectors.head(brief, request.user, "facts")
    form = FactsForm(chosen(request.POST) if request.method == "POST" else None, instance=brief)
    if form.is_valid():
        data = dict(form.cleaned_data)
        seen = data.pop("version")
        try:
            if attempt(
                request,
                lambda: writing.keep_facts(brief, seen=seen, by=request.user, **data),
                _("The facts are saved."),
            ):
                return redirect("knowledge:facts", data.get("slug") or slug)
        except Conflict as conflict:
            return conflict_page(request, form, FactsForm(instance=conflict.current), cancel_url=request.path)
    return show(request, "knowledge/desk/facts.html", context | {"form": form})


def exception(request: HttpRequest, slug: str) -> HttpResponse:
    """An administrator lets the brief be published in one language, with a reason and a deadline."""
    brief = desk_brief_or_404(request, slug)
    require(request.user, "knowledge.publish_one_language", brief)
    up = reverse("knowledge:overview", args=[slug])
    if brief.is_bilingual:
        messages.info(request, _("Both texts are current: no exception is needed."))
        return redirect(up)
    form = ExceptionForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and attempt(
        request,
        lambda: moving.grant_exception(brief, by=request.user, **form.cleaned_data),
        _("The exception is kept with its deadline; the writers are reminded of it."),
    ):
        return redirect(up)
    context = selectors.head(brief, request.user, "overview") | {"form": form, "cancel_url": up}
    return show(request, "knowledge/desk/exception.html", context)
