"""Figures counted by a worker: once, with progress, and anew when a worker was lost."""

import logging
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.reporting.models import Calculation, CountedRecord, Report
from cmncp_portal.reporting.selectors.reports import standing_of
from cmncp_portal.reporting.services import background, calculating, sweeping, writing
from cmncp_portal.reporting.tasks import calculate as task

from .factories import SECRET_FR, World, counted, frozen, make_report

pytestmark = pytest.mark.django_db

S = Calculation.State


@pytest.fixture
def report(world: World, priya: Any) -> Report:
    return make_report(priya)


def test_figures_of_both_periods(report: Report, world: World, priya: Any) -> None:
    made = calculating.calculate(report, by=priya)
    assert (made.state, made.by_name, made.figures) == (S.WAITING, "Priya Nair", [])
    assert task(made.pk) is True
    made.refresh_from_db()
    assert (made.state, made.parts_done, made.parts, made.definitions) == (S.DONE, 6, 6, 1)
    assert [(str(period.from_on), codes) for period, codes in world.calls] == [("2026-04-01", []), ("2025-04-01", [])]
    assert [(one["code"], one["total"]["value"], one["before"]["total"]["value"]) for one in made.figures] == [
        ("visits-held", 7, 4), ("response-rate", 75.0, 75.0), ("worth", 4.25, 4.25),
    ]  # fmt: skip


def test_makers_see_small_groups_marked_and_what_is_published_lacks_them(report: Report, priya: Any) -> None:
    done = counted(report, priya).calculations.get()
    whole, safe = done.figures[2], done.basis["published"][2]
    assert [(cell["category"], cell["value"], cell["hidden"]) for cell in whole["cells"]] == [
        ("en", 4.93, True), ("fr", SECRET_FR, True),
    ]  # fmt: skip
    assert [(cell["category"], cell["value"], cell["n"], cell["hidden"]) for cell in safe["cells"]] == [
        ("en", None, None, True), ("fr", None, None, True),
    ]  # fmt: skip
    assert (whole["total"]["hidden"], whole["before"]["total"]["hidden"]) == (False, False)


def test_each_figure_can_be_followed_to_what_it_counts(report: Report, priya: Any) -> None:
    counted(report, priya)
    rows = CountedRecord.objects.filter(indicator="visits-held").values_list("key", "label_fr", "excluded_fr")
    assert list(rows) == [(f"visit-{n}", f"Visite {n}", "") for n in range(7)] + [
        ("visit-99", "Visite 99", "Elle a été annulée.")
    ]
    assert CountedRecord.objects.filter(indicator="worth").count() == 12  # of the period, not of the one before


def test_only_what_was_chosen_and_no_comparison(world: World, priya: Any) -> None:
    report = make_report(priya, indicators=["worth"], compares_from_on=None, compares_until_on=None)
    [figure] = counted(report, priya).calculations.get().figures
    assert (figure["code"], figure["before"], len(world.calls)) == ("worth", None, 1)


def test_progress_can_be_read_while_it_runs(report: Report, world: World, priya: Any) -> None:
    made, seen = calculating.calculate(report, by=priya), []
    world.breaks = lambda: seen.append(
        Calculation.objects.filter(pk=made.pk).values_list("state", "parts_done", "parts").get()
    )
    calculating.run(made.pk)
    assert seen == [("running", 0, 0), ("running", 3, 6)]


def test_a_second_click_is_answered(report: Report, priya: Any, rene: Any) -> None:
    calculating.calculate(report, by=priya)
    with pytest.raises(TransitionRefused, match="being calculated already") as refused:
        calculating.calculate(report, by=rene)
    assert (refused.value.done_already, report.calculations.count()) == (True, 1)


