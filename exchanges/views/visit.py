"""One visit: its page, the host's answer, confirming, dates, moves, the day itself, and the record."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core import files
from cmncp_portal.core.checklist import first_missing
from cmncp_portal.core.dates import days_in_words
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import number, require, show
from cmncp_portal.core.text import active_language
from cmncp_portal.network.rules import municipality_ids_of
from cmncp_portal.notifications.selectors import undeliverable

from .. import notifications as kinds
from .. import selectors, services
from ..forms import AcceptForm, AttendanceForm, DatesForm, DeclineForm, IdeaForm, WindowsForm
from ..models import HostRequest, Side, Stop, Visit
from ..rules import side_of
from ..selectors.lists import entry_of
from ..services.moving import concerned, taking_part
from ..services.telling import leads
from ..workflow import CONFIRM_GUARDS, VISIT, missing
from .common import attempt, head, reason_page, visit_or_404
from .exchange import history


def visit_detail(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=("stops", "objectives", "team", "confirmations"))
    shown_elsewhere = ("submit", "accept", "decline", "confirm", "reopen_plan", "record_held")
    offered = [o for o in VISIT.offered_to(request.user, visit) if o.transition.name not in shown_elsewhere]
    checklist = selectors.plan_checklist(visit)
    context = head(visit, request.user) | {
        "checklist": checklist,
        "first_missing": first_missing(checklist),
        "missing_count": sum(not check.is_done for check in checklist),
        "coverage": selectors.coverage(visit),
        "days": selectors.day_plans(visit),
        "teams": selectors.team_by_side(visit),
        "offered": offered,
        "move_base": reverse("exchanges:move", args=[reference, leg, "x"]).removesuffix("x/"),
        "confirmations": [
            (place, visit.confirmed_by(side))
            for side, place in [(Side.VISITORS, visit.visiting), (Side.HOSTS, visit.hosting)]
        ],
        "entries": _history(visit),
        "may_plan": request.user.has_perm("exchanges.plan_visit", visit),
        "may_see_team": request.user.has_perm("exchanges.see_team", visit),
        "may_decide": request.user.has_perm("exchanges.decide_return", visit),
    }
    return render(request, "exchanges/visit_detail.html", context)


def _history(visit: Visit) -> list[dict[str, Any]]:
    told_changes = [
        {"at": c.at, "text": c.text_fr if active_language() == "fr" else c.text_en, "by": c.by_name, "note": ""}
        for c in visit.plan_changes.all()[:100]
    ]
    entries = history(list(visit.changes.all())) + told_changes
    return sorted(entries, key=lambda e: e["at"], reverse=True)[:60]


def answer(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """The page of the side whose turn it is: one of the periods, other dates, or no."""
    visit = Visit.objects.visible_to(request.user).with_plan().filter(exchange__reference=reference, leg=leg).first()
    if visit is None:
        return _declined_before(request, reference)
    windows = [(w.pk, days_in_words(w.starts_on, w.ends_on)) for w in visit.latest_windows]
    which = request.POST.get("answer", "")
    accept = AcceptForm(request.POST if which == "accept" else None, windows=windows)
    other = WindowsForm(request.POST if which == "dates" else None)
    no = DeclineForm(request.POST if which == "decline" else None)
    if request.method == "POST":
        done = _answer(request, visit, which, accept, other, no)
        if done is not None:
            return done
    may_answer = visit.state == Visit.State.PROPOSED and request.user.has_perm("exchanges.answer_request", visit)
    context = head(visit, request.user) | {
        "accept": accept,
        "other": other,
        "no": no,
        "windows": visit.latest_windows,
        "may_answer": may_answer,
        "may_decline": request.user.has_perm("exchanges.decline_request", visit),
        "teams": selectors.team_by_side(visit) if request.user.has_perm("exchanges.see_team", visit) else [],
        "objectives": visit.exchange.objectives.all(),
    }
    return show(request, "exchanges/answer.html", context)


def _declined_before(request: HttpRequest, reference: str) -> HttpResponse:
    """A host that declined no longer sees the request; its people hear that it was answered, everybody else 404."""
    mine = municipality_ids_of(request.user)
    answers = HostRequest.objects.filter(exchange__reference=reference, outcome="declined", municipality__in=mine)
    last = answers.select_related("answered_by").order_by("-answered_at").first()
    if last is None:
        raise Http404
    messages.info(request, _("Already declined by %(who)s.") % {"who": last.answered_by or _("the portal")})
    return redirect("exchanges:list")


def _answer(
    request: HttpRequest, visit: Visit, which: str, accept: AcceptForm, other: WindowsForm, no: DeclineForm
) -> HttpResponse | None:
    """Do what was answered; None when the form has to be shown again."""
    user = request.user
    if visit.state != Visit.State.PROPOSED:
        return _answered_before(request, visit)
    require(user, "exchanges.decline_request" if which == "decline" else "exchanges.answer_request", visit)
    if which == "accept" and accept.is_valid():
        window = next(w for w in visit.latest_windows if str(w.pk) == accept.cleaned_data["window"])
        note = accept.cleaned_data["note"]
        if attempt(
            request,
            lambda: services.accept_window(visit, window=window, by=user, note=note),
            _("Accepted. Both sides are told; now you plan together."),
        ):
            return redirect(visit)
    if which == "dates" and other.is_valid():
        windows, word = other.cleaned_data["windows"], other.cleaned_data["word"]
        if attempt(
            request,
            lambda: services.propose_windows(visit, windows=windows, by=user, word=word),
            _("Your dates are proposed; the other side is told."),
        ):
            return redirect(visit.exchange)
    if which == "decline" and no.is_valid():
        done = _("Your answer is sent. Thank you for answering.")
        if attempt(request, lambda: services.decline(visit, by=user, **no.cleaned_data), done):
            return redirect("exchanges:list")
    return None


def _answered_before(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Say who answered, to those who may answer; a page that was open for long is no offence."""
    user = request.user
    if not user.has_perm("exchanges.plan_visit", visit):
        raise PermissionDenied
    answered = {Visit.State.ACCEPTED: "accept", Visit.State.DECLINED: "decline"}
    if name := answered.get(Visit.State(visit.state)):
        messages.info(request, str(VISIT.already(visit, VISIT[name])))
    else:
        messages.error(request, str(VISIT["accept"].refusal(visit)))
    return redirect(visit)


