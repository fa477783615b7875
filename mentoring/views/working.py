"""What both sides write while they work. Each page is the same behind both doors: signed in, and by the personal link."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core import files
from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, number, show
from cmncp_portal.core.text import active_language

from ..forms.agreements import SummaryForm
from ..forms.working import DocumentForm, GoalForm, NextSessionForm, SessionForm
from ..models import Agreement, Goal, MentoringSession
from ..selectors.agreements import goals_of
from ..selectors.entries import entry_of
from ..services import concluding, working
from ..workflow import AGREEMENT, MOST_GOALS, latest_session_day
from .agreements import form_page, goal_rows
from .doors import Door, door_of, head

WORK = "mentoring.work"
# What may be said of a goal: the heading of the page, and what is answered.
SETTLING: dict[str, tuple[Any, Any]] = {
    Goal.State.REACHED: (gettext_lazy("The goal is reached"), gettext_lazy("Well done: the goal is reached.")),
    Goal.State.DROPPED: (gettext_lazy("Drop this goal"), gettext_lazy("The goal is dropped; it stays in the history.")),
    Goal.State.OPEN: (gettext_lazy("Open this goal again"), gettext_lazy("The goal is under way again.")),
}


def _data(request: HttpRequest) -> Any:
    return chosen(request.POST) if request.method == "POST" else None


# --- goals


def goals(request: HttpRequest, reference: str) -> HttpResponse:
    return goals_page(request, door_of(request, reference, WORK))


def goals_page(request: HttpRequest, door: Door) -> HttpResponse:
    """One to five goals; add one, settle one."""
    form = GoalForm(_data(request))
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data.pop("version")
        if attempt(request, lambda: working.keep_goal(door.agreement, by=door.by, **data), _("The goal is added.")):
            return redirect(door.to("goals"))
    rows = goal_rows(door, goals_of(door.agreement))
    kept = [row for row in rows if row["goal"].state != Goal.State.DROPPED]
    context = head(door) | {
        "form": form,
        "rows": rows,
        "has_room": len(kept) < MOST_GOALS,
        "keeps_profile": _keeps_profile(door),
    }
    return show(request, "mentoring/agreements/goals.html", context)


def _keeps_profile(door: Door) -> bool:
    """Whether who came in may write the strategy profile of the mentored municipality, in which a reached goal counts."""
    return not door.is_guest and door.by.has_perm("progress.keep_profile", door.agreement.mentee)  # type: ignore[union-attr]


def goal_act(request: HttpRequest, reference: str, pk: int, name: str) -> HttpResponse:
    return goal_act_page(request, door_of(request, reference, WORK), pk, name)


def goal_act_page(request: HttpRequest, door: Door, pk: int, name: str) -> HttpResponse:
    """Correct a goal; say that it is reached, dropped (with a reason), or open again."""
    goal = get_object_or_404(door.agreement.goals.all(), pk=pk)
    goal.agreement = door.agreement
    if name == "edit":
        return _goal_edit(request, door, goal)
    if name not in SETTLING:
        raise Http404
    heading, done = SETTLING[name]
    form = ReasonForm(request.POST if request.method == "POST" else None, required=name == Goal.State.DROPPED)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, door, form, heading, about=goal.text, cancel_url=door.to("goals"))
    note = form.cleaned_data["note"]
    attempt(request, lambda: working.settle_goal(goal, by=door.by, state=name, note=note), str(done))
    if name == Goal.State.REACHED and goal.check_item and _keeps_profile(door):
        messages.info(request, _("This goal is a point of your strategy profile: tick it there too."))
    return redirect(door.to("goals"))


def _goal_edit(request: HttpRequest, door: Door, goal: Goal) -> HttpResponse:
    form = GoalForm(_data(request), instance=goal)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        seen = data.pop("version")

        def keep() -> None:
            working.keep_goal(door.agreement, by=door.by, goal=goal, seen=seen, **data)

        try:
            if attempt(request, keep, _("The goal is saved.")):
                return redirect(door.to("goals"))
        except Conflict as conflict:
            return conflict_page(request, form, GoalForm(instance=conflict.current), cancel_url=door.to("goals"))
    return form_page(request, door, form, _("Goal"), cancel_url=door.to("goals"))


# --- sessions


def session_add(request: HttpRequest, reference: str) -> HttpResponse:
    return session_page(request, door_of(request, reference, WORK), None)


def session_edit(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    return session_page(request, door_of(request, reference, WORK), pk)


def session_page(request: HttpRequest, door: Door, pk: int | None) -> HttpResponse:
    """Write down a session, or correct what was written about one. Either side may."""
    session: MentoringSession | None = get_object_or_404(door.agreement.sessions.all(), pk=pk) if pk else None
    latest = latest_session_day(door.agreement)
    form = SessionForm(_data(request), instance=session, latest=latest)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        seen = data.pop("version")

        def keep() -> None:
            working.keep_session(door.agreement, by=door.by, session=session, seen=seen, **data)

        try:
            if attempt(request, keep, _("The session is written down; both sides read it.")):
                return redirect(door.to("agreement"))
        except Conflict as conflict:
            fresh = SessionForm(instance=conflict.current, latest=latest)
            return conflict_page(request, form, fresh, cancel_url=door.to("agreement"))
    return form_page(request, door, form, _("What was said") if session else _("Write down a session"))


def next_session(request: HttpRequest, reference: str) -> HttpResponse:
    return next_session_page(request, door_of(request, reference, WORK))


def next_session_page(request: HttpRequest, door: Door) -> HttpResponse:
    """Set, move or call off the next session; everybody who takes part gets it for the calendar."""
    found = door.agreement
    is_off = request.method == "POST" and "off" in request.POST
    form = NextSessionForm(None if is_off else _data(request), agreement=found)
    if is_off or request.method == "POST" and form.is_valid():
        data = {"seen": number(request.POST.get("version", "")), "at": None} if is_off else _wanted(form)
        done = (
            _("The session is called off; everybody who takes part is told.")
            if is_off
            else _("The date is set; everybody who takes part gets it for the calendar.")
        )
        try:
            if attempt(request, lambda: working.set_next_session(found, by=door.by, **data), done):
                return redirect(door.to("agreement"))
        except Conflict:
            fresh = NextSessionForm(agreement=Agreement.objects.with_places().get(pk=found.pk))
            return conflict_page(request, form, fresh, cancel_url=door.to("agreement"))
    context = head(door) | {"form": form, "is_set": found.next_session_at is not None}
    return show(request, "mentoring/agreements/next_session.html", context)


def _wanted(form: NextSessionForm) -> dict[str, Any]:
    data = form.cleaned_data
    return {"seen": data["version"], "at": data["at"], "place": data["place"]}


@require_safe
def calendar_file(request: HttpRequest, reference: str) -> HttpResponse:
    return calendar_page(door_of(request, reference, "mentoring.see"))


def calendar_page(door: Door) -> HttpResponse:
    """The next session as a file for the calendar; 404 while there is none."""
    found = door.agreement
    if found.next_session_at is None or not found.is_running:
        raise Http404
    return files.calendar_file(to_ics([entry_of(found)], language=active_language()), found.reference)


# --- documents


def documents(request: HttpRequest, reference: str) -> HttpResponse:
    return documents_page(request, door_of(request, reference, WORK))


def documents_page(request: HttpRequest, door: Door) -> HttpResponse:
    """Files and links that both sides use; add one."""
    is_post = request.method == "POST"
    form = DocumentForm(request.POST if is_post else None, request.FILES if is_post else None)
    if is_post and form.is_valid():
        data = form.cleaned_data
        if attempt(
            request, lambda: working.add_document(door.agreement, by=door.by, **data), _("The document is added.")
        ):
            return redirect(door.to("documents"))
    rows = [
        (row, door.to("document", row.pk), door.to("document_remove", row.pk)) for row in door.agreement.documents.all()
    ]
    return show(request, "mentoring/agreements/documents.html", head(door) | {"form": form, "rows": rows})


@require_safe
def document(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    return document_page(door_of(request, reference, "mentoring.see"), pk)


def document_page(door: Door, pk: int) -> HttpResponse:
    """Send a file to somebody who takes part: always as a download. A link is opened from the page."""
    found = get_object_or_404(door.agreement.documents.exclude(file=""), pk=pk)
    return files.sent(found.file, found.filename)  # type: ignore[return-value]


@require_POST
def document_remove(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    return document_remove_page(request, door_of(request, reference, WORK), pk)


def document_remove_page(request: HttpRequest, door: Door, pk: int) -> HttpResponse:
    """Remove a document; a second click says the same."""
    found = door.agreement.documents.filter(pk=pk).first()
    done = _("The document is removed.")
    if found is None:
        messages.info(request, done)
    else:
        found.agreement = door.agreement
        attempt(request, lambda: working.remove_document(found, by=door.by), done)
    return redirect(door.to("documents"))


# --- the end


def conclude(request: HttpRequest, reference: str) -> HttpResponse:
    """Write down what came of it; complete, or end early with a reason."""
    door = door_of(request, reference, "mentoring.conclude")
    found = door.agreement
    form = SummaryForm(_data(request), instance=found)
    reason = ReasonForm(request.POST if request.POST.get("do") == "end_early" else None, prefix="early")
    if request.method == "POST" and form.is_valid() and (not reason.is_bound or reason.is_valid()):
        fields = form.cleaned_data
        note = reason.cleaned_data["note"] if reason.is_bound else ""
        try:
            concluding.keep_summary(found, by=door.by, seen=fields["version"], summary=fields["summary"])
        except Conflict as conflict:
            fresh = SummaryForm(instance=conflict.current)
            return conflict_page(request, form, fresh, cancel_url=door.to("agreement"))
        done = _conclude(request, door, request.POST.get("do", ""), note)
        return redirect(found if done else door.to("conclude"))
    context = head(door) | {
        "form": form,
        "reason": reason,
        "rows": goal_rows(door, goals_of(found)),
        "blocked": AGREEMENT["complete"].refusal(found),
        "may_end": found.state in AGREEMENT["end_early"].sources,
    }
    return show(request, "mentoring/agreements/conclude.html", context)


def _conclude(request: HttpRequest, door: Door, wanted: str, note: str) -> bool:
    found, by = door.agreement, door.by
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "complete": (lambda: concluding.complete(found, by=by), _("It is completed; both sides get the summary.")),
        "end_early": (
            lambda: concluding.end_early(found, by=by, reason=note),
            _("It is ended; both sides are told."),
        ),
    }
    if wanted not in acts:
        messages.success(request, _("Saved."))
        return False
    return attempt(request, *acts[wanted])
