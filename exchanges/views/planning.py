"""The programme, the practical sheet and the documents: both sides on one page."""

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.files import sent
from cmncp_portal.core.screens import number, require, show

from .. import selectors, services
from ..forms import DocumentForm, PracticalForm, StopForm
from ..models import Stop, Visit
from ..rules import side_of
from .common import attempt, head, visit_or_404


def _stop_or_404(visit: Visit, pk: int) -> Stop:
    stop = get_object_or_404(visit.stops.all(), pk=pk)
    stop.visit = visit
    return stop


def programme(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=("stops", "objectives"))
    context = head(visit, request.user) | {
        "days": selectors.day_plans(visit),
        "coverage": selectors.coverage(visit),
        "may_plan": request.user.has_perm("exchanges.plan_visit", visit) and visit.state in services.planning.PLANNABLE,
        "side": side_of(request.user, visit),
    }
    return render(request, "exchanges/programme.html", context)


def stop_add(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.plan_visit", visit)
    form = StopForm(request.POST if request.method == "POST" else None, visit=visit)
    if form.is_valid():
        data = _stop_fields(form)
        if attempt(
            request,
            lambda: services.add_stop(visit, by=request.user, **data),
            _("The stop is proposed; the other side agrees to it."),
        ):
            return redirect("exchanges:programme", reference, leg)
    context = head(visit, request.user) | {"form": form, "stop": None, "cancel_url": _programme_url(visit)}
    return show(request, "exchanges/stop_edit.html", context)


def _programme_url(visit: Visit) -> str:
    return reverse("exchanges:programme", args=[visit.exchange.reference, visit.leg])


def _stop_fields(form: StopForm) -> dict:
    data = dict(form.cleaned_data)
    data.pop("version", None)
    return data


def stop_edit(request: HttpRequest, reference: str, leg: str, pk: int) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.plan_visit", visit)
    stop = _stop_or_404(visit, pk)
    if stop.status == Stop.Status.DROPPED:
        return _dropped_meanwhile(request, visit)
    form = StopForm(chosen(request.POST) if request.method == "POST" else None, instance=stop, visit=visit)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["version"]
        try:
            saved = attempt(
                request,
                lambda: services.keep_stop(stop, seen=seen, by=request.user, **_stop_fields(form)),
                _("The stop is saved."),
            )
        except Conflict as conflict:
            return conflict_page(
                request, form, StopForm(instance=conflict.current, visit=visit), cancel_url=_programme_url(visit)
            )
        if saved:
            return redirect("exchanges:programme", reference, leg)
    context = head(visit, request.user) | {"form": form, "stop": stop, "cancel_url": _programme_url(visit)}
    return show(request, "exchanges/stop_edit.html", context)


def _dropped_meanwhile(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Somebody took the stop off while it was being written: what was typed can be proposed as a new one."""
    messages.info(request, _("The stop is off the programme; it stays in the history."))
    if request.method != "POST":
        return redirect("exchanges:programme", visit.exchange.reference, visit.leg)
    typed = chosen(request.POST).copy()
    typed["version"] = "1"
    context = head(visit, request.user) | {
        "form": StopForm(typed, visit=visit),
        "stop": None,
        "cancel_url": _programme_url(visit),
    }
    return show(request, "exchanges/stop_edit.html", context, status=409)


@require_POST
def stop_move(request: HttpRequest, reference: str, leg: str, pk: int, name: str) -> HttpResponse:
    """Agree, drop, or move earlier or later."""
    visit = visit_or_404(request, reference, leg)
    require(request.user, "exchanges.plan_visit", visit)
    stop = _stop_or_404(visit, pk)
    if name == "agree" and number(request.POST.get("version", "")) != stop.version:
        messages.error(request, _("Somebody changed the plan meanwhile; look at it again."))
        return redirect("exchanges:programme", reference, leg)
    acts = {
        "agree": (lambda: services.agree_stop(stop, by=request.user), _("Agreed.")),
        "drop": (
            lambda: services.drop_stop(stop, by=request.user),
            _("The stop is off the programme; it stays in the history."),
        ),
        "earlier": (lambda: services.move_stop(stop, earlier=True, by=request.user), _("Moved.")),
        "later": (lambda: services.move_stop(stop, earlier=False, by=request.user), _("Moved.")),
    }
    if name not in acts:
        raise Http404
    act, done = acts[name]
    attempt(request, act, done)
    return redirect("exchanges:programme", reference, leg)


def practical(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.plan_visit", visit)
    form = PracticalForm(chosen(request.POST) if request.method == "POST" else None, instance=visit)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        seen, word = data.pop("version"), data.pop("word")
        try:
            saved = attempt(
                request,
                lambda: services.keep_practical(visit, seen=seen, by=request.user, word=word, **data),
                _("The practical details are saved."),
            )
        except Conflict as conflict:
            return conflict_page(
                request, form, PracticalForm(instance=conflict.current), cancel_url=visit.get_absolute_url()
            )
        if saved:
            return redirect(visit)
    context = head(visit, request.user) | {
        "form": form,
        "cancel_url": visit.get_absolute_url(),
        "was_confirmed": visit.state == Visit.State.CONFIRMED,
    }
    return show(request, "exchanges/practical.html", context)


def documents(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.plan_visit", visit)
    is_post = request.method == "POST"
    form = DocumentForm(request.POST if is_post else None, request.FILES if is_post else None)
    if form.is_valid() and attempt(
        request,
        lambda: services.add_document(visit, by=request.user, **form.cleaned_data),
        _("The document is added."),
    ):
        return redirect("exchanges:documents", reference, leg)
    context = head(visit, request.user) | {
        "form": form,
        "documents": visit.documents.all(),
        "side": side_of(request.user, visit),
    }
    return show(request, "exchanges/documents.html", context)


def document(request: HttpRequest, reference: str, leg: str, pk: int) -> FileResponse:
    """Send a file to somebody who may read it: always as a download, never shown inside our pages."""
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.plan_visit", visit)
    return send_file(visit, pk)


def send_file(visit: Visit, pk: int) -> FileResponse:
    """Return the document of `visit` as a download; 404 when the file is gone from the store."""
    found = get_object_or_404(visit.documents.all(), pk=pk)
    return sent(found.file, found.filename)


@require_POST
def document_remove(request: HttpRequest, reference: str, leg: str, pk: int) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.plan_visit", visit)
    found = visit.documents.filter(pk=pk).first()
    done = _("The document is removed.")
    if found is None:  # a second click, or the other tab
        messages.info(request, done)
    else:
        attempt(request, lambda: services.remove_document(found, by=request.user), done)
    return redirect("exchanges:documents", reference, leg)
