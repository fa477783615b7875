"""Which reports wait for a person: one query for the own page, one for the count on every page."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.waiting import NextDate, Row, Task, found_in, line

from ..models import Report
from ..workflow import SHOWN_BEFORE

LINE = {"en": "title_en", "fr": "title_fr", "due": "due_on", "since": "created_at"}


def _due(user: Any) -> QuerySet[Report]:
    """Reports that are due within thirty days or late: all for the secretariat, for reviewers those they began."""
    until = timezone.localdate() + timedelta(days=SHOWN_BEFORE)
    rows = Report.objects.filter(due_on__lte=until, handed_in_on__isnull=True)
    if is_secretariat(user):
        return rows
    return rows.filter(by=user.pk) if user.has_perm("reporting.make_reports") else rows.none()


def waiting_keys(user: Any) -> Any:
    """Return the keys of the reports that wait for `user`, not yet fetched, so that they can be counted together with others."""
    return _due(user).order_by().values_list("pk")


def lines(user: Any) -> list[QuerySet]:
    """Return what waits for `user` as lines of one query; none for who makes no reports."""
    may = user.has_perm("reporting.make_reports")
    return [line(_due(user).order_by(), "reporting.due", **LINE)] if may else []


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user`, at most `limit`, and no dates, in one query."""
    return found_in(lines(user), {"reporting": told}, limit=limit, dates=dates)


def told(row: Row) -> Task:
    """Put a line into words, in the active language."""
    url = reverse("reporting:report", args=[row.pk])
    return Task(row.title, _t("Finish the report and hand it in"), url, row.due, row.on)


def calendar_entries(user: Any, start: date, end: date) -> list[CalendarEntry]:
    """Return the days on which reports are due between `start` and `end` (inclusive), for those who make them."""
    if not user.has_perm("reporting.make_reports"):
        return []
    rows = Report.objects.filter(due_on__range=(start, end)).order_by("due_on", "pk")
    return [_entry(report, report.due_on) for report in rows if report.due_on]


def _entry(report: Report, due_on: date) -> CalendarEntry:
    return CalendarEntry(
        uid=f"report-{report.pk}@{settings.DEFAULT_FROM_ADDRESS.rpartition('@')[2]}",
        title=_t("Report due: %(title)s") % {"title": report.title},
        start=due_on,
        end=due_on,
        url=absolute(report.get_absolute_url()),
        tone="good" if report.handed_in_on else "attention",
        sequence=report.version,
    )
