"""What every screen of exchanges does first: find what this person may see, and answer refusals kindly."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cmncp_portal.core import screens
from cmncp_portal.core.forms import ReasonForm
from cmncp_portal.core.screens import show
from cmncp_portal.notifications.models import Message

from ..models import Exchange, Side, Stop, Visit
from ..rules import side_of
from ..selectors import next_step, stage_of
from ..selectors.lists import title_of
from ..selectors.stages import tone_of


def exchange_or_404(request: HttpRequest, reference: str) -> Exchange:
    """Return the exchange if this person may know of it; else 404, whether it exists or not."""
    return get_object_or_404(Exchange.objects.visible_to(request.user).with_story(), reference=reference)


def _parts(only: Iterable[str], state: str) -> list[Any]:
    """Return what is fetched for a page that reads the parts named in `only`, and for the sentence that says whose turn it is."""
    lookups: dict[str, list[Any]] = {
        "stops": [Prefetch("stops", Stop.objects.select_related("programme"))],
        "objectives": ["exchange__objectives", "stops__objectives"],
        "team": ["team"],
        "confirmations": ["confirmations"],
        "topics": ["exchange__topics"],
    }
    turn = {Visit.State.PROPOSED: ["windows"], Visit.State.ACCEPTED: ["confirmations"]}
    return [lookup for name in only for lookup in lookups[name]] + turn.get(Visit.State(state), [])


def visit_or_404(request: HttpRequest, reference: str, leg: str, *, only: Iterable[str] | None = None) -> Visit:
    """Return the leg if this person may know of it, else 404.

    It comes with its whole plan, or with the parts named in `only`: a page that names its parts pays for no others.
    """
    rows = Visit.objects.visible_to(request.user)
    if only is None:
        return get_object_or_404(rows.with_plan(), exchange__reference=reference, leg=leg)
    known = rows.select_related("exchange__guest", "exchange__host", "visiting_lead", "host_lead")
    visit = get_object_or_404(known, exchange__reference=reference, leg=leg)
    prefetch_related_objects([visit], *_parts(only, visit.state))
    return visit


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


def reason_page(request: HttpRequest, visit: Visit, form: ReasonForm, heading: Any) -> HttpResponse:
    """Ask once more for the reason of a move, with what was typed."""
    context = head(visit, request.user) | {
        "form": form,
        "page_heading": heading,
        "cancel_url": visit.get_absolute_url(),
    }
    return show(request, "exchanges/reason.html", context)


def attempt(request: HttpRequest, act: Callable[[], Any], done: str, *, about: Visit | None = None) -> bool:
    """Do `act` and say `done`; a refusal becomes a message with its reason. Return whether it was done.

    With `about`, the message also says how many people get a letter about that visit.
    """
    if about is None:
        return screens.attempt(request, act, done)
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if not screens.attempt(request, act):
        return False
    messages.success(request, f"{done} {told(_people_told(about, last))}")
    return True


def _people_told(visit: Visit, since: int) -> int:
    """Return how many people the letters about `visit` that were put into the outbox after the letter `since` go to."""
    new = Message.objects.filter(pk__gt=since, key__regex=rf"^exchanges\.\w+:{visit.pk}:")
    return new.values("to_email").distinct().count()


def told(count: int) -> str:
    """Return the sentence that says how many people were told."""
    if not count:
        return _("Nobody needs a letter.")
    return ngettext("One person is told.", "%(count)s people are told.", count) % {"count": count}
