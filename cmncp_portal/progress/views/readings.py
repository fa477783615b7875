"""Figures of years: one municipality's with its pictures, the form of one figure, and the network's."""

from typing import Any

from django.contrib import messages
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
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality

from ..forms.readings import FiguresFilter, ReadingForm
from ..indicators import SHARE, Indicator, name_of
from ..models import IndicatorReading
from ..readings_export import as_csv
from ..selectors import network as standing
from ..selectors import readings as pages
from ..services import readings as services

PERMISSION = "progress.keep_readings"
WRITING = require_http_methods(["GET", "HEAD", "POST"])


def _place_or_404(request: HttpRequest, slug: str) -> Municipality:
    return get_object_or_404(pages.places(request.user), slug=slug)


def _up(place: Municipality) -> str:
    return reverse("progress:figures", args=[place.slug])


def _form(request: HttpRequest, place: Municipality, reading: IndicatorReading) -> ReadingForm:
    """The form of one figure, with what was sent."""
    budgets = pages.budget_by_year(place) if reading.indicator == SHARE else {}
    sent = chosen(request.POST) if request.method == "POST" else None
    return ReadingForm(sent, instance=reading, budgets=budgets)


def _page(request: HttpRequest, place: Municipality, form: ReadingForm, **more: Any) -> HttpResponse:
    indicator = form.instance.indicator
    context = {"place": place, "form": form, "cancel_url": _up(place), "name": name_of(indicator), **more}
    return show(request, "progress/figure.html", context | {"meaning": pages.MEANINGS[indicator]})


def _refused(request: HttpRequest, form: ReadingForm, refused: TransitionRefused) -> bool:
    """Say beside the year, or above, why it was not saved; whether there is nothing left to do."""
    if refused.done_already:
        messages.info(request, str(refused))
    else:
        form.add_error("year" if isinstance(refused, services.YearTaken) else None, str(refused))
    return refused.done_already


@require_safe
def figures(request: HttpRequest, slug: str) -> HttpResponse:
    """One municipality over the years: a picture and a table for each indicator."""
    place = _place_or_404(request, slug)
    return render(request, "progress/figures.html", pages.page(request.user, place))


@WRITING
def add(request: HttpRequest, slug: str, indicator: str) -> HttpResponse:
    """The figure of a year that has none yet."""
    place = _place_or_404(request, slug)
    require(request.user, PERMISSION, place)
    if indicator not in Indicator.values:
        raise Http404
    form = _form(request, place, IndicatorReading(municipality=place, indicator=indicator))
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in services.FIELDS}
        try:
            services.keep(place, by=request.user, indicator=indicator, **data)
            messages.success(request, _("Saved."))
            return redirect(_up(place))
        except TransitionRefused as refused:
            if _refused(request, form, refused):
                return redirect(_up(place))
    return _page(request, place, form)


@WRITING
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Put a figure right, or take it away."""
    place = _place_or_404(request, slug)
    require(request.user, PERMISSION, place)
    reading = get_object_or_404(pages.readings_of(place), pk=pk)
    more = {"reading": reading, "year": reading.year, "version": reading.version}
    form = _form(request, place, reading)
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in services.FIELDS}
        try:
            services.change(reading, seen=form.cleaned_data["version"], by=request.user, **data)
            messages.success(request, _("Saved."))
            return redirect(_up(place))
        except Conflict as conflict:
            fresh = ReadingForm(instance=conflict.current, budgets=form.budgets)
            return conflict_page(request, form, fresh, cancel_url=_up(place))
        except TransitionRefused as refused:
            _refused(request, form, refused)
    return _page(request, place, form, **more)


@require_POST
def delete(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a figure away."""
    place = _place_or_404(request, slug)
    require(request.user, PERMISSION, place)
    seen = number(request.POST.get("version", ""))
    # The figure is not fetched here: one that is gone already is said to be gone, not to be missing.
    act = lambda: services.delete(place, pk=pk, seen=seen, by=request.user)  # noqa: E731
    attempt(request, act, _("The figure is taken away."))
    return redirect(_up(place))


@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """Each indicator over the network, or one of them with its years and its municipalities."""
    require(request.user, "progress.see_network")
    found = FiguresFilter(request.GET, queryset=standing.members())
    code, year, places = found.indicator_asked, found.year_asked, found.places
    context: dict[str, Any] = {"filter": found, "is_filtered": any(found.said.values())}
    if code:
        page = page_of(request, standing.latest_of_each(code, places, year))
        context |= {"name": name_of(code), "meaning": pages.MEANINGS[code], "page": page}
        context |= {"entries": standing.entries(code, page.object_list), "trend": standing.picture(code, places)}
    else:
        context["lines"] = standing.lines(places, year)
    return render(request, "progress/network_figures.html", context)


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """All figures of the municipalities that the page shows, as a file."""
    require(request.user, "progress.see_network")
    found = FiguresFilter(request.GET, queryset=standing.members())
    name = f"figures-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    file = as_csv(found.places, found.indicator_asked, found.year_asked)
    return HttpResponse(file, content_type="text/csv; charset=utf-8", headers=headers)
