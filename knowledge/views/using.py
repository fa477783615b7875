"""Putting briefs to work: "we are doing this", the steps that are mine, and the example that is told about us."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, require, safe_next, show
from cmncp_portal.network.models import Municipality

from ..forms.asking import ChangeForm, UseForm
from ..models import ActionBrief, Audience, Example, Step, StepMark, Use
from ..selectors import using as selected
from ..services import using

BRIEFS = 10  # on one page of steps
BRIEFS_ON_PAPER = 100


def place_or_403(request: HttpRequest, asked: str) -> Municipality:
    """Return the municipality called `asked` (a slug), or the reader's first; 404 for none, 403 for a neighbour's."""
    mine = selected.places_for(request.user)
    found = next((place for place in mine if place.slug == asked), None) if asked else next(iter(mine), None)
    if found is None and asked:
        found = get_object_or_404(Municipality.objects.visible_to(request.user), slug=asked)
    require(request.user, "knowledge.use", found)
    if found is None:
        raise Http404
    return found


# ---- we are doing this


def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Note that a municipality does what the brief advises, change it, or take it back. ?place= chooses among several."""
    rows = ActionBrief.objects.public().select_related("series").prefetch_related("editions")
    brief = get_object_or_404(rows, slug=slug)
    asked = request.GET.get("place", "")
    if not asked and not selected.places_for(request.user) and request.user.has_perm("knowledge.use", None):
        return _choose_place(request, brief)
    place = place_or_403(request, asked)
    kept = Use.objects.filter(brief=brief, municipality=place).first()
    if request.POST.get("what") == "back":
        done = _("Taken back. The brief no longer counts %(place)s.") % {"place": place}
        attempt(request, lambda: using.take_back_use(brief, municipality=place, by=request.user), done)
        return redirect(brief)
    form = UseForm(chosen(request.POST) if request.method == "POST" else None, instance=kept or Use(on=_today()))
    if request.method == "POST" and form.is_valid() and (answer := _keep(request, brief, place, form)):
        return answer
    return _use_page(request, brief, place, kept, form)


def _today() -> Any:
    return timezone.localdate()


def _choose_place(request: HttpRequest, brief: ActionBrief) -> HttpResponse:
    """A coordinator speaks for any member, and says first for which."""
    members = Municipality.objects.members_on(_today()).by_name().only("slug", "name_en", "name_fr")
    context = {"brief": brief, "edition": brief.published_edition(), "members": members}
    return render(request, "knowledge/use_place.html", context)


def _keep(request: HttpRequest, brief: ActionBrief, place: Municipality, form: UseForm) -> HttpResponse | None:
    """Write the use; the conflict page when a colleague was first, None when the page has to come back."""
    data = dict(form.cleaned_data)
    seen = data.pop("version")
    done = _("Thank you. The brief now counts %(place)s, and the University of Ottawa team hears of it.")
    try:
        attempt(
            request,
            lambda: using.keep_use(brief, municipality=place, seen=seen, by=request.user, **data),
            done % {"place": place},
        )
    except Conflict as conflict:
        fresh = UseForm(instance=conflict.current)
        return conflict_page(request, form, fresh, cancel_url=brief.get_absolute_url())
    return redirect(brief)


def _use_page(
    request: HttpRequest, brief: ActionBrief, place: Municipality, kept: Use | None, form: UseForm
) -> HttpResponse:
    others = [one for one in selected.places_for(request.user) if one.pk != place.pk]
    context = {
        "brief": brief,
        "edition": brief.published_edition(),
        "place": place,
        "others": others,
        "kept": kept,
        "used": selected.used_by(brief, request.user),
        "form": form,
        "may_note": brief.state in using.USABLE,
        "cancel_url": brief.get_absolute_url(),
    }
    return show(request, "knowledge/use.html", context)


# ---- my steps


