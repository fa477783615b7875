"""Doorways for Celery."""

from celery import shared_task

from .services import sweeping


@shared_task(name="exchanges.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return sweeping.send_reminders()


@shared_task(name="exchanges.tell_changes")
def tell_changes() -> int:
    """Every few minutes: small changes of confirmed plans, collected."""
    return sweeping.tell_changes()


@shared_task(name="exchanges.open_evaluations")
def open_evaluations() -> int:
    """Every few minutes: what both sides have evaluated, or whose last day is past, is opened to both."""
    return sweeping.open_evaluations()


@shared_task(name="exchanges.housekeeping")
def housekeeping() -> int:
    """Every night: personal needs that must go."""
    return sweeping.delete_needs()
