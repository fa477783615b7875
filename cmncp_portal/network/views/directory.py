"""The directory, a municipality's page, its upkeep and its membership."""

import rules
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from django.views.decorators.vary import vary_on_headers

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import page_of, require
from cmncp_portal.core.workflow import TransitionRefused

from .. import selectors, services
from ..forms import AdmitForm, DirectoryFilter, MunicipalityForm, MunicipalityOfficeForm, SuspendForm
from ..models import Municipality

WRITING = require_http_methods(["GET", "HEAD", "POST"])


def place_or_404(request: HttpRequest, slug: str) -> Municipality:
    """Return the municipality that this person may see at that address."""
    return get_object_or_404(Municipality.objects.visible_to(request.user), slug=slug)


@login_not_required
@vary_on_headers("HX-Request")
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    found = DirectoryFilter(request.GET, queryset=selectors.directory(request.user))
    page = page_of(request, found.qs)
    may_import = rules.has_perm("network.import_lists", request.user)
    context = {"filter": found, "page": page, "is_filtered": any(request.GET.values()), "may_import": may_import}
    if request.htmx:  # type: ignore[attr-defined]
        context |= {"params": request.GET, "here": request.path}
        return render(request, "network/directory_rows.html", context)
    return render(request, "network/directory.html", context)


@login_not_required
@require_safe
def municipality(request: HttpRequest, slug: str) -> HttpResponse:
    place = get_object_or_404(selectors.profile(request.user), slug=slug)
    knows = request.user.has_perm("network.view_people", place)
    context = {
        "place": place,
        "offers": selectors.topic_names(place.offered),
        "seeks": selectors.topic_names(place.sought),
        "people": list(selectors.people_of(place)) if knows else [],
        "knows_people": knows,
        "may_keep": request.user.has_perm("network.keep_municipality", place),
        "may_keep_people": request.user.has_perm("network.keep_people", place),
        "may_keep_programmes": request.user.has_perm("network.keep_programmes", place),
        "may_admit": request.user.has_perm("network.admit_members", place),
    }
    return render(request, "network/municipality.html", context)


@WRITING
def municipality_edit(request: HttpRequest, slug: str) -> HttpResponse:
    place = place_or_404(request, slug)
    require(request.user, "network.keep_municipality", place)
    form_class = MunicipalityOfficeForm if is_secretariat(request.user) else MunicipalityForm
    form = form_class(chosen(request.POST) if request.method == "POST" else None, instance=place)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            services.keep_municipality(place, seen=fields.pop("version"), by=request.user, **fields)
        except Conflict as conflict:
            fresh = form_class(instance=conflict.current)
            return conflict_page(request, form, fresh, cancel_url=place.get_absolute_url())
        messages.success(request, _("The page of the municipality is saved."))
        return redirect(place)
    return render(
        request,
        "network/municipality_edit.html",
        {"form": form, "place": place, "cancel_url": place.get_absolute_url()},
    )


@WRITING
def membership(request: HttpRequest, slug: str) -> HttpResponse:
    """Admit a municipality, or end its membership: two small forms, told apart by the button."""
    place = place_or_404(request, slug)
    require(request.user, "network.admit_members")
    move = request.POST.get("move")
    admit = AdmitForm(request.POST if move == "admit" else None)
    suspend = SuspendForm(request.POST if move == "suspend" else None)
    try:
        if move == "admit" and admit.is_valid():
            services.admit_member(place, by=request.user, **admit.cleaned_data)
            messages.success(request, _("The membership is open."))
            return redirect("network:membership", slug)
        if move == "suspend" and suspend.is_valid():
            services.suspend_member(place, by=request.user, **suspend.cleaned_data)
            messages.success(request, _("The membership ends on that day."))
            return redirect("network:membership", slug)
    except TransitionRefused as refused:
        messages.error(request, str(refused))
    history = list(selectors.membership_history(place))
    context = {"place": place, "admit": admit, "suspend": suspend, "history": history}
    return render(request, "network/membership.html", context)
