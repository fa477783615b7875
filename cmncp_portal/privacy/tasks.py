"""Doorways for Celery. Each may run twice, or be lost: the night does what is left."""

from celery import shared_task

from . import services


@shared_task(name="privacy.forget")
def forget(pk: int) -> bool:
    return services.carry_out(pk)


@shared_task(name="privacy.retain")
def retain() -> int:
    """Every night: what has outlived its limit goes. Return how much was removed."""
    return sum(line["count"] for line in services.retain().lines)
