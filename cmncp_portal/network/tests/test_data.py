from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from cmncp_portal.network import selectors, services
from cmncp_portal.network.models import Municipality, PreventionProgramme, Region, Sector, Topic
from cmncp_portal.network.zones import is_zone_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def network() -> list[Municipality]:
    services.load_reference_data()
    return services.load_demo_municipalities()


def test_loading_twice_changes_nothing(network: Any) -> None:
    def counts() -> list[int]:
        return [model.objects.count() for model in (Region, Topic, Sector, Municipality, PreventionProgramme)]

    assert counts() == [5, 14, 11, 17, 8]
    Municipality.objects.filter(slug="winnipeg").update(about_en="Kept by Winnipeg.")
    services.load_reference_data()
    services.load_demo_municipalities()
    assert counts() == [5, 14, 11, 17, 8]
    assert Municipality.objects.get(slug="winnipeg").about_en == "Kept by Winnipeg."


def test_each_member_has_its_source_zone_and_region(network: Any) -> None:
    for place in network:
        membership = place.memberships.get()
        assert "http" in membership.source
        assert "2021" in place.population_source
        assert is_zone_of(place.time_zone, place.province)
        assert selectors.region_of(place) is not None
        place.full_clean()


def test_the_fourteen_founders_and_the_three_that_came_later(network: Any) -> None:
    since = {place.slug: place.memberships.get().from_on.year for place in network}
    assert sorted(slug for slug, year in since.items() if year > 2006) == ["merritt", "thunder-bay", "williams-lake"]
    assert len(since) == 17


@pytest.mark.parametrize(
    ("slug", "population", "zone"),
    [
        ("thunder-bay", 108_843, "America/Toronto"),
        ("saskatoon", 266_141, "America/Regina"),
        ("saint-john", 69_895, "America/Moncton"),
        ("merritt", 7_051, "America/Vancouver"),
        ("waterloo-region", 587_165, "America/Toronto"),
    ],
)
def test_figures_and_clocks(slug: str, population: int, zone: str, network: Any) -> None:
    place = Municipality.objects.get(slug=slug)
    assert (place.population, place.population_year, place.time_zone) == (population, 2021, zone)


def test_both_languages_are_filled(network: Any) -> None:
    for model in (Region, Topic, Sector, Municipality):
        assert not model.objects.filter(name_fr="").exists()
        assert not model.objects.filter(name_en="").exists()
    assert not PreventionProgramme.objects.filter(summary_fr="").exists()


def test_the_seven_programmes_of_the_visit_to_winnipeg(network: Any) -> None:
    names = Municipality.objects.get(slug="winnipeg").programmes.values_list("name_en", flat=True)
    assert sorted(names) == [
        "Boldness project",
        "Just TV",
        "Ma Mawi",
        "North End Boxing",
        "Oshki Annishnabe Nigaaniwak",
        "Thunderwing",
        "WASAC",
    ]


def test_quebec_is_found_without_its_accent(network: Any) -> None:
    found = selectors.search(selectors.directory(AnonymousUser()), "quebec")
    assert [place.slug for place in found] == ["quebec"]
