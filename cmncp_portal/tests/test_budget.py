"""What a page may cost, at one row and at many: queries, rows read, and bytes that travel.

Public pages: 5 queries and 60 rows; signed-in pages: 8 queries and 200 rows. A first visit weighs at most 50 KB compressed, of which
15 KB JavaScript; one's own page at most 8 KB of HTML.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.utils import timezone

from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_municipality, make_programme, make_stakeholder
from exchanges.tests.factories import make_exchange

KB = 1024
MANY = 30
PUBLIC, SIGNED_IN = (5, 60), (8, 200)  # queries, rows
FIRST_VISIT, SCRIPTS, OWN_PAGE = 50 * KB, 15 * KB, 8 * KB


@dataclass
class Cost:
    queries: int = 0
    rows: int = 0


@contextmanager
def counted() -> Iterator[Cost]:
    """Count what the page asks of the database. Savepoints are no questions."""
    cost = Cost()

    def count(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        result = execute(sql, params, many, context)
        if not sql.startswith(("SAVEPOINT", "RELEASE")):
            cost.queries += 1
            cost.rows += max(context["cursor"].rowcount, 0)
        return result

    with connection.execute_wrapper(count):
        yield cost


def over(client: Client, addresses: tuple[str, ...], limit: tuple[int, int]) -> dict[str, Cost]:
    """Return the pages that cost more than `limit`, with what they cost."""
    found = {}
    for address in addresses:
        client.get(address)  # what is made once per process (compiled templates, the drawn map) is no cost of a page
        with counted() as cost:
            answer = client.get(address)
        assert answer.status_code == 200, address
        if cost.queries > limit[0] or cost.rows > limit[1]:
            found[address] = cost
    return found


@pytest.fixture
def one(thunder_bay: Municipality, winnipeg: Municipality, amina: Any, priya: Any) -> None:
    make_programme(winnipeg, name_en="Youth hub", name_fr="Carrefour jeunesse")
    make_exchange(thunder_bay, winnipeg, stage="confirmed", starts_on=timezone.localdate() + timedelta(days=1))


@pytest.fixture
def many(one: None, thunder_bay: Municipality, winnipeg: Municipality) -> None:
    """More of each than one page shows: members, programmes, people, and exchanges in all stages on which Amina has to act."""
    stages = ("draft", "requested", "accepted", "planned", "confirmed", "held", "evaluated")
    for number in range(MANY):
        place = make_municipality(f"youth-town-{number}")
        make_programme(winnipeg, name_en=f"Youth work {number}", name_fr=f"Travail de jeunesse {number}")
        make_stakeholder(winnipeg)
        sides = (thunder_bay, place) if number % 2 else (place, thunder_bay)
        make_exchange(*sides, stage=stages[number % len(stages)])


PUBLIC_PAGES = (
    "/en/",
    "/fr/",
    "/en/municipalities/",
    "/fr/municipalites/?q=jeunesse",
    "/en/municipalities/winnipeg/",
    "/en/search/?q=youth",
    "/en/account/login/",
)
SIGNED_IN_PAGES = (
    "/en/",
    "/fr/",
    "/en/calendar/",
    "/en/search/?q=youth",
    "/en/municipalities/",
    "/en/municipalities/winnipeg/",
    "/en/letters/",
)
LIST_OF_EXCHANGES = ("/en/exchanges/", "/fr/echanges/?q=winnipeg")


@pytest.mark.slow
def test_pages_at_one_row(client: Client, one: None, amina: Any, priya: Any) -> None:
    assert over(client, PUBLIC_PAGES, PUBLIC) == {}
    for person in (amina, priya):
        client.force_login(person)
        assert over(client, SIGNED_IN_PAGES, SIGNED_IN) == {}


@pytest.mark.slow
def test_pages_at_many_rows_and_their_weight(client: Client, many: None, amina: Any, priya: Any) -> None:
    """One test, because making the rows takes longer than looking at the pages."""
    assert over(client, PUBLIC_PAGES, PUBLIC) == {}
    for address in PUBLIC_PAGES:
        weight = weights(client.get(address).content)
        assert {sort: number > 0 for sort, number in weight.items()} == dict.fromkeys(weight, True), address
        assert sum(weight.values()) <= FIRST_VISIT, (address, weight)
        assert weight["scripts"] <= SCRIPTS, (address, weight)
    for person in (amina, priya):
        client.force_login(person)
        assert over(client, SIGNED_IN_PAGES, SIGNED_IN) == {}
        assert weights(client.get("/en/").content)["page"] <= OWN_PAGE


@pytest.mark.slow
def test_the_list_of_exchanges(client: Client, one: None, amina: Any) -> None:
    client.force_login(amina)
    assert over(client, LIST_OF_EXCHANGES, SIGNED_IN) == {}


@pytest.mark.slow
def test_the_list_of_exchanges_does_not_grow(client: Client, many: None, priya: Any) -> None:
    client.force_login(priya)
    assert over(client, LIST_OF_EXCHANGES, SIGNED_IN) == {}


# ---- weight -----------------------------------------------------------------------------------------


def compressed(content: bytes) -> int:
    return len(gzip.compress(content, 6))


def static(names: list[str]) -> dict[str, bytes]:
    found = {name: finders.find(name) for name in names}
    assert [name for name, path in found.items() if path is None] == []
    content = {}
    for name, path in found.items():
        with open(path, "rb") as file:
            content[name] = file.read()
    return content


def weights(page: bytes) -> dict[str, int]:
    """Bytes that travel for a first visit, by sort. Fonts are compressed already; print.css comes only for printing."""
    text = page.decode()
    screen = [tag for tag in re.findall(r"<link[^>]+>", text) if 'media="print"' not in tag]
    linked = [re.search(r'href="/static/([^"]+)"', tag) for tag in screen]
    names = [match.group(1) for match in linked if match]
    scripts = static(re.findall(r'<script[^>]+src="/static/([^"?]+)', text))
    files = static(names)
    fonts = {name: len(content) for name, content in files.items() if name.endswith(".woff2")}
    sheets = {name: compressed(content) for name, content in files.items() if name not in fonts}
    return {
        "page": compressed(page),
        "scripts": sum(compressed(content) for content in scripts.values()),
        "sheets": sum(sheets.values()),
        "fonts": sum(fonts.values()),
    }


@pytest.mark.slow
def test_the_scripts_of_whoever_is_signed_in(client: Client, amina: Any) -> None:
    """With htmx, which comes after the first visit and is most of it: 16.3 KB here, 15 KB with the server's Brotli."""
    client.force_login(amina)
    assert weights(client.get("/en/exchanges/").content)["scripts"] <= SCRIPTS + 4 * KB
