"""What every screen of exchanges does first: find what this person may see, and answer refusals kindly."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused

from ..models import Exchange, Side, Visit
from ..rules import side_of
from ..selectors import next_step, stage_of
from ..selectors.lists import title_of
from ..selectors.stages import tone_of


def exchange_or_404(request: HttpRequest, reference: str) -> Exchange:
    """Return the exchange if this person may know of it; else 404, whether it exists or not."""
    return get_object_or_404(Exchange.objects.visible_to(request.user).with_story(), reference=reference)


def visit_or_404(request: HttpRequest, reference: str, leg: str) -> Visit:
    """Return the leg with its plan if this person may know of it; else 404."""
    return get_object_or_404(Visit.objects.visible_to(request.user).with_plan(), exchange__reference=reference, leg=leg)


def head(visit: Visit, user: Any) -> dict[str, Any]:
    """Return what each page about a visit says on top: title, stage, the next step and whether it is the reader's."""
    side = side_of(user, visit)
    request = visit.exchange.host_requests.filter(outcome="").first() if visit.state == Visit.State.PROPOSED else None
    step = next_step(visit, answer_due_on=request.due_on if request else None)
    stage = stage_of(visit)
    return {
        "visit": visit,
        "exchange": visit.exchange,
        "title": title_of(visit),
        "stage": stage,
        "tone": tone_of(stage),
        "step": step,
        "my_side": side,
        "my_turn": side is not None and side in step.actors,
        "visiting": visit.visiting,
        "hosting": visit.hosting,
        "sides": [(Side.VISITORS, visit.visiting), (Side.HOSTS, visit.hosting)],
    }


def attempt(request: HttpRequest, act: Callable[[], Any], done: str) -> bool:
    """Do `act` and say `done`; a refusal becomes a message with its reason. Return whether it was done."""
    try:
        act()
    except TransitionRefused as refused:
        level = messages.INFO if refused.done_already else messages.ERROR
        messages.add_message(request, level, str(refused))
        return False
    if done:
        messages.success(request, done)
    return True


def told(count: int) -> str:
    """Return the sentence that says how many people were told."""
    from django.utils.translation import ngettext

    return (
        ngettext("One person is told.", "%(count)s people are told.", count) % {"count": count}
        if count
        else _("Nobody needs a letter.")
    )
