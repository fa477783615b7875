"""Where members stand: the picture, the table, the list and the file."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_municipality, make_sector
from cmncp_portal.progress.models import PreventionBudget

from .factories import make_profile
from .screens import words_of

pytestmark = pytest.mark.django_db
HERE = "/en/strategies/"


@pytest.fixture
def network(clock: Any, thunder_bay: Any, winnipeg: Any, gatineau: Any, saskatoon: Any) -> None:
    """Thunder Bay at 3, Winnipeg at 3 as declared and for everybody, Gatineau at 0, Saskatoon has not said."""
    make_profile(thunder_bay, 3)
    make_profile(winnipeg, 1, declared_stage=3, declared_reason="So", public=["stage"])
    make_profile(gatineau, 0, public=["plan"])
    make_profile(make_municipality("outside", member=False), 5, public=["stage"])
    make_municipality("university", kind=Municipality.Kind.ORGANISATION)


def listed(page: Any) -> list[str]:
    return [str(place) for place in page.context["page"].object_list]


def counted(page: Any) -> dict[Any, Any]:
    return {line.stage: (line.members, line.declared) for line in page.context["counts"] if line.members}


def test_for_members_all_of_it(client: Any, network: None, amina: Any) -> None:
    client.force_login(amina)
    page = client.get(HERE)
    assert listed(page) == ["Gatineau", "Saskatoon", "Thunder Bay", "Winnipeg"]
    assert counted(page) == {3: (2, 1), 0: (1, 0), None: (1, 0)}
    words = words_of(page)
    assert "3 Partnership · 2 municipalities, yours among them" in words
    assert "Saskatoon Saskatchewan · 100,000 to 500,000 Not said yet" in words
    assert "Winnipeg Manitoba · over 500,000 3. Partnership as declared" in words
    assert ("Not said yet 1" in words, "Together 4" in words, "CSV" in words) == (True, True, False)


def test_everybody_sees_those_who_show_their_stage(client: Any, network: None) -> None:
    page = client.get(HERE)
    assert (listed(page), counted(page)) == (["Winnipeg"], {3: (1, 1)})
    words = words_of(page)
    assert "that show theirs to everybody" in words
    assert "Not said yet 0" not in words


@pytest.mark.parametrize(
    ("query", "places", "at_three"),
    [
        ("province=ON", ["Thunder Bay"], 1),
        ("size=metropolis", ["Winnipeg"], 1),
        ("stage=3", ["Thunder Bay", "Winnipeg"], 2),
        ("stage=0", ["Gatineau"], 2),
        ("stage=none", ["Saskatoon"], 2),
        ("stage=none&province=ON", [], 1),
        ("stage=9&province=XX", ["Gatineau", "Saskatoon", "Thunder Bay", "Winnipeg"], 2),
    ],
)
def test_filters(client: Any, network: None, helen: Any, query: str, places: list[str], at_three: int) -> None:
    client.force_login(helen)
    page = client.get(f"{HERE}?{query}")
    assert (page.status_code, listed(page), counted(page)[3][0]) == (200, places, at_three)


def test_nothing_found(client: Any, network: None) -> None:
    assert "No municipality matches. Show all, or choose something else." in words_of(client.get(f"{HERE}?stage=7"))


@pytest.mark.parametrize(("who", "most"), [(None, 2), ("helen", 8)])
def test_pages_and_queries(
    client: Any, network: None, request: Any, django_assert_max_num_queries: Any, who: str | None, most: int
) -> None:
    if who:
        client.force_login(request.getfixturevalue(who))
    with django_assert_max_num_queries(most + 1) as few:
        client.get(HERE)
    for number in range(30):
        make_profile(make_municipality(f"a-place-{number}"), 1, public=["stage"])
    with django_assert_max_num_queries(most + 1) as many:
        page = client.get(HERE)
    assert (len(few), len(listed(page)), page.context["page"].paginator.num_pages) == (len(many), 25, 2)


class TestTheFile:
    def read(self, page: Any) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))

    def test_it_holds_every_member(
        self, client: Any, network: None, priya: Any, thunder_bay: Any, django_assert_max_num_queries: Any
    ) -> None:
        profile = thunder_bay.strategy
        profile.centre, profile.centre_staff = "=Office", Decimal("2.5")
        profile.plan_renewal_on = date(2027, 6, 1)
        profile.save()
        profile.sectors.add(make_sector("police"), make_sector("health"))
        PreventionBudget.objects.create(profile=profile, year=2025, amount=1)
        PreventionBudget.objects.create(profile=profile, year=2026, amount=217_686, source="Budget book")
        client.force_login(priya)
        with django_assert_max_num_queries(7):
            page = client.get(f"{HERE}export/")
        rows = self.read(page)
        assert page["Content-Disposition"] == 'attachment; filename="strategies-2027-02-01.csv"'
        assert [row["Municipality"] for row in rows] == ["Gatineau", "Saskatoon", "Thunder Bay", "Winnipeg"]
        assert {name: value for name, value in rows[2].items() if value} == {
            "Municipality": "Thunder Bay",
            "Province or territory": "Ontario",
            "Population": "108843",
            "Stage": "3",
            "Stage in words": "Partnership",
            "Stage by the checks": "Partnership",
            "Responsibility centre": "'=Office",
            "Staff, in full-time positions": "2.5",
            "To be renewed by": "2027-06-01",
            "Sectors at the table": "Health, Police",
            "Year of the budget": "2026",
            "Prevention budget, dollars": "217686",
            "Dollars per resident": "2.00",
            "Source of the figure": "Budget book",
        }
        assert (rows[1]["Stage"], rows[3]["Stage by the checks"]) == ("", "Commitment")

    def test_it_is_for_the_office(self, client: Any, network: None, amina: Any) -> None:
        assert client.get(f"{HERE}export/")["Location"].startswith("/en/account/")
        client.force_login(amina)
        assert client.get(f"{HERE}export/").status_code == 403
