"""Numbers, steps, sources, examples and evidence of a brief: lists with add, change, remove, up and down, by plain forms."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, require, show

from ..forms import rows as forms
from ..models import ActionBrief, Evidence, Practice
from ..selectors import rows as selectors
from ..selectors.desk import head
from ..services import practices, writing
from .common import desk_brief_or_404


@dataclass(frozen=True)
class Page:
    """A list of the desk: the related name, which is the URL name as well, its form, and what is said when a row is added."""

    name: str
    template: str
    form: Any
    added: str | Promise


NUMBERS = Page(
    "numbers", "knowledge/desk/numbers.html", forms.NumberForm, gettext_lazy("The key number is in the list.")
)
STEPS = Page("steps", "knowledge/desk/steps.html", forms.StepForm, gettext_lazy("The step is in the list."))
SOURCES = Page("sources", "knowledge/desk/sources.html", forms.SourceForm, gettext_lazy("The source is in the list."))
EXAMPLES = Page(
    "examples",
    "knowledge/desk/examples.html",
    forms.ExampleForm,
    gettext_lazy("The example is in the list. Now ask the municipality."),
)
STALE = gettext_lazy("Somebody changed this meanwhile; look at it again.")


def numbers(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, slug, NUMBERS)


def steps(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, slug, STEPS)


def sources(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, slug, SOURCES)


def examples(request: HttpRequest, slug: str) -> HttpResponse:
    return _list(request, slug, EXAMPLES)


def _list(request: HttpRequest, slug: str, page: Page) -> HttpResponse:
    """The list with one form below: for a new row, or for the row that ?row= names."""
    brief = desk_brief_or_404(request, slug)
    if request.method == "POST":
        require(request.user, "knowledge.write_brief", brief)
        if "act" in request.POST:
            return _move(request, brief, page)
    listed = selectors.listed(brief, page.name)
    wanted = number(request.GET.get("row", ""))
    row = next((each.row for each in listed if each.row.pk == wanted), None)
    if "row" in request.GET and row is None:
        return _removed_meanwhile(request, brief, page, listed)
    form = page.form(chosen(request.POST) if request.method == "POST" else None, instance=row)
    if form.is_valid():
        answer = _keep(request, brief, page, form, row)
        if answer is not None:
            return answer
    return _show(request, brief, page, listed, form, row)


def _here(brief: ActionBrief, page: Page) -> str:
    return reverse(f"knowledge:{page.name}", args=[brief.slug])


def _show(
    request: HttpRequest, brief: ActionBrief, page: Page, listed: list[Any], form: Any, row: Any, *, status: int = 422
) -> HttpResponse:
    here = _here(brief, page)
    context = head(brief, request.user, page.name) | {
        "rows": listed,
        "form": form,
        "row": row,
        "base": here,
        "action": f"{here}?row={row.pk}" if row else here,
        "is_public": brief.state in ActionBrief.PUBLIC,
    }
    return show(request, page.template, context, status=status)


def _keep(request: HttpRequest, brief: ActionBrief, page: Page, form: Any, row: Any) -> HttpResponse | None:
    """Add or change; None when it was refused and the page comes back with what was typed."""
    data = dict(form.cleaned_data)
    seen, here = data.pop("version"), _here(brief, page)
    if row is None:
        done = attempt(
            request, lambda: writing.add_row(brief, page.name, by=request.user, **data), str(page.added)
        ) or _stands_already(brief, page, data)
        return redirect(here) if done else None
    try:
        done = attempt(request, lambda: writing.keep_row(row, seen=seen, by=request.user, **data), _("Saved."))
    except Conflict as conflict:
        return conflict_page(request, form, page.form(instance=conflict.current), cancel_url=here)
    return redirect(here) if done else None


def _stands_already(brief: ActionBrief, page: Page, data: dict[str, Any]) -> bool:
    """Whether the button was pressed twice: the very same stands in the list."""
    return bool(getattr(brief, page.name).filter(**data).exists())


def _removed_meanwhile(request: HttpRequest, brief: ActionBrief, page: Page, listed: list[Any]) -> HttpResponse:
    """Somebody removed the row while it was being changed: what was typed can be added as a new one."""
    messages.info(request, _("This was removed meanwhile."))
    if request.method != "POST":
        return redirect(_here(brief, page))
    typed = chosen(request.POST).copy()
    typed["version"] = ""
    return _show(request, brief, page, listed, page.form(typed), None, status=409)


def _move(request: HttpRequest, brief: ActionBrief, page: Page) -> HttpResponse:
    """One place up or down, off the list, or the question to the municipality."""
    row = getattr(brief, page.name).filter(pk=number(request.POST.get("row", ""))).first()
    act = request.POST["act"]
    acts = _acts(request, row, page)
    if act not in acts:
        raise Http404
    if row is None:
        messages.info(request, _("This was removed meanwhile."))
        return redirect(_here(brief, page))
    try:
        attempt(request, *acts[act])
    except Conflict:
        messages.error(request, str(STALE))
    return redirect(_here(brief, page))


def _acts(request: HttpRequest, row: Any, page: Page) -> dict[str, tuple[Callable[[], Any], str]]:
    user, seen = request.user, request.POST.get("version", "")
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "up": (lambda: writing.move_row(row, by=user, step=-1), pgettext("row", "Moved.")),
        "down": (lambda: writing.move_row(row, by=user, step=1), pgettext("row", "Moved.")),
        "remove": (lambda: writing.remove_row(row, seen=seen, by=user), _("Removed.")),
    }
    if page is EXAMPLES:
        done = _("Whoever answers for the municipality is asked by email.")
        acts["ask"] = (lambda: writing.ask_agreement(row, by=user), done)
    return acts


def evidence(request: HttpRequest, slug: str) -> HttpResponse:
    """Which entries of the library of practices the brief cites."""
    brief = desk_brief_or_404(request, slug)
    data: QueryDict | None = request.POST if request.method == "POST" else None
    if data is not None:
        require(request.user, "knowledge.write_brief", brief)
    cited = list(brief.evidence.select_related("practice").defer("practice__search_en", "practice__search_fr"))
    form = forms.EvidenceChoiceForm(data, chosen=[entry.pk for entry in cited])
    if form.is_valid():
        add, remove = form.changes()
        if attempt(
            request,
            lambda: writing.keep_evidence(brief, by=request.user, add=add, remove=remove),
            _("The evidence is saved."),
        ):
            return redirect("knowledge:evidence", slug)
    context = head(brief, request.user, "evidence") | {"form": form, "cited": cited}
    return show(request, "knowledge/desk/evidence.html", context)


# ---- practices


def practice_new(request: HttpRequest) -> HttpResponse:
    require(request.user, "knowledge.write")
    form = forms.PracticeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        practice = practices.create_practice(by=request.user, **data)
        messages.success(request, _("The practice is described. Readers see it once you publish it."))
        return redirect("knowledge:practice_edit", practice.slug)
    return show(request, "knowledge/desk/practice.html", {"form": form, "practice": None, "place_form": None})


def _practice_or_404(request: HttpRequest, slug: str) -> Practice:
    require(request.user, "knowledge.write")
    return get_object_or_404(selectors.practices_to_edit(request.user), slug=slug)


def practice_edit(request: HttpRequest, slug: str) -> HttpResponse:
    """What the practice is, where it is at work, what sources say; and its publication."""
    practice = _practice_or_404(request, slug)
    act = request.POST.get("act", "")
    if act in ("publish", "place_remove"):
        return _practice_act(request, practice, act)
    places = forms.PlaceForm(request.POST if act == "place_add" else None)
    if places.is_valid() and attempt(
        request,
        lambda: practices.add_place(practice, by=request.user, **places.cleaned_data),
        _("The place is in the list."),
    ):
        return redirect("knowledge:practice_edit", slug)
    data = chosen(request.POST) if request.method == "POST" and not act else None
    form = forms.PracticeForm(data, instance=practice)
    answer = _keep_practice(request, practice, form) if form.is_valid() else None
    context = {"form": form, "practice": practice, "place_form": places, "errors": places if act else form}
    return answer or show(request, "knowledge/desk/practice.html", context)


def _keep_practice(request: HttpRequest, practice: Practice, form: Any) -> HttpResponse:
    data = dict(form.cleaned_data)
    seen = data.pop("version")
    try:
        practices.keep_practice(practice, seen=seen, by=request.user, **data)
    except Conflict as conflict:
        fresh = forms.PracticeForm(instance=conflict.current)
        return conflict_page(request, form, fresh, cancel_url=request.path)
    messages.success(request, _("Saved."))
    return redirect("knowledge:practice_edit", practice.slug)


def _practice_act(request: HttpRequest, practice: Practice, act: str) -> HttpResponse:
    if act == "publish":
        done = _("The practice is in the library.")
        attempt(request, lambda: practices.publish_practice(practice, by=request.user), done)
    else:
        place = practice.places.filter(pk=number(request.POST.get("place", ""))).first()
        if place is None:
            messages.info(request, _("This was removed meanwhile."))
        else:
            attempt(request, lambda: practices.remove_place(place, by=request.user), _("Removed."))
    return redirect("knowledge:practice_edit", practice.slug)


def evidence_add(request: HttpRequest, slug: str) -> HttpResponse:
    """What one source says about one outcome."""
    practice = _practice_or_404(request, slug)
    form = forms.EvidenceForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        if attempt(
            request,
            lambda: practices.add_evidence(practice, by=request.user, **data),
            _("The evidence is written down."),
        ):
            return redirect("knowledge:practice_edit", slug)
    return show(request, "knowledge/desk/evidence_edit.html", {"form": form, "practice": practice, "entry": None})


def evidence_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Change an entry, or remove it."""
    practice = _practice_or_404(request, slug)
    entry = get_object_or_404(practice.evidence.select_related("practice"), pk=pk)
    up = reverse("knowledge:practice_edit", args=[slug])
    removes = request.POST.get("act") == "remove"
    data = chosen(request.POST) if request.method == "POST" and not removes else None
    form = forms.EvidenceForm(data, instance=entry)
    try:
        if removes:
            seen = request.POST.get("version", "")
            attempt(request, lambda: practices.remove_evidence(entry, seen=seen, by=request.user), _("Removed."))
            return redirect(up)
        if form.is_valid() and _keep_evidence(request, entry, form):
            return redirect(up)
    except Conflict as conflict:
        if removes:
            messages.error(request, str(STALE))
            return redirect(request.path)
        return conflict_page(request, form, forms.EvidenceForm(instance=conflict.current), cancel_url=up)
    return show(request, "knowledge/desk/evidence_edit.html", {"form": form, "practice": practice, "entry": entry})


def _keep_evidence(request: HttpRequest, entry: Evidence, form: Any) -> bool:
    data = dict(form.cleaned_data)
    seen = data.pop("version")
    return attempt(
        request, lambda: practices.keep_evidence(entry, seen=seen, by=request.user, **data), _("The evidence is saved.")
    )
