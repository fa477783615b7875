"""A report while it is made: begun, changed, written, its day moved, handed in."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters

from ..indicators.base import Period, fiscal_year
from ..models import DueDateChange, LinkedCase, Narrative, Report
from ..notifications import DUE


def may_make(by: Any) -> None:
    """Raise PermissionDenied unless `by` makes reports."""
    if not by.has_perm("reporting.make_reports"):
        raise PermissionDenied


def locked(report: Report) -> Report:
    """Return `report` read again under a lock, which does not keep others from adding texts."""
    return Report.objects.select_for_update(no_key=True).get(pk=report.pk)


def year_to_report(today: date) -> Period:
    """Return the fiscal year that a report begun on `today` is probably about: until the end of June, the one just ended."""
    year = fiscal_year(today)
    return fiscal_year(date(today.year - 1, 4, 1)) if today.month in (4, 5, 6) else year


def year_before(period: Period) -> Period:
    """Return the fiscal year before the one in which `period` begins."""
    return fiscal_year(period.from_on.replace(year=period.from_on.year - 1, day=1))


@transaction.atomic
def begin(*, by: Any, **fields: Any) -> Report:
    """Begin a report and return it. Without `from_on` and `until_on` it is about the fiscal year (see `year_to_report`).

    Raises PermissionDenied.
    """
    may_make(by)
    year = year_to_report(timezone.localdate())
    return Report.objects.create(
        **({"from_on": year.from_on, "until_on": year.until_on} | fields), by=by, by_name=str(by)
    )


def change(report: Report, *, seen: int, by: Any, **fields: Any) -> None:
    """Write `fields` (title, for whom, periods, figures) unless somebody saved since version `seen`: then Conflict is raised.

    The day on which it is due is moved by `move_due_date`. Raises PermissionDenied.
    """
    may_make(by)
    save_version(report, seen=seen, fields=fields)


@transaction.atomic
def write(report: Report, section: str, *, seen: int, by: Any, text_en: str, text_fr: str) -> Narrative:
    """Write the text of `section` in both languages. Raises Conflict when somebody saved since `seen`, PermissionDenied."""
    may_make(by)
    text, _is_new = Narrative.objects.get_or_create(report=report, section=section)
    fields = {"text_en": text_en.strip(), "text_fr": text_fr.strip(), "by_name": str(by)}
    save_version(text, seen=seen, fields=fields)
    return text


@transaction.atomic
def link_case(report: Report, section: str, *, by: Any, path: str, title_en: str, title_fr: str) -> LinkedCase:
    """Put a case at the end of those of `section`; `path` is its address in the portal.

    Raises TransitionRefused when it stands there already, PermissionDenied.
    """
    may_make(by)
    Narrative.objects.get_or_create(report=report, section=section)
    text = Narrative.objects.select_for_update(no_key=True).get(report=report, section=section)
    if text.cases.filter(path=path).exists():
        raise TransitionRefused(_("This case stands there already."), done_already=True)
    last = text.cases.aggregate(last=Max("order"))["last"] or 0
    return text.cases.create(path=path, title_en=title_en, title_fr=title_fr, order=last + 1)


@transaction.atomic
def unlink_case(report: Report, section: str, pk: int, *, by: Any) -> None:
    """Take a case away from `section`. Raises TransitionRefused when it is gone already, PermissionDenied."""
    may_make(by)
    gone, _rows = LinkedCase.objects.filter(pk=pk, narrative__report=report, narrative__section=section).delete()
    if not gone:
        raise TransitionRefused(_("This case is gone already."), done_already=True)


@transaction.atomic
def move_due_date(report: Report, *, by: Any, due_on: date | None, reason: str) -> None:
    """Move the day on which `report` is due (None: there is none) and keep who did it and why.

    Letters about the old day that wait are taken back; those about the new one follow. Raises TransitionRefused without a
    reason or when it is due that day already, PermissionDenied.
    """
    may_make(by)
    found = locked(report)
    if not reason.strip():
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    if found.due_on == due_on:
        raise TransitionRefused(_("The report is due on this day already."), done_already=True)
    found.due_date_changes.create(before=found.due_on, after=due_on, reason=reason.strip(), by=by, by_name=str(by))
    _write(report, due_on=due_on)
    letters.withdraw(f"{DUE.name}:{report.pk}")


@transaction.atomic
def hand_in(report: Report, *, by: Any, on: date | None) -> None:
    """Keep that `report` was handed in `on` a day, or that it was not after all (None). From then on nobody is reminded.

    Raises TransitionRefused when that is known already, or the day lies ahead; PermissionDenied.
    """
    may_make(by)
    found = locked(report)
    if found.handed_in_on == on:
        raise TransitionRefused(_("This is noted already."), done_already=True)
    if on and on > timezone.localdate():
        raise TransitionRefused(_("This day lies ahead."))
    _write(report, handed_in_on=on)
    letters.withdraw(f"{DUE.name}:{report.pk}")


def _write(report: Report, **fields: Any) -> None:
    """Days that no form of the whole report holds: they overwrite nobody's text, so the version stays."""
    Report.objects.filter(pk=report.pk).update(updated_at=timezone.now(), **fields)
    for name, value in fields.items():
        setattr(report, name, value)


def occasion_of(report: Report) -> str:
    """Return what the letters about the day of `report` are named after: another one for each time that the day was moved."""
    last = DueDateChange.objects.filter(report=report).order_by("-pk").values_list("pk", flat=True).first()
    return f"{report.pk}:{report.due_on}:{last or 0}"
