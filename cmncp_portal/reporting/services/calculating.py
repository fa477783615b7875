"""The figures of a report, counted by a worker: asked for once, with progress, and anew when a worker was lost."""

import logging
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.workflow import TransitionRefused

from .. import suppression
from ..indicators import base
from ..indicators.base import Figure, Period
from ..models import Calculation, CountedRecord, Report, Snapshot
from ..selectors.reports import asked_of
from ..workflow import standing_still, under_way
from .background import CALCULATE, order
from .writing import locked, may_make

log = logging.getLogger(__name__)

S = Calculation.State
LONGEST_PROBLEM = 2000
AT_ONCE = 1000  # rows written by one query


@transaction.atomic
def calculate(report: Report, *, by: Any) -> Calculation:
    """Ask a worker for the figures of `report`. One that failed or stands still is forgotten.

    Raises TransitionRefused while somebody works on them, PermissionDenied.
    """
    may_make(by)
    locked(report)
    if report.calculations.filter(under_way(timezone.now())).exists():
        raise TransitionRefused(_("The figures are being calculated already."), done_already=True)
    report.calculations.filter(Q(state=S.FAILED) | standing_still(timezone.now())).delete()
    made = report.calculations.create(by=by, by_name=str(by))
    order(CALCULATE, made.pk)
    return made


def run(pk: int) -> bool:
    """Count the figures of the calculation `pk`, as a worker does; return whether they are there.

    One that is gone, done, or in somebody else's hands is left alone. What fails is kept as the reason.
    """
    calculation = _claim(pk)
    if calculation is None:
        return False
    try:
        _finish(calculation, *_counted(calculation))
    except Exception as problem:
        log.exception("calculation %s failed", pk)
        _mine(calculation).update(
            state=S.FAILED, finished_at=timezone.now(), problem=f"{type(problem).__name__}: {problem}"[:LONGEST_PROBLEM]
        )
        return False
    return True


def _claim(pk: int) -> Calculation | None:
    """Take it in hand: one that waits, or one whose worker was lost."""
    now = timezone.now()
    free = Calculation.objects.filter(Q(state=S.WAITING) | standing_still(now), pk=pk)
    if not free.update(state=S.RUNNING, started_at=now, parts_done=0, definitions=base.DEFINITIONS):
        return None
    return Calculation.objects.select_related("report").get(pk=pk)


def _mine(calculation: Calculation) -> Any:
    """The row, as long as nobody took it from us."""
    return Calculation.objects.filter(pk=calculation.pk, state=S.RUNNING, started_at=calculation.started_at)


def _counted(calculation: Calculation) -> tuple[list[Figure], list[Figure]]:
    """The figures of the period, and those of the period compared with (none without one)."""
    report = calculation.report
    periods = [Period(report.from_on, report.until_on)]
    if report.compares_from_on and report.compares_until_on:
        periods.append(Period(report.compares_from_on, report.compares_until_on))
    found: list[list[Figure]] = []
    for turn, period in enumerate(periods):

        def tell(done: int, of: int, turn: int = turn) -> None:
            _mine(calculation).update(parts=of * len(periods), parts_done=of * turn + done)

        found.append(base.compute(period, report.indicators, tell))
    return found[0], found[1] if len(found) > 1 else []


def _finish(calculation: Calculation, figures: list[Figure], before: list[Figure]) -> None:
    """Hide what must be hidden and write everything at once. What nobody froze is replaced."""
    earlier = list(Snapshot.objects.order_by("pk").values_list("pk", "cells"))
    published = [cells for _pk, cells in earlier]
    shown_before, cells_before = suppression.protect(before, published)
    shown, cells = suppression.protect(figures, [*published, cells_before])
    safe = _joined(shown, shown_before)
    basis: dict[str, Any] = {
        "of": asked_of(calculation.report),
        "seen": earlier[-1][0] if earlier else 0,
        "published": safe,
        "cells": {code: [*cells_before.get(code, []), *cells.get(code, [])] for code in {*cells, *cells_before}},
    }
    whole = _joined([one.as_data() for one in figures], [one.as_data() for one in before])
    data = [_marked(one, other) for one, other in zip(whole, safe, strict=True)]
    with transaction.atomic():
        locked(calculation.report)
        done = {"state": S.DONE, "finished_at": timezone.now(), "figures": data, "basis": basis}
        if _mine(calculation).update(**done):
            _keep_records(calculation, figures)
            old = calculation.report.calculations.filter(state=S.DONE, snapshot__isnull=True)
            old.exclude(pk=calculation.pk).delete()


def _joined(figures: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each figure with its numbers of the period compared with, or None."""
    known = {one["code"]: {name: one[name] for name in ("total", "cells", "excluded")} for one in before}
    return [one | {"before": known.get(one["code"])} for one in figures]


def _marked(figure: dict[str, Any], safe: dict[str, Any]) -> dict[str, Any]:
    """The whole figure, in which what is hidden from others is marked."""

    def mark(one: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, Any] | None:
        if one is None or other is None:
            return None
        hidden = {(cell["dimension"], cell["category"]): cell["hidden"] for cell in other["cells"]}
        cells = [cell | {"hidden": hidden.get((cell["dimension"], cell["category"]), True)} for cell in one["cells"]]
        both = {name: one[name] | {"hidden": other[name]["hidden"]} for name in ("total", "excluded")}
        return one | both | {"cells": cells}

    marked = mark(figure, safe)
    assert marked
    return marked | {"before": mark(figure["before"], safe["before"])}


def _keep_records(calculation: Calculation, figures: list[Figure]) -> None:
    CountedRecord.objects.bulk_create(
        (
            CountedRecord(
                calculation=calculation,
                indicator=figure.indicator.code,
                key=one.key[:60],
                label_en=one.label[0][:300],
                label_fr=one.label[1][:300],
                path=one.path[:300],
                on=one.on,
                value=one.value[:40],
                excluded_en=one.excluded[0][:200],
                excluded_fr=one.excluded[1][:200],
            )
            for figure in figures
            for one in figure.records
        ),
        batch_size=AT_ONCE,
    )
