"""The library: lists of briefs and practices, one of each, the feed. Open without an account."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from cmncp_portal.core.screens import page_of
from cmncp_portal.network.rules import places_of

from ..forms.filters import BriefFilter, Filters, PracticeFilter
from ..models import ActionBrief
from ..selectors import library as shelves
from ..selectors import practices as known
from ..selectors.reading import page_rows, places_using, reading, standing, taken_further
from ..selectors.scaling import citations, figures, scale_for
from ..selectors.spelling import closest
from .atom import BriefFeed


@login_not_required
@vary_on_headers("HX-Request")  # or the browser's way back would show the part alone
@require_safe
def library(request: HttpRequest) -> HttpResponse:
    found = BriefFilter(request.GET, queryset=shelves.briefs())
    page = page_of(request, found.qs, shelves.SHOWN)
    rows = shelves.listed(page.object_list, found.text)
    meant = closest(found.text, shelves.titles_in_use()) if found.text and not rows else []
    context = _results(request, found, page, rows, meant)
    if _wants_part(request):
        return render(request, "knowledge/parts/library_results.html", context)
    return render(request, "knowledge/library.html", context | {"sees_desk": _sees_desk(request)})


@login_not_required
@vary_on_headers("HX-Request")
@require_safe
def practices(request: HttpRequest) -> HttpResponse:
    found = PracticeFilter(request.GET, queryset=known.practices(request.user))
    page = page_of(request, found.qs, shelves.SHOWN)
    rows = known.listed(page.object_list)
    meant = closest(found.text, known.names_in_use()) if found.text and not rows else []
    context = _results(request, found, page, rows, meant)
    if _wants_part(request):
        return render(request, "knowledge/parts/practices_results.html", context)
    return render(
        request, "knowledge/practices.html", context | {"may_write": request.user.has_perm("knowledge.write")}
    )


def _results(request: HttpRequest, found: Filters, page: Any, rows: list[Any], meant: list[str]) -> dict[str, Any]:
    return {"filter": found, "page": page, "rows": rows, "meant": meant, "params": request.GET}


def _wants_part(request: HttpRequest) -> bool:
    asked: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    return bool(asked and not (asked.boosted or asked.history_restore_request))


def _sees_desk(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("knowledge.see_desk"))


@login_not_required
@require_safe
@cache_control(public=True, max_age=300)
def feed(request: HttpRequest) -> HttpResponse:
    return BriefFeed()(request)


@login_not_required
@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(known.page_rows(request.user), slug=slug)
    context = {
        "practice": found,
        **known.page_of_practice(found),
        "may_write": request.user.has_perm("knowledge.write"),
    }
    return render(request, "knowledge/practice.html", context)


@login_not_required
@require_safe
def brief(request: HttpRequest, slug: str) -> HttpResponse:
    """One brief as it is published. What is still being written has its page at the desk."""
    found = get_object_or_404(page_rows(request.user), slug=slug)
    if found.state not in ActionBrief.PUBLIC:
        return redirect("knowledge:overview", found.slug)
    context = _read(request, found)
    user = request.user
    own = [place.municipality for place in places_of(user)]
    more = {
        "uses": places_using(found, user) if user.is_authenticated and found.used_by else [],
        "may_use": any(user.has_perm("knowledge.use", place) for place in own) or user.has_perm("knowledge.use", None),
        "sees_desk": _sees_desk(request),
        "commitments": taken_further(found),
    }
    return render(request, "knowledge/brief.html", context | more)


@login_not_required
@require_safe
def printed(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(page_rows(request.user), slug=slug, state__in=ActionBrief.PUBLIC)
    return render(request, "knowledge/print.html", _read(request, found))


def _read(request: HttpRequest, brief: Any) -> dict[str, Any]:
    """What the page and the page for paper show; 404 when no text was ever published."""
    read = reading(brief)
    if read is None:
        raise Http404
    scale = scale_for(request.user, request.GET.get("population", ""))
    return {
        "brief": brief,
        "read": read,
        "standing": standing(read),
        "scale": scale,
        "figures": figures(read.numbers, scale),
        "citations": citations(brief),
    }
