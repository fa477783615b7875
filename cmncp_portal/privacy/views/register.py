"""The register of the administrators: requests, incidents, what the nights removed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cmncp_portal.core.keeping import LIMITS
from cmncp_portal.core.screens import attempt, page_of, require, show
from cmncp_portal.core.text import active_language

from .. import selectors, services
from ..forms import IncidentForm, RefuseForm, WriteDownForm
from ..models import Incident, PersonRequest

WRITING = require_http_methods(["GET", "HEAD", "POST"])


@never_cache
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """Who asked for what and until when an answer is due; the number that waits stands above."""
    require(request.user, "privacy.keep_register")
    page = page_of(request, selectors.requests())
    context = {"page": page, "params": request.GET, "waiting_count": selectors.to_decide().count()}
    return render(request, "privacy/register.html", context | {"today": timezone.localdate()})


@never_cache
@WRITING
def write_down(request: HttpRequest) -> HttpResponse:
    """Somebody asked by telephone or on paper: the letter goes out as if she had asked here."""
    require(request.user, "privacy.keep_register")
    form = WriteDownForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.ask(by=request.user, **form.cleaned_data)
        messages.success(request, _("It is written down, and the letter is on its way."))
        return redirect("privacy:register")
    return show(request, "privacy/write_down.html", {"form": form, "cancel_url": reverse("privacy:register")})


def _asked_or_404(request: HttpRequest, pk: int) -> PersonRequest:
    require(request.user, "privacy.keep_register")
    found: PersonRequest = get_object_or_404(selectors.requests(), pk=pk)
    return found


@never_cache
@WRITING
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """What stands in the way of forgetting somebody, and the decision."""
    asked = _asked_or_404(request, pk)
    if request.method == "POST":
        done = _("Decided: it is done within minutes, and the person is told.")
        attempt(request, lambda: services.decide(asked, by=request.user), done)  # type: ignore[arg-type]
        return redirect("privacy:decide", pk)
    return _decision(request, asked, RefuseForm())


@never_cache
@WRITING
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    """The answer that says no, or not yet."""
    asked = _asked_or_404(request, pk)
    form = RefuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data["answer"]
        attempt(request, lambda: services.refuse(asked, by=request.user, answer=answer), _("The answer is sent."))  # type: ignore[arg-type]
        return redirect("privacy:decide", pk)
    return _decision(request, asked, form)


def _decision(request: HttpRequest, asked: PersonRequest, form: RefuseForm) -> HttpResponse:
    now = timezone.now()
    stage = selectors.stage_of(asked, now)
    obstacles = selectors.obstacles_to_forgetting(asked.email, now) if stage == "waiting" else []
    context = {
        "asked": asked,
        "stage": stage,
        "obstacles": obstacles,
        "is_forbidden": any(one.forbids for one in obstacles),
        "is_late": selectors.late(asked),
        "report": [(line[active_language()], line["count"]) for line in asked.report],
        "form": form,
    }
    return show(request, "privacy/decide.html", context)


@never_cache
@require_safe
def incidents(request: HttpRequest) -> HttpResponse:
    require(request.user, "privacy.keep_register")
    page = page_of(request, selectors.incidents())
    return render(request, "privacy/incidents.html", {"page": page, "params": request.GET})


@never_cache
@WRITING
def incident_new(request: HttpRequest) -> HttpResponse:
    require(request.user, "privacy.keep_register")
    return _incident_form(request, None)


@never_cache
@WRITING
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: what was done since, who was told, when it was closed."""
    require(request.user, "privacy.keep_register")
    return _incident_form(request, get_object_or_404(selectors.incidents(), pk=pk))


def _incident_form(request: HttpRequest, found: Incident | None) -> HttpResponse:
    form = IncidentForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.keep_incident(found, by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, _("It is in the register."))
        return redirect("privacy:incidents")
    back = reverse("privacy:incidents")
    return show(request, "privacy/incident.html", {"form": form, "is_new": found is None, "cancel_url": back})


@never_cache
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """What the nights removed, and the limits that they keep."""
    require(request.user, "privacy.keep_register")
    page = page_of(request, selectors.runs())
    language = active_language()
    rows: list[dict[str, Any]] = [
        {"run": one, "lines": [(line[language], line["count"]) for line in one.lines if line["count"]]} for one in page
    ]
    context = {"page": page, "rows": rows, "params": request.GET, "limits": list(LIMITS.values())}
    return render(request, "privacy/runs.html", context)
