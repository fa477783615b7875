"""Local prevention work: its page and its upkeep."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import require

from .. import selectors, services
from ..forms import ProgrammeForm
from ..models import PreventionProgramme
from .directory import WRITING, place_or_404


def _programme_or_404(request: HttpRequest, slug: str, pk: int) -> PreventionProgramme:
    return get_object_or_404(selectors.programme_with_place(request.user), municipality__slug=slug, pk=pk)


@login_not_required
@require_safe
def programme(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = _programme_or_404(request, slug, pk)
    may_keep = request.user.has_perm("network.keep_programmes", found)
    return render(
        request, "network/programme.html", {"programme": found, "place": found.municipality, "may_keep": may_keep}
    )


@WRITING
def programme_add(request: HttpRequest, slug: str) -> HttpResponse:
    place = place_or_404(request, slug)
    require(request.user, "network.keep_programmes", place)
    form = ProgrammeForm(request.POST or None, municipality=place)
    if request.method == "POST" and form.is_valid():
        added = services.add_programme(place, by=request.user, **form.cleaned_data)
        messages.success(request, _("The programme is listed."))
        return redirect(added)
    context = {"form": form, "place": place, "programme": None, "cancel_url": place.get_absolute_url()}
    return render(request, "network/programme_edit.html", context)


@WRITING
def programme_edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    found = _programme_or_404(request, slug, pk)
    require(request.user, "network.keep_programmes", found)
    place = found.municipality
    form = ProgrammeForm(chosen(request.POST) if request.method == "POST" else None, instance=found, municipality=place)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            services.keep_programme(found, seen=fields.pop("version"), by=request.user, **fields)
        except Conflict as conflict:
            fresh = ProgrammeForm(instance=conflict.current, municipality=place)
            return conflict_page(request, form, fresh, cancel_url=found.get_absolute_url())
        messages.success(request, _("The programme is saved."))
        return redirect(found)
    context = {"form": form, "place": place, "programme": found, "cancel_url": found.get_absolute_url()}
    return render(request, "network/programme_edit.html", context)
