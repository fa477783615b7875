"""Doorways for Celery. Each asks what is due now, and may run twice."""

from celery import shared_task

from .services import inquiring, sweeping


@shared_task(name="progress.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return inquiring.ask_due() + sweeping.send_reminders()
