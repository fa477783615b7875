"""The list, asking for an exchange, one exchange with both legs, and finding a host."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.middleware import HtmxDetails

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import page_of, require, show
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.rules import municipality_ids_of

from .. import notifications as kinds
from .. import selectors, services
from ..forms import ExchangeFilter, RequestForm, StartForm
from ..models import Exchange, Side, Visit
from ..selectors.lists import title_of
from ..workflow import ANSWER_DAYS, REQUEST_GUARDS, VISIT, active_team, missing
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
        "params": request.GET,
    }
    asked: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    in_place = asked and not (asked.boosted or asked.history_restore_request)
    template = "exchanges/parts/results.html" if in_place else "exchanges/exchange_list.html"
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])  # or the browser's way back would show the part alone
    return answer


def _own_municipalities(user: Any) -> Any:
    places = Municipality.objects.exclude(kind="organisation").order_by("name_en")
    return places if is_secretariat(user) else places.filter(pk__in=municipality_ids_of(user))


def ask(request: HttpRequest) -> HttpResponse:
    require(request.user, "exchanges.ask")
    data = request.POST if request.method == "POST" else None
    form = StartForm(data, municipalities=_own_municipalities(request.user))
    if form.is_valid():
        exchange = _just_begun(request.user, **form.cleaned_data) or services.start_request(
            by=request.user, **form.cleaned_data
        )
        messages.success(request, _("Your draft is saved. Nobody outside your municipality sees it until you send it."))
        return redirect("exchanges:request", exchange.reference)
    return show(request, "exchanges/ask.html", {"form": form})


def _just_begun(user: Any, guest: Municipality, challenge: str) -> Exchange | None:
    """The same draft, begun a moment ago: the button was pressed twice."""
    moment = timezone.now() - timedelta(minutes=1)
    drafts = Exchange.objects.filter(guest=guest, challenge=challenge, requested_by=user, submitted_at=None)
    return drafts.filter(created_at__gte=moment).first()


def exchange_detail(request: HttpRequest, reference: str) -> HttpResponse:
    exchange = exchange_or_404(request, reference)
    visit = exchange.current_visit
    visit.exchange = exchange
    prefetch_related_objects([exchange], "visits__changes")
    changes = [c for v in exchange.visits.all() for c in v.changes.all()]
    context = head(visit, request.user) | {
        "steps": selectors.path_of(exchange),
        "legs": [(v, title_of(v), selectors.stage_of(v), selectors.next_step(v)) for v in _with(exchange)],
        "entries": history(changes),
        "objectives": exchange.objectives.all(),
        "host_requests": _answers(visit, request.user),
        "close_reason": services.after.may_close(exchange),
        "may_decide": request.user.has_perm("exchanges.decide_return", exchange.first_visit),
    }
    return render(request, "exchanges/exchange_detail.html", context)


def _with(exchange: Exchange) -> list[Visit]:
    legs = list(exchange.visits.all())
    for visit in legs:
        visit.exchange = exchange
    return legs


def _answers(visit: Visit, user: Any) -> list[Any]:
    """What hosts answered, for the visitors; a word that is not for them is for the network alone.

    A host reads its own answer and not whether others were asked before.
    """
    everything = is_secretariat(user)
    rows = visit.exchange.host_requests.select_related("municipality")
    if not everything and visit.exchange.guest_id not in municipality_ids_of(user):
        rows = rows.filter(municipality_id__in=municipality_ids_of(user))
    found = list(rows)
    for row in found:
        row.word = row.text if everything or row.is_text_shared else ""
    return found


def history(changes: list[Any]) -> list[dict[str, Any]]:
    """Return state changes as the timeline shows them, newest first."""
    return [
        {
            "at": c.at,
            "text": VISIT[c.transition].happened if c.transition in VISIT.transitions else _("Return visit proposed"),
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
        if _is_autosave(request):
            return JsonResponse({"saved": False}, status=409)
        messages.info(request, _("This request has been sent; it is no longer a draft."))
        return redirect(exchange)
    form = RequestForm(chosen(request.POST) if request.method == "POST" else None, instance=exchange)
    if form.is_valid() or form.is_bound and _is_autosave(request) and "version" in form.cleaned_data:
        return _keep_request(request, exchange, form)
    context = head(visit, request.user) | {
        "form": form,
        "missing": missing(visit, REQUEST_GUARDS),
        "cancel_url": exchange.get_absolute_url(),
    }
    return show(request, "exchanges/request_edit.html", context)


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
            topics=form.kept("topics"),
            programmes=form.kept("programmes"),
            objectives=data["objectives"],
            preferred_hosts=data["preferred_hosts"],
            windows=data["windows"],
        )
    except Conflict as conflict:
        if _is_autosave(request):
            return JsonResponse({"saved": False}, status=409)
        return conflict_page(request, form, RequestForm(instance=conflict.current), cancel_url=request.path)
    if _is_autosave(request):
        # What cannot be kept yet, such as half a period, stays on the page and is said to be unsaved.
        return JsonResponse({"saved": not form.errors, "version": exchange.version, "left_out": sorted(form.errors)})
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
    letters = _request_letter(visit, hosts[0].municipality) if hosts else []
    context = head(visit, request.user) | {
        "missing": missing(visit, REQUEST_GUARDS),
        "hosts": hosts,
        "letters": letters,
        "windows": visit.latest_windows,
        "team": visit.team.all(),
    }
    return render(request, "exchanges/review.html", context)


def _request_letter(visit: Visit, host: Municipality) -> list[Any]:
    """Return the letter that the first host would get, as if it were asked today. Nothing is saved."""
    visit.exchange.host = host
    due_on = timezone.localdate() + timedelta(days=ANSWER_DAYS)
    values = kinds.request_values(visit, due_on=due_on, team_size=len(active_team(visit, Side.VISITORS)))
    name = {code: host.name_in(code) for code in ("en", "fr")}
    letters = kinds.preview(kinds.REQUEST_RECEIVED, visit, name=name, **values)
    visit.exchange.host = None
    return letters


def hosts(request: HttpRequest, reference: str) -> HttpResponse:
    """Suggestions with their reasons; the network asks one municipality at a time."""
    exchange = exchange_or_404(request, reference)
    require(request.user, "exchanges.write_request", exchange.first_visit)
    may_find = request.user.has_perm("exchanges.find_host", exchange.first_visit)
    if request.method == "POST":
        require(request.user, "exchanges.find_host", exchange.first_visit)
        places = Municipality.objects.exclude(kind="organisation")
        host = get_object_or_404(places, slug=slugify(request.POST.get("host", "")))
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
