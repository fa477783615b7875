"""The calendar by month, and the personal address for calendar programs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from cmncp_portal.core.screens import absolute

from .. import dates, services
from ..models import CalendarFeed


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """One month in words, what follows it, and the month before and after."""
    month = dates.Month.from_text(request.GET.get("month", ""))
    entries, later = dates.month_page(request.user, month)
    return render(request, "home/calendar.html", {"month": month, "entries": entries, "later": later})


@require_http_methods(["GET", "HEAD", "POST"])
def feed_address(request: HttpRequest) -> HttpResponse:
    """Show one's calendar address; make, renew or revoke it by a POST."""
    user: Any = request.user
    if request.method != "POST":
        feed = dates.open_feed(user)
        address = absolute(reverse("home:feed", args=[feed.token])) if feed else ""
        return render(request, "home/feed_address.html", {"address": address})
    if request.POST.get("act") == "revoke":
        services.revoke_feed(by=user)
        messages.success(request, _("Your calendar address no longer opens anything."))
    else:
        services.renew_feed(by=user)
        messages.success(request, _("This is your calendar address. Any earlier one no longer opens anything."))
    return redirect("home:feed_address")


@login_not_required
@require_safe
@cache_control(private=True, max_age=300)
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The dates of whoever has this address, without a sign-in: calendar programs cannot sign in. 404 once it is revoked."""
    found = CalendarFeed.from_token(token)
    if found is None:
        raise Http404
    answer = HttpResponse(dates.feed_file(found), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer["X-Robots-Tag"] = "noindex"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
