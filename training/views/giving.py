"""Planning an offering and opening it; what changes afterwards is shown before letters leave. The days themselves are in `holding`."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.checklist import first_missing
from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused

from ..forms.offerings import (
    ChangeForm,
    EditOfferingForm,
    NewOfferingForm,
    SeenForm,
    facilitators_of,
    sessions_of,
)
from ..models import Offering
from ..notifications import offerings as kinds
from ..selectors import planning as selectors
from ..selectors.when import sessions_in_words
from ..services import changing
from ..services import offerings as services
from ..workflow import OFFERING
from .holding import attendance, enrolment_act, enrolments, export, results
from .offerings_common import head, offering_or_404

__all__ = [
    "attendance", "edit", "enrolment_act", "enrolments", "export", "facilitators", "new", "offering_move", "prepare",
    "results", "sessions",
]  # fmt: skip

G = Offering.State
SOMEBODY = {"en": "Somebody", "fr": "Une personne"}


def new(request: HttpRequest) -> HttpResponse:
    require(request.user, "training.plan_offering")
    form = NewOfferingForm(request.POST if request.method == "POST" else None, user=request.user)
    made: list[Offering] = []
    if form.is_valid() and attempt(
        request,
        lambda: made.append(services.create_offering(by=request.user, **form.cleaned_data)),
        _("The offering is begun. Nobody outside the network’s office sees it yet."),
    ):
        return redirect("training:offering_prepare", made[0].reference)
    return show(request, "training/offerings/new.html", {"form": form, "cancel_url": reverse("training:offerings")})


@require_safe
def prepare(request: HttpRequest, reference: str) -> HttpResponse:
    """What is missing, the moves on offer, what happened."""
    found = offering_or_404(request, reference)
    require(request.user, "training.teach", found)
    preparation = selectors.preparation(found, request.user)
    context = head(found, request.user) | {
        "here": "prepare",
        "preparation": preparation,
        "first_missing": first_missing(preparation.checks),
        "sessions": sessions_in_words(found.sessions.all(), active_language()),
        "facilitators": found.facilitators.all(),
        "entries": selectors.history(found),
        "move_base": reverse("training:offering_move", args=[reference, "x"]).removesuffix("x/"),
    }
    return render(request, "training/offerings/prepare.html", context)


def edit(request: HttpRequest, reference: str) -> HttpResponse:
    found = offering_or_404(request, reference)
    require(request.user, "training.organise", found)
    up = reverse("training:offering_prepare", args=[reference])
    form = EditOfferingForm(chosen(request.POST) if request.method == "POST" else None, instance=found)
    if form.is_valid():
        data = dict(form.cleaned_data)
        seen = data.pop("version")
        try:
            if attempt(request, lambda: services.keep_offering(found, by=request.user, seen=seen, **data), _("Saved.")):
                return redirect(up)
        except Conflict as conflict:
            return conflict_page(request, form, EditOfferingForm(instance=conflict.current), cancel_url=up)
    return show(request, "training/offerings/edit.html", head(found, request.user) | {"form": form, "cancel_url": up})


def facilitators(request: HttpRequest, reference: str) -> HttpResponse:
    found = offering_or_404(request, reference)
    require(request.user, "training.organise", found)
    data = request.POST if request.method == "POST" else None
    form, rows = SeenForm(data, initial={"version": found.version}), facilitators_of(found, data)
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        seen = form.cleaned_data["version"]
        act = lambda: services.keep_facilitators(found, by=request.user, seen=seen, people=rows.people)  # noqa: E731
        if _saved(request, form, act):
            return redirect("training:offering_prepare", reference)
    context = {"form": form, "rows": rows, "cancel_url": reverse("training:offering_prepare", args=[reference])}
    return show(request, "training/offerings/facilitators.html", head(found, request.user) | context)


def _saved(request: HttpRequest, form: Any, act: Any) -> bool:
    """Do `act`; when somebody saved meanwhile, say so above what was typed, which can then be sent again."""
    try:
        return attempt(request, act, _("Saved."))
    except Conflict as conflict:
        current: Any = conflict.current
        form.data = form.data.copy()
        form.data["version"] = str(current.version)
        form.add_error(None, _("Somebody saved meanwhile. Look at what stands now before you save yours over it."))
        return False


def sessions(request: HttpRequest, reference: str) -> HttpResponse:
    """Days and times while it is planned; once it is open, everything that people are told when it changes."""
    found = offering_or_404(request, reference)
    require(request.user, "training.organise", found)
    if found.state == G.OPEN:
        return _change(request, found)
    data = request.POST if request.method == "POST" else None
    form, rows = SeenForm(data, initial={"version": found.version}), sessions_of(found, data)
    if request.method == "POST" and form.is_valid() and rows.is_valid():
        seen = form.cleaned_data["version"]
        act = lambda: services.keep_sessions(found, by=request.user, seen=seen, sittings=rows.sittings)  # noqa: E731
        if _saved(request, form, act):
            return redirect("training:offering_prepare", reference)
    context = {"form": form, "rows": rows, "cancel_url": reverse("training:offering_prepare", args=[reference])}
    return show(request, "training/offerings/sessions.html", head(found, request.user) | context)


def _change(request: HttpRequest, found: Offering) -> HttpResponse:
    """First what it means, then, on the second button, the letters."""
    data = chosen(request.POST) if request.method == "POST" else None
    form, rows = ChangeForm(data, instance=found), sessions_of(found, data)
    context: dict[str, Any] = {
        "form": form,
        "rows": rows,
        "here": "prepare",
        "cancel_url": reverse("training:offering_prepare", args=[found.reference]),
        "count": None,
    }
    status = 422
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        if "send" in request.POST:
            answer = _send(request, found, form, rows)
            if answer is not None:
                return answer
        else:
            context |= _preview(found, form, rows)
            status = 200
    return show(request, "training/offerings/change.html", head(found, request.user) | context, status=status)


def _preview(found: Offering, form: ChangeForm, rows: Any) -> dict[str, Any]:
    """What would be told to how many people: the lines of change, the letter in both languages."""
    facts = form.facts()
    lines = changing.changes_in_words(found, rows.sittings, facts)
    people = changing.people_concerned(found)
    after, sittings = changing.as_it_would_be(found, rows.sittings, facts)
    word = kinds.both(form.cleaned_data["word"])
    letters = kinds.preview(
        kinds.OFFERING_CHANGED, after, sittings, name=SOMEBODY, changes=lines, word=word, urgent=kinds.both(False)
    )
    languages = [line.to.language for line in people]
    return {
        "lines": lines[active_language()],
        "count": len(people),
        "counts": {code: languages.count(code) for code in ("en", "fr", "both")},
        "letters": letters if lines["en"] else [],
    }


def _send(request: HttpRequest, found: Offering, form: ChangeForm, rows: Any) -> HttpResponse | None:
    """Do it; None when it was refused and the page comes back with what was typed."""
    seen, word = form.cleaned_data["version"], form.cleaned_data["word"]
    try:
        mailing = changing.change(found, by=request.user, seen=seen, sittings=rows.sittings, word=word, **form.facts())
    except Conflict:
        form.add_error(None, _("Somebody changed this meanwhile. Look at it again before you write to everybody."))
        return None
    except TransitionRefused as refused:
        form.add_error(None, str(refused))
        return None
    if mailing is None:
        messages.info(request, _("Nothing changed, and nobody was written to."))
        return redirect(found)
    count = mailing.lines.count()
    told = ngettext(
        "Changed. One person gets a letter.", "Changed. %(count)s people get a letter, each in their language.", count
    )
    messages.success(request, told % {"count": count})
    return redirect(found)


@require_POST
def offering_move(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Open for enrolment, or cancel with a reason. That it took place is recorded where attendance is noted."""
    found = offering_or_404(request, reference)
    if name == "record_held":
        return redirect("training:attendance", reference)
    if name not in OFFERING.transitions:
        raise Http404
    require(request.user, OFFERING[name].permission, found)
    if name == "open_enrolment":
        done = _("People can enrol now.")
        attempt(request, lambda: services.open_enrolment(found, by=request.user), done)
        return redirect("training:offering_prepare", reference)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        context = {"form": form, "page_heading": OFFERING[name].label, "cancel_url": found.get_absolute_url()}
        return show(request, "training/offerings/reason.html", head(found, request.user) | context)
    done = _("It is cancelled. Everyone concerned gets a letter.")
    attempt(request, lambda: changing.cancel(found, by=request.user, note=form.cleaned_data["note"]), done)
    return redirect(found)
