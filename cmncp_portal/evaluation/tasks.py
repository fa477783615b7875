"""Doorways for Celery. Each is a sweep: it asks what is due now, and may run twice without harm."""

from celery import shared_task

from . import services


@shared_task(name="evaluation.nudge")
def nudge() -> int:
    return services.send_reminders()


@shared_task(name="evaluation.close_ended")
def close_ended() -> int:
    return services.close_ended()
