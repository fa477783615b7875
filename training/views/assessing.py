"""Answering what people show, and taking a certificate back."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, page_of, require, show

from ..forms.people import AnswerForm
from ..models import CompetencyText, EvidenceClaim
from ..selectors import people as selected
from ..selectors.certificates import certificates_near, written
from ..services import certificates, evidence

ANSWERS = ("accept", "ask_more", "decline")


@require_safe
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for an assessor, the longest waiting first; ?show=answered for what was answered."""
    require(request.user, "training.assess_any")
    answered = request.GET.get("show") == "answered"
    page = page_of(request, selected.claims_for(request.user, answered=answered))
    rows = [(claim, selected.claim_title(claim), selected.CLAIM_TONES[claim.state]) for claim in page.object_list]
    context = {"page": page, "rows": rows, "answered": answered, "params": request.GET}
    return render(request, "training/people/claims.html", context)


@require_safe
@never_cache
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """What somebody shows, beside the criteria that it is read against."""
    found = _claim(request, pk)
    forms = {name: _form(name, initial={"seen": found.version}) for name in ANSWERS}
    return render(request, "training/people/claim.html", _context(request, found, forms))


def _claim(request: HttpRequest, pk: int) -> EvidenceClaim:
    require(request.user, "training.assess_any")
    rows = selected.readable(request.user).select_related("learner__stakeholder__municipality", "certificate")
    found = get_object_or_404(rows, pk=pk)
    require(request.user, "training.assess", found)
    return found


def _form(name: str, *posted: Any, **more: Any) -> AnswerForm:
    return AnswerForm(*posted, required=name != "accept", auto_id=f"{name}_%s", **more)


def _context(request: HttpRequest, found: EvidenceClaim, forms: dict[str, AnswerForm]) -> dict[str, Any]:
    texts = CompetencyText.objects.select_related("domain", "version__standard").prefetch_related("criteria")
    text = texts.get(competency=found.competency_id, version=found.standard_version_id)
    moves = selected.moves_for(found, request.user)
    return {
        "claim": found,
        "text": text,
        "criteria": [one for one in text.criteria.all() if one.level == found.level],
        "tone": selected.CLAIM_TONES[found.state],
        "moves": moves,
        "forms": [(name, moves[name], forms[name]) for name in ANSWERS if name in moves],
        "has_error": any(form.errors for form in forms.values()),
        "entries": selected.history_of(found),
        "certificate": getattr(found, "certificate", None),
    }


@require_POST
def claim_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Accept, ask for more, or decline with a reason."""
    found = _claim(request, pk)
    acts: dict[str, tuple[Callable[..., Any], str]] = {
        "accept": (evidence.accept, _("It is accepted. %(name)s gets a certificate.")),
        "ask_more": (evidence.ask_more, _("%(name)s hears what is missing by email.")),
        "decline": (evidence.decline, _("%(name)s hears of it by email, with your reason.")),
    }
    if name not in acts:
        raise Http404
    form = _form(name, request.POST)
    if not form.is_valid():
        forms = {one: _form(one, initial={"seen": found.version}) for one in ANSWERS} | {name: form}
        return show(request, "training/people/claim.html", _context(request, found, forms))
    act, done = acts[name]
    attempt(request, lambda: act(found, by=request.user, **form.cleaned_data), done % {"name": found.learner.name})
    return redirect("training:claim", pk)


def revoke(request: HttpRequest, code: str) -> HttpResponse:
    """Take a certificate back, with the reason that the person reads."""
    certificate = get_object_or_404(certificates_near(request.user), code=written(code))
    require(request.user, "training.revoke", certificate)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["note"]
        done = _("The certificate is revoked. %(name)s hears of it by email.") % {"name": certificate.name}
        attempt(request, lambda: certificates.revoke(certificate, by=request.user, reason=reason), done)
        return redirect(certificate)
    context = {"form": form, "certificate": certificate, "cancel_url": certificate.get_absolute_url()}
    return show(request, "training/certificates/revoke.html", context)
