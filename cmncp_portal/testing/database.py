"""The database of the tests is made from the migrations once, kept in .var/tests, and copied by each process that runs tests.

What is kept goes by the words of the migrations and of the modules that they use, and by the versions of the packages; when one
changes, it is made anew. `migrate` still runs on each copy and finds nothing to do.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmncp_portal import embedded

KEPT = embedded.BASE_DIR / ".var" / "tests"
USES = re.compile(r"^(?:import|from) ([\w.]+)", re.MULTILINE)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_parallel_suffix() -> None:
    """Replaces that of pytest-django: processes that run at the same time have servers of their own."""


def provide(var: Path) -> bool:
    """Put a PostgreSQL that has the tables of the tests into `var`, as embedded.start expects it; return whether that went well.

    Whoever comes first makes it, others wait. When it cannot be made or kept, the tests make their tables as they always did.
    """
    try:
        KEPT.mkdir(parents=True, exist_ok=True)
        with (KEPT / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = KEPT / _key()
            if not kept.exists():
                _make(kept)
            subprocess.run(["cp", "-Rp", str(kept), str(var / "postgres")], check=True, capture_output=True)
    except (OSError, embedded.NotStarted, subprocess.CalledProcessError):
        shutil.rmtree(var / "postgres", ignore_errors=True)
        return False
    return True


def _key() -> str:
    found = hashlib.sha256(sys.version.encode())
    for path in sorted({*_what_decides()}):
        found.update(f"{path.relative_to(embedded.BASE_DIR)}\n".encode() + path.read_bytes())
    return found.hexdigest()[:20]


def _what_decides() -> Iterator[Path]:
    """The files whose words decide what the tables are."""
    base = embedded.BASE_DIR
    settings = base / "cmncp_portal" / "settings" / "base.py"
    yield from (base / "requirements.txt", settings, Path(embedded.__file__), Path(__file__))
    for folder in (*base.glob("*/migrations"), *base.glob("*/*/migrations")):
        for path in folder.glob("*.py"):
            yield path
            for name in USES.findall(path.read_text(encoding="utf-8")):
                module = base.joinpath(*name.split(".")).with_suffix(".py")
                if module.is_file():
                    yield module


def _make(place: Path) -> None:
    """Make the tables in a process of its own, keep the stopped server's data at `place`, and remove what was kept before."""
    for old in KEPT.iterdir():
        if old.is_dir():
            shutil.rmtree(old, ignore_errors=True)
    var = Path(tempfile.mkdtemp(prefix="cmncp-test-"))
    try:
        servers = embedded.start(var, quick=True)
        addresses = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url, "CMNCP_VAR": str(var)}
        try:
            subprocess.run(
                [sys.executable, "-c", MAKES_TABLES],
                env=os.environ | addresses,
                cwd=embedded.BASE_DIR,
                check=True,
                capture_output=True,
            )
        finally:
            servers.stop()
        unfinished = place.with_name("unfinished")
        subprocess.run(["cp", "-Rp", str(var / "postgres"), str(unfinished)], check=True, capture_output=True)
        unfinished.rename(place)
    finally:
        shutil.rmtree(var, ignore_errors=True)


MAKES_TABLES = """
import django
from django.db import connection
django.setup()
connection.creation.create_test_db(verbosity=0, autoclobber=True)
connection.close()
"""
