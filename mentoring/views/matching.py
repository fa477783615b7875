"""The desk of the coordinators: who looks for a mentor, who has room, who fits, and the best set of pairs."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.screens import attempt, page_of, require
from cmncp_portal.network.matching import WEIGHTS, score

from ..selectors import matching as selectors
from ..selectors.best_set import NOBODY, whole_set
from ..services import proposing as services


def _need(request: HttpRequest, pk: int) -> Any:
    return get_object_or_404(selectors.open_needs(request.user), pk=pk)


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """Open needs, the oldest first; or, with ?show=offers, the mentors and the places that they have."""
    require(request.user, "mentoring.match")
    shows_offers = request.GET.get("show") == "offers"
    rows = selectors.offers_to_match(request.user) if shows_offers else selectors.open_needs(request.user)
    page = page_of(request, rows)
    offers = [selectors.room_of(offer) for offer in page.object_list] if shows_offers else []
    context = {"page": page, "shows_offers": shows_offers, "offers": offers, "params": request.GET}
    return render(request, "mentoring/matching/desk.html", context)


@require_safe
def candidates(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, "mentoring.match")
    need = _need(request, pk)
    found = selectors.candidates_for(need, request.user)
    context = {
        "need": need,
        "stage": selectors.stage_of_need(need),
        "topics": [selectors.Name(topic["en"], topic["fr"]) for topic in need.topic_names],
        "page": page_of(request, found.matches),  # type: ignore[arg-type]  # a list is cut into pages as well
        "left": found.left,
        "weights": WEIGHTS.values(),
        "params": request.GET,
    }
    return render(request, "mentoring/matching/candidates.html", context)


@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare an agreement with the mentor that was posted; nobody is told before it is read over and asked."""
    require(request.user, "mentoring.match")
    need = _need(request, pk)
    offers = selectors.offers_to_match(request.user, but_for=need.pk)
    offer = get_object_or_404(offers, municipality__slug=slugify(request.POST.get("mentor", "")))
    match = score(selectors.seeker_of(need), selectors.candidate_of(offer))
    made = []

    def act() -> None:
        made.append(services.propose(need, offer, by=request.user, reasons=selectors.as_read(match, need)))

    if attempt(request, act, _("Prepared. Read it over, then ask both municipalities.")):
        return redirect(made[0])
    return redirect("mentoring:candidates", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def best_set(request: HttpRequest) -> HttpResponse:
    """The best set beside the coordinator's own choice. Looking saves nothing; posting prepares the pairs that are shown."""
    require(request.user, "mentoring.match")
    if request.method == "POST":
        return _prepare(request)
    asked = {name: str(value) for name, value in request.GET.items() if name.startswith("need-")}
    whole = whole_set(request.user, asked)
    context = {"whole": whole, "nobody": NOBODY, "has_chosen": bool(asked)}
    return render(request, "mentoring/matching/best_set.html", context)


def _prepare(request: HttpRequest) -> HttpResponse:
    """Prepare the pairs that the page held; one that cannot be any more is told with its reason."""
    asked = {name: str(value) for name, value in request.POST.items() if name.startswith("need-")}
    whole = whole_set(request.user, asked)
    pairs = [
        (need, offer, selectors.as_read(match, need))
        for need, offer, match in whole.pairs("chosen")
        if f"need-{need.pk}" in asked
    ]
    made, refused = services.prepare(pairs, by=request.user)
    refused += [f"{line.need}: {line.problem}" for line in whole.lines if line.problem]
    for reason in refused:
        messages.error(request, reason)
    if not made:
        messages.info(request, _("Nothing was prepared."))
        return redirect("mentoring:best_set")
    done = ngettext("One proposal is prepared.", "%(n)s proposals are prepared.", len(made)) % {"n": len(made)}
    messages.success(request, _("%(done)s Nobody is told before you read each and ask.") % {"done": done})
    return redirect(f"{reverse('mentoring:agreements')}?group=asked")
