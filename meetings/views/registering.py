"""Registering, with or without an account; the list of those who come, and what coordinators do about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, page_of, require, safe_next, show
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.views.lists import TYPES

from .. import services
from ..forms.registering import KeepForm, Registering, RegistrationFilter, own_details
from ..models import Meeting, Registration
from ..selectors.people import listed, registrations_of, what_happens, with_people
from ..selectors.people_file import registrations_file
from ..selectors.places import place_of, room_along, room_of
from ..services.persons import Person
from .common import head, meeting_or_404

JUST_MADE = "meetings_registered"  # in the session: the places that this visitor took last, by meeting


# ---- registering


@login_not_required
@never_cache
def register(request: HttpRequest, slug: str) -> HttpResponse:
    """One form for oneself and colleagues; with ?done, what became of each. Strangers to a members' meeting sign in first."""
    try:
        meeting = meeting_or_404(request, slug)
    except Http404:
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())
    require(request.user, "meetings.register", meeting)
    made = request.session.get(JUST_MADE, {}).get(str(meeting.pk), [])
    if "done" in request.GET and made and request.method != "POST":
        return _registered(request, meeting, made)
    on_behalf = "others" in request.GET and request.user.has_perm("meetings.keep_registrations", meeting)
    place = None if on_behalf else place_of(request.user, meeting)
    form = _form(request, meeting, on_behalf=on_behalf, is_known=place is not None)
    if request.method == "POST" and (answer := _register(request, meeting, form)):
        return answer
    return _register_page(request, meeting, form, on_behalf=on_behalf, place=place)


def _form(request: HttpRequest, meeting: Meeting, *, on_behalf: bool, is_known: bool) -> Registering:
    """The page's form, filled with what is known of the reader unless others are to be registered."""
    initial = own_details(request.user)
    if on_behalf or is_known:
        initial = {"attends": initial["attends"]} | ({} if on_behalf else {"municipality": initial["municipality"]})
    data = request.POST if request.method == "POST" else None
    return Registering(data, meeting=meeting, user=request.user, on_behalf=on_behalf, initial=initial)


def _register(request: HttpRequest, meeting: Meeting, form: Registering) -> HttpResponse | None:
    """Take the places; None when the form has to come back."""
    if form.own.is_machine:
        return redirect(meeting)
    if not form.is_valid():
        if not form.are_all_taken:
            return None
        messages.info(request, _("Everybody you named is registered already."))
        return redirect(f"{request.path}?done=1")
    if not request.user.is_authenticated:
        return _register_as_guest(request, meeting, form.people)
    made: list[Registration] = []
    people, by = form.people, request.user
    if not attempt(
        request, lambda: made.extend(services.register(meeting, people=people, by=by, by_name=people[0].name))
    ):
        return None
    kept = request.session.get(JUST_MADE, {})
    request.session[JUST_MADE] = kept | {str(meeting.pk): [place.pk for place in made]}
    return redirect(f"{request.path}?done=1")


def _register_as_guest(request: HttpRequest, meeting: Meeting, people: list[Person]) -> HttpResponse | None:
    """Take the places; who had one already gets the link again, and the page says the same of everybody."""
    try:
        made = {place.email for place in services.register(meeting, people=people, by_name=people[0].name)}
    except TransitionRefused as refused:
        if not refused.done_already:
            messages.error(request, str(refused))
            return None
        made = set()
    for person in people:
        if person.email.lower() not in made:
            services.send_links_again(person.email)
    named = [[person.name, person.email] for person in people]
    request.session[JUST_MADE] = request.session.get(JUST_MADE, {}) | {str(meeting.pk): named}
    return redirect(f"{request.path}?done=1")


def _register_page(
    request: HttpRequest, meeting: Meeting, form: Registering, *, on_behalf: bool, place: Registration | None
) -> HttpResponse:
    room = room_of(meeting)
    is_open = meeting.is_registration_open or (on_behalf and meeting.state == Meeting.State.ANNOUNCED)
    context = head(meeting, request.user) | {
        "form": form.own,
        "registering": form,
        "on_behalf": on_behalf,
        "place": place,
        "room": room,
        "happens": what_happens(meeting, room),
        "shows_form": is_open or request.method == "POST",
        "cancel_url": meeting.get_absolute_url(),
    }
    return show(request, "meetings/register.html", context)


def _registered(request: HttpRequest, meeting: Meeting, made: list[Any]) -> HttpResponse:
    """What became of each person whom this visitor has just registered; to somebody without an account only who was named."""
    if not isinstance(made[0], int):  # written down without an account, even if the visitor has signed in since
        named = [{"name": name, "email": email} for name, email in made]
        return render(request, "meetings/registered.html", head(meeting, request.user) | {"named": named, "rows": []})
    places = registrations_of(meeting).filter(pk__in=made)
    context = head(meeting, request.user) | {"rows": listed(places, meeting), "named": []}
    return render(request, "meetings/registered.html", context)


# ---- the list


