"""Doorways for Celery. Both may run twice, or be lost: the outbox knows what is left to do."""

from celery import shared_task

from . import services


@shared_task(name="notifications.deliver")
def deliver_letters(pks: list[int]) -> int:
    return services.deliver_all(pks)


@shared_task(name="notifications.sweep")
def sweep() -> int:
    return services.sweep()
