"""From something that a meeting asked for to something a municipality means to do."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from cmncp_portal.core.screens import require
from cmncp_portal.core.text import active_language
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.services.commitments import Source
from cmncp_portal.progress.taking import take_home

from .common import meeting_or_404


def commit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Make an action item a commitment of the municipality that it was given to."""
    meeting = meeting_or_404(request, slug)
    action = get_object_or_404(meeting.actions.select_related("municipality"), pk=pk)
    if action.municipality is None:
        raise Http404
    require(request.user, "progress.keep_commitments", action.municipality)
    source = Source(
        kind=Commitment.Source.MEETING,
        key=f"action-{action.pk}",
        of=f"meeting-{meeting.pk}",
        title=(meeting.title_en, meeting.title_fr),
        path=meeting.get_absolute_url(),
    )
    return take_home(
        request,
        place=action.municipality,
        source=source,
        text=str(action.text),
        language=active_language(),
        back=meeting.get_absolute_url(),
    )
