"""What a municipality looks for and what it can give: written by who speaks for it, read by who works for it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.screens import attempt, require, show
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality

from ..forms.wanting import NeedForm, OfferForm
from ..models import MentoringNeed
from ..selectors import wanting as selectors
from ..services import wanting as services

WRITING = require_http_methods(["GET", "HEAD", "POST"])


def _place(request: HttpRequest, slug: str, permission: str) -> Municipality:
    """Return the municipality: 404 for who may not know of it, 403 for who may not read what it wants."""
    place = get_object_or_404(Municipality.objects.visible_to(request.user), slug=slug)
    require(request.user, permission, place)
    return place


def _form_page(
    request: HttpRequest, make: Callable[..., Any], keep: Callable[..., Any], done: str, template: str, context: Any
) -> HttpResponse:
    """Answer with the form of `context["thing"]`, save what was posted, or show both texts after a conflict.

    `make(thing, data)` gives the form; `keep` is the service that saves it.
    """
    form = make(context["thing"], chosen(request.POST) if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        fields = dict(form.cleaned_data)
        try:
            keep(context["place"], seen=fields.pop("version"), by=request.user, **fields)
        except Conflict as conflict:
            return conflict_page(request, form, make(conflict.current), cancel_url=request.path)
        except TransitionRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, done)
            return redirect("mentoring:overview")
    return show(request, template, context | {"form": form})


@WRITING
def need(request: HttpRequest, slug: str) -> HttpResponse:
    place = _place(request, slug, "mentoring.see_need")
    thing, stage = selectors.need_of(place), selectors.stage_of(place)
    context = {"place": place, "thing": thing, "stage": stage, "cancel_url": reverse("mentoring:overview")}
    has_mentor = thing is not None and thing.state == MentoringNeed.State.MATCHED
    if request.method == "POST":
        require(request.user, "mentoring.keep_need", place)
    elif has_mentor or not request.user.has_perm("mentoring.keep_need", place):
        return render(request, "mentoring/wanting/need.html", context)

    def make(current: Any, data: Any = None) -> NeedForm:
        begun = {} if current else {"stage": stage, "languages": place.languages, "topics": place.seeks.all()}
        return NeedForm(data, instance=current, place=place, stage=stage, initial=begun)

    done = _("Saved. The network’s coordinators look for a mentor and write to you.")
    return _form_page(request, make, services.keep_need, done, "mentoring/wanting/need_edit.html", context)


@WRITING
def offer(request: HttpRequest, slug: str) -> HttpResponse:
    place = _place(request, slug, "mentoring.see_offer")
    thing, is_member = selectors.offer_of(place), selectors.is_a_member(place)
    context = {"place": place, "thing": thing, "is_member": is_member, "cancel_url": reverse("mentoring:overview")}
    if request.method == "POST":
        require(request.user, "mentoring.keep_offer", place)
    elif not (is_member and request.user.has_perm("mentoring.keep_offer", place)):
        return render(request, "mentoring/wanting/offer.html", context)

    def make(current: Any, data: Any = None) -> OfferForm:
        begun = {} if current else {"languages": place.languages, "topics": place.offers.all()}
        return OfferForm(data, instance=current, initial=begun)

    done = _("Saved. The coordinators propose municipalities to you; you decide each time.")
    return _form_page(request, make, services.keep_offer, done, "mentoring/wanting/offer_edit.html", context)


@require_POST
def need_act(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    place = _place(request, slug, "mentoring.see_need")
    require(request.user, "mentoring.keep_need", place)
    thing = selectors.last_need_of(place)
    if name != "withdraw" or thing is None:
        raise Http404
    done = _("Withdrawn. You can write a new one at any time.")
    attempt(request, lambda: services.withdraw_need(thing, by=request.user), done)
    return redirect("mentoring:overview")


@require_POST
def offer_act(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    place = _place(request, slug, "mentoring.see_offer")
    require(request.user, "mentoring.keep_offer", place)
    thing = selectors.last_offer_of(place)
    if name not in services.OFFER_MOVES or thing is None:
        raise Http404
    done = {
        "pause": _("Paused. Nobody new is proposed to you; what runs goes on."),
        "resume": _("Your offer stands again."),
        "withdraw": _("Withdrawn. What runs goes on."),
    }
    attempt(request, lambda: services.move_offer(thing, name, by=request.user), done[name])
    return redirect("mentoring:overview")
