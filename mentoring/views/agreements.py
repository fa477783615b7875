"""One agreement: its page, asking, moves, people, the hand-over sheet, what the check-ins said."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import attempt, number, show
from cmncp_portal.core.workflow import Offer

from ..forms.agreements import AskForm, PersonForm
from ..models import Agreement, CheckIn, Goal, Side
from ..rules import sides_of
from ..selectors import check_ins as checks
from ..selectors.agreements import (
    GOAL_TONES,
    answers_of,
    cautions_of,
    goals_of,
    history_of,
    next_step,
    reasons_of,
    sessions_of,
    unanswered,
)
from ..selectors.hand_over import sheet_of
from ..services import asking, concluding
from ..services import people as persons
from ..workflow import AGREEMENT
from .doors import Door, door_of, head

S = Agreement.State
IN_PLACE = ("withdraw", "pause", "resume", "end_early")  # the other moves have a page of their own
SESSIONS = 10


@require_safe
def agreement(request: HttpRequest, reference: str) -> HttpResponse:
    return agreement_page(request, door_of(request, reference, "mentoring.see", whole=True))


def agreement_page(request: HttpRequest, door: Door) -> HttpResponse:
    """The page of the agreement (`whole`), behind either door."""
    found: Any = door.agreement
    goals = goals_of(found)
    sessions = _sessions(request, found)
    context = head(door) | {
        "step": next_step(found, goals),
        "my_sides": [side for side in unanswered(found) if side in door.sides_led],
        "answers": answers_of(found),
        "reasons": reasons_of(found),
        "goals": goal_rows(door, goals),
        "sessions": sessions,
        "session_rows": [(row, door.to("session_edit", row.pk)) for row in sessions],
        "params": request.GET,
        "documents": [(row["title"], row["url"] or door.to("document", row["pk"])) for row in found.document_rows],
        "sides": sides_rows(door),
        "offered": _offered(door),
        "move_base": "" if door.is_guest else door.to("move", "x").removesuffix("x/"),
        "entries": history_of(found),
    }
    return show(request, "mentoring/agreements/agreement.html", context)


def _sessions(request: HttpRequest, found: Any) -> Any:
    """The page of sessions that is asked for; how many there are came with the agreement."""
    pages = Paginator(sessions_of(found), SESSIONS)
    pages.__dict__["count"] = found.session_count
    return pages.get_page(number(request.GET.get("page", "")) or 1)


def _offered(door: Door) -> list[Offer]:
    """The moves that are made on the page itself; none of them has conditions."""
    state, by = door.agreement.state, door.by
    moves = [AGREEMENT[name] for name in IN_PLACE if state in AGREEMENT[name].sources]
    return [
        Offer(move, None) for move in moves if isinstance(by, User) and by.has_perm(move.permission, door.agreement)
    ]


def goal_rows(door: Door, goals: list[Goal]) -> list[dict[str, Any]]:
    """Return each goal with its tone and the addresses of what may be done with it."""
    return [
        {
            "goal": goal,
            "tone": GOAL_TONES[Goal.State(goal.state)],
            "edit_url": door.to("goal_act", goal.pk, "edit"),
            "reached_url": door.to("goal_act", goal.pk, "reached"),
            "dropped_url": door.to("goal_act", goal.pk, "dropped"),
            "open_url": door.to("goal_act", goal.pk, "open"),
        }
        for goal in goals
    ]


def sides_rows(door: Door) -> list[dict[str, Any]]:
    """Return both municipalities with their people, and where each person is taken off or made the lead."""
    return [
        {
            "side": side,
            "place": door.agreement.municipality_of(side),
            "may_keep": side in door.sides_kept,
            "people": [
                (p, door.to("person_act", p.pk, "lead"), door.to("person_act", p.pk, "leave"))
                for p in door.people
                if p.side == side
            ],
        }
        for side in (Side.MENTEE, Side.MENTOR)
    ]


def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Read the proposal and the letter, write a word, ask both."""
    door = door_of(request, reference, "mentoring.propose")
    found, user = door.agreement, door.by
    form = AskForm(request.POST or None)
    is_valid = request.method == "POST" and form.is_valid()
    word = form.cleaned_data["word"] if is_valid else ""
    if is_valid and "send" in request.POST:
        attempt(
            request, lambda: asking.ask_both(found, by=user, word=word), _("Both municipalities are asked by letter.")
        )
        return redirect(found)
    if found.state != S.PROPOSED and request.method != "POST":
        return redirect(found)
    context = head(door) | {
        "form": form,
        "reasons": reasons_of(found),
        "cautions": cautions_of(found),
        "blocked": AGREEMENT["ask_both"].refusal(found),
        "letters": asking.preview(found, by=user, word=word),
        "is_preview": is_valid,
    }
    return show(request, "mentoring/agreements/ask.html", context, status=200 if is_valid else 422)


