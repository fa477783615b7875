"""What is known of a municipality in a year: adding a figure, putting it right, taking it away."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality

from ..indicators import FIRST_YEAR, why_not
from ..models import IndicatorReading
from .base import let_in

PERMISSION = "progress.keep_readings"
FIELDS = ("year", "value", "source", "source_url", "source_on", "note")


class YearTaken(TransitionRefused):
    """Another figure stands for this year. `reading` is that figure."""

    def __init__(self, reading: IndicatorReading) -> None:
        super().__init__(_("There is a figure for %(year)s already: change that one.") % {"year": reading.year})
        self.reading = reading


@transaction.atomic
def keep(
    municipality: Municipality,
    *,
    by: Any,
    indicator: str,
    year: int,
    value: Decimal,
    source: str,
    source_url: str = "",
    source_on: date | None = None,
    note: str = "",
    is_demonstration: bool = False,
) -> IndicatorReading:
    """Add the figure of a year and return it. Yes is 1, no is 0; `source` says where the figure stands.

    Raises PermissionDenied; TransitionRefused when it stands there already (done_already), for a value, a year or a source
    that cannot be; YearTaken, which carries the other figure, when the year has another one.
    """
    let_in(by, PERMISSION, municipality)
    fields = {"year": year, "value": value, "source": source.strip()}
    fields |= {"source_url": source_url, "source_on": source_on, "note": note.strip()}
    _refuse_wrong(indicator, fields)
    _wait_for_others(municipality)
    if there := _standing(municipality, indicator, year):
        if all(getattr(there, name) == wanted for name, wanted in fields.items()):
            raise TransitionRefused(_("This figure is saved already."), done_already=True)
        raise YearTaken(there)
    return IndicatorReading.objects.create(
        municipality=municipality,
        indicator=indicator,
        is_demonstration=is_demonstration,
        **fields,
        **_written(by),
    )


@transaction.atomic
def change(reading: IndicatorReading, *, seen: int, by: Any, **fields: Any) -> IndicatorReading:
    """Put a figure right (names of FIELDS) and return it; who did it and when stands with it.

    Raises PermissionDenied; TransitionRefused when it was taken away meanwhile, and for what cannot be; YearTaken when it
    is moved to a year that has a figure; Conflict, with nothing written, when somebody saved since version `seen`.
    """
    let_in(by, PERMISSION, reading.municipality)
    _wait_for_others(reading.municipality)
    now = _locked(reading)
    if now.version != seen:
        raise Conflict(now)
    changed = {name: fields[name] for name in FIELDS if name in fields and getattr(now, name) != fields[name]}
    if not changed:
        return now
    _refuse_wrong(now.indicator, {name: fields.get(name, getattr(now, name)) for name in FIELDS})
    if "year" in changed and (there := _standing(now.municipality, now.indicator, changed["year"])):
        raise YearTaken(there)
    save_version(now, seen=seen, fields=changed | _written(by))
    return now


@transaction.atomic
def delete(municipality: Municipality, *, pk: int, seen: int, by: Any) -> None:
    """Take the figure `pk` of a municipality away.

    Raises PermissionDenied; TransitionRefused when it is gone already (done_already), or somebody saved since version `seen`.
    """
    let_in(by, PERMISSION, municipality)
    now = IndicatorReading.objects.select_for_update().filter(municipality=municipality, pk=pk).first()
    if now is None:
        raise TransitionRefused(_("This figure is taken away already."), done_already=True)
    if now.version != seen:
        raise TransitionRefused(
            _("%(who)s changed this figure meanwhile; look at it before you take it away.") % {"who": now.by_name}
        )
    now.delete()


def _wait_for_others(municipality: Municipality) -> None:
    """Of two clicks the second waits here, and then finds what the first wrote."""
    Municipality.objects.select_for_update(of=("self",)).get(pk=municipality.pk)


def _locked(reading: IndicatorReading) -> IndicatorReading:
    rows = IndicatorReading.objects.select_for_update(of=("self",)).select_related("municipality")
    now = rows.filter(pk=reading.pk).first()
    if now is None:
        raise TransitionRefused(_("This figure was taken away meanwhile."))
    return now


def _standing(municipality: Municipality, indicator: str, year: int) -> IndicatorReading | None:
    return IndicatorReading.objects.filter(municipality=municipality, indicator=indicator, year=year).first()


def _refuse_wrong(indicator: str, fields: dict[str, Any]) -> None:
    if not fields["source"].strip():
        raise TransitionRefused(_("Say where this figure stands, so that others can look it up."))
    if not FIRST_YEAR <= fields["year"] <= timezone.localdate().year:
        words = {"first": FIRST_YEAR, "last": timezone.localdate().year}
        raise TransitionRefused(_("Choose a year from %(first)s to %(last)s.") % words)
    if reason := why_not(indicator, fields["value"]):
        raise TransitionRefused(reason)


def _written(by: Any) -> dict[str, Any]:
    return {"by": by, "by_name": str(by), "at": timezone.now()}
