"""Dates of training for everybody: the list, one offering, its calendar file; enrolling oneself, or one's staff."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.screens import attempt, page_of, show
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.rules import speaks_for_ids

from ..forms.enrolling import EnrolForm, StaffForm, StaffRows
from ..forms.offerings import OfferingFilter
from ..models import Enrolment, Offering
from ..selectors import offerings as selectors
from ..selectors.builds import builds_of
from ..selectors.places import place_of, room_along, room_of, what_happens
from ..selectors.when import completion_in_words, own_time, sessions_in_words
from ..services.enrolling import Person
from ..services.enrolling import enrol as enrol_people
from .offerings_common import head, offering_or_404, readable

G = Offering.State


@login_not_required
@require_safe
def offering_list(request: HttpRequest) -> HttpResponse:
    found = OfferingFilter(request.GET)
    page = page_of(request, found.apply(selectors.offering_list(request.user)))
    context = {
        "filter": found,
        "page": page,
        "rows": selectors.listed(page.object_list),
        "when": found.when_asked,
        "is_filtered": found.is_filtered,
        "may_plan": request.user.has_perm("training.plan_offering"),
        "params": request.GET,
    }
    in_place = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "training/offerings/parts/results.html" if in_place else "training/offerings/list.html"
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])  # or the browser's way back would show the part alone
    return answer


@login_not_required
@require_safe
def offering(request: HttpRequest, reference: str) -> HttpResponse:
    """One offering; who is not signed in and may not see it is asked to sign in first."""
    user = request.user
    found: Any = selectors.page_rows(user).filter(reference=readable(reference)).first()
    if found is None:
        if user.is_authenticated:
            raise Http404
        return redirect_to_login(request.get_full_path())
    sessions, room, mine = list(found.sessions.all()), room_along(found), selectors.mine_along(found)
    top = head(found, user)
    zone = user.time_zone if user.is_authenticated else ""
    context = top | {
        "here": "offering",
        "sentence": selectors.step_in_words(found, room),
        "sessions": sessions_in_words(sessions, active_language()),
        "own_time": own_time(found, sessions, zone),
        "completion": completion_in_words(found, len(sessions)) if sessions else "",
        "built": builds_of(found.module_id),
        "room": room,
        "mine": mine,
        "staff": selectors.staff_along(found),
        "primary": _primary(found, mine, top["can"], is_full=room.is_full),
        "may_enrol_staff": top["can"]["enrol_staff"] and _takes_staff(found, top["can"]),
    }
    return render(request, "training/offerings/offering.html", context)


def _primary(found: Offering, mine: Any, can: dict[str, bool], *, is_full: bool) -> dict[str, str]:
    """Return label and address of the one thing to do now; nothing when there is none."""

    def button(label: str, page: str) -> dict[str, str]:
        return {"label": label, "url": reverse(f"training:{page}", args=[found.reference])}

    if found.state == G.PLANNED:
        return button(_("Prepare"), "offering_prepare") if can["teach"] else {}
    if found.state == G.OPEN and found.is_over and can["take_attendance"]:
        return button(_("Note who came"), "attendance")
    if mine and found.state != G.CANCELLED:
        return {"label": _("My page"), "url": reverse("training:place", args=[mine.token])}
    if found.is_enrolment_open:
        return button(_("Join the waiting list") if is_full else _("Enrol"), "enrol")
    return {}


def _takes_staff(found: Offering, can: dict[str, bool]) -> bool:
    return found.is_enrolment_open or (can["organise"] and found.state == G.OPEN and not found.is_over)


@login_not_required
@require_safe
def calendar_file(request: HttpRequest, reference: str) -> HttpResponse:
    """The days for a calendar; 404 while there are none."""
    found = offering_or_404(request, reference)
    return calendar_answer(found)


def calendar_answer(found: Offering) -> HttpResponse:
    """Return the calendar file of `found` with all its days; raises Http404 while there are none."""
    entries = selectors.entries_of(found, list(found.sessions.all()))
    if not entries:
        raise Http404
    body = to_ics(entries, language=active_language())
    headers = {"Content-Disposition": f'attachment; filename="{found.reference}.ics"'}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


# --- enrolling


@never_cache
def enrol(request: HttpRequest, reference: str) -> HttpResponse:
    """Oneself. Who has a place already is led to her own page."""
    found, user = offering_or_404(request, reference), request.user
    place = place_of(user, found)
    if place is not None:
        messages.info(request, _("You have answered already: “%(state)s”.") % {"state": place.get_status_display()})
        return redirect("training:place", place.token)
    form = EnrolForm(request.POST if request.method == "POST" else None, offering=found, user=user)
    made: list[Enrolment] = []
    if form.is_valid() and attempt(
        request,
        lambda: made.extend(enrol_people(found, people=[form.person()], by=user)),
        _("Thank you. A letter with the link to this page is on its way."),
    ):
        return redirect("training:place", made[0].token)
    room = room_of(found)
    context = head(found, user) | {
        "form": form,
        "room": room,
        "happens": what_happens(found, room) if found.is_enrolment_open else selectors.step_in_words(found, room),
        "shows_form": found.is_enrolment_open or request.method == "POST",
        "cancel_url": found.get_absolute_url(),
    }
    return show(request, "training/offerings/enrol.html", context)


@never_cache
def enrol_staff(request: HttpRequest, reference: str) -> HttpResponse:
    """People of one's own municipality; for coordinators, anybody."""
    found, user = offering_or_404(request, reference), request.user
    if not (is_secretariat(user) or speaks_for_ids(user)):
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = StaffForm(data, user=user)
    rows: Any = StaffRows(data, prefix="person")
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        people = rows.people(form.cleaned_data["municipality"], form.cleaned_data.get("organisation", ""))
        if _enrol_staff(request, found, people):
            return redirect(found)
    context = head(found, user) | {
        "form": form,
        "rows": rows,
        "happens": what_happens(found, room_of(found)),
        "cancel_url": found.get_absolute_url(),
    }
    return show(request, "training/offerings/enrol_staff.html", context)


def _enrol_staff(request: HttpRequest, found: Offering, people: list[Person]) -> bool:
    """Take the places and say what became of them; False when it was refused and the page comes back."""
    try:
        made = enrol_people(found, people=people, by=request.user)
    except TransitionRefused as refused:
        messages.add_message(request, messages.INFO if refused.done_already else messages.ERROR, str(refused))
        return refused.done_already
    for status, words in _became(made):
        messages.success(request, f"{words} {status}")
    known = {person.email.lower() for person in people} - {place.email for place in made}
    for email in sorted(known):
        messages.info(request, _("%(email)s has a place already.") % {"email": email})
    return True


def _became(made: list[Enrolment]) -> list[tuple[str, str]]:
    groups: dict[str, list[str]] = {}
    for place in made:
        groups.setdefault(str(place.get_status_display()), []).append(place.name)
    told = []
    for status, names in groups.items():
        count = len(names)
        words = ngettext("One person gets a letter:", "%(count)s people get a letter:", count) % {"count": count}
        told.append((f"{', '.join(names)} – {status}.", words))
    return told
