"""Loaded by pytest.ini before anything of Django: starts the embedded servers that the tests use."""

import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest


def _runs_tests() -> bool:
    """Whether this process runs tests itself, and does not hand them to workers (pytest -n)."""
    return "PYTEST_XDIST_WORKER" in os.environ or not any(arg.startswith("-n") for arg in sys.argv[1:])


def _start_servers() -> tuple[Any, Path, bool]:
    """Servers and a VAR folder of this run's own, so that two runs at the same time do not meet; whether the tables are there."""
    from cmncp_portal import embedded
    from cmncp_portal.testing import database

    var = Path(tempfile.mkdtemp(prefix="cmncp-test-"))
    os.environ["CMNCP_VAR"] = str(var)
    built = Path(os.environ.get("CMNCP_BUILT") or embedded.BASE_DIR / ".var" / "built")
    if built.is_dir():  # the web fonts, made once by scripts/test
        shutil.copytree(built, var / "built")
    servers, has_tables = None, False
    # Each process that runs tests has servers of its own, so that workers and brokers of two tests never meet. What
    # pytest-xdist's controller passes on to its workers is not somebody's wish for a real server.
    given = os.environ.get("DATABASE_URL") and not os.environ.get("CMNCP_OWN_SERVERS")
    if not given and _runs_tests():
        os.environ["CMNCP_OWN_SERVERS"] = "1"
        has_tables = database.provide(var)
        servers = embedded.start(var, quick=True)
        os.environ["DATABASE_URL"] = servers.database_url
        os.environ["REDIS_URL"] = servers.redis_url
    return servers, var, has_tables


# Helpers that check as tests do say as much when they fail.
pytest.register_assert_rewrite(
    *(f"cmncp_portal.testing.{name}" for name in ("french", "letters", "pages", "snapshots"))
)

# pytest-django reads the settings before any hook of ours could run; importing this module comes first.
os.environ["DJANGO_SETTINGS_MODULE"] = "cmncp_portal.settings.test"
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver runs an event loop in this thread
_servers, _var, _has_tables = _start_servers()


def pytest_unconfigure() -> None:
    if _servers:
        _servers.stop()
    shutil.rmtree(_var, ignore_errors=True)


def pytest_configure(config: pytest.Config) -> None:
    """Modules whose fixtures must come after those of installed plugins, because they replace some of them."""
    for module in ("cmncp_portal.testing.browser", "cmncp_portal.testing.cast", "cmncp_portal.testing.clock"):
        if find_spec(module):
            config.pluginmanager.import_plugin(module)
    if _servers:
        config.pluginmanager.register(sys.modules["cmncp_portal.testing.database"])
        config.option.reuse_db = _has_tables


def pytest_sessionstart() -> None:
    """`response.context` is what a page was given. What each part that it includes was given is not kept: nobody asks for it."""
    from django.test import utils

    utils.instrumented_test_render = _render_and_tell_of_pages


def _render_and_tell_of_pages(template: Any, context: Any) -> Any:
    from django.test.signals import template_rendered

    if context.template is template:
        template_rendered.send(sender=template, template=template, context=context)
    return template.nodelist.render(context)


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: looking through it for garbage again and again is a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(autouse=True)
def _each_test_begins_in_english() -> Iterator[None]:
    """A test that switched the language must not decide that of the next one."""
    from django.utils import timezone, translation

    with translation.override("en"), timezone.override(None):
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long tests first: on two processes neither then waits for the other's last journey."""
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, item.get_closest_marker("slow") is None))
    items[:] = _dealt(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def _dealt(items: list[pytest.Item], hands: int) -> list[pytest.Item]:
    """Return the tests so that each process begins with its share of the long ones, of which many wait more than they work.

    Journeys are dealt one by one, other long tests by the file, as they share what they make. `--dist worksteal` gives each
    process a stretch of the list, all of nearly the same length.
    """
    count = sum(1 for item in items if item.get_closest_marker("browser") or item.get_closest_marker("slow"))
    long, short = items[:count], items[count:]
    packs: dict[object, list[pytest.Item]] = {}
    for item in long:
        packs.setdefault(item.nodeid if item.get_closest_marker("browser") else item.path, []).append(item)
    dealt: list[pytest.Item] = []
    for hand in range(hands):
        share = [item for pack in list(packs.values())[hand::hands] for item in pack]
        room = max(0, (len(items) - len(dealt)) // (hands - hand) - len(share))
        dealt += share + short[:room]
        del short[:room]
    return dealt + short
