"""Behind `scripts/serve`: everything a portal needs, in order, in one terminal, stopped together.

    python -m cmncp_portal.runner

Starts the embedded servers unless DATABASE_URL and REDIS_URL name real ones, prepares the data once, then runs the web server, one
Celery worker and the timetable (beat) until Ctrl-C, SIGTERM, or the end of one of them. Every problem a newcomer may meet ends
in one sentence; a first run that was interrupted is carried on by the next.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from cmncp_portal import embedded
from cmncp_portal.settings import env

SETTINGS = "cmncp_portal.settings.demo"
PYTHON = sys.executable
READY_WITHIN = 60  # seconds
NOTE = "serve.json"  # in VAR: the numbers of our processes, for a next start after kill -9
STOP_WITHIN = 20  # seconds for a child to finish what it is doing


class CannotServe(Exception):
    """One sentence for the person in front of the screen."""


@dataclass
class Child:
    """A process the portal consists of."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None


@dataclass
class Portal:
    """The portal of one VAR folder on one port."""

    var: Path
    port: int
    children: list[Child] = field(default_factory=list)
    asked_to_stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Everything, start to stop. Returns the exit code: 0 when asked to stop, 1 when a child ended by itself."""
        with contextlib.ExitStack() as stack:
            self._listen_for_the_end()
            clear_leftovers(self.var)
            self._check_port()
            stack.enter_context(self._servers())
            self._prepare()
            stack.callback(self._stop_children)
            self._start_children()
            if not self._wait_until_ready():
                return self._verdict()
            self._welcome()
            while not self.asked_to_stop.wait(0.5):
                if self._ended():
                    return self._verdict()
            say("\nStopping ...")
        say("Stopped. The data stay in " + str(self.var))
        return 0

    # ---- before ---------------------------------------------------------------------------------

    def _listen_for_the_end(self) -> None:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self.asked_to_stop.set()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, stop)  # the terminal was closed

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except PermissionError:
                raise CannotServe(
                    f"Port {self.port} is reserved for the administrator; choose one with PORT=8001."
                ) from None
            except OSError:
                raise CannotServe(
                    f"Port {self.port} is used by another program; choose another one, such as PORT={self.port + 1} scripts/serve."
                ) from None

    @contextlib.contextmanager
    def _servers(self) -> Iterator[None]:
        """Real servers when both addresses are given, else embedded ones for what is missing."""
        if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
            yield
            return
        with step("Starting PostgreSQL and Valkey"):
            servers = embedded.start(self.var)
        os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL") or servers.database_url
        os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or servers.redis_url
        try:
            yield
        finally:
            servers.stop()

    def _prepare(self) -> None:
        steps: tuple[tuple[str, list[str]], ...] = (
            ("Compiling the French", ["-m", "cmncp_portal.messages_tool", "--compile"]),
            ("Preparing the database", ["manage.py", "migrate", "--noinput", "-v0"]),
            ("Making the web fonts", ["manage.py", "build_fonts"]),
            ("Collecting styles and scripts", ["manage.py", "collectstatic", "--noinput", "-v0"]),
            ("Loading the demo network", ["manage.py", "seed_network"]),
        )
        for title, arguments in steps:
            if self.asked_to_stop.is_set():
                raise CannotServe("Interrupted; the next start carries on.")
            with step(title):
                self._once(title, arguments)

    def _once(self, title: str, arguments: Sequence[str]) -> None:
        process = subprocess.Popen(
            [PYTHON, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=embedded.BASE_DIR,
        )
        while True:
            try:
                output, _ = process.communicate(timeout=0.2)
                break
            except subprocess.TimeoutExpired:
                if self.asked_to_stop.is_set():
                    process.terminate()
                    process.wait()
                    raise CannotServe("Interrupted; the next start carries on.") from None
        if process.returncode:
            text = output.decode(errors="replace").strip()
            (self.var / "serve.log").write_text(text + "\n", encoding="utf-8")
            last = text.splitlines()[-1] if text else "no reason given"
            raise CannotServe(f"{title} failed: {last} (all of it is in {self.var / 'serve.log'})")

    # ---- the children ---------------------------------------------------------------------------

    def _start_children(self) -> None:
        web = [
            PYTHON,
            "-m",
            "gunicorn",
            "cmncp_portal.wsgi",
            "--bind",
            f"127.0.0.1:{self.port}",
            "--workers",
            "2",
            "--threads",
            "4",
        ]
        web += ["--no-control-socket", "--log-level", "warning", "--graceful-timeout", "5"]
        celery = [PYTHON, "-m", "celery", "--quiet", "-A", "cmncp_portal"]
        worker = [
            *celery,
            "worker",
            "--concurrency",
            "2",
            "--loglevel",
            "warning",
            "--without-mingle",
            "--without-gossip",
        ]
        beat = [*celery, "beat", "--loglevel", "warning", "--schedule", str(self.var / "beat-schedule"), "--pidfile="]
        self.children = [Child("web server", web), Child("worker", worker), Child("timetable", beat)]
        log = (self.var / "portal.log").open("ab")
        environment = {**os.environ, "PYTHONWARNINGS": "ignore:::celery.platforms"}
        with step("Starting the web server, the worker and the timetable"), log:
            for child in self.children:
                child.process = subprocess.Popen(
                    child.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C comes to us alone, and we stop them in order
                    cwd=embedded.BASE_DIR,
                    env=environment,
                )

        note = {"runner": os.getpid(), "children": [child.process.pid for child in self.children if child.process]}
        (self.var / NOTE).write_text(json.dumps(note), encoding="utf-8")

    def _wait_until_ready(self) -> bool:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline and not self._ended() and not self.asked_to_stop.is_set():
            if self._healthy():
                return True
            time.sleep(0.1)
        return False

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz/", timeout=2) as answer:  # noqa: S310 (our own address)
                return answer.status == 200
        except OSError:  # nobody listens yet, or 503
            return False

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _welcome(self) -> None:
        say(f"\nThe portal is running: {self.address}")
        people = subprocess.run([PYTHON, "manage.py", "demo_people"], capture_output=True, cwd=embedded.BASE_DIR)
        say(people.stdout.decode(errors="replace").rstrip())
        say("Ctrl-C stops it.")

    def _ended(self) -> Child | None:
        return next((child for child in self.children if child.process and child.process.poll() is not None), None)

    def _verdict(self) -> int:
        """What to say and answer when the portal does not run, or runs no longer."""
        if self.asked_to_stop.is_set():
            return 0
        child = self._ended()
        what = f"The {child.name} stopped by itself" if child else "The portal does not answer"
        raise CannotServe(
            f"{what}; the reason is at the end of {self.var / 'portal.log'}. Everything else was stopped too."
        )

    def _stop_children(self) -> None:
        self._stop_running()
        for child in self.children:  # whoever was killed may have left children of its own
            if child.process:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(child.process.pid, signal.SIGKILL)
        (self.var / NOTE).unlink(missing_ok=True)

    def _stop_running(self) -> None:
        running = [child.process for child in reversed(self.children) if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_WITHIN
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def clear_leftovers(var: Path) -> None:
    """Stops the children of a runner that was killed; one that is alive keeps the folder to itself."""
    import psutil

    try:
        note = json.loads((var / NOTE).read_text(encoding="utf-8"))
        runner, children = int(note["runner"]), [int(pid) for pid in note["children"]]
    except (OSError, ValueError, KeyError, TypeError):
        return
    if any(_is_part_of_a_portal(process, "cmncp_portal.runner") for process in _alive([runner])):
        raise embedded.InUse(f"The portal is already running with the data in {var}; stop it first.")
    left = [process for process in _alive(children) if _is_part_of_a_portal(process, "cmncp_portal")]
    for process in left:
        process.terminate()
    _, stubborn = psutil.wait_procs(left, timeout=STOP_WITHIN)
    for process in stubborn:
        process.kill()
    (var / NOTE).unlink(missing_ok=True)


def _alive(pids: Sequence[int]) -> Iterator[Any]:
    import psutil

    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            yield psutil.Process(pid)


def _is_part_of_a_portal(process: Any, word: str) -> bool:
    """A process number may have been given to something else since."""
    import psutil

    try:
        return any(word in part for part in process.cmdline())
    except psutil.Error:
        return False


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """A line of progress: what is being done, then how long it took."""
    print(f"{title} ...", end=" ", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print(flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def port_wanted() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotServe(f"PORT must be a number between 1 and 65535, not “{text}”.")
    return int(text)


def writable(folder: Path) -> Path:
    """The folder, made if need be, after a trial file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        trial = folder / ".trial"
        trial.touch()
        trial.unlink()
    except OSError as problem:
        raise CannotServe(
            f"The portal cannot write into {folder} ({problem.strerror}); choose another folder with CMNCP_VAR."
        ) from None
    return folder


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (whoever runs this may have made the environment by hand)
        say("The portal needs Python 3.11 or newer.")
        return 1
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    try:
        env.load(embedded.BASE_DIR / ".env")
        port = port_wanted()
        var = writable(embedded.var_folder())
        os.environ["CMNCP_VAR"] = str(var)
        os.environ["SITE_ADDRESS"] = os.environ.get("SITE_ADDRESS") or f"http://127.0.0.1:{port}"
        return Portal(var, port).run()
    except (CannotServe, embedded.NotStarted, ImproperlyConfigured) as problem:
        print(problem, file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
