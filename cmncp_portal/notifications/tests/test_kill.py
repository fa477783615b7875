"""A real worker is killed with kill -9 between queueing and sending, and each letter still leaves once.

Real are the Celery worker process, the broker (Valkey), the database (PostgreSQL) and the mail server (a local one).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from celery import Celery
from django.conf import settings as portal
from django.db import connection

from cmncp_portal.notifications import services, tasks
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.notifications.tests.conftest import CONTEXT
from cmncp_portal.notifications.tests.sink import Sink

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ADDRESSES = [f"person{number}@example.ca" for number in range(6)]


@pytest.fixture
def broker() -> Iterator[Celery]:
    """The real broker of this test run, empty."""
    app = Celery("test", broker=_broker_url(), set_as_current=False)
    with app.connection_for_write() as link:
        link.default_channel.client.flushdb()
    yield app
    with app.connection_for_write() as link:
        link.default_channel.client.flushdb()
    app.close()


@pytest.fixture
def worker(sink: Sink) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """worker() starts a worker process on the test database, the real broker and the listening mail server."""
    started: list[subprocess.Popen[bytes]] = []
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "cmncp_portal.settings.demo",
        "DATABASE_URL": _url_of_the_test_database(),
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "SECRET_KEY": portal.SECRET_KEY,
        "PYTHONWARNINGS": "ignore",
    }
    command = [sys.executable, "-m", "celery", "-A", "cmncp_portal", "worker", "-l", "warning", "-c", "2"]
    command += ["--without-mingle", "--without-gossip", "--without-heartbeat"]

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        started.append(process)
        return process

    yield start
    for process in started:
        _kill(process)
        if process.stderr:
            process.stderr.close()


def _broker_url() -> str:
    return os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)


def _url_of_the_test_database() -> str:
    place, _slash, name = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")
    test_name = connection.settings_dict["NAME"]
    assert test_name != name, "the worker must not touch the real database"
    return f"{place}/{test_name}"


def _kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 to the worker and every child of it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _wait(until: Callable[[], Any], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


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
        _wait(lambda: sink.mails)
    _kill(first)
    taken = {mail["X-RcptTo"] for mail in sink.mails}
    assert not Message.objects.filter(state=Message.State.SENT).exists()
    assert bool(taken) is (moment == "DATA")

    sink.pause_at = ""
    sink.go_on.set()
    worker()
    broker.send_task("notifications.sweep")
    _wait(_all_sent)
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
