"""Who takes part: naming, inviting, replacing, leading."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cmncp_portal.core.conflicts import chosen, conflict_page
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import require, show

from .. import selectors, services
from ..forms import LeadForm, MemberForm
from ..models import Side, TeamMember, Visit
from .common import attempt, head, reason_page, visit_or_404
from .visit import team_problems

KEEP = {Side.VISITORS: "exchanges.keep_visitors", Side.HOSTS: "exchanges.keep_hosts"}


def team(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=("team",))
    user = request.user
    require(user, "exchanges.see_team", visit)
    context = head(visit, user) | {
        "teams": selectors.team_by_side(visit),
        "may_keep": [side for side in Side if user.has_perm(KEEP[side], visit)],
        "sees_needs": [side for side in Side if user.has_perm(f"exchanges.see_{side}_needs", visit)],
        "problems": team_problems(visit),
        "is_inviting": visit.state in services.team.INVITING,
        "may_waive": user.has_perm("exchanges.waive_team", visit) and visit.state in services.team.INVITING,
        "waive_form": ReasonForm(),
    }
    return render(request, "exchanges/team.html", context)


def member_add(request: HttpRequest, reference: str, leg: str, side: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    wanted = Side(side)
    require(request.user, KEEP[wanted], visit)
    form = MemberForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        data = _fields(form)
        if attempt(
            request,
            lambda: services.add_member(visit, side=wanted, by=request.user, **data),
            _("The place in the team is saved."),
        ):
            return redirect("exchanges:team", reference, leg)
    return _member_page(request, visit, form, _("Add a place to the team"))


def _fields(form: MemberForm) -> dict[str, Any]:
    data = dict(form.cleaned_data)
    data.pop("version", None)
    return data


def _has_left(member: TeamMember) -> bool:
    return member.status in (TeamMember.Status.REPLACED, TeamMember.Status.WITHDRAWN)


def _gone(request: HttpRequest, visit: Visit, member: TeamMember) -> HttpResponse:
    """A page that was open for long, or a second click: say how things stand."""
    messages.info(request, _("%(name)s is no longer in the team.") % {"name": member})
    return redirect("exchanges:team", visit.exchange.reference, visit.leg)


def _member_page(
    request: HttpRequest, visit: Visit, form: MemberForm | LeadForm, heading: str, member: TeamMember | None = None
) -> HttpResponse:
    cancel_url = reverse("exchanges:team", args=[visit.exchange.reference, visit.leg])
    context = head(visit, request.user) | {
        "form": form,
        "page_heading": heading,
        "member": member,
        "cancel_url": cancel_url,
    }
    return show(request, "exchanges/member_edit.html", context)


def _member_or_404(visit: Visit, pk: int) -> TeamMember:
    member = get_object_or_404(visit.team.all(), pk=pk)
    member.visit = visit
    return member


def member_edit(request: HttpRequest, reference: str, leg: str, pk: int) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    member = _member_or_404(visit, pk)
    require(request.user, KEEP[Side(member.side)], visit)
    if _has_left(member):
        return _gone(request, visit, member)
    form = MemberForm(chosen(request.POST) if request.method == "POST" else None, instance=member)
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["version"]
        data = _fields(form)
        try:
            saved = attempt(
                request,
                lambda: services.keep_member(member, seen=seen, by=request.user, **data),
                _("The details are saved."),
            )
        except Conflict as conflict:
            return conflict_page(
                request, form, MemberForm(instance=conflict.current), cancel_url=visit.get_absolute_url()
            )
        if saved:
            return redirect("exchanges:team", reference, leg)
    return _member_page(request, visit, form, _("Details of a team member"), member)


def member_replace(request: HttpRequest, reference: str, leg: str, pk: int) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    member = _member_or_404(visit, pk)
    require(request.user, KEEP[Side(member.side)], visit)
    if _has_left(member):
        return _gone(request, visit, member)
    form = MemberForm(request.POST if request.method == "POST" else None, initial={"category": member.category})
    if form.is_valid():
        data = _fields(form)
        if not data.get("name"):
            form.add_error("name", _("Who comes instead?"))
        elif attempt(
            request,
            lambda: services.replace_member(member, by=request.user, **data),
            _("Replaced; the new person is invited."),
        ):
            return redirect("exchanges:team", reference, leg)
    heading = _("Who comes instead of %(name)s?") % {"name": member}
    return _member_page(request, visit, form, heading, member)


@require_POST
def member_move(request: HttpRequest, reference: str, leg: str, pk: int, name: str) -> HttpResponse:
    """Invite (again), or take out of the team."""
    visit = visit_or_404(request, reference, leg)
    member = _member_or_404(visit, pk)
    require(request.user, KEEP[Side(member.side)], visit)
    if name not in ("invite", "remove"):
        raise Http404
    if _has_left(member):
        return _gone(request, visit, member)
    if name == "invite":
        attempt(
            request,
            lambda: services.invite_member(member, by=request.user),
            _("%(name)s is invited by email.") % {"name": member},
        )
    else:
        attempt(
            request,
            lambda: services.remove_member(member, by=request.user),
            _("%(name)s is no longer in the team.") % {"name": member},
        )
    return redirect("exchanges:team", reference, leg)


@require_POST
def invite_all(request: HttpRequest, reference: str, leg: str, side: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg)
    wanted = Side(side)
    require(request.user, KEEP[wanted], visit)
    count = 0

    def act() -> None:
        nonlocal count
        count = services.invite_all(visit, side=wanted, by=request.user)

    if attempt(request, act, ""):
        sentence = ngettext("One invitation is on its way.", "%(count)s invitations are on their way.", count) % {
            "count": count
        }
        messages.success(request, sentence if count else _("Everybody with an address has been invited already."))
    return redirect("exchanges:team", reference, leg)


def lead(request: HttpRequest, reference: str, leg: str, side: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    wanted = Side(side)
    require(request.user, KEEP[wanted], visit)
    place = visit.municipality_of(wanted)
    if place is None:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = LeadForm(data, municipality=place, initial={"stakeholder": visit.lead_of(wanted)})
    if form.is_valid():
        person = form.cleaned_data["stakeholder"]
        done = _("%(name)s now leads for %(place)s.") % {"name": person, "place": place}
        if attempt(request, lambda: services.name_lead(visit, side=wanted, stakeholder=person, by=request.user), done):
            return redirect("exchanges:team", reference, leg)
    return _member_page(request, visit, form, _("Who leads for %(place)s?") % {"place": place})


@require_POST
def waive(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg)
    require(request.user, "exchanges.waive_team", visit)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return reason_page(request, visit, form, _("Let the team go as it is"))
    reason = form.cleaned_data["note"]
    attempt(request, lambda: services.waive_team(visit, by=request.user, reason=reason), _("The team may go as it is."))
    return redirect("exchanges:team", reference, leg)
