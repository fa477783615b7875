"""The list, asking for an exchange, one exchange with both legs, and finding a host."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import page_of, require
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.rules import municipality_ids_of

from .. import selectors, services
from ..forms import ExchangeFilter, RequestForm, StartForm
from ..models import Exchange, Visit
from ..selectors.lists import title_of
from ..workflow import REQUEST_GUARDS, VISIT, missing
from .common import attempt, exchange_or_404, head


def exchange_list(request: HttpRequest) -> HttpResponse:
    found = ExchangeFilter(request.GET, queryset=selectors.exchange_list(request.user))
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page": page,
        "rows": selectors.listed(page.object_list),
        "may_ask": request.user.has_perm("exchanges.ask"),
        "is_filtered": any(request.GET.get(name) for name in found.filters),
    }
    return render(request, "exchanges/exchange_list.html", context)


def _own_municipalities(user: Any) -> Any:
    places = Municipality.objects.exclude(kind="organisation").order_by("name_en")
    return places if is_secretariat(user) else places.filter(pk__in=municipality_ids_of(user))


def ask(request: HttpRequest) -> HttpResponse:
    require(request.user, "exchanges.ask")
    form = StartForm(request.POST or None, municipalities=_own_municipalities(request.user))
    if request.method == "POST" and form.is_valid():
        exchange = services.start_request(by=request.user, **form.cleaned_data)
        messages.success(request, _("Your draft is saved. Nobody outside your municipality sees it until you send it."))
        return redirect("exchanges:request", exchange.reference)
    return render(request, "exchanges/ask.html", {"form": form})


def exchange_detail(request: HttpRequest, reference: str) -> HttpResponse:
    exchange = exchange_or_404(request, reference)
    visit = exchange.current_visit
    visit.exchange = exchange
    changes = [c for v in exchange.visits.all() for c in v.changes.all()]
    context = head(visit, request.user) | {
        "steps": selectors.path_of(exchange),
        "legs": [(v, title_of(v), selectors.stage_of(v), selectors.next_step(v)) for v in _with(exchange)],
        "entries": history(changes),
        "objectives": exchange.objectives.all(),
        "host_requests": _answers(exchange, request.user),
        "close_reason": services.after.may_close(exchange),
        "may_decide": request.user.has_perm("exchanges.decide_return", exchange.first_visit),
    }
    return render(request, "exchanges/exchange_detail.html", context)


def _with(exchange: Exchange) -> list[Visit]:
    legs = list(exchange.visits.all())
    for visit in legs:
        visit.exchange = exchange
    return legs


def _answers(exchange: Exchange, user: Any) -> list[Any]:
    """What hosts answered: a word that is not for the visitors is for the network alone."""
    rows = list(exchange.host_requests.select_related("municipality"))
    everything = is_secretariat(user)
    for row in rows:
        row.word = row.text if everything or row.is_text_shared else ""
    return rows


def history(changes: list[Any]) -> list[dict[str, Any]]:
    """Return state changes as the timeline shows them, newest first."""
    return [
        {
            "at": c.at,
            "text": VISIT[c.transition].label if c.transition in VISIT.transitions else _("Return visit proposed"),
            "by": c.by_name,
            "note": c.note,
        }
        for c in sorted(changes, key=lambda c: c.at, reverse=True)
    ]


def request_edit(request: HttpRequest, reference: str) -> HttpResponse:
    exchange = exchange_or_404(request, reference)
    visit = exchange.first_visit
    require(request.user, "exchanges.write_request", visit)
    if visit.state != Visit.State.DRAFT:
        messages.info(request, _("This request has been sent; it is no longer a draft."))
        return redirect(exchange)
    form = RequestForm(chosen(request.POST) if request.method == "POST" else None, instance=exchange)
    if request.method == "POST" and form.is_valid():
        return _keep_request(request, exchange, form)
    if request.method == "POST" and _is_autosave(request):
        return JsonResponse({"saved": False}, status=422)
    context = head(visit, request.user) | {
        "form": form,
        "missing": missing(visit, REQUEST_GUARDS),
        "cancel_url": exchange.get_absolute_url(),
    }
    return render(request, "exchanges/request_edit.html", context, status=422 if form.errors else 200)


def _is_autosave(request: HttpRequest) -> bool:
    return request.headers.get("X-Autosave") == "1" or request.POST.get("autosave") == "1"


def _keep_request(request: HttpRequest, exchange: Exchange, form: RequestForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        services.keep_request(
            exchange,
            seen=data["version"],
            by=request.user,
            fields=form.plain_fields(),
            topics=data["topics"],
            programmes=data["programmes"],
            objectives=data["objectives"],
            preferred_hosts=data["preferred_hosts"],
            windows=data["windows"],
        )
    except Conflict as conflict:
        if _is_autosave(request):
            return JsonResponse({"saved": False}, status=409)
        return conflict_page(request, form, RequestForm(instance=conflict.current), cancel_url=request.path)
    if _is_autosave(request):
        return JsonResponse({"saved": True, "version": exchange.version})
    messages.success(request, _("Your draft is saved."))
    return redirect("exchanges:review" if "review" in request.POST else "exchanges:request", exchange.reference)


def review(request: HttpRequest, reference: str) -> HttpResponse:
    """Read the request over in plain words, see what is missing and who will be told, and send it."""
    exchange = exchange_or_404(request, reference)
    visit = exchange.first_visit
    require(request.user, "exchanges.submit_request", visit)
    if request.method == "POST":
        if attempt(
            request,
            lambda: services.submit_request(exchange, by=request.user),
            _("Your request is sent. You get a receipt by email."),
        ):
            return redirect(exchange)
        return redirect("exchanges:review", reference)
    if visit.state != Visit.State.DRAFT:
        return redirect(exchange)
    hosts = list(exchange.preferred_hosts.select_related("municipality"))
    context = head(visit, request.user) | {
        "missing": missing(visit, REQUEST_GUARDS),
        "hosts": hosts,
        "windows": visit.latest_windows,
        "team": visit.team.all(),
    }
    return render(request, "exchanges/review.html", context)


def hosts(request: HttpRequest, reference: str) -> HttpResponse:
    """Suggestions with their reasons; the network asks one municipality at a time."""
    exchange = exchange_or_404(request, reference)
    require(request.user, "exchanges.write_request", exchange.first_visit)
    may_find = request.user.has_perm("exchanges.find_host", exchange.first_visit)
    if request.method == "POST":
        require(request.user, "exchanges.find_host", exchange.first_visit)
        host = get_object_or_404(Municipality.objects.exclude(kind="organisation"), slug=request.POST.get("host", ""))
        done = _("%(host)s is asked; the visitors are told.") % {"host": host}
        attempt(request, lambda: services.ask_host(exchange, host, by=request.user), done)
        return redirect(exchange)
    context = head(exchange.first_visit, request.user) | {
        "suggestions": selectors.suggest_hosts(exchange, limit=8),
        "may_find": may_find,
    }
    return render(request, "exchanges/hosts.html", context)


@require_POST
def close(request: HttpRequest, reference: str) -> HttpResponse:
    exchange = exchange_or_404(request, reference)
    require(request.user, "exchanges.close_exchange", exchange.first_visit)
    attempt(
        request,
        lambda: services.close_exchange(exchange, by=request.user),
        _("The exchange is closed. Both sides are told; the report for council is ready."),
    )
    return redirect(exchange)
