"""The embedded servers and the runner: what may go wrong on a newcomer's machine."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from cmncp_portal import embedded, runner

pytestmark = pytest.mark.slow

OWNER = """
import sys, time
from pathlib import Path
from cmncp_portal import embedded
servers = embedded.start(Path(sys.argv[1]), quick=True)
print(servers.database_url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path is longer than a Unix socket's address may be."""
    return tmp_path_factory.mktemp("a" * 60) / ("b" * 60)


@pytest.fixture
def owner(var: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that runs the servers, and the address of its database."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(var)], stdout=subprocess.PIPE, text=True, cwd=embedded.BASE_DIR
    )
    assert process.stdout
    yield process, process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdout.close()
    if var.exists():
        embedded._clear_leftovers(var / "embedded.json", var)


def test_data_stay_and_french_letters_are_known(var: Path) -> None:
    first = embedded.start(var, quick=True)
    with psycopg.connect(first.database_url) as connection:
        connection.execute("CREATE TABLE note AS SELECT lower('ÉCOLE À ŒUVRE') AS text")
    first.stop()
    second = embedded.start(var, quick=True)
    with psycopg.connect(second.database_url) as connection:
        assert connection.execute("SELECT text FROM note").fetchall() == [("école à œuvre",)]
    second.stop()
    assert not second.sockets.exists()


def test_nobody_else_may_enter_the_folder_of_the_sockets(var: Path) -> None:
    servers = embedded.start(var, quick=True)
    mode = servers.sockets.stat().st_mode & 0o777
    servers.stop()
    assert mode == 0o700


def test_a_killed_owner_leaves_nothing_that_stops_the_next(var: Path, owner: tuple[subprocess.Popen[str], str]) -> None:
    process, address = owner
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE kept (n int)")
    left = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert [child for child in left if child.is_running()], "the servers should have outlived their owner"
    servers = embedded.start(var, quick=True)
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert redis.Redis.from_url(servers.redis_url).ping() is True
    servers.stop()
    assert not [child for child in left if child.is_running()]


def test_killed_servers_start_again(var: Path, owner: tuple[subprocess.Popen[str], str]) -> None:
    process, _ = owner
    for child in psutil.Process(process.pid).children(recursive=True):
        child.kill()
    process.kill()
    process.wait()
    servers = embedded.start(var, quick=True)
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    servers.stop()


def test_a_second_owner_is_refused_and_a_guest_joins(var: Path, owner: tuple[subprocess.Popen[str], str]) -> None:
    process, address = owner
    with pytest.raises(embedded.InUse, match="The portal is already running with the data in"):
        embedded.start(var, quick=True)
    guest = embedded.start(var, join=True)
    assert guest.database_url == address
    guest.stop()
    with psycopg.connect(address) as connection:  # the guest stopped nothing
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert process.poll() is None


def test_a_first_run_cut_off_while_making_the_database_is_carried_on(var: Path) -> None:
    unfinished = var / "postgres.unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    servers = embedded.start(var, quick=True)
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("portal",)
    servers.stop()
    assert not unfinished.exists()


# ---- the runner ---------------------------------------------------------------------------------


def serve(**changes: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": "", "REDIS_URL": "", **changes}
    return subprocess.run(
        [sys.executable, "-m", "cmncp_portal.runner"],
        capture_output=True,
        text=True,
        cwd=embedded.BASE_DIR,
        env=environment,
        timeout=60,
        check=False,
    )


def test_a_busy_port_is_one_sentence(var: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = serve(PORT=str(port), CMNCP_VAR=str(var))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Port {port} is used by another program; choose another one, such as PORT={port + 1} scripts/serve.\n"
    )


@pytest.mark.parametrize("port", ["many", "0", "65536", "-1"])
def test_a_port_that_is_none_is_one_sentence(var: Path, port: str) -> None:
    done = serve(PORT=port, CMNCP_VAR=str(var))
    assert (done.returncode, done.stderr) == (1, f"PORT must be a number between 1 and 65535, not “{port}”.\n")


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = serve(CMNCP_VAR=str(tmp_path / "file" / "var"))
    assert done.returncode == 1
    assert done.stderr.startswith(f"The portal cannot write into {tmp_path / 'file' / 'var'} (")
    assert done.stderr.count("\n") == 1


def test_a_portal_that_runs_already_is_one_sentence(var: Path, owner: tuple[subprocess.Popen[str], str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    done = serve(CMNCP_VAR=str(var), PORT=port)
    assert (done.returncode, done.stderr) == (
        1,
        f"The portal is already running with the data in {var}; stop it first.\n",
    )


def test_a_child_that_ends_stops_the_others(tmp_path: Path) -> None:
    portal = runner.Portal(tmp_path, 8000)
    for name, seconds in (("web server", "60"), ("worker", "0"), ("timetable", "60")):
        child = runner.Child(name, ["sleep", seconds])
        child.process = subprocess.Popen(child.command, start_new_session=True)
        portal.children.append(child)
    deadline = time.monotonic() + 5
    while not portal._ended() and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(runner.CannotServe, match=r"^The worker stopped by itself; the reason is at the end of"):
        portal._verdict()
    portal._stop_children()
    assert [child.process.poll() is not None for child in portal.children if child.process] == [True, True, True]


def test_children_of_a_killed_runner_are_stopped_by_the_next(tmp_path: Path) -> None:
    ours = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "cmncp_portal"])
    other = subprocess.Popen(["sleep", "60"])
    (tmp_path / runner.NOTE).write_text(json.dumps({"runner": 2**22 + 1, "children": [ours.pid, other.pid]}))
    try:
        runner.clear_leftovers(tmp_path)
        running = [process.poll() is None for process in (ours, other)]
    finally:
        for process in (ours, other):
            process.kill()
            process.wait()
    assert running == [False, True]  # a number that now belongs to something else is left alone
    assert not (tmp_path / runner.NOTE).exists()


def test_a_note_that_was_cut_off_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / runner.NOTE).write_text('{"runner": 12')
    runner.clear_leftovers(tmp_path)
    assert (tmp_path / runner.NOTE).exists()