@never_cache
def registrations(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = get_object_or_404(with_people(request.user), slug=slug)
    require(request.user, "meetings.see_registrations", meeting)
    sees_needs = request.user.has_perm("meetings.see_needs", meeting)
    found = RegistrationFilter(request.GET, meeting=meeting)
    page = page_of(request, found.apply(registrations_of(meeting, with_needs=sees_needs)))
    context = head(meeting, request.user) | {
        "here": "registrations",
        "filter": found,
        "page": page,
        "rows": listed(page.object_list, meeting),
        "room": room_along(meeting),
        "sees_needs": sees_needs,
        "may_keep": request.user.has_perm("meetings.keep_registrations", meeting),
        "is_filtered": found.is_filtered,
        "params": request.GET,
        "here_url": request.get_full_path(),
    }
    in_place = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "meetings/parts/registrations.html" if in_place else "meetings/registrations.html"
    answer = render(request, template, context)
    patch_vary_headers(answer, ["HX-Request"])  # or the browser's way back would show the part alone
    return answer


@never_cache
def export(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as a file: ?kind=csv or xlsx; ?needs=1 adds personal needs for those who may read them."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.see_registrations", meeting)
    kind, with_needs = request.GET.get("kind", "xlsx"), request.GET.get("needs") == "1"
    if kind not in TYPES:
        raise Http404
    if with_needs:
        require(request.user, "meetings.see_needs", meeting)
    name = f"{meeting.slug}-{timezone.localdate():%Y-%m-%d}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(
        registrations_file(meeting, kind, with_needs=with_needs), content_type=TYPES[kind], headers=headers
    )


# ---- what coordinators do about one registration


@never_cache
def registration_move(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Approve, decline with a reason, cancel with a word, or correct a registration."""
    meeting = meeting_or_404(request, slug)
    require(request.user, "meetings.see_registrations", meeting)
    place = get_object_or_404(meeting.registrations.select_related("municipality", "sector"), pk=pk)
    place.meeting = meeting
    acts: dict[str, Callable[[HttpRequest, Registration], HttpResponse]] = {
        "approve": _approve,
        "decline": _decline,
        "cancel": _cancel,
        "edit": _edit,
    }
    if name not in acts:
        raise Http404
    require(request.user, "meetings.keep_registrations", meeting)
    return acts[name](request, place)


def _list_of(request: HttpRequest, place: Registration) -> str:
    return safe_next(request, reverse("meetings:registrations", args=[place.meeting.slug]))


def _approve(request: HttpRequest, place: Registration) -> HttpResponse:
    if request.method == "POST":
        done = _("%(name)s has an answer by email.") % {"name": place.name}
        attempt(request, lambda: services.approve(place, by=request.user), done)
    return redirect(_list_of(request, place))


def _decline(request: HttpRequest, place: Registration) -> HttpResponse:
    heading = _("Do not accept %(name)s") % {"name": place.name}
    return _with_word(request, place, heading, lambda word: services.decline(place, by=request.user, word=word))


def _cancel(request: HttpRequest, place: Registration) -> HttpResponse:
    heading = _("Take back the place of %(name)s") % {"name": place.name}
    return _with_word(request, place, heading, lambda word: services.cancel_place(place, by=request.user, word=word))


def _with_word(request: HttpRequest, place: Registration, heading: str, act: Callable[[str], Any]) -> HttpResponse:
    """Ask for the reason, which the person reads, and act."""
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = _("%(name)s is told by email.") % {"name": place.name}
        attempt(request, lambda: act(form.cleaned_data["note"]), done)
        return redirect(_list_of(request, place))
    return _place_page(request, place, form, heading, "reason")


def _edit(request: HttpRequest, place: Registration) -> HttpResponse:
    """Correct who somebody is and where letters go."""
    form = KeepForm(chosen(request.POST) if request.method == "POST" else None, instance=place)
    if request.method == "POST" and form.is_valid():
        try:
            if attempt(
                request, lambda: _keep(place, dict(form.cleaned_data), request.user), _("The details are saved.")
            ):
                return redirect(_list_of(request, place))
        except Conflict as conflict:
            conflict.current.meeting = place.meeting  # type: ignore[attr-defined]
            fresh = KeepForm(instance=conflict.current)
            return conflict_page(request, form, fresh, cancel_url=_list_of(request, place))
    return _place_page(request, place, form, _("Correct a registration"), "edit")


def _keep(place: Registration, data: dict[str, Any], by: Any) -> None:
    seen, email, before = data.pop("version"), data.pop("email"), place.email.lower()
    with transaction.atomic():
        services.keep_place(place, seen=seen, by=by, **data)
        if email != before:
            services.readdress(place, email=email, by=by)


def _place_page(request: HttpRequest, place: Registration, form: Any, heading: str, asks: str) -> HttpResponse:
    context = head(place.meeting, request.user) | {
        "form": form,
        "place": place,
        "page_heading": heading,
        "asks": asks,
        "next": _list_of(request, place),
        "cancel_url": _list_of(request, place),
    }
    return show(request, "meetings/registration_edit.html", context)
