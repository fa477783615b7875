"""Renewals: the coordinators' desk and the member's own page. And the first steps of a new member."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, page_of, require, show
from cmncp_portal.network.models import Membership
from cmncp_portal.network.rules import municipality_ids_of

from ..forms.desk import RenewedForm
from ..models import Renewal
from ..selectors import desk as lists
from ..selectors import pages
from ..services import first_steps as stepping
from ..services import renewing
from ..workflow import RENEWAL

Answer = HttpResponse | None


@never_cache
@require_safe
def renewals(request: HttpRequest) -> HttpResponse:
    """Which renewals are due, in grace, lapsed or settled."""
    require(request.user, "joining.record_renewal")
    shown = request.GET.get("list", "due")
    if shown not in lists.RENEWAL_LISTS:
        raise Http404
    page = page_of(request, lists.renewals(request.user, shown))
    context = {
        "shown": shown,
        "page": page,
        "counts": lists.renewal_counts(),
        "params": request.GET,
        "today": timezone.localdate(),
    }
    return render(request, "joining/renewals.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def renewal_act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Record a renewal, let it lapse, bring it back, note that the member leaves. GET asks what is needed for it."""
    require(request.user, "joining.record_renewal")
    rows = Renewal.objects.visible_to(request.user).select_related("membership__municipality")
    renewal: Renewal = get_object_or_404(rows, pk=pk)
    acts: dict[str, Callable[[HttpRequest, Renewal], Answer]] = {
        "renew": _record,
        "bring_back": _bring_back,
        "lapse": _lapse,
        "leave": _leave,
    }
    if name not in acts:
        raise Http404
    return acts[name](request, renewal) or redirect("joining:renewals")


def _record(request: HttpRequest, renewal: Renewal) -> Answer:
    done = _("Recorded. The member is told when the next renewal is due.")
    return _on_a_day(request, renewal, "renew", lambda on: renewing.record(renewal, by=request.user, on=on), done)


def _bring_back(request: HttpRequest, renewal: Renewal) -> Answer:
    done = _("Renewed after all: the membership runs again.")
    return _on_a_day(
        request, renewal, "bring_back", lambda on: renewing.bring_back(renewal, by=request.user, on=on), done
    )


def _on_a_day(request: HttpRequest, renewal: Renewal, name: str, act: Callable[[Any], Any], done: str) -> Answer:
    """Do `act` on the day that was typed, or ask for it."""
    form = RenewedForm(request.POST if request.method == "POST" else None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        attempt(request, lambda: act(form.cleaned_data["on"]), done)
        return None
    return _ask(request, renewal, name, form, reverse("joining:renewals"))


def _ask(request: HttpRequest, renewal: Renewal, name: str, form: Any, up: str) -> HttpResponse:
    about = str(renewal.membership.municipality)
    context = {"form": form, "move": RENEWAL[name].label, "about": about, "cancel_url": up}
    return show(request, "joining/reason.html", context)


def _lapse(request: HttpRequest, renewal: Renewal) -> None:
    if request.method != "POST":
        raise Http404
    attempt(request, lambda: renewing.lapse(renewal, by=request.user), _("Recorded: the membership has lapsed."))


def _leave(request: HttpRequest, renewal: Renewal) -> Answer:
    return _leaves(request, renewal, reverse("joining:renewals"))


def _leaves(request: HttpRequest, renewal: Renewal, up: str) -> Answer:
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        word = form.cleaned_data["note"]
        done = _("Noted. Thank you for telling why.")
        attempt(request, lambda: renewing.leave(renewal, by=request.user, word=word), done)
        return None
    return _ask(request, renewal, "leave", form, up)


# --- the member's own pages


def _membership_or_404(found: Membership | None) -> Membership:
    if found is None:
        raise Http404
    return found


@never_cache
@require_safe
def my_renewal(request: HttpRequest, slug: str) -> HttpResponse:
    """When the membership is renewed, what it costs, how long grace runs; we stay, we leave."""
    membership = _membership_or_404(pages.last_membership(slug))
    require(request.user, "joining.see_renewal", membership)
    context = {
        "place": membership.municipality,
        "found": pages.renewing(membership),
        "may_confirm": request.user.has_perm("joining.confirm_renewal", membership),
        "is_ours": membership.municipality_id in municipality_ids_of(request.user),
    }
    return render(request, "joining/my_renewal.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def my_renewal_act(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    membership = _membership_or_404(pages.last_membership(slug))
    require(request.user, "joining.confirm_renewal", membership)
    rows = (
        Renewal.objects.visible_to(request.user)
        .filter(membership=membership)
        .select_related("membership__municipality")
    )
    renewal = rows.order_by("-due_on").first()
    if renewal is None or name not in ("stay", "leave"):
        raise Http404
    here = reverse("joining:my_renewal", args=[slug])
    return (_stay(request, renewal) if name == "stay" else _leaves(request, renewal, here)) or redirect(here)


def _stay(request: HttpRequest, renewal: Renewal) -> Answer:
    if request.method != "POST":
        raise Http404
    done = _("Thank you: the coordinators settle the rest with you.")
    attempt(request, lambda: renewing.say_we_stay(renewal, by=request.user), done)
    return None


@never_cache
@require_safe
def first_steps(request: HttpRequest, slug: str) -> HttpResponse:
    """The five first steps of a new member, with where each is taken."""
    membership = _membership_or_404(pages.membership_with_steps(slug))
    require(request.user, "joining.do_first_steps", membership)
    steps = pages.steps(membership)
    left = sum(not step.is_done for step in steps)
    context = {"membership": membership, "place": membership.municipality, "steps": steps, "left": left}
    return render(request, "joining/first_steps.html", context)


@require_POST
def step_act(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    """Tick a step, or take the tick back (undo=1)."""
    membership = _membership_or_404(pages.membership_with_steps(slug))
    require(request.user, "joining.do_first_steps", membership)
    step = get_object_or_404(membership.first_steps.all(), code=code)
    stepping.tick(step, by=request.user, done="undo" not in request.POST)
    return redirect("joining:first_steps", slug)
