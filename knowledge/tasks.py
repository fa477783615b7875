"""Doorways for Celery. Those of the table ask what is due now, and may run twice."""

from celery import shared_task
from django.utils import timezone

from .services import formats, moving, subscribing, sweeping


@shared_task(name="knowledge.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return sweeping.send_reminders()


@shared_task(name="knowledge.publish_due")
def publish_due() -> int:
    """Every few minutes: briefs whose day of publication has come."""
    return moving.publish_due(timezone.now())


@shared_task(name="knowledge.housekeeping")
def housekeeping() -> int:
    """Every night: addresses that nobody confirmed are forgotten."""
    return subscribing.forget_unconfirmed(timezone.now())


@shared_task(name="knowledge.make_files")
def make_files(pk: int) -> int:
    """After a publication: the files of the brief `pk` in every format. Return how many there are."""
    return len(formats.make_all_by_pk(pk))
