"""What reports count about exchanges: plain rows of a period, one query each, no words and no user.

A day is the one of the place: of the visiting municipality for what it asks, of the host for what it answers and for the visit.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, Min, Q, When
from django.db.models.functions import Coalesce

from cmncp_portal.core.days import instants_around, local_day

from ..models import Exchange, TeamMember, Visit, VisitStateChange

PLACED = (Visit.State.ACCEPTED, Visit.State.CONFIRMED, Visit.State.HELD, Visit.State.CANCELLED)
CAME = (TeamMember.Attendance.PRESENT, TeamMember.Attendance.REMOTE)
SECTORS: dict[str, str] = {
    TeamMember.Category.STAFF: "municipal"
}  # the others are called alike in network.models.Sector


@dataclass(frozen=True)
class ExchangeRow:
    """Something that happened to an exchange on a day. `guest` and `host` are keys of municipalities."""

    pk: int
    reference: str
    guest: int
    host: int | None
    language: str
    on: date


@dataclass(frozen=True)
class VisitRow:
    """A visit with days. `together` are municipalities that travelled with the guests; `requested_on` is of the exchange."""

    pk: int
    reference: str
    leg: str
    state: str
    visiting: int
    hosting: int | None
    together: tuple[int, ...]
    language: str
    starts_on: date
    ends_on: date
    requested_on: date | None

    @property
    def is_held(self) -> bool:
        return self.state == Visit.State.HELD


@dataclass(frozen=True)
class TeamRow:
    """Somebody who came. `sector` is a slug of network.models.Sector; `email` may be empty."""

    pk: int
    visit: int
    side: str
    sector: str
    place: int | None
    email: str
    language: str
    on: date


def requested(from_on: date, until_on: date) -> list[ExchangeRow]:
    """Return the exchanges whose request was sent in the period, by the clock of the municipality that asks."""
    begins, ends = instants_around(from_on, until_on)
    rows = Exchange.objects.filter(submitted_at__gte=begins, submitted_at__lt=ends).order_by("submitted_at", "pk")
    found: Any = rows.values_list("pk", "reference", "guest", "host", "language", "submitted_at", "guest__time_zone")
    days = [ExchangeRow(*(*row, local_day(at, zone))) for *row, at, zone in found]
    return [row for row in days if from_on <= row.on <= until_on]


def accepted(from_on: date, until_on: date) -> list[ExchangeRow]:
    """Return the exchanges whose first visit was accepted for the first time in the period, by the host's clock."""
    begins, ends = instants_around(from_on, until_on)
    moves = VisitStateChange.objects.filter(transition="accept", visit__leg=Visit.Leg.FIRST).order_by()
    told = ("pk", "reference", "guest", "host", "language")
    names = {f"exchange_{name}": F(f"visit__exchange__{name}") for name in told}
    zone = Coalesce("visit__exchange__host__time_zone", "visit__exchange__guest__time_zone")
    rows: Any = moves.values(**names, zone=zone).annotate(first=Min("at")).filter(first__gte=begins, first__lt=ends)
    found = [
        ExchangeRow(*(*(row[name] for name in names), local_day(row["first"], row["zone"])))
        for row in rows.order_by("first", "exchange_pk")
    ]
    return [row for row in found if from_on <= row.on <= until_on]


def visits(from_on: date, until_on: date) -> list[VisitRow]:
    """Return the visits whose last day lies in the period: held, agreed and not recorded as held, or cancelled. Two queries."""
    rows = Visit.objects.filter(state__in=PLACED, starts_on__isnull=False).select_related("exchange__guest")
    rows = rows.annotate(last_day=Coalesce("ends_on", "starts_on")).filter(last_day__range=(from_on, until_on))
    rows = rows.only(
        "leg", "state", "starts_on", "exchange__reference", "exchange__guest", "exchange__host", "exchange__language",
        "exchange__submitted_at", "exchange__guest__time_zone",
    )  # fmt: skip
    found = list(rows.order_by("last_day", "pk"))
    joined = Exchange.travelling_with.through.objects.filter(exchange__in={row.exchange_id for row in found})
    together: dict[int, list[int]] = {}
    for exchange, place in joined.order_by("pk").values_list("exchange", "municipality"):
        together.setdefault(exchange, []).append(place)
    return [_visit(row, together.get(row.exchange_id, [])) for row in found]


def _visit(row: Visit, together: list[int]) -> VisitRow:
    exchange, is_first = row.exchange, row.leg == Visit.Leg.FIRST
    guest, host = exchange.guest_id, exchange.host_id
    sent = exchange.submitted_at
    assert row.starts_on is not None
    return VisitRow(
        pk=row.pk,
        reference=exchange.reference,
        leg=row.leg,
        state=row.state,
        visiting=guest if is_first or host is None else host,
        hosting=host if is_first else guest,
        together=tuple(place for place in together if place not in (guest, host)) if is_first else (),
        language=exchange.language,
        starts_on=row.starts_on,
        ends_on=row.last_day,  # type: ignore[attr-defined]
        requested_on=local_day(sent, exchange.guest.time_zone) if sent else None,
    )


def people(from_on: date, until_on: date) -> list[TeamRow]:
    """Return who came, in person or online, on either side of the visits held with their last day in the period."""
    ours = Q(side="visitors", visit__leg="first") | Q(side="hosts", visit__leg="return")
    rows = TeamMember.objects.filter(visit__state=Visit.State.HELD, status="accepted", attendance__in=CAME)
    rows = rows.annotate(
        place=Case(When(ours, then=F("visit__exchange__guest")), default=F("visit__exchange__host")),
        last_day=Coalesce("visit__ends_on", "visit__starts_on"),
    ).filter(last_day__range=(from_on, until_on))
    found = rows.order_by("last_day", "pk").values_list(
        "pk", "visit", "side", "category", "place", "email", "language", "last_day"
    )
    return [
        TeamRow(pk, visit, side, SECTORS.get(category, category), *rest) for pk, visit, side, category, *rest in found
    ]
