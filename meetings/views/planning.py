"""Beginning a meeting, seeing what is missing, and writing what is said about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, require, show

from .. import services
from ..forms.planning import EditMeetingForm, LocalForm, NewMeetingForm, PastMeetingForm
from ..models import Meeting
from ..selectors import preparation as selectors
from ..services.planning import is_archival
from .common import head, meeting_or_404

S = Meeting.State


def new(request: HttpRequest) -> HttpResponse:
    require(request.user, "meetings.schedule")
    form = NewMeetingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        meeting = services.create_meeting(by=request.user, **form.cleaned_data)
        messages.success(request, _("The meeting is begun. Nobody outside the network’s office sees it yet."))
        return redirect("meetings:prepare", meeting.slug)
    return show(request, "meetings/new.html", {"form": form, "cancel_url": reverse("meetings:list")})


def past(request: HttpRequest) -> HttpResponse:
    """A meeting held before the portal existed, from a source."""
    require(request.user, "meetings.schedule")
    form = PastMeetingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        fields = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        made: list[Meeting] = []
        if attempt(
            request,
            lambda: made.append(services.record_past_meeting(by=request.user, **fields)),
            _("The meeting is in the list of past meetings."),
        ):
            return redirect(made[0])
    return show(request, "meetings/past.html", {"form": form, "cancel_url": reverse("meetings:list"), "meeting": None})


def prepare(request: HttpRequest, slug: str) -> HttpResponse:
    """What is missing, the moves on offer, what happened."""
    meeting = get_object_or_404(selectors.for_preparation(request.user, slug))
    require(request.user, "meetings.see_preparation", meeting)
    selectors.fetch_what_guards_read(meeting)
    context = head(meeting, request.user) | {
        "here": "prepare",
        "preparation": selectors.preparation(meeting, request.user),
        "warnings": selectors.warnings(meeting),
        "others": selectors.other_meetings_of_host(meeting, request.user),
        "entries": selectors.history(meeting),
        "move_base": reverse("meetings:move", args=[slug, "x"]).removesuffix("x/"),
        "is_archival": is_archival(meeting),
    }
    return render(request, "meetings/prepare.html", context)


def edit(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.organise", meeting)
    up = reverse("meetings:prepare", args=[slug])
    if meeting.state == S.CANCELLED:
        messages.info(request, _("This meeting is cancelled; nothing about it changes any more."))
        return redirect(up)
    form_class = PastMeetingForm if is_archival(meeting) else EditMeetingForm
    form = form_class(chosen(request.POST) if request.method == "POST" else None, instance=meeting)
    if form.is_valid():
        data = dict(form.cleaned_data)
        seen = data.pop("version")
        try:
            if attempt(
                request,
                lambda: services.keep_meeting(meeting, seen=seen, by=request.user, **data),
                _("Saved."),
            ):
                return redirect(up)
        except Conflict as conflict:
            return conflict_page(request, form, form_class(instance=conflict.current), cancel_url=up)
    template = "meetings/past.html" if is_archival(meeting) else "meetings/edit.html"
    return show(request, template, head(meeting, request.user) | {"form": form, "cancel_url": up})


def local(request: HttpRequest, slug: str) -> HttpResponse:
    """The local information: the host's and the co-host's own."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.keep_local", meeting)
    up = reverse("meetings:prepare", args=[slug])
    form = LocalForm(chosen(request.POST) if request.method == "POST" else None, instance=meeting)
    if form.is_valid():
        data = dict(form.cleaned_data)
        seen = data.pop("version")
        try:
            if attempt(
                request,
                lambda: services.keep_local(meeting, seen=seen, by=request.user, **data),
                _("The local information is saved."),
            ):
                return redirect(up)
        except Conflict as conflict:
            return conflict_page(request, form, LocalForm(instance=conflict.current), cancel_url=up)
    return show(request, "meetings/local.html", head(meeting, request.user) | {"form": form, "cancel_url": up})
