"""The front page of training: what holds, what is consulted on, what comes next."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY
from cmncp_portal.network.rules import places_of

from ..selectors.standards import front


@login_not_required
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    user = request.user
    may = {
        name: user.has_perm(f"training.{name}")
        for name in ("draft_standards", "see_module_desk", "plan_offering", "assess_any", "see_coverage")
    }
    context = {
        "found": front(user),
        "may": may,
        "works": any(may.values()),
        "places": [p.municipality for p in places_of(user) if p.standing in SPEAKS_FOR_MUNICIPALITY],
    }
    return render(request, "training/overview.html", context)
