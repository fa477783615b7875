"""From a goal of mentoring to something the mentored municipality means to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from cmncp_portal.core.screens import require
from cmncp_portal.core.text import active_language
from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.services.commitments import Source
from cmncp_portal.progress.taking import take_home

from .doors import door_of
from .working import WORK


def commit(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Make a goal a commitment of the mentored municipality; the point of its strategy comes along."""
    door = door_of(request, reference, WORK)
    agreement = door.agreement
    goal = get_object_or_404(agreement.goals.select_related("check_item"), pk=pk)
    require(request.user, "progress.keep_commitments", agreement.mentee)
    mentor, mentee = agreement.mentor, agreement.mentee
    source = Source(
        kind=Commitment.Source.MENTORING,
        key=f"goal-{goal.pk}",
        of=f"agreement-{agreement.pk}",
        title=(f"{mentor.name_en} mentors {mentee.name_en}", f"{mentor.name_fr} accompagne {mentee.name_fr}"),
        path=agreement.get_absolute_url(),
        seen_in=mentor,
    )
    return take_home(
        request,
        place=mentee,
        source=source,
        text=goal.text,
        language=active_language(),
        back=door.to("goals"),
        check_item=goal.check_item,
        due_on=goal.due_on,
    )
