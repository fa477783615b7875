"""Doorways for Celery. Each asks what is due now, and may run twice."""

from celery import shared_task

from .services import sweeping


@shared_task(name="joining.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return sweeping.send_reminders()


@shared_task(name="joining.housekeeping")
def housekeeping() -> int:
    """Every night: renewals that are due within sixty days are opened, those past grace lapse, unconfirmed addresses go."""
    return sweeping.housekeeping()