def test_a_worker_is_asked_after_the_commit(
    report: Report, priya: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(background.current_app, "send_task", lambda *args, **more: asked.append((*args, more)))
    with django_capture_on_commit_callbacks(execute=True):
        made = calculating.calculate(report, by=priya)
        assert asked == []
    assert asked == [("reporting.calculate", (made.pk,), {"retry": False})]


def test_without_a_broker_the_sweep_asks_again(
    report: Report,
    priya: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def away(*args: Any, **more: Any) -> None:
        raise OSError("nobody there")

    monkeypatch.setattr(background.current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        calculating.calculate(report, by=priya)
    assert "nobody there" in caplog.text
    assert sweeping.follow_up() == 0
    asked: list[Any] = []
    monkeypatch.setattr(background.current_app, "send_task", lambda *args, **more: asked.append(args))
    assert (sweeping.follow_up(), len(asked)) == (1, 1)


@pytest.mark.parametrize(("minutes", "begins_anew"), [(9, False), (10, False), (11, True)])
@pytest.mark.parametrize("state", [S.WAITING, S.RUNNING])
def test_a_lost_worker(report: Report, priya: Any, clock: Any, state: str, minutes: int, begins_anew: bool) -> None:
    lost = calculating.calculate(report, by=priya)
    Calculation.objects.update(state=state, started_at=timezone.now())
    clock.shift(timedelta(minutes=minutes))
    assert (standing_of(report).is_running, standing_of(report).has_failed) == (not begins_anew, begins_anew)
    if not begins_anew:
        with pytest.raises(TransitionRefused):
            calculating.calculate(report, by=priya)
        return
    anew = calculating.calculate(report, by=priya)
    assert list(report.calculations.values_list("pk", flat=True)) == [anew.pk]
    assert (calculating.run(lost.pk), calculating.run(anew.pk)) == (False, True)


def test_the_broker_gives_the_task_of_a_lost_worker_to_another(report: Report, priya: Any, clock: Any) -> None:
    lost = calculating.calculate(report, by=priya)
    Calculation.objects.update(state=S.RUNNING, started_at=timezone.now(), parts_done=2)
    assert calculating.run(lost.pk) is False  # somebody else has it
    clock.shift(timedelta(minutes=11))
    assert calculating.run(lost.pk) is True
    assert calculating.run(lost.pk) is False  # done


def test_a_worker_that_comes_back_too_late_changes_nothing(report: Report, world: World, priya: Any) -> None:
    made = calculating.calculate(report, by=priya)
    world.breaks = lambda: Calculation.objects.update(started_at=timezone.now() + timedelta(minutes=11)) and None
    calculating.run(made.pk)
    made.refresh_from_db()
    assert (made.state, made.figures, CountedRecord.objects.count()) == (S.RUNNING, [], 0)


def test_what_fails_says_so_and_can_be_done_again(
    report: Report, world: World, priya: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise ValueError("no such column")

    counted(report, priya)
    world.breaks = broken
    with caplog.at_level(logging.ERROR):
        assert calculating.run(calculating.calculate(report, by=priya).pk) is False
    standing = standing_of(report)
    assert standing.latest
    assert (standing.latest.problem, standing.has_failed) == ("ValueError: no such column", True)
    assert standing.done  # the figures before stay
    world.breaks = None
    counted(report, priya)
    assert list(report.calculations.values_list("state", flat=True)) == ["done"]


def test_figures_that_nobody_froze_are_replaced(report: Report, priya: Any) -> None:
    first = frozen(report, priya).calculation
    counted(report, priya)
    counted(report, priya)
    assert [first.pk] == [one.pk for one in report.calculations.all() if hasattr(one, "snapshot")]
    assert report.calculations.count() == 2


def test_what_changes_while_it_runs_is_noticed(report: Report, world: World, priya: Any) -> None:
    from cmncp_portal.reporting.selectors.reports import why_not_frozen

    made = calculating.calculate(report, by=priya)

    def meddle() -> None:
        world.breaks = None
        writing.change(Report.objects.get(pk=report.pk), seen=1, by=priya, until_on=date(2027, 2, 28))

    world.breaks = meddle
    assert calculating.run(made.pk) is True
    found = Report.objects.get(pk=report.pk)
    refusal = why_not_frozen(found, standing_of(found))
    assert refusal
    assert "Period or figures changed" in str(refusal[0])


def test_nothing_is_nothing() -> None:
    assert calculating.run(0) is False