@require_POST
def move(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Take back, pause, go on, end early. The other moves have pages of their own."""
    door = door_of(request, reference, "mentoring.see")
    if name not in IN_PLACE:
        raise Http404
    found, by = door.agreement, door.by
    transition = AGREEMENT[name]
    if not by.has_perm(transition.permission, found):  # type: ignore[union-attr]
        raise PermissionDenied
    form = ReasonForm(request.POST, required=transition.needs_reason)
    if found.state in transition.sources and not form.is_valid():
        return form_page(request, door, form, transition.label)
    note = form.cleaned_data.get("note", "") if form.is_valid() else request.POST.get("note", "")[:1000]
    acts: dict[str, tuple[Callable[[], Any], str]] = {
        "withdraw": (lambda: concluding.withdraw(found, by=by, reason=note), _("The proposal is taken back.")),
        "pause": (lambda: concluding.pause(found, by=by, reason=note), _("It is paused; both sides are told.")),
        "resume": (lambda: concluding.resume(found, by=by), _("It goes on; both sides are told.")),
        "end_early": (lambda: concluding.end_early(found, by=by, reason=note), _("It is ended; both sides are told.")),
    }
    attempt(request, *acts[name])
    return redirect(found)


def form_page(request: HttpRequest, door: Door, form: Any, heading: Any, **more: Any) -> HttpResponse:
    """Answer with a page that is one form; what was typed comes back with 422."""
    context = head(door) | {"form": form, "page_heading": heading} | more
    return show(request, "mentoring/agreements/edit.html", context)


def people(request: HttpRequest, reference: str) -> HttpResponse:
    return people_page(request, door_of(request, reference, "mentoring.keep_people"))


def people_page(request: HttpRequest, door: Door) -> HttpResponse:
    """Who takes part on each side; add somebody."""
    if not door.sides_kept:
        raise PermissionDenied
    form = PersonForm(
        request.POST if request.method == "POST" else None, agreement=door.agreement, sides=door.sides_kept
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = _("%(name)s takes part; the personal page is on its way.") % {"name": data["name"]}
        if attempt(request, lambda: persons.add_person(door.agreement, by=door.by, **data), done):
            return redirect(door.to("people"))
    context = head(door) | {"form": form, "sides": sides_rows(door)}
    return show(request, "mentoring/agreements/people.html", context)


@require_POST
def person_act(request: HttpRequest, reference: str, pk: int, name: str) -> HttpResponse:
    return person_act_page(request, door_of(request, reference, "mentoring.see"), pk, name)


def person_act_page(request: HttpRequest, door: Door, pk: int, name: str) -> HttpResponse:
    """Let somebody lead, or note that they no longer take part."""
    person = get_object_or_404(door.agreement.participants.all(), pk=pk)
    person.agreement = door.agreement
    acts = {
        "lead": (
            lambda: persons.make_lead(person, by=door.by),
            _("%(name)s leads from now on.") % {"name": person.name},
        ),
        "leave": (
            lambda: persons.remove_person(person, by=door.by),
            _("%(name)s no longer takes part.") % {"name": person.name},
        ),
    }
    if name not in acts:
        raise Http404
    attempt(request, *acts[name])
    is_gone = door.is_guest and person.pk == door.by.pk and name == "leave"
    return redirect("mentoring:lost_link" if is_gone else door.to("people" if door.sides_kept else "agreement"))


@require_safe
def hand_over(request: HttpRequest, reference: str) -> HttpResponse:
    return hand_over_page(request, door_of(request, reference, "mentoring.hand_over"))


def hand_over_page(request: HttpRequest, door: Door) -> HttpResponse:
    """What somebody who takes over needs to know, for paper."""
    context = head(door) | {"sheet": sheet_of(door.agreement), "step": next_step(door.agreement)}
    return show(request, "mentoring/agreements/hand_over.html", context)


@require_safe
def check_ins(request: HttpRequest, reference: str) -> HttpResponse:
    """What both sides answered, one moment at a time, next to each other. Nobody reads those of the own municipality."""
    user: Any = request.user
    if not user.has_perm("mentoring.read_check_ins"):
        door_of(request, reference)  # a stranger does not learn that it exists
        raise PermissionDenied
    found = get_object_or_404(Agreement.objects.with_places().exclude(state=S.PROPOSED), reference=reference)
    if sides_of(user, found) and not is_secretariat(user):
        raise PermissionDenied
    rows = checks.asked_of(found)
    there = list(dict.fromkeys(row.check_in.moment for row in rows))
    asked = request.GET.get("moment", "")
    moment = asked if asked in there else there[-1] if there else ""
    shown = [row.check_in.survey for row in rows if row.check_in.moment == moment]
    may_review = bool(shown) and user.has_perm("evaluation.review")
    context = head(Door(found, user)) | {
        "rows": rows,
        "moments": [(value, CheckIn.Moment(value).label) for value in there],
        "moment": moment,
        "groups": checks.results(rows, moment, "other_side") if moment else [],
        "desk_url": reverse("evaluation:occasion", args=[shown[0].occasion_id]) if may_review else "",
        "may_open": is_secretariat(user),
    }
    return show(request, "mentoring/agreements/check_ins.html", context)
