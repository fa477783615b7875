"""The figures of the network: each indicator with n, its middle and its range; one with its years and places; the file."""

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_stakeholder, make_user
from cmncp_portal.progress.models import IndicatorReading, PreventionBudget
from cmncp_portal.tests.test_budget import SIGNED_IN, counted

from .factories import make_profile
from .readings import make_reading
from .screens import text_of, words_of

pytestmark = pytest.mark.django_db
HERE = "/en/strategies/figures/"


@pytest.fixture
def network(clock: Any, thunder_bay: Any, winnipeg: Any, gatineau: Any, saskatoon: Any) -> None:
    """Three members with figures of several years; Saskatoon has none; one who is no member counts nowhere."""
    for place, values in (
        (thunder_bay, {2023: 40, 2025: 60}),
        (winnipeg, {2024: 50}),
        (gatineau, {2023: 20, 2024: 30}),
        (make_municipality("outside", member=False), {2026: 99}),
    ):
        for year, value in values.items():
            make_reading(place, year=year, value=value, source=f"{place} {year}")
    make_reading(thunder_bay, "permanent_office", value=1)
    make_reading(winnipeg, "permanent_office", value=0)
    for place, amounts in ((thunder_bay, {2025: 217_686}), (winnipeg, {2024: 1_000_000, 2026: 2_000_000})):
        profile = make_profile(place)
        for year, amount in amounts.items():
            PreventionBudget.objects.create(profile=profile, year=year, amount=amount, source="Budget book")


def told(page: Any) -> dict[str, tuple[Any, ...]]:
    lines = page.context["lines"]
    return {line.code: (line.n, line.median, line.range, line.years) for line in lines if line.n}


def test_who(client: Any, request: Any, thunder_bay: Any) -> None:
    partner = make_user("partner@thunderbay.example")
    make_stakeholder(thunder_bay, user=partner, standing=Standing.PARTNER)
    prospective = make_representative(make_municipality(member=False))
    people = {name: request.getfixturevalue(name) for name in ("amina", "joseph", "helen", "priya", "rene", "uma")}
    found = {}
    for name, person in {**people, "partner": partner, "prospective": prospective}.items():
        client.force_login(person)
        found[name] = (client.get(HERE).status_code, client.get(f"{HERE}export/").status_code)
    assert found == dict.fromkeys(people, (200, 200)) | dict.fromkeys(("partner", "prospective"), (403, 403))
    client.logout()
    assert client.get(HERE)["Location"].startswith("/en/account/")
    assert client.get(f"{HERE}export/")["Location"].startswith("/en/account/")


def test_the_last_figure_of_each_counts(client: Any, network: None, helen: Any) -> None:
    client.force_login(helen)
    page = client.get(HERE)
    assert told(page) == {
        "investment": (2, "$1,108,843", "$217,686 to $2,000,000", "2025–2026"),
        "investment_each": (2, "$2.33", "$2 to $2.67", "2025–2026"),
        "permanent_office": (2, "1 of 2 say yes", "", "2025"),
        "feels_safe": (3, "50%", "30% to 60%", "2024–2025"),
    }
    words = words_of(page)
    assert "after dark. 3 50% 30% to 60% 2024–2025" in words
    assert "Homicides per 100,000 people" in words  # also what nobody has entered, with n = 0
    assert len(page.context["lines"]) == 2 + len(IndicatorReading.Indicator)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "year=2024",
            {"feels_safe": (2, "40%", "30% to 50%", "2024"), "investment": (1, "$1,000,000", "$1,000,000", "2024")},
        ),
        ("year=2023", {"feels_safe": (2, "30%", "20% to 40%", "2023")}),
        ("province=QC", {"feels_safe": (1, "30%", "30%", "2024")}),
        ("size=metropolis&year=2026", {"investment": (1, "$2,000,000", "$2,000,000", "2026")}),
        ("province=SK", {}),
    ],
)
def test_filters(client: Any, network: None, helen: Any, query: str, expected: Any) -> None:
    client.force_login(helen)
    lines = told(client.get(f"{HERE}?{query}"))
    assert {code: line for code, line in lines.items() if code != "investment_each"} == expected


def test_a_filter_that_makes_no_sense_filters_nothing(client: Any, network: None, helen: Any) -> None:
    client.force_login(helen)
    assert told(client.get(f"{HERE}?year=1800&province=XX&indicator=nonsense&page=x")) == told(client.get(HERE))


