"""A report is frozen: its texts and figures as they are, with number, author and day. And shown to whoever has the link."""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications.bilingual import in_both

from ..models import Calculation, Narrative, Report, Snapshot, SnapshotFile
from ..selectors.reports import narratives_of, standing_of, why_not_frozen
from ..selectors.tables import without_hidden
from .background import MAKE_FILES, order
from .writing import may_make

LANGUAGES = ("en", "fr")


class FrozenAlready(TransitionRefused):
    """These figures are frozen already, as `snapshot`."""

    def __init__(self, reason: Any, snapshot: Snapshot) -> None:
        super().__init__(reason, done_already=True)
        self.snapshot = snapshot


@transaction.atomic
def freeze(report: Report, *, by: Any, note_en: str = "", note_fr: str = "") -> Snapshot:
    """Freeze `report` as it stands and ask a worker for the six files; return the snapshot.

    Raises FrozenAlready for a second click; TransitionRefused while the figures are not there, or not those that are asked
    for, or when another report was frozen since they were hidden; PermissionDenied.
    """
    may_make(by)
    # All reports wait in line: what one publishes decides what the next one must hide.
    kept = {one.pk: one for one in Report.objects.select_for_update(no_key=True).order_by("pk")}
    report = kept[report.pk]
    standing = standing_of(report)
    if refusal := why_not_frozen(report, standing):
        reason, number = refusal
        if number:
            raise FrozenAlready(reason, report.snapshots.get(number=number))
        raise TransitionRefused(reason)
    assert standing.done
    snapshot = _made(report, Calculation.objects.get(pk=standing.done.pk), by, note_en.strip(), note_fr.strip())
    SnapshotFile.objects.bulk_create(
        SnapshotFile(snapshot=snapshot, language=language, format=format)
        for language in LANGUAGES
        for format in SnapshotFile.Format
    )
    order(MAKE_FILES, snapshot.pk)
    return snapshot


def _made(report: Report, calculation: Calculation, by: Any, note_en: str, note_fr: str) -> Snapshot:
    last = report.snapshots.aggregate(last=Max("number"))["last"] or 0
    return Snapshot.objects.create(
        report=report,
        number=last + 1,
        calculation=calculation,
        by=by,
        by_name=str(by),
        definitions=calculation.definitions,
        content=_content(report),
        figures=without_hidden(calculation.basis["published"]),
        cells=calculation.basis["cells"],
        note_en=note_en,
        note_fr=note_fr,
    )


def _content(report: Report) -> dict[str, Any]:
    """Everything that is not a figure, in both languages."""
    texts = narratives_of(report)
    return {
        "title": {"en": report.title_en, "fr": report.title_fr},
        "funder": report.funder,
        "from_on": str(report.from_on),
        "until_on": str(report.until_on),
        "compares_from_on": str(report.compares_from_on or ""),
        "compares_until_on": str(report.compares_until_on or ""),
        "sections": [_section(section, texts.get(section)) for section in Narrative.Section],
    }


def _section(section: Narrative.Section, text: Any) -> dict[str, Any]:
    return {
        "section": section.value,
        "name": in_both(lambda: str(section.label)),
        "text": {"en": text.text_en if text else "", "fr": text.text_fr if text else ""},
        "cases": list(text.linked) if text else [],
    }


# ---- the link for those without an account


@transaction.atomic
def share(snapshot: Snapshot, *, by: Any) -> None:
    """Open the link under which anybody reads `snapshot`. Raises TransitionRefused when it is open, PermissionDenied."""
    may_make(by)
    if not _switch(snapshot, was_shared=False, shared_at=timezone.now(), shared_by_name=str(by)):
        raise TransitionRefused(_("This report is shared already."), done_already=True)


@transaction.atomic
def unshare(snapshot: Snapshot, *, by: Any) -> None:
    """Close the link for good: who shares again gives another one. Raises TransitionRefused when it is closed, PermissionDenied."""
    may_make(by)
    if not _switch(snapshot, was_shared=True, shared_at=None, shared_by_name="", nonce=new_nonce()):
        raise TransitionRefused(_("This report is not shared any more."), done_already=True)


def _switch(snapshot: Snapshot, *, was_shared: bool, **fields: Any) -> int:
    changed = Snapshot.objects.filter(pk=snapshot.pk, shared_at__isnull=not was_shared).update(**fields)
    if changed:
        for name, value in fields.items():
            setattr(snapshot, name, value)
    return changed
