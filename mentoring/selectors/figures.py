"""What reports count about mentoring: plain rows of a period, one query each, no words and no user.

An agreement begins on the day that both agreed on; it ends on the day of the mentored municipality on which it was concluded.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Max

from cmncp_portal.core.days import instants_around, local_day

from ..models import Agreement, AgreementChange

BEGUN = (*Agreement.RUNNING, *Agreement.OVER)
CONCLUDED = ("complete", "end_early")  # transitions


@dataclass(frozen=True)
class AgreementRow:
    """Something that happened to an agreement on a day. `mentor` and `mentee` are keys of municipalities."""

    pk: int
    reference: str
    mentor: int
    mentee: int
    state: str
    on: date

    @property
    def is_completed(self) -> bool:
        return self.state == Agreement.State.COMPLETED


def begun(from_on: date, until_on: date) -> list[AgreementRow]:
    """Return the agreements that began in the period, whatever became of them."""
    rows: Any = Agreement.objects.filter(state__in=BEGUN, starts_on__range=(from_on, until_on)).order_by(
        "starts_on", "pk"
    )
    return [AgreementRow(*row) for row in rows.values_list("pk", "reference", "mentor", "mentee", "state", "starts_on")]


def concluded(from_on: date, until_on: date) -> list[AgreementRow]:
    """Return the agreements that were completed or ended early in the period."""
    return [row for row in _over(from_on) if from_on <= row.on <= until_on]


def running(from_on: date, until_on: date) -> list[AgreementRow]:
    """Return the agreements that ran on a day of the period, with the day on which they began. Two queries."""
    ended = {row.pk for row in _over(from_on)}
    rows: Any = Agreement.objects.filter(state__in=BEGUN, starts_on__lte=until_on).order_by("starts_on", "pk")
    found = [AgreementRow(*r) for r in rows.values_list("pk", "reference", "mentor", "mentee", "state", "starts_on")]
    return [row for row in found if row.state in Agreement.RUNNING or row.pk in ended]


def _over(from_on: date) -> list[AgreementRow]:
    """What was concluded on `from_on` or later, with that day."""
    begins, _ends = instants_around(from_on, from_on)
    names = {name: F(f"agreement__{name}") for name in ("reference", "mentor", "mentee", "state")}
    moves = AgreementChange.objects.filter(transition__in=CONCLUDED, agreement__state__in=Agreement.OVER).order_by()
    rows: Any = moves.values("agreement", **names, zone=F("agreement__mentee__time_zone")).annotate(last=Max("at"))
    found = [
        AgreementRow(*(row["agreement"], *(row[name] for name in names), local_day(row["last"], row["zone"])))
        for row in rows.filter(last__gte=begins).order_by("last", "agreement")
    ]
    return [row for row in found if row.on >= from_on]
