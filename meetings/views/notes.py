"""Notes, decisions, and who does what until when: written by the coordinators, answered by the owners on a page of their own."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, number, private, require, show

from .. import services
from ..forms.following import ActionForm, ActionTextForm, DecisionForm, DoneForm, HandBackForm, NotesForm, OwnerForm
from ..models import ActionItem, Decision, Meeting
from ..selectors import outcome
from ..services.following import why_no_notes
from ..workflow import PUBLISH_GUARDS, missing
from .common import head, meeting_or_404


def notes(request: HttpRequest, slug: str) -> HttpResponse:
    """Notes in both languages side by side, decisions, actions. ?add=decision and ?decision=, ?add=action are forms of their own."""
    meeting = meeting_or_404(request, slug, "decisions")
    require(request.user, "meetings.write_notes", meeting)
    if request.GET.get("add") == "action":
        return _action_add(request, meeting)
    if request.GET.get("add") == "decision":
        return _decision_page(request, meeting, None)
    if wanted := number(request.GET.get("decision", "")):
        return _decision_page(request, meeting, get_object_or_404(meeting.decisions.all(), pk=wanted))
    form = NotesForm(chosen(request.POST) if request.method == "POST" else None, instance=meeting)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        seen = data.pop("version")
        done = _("The notes are saved.")
        try:
            if attempt(request, lambda: services.keep_notes(meeting, seen=seen, by=request.user, **data), done):
                return redirect("meetings:notes", slug)
        except Conflict as conflict:
            fresh = NotesForm(instance=conflict.current)
            return conflict_page(request, form, fresh, cancel_url=reverse("meetings:notes", args=[slug]))
    return _notes_page(request, meeting, form)


def _notes_page(request: HttpRequest, meeting: Meeting, form: NotesForm) -> HttpResponse:
    actions = outcome.actions_of(meeting)
    blocked = why_no_notes(meeting)
    context = head(meeting, request.user) | {
        "here": "notes",
        "form": form,
        "blocked": blocked,
        "actions": actions,
        "missing": [] if meeting.has_notes or blocked else missing(meeting, PUBLISH_GUARDS),
    }
    return show(request, "meetings/notes.html", context)


def _back(meeting: Meeting) -> str:
    return reverse("meetings:notes", args=[meeting.slug])


def _decision_page(request: HttpRequest, meeting: Meeting, decision: Decision | None) -> HttpResponse:
    """Add a decision, correct one, or take it off the list."""
    if request.method == "POST" and request.POST.get("what") == "remove" and decision:
        attempt(
            request, lambda: services.remove_decision(decision, by=request.user), _("The decision is off the list.")
        )
        return redirect(_back(meeting))
    initial = {}
    if decision:
        decision.meeting = meeting
        initial = {"text_en": decision.text_en, "text_fr": decision.text_fr, "seen": outcome.wording_of(decision)}
    form = DecisionForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid() and _keep_decision(request, meeting, decision, form.cleaned_data):
        return redirect(_back(meeting))
    context = head(meeting, request.user) | {"form": form, "decision": decision, "cancel_url": _back(meeting)}
    return show(request, "meetings/decision.html", context)


def _keep_decision(request: HttpRequest, meeting: Meeting, decision: Decision | None, data: dict[str, Any]) -> bool:
    texts = {name: data[name] for name in ("text_en", "text_fr")}
    done = _("The decision is saved.")
    if decision is None:
        return attempt(request, lambda: services.add_decision(meeting, by=request.user, **texts), done)
    kept, seen = decision, data["seen"]
    return attempt(request, lambda: services.keep_decision(kept, seen=seen, by=request.user, **texts), done)


def _action_add(request: HttpRequest, meeting: Meeting) -> HttpResponse:
    form = ActionForm(request.POST if request.method == "POST" else None, meeting=meeting)
    if form.is_valid():
        data = form.cleaned_data
        done = _("It is on the list, and its owner is told.") if meeting.has_notes else _("It is on the list.")
        if attempt(request, lambda: services.add_action(meeting, by=request.user, **data), done):
            return redirect(_back(meeting))
    return _form_page(request, meeting, form, _("Something to be done"))


def _form_page(request: HttpRequest, meeting: Meeting, form: forms.Form, heading: str, text: str = "") -> HttpResponse:
    context = head(meeting, request.user) | {
        "form": form,
        "page_heading": heading,
        "about": text,
        "cancel_url": _back(meeting)
        if request.user.has_perm("meetings.write_notes", meeting)
        else meeting.get_absolute_url(),
    }
    return show(request, "meetings/action_edit.html", context)


@require_POST
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.write_notes", meeting)
    told = 0

    def act() -> None:
        nonlocal told
        told = services.publish_notes(meeting, by=request.user)

    if attempt(request, act):
        sentence = ngettext(
            "The notes are published. One person is told.", "The notes are published. %(count)s people are told.", told
        )
        attempt(request, lambda: None, sentence % {"count": told})
    return redirect("meetings:notes", slug)


# --- what becomes of an action item

MOVES = {
    "edit": ("meetings.write_notes", gettext_lazy("Correct what is to be done"), gettext_lazy("It is saved.")),
    "done": ("meetings.finish_action", gettext_lazy("It is done"), gettext_lazy("Noted as done. Thank you.")),
    "drop": ("meetings.write_notes", gettext_lazy("Give it up"), gettext_lazy("It is off the list; nobody is reminded.")),
    "readdress": ("meetings.finish_action", gettext_lazy("Somebody else does it"), gettext_lazy("It is handed over.")),
}  # fmt: skip


def action_move(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Correct an action item, say that it is done, give it up, or hand it over; for coordinators and owners who sign in."""
    if name not in MOVES:
        raise Http404
    meeting = meeting_or_404(request, slug)
    action = get_object_or_404(ActionItem.objects.select_related("municipality"), meeting=meeting, pk=pk)
    action.meeting = meeting
    permission, heading, done = MOVES[name]
    require(request.user, permission, action)
    form = _move_form(request, action, name)
    if request.method == "POST" and form.is_valid():
        act = _move(action, name, form.cleaned_data, request.user)
        try:
            if attempt(request, act, str(done)):
                may_write = request.user.has_perm("meetings.write_notes", meeting)
                return redirect(_back(meeting) if may_write else meeting)
        except Conflict as conflict:
            return conflict_page(request, form, ActionTextForm(instance=conflict.current), cancel_url=_back(meeting))
    return _form_page(request, meeting, form, str(heading), action.text)


