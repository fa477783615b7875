"""Strategies: the ladder of the network, one municipality's profile, and the small forms that keep it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, page_of, require, show
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.rules import municipality_ids_of
from cmncp_portal.network.stages import Stage

from .. import services
from ..exports import as_csv
from ..forms.strategies import BudgetForm, ChecksForm, DeclareForm, FactsForm, LadderFilter, PublicForm
from ..models import StrategyProfile
from ..selectors import history as story
from ..selectors import ladder as standing
from ..selectors import page as pages

WRITING = require_http_methods(["GET", "HEAD", "POST"])
Act = Callable[[int, dict[str, Any]], Any]


def _place_or_404(request: HttpRequest, slug: str, rows: Any = None) -> Municipality:
    """Return the municipality if this person may know anything of its strategy, with its profile."""
    place = get_object_or_404(pages.places(request.user) if rows is None else rows, slug=slug)
    if not pages.parts_for(request.user, place):
        raise Http404
    return place


def _of(place: Municipality) -> StrategyProfile:
    """The profile, or a blank one that is made when somebody saves."""
    return pages.profile_of(place) or StrategyProfile(municipality=place)


def _sent(request: HttpRequest) -> Any:
    return chosen(request.POST) if request.method == "POST" else None


def _up(place: Municipality) -> str:
    return reverse("progress:strategy", args=[place.slug])


def _saved(
    request: HttpRequest, place: Municipality, form: Any, act: Act, fresh: Callable[[Any], forms.BaseForm]
) -> HttpResponse | None:
    """Save what the form holds and answer; None when the form is to be shown (again). `fresh` makes it for a newer profile."""
    if not form.is_valid():
        return None
    data = dict(form.cleaned_data)
    seen = data.pop("version")
    try:
        if attempt(request, lambda: act(seen, data), _("Saved.")):
            return redirect(_up(place))
    except Conflict as conflict:
        return conflict_page(request, form, fresh(conflict.current), cancel_url=_up(place))
    return None


def _form(request: HttpRequest, template: str, place: Municipality, form: Any, **more: Any) -> HttpResponse:
    return show(request, template, {"place": place, "form": form, "cancel_url": _up(place), **more})


@login_not_required
@require_safe
def ladder(request: HttpRequest) -> HttpResponse:
    """How many members are at each stage, and who; the public sees those who show theirs."""
    found = LadderFilter(request.GET, queryset=standing.ladder_of(request.user))
    page = page_of(request, found.qs)
    counts = standing.counts(found.places, request.user)
    context = {
        "filter": found,
        "page": page,
        "counts": counts,
        "total": sum(line.members for line in counts),
        "rungs": standing.picture(counts),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
        "sees_network": request.user.has_perm("progress.see_network"),
        "may_follow": request.user.has_perm("progress.list_commitments"),
        "may_export": request.user.has_perm("progress.export_network"),
        "ours": municipality_ids_of(request.user),
    }
    return render(request, "progress/ladder.html", context)


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    require(request.user, "progress.export_network")
    name = f"strategies-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(as_csv(), content_type="text/csv; charset=utf-8", headers=headers)


@login_not_required
@require_safe
def strategy(request: HttpRequest, slug: str) -> HttpResponse:
    """One municipality's profile: all of it for members and its own people, for others what it ticked."""
    place = _place_or_404(request, slug, pages.for_page(request.user))
    return render(request, "progress/strategy.html", pages.page(request.user, place))


@WRITING
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """The facts: centre, plan, sectors, strengths."""
    place = _place_or_404(request, slug)
    require(request.user, "progress.keep_profile", place)
    form = FactsForm(_sent(request), instance=_of(place))
    act: Act = lambda seen, data: services.keep_facts(place, seen=seen, by=request.user, **data)  # noqa: E731
    done = _saved(request, place, form, act, lambda current: FactsForm(instance=current))
    return done or _form(request, "progress/edit.html", place, form)


