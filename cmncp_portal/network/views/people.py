"""The people of a municipality: the list, and what may be done for each of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import page_of, require
from cmncp_portal.core.workflow import TransitionRefused

from .. import selectors, services
from ..forms import HandOverForm, LeaveForm, MergeForm, MoveForm, StakeholderForm
from ..models import Municipality, Stakeholder
from .directory import WRITING, place_or_404


def _kept_place(request: HttpRequest, slug: str) -> Municipality:
    place = place_or_404(request, slug)
    require(request.user, "network.keep_people", place)
    return place


def _kept_person(request: HttpRequest, slug: str, pk: int) -> Stakeholder:
    rows = Stakeholder.objects.visible_to(request.user).select_related("municipality", "user", "sector")
    person = get_object_or_404(rows, municipality__slug=slug, pk=pk)
    require(request.user, "network.keep_people", person)
    return person


def _page(request: HttpRequest, template: str, place: Municipality, **context: Any) -> HttpResponse:
    context |= {"place": place, "cancel_url": reverse("network:people", args=[place.slug])}
    return render(request, template, context)


@require_safe
def people(request: HttpRequest, slug: str) -> HttpResponse:
    place = place_or_404(request, slug)
    require(request.user, "network.view_people", place)
    may_keep = request.user.has_perm("network.keep_people", place)
    context = {
        "place": place,
        "page": page_of(request, selectors.people_of(place)),
        "may_keep": may_keep,
        "former": list(selectors.former_people_of(place)[:50]) if may_keep else [],
    }
    return render(request, "network/people.html", context)


@WRITING
def person_add(request: HttpRequest, slug: str) -> HttpResponse:
    place = _kept_place(request, slug)
    form = StakeholderForm(request.POST or None, municipality=place)
    if request.method == "POST" and form.is_valid():
        try:
            person = services.add_stakeholder(place, by=request.user, **form.cleaned_data)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(name)s is listed.") % {"name": person.name})
            return redirect("network:people", slug)
    return _page(request, "network/person_edit.html", place, form=form, person=None)


@WRITING
def person_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    person = _kept_person(request, slug, pk)
    place = person.municipality
    form = StakeholderForm(
        chosen(request.POST) if request.method == "POST" else None, instance=person, municipality=place
    )
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            services.keep_stakeholder(person, seen=fields.pop("version"), by=request.user, **fields)
        except Conflict as conflict:
            fresh = StakeholderForm(instance=conflict.current, municipality=place)
            return conflict_page(request, form, fresh, cancel_url=request.path)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": person.name})
            return redirect("network:people", slug)
    return _page(request, "network/person_edit.html", place, form=form, person=person)


@WRITING
def person_leave(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    person = _kept_person(request, slug, pk)
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.leave(person, by=request.user, **form.cleaned_data)
            messages.success(
                request, _("Noted: %(name)s leaves. What they did stays with you.") % {"name": person.name}
            )
        except TransitionRefused as refused:
            messages.error(request, str(refused))
        return redirect("network:people", slug)
    return _page(request, "network/person_leave.html", person.municipality, form=form, person=person)


@WRITING
def person_move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    person = _kept_person(request, slug, pk)
    form = MoveForm(request.POST or None, municipality=person.municipality)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        require(request.user, "network.keep_people", fields["to"])
        try:
            moved = services.move_stakeholder(person, by=request.user, **fields)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            said = {"name": moved.name, "municipality": moved.municipality}
            messages.success(request, _("%(name)s is now listed in %(municipality)s.") % said)
            return redirect("network:people", moved.municipality.slug)
    return _page(request, "network/person_move.html", person.municipality, form=form, person=person)


@require_POST
def person_invite(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    person = _kept_person(request, slug, pk)
    try:
        user = services.give_account(person, by=request.user)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    else:
        if user.accepted_at:
            messages.success(
                request, _("%(name)s had an account already; it now works here too.") % {"name": person.name}
            )
        else:
            messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": user.email})
    return redirect("network:people", slug)


@WRITING
def hand_over(request: HttpRequest, slug: str) -> HttpResponse:
    """Who represents the municipality from now on. The page says who gets a letter before it is sent."""
    place = _kept_place(request, slug)
    form = HandOverForm(request.POST or None, municipality=place)
    if request.method == "POST" and form.is_valid():
        try:
            new = services.transfer_representative(place, by=request.user, **form.cleaned_data)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(
                request, _("%(name)s now represents the municipality. Letters are on their way.") % {"name": new.name}
            )
            return redirect("network:people", slug)
    context = {
        "form": form,
        "present": selectors.representative_of(place),
        "coordinators": len(selectors.coordinators()),
    }
    return _page(request, "network/hand_over.html", place, **context)


@WRITING
def person_merge(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Two steps on one address: choose the other entry, see what moves, then merge."""
    person = _kept_person(request, slug, pk)
    others = Stakeholder.objects.filter(municipality=person.municipality).exclude(pk=person.pk)
    form = MergeForm(request.POST or request.GET or None, people=others)
    duplicate = form.cleaned_data["duplicate"] if form.is_bound and form.is_valid() else None
    if request.method == "POST" and duplicate:
        try:
            services.merge_stakeholders(person, duplicate=duplicate, by=request.user)
            messages.success(request, _("The two entries of %(name)s are one.") % {"name": person.name})
            return redirect("network:people", slug)
        except TransitionRefused as refused:
            messages.error(request, str(refused))
    moving = services.what_moves(duplicate) if duplicate else []
    likely = [one for one in selectors.duplicates_of(person) if one.municipality_id == person.municipality_id]
    context = {"form": form, "person": person, "duplicate": duplicate, "moving": moving, "likely": likely}
    return _page(request, "network/person_merge.html", person.municipality, **context)
