"""Finding one's way in mentoring: the first page, the list of agreements, the list as a file."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import page_of, require

from ..forms.matching import AgreementFilter
from ..selectors import finding as selectors

FEW = 10  # agreements on the first page; the list has them all


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What mentoring is, what one's municipality looks for and gives, and whose turn it is."""
    user: Any = request.user
    agreements = selectors.agreement_list(user).filter(selectors.GROUPS["open"])[: FEW + 1]
    rows = selectors.listed(agreements, user)
    context = {
        "places": selectors.own_places(user),
        "rows": rows[:FEW],
        "has_more": len(rows) > FEW,
        "may_match": user.has_perm("mentoring.match"),
        "numbers": selectors.numbers() if user.has_perm("mentoring.see_network") else None,
    }
    return render(request, "mentoring/finding/overview.html", context)


@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    found = AgreementFilter(request.GET, queryset=selectors.agreement_list(request.user), user=request.user)
    page = page_of(request, found.qs)
    context = {
        "filter": found,
        "page": page,
        "rows": selectors.listed(page.object_list, request.user),
        "is_filtered": found.is_filtered,
        "may_export": request.user.has_perm("mentoring.match"),
        "params": request.GET,
    }
    return render(request, "mentoring/finding/agreements.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered, as a CSV file, for coordinators."""
    require(request.user, "mentoring.match")
    found = AgreementFilter(request.GET, queryset=selectors.agreement_list(request.user), user=request.user)
    answer = HttpResponse(selectors.agreements_file(found.qs, request.user), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="mentoring-{timezone.localdate()}.csv"'
    return answer
