"""Doorways for Celery. Each asks what is due now, and may run twice."""

from celery import shared_task

from .services import sweeping


@shared_task(name="meetings.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return sweeping.send_reminders()


@shared_task(name="meetings.send_join_links")
def send_join_links() -> int:
    """Every few minutes: the link to take part online leaves an hour before."""
    return sweeping.send_join_links()


@shared_task(name="meetings.follow_up")
def follow_up() -> int:
    """Every quarter of an hour: meetings that are over, and their evaluations."""
    return sweeping.follow_up()


@shared_task(name="meetings.housekeeping")
def housekeeping() -> int:
    """Every night: personal needs that must go."""
    return sweeping.delete_needs()
