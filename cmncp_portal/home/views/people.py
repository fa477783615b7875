"""What people come for: the front page or their own page, the search, and what a municipality does."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie, vary_on_headers

from cmncp_portal.network.models import Municipality
from cmncp_portal.progress.selectors.commitments import seen_in, taken_home
from exchanges.selectors import overview

from .. import dashboard
from .. import front as front_page
from .. import search as searching

TRAILS = 12  # of each way; the page of its commitments has all


@login_not_required
@vary_on_cookie
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """The network for visitors; what waits for whoever is signed in."""
    if not request.user.is_authenticated:
        return render(request, "home/front.html", {"members": front_page.members()})
    mine = dashboard.dashboard(request.user)
    return render(request, "home/dashboard.html", {"mine": mine, "waiting": mine.waiting})


@require_safe
def to_front(request: HttpRequest) -> HttpResponse:
    """An address that asks for the sign-in first, then leads to one's own page."""
    return redirect("home:front")


@login_not_required
@vary_on_cookie
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[: searching.LONGEST]
    found = searching.find(request.user, text)
    return render(request, "home/search.html", {"text": text, "found": found, "number": len(found)})


@vary_on_headers("HX-Request")
@require_safe
def municipality_activity(request: HttpRequest, slug: str) -> HttpResponse:
    """The exchanges of a municipality that the reader may see, and what was seen there and done elsewhere, or the other way.

    A page, or for htmx the part that goes into its portrait.
    """
    place = get_object_or_404(Municipality.objects.visible_to(request.user), slug=slug)
    rows = overview(request.user, limit=dashboard.SHOWN, dates=0, of=place)
    template = "home/activity_rows.html" if request.htmx else "home/activity.html"  # type: ignore[attr-defined]
    context = {
        "place": place,
        "rows": rows,
        "seen_here": seen_in(place, request.user, limit=TRAILS),
        "taken_home": taken_home(place, request.user, limit=TRAILS),
    }
    return render(request, template, context)
