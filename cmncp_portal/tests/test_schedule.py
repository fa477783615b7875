"""The timetable names real tasks, and each may run at any time without being told anything."""

import inspect
from typing import Any

import pytest
from celery.schedules import crontab

from cmncp_portal.celery import app

TABLE: dict[str, dict[str, Any]] = app.conf.beat_schedule


@pytest.fixture(scope="module", autouse=True)
def _all_tasks_are_known() -> None:
    app.loader.import_default_modules()


def test_the_table_is_what_the_house_says() -> None:
    assert sorted(line["task"] for line in TABLE.values()) == [
        "evaluation.close_ended",
        "evaluation.nudge",
        "exchanges.housekeeping",
        "exchanges.open_evaluations",
        "exchanges.send_reminders",
        "exchanges.tell_changes",
        "joining.housekeeping",
        "joining.send_reminders",
        "knowledge.housekeeping",
        "knowledge.publish_due",
        "knowledge.send_reminders",
        "meetings.follow_up",
        "meetings.housekeeping",
        "meetings.send_join_links",
        "meetings.send_reminders",
        "mentoring.follow_up",
        "mentoring.send_reminders",
        "notifications.sweep",
        "privacy.retain",
        "progress.send_reminders",
        "reporting.follow_up",
        "reporting.send_reminders",
        "training.follow_up",
        "training.housekeeping",
        "training.send_reminders",
    ]


@pytest.mark.parametrize("title", TABLE)
def test_a_line_names_a_real_task_that_needs_no_arguments(title: str) -> None:
    task = app.tasks[TABLE[title]["task"]]
    needed = [
        name
        for name, given in inspect.signature(task.run).parameters.items()
        if given.default is inspect.Parameter.empty
    ]
    assert needed == []


@pytest.mark.parametrize("title", TABLE)
def test_a_task_is_named_after_the_app_it_lives_in(title: str) -> None:
    name = TABLE[title]["task"]
    label, function = name.split(".")
    task = app.tasks[name]
    assert (task.run.__module__.removeprefix("cmncp_portal."), task.run.__name__) == (f"{label}.tasks", function)


@pytest.mark.parametrize(
    ("task", "minutes", "hours"),
    [
        ("notifications.sweep", set(range(60)), set(range(24))),
        ("exchanges.tell_changes", set(range(0, 60, 5)), set(range(24))),
        ("exchanges.open_evaluations", set(range(0, 60, 5)), set(range(24))),
        ("exchanges.send_reminders", {30}, set(range(24))),
        ("evaluation.nudge", {35}, set(range(24))),
        ("evaluation.close_ended", {40}, set(range(24))),
        ("exchanges.housekeeping", {15}, {3}),
        ("knowledge.send_reminders", {34}, set(range(24))),
        ("knowledge.publish_due", set(range(0, 60, 5)), set(range(24))),
        ("knowledge.housekeeping", {25}, {3}),
        ("meetings.send_reminders", {32}, set(range(24))),
        ("meetings.send_join_links", set(range(0, 60, 5)), set(range(24))),
        ("meetings.follow_up", {0, 15, 30, 45}, set(range(24))),
        ("meetings.housekeeping", {20}, {3}),
        ("training.send_reminders", {36}, set(range(24))),
        ("training.follow_up", {0, 15, 30, 45}, set(range(24))),
        ("training.housekeeping", {30}, {3}),
        ("progress.send_reminders", {38}, set(range(24))),
        ("mentoring.send_reminders", {42}, set(range(24))),
        ("mentoring.follow_up", {44}, set(range(24))),
        ("joining.send_reminders", {46}, set(range(24))),
        ("joining.housekeeping", {35}, {3}),
        ("reporting.follow_up", set(range(0, 60, 5)), set(range(24))),
        ("reporting.send_reminders", {48}, set(range(24))),
        ("privacy.retain", {10}, {3}),
    ],
)
def test_when_it_runs(task: str, minutes: set[int], hours: set[int]) -> None:
    (schedule,) = (line["schedule"] for line in TABLE.values() if line["task"] == task)
    assert isinstance(schedule, crontab)
    assert (schedule.minute, schedule.hour) == (minutes, hours)


@pytest.mark.parametrize("title", TABLE)
def test_a_run_that_is_late_makes_room_for_the_next(title: str) -> None:
    schedule = TABLE[title]["schedule"]
    between = 24 * 3600 / (len(schedule.minute) * len(schedule.hour))  # both repeat evenly
    assert 0 < TABLE[title]["options"]["expires"] < between


def test_every_task_is_given_back_when_a_worker_dies() -> None:
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert [
        task.name for task in ours if not (task.acks_late and task.reject_on_worker_lost and task.ignore_result)
    ] == []
