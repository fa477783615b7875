"""The annual general meeting: who votes for each general member, who is present, what was voted on."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cmncp_portal.core.screens import attempt, number, require, show

from .. import services
from ..forms.general import DelegateForm, MotionForm
from ..models import Delegate, Meeting
from ..selectors import outcome
from ..services.general import has_begun, why_no_roll
from .common import head, meeting_or_404


def _general_or_404(request: HttpRequest, slug: str) -> Meeting:
    meeting = meeting_or_404(request, slug)
    if not meeting.is_general_meeting:
        raise Http404
    require(request.user, "meetings.see_delegates", meeting)
    return meeting


def general_meeting(request: HttpRequest, slug: str) -> HttpResponse:
    """Members and their delegates, the roll, the motions. A coordinator's POST brings the list of members up to date."""
    meeting = _general_or_404(request, slug)
    user = request.user
    may_record = user.has_perm("meetings.call_the_roll", meeting)
    if request.method == "POST":
        require(user, "meetings.call_the_roll", meeting)
        attempt(request, lambda: services.prepare_delegates(meeting), _("The list of delegates is up to date."))
        return redirect("meetings:general_meeting", slug)
    roll = outcome.roll_of(meeting)
    blocked = why_no_roll(meeting)
    context = head(meeting, user) | {
        "here": "general_meeting",
        "roll": roll,
        "lines": [(line, _may_name(user, meeting, line.delegate, may_record)) for line in roll.lines],
        "quorum": outcome.quorum_in_words(meeting, roll.present),
        "motions": outcome.motions_of(meeting),
        "may_record": may_record,
        "blocked": blocked,
        "may_prepare": may_record and not has_begun(meeting),
    }
    return show(request, "meetings/general_meeting.html", context)


def _may_name(user: Any, meeting: Meeting, delegate: Delegate | None, may_record: bool) -> bool:
    if delegate is None or meeting.state == Meeting.State.CANCELLED:
        return False
    return may_record or (not has_begun(meeting) and user.has_perm("meetings.name_delegate", delegate))


def delegate(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Say who votes for a member."""
    meeting = _general_or_404(request, slug)
    found = get_object_or_404(meeting.delegates.select_related("municipality"), pk=pk)
    found.meeting = meeting
    require(request.user, "meetings.name_delegate", found)
    form = DelegateForm(request.POST if request.method == "POST" else None, delegate=found)
    if form.is_valid():
        data = form.cleaned_data
        done = _("%(name)s votes for %(place)s.") % {
            "name": data["stakeholder"] or data["name"],
            "place": found.municipality,
        }
        if attempt(request, lambda: services.name_delegate(found, by=request.user, **data), done):
            return redirect("meetings:general_meeting", slug)
    context = head(meeting, request.user) | {
        "form": form,
        "delegate": found,
        "cancel_url": reverse("meetings:general_meeting", args=[slug]),
    }
    return show(request, "meetings/delegate.html", context)


@require_POST
def roll(request: HttpRequest, slug: str) -> HttpResponse:
    """Note who is present: the ticks of the whole list."""
    meeting = _general_or_404(request, slug)
    require(request.user, "meetings.call_the_roll", meeting)
    present = {number(pk) for pk in request.POST.getlist("present")} - {0}
    count = 0

    def act() -> None:
        nonlocal count
        count = services.call_the_roll(meeting, by=request.user, present=present)

    if attempt(request, act):
        done = ngettext("One delegate is present.", "%(count)s delegates are present.", count) % {"count": count}
        attempt(request, lambda: None, done)
    return redirect("meetings:general_meeting", slug)


def motion(request: HttpRequest, slug: str) -> HttpResponse:
    """Record a motion and how each delegate who is present voted."""
    meeting = _general_or_404(request, slug)
    require(request.user, "meetings.call_the_roll", meeting)
    present = [line.delegate for line in outcome.roll_of(meeting).lines if line.delegate and line.delegate.is_present]
    form = MotionForm(request.POST if request.method == "POST" else None, delegates=present)
    if form.is_valid():
        texts, votes = form.motion, form.votes
        act = lambda: services.record_motion(meeting, by=request.user, votes=votes, **texts)  # noqa: E731
        if attempt(request, act, _("The motion and its votes are recorded.")):
            return redirect("meetings:general_meeting", slug)
    context = head(meeting, request.user) | {
        "form": form,
        "texts": [form[name] for name in ("text_en", "text_fr", "moved_by", "seconded_by")],
        "votes": [form[name] for name in form.fields if name.startswith("vote_")],
        "quorum": outcome.quorum_in_words(meeting, len(present)),
        "cancel_url": reverse("meetings:general_meeting", args=[slug]),
    }
    return show(request, "meetings/motion.html", context)