def confirm(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """What confirming means, who will be told, what is still missing; and the button."""
    visit = visit_or_404(request, reference, leg, only=("stops", "objectives", "team", "confirmations", "topics"))
    side = side_of(request.user, visit)
    if request.method == "POST":
        if side is None:
            raise PermissionDenied
        seen = number(request.POST.get("plan_version", ""))
        done = _(
            "You confirmed the plan. When both sides have, everyone gets the programme and the dates for their calendar."
        )
        attempt(request, lambda: services.confirm(visit, side=side, by=request.user, seen_plan=seen), done)
        return redirect(visit)
    context = head(visit, request.user) | {
        "missing": missing(visit, CONFIRM_GUARDS),
        "may_confirm": side is not None and request.user.has_perm(f"exchanges.confirm_for_{side}", visit),
        "mine": visit.confirmed_by(side) if side else None,
        "is_last": side is not None and visit.confirmed_by(Side(side).other) is not None,
        "people": taking_part(visit),
        "letters": _confirmation_letter(visit),
        "days": selectors.day_plans(visit),
        "teams": selectors.team_by_side(visit),
    }
    return render(request, "exchanges/confirm.html", context)


def _confirmation_letter(visit: Visit) -> list[Any]:
    """Return the letter that everybody gets when both sides have confirmed."""
    agreed = [s for s in visit.stops.all() if s.status == Stop.Status.AGREED]
    name = {"en": "…", "fr": "…"}
    return kinds.preview(kinds.CONFIRMED, visit, name=name, programme=kinds.stop_words(agreed))


def dates(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg, only=())
    was_confirmed = visit.state == Visit.State.CONFIRMED
    require(request.user, "exchanges.move_visit" if was_confirmed else "exchanges.plan_visit", visit)
    initial = {"starts_on": visit.starts_on, "ends_on": visit.ends_on, "plan_version": visit.plan_version}
    data = request.POST if request.method == "POST" else None
    form = DatesForm(data, initial=initial, reason_needed=was_confirmed)
    status = 422
    if form.is_valid():
        if _set_dates(request, visit, form.cleaned_data):
            return redirect(visit)
        # What was typed comes back under the plan as it is now, so that sending it once more is a choice and not a loop.
        typed = request.POST.copy()
        typed["plan_version"] = str(visit.plan_version)
        form.data = typed
        status = 409
    context = head(visit, request.user) | {
        "form": form,
        "was_confirmed": was_confirmed,
        "people": people_to_tell(visit) if was_confirmed else [],
        "cancel_url": visit.get_absolute_url(),
    }
    return show(request, "exchanges/dates.html", context, status=status)


def _set_dates(request: HttpRequest, visit: Visit, data: dict[str, Any]) -> bool:
    done = _("The dates are set.")
    if (data["starts_on"], data["ends_on"]) == (visit.starts_on, visit.ends_on):
        messages.success(request, done)
        return True
    return attempt(
        request,
        lambda: services.set_dates(
            visit,
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            by=request.user,
            seen_plan=data["plan_version"],
            word=data["word"],
        ),
        done,
        about=visit if visit.state == Visit.State.CONFIRMED else None,
    )


def people_to_tell(visit: Visit) -> set[str]:
    """Return the addresses of those who hear of a change of a confirmed visit: who comes or was asked, and both leads."""
    asked = {m.email.lower() for m in concerned(visit) if m.email and (m.takes_part or not m.wants_no_more)}
    return asked | {r.email.lower() for side in Side for r in leads(visit, side)}


MOVES = {
    "withdraw": services.withdraw,
    "postpone": services.postpone,
    "cancel": services.cancel,
    "change_host": services.change_host,
    "reopen": services.reopen,
}


@require_POST
def move(request: HttpRequest, reference: str, leg: str, name: str) -> HttpResponse:
    """A move that needs a reason and nothing else."""
    visit = visit_or_404(request, reference, leg)
    if name not in MOVES:
        raise Http404
    if _moved_before(request.user, visit, name):
        messages.info(request, str(VISIT.already(visit, VISIT[name])))
        return redirect(visit.exchange)
    require(request.user, VISIT[name].permission, visit)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return reason_page(request, visit, form, VISIT[name].label)
    note = form.cleaned_data["note"]
    done = _("Done: %(move)s.") % {"move": VISIT[name].label}
    attempt(request, lambda: MOVES[name](visit, by=request.user, note=note), done, about=visit)
    still = type(visit.exchange).objects.visible_to(request.user).filter(pk=visit.exchange_id).exists()
    return redirect(visit.exchange if still else "exchanges:list")


def _moved_before(user: Any, visit: Visit, name: str) -> bool:
    """Tell whether `visit` stands where the move called `name` leads because somebody made it: a second click, or both tabs."""
    nothing_since = {"postpone": visit.starts_on is None, "change_host": visit.hosting is None}.get(name, True)
    if visit.state != VISIT[name].target or not nothing_since:
        return False
    if side_of(user, visit) is None and not user.has_perm("exchanges.find_host", visit):
        return False
    last = visit.changes.order_by("-at", "-pk").first()
    return last is not None and last.transition == name


def day(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """The visit day on a phone: today's programme, the next stop, the telephone, and a line for an idea."""
    visit = visit_or_404(request, reference, leg, only=("stops",))
    require(request.user, "exchanges.see_team", visit)
    side = side_of(request.user, visit) or Side.HOSTS
    may_note = request.user.has_perm("exchanges.catch_idea", visit)
    if request.method == "POST" and not may_note:
        raise PermissionDenied
    form = IdeaForm(request.POST if request.method == "POST" else None, visit=visit)
    if form.is_valid() and attempt(
        request,
        lambda: services.catch_idea(visit, side=side, by=request.user, **form.cleaned_data),
        _("Your idea is noted."),
    ):
        return redirect("exchanges:day", reference, leg)
    ideas = visit.ideas.filter(Q(by_user=request.user) | Q(is_shared=True)).select_related("programme")
    context = head(visit, request.user) | day_context(visit)
    context |= {"form": form, "ideas": ideas[:30], "may_note": may_note}
    return show(request, "exchanges/day.html", context)


def day_context(visit: Visit) -> dict[str, Any]:
    """Return today's programme and the next stop, by the clock of the host."""
    plans = selectors.day_plans(visit, only_agreed=True)
    today = visit.today()
    current = next((p for p in plans if p.day == today), plans[0] if plans else None)
    now = timezone.now()
    upcoming = None
    for plan in plans:
        for row in plan.stops:
            row.stop.visit = visit
            instants = row.stop.instants()
            if upcoming is None and instants and instants[1] > now:
                upcoming = row.stop
    return {"plan": current, "plans": plans, "next_stop": upcoming, "is_today": bool(current and current.day == today)}


def record(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """It took place: who came. Both sides are then asked to evaluate."""
    visit = visit_or_404(request, reference, leg, only=("team",))
    require(request.user, "exchanges.record_visit", visit)
    form = AttendanceForm(request.POST if request.method == "POST" else None, visit=visit)
    if request.method == "POST" and form.is_valid():
        done = _("Recorded. Everyone who came is asked to evaluate the visit.")
        attempt(request, lambda: services.record_held(visit, by=request.user, attendance=form.attendance()), done)
        return redirect(visit)
    reason = VISIT["record_held"].refusal(visit)
    context = head(visit, request.user) | {"form": form, "reason": reason, "cancel_url": visit.get_absolute_url()}
    return show(request, "exchanges/record.html", context)


def printed(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """The programme on paper."""
    visit = visit_or_404(request, reference, leg, only=("stops", "team"))
    teams = selectors.team_by_side(visit) if request.user.has_perm("exchanges.see_team", visit) else []
    context = head(visit, request.user) | {"days": selectors.day_plans(visit), "teams": teams}
    return render(request, "exchanges/visit_print.html", context)


def calendar_file(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """The visit as a calendar file."""
    visit = visit_or_404(request, reference, leg)
    if visit.starts_on is None:
        messages.info(request, _("This visit has no dates yet."))
        return redirect(visit)
    return files.calendar_file(to_ics([entry_of(visit)], language=active_language()), reference)


def team_problems(visit: Visit) -> set[str]:
    """Return the addresses in the team to which letters do not get through."""
    return undeliverable([m.email for m in visit.team.all() if m.email])
