"""Each side answers for itself: who represents it, signed in, or who leads for it, by the personal link."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from cmncp_portal.core.screens import attempt, show
from cmncp_portal.core.workflow import TransitionRefused

from ..forms.agreements import DeclineForm
from ..models import Agreement, Side
from ..selectors.agreements import answers_of, next_step, reasons_of, unanswered
from ..services import answering
from .doors import Door, door_of, head


def answer(request: HttpRequest, reference: str) -> HttpResponse:
    return answer_page(request, door_of(request, reference, "mentoring.see"))


def answer_page(request: HttpRequest, door: Door) -> HttpResponse:
    """Read the proposal, accept or decline with a reason. Works on a telephone."""
    if not door.sides_led or door.agreement.state == Agreement.State.PROPOSED:
        raise PermissionDenied
    side = _side(request, door)
    declines = request.method == "POST" and request.POST.get("answer") == "decline"
    form = DeclineForm(request.POST if declines else None)
    if request.method == "POST" and not declines:
        _accept(request, door, side)
        return redirect(door.to("agreement"))
    if declines and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = _("Thank you for answering. The other municipality and the coordinators are told.")
        attempt(request, lambda: answering.decline(door.agreement, side=side, by=door.by, reason=reason), done)
        return redirect(door.to("agreement"))
    return show(request, "mentoring/agreements/answer.html", _context(door, side) | {"form": form})


def _context(door: Door, side: Any) -> dict[str, Any]:
    found = door.agreement
    return head(door) | {
        "side": side,
        "place": found.municipality_of(side),
        "other": found.municipality_of(answering.OTHER[side]),
        "is_mentor": side == Side.MENTOR,
        "may_answer": side in unanswered(found),
        "may_decline": found.state == Agreement.State.AWAITING,
        "answers": answers_of(found),
        "reasons": reasons_of(found),
        "step": next_step(found),
    }


def _side(request: HttpRequest, door: Door) -> Any:
    """The side for which is answered: who decides for both is asked for the one that has not answered."""
    asked = request.POST.get("side", "")
    led = [side for side in (Side.MENTEE, Side.MENTOR) if side in door.sides_led]
    open_ones = [side for side in led if side in unanswered(door.agreement)]
    return next((side for side in led if side == asked), (open_ones or led)[0])


def _accept(request: HttpRequest, door: Door, side: str) -> None:
    try:
        outcome = answering.accept(door.agreement, side=side, by=door.by)
    except TransitionRefused as refused:
        level = messages.INFO if refused.done_already else messages.ERROR
        messages.add_message(request, level, str(refused))
        return
    if outcome == "begun":
        messages.success(request, _("Both have accepted: it begins today, and everybody gets a letter."))
    elif outcome == "no_room":
        sorry = _("Another municipality accepted a moment ago and the mentor has no room left. Everybody is told.")
        messages.warning(request, sorry)
    else:
        messages.success(request, _("Thank you: your municipality has accepted. The other one is still to answer."))
