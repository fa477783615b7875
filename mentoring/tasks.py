"""Doorways for Celery. Each asks what is due now, and may run twice."""

from celery import shared_task

from .services import sweeping


@shared_task(name="mentoring.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return sweeping.send_reminders()


@shared_task(name="mentoring.follow_up")
def follow_up() -> int:
    """Every hour: check-ins that are due, both sides."""
    return sweeping.follow_up()
