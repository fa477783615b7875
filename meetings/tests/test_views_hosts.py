"""Where the network has met: the map, the table that says the same, and whose turn may come."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.tests.factories import make_municipality, make_region
from meetings.models import Meeting

pytestmark = pytest.mark.django_db


def page_of(client: Any, language: str = "en") -> Any:
    with translation.override(language):
        page = client.get(reverse("meetings:hosts"))
    assert page.status_code == 200
    return page


def table(page: Any) -> list[tuple[str, int, list[str]]]:
    hosts = page.context["found"].hosts
    return [(host.place.name_en, host.total, [m.title_en for m in host.meetings]) for host in hosts]


def never(page: Any) -> list[tuple[str, list[str]]]:
    return [(region, [p.name_en for p in places]) for region, places in page.context["found"].never]


@pytest.fixture
def held(meeting: Any) -> Any:
    def make(year: int, **fields: Any) -> Meeting:
        day = date(year, 10, 5)
        return meeting("held", **({"audience": "public", "starts_on": day, "ends_on": day} | fields))

    return make


def test_hosts_by_name_with_their_meetings_latest_first(
    client: Any, held: Any, meeting: Any, winnipeg: Any, gatineau: Any
) -> None:
    held(2019, title_en="First")
    held(2023, title_en="Second")
    held(2021, title_en="Quebec", host=gatineau)
    for stage in ("announced", "scheduled", "cancelled", "postponed", "idea"):
        meeting(stage, audience="public", title_en=stage)
    page = page_of(client)
    assert table(page) == [("Gatineau", 1, ["Quebec"]), ("Winnipeg", 2, ["Second", "First"])]
    text = page.content.decode()
    assert "2 municipalities have hosted the network." in text
    assert '<li>2023 · <a href="/en/meetings/' in text


def test_who_never_hosted_stands_by_region(
    client: Any, held: Any, saskatoon: Any, thunder_bay: Any, winnipeg: Any
) -> None:
    make_region("ontario", name_en="Ontario", name_fr="Ontario", provinces=["ON"], order=3)
    held(2023)
    make_municipality("iqaluit", province="NU", time_zone="America/Iqaluit")
    make_municipality("charity", kind=Municipality.Kind.ORGANISATION)
    make_municipality("no-member", member=False)
    found = never(page_of(client))
    assert sorted(found) == [("", ["Iqaluit"]), ("Ontario", ["Thunder Bay"]), ("Prairies", ["Saskatoon"])]


def test_a_closed_meeting_is_not_named_and_its_host_is_not_called_one_that_never_hosted(
    client: Any, held: Any, saskatoon: Any, rosa: Any
) -> None:
    held(2023, audience="members", title_en="Among ourselves")
    page = page_of(client)
    assert (table(page), never(page)) == ([], [("Prairies", ["Saskatoon"])])
    assert "Among ourselves" not in page.content.decode()
    assert "No meeting that took place is known yet." in page.content.decode()
    client.force_login(rosa)
    assert table(page_of(client)) == [("Winnipeg", 1, ["Among ourselves"])]


def test_a_former_member_stays_in_the_table_without_a_page(client: Any, held: Any, winnipeg: Any) -> None:
    held(2016)
    Membership.objects.filter(municipality=winnipeg).update(until_on=date(2020, 1, 1))
    page = page_of(client)
    assert [(row[0], row[1]) for row in table(page)] == [("Winnipeg", 1)]
    assert winnipeg.get_absolute_url() not in page.content.decode()


def test_the_map_shows_hosts_with_their_names(client: Any, held: Any, winnipeg: Any, saskatoon: Any) -> None:
    Municipality.objects.filter(pk=winnipeg.pk).update(latitude="49.89", longitude="-97.13")
    Municipality.objects.filter(pk=saskatoon.pk).update(latitude="52.13", longitude="-106.67")
    held(2023)
    points = page_of(client).context["found"].map["points"]
    assert [(p["name"], p["reached"], p["label"]) for p in points] == [
        ("saskatoon", False, ""),
        ("winnipeg", True, "Winnipeg"),
    ]


def test_only_the_latest_are_named_and_the_list_has_the_others(client: Any, held: Any) -> None:
    for year in range(2010, 2018):
        held(year, title_en=f"Of {year}")
    page = page_of(client)
    assert table(page) == [("Winnipeg", 8, [f"Of {year}" for year in (2017, 2016, 2015, 2014, 2013)])]
    more = f"{reverse('meetings:list')}?when=past&host=winnipeg"
    assert more.replace("&", "&amp;") in page.content.decode()
    assert "and 3 more" in page.content.decode()
    assert client.get(more).context["page"].paginator.count == 8


def test_each_member_has_hosted(client: Any, held: Any) -> None:
    held(2023)
    assert "Each member has hosted at least once." in page_of(client).content.decode()


def test_in_french(client: Any, held: Any) -> None:
    held(2023, title_en="Only English", title_fr="Seulement en français")
    assert "Seulement en français" in page_of(client, "fr").content.decode()


@pytest.mark.slow
def test_it_costs_the_same_at_one_and_at_many(client: Any, held: Any, amina: Any, priya: Any) -> None:
    def costs() -> list[int]:
        found = []
        for person in (None, amina, priya):
            client.logout()
            if person:
                client.force_login(person)
            page_of(client)
            with CaptureQueriesContext(connection) as asked:
                page_of(client)
            found.append(len(asked))
        return found

    held(2023)
    at_one = costs()
    for number in range(40):
        place = make_municipality(f"host-{number}")
        for year in (2015, 2016):
            held(year, host=place)
        make_municipality(f"other-{number}")
    assert costs() == at_one
    assert at_one[0] <= 5
    assert max(at_one) <= 8
