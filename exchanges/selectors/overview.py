"""The exchanges of a person at a glance, for the page one sees first: what waits, what runs, what comes next. One query."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from cmncp_portal.core.waiting import Task
from cmncp_portal.network.models import Municipality

from ..models import Exchange, HostRequest, Visit
from .lists import Row, _invitation_task, _my_invitations, _waiting_visits, _with_sides, title_of
from .stages import TONES, next_step, stage_of

S = Visit.State


@dataclass(frozen=True)
class Glance(Row):
    """A line of the list, with its leg; `waiting_total` says how many exchanges wait for the reader in all, shown or not."""

    visit: Visit
    is_over: bool
    waiting_total: int


ENDED = (S.DECLINED, S.WITHDRAWN, S.CANCELLED)
DATED = (S.ACCEPTED, S.CONFIRMED)


def overview(user: Any, *, limit: int = 24, dates: int = 5, of: Municipality | None = None) -> list[Glance]:
    """Return the present leg of the exchanges that `user` may see: what waits for them first, then what lies nearest ahead.

    At most `limit` rows, and always the next `dates` dated visits. With `of`, only exchanges of that municipality.
    """
    seen = Exchange.objects.visible_to(user)
    if of is not None:
        seen = seen.filter(Q(guest=of) | Q(host=of))
    return [_row(visit) for visit in _ranked(user, seen, timezone.localdate(), limit, dates)]


def _ranked(user: Any, seen: QuerySet[Exchange], today: date, limit: int, dates: int) -> QuerySet[Visit]:
    open_request = HostRequest.objects.filter(exchange=OuterRef("exchange"), outcome="").values("due_on")[:1]
    over = Q(exchange__closed_at__isnull=False) | Q(state__in=ENDED)
    ahead = Q(state__in=DATED, starts_on__gte=today)
    nearest = F("starts_on").asc(nulls_last=True)
    order: list[Any] = ["-waits", "is_over", "is_past", nearest, "-updated_at", "-pk"]
    return (
        _with_sides(Visit.objects.filter(exchange__in=seen))
        .filter(Q(leg=Visit.Leg.RETURN) | Q(has_return=False))
        .annotate(
            waits=Exists(_waiting_visits(user).filter(pk=OuterRef("pk"))),
            is_over=_number(over),
            is_past=_number(Q(starts_on__lt=today)),
            is_not_ahead=_number(~ahead),
            answer_due_on=Subquery(open_request),
        )
        .annotate(
            place=Window(RowNumber(), order_by=order),
            waiting_total=Window(Sum(_number(Q(waits=True)))),
            place_ahead=Window(RowNumber(), order_by=["is_not_ahead", nearest, "pk"]),
        )
        .filter(Q(place__lte=limit) | Q(is_not_ahead=0, place_ahead__lte=dates))
        .select_related("exchange__guest", "exchange__host")
        .order_by(*order)
    )


def _number(condition: Q) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def _row(visit: Any) -> Glance:
    visit.knows_from_list()
    stage = stage_of(visit)
    step = next_step(visit, answer_due_on=visit.answer_due_on if visit.leg == Visit.Leg.FIRST else None)
    since = timezone.localdate(visit.updated_at)
    return Glance(
        visit.exchange,
        title_of(visit),
        stage,
        TONES[stage],
        step,
        since,
        visit.waits,
        visit=visit,
        is_over=bool(visit.is_over),
        waiting_total=visit.waiting_total,
    )


def my_invitations(user: Any, *, limit: int = 24) -> list[Task]:
    """Return the visits to which `user` is invited in person and has not answered, the earliest asked first."""
    asked = _my_invitations(user).select_related("visit__exchange__guest", "visit__exchange__host")
    return [_invitation_task(member) for member in asked.order_by("invited_at", "pk")[:limit]]
