"""The texts of a report: a section in both languages, and the cases on which it leans."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, require, show

from ..forms import CaseForm, NarrativeForm
from ..models import Narrative, Report
from ..services import writing
from .common import WRITING, report_or_404


def _text_or_404(request: HttpRequest, pk: int, section: str) -> tuple[Report, Narrative]:
    """The report and the text of the section, a blank one until somebody writes."""
    found = report_or_404(request, pk)
    require(request.user, "reporting.make_reports")
    if section not in Narrative.Section.values:
        raise Http404
    text = found.narratives.filter(section=section).prefetch_related("cases").first()
    return found, text or Narrative(report=found, section=section)


@never_cache
@WRITING
def narrative(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    found, text = _text_or_404(request, pk, section)
    form = NarrativeForm(chosen(request.POST) if request.method == "POST" else None, instance=copy(text))
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data.pop("version")
        here = reverse("reporting:narrative", args=[pk, section])
        try:
            writing.write(found, section, seen=seen, by=request.user, **form.cleaned_data)
        except Conflict as conflict:
            return conflict_page(request, form, NarrativeForm(instance=conflict.current), cancel_url=here)
        messages.success(request, _("Saved."))
        return redirect("reporting:report", pk)
    return _page(request, found, text, form, CaseForm(auto_id="case_%s"))


def _page(request: HttpRequest, report: Report, text: Narrative, form: Any, case_form: Any) -> HttpResponse:
    context = {
        "report": report,
        "section": text.section,
        "section_name": text.get_section_display(),
        "form": form,
        "case_form": case_form,
        "cases": list(text.cases.all()) if text.pk else [],
        "cancel_url": reverse("reporting:report", args=[report.pk]),
    }
    return show(request, "reporting/narrative.html", context)


@never_cache
@require_POST
def case_add(request: HttpRequest, pk: int, section: str) -> HttpResponse:
    found, text = _text_or_404(request, pk, section)
    form = CaseForm(request.POST, auto_id="case_%s")
    if not form.is_valid():
        return _page(request, found, text, NarrativeForm(instance=copy(text)), form)
    link: Any = lambda: writing.link_case(found, section, by=request.user, **form.cleaned_data)  # noqa: E731
    attempt(request, link, _("The case is linked."))
    return redirect("reporting:narrative", pk, section)


@require_POST
def case_remove(request: HttpRequest, pk: int, section: str, case: int) -> HttpResponse:
    found, _text = _text_or_404(request, pk, section)
    attempt(request, lambda: writing.unlink_case(found, section, case, by=request.user), _("The case is taken away."))
    return redirect("reporting:narrative", pk, section)
