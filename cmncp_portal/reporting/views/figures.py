"""What figures mean, and what stands behind one of them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import page_of, require

from ..indicators.base import DEFINITIONS, REGISTRY
from ..models import Calculation, Narrative
from ..selectors import reports as rows
from ..selectors.snapshots import calculation_of
from .common import report_or_404, snapshot_or_404


@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """All figures that a report can have, with what they mean."""
    require(request.user, "reporting.read_reports")
    sections = [
        (section.label, [one for one in REGISTRY.values() if one.section == section]) for section in Narrative.Section
    ]
    context = {"sections": [(name, found) for name, found in sections if found], "version": DEFINITIONS}
    return render(request, "reporting/definitions.html", context)


@never_cache
@require_safe
def figure(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """A figure as it was calculated last, and what it counts and leaves out, by name: for those who make the report."""
    found = report_or_404(request, pk)
    require(request.user, "reporting.make_reports")
    done = rows.standing_of(found).done
    if done is None:
        raise Http404
    context = {"report": found, "up": reverse("reporting:report", args=[pk]), "snapshot": None}
    return _page(request, done, done.figures, code, context)


@never_cache
@require_safe
def frozen_figure(request: HttpRequest, pk: int, number: int, code: str) -> HttpResponse:
    """A figure as it was frozen, and what it counted then."""
    found = snapshot_or_404(request, pk, number)
    require(request.user, "reporting.make_reports")
    context = {"report": found.report, "up": found.get_absolute_url(), "snapshot": found}
    return _page(request, calculation_of(found), found.figures, code, context)


def _page(
    request: HttpRequest, calculation: Calculation, figures: Any, code: str, context: dict[str, Any]
) -> HttpResponse:
    told = rows.figure_of(figures, code)
    if told is None:
        raise Http404
    page = page_of(request, rows.records_of(calculation, code, request.user))
    return render(request, "reporting/figure.html", context | {"figure": told, "page": page, "params": request.GET})
