"""The pages about the reach of the network: who sees what, the file, the map beside its tables, French, and the cost."""

import csv
import io
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.core.places import Attendance
from cmncp_portal.home.reach_map import MOST_ARCS
from cmncp_portal.network.tests.factories import make_municipality, make_stakeholder
from cmncp_portal.testing.pages import heading, main_of, words_of
from meetings.tests.factories import make_place

from .test_reach import PLACED, met, visited

PAGES = ("/en/reach/", "/en/reach/visits/", "/en/reach/not-reached/")


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        ("priya", [200, 200, 200, 200]),
        ("admin_user", [200, 200, 200, 200]),
        ("rene", [200, 200, 200, 403]),
        ("uma", [200, 200, 200, 403]),
        ("amina", [403, 403, 403, 403]),
        ("joseph", [403, 403, 403, 403]),
    ],
)
def test_reach_is_for_the_network_and_the_file_for_the_secretariat(
    client: Client, request: Any, who: str, statuses: list[int]
) -> None:
    client.force_login(request.getfixturevalue(who))
    assert [client.get(address).status_code for address in (*PAGES, "/en/reach/list.csv")] == statuses


def test_strangers_sign_in_first(client: Client, db: None) -> None:
    for address in (*PAGES, "/en/reach/list.csv"):
        assert client.get(address).headers["Location"] == f"/en/account/login/?next={address}"


def test_the_unreached_with_those_who_answer_for_them(
    client: Client, priya: Any, rene: Any, amina: Any, helen: Any, saskatoon: Any, winnipeg: Any
) -> None:
    visited(saskatoon, winnipeg)
    quiet = make_municipality("quiet")
    gone = make_stakeholder(quiet, name="Gone Away", email="gone@quiet.example", standing="deputy")
    type(gone).objects.filter(pk=gone.pk).update(left_on=date(2020, 1, 1))
    client.force_login(priya)
    words = words_of(client.get("/en/reach/not-reached/"))
    assert "2 municipalities took part in nothing" in words
    assert "Quiet , Ontario Nobody answers for this municipality yet." in words
    assert "Thunder Bay , Ontario Amina Diallo amina@thunderbay.example" in words
    assert "Winnipeg" not in words
    assert "gone@quiet.example" not in words
    client.force_login(rene)
    page = client.get("/en/reach/not-reached/")
    assert "Thunder Bay" in words_of(page)
    assert "amina@thunderbay.example" not in main_of(page)
    assert "Nobody answers" not in words_of(page)


def test_nobody_is_left_out_and_nobody_matches(client: Client, priya: Any, thunder_bay: Any, winnipeg: Any) -> None:
    visited(thunder_bay, winnipeg)
    client.force_login(priya)
    assert "Each municipality took part at least once." in words_of(client.get("/en/reach/not-reached/"))
    assert "No municipality matches." in words_of(client.get("/en/reach/not-reached/?province=NU"))
    assert "No municipality matches." in words_of(client.get("/en/reach/?province=NU"))
    assert "No visit matches." in words_of(client.get("/en/reach/visits/?province=NU"))


@pytest.mark.parametrize("asked", ["period=1066", "province=XX", "size=huge", "activity=dancing", "order=luck"])
def test_a_choice_that_is_not_offered_changes_nothing_and_is_said(
    client: Client, priya: Any, thunder_bay: Any, asked: str
) -> None:
    client.force_login(priya)
    page = client.get(f"/en/reach/?{asked}&language=en")
    assert page.status_code == 200
    assert [str(line.place) for line in page.context["reach"].lines] == ["Thunder Bay"]
    assert list(page.context["form"].errors) == [asked.partition("=")[0]]
    assert "Select a valid choice." in words_of(page)


def test_each_line_leads_to_its_municipality_and_filters_go_along(
    client: Client, priya: Any, thunder_bay: Any, winnipeg: Any
) -> None:
    visited(thunder_bay, winnipeg)
    client.force_login(priya)
    page = main_of(client.get("/en/reach/?province=ON&page=1"))
    assert 'href="/en/municipalities/thunder-bay/"' in page
    for name in ("visits/", "not-reached/", "list.csv"):
        assert f'href="/en/reach/{name}?province=ON"' in page


def test_reached_or_not_is_not_said_by_colour_alone(client: Client, priya: Any) -> None:
    here, there = make_municipality("here", **PLACED), make_municipality("there", **PLACED)
    make_municipality("alone", **PLACED)
    make_municipality("nowhere")
    visited(here, there)
    client.force_login(priya)
    page = client.get("/en/reach/")
    assert main_of(page).partition("</svg>")[0].count("map__point--hollow") == 1
    words = words_of(page)
    assert "One municipality is not on the map" in words
    assert "Alone , Ontario 0 0 0 0 0 0 Not reached" in words
    assert "Here , Ontario 1 0 0 0 0 0 March 2, 2026" in words


