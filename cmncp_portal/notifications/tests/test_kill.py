"""A real worker is killed with kill -9 between queueing and sending, and each letter still leaves once.

Real are the Celery worker process, the broker (Valkey), the database (PostgreSQL) and the mail server (a local one).
"""

import subprocess
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery
from django.conf import settings as portal

from cmncp_portal.notifications import services, tasks
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.notifications.tests.conftest import CONTEXT
from cmncp_portal.testing.background import Background, kill, real_broker, wait
from cmncp_portal.testing.sink import Sink

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ADDRESSES = [f"person{number}@example.ca" for number in range(6)]


@pytest.fixture
def broker() -> Iterator[Celery]:
    with real_broker() as app:
        yield app


@pytest.fixture
def worker(sink: Sink) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """worker() starts a worker process on the test database, the real broker and the listening mail server."""
    with Background(sink.port) as background:
        yield background.worker


def _queue(kind: Kind, broker: Celery, monkeypatch: Any) -> list[Message]:
    """Send through the service; what it hands over goes to the real broker, a task for each letter."""
    monkeypatch.setattr(
        tasks.deliver_letters, "apply_async", lambda args, **_o: broker.send_task("notifications.deliver", args)
    )
    letters = [
        services.send(kind, Recipient(address, "Person", "en"), key="visit:12:plan", context=CONTEXT)
        for address in ADDRESSES
    ]
    return [letter for letter in letters if letter]


def _all_sent() -> bool:
    return not Message.objects.exclude(state=Message.State.SENT).exists()


def _taken_by(sink: Sink) -> set[str]:
    """Who has mail, once the mail server has nothing more to write down: unchanged for a second."""
    count, since = -1, time.monotonic()
    while time.monotonic() - since < 1:
        if len(sink.mails) != count:
            count, since = len(sink.mails), time.monotonic()
        time.sleep(0.05)
    return {mail["X-RcptTo"] for mail in sink.mails}


@pytest.mark.parametrize("moment", ["RCPT", "DATA"])
def test_kill_minus_nine_between_queueing_and_sending(
    kind: Kind, sink: Sink, broker: Celery, worker: Callable[[], Any], monkeypatch: Any, moment: str
) -> None:
    """Killed before the mail server took a letter: each arrives exactly once. Killed after it took it and before it said
    so: that one letter cannot but be repeated, and carries the same Message-ID."""
    sink.pause_at = moment
    first = worker()
    letters = _queue(kind, broker, monkeypatch)
    assert len(letters) == len(ADDRESSES)
    assert sink.reached.wait(40), first.stderr.peek() if first.poll() else "the worker sends nothing"
    if moment == "DATA":
        wait(lambda: sink.mails)
    kill(first)
    sink.pause_at = ""
    sink.go_on.set()
    taken = _taken_by(sink)  # also what the mail server was still writing down when the worker died
    assert not Message.objects.filter(state=Message.State.SENT).exists()
    assert bool(taken) is (moment == "DATA")

    worker()
    broker.send_task("notifications.sweep")
    wait(_all_sent)
    assert [services.deliver(letter.pk) for letter in letters] == ["skip"] * len(letters)

    for letter in letters:
        copies = 2 if letter.to_email in taken else 1
        assert sink.message_ids(letter.to_email) == [letter.message_id] * copies
    assert services.send(kind, Recipient(ADDRESSES[0], "Person", "en"), key="visit:12:plan", context=CONTEXT) is None


def test_with_the_broker_away_letters_leave_by_the_sweep(kind: Kind, sink: Sink, monkeypatch: Any) -> None:
    options = portal.CELERY_BROKER_TRANSPORT_OPTIONS
    nowhere = Celery("test", broker="redis://127.0.0.1:1", broker_transport_options=options, set_as_current=False)
    asked = []

    def publish(args: Any, **options: Any) -> None:
        asked.append(args)
        nowhere.send_task("notifications.deliver", args, **options)

    monkeypatch.setattr(tasks.deliver_letters, "apply_async", publish)
    began = time.monotonic()
    for address in ADDRESSES:
        services.send(kind, Recipient(address, "Person", "en"), key="visit:12:plan", context=CONTEXT)
    assert time.monotonic() - began < 3
    assert (len(asked), len(sink.mails)) == (1, 0)
    assert services.sweep() == len(ADDRESSES)
    assert sorted(mail["X-RcptTo"] for mail in sink.mails) == ADDRESSES
    nowhere.close()
