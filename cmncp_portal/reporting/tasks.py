"""Doorways for Celery. Each may run twice."""

from celery import shared_task

from .services import calculating, files, sweeping


@shared_task(name="reporting.send_reminders")
def send_reminders() -> int:
    """Every hour: reminders are due at 8:30 in each recipient's own zone."""
    return sweeping.send_reminders()


@shared_task(name="reporting.follow_up")
def follow_up() -> int:
    """Every few minutes: figures and files that were asked for while the broker was away."""
    return sweeping.follow_up()


@shared_task(name="reporting.calculate")
def calculate(pk: int) -> bool:
    """After a click: the figures of the calculation `pk`."""
    return calculating.run(pk)


@shared_task(name="reporting.make_files")
def make_files(pk: int) -> int:
    """After a report was frozen: its files that wait. Return how many are ready."""
    return files.make_files(pk)
