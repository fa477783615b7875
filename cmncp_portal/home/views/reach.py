"""The coordinator's picture: whom the network reaches, who visited whom, and whom nothing has reached."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cmncp_portal.core.screens import page_of, require

from .. import reach as reaching
from ..forms import ReachForm
from ..reach_file import answering, reach_file
from ..reach_map import off_the_map, reach_map

FIRST_WAYS = 10  # of who visited whom, beside the map


def _asked(request: HttpRequest, here: str) -> dict[str, Any]:
    require(request.user, "exchanges.see_reach")
    form = ReachForm(request.GET)
    return {
        "form": form,
        "reach": reaching.reach(form.wanted),
        "here": here,
        "may_invite": request.user.has_perm("home.invite_unreached"),
        "params": request.GET,
    }


@require_safe
def reach(request: HttpRequest) -> HttpResponse:
    """The map, each municipality with what it took part in, and the tables by province, size, language and membership."""
    context = _asked(request, "reach")
    found = context["reach"]
    drawn = {"map": reach_map(found), "unplaced": off_the_map(found)}
    lists = {"page": page_of(request, found.lines), "ways": found.journeys[:FIRST_WAYS]}
    return render(request, "home/reach.html", context | drawn | lists)


@require_safe
def ways(request: HttpRequest) -> HttpResponse:
    """Who visited whom."""
    context = _asked(request, "ways")
    return render(request, "home/reach_ways.html", context | {"page": page_of(request, context["reach"].journeys)})


@require_safe
def unreached(request: HttpRequest) -> HttpResponse:
    """Whom nothing has reached; for the Secretariat with those who answer for them."""
    context = _asked(request, "unreached")
    page = page_of(request, context["reach"].never)
    people = answering(line.place for line in page) if context["may_invite"] else {}
    rows = [(line.place, people.get(line.place.pk, [])) for line in page]
    return render(request, "home/reach_unreached.html", context | {"page": page, "rows": rows})


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The picture as it is filtered, as a CSV file, with those who answer for each municipality."""
    require(request.user, "home.invite_unreached")
    answer = HttpResponse(
        reach_file(reaching.reach(ReachForm(request.GET).wanted)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="reach-{timezone.localdate()}.csv"'
    return answer
