"""What every screen of meetings does first: find what this person may see, say what comes next, answer refusals kindly."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache

from cmncp_portal.core.workflow import TransitionRefused

from ..models import Meeting
from ..selectors.entries import TONES
from ..selectors.steps import next_step

View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Open without sign-in, never stored, never indexed, and silent towards other sites: the address is the key."""

    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"  # "no-referrer" would make browsers post with Origin: null
        return response

    return login_not_required(never_cache(wrapped))


def meeting_or_404(request: HttpRequest, slug: str, *parts: str) -> Meeting:
    """Return the meeting if this person may know of it, else 404. `parts` are relations fetched along (prefetch lookups)."""
    rows = Meeting.objects.visible_to(request.user).with_places().prefetch_related(*parts)
    return get_object_or_404(rows.defer("search_en", "search_fr"), slug=slug)


def head(meeting: Meeting, user: Any) -> dict[str, Any]:
    """Return what each page about a meeting says on top: state, the next step, and what the reader may do."""
    step = next_step(meeting)
    may = {
        name: user.has_perm(f"meetings.{name}", meeting)
        for name in (
            "organise",
            "keep_agenda",
            "keep_local",
            "see_preparation",
            "see_registrations",
            "take_attendance",
            "see_counts",
            "write_notes",
            "read_results",
        )
    }
    return {"meeting": meeting, "tone": TONES[Meeting.State(meeting.state)], "step": step, "can": may}


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 422) -> HttpResponse:
    """Answer with a page; a form that comes back to the person who sent it, with what was typed, has `status`."""
    return render(request, template, context, status=status if request.method == "POST" else 200)


def number(text: str) -> int:
    """Return the number that a page posts back, such as a version; 0, which no version has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def attempt(request: HttpRequest, act: Callable[[], Any], done: str = "") -> bool:
    """Do `act` and say `done`; a refusal becomes a message with its reason. Return whether it was done."""
    try:
        act()
    except TransitionRefused as refused:
        level = messages.INFO if refused.done_already else messages.ERROR
        messages.add_message(request, level, str(refused))
        return False
    if done:
        messages.success(request, done)
    return True
