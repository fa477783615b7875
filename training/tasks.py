"""Doorways for Celery. Each asks what is due now, and may run twice."""

from celery import shared_task

from .services import sweeping


@shared_task(name="training.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return sweeping.send_reminders()


@shared_task(name="training.follow_up")
def follow_up() -> int:
    """Every quarter of an hour: offerings that are over, their two surveys, consultations past their last day."""
    return sweeping.follow_up()


@shared_task(name="training.housekeeping")
def housekeeping() -> int:
    """Every night: personal needs that must go, links of learners that a list or a day left behind."""
    return sweeping.housekeeping()
