"""Changing, postponing, cancelling: before letters leave, the page says how many people get which one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused

from .. import notifications as kinds
from .. import services
from ..forms.moving import ChangeForm
from ..models import Meeting
from ..workflow import MEETING
from .announcing import SOMEBODY
from .common import head, meeting_or_404

CHANGEABLE = (Meeting.State.ANNOUNCED, Meeting.State.POSTPONED)


def change(request: HttpRequest, slug: str) -> HttpResponse:
    """New days, times or place: first what it means, then, on the second button, the letters."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.organise", meeting)
    if meeting.state not in CHANGEABLE:
        messages.info(request, _("Before the announcement dates and place are part of the preparation."))
        return redirect("meetings:prepare", slug)
    form = ChangeForm(chosen(request.POST) if request.method == "POST" else None, instance=meeting)
    context: dict[str, Any] = {"form": form, "here": "prepare", "cancel_url": meeting.get_absolute_url(), "count": None}
    if form.is_valid():
        if "send" in request.POST:
            answer = _send(request, meeting, form)
            if answer is not None:
                return answer
        else:
            context |= _preview(meeting, form)
    return show(request, "meetings/change.html", head(meeting, request.user) | context, status=_status(form))


def _status(form: ChangeForm) -> int:
    return 422 if form.errors else 200


def _preview(meeting: Meeting, form: ChangeForm) -> dict[str, Any]:
    """What would be told to how many people: the lines of change, the letter in both languages."""
    fields = form.new_facts()
    lines = services.changes_in_words(meeting, fields)
    people = services.people_concerned(meeting)
    languages = [line.to.language for line in people]
    after = services.moving.as_it_would_be(meeting, fields)
    letters = kinds.preview(
        kinds.CHANGED,
        after,
        name=SOMEBODY,
        changes=lines,
        word=kinds.both(form.cleaned_data["word"]),
        by=kinds.both(""),
        urgent=kinds.both(False),
    )
    counts = {code: languages.count(code) for code in ("en", "fr", "both")}
    return {
        "lines": lines[active_language()],
        "count": len(people),
        "counts": counts,
        "letters": letters if lines["en"] else [],
    }


def _send(request: HttpRequest, meeting: Meeting, form: ChangeForm) -> HttpResponse | None:
    """Do it; None when it was refused and the page comes back with what was typed."""
    act = services.change if meeting.state == Meeting.State.ANNOUNCED else services.set_new_date
    word, seen = form.cleaned_data["word"], form.cleaned_data["version"]
    try:
        mailing = act(meeting, by=request.user, seen=seen, word=word, **form.new_facts())
    except Conflict as conflict:
        return conflict_page(request, form, ChangeForm(instance=conflict.current), cancel_url=request.path)
    except TransitionRefused as refused:
        form.add_error(None, str(refused))
        return None
    if mailing is None:
        messages.info(request, _("Nothing changed, and nobody was written to."))
        return redirect(meeting)
    count = mailing.lines.count()
    told = ngettext(
        "Changed. One person gets a letter.", "Changed. %(count)s people get a letter, each in their language.", count
    )
    messages.success(request, told % {"count": count})
    return redirect("meetings:letters", meeting.slug)


MOVES = {"postpone": services.postpone, "cancel": services.cancel}


@require_POST
def move(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A move that needs a reason and nothing else; those that need more have a page of their own."""
    meeting = meeting_or_404(request, slug)
    pages = {
        "announce": "announce",
        "ask_for_dates": "poll",
        "fix_date": "fix_date",
        "set_new_date": "change",
        "record_held": "attendance",
    }
    if name in pages:
        return redirect(f"meetings:{pages[name]}", slug)
    if name not in MOVES:
        raise Http404
    require(request.user, MEETING[name].permission, meeting)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        heading = MEETING[name].label
        context = head(meeting, request.user) | {
            "form": form,
            "page_heading": heading,
            "cancel_url": meeting.get_absolute_url(),
        }
        return show(request, "meetings/reason.html", context)
    note = form.cleaned_data["note"]
    done = _("Done: %(move)s. Everyone concerned gets a letter.") % {"move": MEETING[name].label}
    attempt(request, lambda: MOVES[name](meeting, by=request.user, note=note), done)
    return redirect(meeting)
