"""Asking a worker, after the commit. When the broker is away, the next sweep asks again."""

import logging

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)

CALCULATE, MAKE_FILES = "reporting.calculate", "reporting.make_files"


def order(task: str, pk: int) -> None:
    """Ask a worker to do `task` about the row `pk` once this transaction is committed."""
    transaction.on_commit(lambda: publish(task, pk))


def publish(task: str, pk: int) -> bool:
    """Ask a worker now; return whether the broker took it."""
    try:
        current_app.send_task(task, (pk,), retry=False)
    except Exception as problem:  # nobody must wait for the broker
        log.warning("%s of %s waits for the sweep, the broker does not answer: %s", task, pk, problem)
        return False
    return True