# ---- the file


def rows_of(page: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_the_file_for_inviting(
    client: Client, clock: Any, priya: Any, amina: Any, thunder_bay: Any, winnipeg: Any
) -> None:
    visited(winnipeg, thunder_bay)
    make_stakeholder(winnipeg, name="=HYPERLINK(1)", email="x@winnipeg.example", standing="deputy")
    client.force_login(priya)
    page = client.get("/en/reach/list.csv?activity=visits")
    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert page.headers["Content-Disposition"] == 'attachment; filename="reach-2027-02-01.csv"'
    assert rows_of(page) == [
        ["Municipality", "Province or territory", "Population", "Size", "Receives visitors in", "Membership",
         "Visits to others", "Hosted", "Last contact", "Reached", "Representative", "Email address"],
        ["Thunder Bay", "Ontario", "108843", "100,000 to 500,000", "English only", "General member",
         "0", "1", "2026-03-02", "Yes", "Amina Diallo", "amina@thunderbay.example"],
        ["Winnipeg", "Manitoba", "749607", "over 500,000", "English only", "General member",
         "1", "0", "2026-03-02", "Yes", "'=HYPERLINK(1)", "x@winnipeg.example"],
    ]  # fmt: skip


def test_the_file_is_filtered_as_the_page_is(client: Client, priya: Any, thunder_bay: Any, winnipeg: Any) -> None:
    client.force_login(priya)
    assert [(row[0], row[-3]) for row in rows_of(client.get("/en/reach/list.csv?province=MB"))[1:]] == [
        ("Winnipeg", "No")
    ]


# ---- in French


def test_the_pages_in_french(client: Client, rene: Any, priya: Any, thunder_bay: Any, winnipeg: Any) -> None:
    visited(thunder_bay, winnipeg)
    make_municipality("quiet")
    client.force_login(rene)
    page = client.get("/fr/portee/")
    assert heading(page) == "Portée du réseau"
    assert "Municipalités qui ont pris part à quelque chose : 2 sur 3." in words_of(page)
    assert "Thunder Bay , Ontario 1 0 0 0 0 0 2 mars 2026" in words_of(page)
    assert "Quiet , Ontario 0 0 0 0 0 0 Non rejointe" in words_of(page)
    assert "Qui a visité qui" in words_of(client.get("/fr/portee/visites/"))
    assert "Une municipalité n’a pris part à rien" in words_of(client.get("/fr/portee/non-rejointes/"))
    client.force_login(priya)
    assert rows_of(client.get("/fr/portee/liste.csv"))[0][:4] == [
        "Municipalité", "Province ou territoire", "Population", "Taille",
    ]  # fmt: skip


# ---- the cost


def test_the_pages_cost_the_same_for_one_and_for_three_hundred(
    client: Client, priya: Any, thunder_bay: Any, winnipeg: Any, django_assert_max_num_queries: Any
) -> None:
    def cost() -> list[int]:
        found = []
        for address in (*PAGES, "/en/reach/list.csv"):
            with django_assert_max_num_queries(8) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        return found

    visited(thunder_bay, winnipeg)
    make_municipality("quiet")
    client.force_login(priya)
    client.get(PAGES[0])
    at_one = cost()
    places = [
        make_municipality(f"town-{number}", latitude="50.0", longitude=f"-{60 + number / 5}") for number in range(300)
    ]
    for guest, host in pairwise(places[:241]):
        visited(guest, host)
    meeting = met()
    for number, place in enumerate(places[:40]):
        make_place(meeting, f"p{number}@x.example", place, attendance=Attendance.PRESENT)
        make_stakeholder(places[-number], standing="deputy")
    assert cost() == at_one
    page = client.get(PAGES[0])
    assert [len(page.context["page"]), len(page.context["ways"]), len(page.context["map"]["arcs"])] == [
        25,
        10,
        MOST_ARCS,
    ]
    assert [point["label"] for point in page.context["map"]["points"] if point["label"]] == []
    assert "1 to 25 of 303" in words_of(page)
    assert "All 241 of them" in words_of(page)
    assert "1 to 25 of 241" in words_of(client.get(PAGES[1]))
    assert "1 to 25 of 60" in words_of(client.get(PAGES[2]))
    assert len(rows_of(client.get("/en/reach/list.csv"))) == 304
