"""From an idea to something a municipality means to do."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality
from cmncp_portal.progress.services.commitments import Source
from cmncp_portal.progress.taking import take_home

from ..models import Visit
from ..rules import side_of
from ..selectors import ledger as found
from .common import head, visit_or_404


def _place(visit: Visit, user: Any) -> Municipality | None:
    """The municipality for which this person may commit, on whose side she is."""
    side = side_of(user, visit)
    place = visit.municipality_of(side) if side else None
    return place if place and user.has_perm("progress.keep_commitments", place) else None


@require_safe
def ideas(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """What people want to take home, and what became of it."""
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.catch_idea", visit)
    if visit.hosting is None:
        return redirect(visit)
    side, place = side_of(request.user, visit), _place(visit, request.user)
    context = head(visit, request.user) | {"lines": found.ledger(visit, side, place, request.user), "place": place}
    return show(request, "exchanges/ideas.html", context)


def commit(request: HttpRequest, reference: str, leg: str, key: str) -> HttpResponse:
    """Make an idea a commitment of one's own municipality."""
    visit = visit_or_404(request, reference, leg, only=())
    require(request.user, "exchanges.catch_idea", visit)
    side, place = side_of(request.user, visit), _place(visit, request.user)
    lines = found.ledger(visit, side, place, request.user) if visit.hosting else []
    line = next((one for one in lines if one.key == key), None)
    if line is None or place is None or side is None:
        raise Http404
    return take_home(
        request,
        place=place,
        source=Source(**found.source_values(visit, line, side)),
        text=line.text,
        language=line.language or active_language(),
        back=reverse("exchanges:ideas", args=[reference, leg]),
    )
