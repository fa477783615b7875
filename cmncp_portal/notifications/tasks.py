"""Doorways for Celery. Each may run twice, or be lost: the outbox knows what is left to do."""

from celery import shared_task

from . import mailings, services


@shared_task(name="notifications.deliver")
def deliver_letters(pks: list[int]) -> int:
    return services.deliver_all(pks)


@shared_task(name="notifications.write_mailing")
def write_mailing(pk: int) -> int:
    return mailings.write(pk)


@shared_task(name="notifications.sweep")
def sweep() -> int:
    mailings.sweep()
    return services.sweep()
