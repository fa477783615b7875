"""Reports while they are made: the list, a new one, its page, its period and figures, the day on which it is due."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, page_of, require, show

from ..forms import DueDateForm, HandedInForm, NewReportForm, ReportForm
from ..models import Report
from ..selectors import reports as rows
from ..services import calculating, writing
from .common import WRITING, may_make, report_or_404


@never_cache
@require_safe
def report_list(request: HttpRequest) -> HttpResponse:
    require(request.user, "reporting.read_reports")
    page = page_of(request, rows.listed(request.user))
    context = {"page": page, "params": request.GET, "may_make": may_make(request), "today": timezone.localdate()}
    return render(request, "reporting/list.html", context)


@never_cache
@WRITING
def new(request: HttpRequest) -> HttpResponse:
    """A report is begun: about the fiscal year, compared with the one before, unless told otherwise."""
    require(request.user, "reporting.make_reports")
    year = writing.year_to_report(timezone.localdate())
    before = writing.year_before(year)
    known = {
        "from_on": year.from_on,
        "until_on": year.until_on,
        "compares_from_on": before.from_on,
        "compares_until_on": before.until_on,
    }
    form = NewReportForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        form.cleaned_data.pop("version")
        made = writing.begin(by=request.user, **form.cleaned_data)
        messages.success(request, _("The report is begun. Now its figures can be calculated."))
        return redirect("reporting:report", made.pk)
    return show(request, "reporting/edit.html", {"form": form, "cancel_url": reverse("reporting:list")})


@never_cache
@require_safe
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report in one place. While figures are calculated, the part that says how far comes alone when the page asks again."""
    found, may = report_or_404(request, pk), may_make(request)
    standing = rows.standing_of(found, published=not may)
    context = {"report": found, "standing": standing, "may_make": may, "is_part": True}
    if request.htmx and not request.htmx.history_restore_request:  # type: ignore[attr-defined]
        return render(request, "reporting/parts/progress.html", context)
    texts = rows.narratives_of(found)
    # Two readings of figures in the making, with an answer between them, could be subtracted: others wait for what is frozen.
    figures = rows.figures_of(standing.done) if standing.done and may else []
    context |= {
        "parts": rows.parts_of(texts, figures),
        "is_current": standing.done is not None and standing.done.of == rows.asked_of(found),  # type: ignore[attr-defined]
        "frozen": rows.frozen_of(found),
        "checks": rows.checks(found, texts, standing, may_make=may),
        "handed_in_form": HandedInForm(initial={"on": timezone.localdate()}),
        "today": timezone.localdate(),
    }
    return render(request, "reporting/report.html", context)


@never_cache
@WRITING
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = report_or_404(request, pk)
    require(request.user, "reporting.make_reports")
    up = reverse("reporting:report", args=[pk])
    form = ReportForm(chosen(request.POST) if request.method == "POST" else None, instance=copy(found))
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data.pop("version")
        try:
            writing.change(found, seen=seen, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return conflict_page(request, form, ReportForm(instance=conflict.current), cancel_url=up)
        messages.success(request, _("Saved."))
        return redirect(up)
    return show(request, "reporting/edit.html", {"form": form, "report": found, "cancel_url": up})


@require_POST
def calculate(request: HttpRequest, pk: int) -> HttpResponse:
    found = report_or_404(request, pk)
    require(request.user, "reporting.make_reports")
    attempt(request, lambda: calculating.calculate(found, by=request.user))
    return redirect("reporting:report", pk)


@never_cache
@WRITING
def due_date(request: HttpRequest, pk: int) -> HttpResponse:
    """The day on which it is due, with a reason, and how it moved."""
    found = report_or_404(request, pk)
    require(request.user, "reporting.make_reports")
    form = DueDateForm(request.POST if request.method == "POST" else None, initial={"due_on": found.due_on})
    if request.method == "POST" and form.is_valid():
        done = _("The day is moved. Letters about the old one are taken back.")
        move: Any = lambda: writing.move_due_date(found, by=request.user, **form.cleaned_data)  # noqa: E731
        attempt(request, move, done)
        return redirect("reporting:due_date", pk)
    context = {
        "form": form,
        "report": found,
        "changes": found.due_date_changes.order_by("-at", "-pk"),
        "cancel_url": reverse("reporting:report", args=[pk]),
    }
    return show(request, "reporting/due_date.html", context)


@require_POST
def handed_in(request: HttpRequest, pk: int) -> HttpResponse:
    """It was handed in on a day; without one: it was not, after all."""
    found: Report = report_or_404(request, pk)
    require(request.user, "reporting.make_reports")
    if "not" in request.POST:
        attempt(request, lambda: writing.hand_in(found, by=request.user, on=None), _("Noted: it is not handed in."))
        return redirect("reporting:report", pk)
    form = HandedInForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the day on which it was handed in."))
        return redirect("reporting:report", pk)
    on = form.cleaned_data["on"]
    attempt(request, lambda: writing.hand_in(found, by=request.user, on=on), _("Noted: it is handed in."))
    return redirect("reporting:report", pk)
