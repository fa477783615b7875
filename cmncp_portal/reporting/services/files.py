"""The six files of a frozen report, made by a worker: each of the same snapshot, each for itself, and again when one failed."""

import logging
from collections.abc import Callable
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.pdf import compile_pdf
from cmncp_portal.core.workflow import TransitionRefused
from knowledge.services.formats_pandoc import converted

from ..models import Snapshot, SnapshotFile
from ..selectors.snapshots import progress_of
from ..selectors.wording import WORDS
from .background import MAKE_FILES, order
from .content import content_of
from .table import csv_of
from .writing import may_make

log = logging.getLogger(__name__)

TEMPLATE = "report.typ"
S, F = SnapshotFile.State, SnapshotFile.Format
LONGEST_PROBLEM = 2000


def _pdf(snapshot: Snapshot, language: str) -> bytes:
    return compile_pdf(TEMPLATE, content_of(snapshot, language), language=language)


def _docx(snapshot: Snapshot, language: str) -> bytes:
    return converted(content_of(snapshot, language), "docx")


MAKERS: dict[str, Callable[[Snapshot, str], bytes]] = {F.PDF: _pdf, F.DOCX: _docx, F.CSV: csv_of}


def make_files(pk: int) -> int:
    """Make the files of the snapshot `pk` that wait, as a worker does; return how many of its files are ready."""
    snapshot = Snapshot.objects.select_related("report").filter(pk=pk).first()
    if snapshot is None:
        return 0
    for file in snapshot.files.filter(state=S.WAITING):
        _make(snapshot, file.pk)
    return snapshot.files.filter(state=S.DONE).count()


@transaction.atomic
def _make(snapshot: Snapshot, pk: int) -> None:
    """The row is locked meanwhile: a worker that is lost leaves the file waiting, and two never make the same one."""
    waiting = SnapshotFile.objects.select_for_update(skip_locked=True).filter(pk=pk, state=S.WAITING)
    file = waiting.first()
    if file is None:
        return
    try:
        body = MAKERS[file.format](snapshot, file.language)
    except Exception as problem:  # the others are made all the same
        log.exception("%s of snapshot %s in %s could not be made", file.format, snapshot.pk, file.language)
        file.state, file.problem = S.FAILED, f"{type(problem).__name__}: {problem}"[:LONGEST_PROBLEM]
        file.save(update_fields=["state", "problem"])
        return
    file.file.save(f"report.{file.format}", ContentFile(body), save=False)
    file.state, file.made_at, file.problem = S.DONE, timezone.now(), ""
    try:
        file.save()
    except BaseException:
        file.file.storage.delete(str(file.file.name))
        raise


@transaction.atomic
def try_again(snapshot: Snapshot, *, by: Any) -> None:
    """Ask a worker once more for the files that failed or wait for too long.

    Raises TransitionRefused when there is none, PermissionDenied.
    """
    may_make(by)
    files = list(snapshot.files.select_for_update())
    if not progress_of(snapshot, files)["may_try_again"]:
        raise TransitionRefused(_("The files are ready, or being made."), done_already=True)
    snapshot.files.filter(state=S.FAILED).update(state=S.WAITING, problem="")
    order(MAKE_FILES, snapshot.pk)


def file_name(file: SnapshotFile, snapshot: Snapshot) -> str:
    """Return the name under which the file is downloaded, in its language: report-2026-04-01-2027-03-31-1-en.pdf."""
    word = WORDS[file.language]["file"]
    period = f"{snapshot.content['from_on']}-{snapshot.content['until_on']}"
    return f"{word}-{period}-{snapshot.number}-{file.language}.{file.format}"
