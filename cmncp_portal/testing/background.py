"""Celery as it runs for real: processes of their own, on the test database, the test's broker and a local mail server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from celery import Celery
from django.conf import settings
from django.db import connection

WORKER = ["-A", "cmncp_portal", "worker", "-l", "warning", "-c", "2"]
WORKER += ["--without-mingle", "--without-gossip", "--without-heartbeat"]
BEAT = ["-A", "cmncp_portal.testing.brisk", "beat", "-l", "warning", "--pidfile="]


def wait(until: Callable[[], Any], seconds: float = 40, saying: str = "waited in vain") -> None:
    """Return as soon as `until()` is true. Raises AssertionError with `saying` after `seconds`."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, saying
        time.sleep(0.05)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 to the process and every child of it."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


@contextmanager
def real_broker() -> Iterator[Celery]:
    """The Valkey of this test run, emptied before and after."""
    url = os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1)
    app = Celery("test", broker=url, set_as_current=False)
    with app.connection_for_write() as link:
        link.default_channel.client.flushdb()
    yield app
    with app.connection_for_write() as link:
        link.default_channel.client.flushdb()
    app.close()


def _url_of_the_test_database() -> str:
    place, _slash, name = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")
    test_name = connection.settings_dict["NAME"]
    assert test_name != name, "the worker must not touch the real database"
    return f"{place}/{test_name}"


class Background:
    """`with Background(mail_port) as background:` starts what is asked for and kills it in the end.

    Must end before the test's database is emptied. `site` is the address of the portal that letters written by the worker lead to.
    """

    def __init__(self, mail_port: int, site: str = "http://127.0.0.1:8000") -> None:
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "cmncp_portal.settings.demo",
            "DATABASE_URL": _url_of_the_test_database(),
            "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
            "SITE_ADDRESS": site,
            "SECRET_KEY": settings.SECRET_KEY,
            "PYTHONWARNINGS": "ignore",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Background":
        return self

    def __exit__(self, *_problem: object) -> None:
        for process in self._started:
            kill(process)
            if process.stderr:
                process.stderr.close()

    def worker(self) -> subprocess.Popen[bytes]:
        """Start a worker."""
        return self._start(WORKER)

    def beat(self, folder: Path) -> subprocess.Popen[bytes]:
        """Start the clock of the portal, which runs quicker here (see brisk.py); it keeps its own file in `folder`."""
        return self._start([*BEAT, "-s", str(folder / "schedule")])

    def _start(self, arguments: list[str]) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *arguments],
            env=self.environment,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        self._started.append(process)
        return process
