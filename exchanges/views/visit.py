"""One visit: its page, the host's answer, confirming, dates, moves, the day itself, and the record."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from cmncp_portal.core.dates import days_in_words
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.screens import require
from cmncp_portal.core.text import active_language
from cmncp_portal.notifications.selectors import undeliverable

from .. import notifications as kinds
from .. import selectors, services
from ..forms import AcceptForm, AttendanceForm, DatesForm, DeclineForm, IdeaForm, WindowsForm
from ..models import Side, Stop, Visit
from ..rules import side_of
from ..selectors.lists import entry_of
from ..services.moving import concerned, taking_part
from ..workflow import CONFIRM_GUARDS, VISIT, missing
from .common import attempt, head, told, visit_or_404
from .exchange import history


def visit_detail(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    visit = visit_or_404(request, reference, leg)
    shown_elsewhere = ("submit", "accept", "decline", "confirm", "reopen_plan", "record_held")
    offered = [o for o in VISIT.offered_to(request.user, visit) if o.transition.name not in shown_elsewhere]
    context = head(visit, request.user) | {
        "checklist": selectors.plan_checklist(visit),
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
    visit = visit_or_404(request, reference, leg)
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
        "teams": selectors.team_by_side(visit),
        "objectives": visit.exchange.objectives.all(),
    }
    return render(request, "exchanges/answer.html", context, status=422 if request.method == "POST" else 200)


def _answer(
    request: HttpRequest, visit: Visit, which: str, accept: AcceptForm, other: WindowsForm, no: DeclineForm
) -> HttpResponse | None:
    """Do what was answered; None when the form has to be shown again."""
    user = request.user
    if visit.state != Visit.State.PROPOSED:
        attempt(request, lambda: VISIT.apply(visit, "accept", by=user), "")
        return redirect(visit)
    if which == "accept" and accept.is_valid():
        window = next((w for w in visit.latest_windows if str(w.pk) == accept.cleaned_data["window"]), None)
        if window is None:
            raise Http404
        note = accept.cleaned_data["note"]
        attempt(
            request,
            lambda: services.accept_window(visit, window=window, by=user, note=note),
            _("Accepted. Both sides are told; now you plan together."),
        )
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
        attempt(request, lambda: services.decline(visit, by=user, **no.cleaned_data), done)
        return redirect("exchanges:list")
    return None


def confirm(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """What confirming means, who will be told, what is still missing; and the button."""
    visit = visit_or_404(request, reference, leg)
    side = side_of(request.user, visit)
    if request.method == "POST":
        if side is None:
            raise Http404
        seen = int(request.POST.get("plan_version", "0") or 0) if request.POST.get("plan_version", "0").isdigit() else 0
        done = _(
            "You confirmed the plan. When both sides have, everyone gets the programme and the dates for their calendar."
        )
        attempt(request, lambda: services.confirm(visit, side=side, by=request.user, seen_plan=seen), done)
        return redirect(visit)
    context = head(visit, request.user) | {
        "missing": missing(visit, CONFIRM_GUARDS),
        "may_confirm": side is not None and request.user.has_perm(f"exchanges.confirm_for_{side}", visit),
        "mine": visit.confirmed_by(side) if side else None,
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
    visit = visit_or_404(request, reference, leg)
    was_confirmed = visit.state == Visit.State.CONFIRMED
    require(request.user, "exchanges.move_visit" if was_confirmed else "exchanges.plan_visit", visit)
    initial = {"starts_on": visit.starts_on, "ends_on": visit.ends_on, "plan_version": visit.plan_version}
    form = DatesForm(request.POST or None, initial=initial, reason_needed=was_confirmed)
    people = concerned(visit) if was_confirmed else []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = _("The dates are set.") + (" " + told(len(people)) if was_confirmed else "")
        act = lambda: services.set_dates(
            visit,
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            by=request.user,
            seen_plan=data["plan_version"],
            word=data["word"],
        )  # noqa: E731
        if attempt(request, act, done):
            return redirect(visit)
    context = head(visit, request.user) | {
        "form": form,
        "was_confirmed": was_confirmed,
        "people": people,
        "cancel_url": visit.get_absolute_url(),
    }
    return render(request, "exchanges/dates.html", context)


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
    note = request.POST.get("note", "")[:1000]
    done = _("Done: %(move)s. Those concerned are told.") % {"move": VISIT[name].label}
    attempt(request, lambda: MOVES[name](visit, by=request.user, note=note), done)
    still = type(visit.exchange).objects.visible_to(request.user).filter(pk=visit.exchange_id).exists()
    return redirect(visit.exchange if still else "exchanges:list")


def day(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """The visit day on a phone: today's programme, the next stop, the telephone, and a line for an idea."""
    visit = visit_or_404(request, reference, leg)
    require(request.user, "exchanges.see_team", visit)
    side = side_of(request.user, visit) or Side.HOSTS
    form = IdeaForm(request.POST or None, visit=visit)
    if request.method == "POST" and form.is_valid():
        if attempt(
            request,
            lambda: services.catch_idea(visit, side=side, by=request.user, **form.cleaned_data),
            _("Your idea is noted."),
        ):
            return redirect("exchanges:day", reference, leg)
    ideas = visit.ideas.filter(by_user=request.user) | visit.ideas.filter(is_shared=True)
    context = (
        head(visit, request.user) | day_context(visit) | {"form": form, "ideas": ideas.select_related("programme")[:30]}
    )
    return render(request, "exchanges/day.html", context)


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
    visit = visit_or_404(request, reference, leg)
    require(request.user, "exchanges.record_visit", visit)
    form = AttendanceForm(request.POST if request.method == "POST" else None, visit=visit)
    if request.method == "POST" and form.is_valid():
        done = _("Recorded. Everyone who came is asked to evaluate the visit.")
        attempt(request, lambda: services.record_held(visit, by=request.user, attendance=form.attendance()), done)
        return redirect(visit)
    reason = VISIT["record_held"].refusal(visit)
    context = head(visit, request.user) | {"form": form, "reason": reason, "cancel_url": visit.get_absolute_url()}
    return render(request, "exchanges/record.html", context)


def printed(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """The programme on paper."""
    visit = visit_or_404(request, reference, leg)
    teams = selectors.team_by_side(visit) if request.user.has_perm("exchanges.see_team", visit) else []
    context = head(visit, request.user) | {"days": selectors.day_plans(visit), "teams": teams}
    return render(request, "exchanges/visit_print.html", context)


def calendar_file(request: HttpRequest, reference: str, leg: str) -> HttpResponse:
    """The visit as a calendar file."""
    visit = visit_or_404(request, reference, leg)
    if visit.starts_on is None:
        messages.info(request, _("This visit has no dates yet."))
        return redirect(visit)
    body = to_ics([entry_of(visit)], language=active_language())
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{reference}.ics"'},
    )


def team_problems(visit: Visit) -> set[str]:
    """Return the addresses in the team to which letters do not get through."""
    return undeliverable([m.email for m in visit.team.all() if m.email])
