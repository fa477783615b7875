"""Frozen reports: the page as it was, the files, and how much of what stands behind the figures has been deleted since."""

from typing import Any

from django.db.models import BigIntegerField, CharField, Exists, F, Func, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from cmncp_portal.core.text import LanguageText, active_language, pick
from cmncp_portal.evaluation.models import Response

from ..models import Calculation, CountedRecord, Snapshot, SnapshotFile
from ..workflow import STANDS_STILL
from .reports import Part, cases_of, reports_of
from .tables import hidden_in, told

MADE = SnapshotFile.State


def snapshots_of(user: Any) -> QuerySet[Snapshot]:
    """Return the frozen reports that `user` may read, with their report."""
    return Snapshot.objects.filter(report__in=reports_of(user)).select_related("report").defer("cells")


def parts_of(snapshot: Snapshot, language: str | None = None) -> list[Part]:
    """Return the sections of a frozen report in their order, in `language` (the active one unless given).

    Sections without text and figures are left out.
    """
    wanted = language or active_language()
    lines = [told(figure, wanted) for figure in snapshot.figures]
    found = []
    for section in snapshot.content["sections"]:
        figures = [line for line in lines if line.section == section["section"]]
        text = pick(section["text"]["en"], section["text"]["fr"], wanted)
        cases = cases_of(section["cases"], wanted)
        if text or figures or cases:
            found.append(Part(section["section"], section["name"][wanted], text, "", cases, figures))
    return found


def title_of(snapshot: Snapshot, language: str | None = None) -> LanguageText:
    """Return the title as it was when it was frozen."""
    title = snapshot.content["title"]
    return pick(title["en"], title["fr"], language)


def hidden_of(snapshot: Snapshot) -> int:
    """Return how many numbers are hidden in it."""
    return hidden_in(snapshot.figures)


def deleted_since(snapshot: Snapshot) -> int:
    """Return how many responses that the figures count were deleted since, in one query. The figures stay as they were."""
    number = Func(F("key"), Value(r"^response[-:](\d+)$"), function="substring", output_field=CharField())
    rows = CountedRecord.objects.filter(calculation=snapshot.calculation_id, key__startswith="response")
    rows = rows.annotate(response=Cast(number, BigIntegerField())).filter(response__isnull=False)
    gone = rows.exclude(Exists(Response.objects.filter(pk=OuterRef("response"))))
    return int(gone.values("key").distinct().count())


def files_of(snapshot: Snapshot) -> list[SnapshotFile]:
    """Return the six files, English first."""
    return list(snapshot.files.order_by("language", "format"))


def progress_of(snapshot: Snapshot, files: list[SnapshotFile]) -> dict[str, Any]:
    """Return how many files are ready, whether a worker is at it, and whether it is worth trying again."""
    ready = sum(1 for file in files if file.state == MADE.DONE)
    failed = sum(1 for file in files if file.state == MADE.FAILED)
    waiting = len(files) - ready - failed
    is_late = timezone.now() > snapshot.frozen_at + STANDS_STILL
    return {
        "ready": ready,
        "all": len(files),
        "is_running": bool(waiting) and not is_late,
        "may_try_again": bool(failed) or (bool(waiting) and is_late),
    }


def calculation_of(snapshot: Snapshot) -> Calculation:
    """Return the calculation whose records stand behind the figures, without the figures themselves."""
    return Calculation.objects.defer("figures", "basis").get(pk=snapshot.calculation_id)
