"""What reports count about training: plain rows of a period, one query each, no words and no user.

Days are those of the place where an offering was given; the day on which a module was approved is the network's own.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import F, Min
from django.db.models.functions import Coalesce

from cmncp_portal.core.days import instants_around, local_day

from ..models import Enrolment, ModuleChange, Offering


@dataclass(frozen=True)
class OfferingRow:
    """A module given on certain days. `language` is the one in which it is taught: "en", "fr" or "both"."""

    pk: int
    reference: str
    state: str
    mode: str
    language: str
    host: int | None
    title_en: str
    title_fr: str
    ends_on: date

    @property
    def is_held(self) -> bool:
        return self.state == Offering.State.HELD


@dataclass(frozen=True)
class EnrolmentRow:
    """A place held in an offering; `completed` says that enough sessions were attended. `sector` is a slug, or empty."""

    pk: int
    offering: int
    place: int | None
    sector: str
    email: str
    language: str
    completed: bool
    on: date


@dataclass(frozen=True)
class ModuleRow:
    """A module that was approved on a day, for the first time."""

    pk: int
    slug: str
    kind: str
    title_en: str
    title_fr: str
    on: date


def offerings(from_on: date, until_on: date) -> list[OfferingRow]:
    """Return the offerings whose last day lies in the period: held, open and not recorded as held, or cancelled."""
    told = (Offering.State.OPEN, Offering.State.HELD, Offering.State.CANCELLED)
    rows = Offering.objects.filter(state__in=told).annotate(last_day=Coalesce("ends_on", "starts_on"))
    rows = rows.filter(last_day__range=(from_on, until_on)).order_by("last_day", "pk")
    names = (
        "pk", "reference", "state", "mode", "language", "host", "module__title_en", "module__title_fr", "last_day"
    )  # fmt: skip
    return [OfferingRow(*row) for row in rows.values_list(*names)]


def enrolments(from_on: date, until_on: date) -> list[EnrolmentRow]:
    """Return the places held in the offerings that were held with their last day in the period."""
    rows = Enrolment.objects.registered().filter(offering__state=Offering.State.HELD)
    rows = rows.annotate(last_day=Coalesce("offering__ends_on", "offering__starts_on"))
    rows = rows.annotate(of_sector=Coalesce("stakeholder__sector__slug", "learner__stakeholder__sector__slug"))
    found = rows.filter(last_day__range=(from_on, until_on)).order_by("last_day", "pk")
    names = ("pk", "offering", "municipality", "of_sector", "email", "language", "completed_at", "last_day")
    return [
        EnrolmentRow(pk, offering, place, sector or "", email, language, completed is not None, on)
        for pk, offering, place, sector, email, language, completed, on in found.values_list(*names)
    ]


def approved(from_on: date, until_on: date) -> list[ModuleRow]:
    """Return the modules that were approved for the first time in the period, by day."""
    begins, ends = instants_around(from_on, until_on)
    names = {name: F(f"module__{name}") for name in ("slug", "kind", "title_en", "title_fr")}
    moves = ModuleChange.objects.filter(transition="approve").order_by().values("module", **names)
    rows: Any = moves.annotate(first=Min("at")).filter(first__gte=begins, first__lt=ends).order_by("first", "module")
    found = [
        ModuleRow(*(row["module"], *(row[name] for name in names), local_day(row["first"], settings.TIME_ZONE)))
        for row in rows
    ]
    return [row for row in found if from_on <= row.on <= until_on]