@WRITING
def checks(request: HttpRequest, slug: str, stage: int) -> HttpResponse:
    """The checks of one stage."""
    place = _place_or_404(request, slug)
    require(request.user, "progress.keep_profile", place)
    block = _block_or_404(pages.profile_of(place), stage)
    form = ChecksForm(_sent(request), block=block, version=_of(place).version)
    act: Act = lambda seen, _data: services.answer_checks(  # noqa: E731
        place, seen=seen, by=request.user, answers=form.answers
    )
    done = _saved(
        request,
        place,
        form,
        act,
        lambda current: ChecksForm(block=_block_or_404(current, stage), version=current.version),
    )
    return done or _form(request, "progress/checks.html", place, form, group=block)


def _block_or_404(profile: StrategyProfile | None, stage: int) -> pages.Block:
    found = next((block for block in pages.blocks(profile) if block.stage == stage), None)
    if found is None:
        raise Http404
    return found


@WRITING
def budget(request: HttpRequest, slug: str) -> HttpResponse:
    """The prevention budget of one year; ?year= asks for one that is there."""
    place = _place_or_404(request, slug, pages.places(request.user).prefetch_related("strategy__budgets"))
    require(request.user, "progress.keep_profile", place)
    profile = _of(place)
    known = list(profile.budgets.all()) if profile.pk else []
    year = number(request.GET.get("year", "")) or timezone.localdate().year
    form = BudgetForm(_sent(request), known=known, year=year, version=profile.version)
    act: Act = lambda seen, data: services.keep_budget(place, seen=seen, by=request.user, **data)  # noqa: E731
    done = _saved(
        request,
        place,
        form,
        act,
        lambda now: BudgetForm(known=now.budgets.all(), year=form.cleaned_data["year"], version=now.version),
    )
    return done or _form(request, "progress/budget.html", place, form, known=known)


@WRITING
def public(request: HttpRequest, slug: str) -> HttpResponse:
    """What everybody may see."""
    place = _place_or_404(request, slug)
    require(request.user, "progress.choose_public", place)
    form = PublicForm(_sent(request), instance=_of(place))
    act: Act = lambda seen, data: services.choose_public(  # noqa: E731
        place, seen=seen, by=request.user, parts=data["public"]
    )
    done = _saved(request, place, form, act, lambda current: PublicForm(instance=current))
    return done or _form(request, "progress/public.html", place, form)


@WRITING
def declare(request: HttpRequest, slug: str) -> HttpResponse:
    """Declare a stage, with a reason, or take that back: two small forms, told apart by the button."""
    place = _place_or_404(request, slug)
    require(request.user, "progress.declare_stage", place)
    if request.POST.get("move") == "take_back":
        act_back = lambda: services.take_back_declaration(place, by=request.user)  # noqa: E731
        attempt(request, act_back, _("The stage follows from the checks again."))
        return redirect(_up(place))
    profile = _of(place)
    form = DeclareForm(_sent(request), profile=profile)
    act: Act = lambda seen, data: services.declare_stage(place, seen=seen, by=request.user, **data)  # noqa: E731
    done = _saved(request, place, form, act, lambda current: DeclareForm(profile=current))
    by_checks = Stage(profile.computed_stage).label
    return done or _form(request, "progress/declare.html", place, form, profile=profile, by_checks=by_checks)


@require_POST
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Still right today."""
    place = _place_or_404(request, slug)
    require(request.user, "progress.keep_profile", place)
    attempt(request, lambda: services.confirm(place, by=request.user), _("Thank you: the profile is confirmed."))
    return redirect(_up(place))


@require_safe
def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Who changed what, and when."""
    place = _place_or_404(request, slug)
    require(request.user, "progress.see_history", place)
    page = page_of(request, story.changes_of(place))
    context = {"place": place, "page": page, "entries": story.entries(page.object_list), "up": _up(place)}
    return render(request, "progress/history.html", context)
