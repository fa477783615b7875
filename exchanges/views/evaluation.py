"""The two sides next to each other, the return visit, the report for council."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.evaluation.results import beside, summarise

from .. import selectors, services
from ..forms import ReturnForm, WindowsForm
from ..models import Visit
from ..report import report_pdf
from ..rules import side_of
from .common import attempt, exchange_or_404, head, reason_page, visit_or_404


@require_safe
def evaluations(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """Counts for both sides at any time; answers once they are released, side by side. Reviewers find names and comments on their desk."""
    visit = visit_or_404(request, reference, leg, only=())
    user = request.user
    may_read = user.has_perm("exchanges.read_results", visit)
    if not may_read:
        require(user, "exchanges.read_counts", visit)
    if visit.state != Visit.State.HELD:
        return redirect(visit)
    rows = selectors.evaluation_counts(visit)
    mine = side_of(user, visit)
    context = head(visit, user) | {
        "reports": _reports(visit),
        "rows": rows,
        "groups": beside([(str(row.municipality), _summaries(row, mine)) for row in rows]) if may_read else [],
        "my_invitation": _my_invitation(user, rows),
        "desk_url": rows[0].evaluation.survey.occasion.get_absolute_url()
        if rows and user.has_perm("evaluation.review")
        else "",
        "may_close_one_sided": user.has_perm("exchanges.close_one_sided", visit) and not visit.released_at,
        "ideas": visit.ideas.filter(is_shared=True).select_related("programme")[:50],
    }
    return show(request, "exchanges/evaluations.html", context)


def _summaries(row: Any, mine: str | None) -> Any:
    viewer = "own_side" if row.side == mine else "other_side"
    return summarise([row.evaluation.survey], viewer=viewer)


def _my_invitation(user: Any, rows: list[Any]) -> Invitation | None:
    surveys = [row.evaluation.survey_id for row in rows]
    mine = Invitation.objects.filter(survey__in=surveys, email__iexact=user.email, excused_at__isnull=True)
    return mine.select_related("survey").first()


@require_POST
def evaluation_move(request: HttpRequest, reference: str, leg: str, name: str) -> HttpResponse:
    """Release one-sided with a reason."""
    visit = visit_or_404(request, reference, leg)
    if name == "one-sided":
        require(request.user, "exchanges.close_one_sided", visit)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            return reason_page(request, visit, form, _("Release the answers of one side"))
        note = form.cleaned_data["note"]
        attempt(
            request,
            lambda: services.close_one_sided(visit, by=request.user, reason=note),
            _("The answers are released."),
        )
    else:
        raise Http404
    return redirect("exchanges:evaluations", reference, leg)


def return_visit(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """Now, with dates; later; or not needed, with a reason."""
    visit = visit_or_404(request, reference, leg, only=())
    exchange = visit.exchange
    require(request.user, "exchanges.decide_return", visit)
    which = request.POST.get("answer", "")
    dates = WindowsForm(request.POST if which == "dates" else None, count=3)
    other = ReturnForm(request.POST if which == "decision" else None)
    if request.method == "POST":
        if which == "dates" and dates.is_valid():
            windows, word = dates.cleaned_data["windows"], dates.cleaned_data["word"]
            if attempt(
                request,
                lambda: services.propose_return(exchange, windows=windows, by=request.user, word=word),
                _("The return visit is proposed; the other side is told."),
            ):
                return redirect(exchange)
        if (
            which == "decision"
            and other.is_valid()
            and attempt(
                request,
                lambda: services.decide_return(exchange, by=request.user, **other.cleaned_data),
                _("Your decision is saved."),
            )
        ):
            return redirect(exchange)
    is_open = (
        visit.leg == Visit.Leg.FIRST
        and visit.state == Visit.State.HELD
        and not exchange.closed_at
        and not exchange.visits.filter(leg=Visit.Leg.RETURN).exists()
    )
    context = head(visit, request.user) | {
        "dates": dates,
        "other": other,
        "is_open": is_open,
        "cancel_url": exchange.get_absolute_url(),
    }
    return show(request, "exchanges/return.html", context)


def _reports(visit: Visit) -> list[dict[str, str]]:
    """Return where the report for council is, in each language."""
    found = []
    for code, name in settings.LANGUAGES:
        with translation.override(code):
            found.append(
                {"code": code, "name": name, "url": reverse("exchanges:report", args=[visit.exchange.reference])}
            )
    return found


def report(request: HttpRequest, reference: str) -> HttpResponse:
    """The short report for council, as an accessible PDF in the page's language."""
    exchange = exchange_or_404(request, reference)
    if exchange.first_visit.state != Visit.State.HELD or not exchange.first_visit.released_at:
        raise Http404
    require(request.user, "exchanges.read_results", exchange.first_visit)
    language = active_language()
    name = f"{reference}-{language}.pdf"
    return HttpResponse(
        report_pdf(exchange, language),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}"'},
    )
