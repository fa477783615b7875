"""From a step of a brief to something a municipality means to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from cmncp_portal.core.screens import require, safe_next
from cmncp_portal.core.text import active_language
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.services.commitments import Source
from cmncp_portal.progress.taking import take_home

from ..models import ActionBrief, Step
from .using import place_or_403


def _title(brief: ActionBrief, language: str) -> str:
    edition = brief.published_edition(language)
    return edition.title if edition else brief.slug


def commit(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a step a commitment of one's municipality; ?place= chooses among several."""
    rows = Step.objects.filter(brief__state__in=ActionBrief.PUBLIC).select_related("brief__series")
    step = get_object_or_404(rows.prefetch_related("brief__editions"), pk=pk)
    place = place_or_403(request, request.GET.get("place", ""))
    require(request.user, "progress.keep_commitments", place)
    brief = step.brief
    source = Source(
        kind=Commitment.Source.BRIEF,
        key=f"step-{step.pk}",
        of=f"brief-{brief.slug}",
        title=(_title(brief, "en"), _title(brief, "fr")),
        path=brief.get_absolute_url(),
    )
    return take_home(
        request,
        place=place,
        source=source,
        text=str(step.text),
        language=active_language(),
        back=safe_next(request, reverse("knowledge:my_steps")),
    )