def _move_form(request: HttpRequest, action: ActionItem, name: str) -> Any:
    data = request.POST if request.method == "POST" else None
    if name == "edit":
        return ActionTextForm(chosen(data) if data is not None else None, instance=action)
    if name == "readdress":
        return OwnerForm(data, meeting=action.meeting, initial={"municipality": action.municipality_id})
    return DoneForm(data) if name == "done" else ReasonForm(data)


def _move(action: ActionItem, name: str, data: dict[str, Any], by: Any) -> Callable[[], Any]:
    if name == "edit":
        seen = data["version"]
        texts = {key: data[key] for key in ("text_en", "text_fr", "due_on")}
        return lambda: services.keep_action(action, seen=seen, by=by, **texts)
    if name == "readdress":
        return lambda: services.readdress_action(action, by=by, **data)
    if name == "done":
        return lambda: services.finish_action(action, by=by, note=data["note"])
    return lambda: services.drop_action(action, by=by, reason=data["note"])


@private
def action(request: HttpRequest, token: str) -> HttpResponse:
    """The owner's page: what is to be done, until when; it is done, or somebody else does it. Opening it changes nothing."""
    found = ActionItem.from_token(token)
    if found is None:
        raise Http404
    answer = request.POST.get("answer", "")
    done = DoneForm(request.POST if answer == "done" else None)
    back = HandBackForm(request.POST if answer == "back" else None, prefix="back")
    if done.is_valid() and answer == "done":
        note = done.cleaned_data["note"]
        attempt(request, lambda: services.finish_action(found, note=note), _("Noted as done. Thank you."))
        return redirect("meetings:action", token)
    if back.is_valid() and answer == "back":
        note = back.cleaned_data["note"]
        attempt(request, lambda: services.hand_back(found, note=note), _("The network’s coordinators are told."))
        return redirect("meetings:action", token)
    context = {
        "action": found,
        "meeting": found.meeting,
        "done": done,
        "back": back,
        "may_open": _may_open(request, found),
    }
    return show(request, "meetings/action.html", context)


def _may_open(request: HttpRequest, action: ActionItem) -> bool:
    """Whether the page about the meeting opens for whoever reads this."""
    return Meeting.objects.visible_to(request.user).filter(pk=action.meeting_id).exists()