class TestOneFigure:
    def test_its_years_as_a_picture_with_n(self, client: Any, network: None, helen: Any) -> None:
        client.force_login(helen)
        page = client.get(f"{HERE}?indicator=feels_safe")
        trend = page.context["trend"]
        assert [(row.years, row.figure, [cell.text for cell in row.cells]) for row in trend.rows] == [
            ("2025", "60%", ["60%", "1"]),
            ("2024", "40%", ["30% to 50%", "2"]),
            ("2023", "30%", ["20% to 40%", "2"]),
        ]
        assert (trend.title, trend.unit) == (
            "People who feel safe walking alone after dark, the middle of the network",
            "Middle (median)",
        )
        assert '<svg class="trend__picture"' in text_of(page)

    def test_its_places_by_name_with_their_last_figure(self, client: Any, network: None, helen: Any) -> None:
        client.force_login(helen)
        page = client.get(f"{HERE}?indicator=feels_safe")
        entries = [(str(one.place), one.year, one.figure, one.source) for one in page.context["entries"]]
        assert entries == [
            ("Gatineau", 2024, "30%", "Gatineau 2024"),
            ("Thunder Bay", 2025, "60%", "Thunder Bay 2025"),
            ("Winnipeg", 2024, "50%", "Winnipeg 2024"),
        ]
        assert 'href="/en/strategies/gatineau/figures/"' in text_of(page)
        assert "3 municipalities" in words_of(page)

    def test_yes_and_no_as_a_share(self, client: Any, network: None, helen: Any) -> None:
        client.force_login(helen)
        page = client.get(f"{HERE}?indicator=permanent_office")
        [row] = page.context["trend"].rows
        assert (row.years, row.figure, [cell.text for cell in row.cells]) == ("2025", "50%", ["1", "2"])
        assert [one.figure for one in page.context["entries"]] == ["Yes", "No"]

    @pytest.mark.parametrize(
        ("code", "figures"), [("investment", ["$217,686", "$2,000,000"]), ("investment_each", ["$2", "$2.67"])]
    )
    def test_the_investment(self, client: Any, network: None, helen: Any, code: str, figures: list[str]) -> None:
        client.force_login(helen)
        page = client.get(f"{HERE}?indicator={code}")
        assert [one.figure for one in page.context["entries"]] == figures
        assert [row.years for row in page.context["trend"].rows] == ["2026", "2025", "2024"]

    def test_nobody_is_divided_by_no_residents(self, client: Any, network: None, helen: Any, winnipeg: Any) -> None:
        type(winnipeg).objects.filter(pk=winnipeg.pk).update(population=0)
        client.force_login(helen)
        page = client.get(f"{HERE}?indicator=investment_each")
        assert [str(one.place) for one in page.context["entries"]] == ["Thunder Bay"]

    def test_before_anybody_has_entered_it(self, client: Any, network: None, helen: Any) -> None:
        client.force_login(helen)
        words = words_of(client.get(f"{HERE}?indicator=homicide_rate"))
        assert "No municipality has entered this figure yet." in words


@pytest.mark.parametrize("query", ["", "?indicator=feels_safe", "?indicator=investment_each&year=2025", "export/"])
def test_queries_at_few_and_at_many(client: Any, network: None, helen: Any, query: str) -> None:
    client.force_login(helen)
    client.get(f"{HERE}{query}")
    with counted() as few:
        client.get(f"{HERE}{query}")
    for number in range(30):
        place = make_municipality(f"a-place-{number}")
        profile = make_profile(place)
        for year in (2024, 2025):
            make_reading(place, year=year, value=number)
            PreventionBudget.objects.create(profile=profile, year=year, amount=1000 + number)
    with counted() as many:
        page = client.get(f"{HERE}{query}")
    most = SIGNED_IN[0] if query != "export/" else 12  # the file asks once for each indicator
    assert (few.queries == many.queries, many.queries <= most) == (True, True), (few, many)
    if query == "?indicator=feels_safe":
        assert (len(page.context["entries"]), page.context["page"].paginator.num_pages) == (25, 2)
        assert many.rows <= SIGNED_IN[1]


class TestTheFile:
    def read(self, page: Any) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))

    def test_it_holds_every_figure_with_its_source(
        self, client: Any, network: None, uma: Any, thunder_bay: Any
    ) -> None:
        reading = IndicatorReading.objects.get(municipality=thunder_bay, year=2023)
        IndicatorReading.objects.filter(pk=reading.pk).update(
            value=Decimal("40.50"), note="=New survey", source_url="https://s.example/", source_on=date(2024, 1, 2)
        )
        client.force_login(uma)
        page = client.get(f"{HERE}export/")
        rows = self.read(page)
        assert page["Content-Disposition"] == 'attachment; filename="figures-2027-02-01.csv"'
        assert [(row["Municipality"], row["Code"], row["Year"], row["Value"]) for row in rows] == [
            ("Thunder Bay", "investment", "2025", "217686"),
            ("Winnipeg", "investment", "2026", "2000000"),
            ("Winnipeg", "investment", "2024", "1000000"),
            ("Thunder Bay", "permanent_office", "2025", "1"),
            ("Winnipeg", "permanent_office", "2025", "0"),
            ("Gatineau", "feels_safe", "2024", "30"),
            ("Gatineau", "feels_safe", "2023", "20"),
            ("Thunder Bay", "feels_safe", "2025", "60"),
            ("Thunder Bay", "feels_safe", "2023", "40.50"),
            ("Winnipeg", "feels_safe", "2024", "50"),
        ]
        assert rows[8] == {
            "Municipality": "Thunder Bay",
            "Province or territory": "Ontario",
            "Population": "108843",
            "Code": "feels_safe",
            "Figure": "People who feel safe walking alone after dark",
            "Year": "2023",
            "Value": "40.50",
            "Unit": "per cent",
            "Where it stands": "Thunder Bay 2023",
            "Link to the source": "https://s.example/",
            "Date of the source": "2024-01-02",
            "Note": "'=New survey",
            "Entered on": "2027-02-01",
        }

    def test_it_holds_what_the_page_shows(self, client: Any, network: None, helen: Any) -> None:
        client.force_login(helen)
        assert f'href="{HERE}export/?indicator=feels_safe&amp;province=QC"' in text_of(
            client.get(f"{HERE}?indicator=feels_safe&province=QC&page=1")
        )
        rows = self.read(client.get(f"{HERE}export/?indicator=feels_safe&province=QC&year=2024"))
        assert [(row["Municipality"], row["Year"]) for row in rows] == [("Gatineau", "2024")]

    def test_it_names_nobody(self, client: Any, network: None, helen: Any, joseph: Any) -> None:
        IndicatorReading.objects.update(by=joseph, by_name="Joseph Kakegamic")
        client.force_login(helen)
        assert "Kakegamic" not in text_of(client.get(f"{HERE}export/"))
