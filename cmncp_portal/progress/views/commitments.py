"""Commitments: those of one municipality, one of them with its history, all of the network, and the page behind a letter's link."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, page_of, private, require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality

from .. import taking
from ..commitments_export import as_csv
from ..forms.commitments import AnswersForm, EditCommitmentForm, NetworkFilter, ReportForm, StateFilter
from ..models import Commitment, Inquiry
from ..selectors import commitments as rows
from ..selectors import inquiries
from ..services import commitments as services
from ..services.inquiring import answer_all

WRITING = require_http_methods(["GET", "HEAD", "POST"])


def _place_or_404(request: HttpRequest, slug: str) -> Municipality:
    """Return the municipality if this person may see its commitments."""
    place = get_object_or_404(Municipality.objects.visible_to(request.user), slug=slug)
    if not request.user.has_perm("progress.see_commitments", place):
        raise Http404
    return place


def _commitment_or_404(request: HttpRequest, slug: str, pk: int) -> Commitment:
    return get_object_or_404(rows.for_page(request.user), municipality__slug=slug, pk=pk)


def _list_of(place: Municipality) -> str:
    return reverse("progress:commitments", args=[place.slug])


@require_safe
def commitments(request: HttpRequest, slug: str) -> HttpResponse:
    """What one municipality means to do, and where it was seen."""
    place = _place_or_404(request, slug)
    found = StateFilter(request.GET, queryset=rows.of_place(request.user, place))
    page = page_of(request, found.qs)
    context = {
        "place": place,
        "filter": found,
        "page": page,
        "rows": rows.listed(page.object_list),
        "is_filtered": bool(request.GET.get("state")),
        "may_keep": request.user.has_perm(services.PERMISSION, place),
        "seen_here": rows.seen_in(place, request.user, limit=10),
    }
    return render(request, "progress/commitments.html", context)


@WRITING
def commitment_add(request: HttpRequest, slug: str) -> HttpResponse:
    """A thought that the municipality had itself."""
    place = _place_or_404(request, slug)
    language = active_language()
    return taking.take_home(request, place=place, source=None, text="", language=language, back=_list_of(place))


@WRITING
def commitment(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """One commitment with its history; whoever keeps it says how far it is."""
    one = _commitment_or_404(request, slug, pk)
    may_keep = request.user.has_perm(services.PERMISSION, one)
    if request.method == "POST":
        require(request.user, services.PERMISSION, one)
    form = ReportForm(request.POST or None, commitment=one)
    if request.method == "POST" and form.is_valid() and _reported(request, one, form):
        return redirect(one)
    context = {
        "commitment": one,
        "place": one.municipality,
        "row": rows.listed([one])[0],
        "history": rows.history(one),
        "source_url": rows.source_url(one, request.user),
        "invested": rows.invested(one),
        "form": form if may_keep else None,
        "may_keep": may_keep,
        "owner_left": one.owner is not None and not one.owner.is_current(),
    }
    return show(request, "progress/commitment.html", context)


def _reported(request: HttpRequest, one: Commitment, form: ReportForm) -> bool:
    user: Any = request.user
    return _noted(request, lambda: services.report(one, by=user, by_name=str(user), **form.cleaned_data))


def _noted(request: HttpRequest, act: Callable[[], Any]) -> bool:
    """Do `act` and thank; a refusal is said. Whether it stands noted, now or by the click before."""
    try:
        act()
    except TransitionRefused as refused:
        messages.add_message(request, messages.INFO if refused.done_already else messages.ERROR, str(refused))
        return refused.done_already
    messages.success(request, _("Thank you: it is noted."))
    return True


@WRITING
def commitment_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The words, the owner, the day."""
    one = _commitment_or_404(request, slug, pk)
    require(request.user, services.PERMISSION, one)
    place = one.municipality
    sent = chosen(request.POST) if request.method == "POST" else None
    form = EditCommitmentForm(sent, instance=one, place=place)
    if request.method == "POST" and form.is_valid():
        said_in = one.language if form.cleaned_data["text"] == one.text else active_language()
        seen, fields = form.cleaned_data["version"], {**form.written, "language": said_in}
        try:
            if attempt(request, lambda: services.change(one, seen=seen, by=request.user, **fields), _("Saved.")):
                return redirect(one)
        except Conflict as conflict:
            fresh = EditCommitmentForm(instance=conflict.current, place=place)
            return conflict_page(request, form, fresh, cancel_url=one.get_absolute_url())
    context = {"commitment": one, "place": place, "form": form, "cancel_url": one.get_absolute_url()}
    return show(request, "progress/commitment_edit.html", context)


def _network(request: HttpRequest, found: Any) -> NetworkFilter:
    require(request.user, "progress.list_commitments")
    return NetworkFilter(request.GET, queryset=found)


@require_safe
def network(request: HttpRequest) -> HttpResponse:
    """The commitments of all municipalities, for who follows what comes of the network's work."""
    found = _network(request, rows.visible(request.user))
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page": page,
        "rows": rows.listed(page.object_list),
        "counts": rows.counts(found.qs),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
    }
    return render(request, "progress/commitments_network.html", context)


@never_cache
@require_safe
def commitments_export(request: HttpRequest) -> HttpResponse:
    """The same list as a file; names are in it for the network's coordinators only."""
    found = _network(request, rows.for_page(request.user))
    data = as_csv(found.qs, with_names=request.user.has_perm("progress.export_network"))
    name = f"commitments-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(data, content_type="text/csv; charset=utf-8", headers=headers)


@private
@WRITING
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of a letter: no account, and opening it changes nothing."""
    inquiry = Inquiry.from_token(token)
    lines = inquiries.lines_of(inquiry) if inquiry and not inquiries.is_over(inquiry) else []
    if inquiry is None or not lines:
        return render(request, "progress/commitment_link_gone.html", status=410 if inquiry else 404)
    form = AnswersForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid() and _noted(request, lambda: answer_all(inquiry, form.said)):
        return redirect("progress:answer", token)
    context = {"inquiry": inquiry, "place": inquiry.municipality, "form": form}
    return show(request, "progress/commitment_answer.html", context)
