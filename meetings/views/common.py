"""What every screen of meetings does first: find what this person may see, say what comes next, answer refusals kindly."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from ..models import Meeting
from ..selectors.entries import TONES
from ..selectors.steps import next_step

View = Callable[..., HttpResponse]


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
