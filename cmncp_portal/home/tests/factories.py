"""Rows of exchanges for pages that only read them."""

from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from cmncp_portal.network.models import Municipality
from exchanges.models import DateWindow, Exchange, HostRequest, Side, TeamMember, Visit

_numbers = count(1)


def make_exchange(
    guest: Municipality, host: Municipality | None = None, *, state: str = "draft", **fields: Any
) -> Visit:
    """The first leg of an exchange in `state`; `starts_on`, `ends_on`, `released_at`, `leg` go to the visit."""
    of_visit = {
        name: fields.pop(name) for name in ("starts_on", "ends_on", "released_at", "leg", "held_at") if name in fields
    }
    reference = fields.pop("reference", f"EX-2026-{next(_numbers):03d}")
    exchange = Exchange.objects.create(
        guest=guest, host=host, reference=reference, **({"challenge": "How do you do it?"} | fields)
    )
    if state == "held":
        of_visit.setdefault("held_at", timezone.now())
    return Visit.objects.create(exchange=exchange, state=state, **of_visit)


def make_request(guest: Municipality, host: Municipality, *, due_on: date, **fields: Any) -> Visit:
    """A request that waits for `host`, with one period on the table."""
    visit = make_exchange(guest, host, state="proposed", **fields)
    HostRequest.objects.create(exchange=visit.exchange, municipality=host, asked_at=timezone.now(), due_on=due_on)
    DateWindow.objects.create(
        visit=visit, proposed_by=Side.VISITORS, starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 2)
    )
    return visit


def make_member(visit: Visit, email: str, **fields: Any) -> TeamMember:
    defaults: dict[str, Any] = {
        "side": Side.VISITORS,
        "category": "staff",
        "name": "Somebody",
        "status": "invited",
        "invited_at": timezone.now(),
    }
    return TeamMember.objects.create(visit=visit, email=email, **(defaults | fields))
