"""The agenda as the organisers keep it, and what is printed of it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, number, require, show
from cmncp_portal.core.text import active_language

from .. import report
from ..forms.agenda import ItemForm
from ..models import AgendaItem, Meeting
from ..selectors import agenda as selectors
from ..services import agenda as services
from .common import head, meeting_or_404


@login_not_required
@require_safe
def programme_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The programme on paper, for everybody who may know of the meeting."""
    meeting = meeting_or_404(request, slug)
    return _pdf(report.programme_pdf(meeting, active_language()), meeting, "programme")


@require_safe
@never_cache
def badges_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.see_registrations", meeting)
    return _pdf(report.badges_pdf(meeting, active_language()), meeting, "badges")


def _pdf(content: bytes, meeting: Meeting, name: str) -> HttpResponse:
    disposition = f'inline; filename="{meeting.slug}-{name}-{active_language()}.pdf"'
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": disposition})


@require_safe
def agenda(request: HttpRequest, slug: str) -> HttpResponse:
    """The agenda with its clashes, for those who prepare the meeting; only some of them change it."""
    meeting = meeting_or_404(request, slug, "agenda__speakers", "agenda__materials")
    require(request.user, "meetings.see_preparation", meeting)
    context = head(meeting, request.user) | {"here": "agenda"}
    closed = selectors.agenda_closed(meeting, request.user)
    items = selectors.items_of(meeting)
    context |= {
        "days": selectors.agenda_days(meeting, for_participants=True),
        "clashes": selectors.clashes_of(meeting, items),
        "mark": selectors.mark_of(items),
        "closed": closed if context["can"]["keep_agenda"] else "",
        "may_keep": context["can"]["keep_agenda"] and not closed,
    }
    return render(request, "meetings/agenda.html", context)


def _agenda_url(meeting: Meeting) -> str:
    return reverse("meetings:agenda", args=[meeting.slug])


def _form(request: HttpRequest, meeting: Meeting, item: AgendaItem | None = None, **more: Any) -> ItemForm:
    people = selectors.people_to_choose(request.user, item)
    data = chosen(request.POST) if request.method == "POST" else None
    return ItemForm(more.pop("data", data), instance=item, meeting=meeting, people=people, **more)


def _written(form: ItemForm) -> dict[str, Any]:
    return form.item_fields() | {"speakers": form.cleaned_data["speakers"], "links": form.cleaned_data["links"]}


def _page(request: HttpRequest, form: ItemForm, item: AgendaItem | None, *, status: int = 422) -> HttpResponse:
    meeting = form.meeting
    context = head(meeting, request.user) | {"form": form, "item": item, "cancel_url": _agenda_url(meeting)}
    return show(request, "meetings/item_edit.html", context, status=status)


def item_add(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.keep_agenda", meeting)
    form = _form(request, meeting)
    if form.is_valid() and attempt(
        request,
        lambda: services.add_item(meeting, by=request.user, **_written(form)),
        _("The session is on the agenda."),
    ):
        return redirect("meetings:agenda", slug)
    return _page(request, form, None)


def item_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.keep_agenda", meeting)
    item = meeting.agenda.prefetch_related("speakers", "materials").filter(pk=pk).first()
    if item is None:
        return _removed_meanwhile(request, meeting, pk)
    form = _form(request, meeting, item)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["version"]
        try:
            saved = attempt(
                request,
                lambda: services.keep_item(item, seen=seen, by=request.user, **_written(form)),
                _("The session is saved."),
            )
        except Conflict as conflict:
            return _both_texts(request, meeting, form, conflict)
        if saved:
            return redirect("meetings:agenda", slug)
    return _page(request, form, item)


def _both_texts(request: HttpRequest, meeting: Meeting, form: ItemForm, conflict: Conflict) -> HttpResponse:
    """Show both texts; each of the two forms has as many lines as the other, so that no speaker of either is lost."""
    item: Any = conflict.current
    item.meeting = meeting
    fresh = ItemForm(instance=item, meeting=meeting, people=form.people, lines=form.lines)
    whole = _form(request, meeting, item, lines=fresh.lines)
    whole.is_valid()
    return conflict_page(request, whole, fresh, cancel_url=_agenda_url(meeting))


def _removed_meanwhile(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    """Somebody took the session off while it was being written: what was typed can be added as a new one."""
    if not selectors.was_on_agenda(meeting, pk):
        raise Http404
    messages.info(request, _("This session was taken off the agenda."))
    if request.method != "POST":
        return redirect("meetings:agenda", meeting.slug)
    typed = chosen(request.POST).copy()
    typed["version"] = "1"
    for key in [key for key in typed if key.startswith("link_") and key.endswith("_pk")]:
        del typed[key]
    return _page(request, _form(request, meeting, data=typed), None, status=409)


@require_POST
def item_move(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """One place up or down, or off the agenda."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.keep_agenda", meeting)
    item = meeting.agenda.filter(pk=pk).first()
    if item is None:
        return _removed_already(request, meeting, pk)
    if name == "remove" and number(request.POST.get("version", "")) != item.version:
        messages.error(request, _("Somebody changed the agenda meanwhile; look at it again."))
        return redirect("meetings:agenda", slug)
    acts = {
        "up": (lambda: services.move_item(item, by=request.user, step=-1), pgettext("session", "Moved.")),
        "down": (lambda: services.move_item(item, by=request.user, step=1), pgettext("session", "Moved.")),
        "remove": (lambda: services.remove_item(item, by=request.user), _("The session is off the agenda.")),
    }
    if name not in acts:
        raise Http404
    attempt(request, *acts[name])
    return redirect("meetings:agenda", slug)


def _removed_already(request: HttpRequest, meeting: Meeting, pk: int) -> HttpResponse:
    if not selectors.was_on_agenda(meeting, pk):
        raise Http404
    messages.info(request, _("This session was taken off the agenda."))
    return redirect("meetings:agenda", meeting.slug)


@require_POST
def reorder(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the whole order after dragging. Answers with the new mark, or 409 when the page was old: it then loads again."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.keep_agenda", meeting)
    order = [number(pk) for pk in request.POST.getlist("order")]
    marks: list[str] = []
    try:
        attempt(
            request,
            lambda: marks.append(
                services.reorder(meeting, by=request.user, order=order, seen=request.POST.get("seen", ""))
            ),
        )
    except Conflict:
        messages.error(request, _("Somebody changed the agenda meanwhile; look at it again."))
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"seen": marks[0]} if marks else {}, status=200 if marks else 409)
    return redirect("meetings:agenda", slug)
