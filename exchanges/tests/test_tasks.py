"""Doorways for Celery, and what the portal does by itself."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cmncp_portal.celery import app
from cmncp_portal.core.days import local_instant
from exchanges import services, tasks
from exchanges.models import TeamMember, Visit
from exchanges.services import sweeping

from .factories import make_answer, make_member, read
from .mailbag import to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_every_scheduled_task_of_exchanges_exists() -> None:
    """Regression: the table named a task that nobody had written."""
    planned = {line["task"] for line in app.conf.beat_schedule.values() if line["task"].startswith("exchanges.")}
    declared = {task.name for task in vars(tasks).values() if hasattr(task, "apply_async")}
    assert planned == declared


def test_each_task_returns_what_it_did(clock: Any, visit: Any) -> None:
    held = visit("held")
    visit("confirmed", starts_on=date(2027, 2, 8))
    for side in ("visitors", "hosts"):
        make_answer(held, side)
    assert tasks.send_reminders() == 3
    assert tasks.tell_changes() == 0
    assert tasks.open_evaluations() == 1
    assert tasks.housekeeping() == 0


def needs_of(visit: Visit) -> set[tuple[str, str, str]]:
    return set(visit.team.values_list("dietary_needs", "access_needs", "emergency_contact"))


@pytest.mark.parametrize("stage", ["held", "confirmed", "accepted"])
def test_needs_are_deleted_on_the_thirty_first_day(stage: str, visit: Any) -> None:
    """Whether it was recorded or not: a visit that nobody recorded kept them for ever."""
    over = visit(stage, starts_on=date(2027, 1, 28), ends_on=date(2027, 1, 29))
    make_member(
        over, status="accepted", dietary_needs="no nuts", access_needs="ramp", emergency_contact="Bo, 204-555-0100"
    )
    late = local_instant(date(2027, 2, 28), datetime.max.time(), "America/Toronto")
    assert sweeping.delete_needs(late) == 0  # day 30
    assert sweeping.delete_needs(late + timedelta(seconds=1)) == 1  # day 31
    assert needs_of(over) == {("", "", "")}
    assert sweeping.delete_needs(late + timedelta(days=1)) == 0
    assert Visit.objects.get(pk=over.pk).needs_deleted_at is not None


@pytest.mark.parametrize("state", ["cancelled", "withdrawn", "declined"])
def test_needs_of_a_visit_that_ended_otherwise_go_at_once(state: str, visit: Any) -> None:
    ended = visit("accepted")
    make_member(ended, status="accepted", dietary_needs="no nuts")
    Visit.objects.filter(pk=ended.pk).update(state=state)
    assert sweeping.delete_needs() == 1
    assert needs_of(ended) == {("", "", "")}


def test_deleted_needs_are_gone_from_the_history_too(visit: Any) -> None:
    from django.apps import apps
    from django.db import connection

    over = visit("held", starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 2))
    member = make_member(over, status="accepted", dietary_needs="no walnuts")
    TeamMember.objects.filter(pk=member.pk).update(dietary_needs="no walnuts at all", title="Mayor")
    sweeping.delete_needs()
    tables = [m._meta.db_table for m in apps.get_models() if m._meta.app_label == "exchanges"]
    with connection.cursor() as cursor:
        kept = []
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%walnuts%'")  # noqa: S608
            kept += [table] * cursor.fetchone()[0]
    assert kept == []
    assert "exchanges_teammemberevent" in tables


def test_a_reopened_visit_is_cleaned_again(visit: Any, priya: Any) -> None:
    """Regression: once cleaned, a visit was never looked at again."""
    ended = visit("accepted")
    services.cancel(ended, by=priya, note="Flood")
    sweeping.delete_needs()
    services.reopen(read(ended), by=priya, note="Dry again")
    Visit.objects.filter(pk=ended.pk).update(
        state="held", held_at="2027-01-02T00:00Z", starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 1)
    )
    make_member(ended, status="accepted", dietary_needs="no nuts")
    sweeping.delete_needs(local_instant(date(2027, 2, 2), datetime.min.time(), "America/Toronto"))
    assert needs_of(ended) == {("", "", "")}


def test_changes_of_a_visit_that_is_no_longer_confirmed_are_not_told(
    clock: Any, visit: Any, henry: Any, amina: Any
) -> None:
    confirmed = visit("confirmed")
    services.keep_practical(confirmed, seen=1, by=henry, lodging="Inn")
    services.cancel(read(confirmed), by=amina, note="Flood")
    clock.shift(timedelta(hours=2))
    assert (sweeping.tell_changes(), to("programme_updated")) == (0, [])