@require_safe
def my_steps(request: HttpRequest) -> HttpResponse:
    """The steps of all published briefs for my role; ?for= another role, ?only=marked, ?paper=1 to print for council."""
    choices = selected.audiences_for(request.user)
    audience = _audience_or_404(request.GET.get("for", ""), choices)
    places = selected.places_for(request.user)
    place = next((one for one in places if one.slug == request.GET.get("place")), places[0] if places else None)
    only_marked, on_paper = request.GET.get("only") == "marked", "paper" in request.GET
    pks = selected.briefs_with_steps(audience, place=place, only_marked=only_marked) if audience else []
    page = _page(request, pks, BRIEFS_ON_PAPER if on_paper else BRIEFS)
    shown = list(page.object_list)
    context = {
        "choices": choices,
        "audience": audience,
        "has_role": any(one.is_mine for one in choices),
        "is_mine": any(one.is_mine and one.audience == audience for one in choices),
        "places": places,
        "place": place,
        "only_marked": only_marked,
        "page": page,
        "briefs": selected.steps_of(shown, audience, place, only_marked=only_marked) if audience and shown else [],
        "params": request.GET,
        "here": request.get_full_path(),
    }
    return render(request, "knowledge/my_steps_print.html" if on_paper else "knowledge/my_steps.html", context)


def _audience_or_404(slug: str, choices: list[selected.Choice]) -> Audience | None:
    """Return the audience asked for, else the reader's own, else the first; None while there is none at all."""
    if slug:
        found = next((one.audience for one in choices if one.audience.slug == slug), None)
        if found is None:
            raise Http404
        return found
    return choices[0].audience if choices else None


def _page(request: HttpRequest, pks: list[int], size: int) -> Page:
    return Paginator(pks, size).get_page(max(number(request.GET.get("page", "")), 1))


MARKS = {"to-do": StepMark.State.TO_DO, "done": StepMark.State.DONE, "clear": ""}


@require_POST
def step_mark(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Mark a step as to do or done for the own municipality (`place` chooses among several), or take the mark away."""
    if name not in MARKS:
        raise Http404
    step = get_object_or_404(Step.objects.filter(brief__state__in=ActionBrief.PUBLIC), pk=pk)
    place = place_or_403(request, request.POST.get("place", ""))
    done = {"to-do": _("Marked as to do."), "done": _("Marked as done."), "clear": _("The mark is taken away.")}[name]
    attempt(request, lambda: using.mark_step(step, municipality=place, state=MARKS[name], by=request.user), done)
    back = safe_next(request, reverse("knowledge:my_steps"))
    return redirect(f"{back}#step-{step.pk}")


# ---- the example about us


def example(request: HttpRequest, pk: int) -> HttpResponse:
    """What a brief is to say about a municipality, in both languages; who speaks for it agrees, or asks for a change."""
    rows = Example.objects.select_related("municipality", "programme", "brief__series")
    told = get_object_or_404(rows.prefetch_related("brief__editions"), pk=pk)
    is_ours = told.municipality in selected.places_for(request.user)
    if not is_ours and not request.user.has_perm("knowledge.see_desk"):
        raise Http404
    form = ChangeForm(request.POST if request.POST.get("what") == "change" else None)
    if request.method == "POST":
        require(request.user, "knowledge.agree_to_example", told.municipality)
        if request.POST.get("what") != "change":
            return _agree(request, told)
        if form.is_valid():
            return _ask_for_change(request, told, form.cleaned_data["note"])
    context = {
        "example": told,
        "brief": told.brief,
        "seen": selected.wording_of(told),
        "form": form,
        "may_agree": request.user.has_perm("knowledge.agree_to_example", told.municipality),
        "is_public": told.brief.state in ActionBrief.PUBLIC,
    }
    return show(request, "knowledge/example.html", context)


def _agree(request: HttpRequest, told: Example) -> HttpResponse:
    done = _("Thank you. The brief may tell what %(place)s does.") % {"place": told.municipality}
    seen = request.POST.get("seen", "")
    attempt(request, lambda: using.agree_to_example(told, seen=seen, by=request.user), done)
    return redirect("knowledge:example", told.pk)


def _ask_for_change(request: HttpRequest, told: Example, note: str) -> HttpResponse:
    done = _("The writers have your note and answer you by email. Nothing is shown before you agree.")
    attempt(request, lambda: using.refuse_example(told, note=note, by=request.user), done)
    return redirect("knowledge:example", told.pk)
