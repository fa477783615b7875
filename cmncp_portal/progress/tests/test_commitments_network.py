"""The commitments of the whole network, as a page and as a file; and the trail from where something was seen to where it is done."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.progress.selectors import commitments as rows
from cmncp_portal.testing.pages import main_of, words_of

from .commitments import make_commitment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HERE, FILE = "/en/strategies/commitments/", "/en/strategies/commitments/export/"


@pytest.fixture
def some(thunder_bay: Any, winnipeg: Any, gatineau: Any) -> None:
    hub = make_commitment(
        thunder_bay, "A hub", source="visit", source_of="visit-4", source_key="idea-1", seen_in=winnipeg, state="started"
    )  # fmt: skip
    hub.changes.create(to_state="started", note="=Rooms", evidence_url="https://doc.example/", investment=Decimal(900))
    hub.changes.create(to_state="started", note="Open", investment=Decimal(100))
    make_commitment(winnipeg, "A course", due_on=date(2027, 1, 31))
    make_commitment(
        gatineau,
        "Une table",
        source="brief",
        source_of="brief-2",
        source_key="step-3",
        state="done",
        ended_on=date(2027, 1, 9),
    )


def listed(page: Any) -> list[str]:
    return [row.commitment.text for row in page.context["rows"]]


def test_who_sees_it(client: Any, some: None, priya: Any, rene: Any, uma: Any, amina: Any) -> None:
    for user in (priya, rene, uma):
        client.force_login(user)
        page = client.get(HERE)
        assert listed(page) == ["A course", "A hub", "Une table"]
        assert "Started 1 Done 1 Abandoned 0 Past their day 1" in words_of(page)
        assert HERE in client.get("/en/strategies/").content.decode()
    client.force_login(amina)
    assert [client.get(address).status_code for address in (HERE, FILE)] == [403, 403]
    assert HERE not in client.get("/en/strategies/").content.decode()
    client.logout()
    assert client.get(HERE)["Location"].startswith("/en/account/")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"province": "MB"}, ["A course"]),
        ({"state": "done"}, ["Une table"]),
        ({"state": "late"}, ["A course"]),
        ({"source": "visit"}, ["A hub"]),
        ({"source": "visit", "province": "QC"}, []),
        ({"source": "nonsense"}, ["A course", "A hub", "Une table"]),
    ],
)
def test_by_province_state_and_source(
    client: Any, some: None, uma: Any, asked: dict[str, str], found: list[str]
) -> None:
    client.force_login(uma)
    page = client.get(HERE, asked)
    assert listed(page) == found
    assert ("No commitment matches." in words_of(page)) == (not found)
    if found and "nonsense" not in asked.values():
        address = main_of(page).partition(FILE)[2].partition('"')[0].replace("&amp;", "&")
        assert [row[2] for row in read(client.get(f"{FILE}{address}"))[1:]] == found


def read(page: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_the_file(client: Any, some: None, priya: Any, uma: Any) -> None:
    client.force_login(priya)
    page = client.get(FILE)
    assert page["Content-Disposition"] == 'attachment; filename="commitments-2027-02-01.csv"'
    head, *lines = read(page)
    hub = dict(zip(head, lines[1], strict=True))
    assert hub == {
        "Municipality": "Thunder Bay",
        "Province or territory": "Ontario",
        "What it means to do": "A hub",
        "Who sees to it": "Sam Roy",
        "Made on": "2027-02-01",
        "Until": "2027-09-01",
        "How far": "Started",
        "Done or abandoned on": "",
        "What was said last": "Open",
        "Document that shows it": "",
        "Dollars invested": "1000",
        "Where it comes from": "An exchange visit",
        "Title of the source": "Visit to Winnipeg",
        "Where it was seen": "Winnipeg",
        "Programme": "",
        "Check of the strategy": "",
    }
    client.force_login(uma)
    assert "Who sees to it" not in read(client.get(FILE))[0]
    assert "Sam Roy" not in client.get(FILE).content.decode()


def test_the_file_in_french(client: Any, some: None, priya: Any) -> None:
    client.force_login(priya)
    with translation.override("fr"):
        head = read(client.get(reverse("progress:commitments_export")))
    assert head[0][:3] == ["Municipalité", "Province ou territoire", "Ce qu’elle compte faire"]


@pytest.mark.parametrize("address", [HERE, FILE])
def test_as_many_queries_at_one_and_at_many(client: Any, some: None, winnipeg: Any, uma: Any, address: str) -> None:
    client.force_login(uma)
    found = []
    for _turn in ("few", "many"):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        found.append(len(asked))
        for n in range(20):
            one = make_commitment(winnipeg, f"Another {n}")
            one.changes.create(to_state="started", investment=Decimal(5))
    assert found[0] == found[1] <= 8


class TestTheTrail:
    def told(self, found: list[rows.Trail]) -> list[tuple[str, str, str, str]]:
        return [(one.commitment.text, str(one.seen_in), str(one.place), one.state) for one in found]

    def test_seen_in_one_place_done_in_another(
        self, some: None, thunder_bay: Any, winnipeg: Any, gatineau: Any, helen: Any, django_assert_num_queries: Any
    ) -> None:
        assert helen.has_perm("progress.see_network")
        with django_assert_num_queries(1):
            seen = self.told(rows.seen_in(winnipeg, helen))
        assert (
            seen == self.told(rows.taken_home(thunder_bay, helen)) == [("A hub", "Winnipeg", "Thunder Bay", "Started")]
        )
        assert rows.seen_in(thunder_bay, helen) == rows.taken_home(gatineau, helen) == []
        make_commitment(winnipeg, "Its own programme", seen_in=winnipeg)
        assert self.told(rows.seen_in(winnipeg, helen)) == seen  # what one does at home is no trail

    def test_from_one_source(self, some: None, helen: Any) -> None:
        assert [one.text for one in rows.from_source("brief-2", helen)] == ["Une table"]
        assert list(rows.from_source("brief-20", helen)) == []

    def test_strangers_read_none(self, some: None, winnipeg: Any) -> None:
        nobody = AnonymousUser()
        assert rows.seen_in(winnipeg, nobody) == list(rows.from_source("visit-4", nobody)) == []
