"""A report is begun, changed and written; two people at once lose nothing."""

from datetime import date
from typing import Any

import pytest

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.reporting.indicators.base import Period
from cmncp_portal.reporting.models import LinkedCase, Narrative, Report
from cmncp_portal.reporting.services import writing

from .factories import make_report

pytestmark = pytest.mark.django_db

TITLES = {"title_en": "Report", "title_fr": "Rapport"}


@pytest.mark.parametrize(
    ("today", "year"),
    [
        (date(2027, 3, 31), 2026), (date(2027, 4, 1), 2026), (date(2027, 6, 30), 2026), (date(2027, 7, 1), 2027),
        (date(2027, 12, 31), 2027), (date(2028, 1, 1), 2027),
    ],
)  # fmt: skip
def test_the_year_that_one_reports_on(today: date, year: int) -> None:
    period = writing.year_to_report(today)
    assert period == Period(date(year, 4, 1), date(year + 1, 3, 31))
    assert writing.year_before(period) == Period(date(year - 1, 4, 1), date(year, 3, 31))


def test_a_report_is_about_the_fiscal_year_unless_told_otherwise(clock: Any, priya: Any) -> None:
    report = writing.begin(by=priya, **TITLES)
    assert (report.period, report.by_name, report.by) == ((date(2026, 4, 1), date(2027, 3, 31)), "Priya Nair", priya)
    own = writing.begin(by=priya, from_on=date(2026, 10, 1), until_on=date(2026, 12, 31), **TITLES)
    assert own.period == (date(2026, 10, 1), date(2026, 12, 31))


def test_two_who_change_it(clock: Any, priya: Any, rene: Any) -> None:
    report = make_report(priya)
    writing.change(Report.objects.get(), seen=1, by=rene, title_en="René’s")
    with pytest.raises(Conflict):
        writing.change(report, seen=1, by=priya, title_en="Priya’s")
    assert Report.objects.get().title_en == "René’s"
    writing.move_due_date(report, by=priya, due_on=date(2027, 6, 1), reason="Asked.")
    writing.change(Report.objects.get(), seen=2, by=rene, title_en="René’s own")  # moving the day took nothing away
    assert (Report.objects.get().title_en, Report.objects.get().due_on) == ("René’s own", date(2027, 6, 1))


def test_two_who_write_the_same_section(clock: Any, priya: Any, rene: Any) -> None:
    report = make_report(priya)
    writing.write(report, "summary", seen=1, by=rene, text_en=" One. ", text_fr="")
    with pytest.raises(Conflict) as conflict:
        writing.write(report, "summary", seen=1, by=priya, text_en="Two.", text_fr="Deux.")
    assert conflict.value.current.text_en == "One."  # type: ignore[attr-defined]
    writing.write(report, "summary", seen=2, by=priya, text_en="Two.", text_fr="Deux.")
    assert Narrative.objects.values_list("text_en", "text_fr", "by_name", "version").get() == ("Two.", "Deux.", "Priya Nair", 3)  # fmt: skip


def test_cases(clock: Any, priya: Any) -> None:
    report = make_report(priya)
    for path in ("/en/exchanges/", "/en/meetings/"):
        writing.link_case(report, "results", by=priya, path=path, title_en=path, title_fr=path)
    with pytest.raises(TransitionRefused, match="stands there already"):
        writing.link_case(report, "results", by=priya, path="/en/meetings/", title_en="Again", title_fr="Encore")
    first, second = LinkedCase.objects.all()
    assert (first.path, second.path) == ("/en/exchanges/", "/en/meetings/")
    writing.unlink_case(report, "results", first.pk, by=priya)
    with pytest.raises(TransitionRefused, match="gone already"):
        writing.unlink_case(report, "results", first.pk, by=priya)
    with pytest.raises(TransitionRefused, match="gone already"):
        writing.unlink_case(make_report(priya), "results", second.pk, by=priya)
    assert list(LinkedCase.objects.all()) == [second]
