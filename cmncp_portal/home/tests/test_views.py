"""The front page and its budget, the standing pages, the gallery."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from cmncp_portal.home.front import members
from cmncp_portal.home.texts import text_page
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.services import load_demo_municipalities, load_reference_data
from cmncp_portal.network.tests.factories import make_municipality

from .factories import make_exchange


@pytest.fixture
def network(db: None) -> list[Municipality]:
    load_reference_data()
    return load_demo_municipalities()


def test_the_front_page_names_every_member_in_both_languages(client: Client, network: list[Municipality]) -> None:
    for language, sentence in (("en", "17 members"), ("fr", "17 membres")):
        page = client.get(f"/{language}/").content.decode()
        assert sentence in page
        assert [p.slug for p in network if f">{p.name_in(language)}</a>" not in page] == []
        assert page.count("map__point") == 17
        assert page.count("<li>") >= 14


def test_only_members_of_today_are_named(client: Client, winnipeg: Municipality) -> None:
    make_municipality("former", member=False)
    assert [name for _province, places in members().provinces for name in map(str, places)] == ["Winnipeg"]
    assert members().total == 1


def test_the_front_page_without_members(client: Client, db: None) -> None:
    assert "The list of members is being prepared." in client.get("/en/").content.decode()


def test_the_front_page_costs_at_most_five_queries(
    client: Client, network: list[Municipality], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(5):
        client.get("/en/")


def test_a_first_visit_weighs_at_most_fifty_kilobytes(client: Client, network: list[Municipality]) -> None:
    page = client.get("/fr/").content
    text = page.decode()
    sheets = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', text)
    scripts = re.findall(r'<script src="/static/([^"]+)"', text)
    weights = {
        name: len(gzip.compress((Path(settings.BASE_DIR) / "static" / name).read_bytes()))
        for name in (*sheets, *scripts)
    }
    fonts = Path(settings.BUILT_ROOT) / "fonts"
    weights |= {f.name: f.stat().st_size for f in fonts.glob("portal-sans-*.woff2") if "names" not in f.name}
    weights["page"] = len(gzip.compress(page))
    assert sheets
    assert sum(weights.values()) <= 50 * 1024, weights
    assert sum(weights[name] for name in scripts) <= 15 * 1024


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/en/accessibility/", ["WCAG", "Another format", "info@safercities.ca"]),
        ("/fr/accessibilite/", ["WCAG", "Un autre format", "info@safercities.ca"]),
        ("/en/privacy/", ["Law 25", "30 days", "CMNCP"]),
        ("/fr/confidentialite/", ["Loi 25", "30 jours", "RMCPC"]),
        ("/en/terms/", ["Who may use it"]),
        ("/fr/conditions/", ["Qui peut l’utiliser"]),
    ],
)
def test_standing_pages_are_public(client: Client, db: None, path: str, words: list[str]) -> None:
    page = client.get(path).content.decode()
    assert [word for word in words if word not in page] == []
    assert "{" not in re.sub(r"<head>.*</head>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize("name", ["accessibility", "privacy", "terms"])
def test_standing_pages_say_as_much_in_both_languages(name: str) -> None:
    english, french = text_page(name, "en"), text_page(name, "fr")
    for tag in ("<h2>", "<li>", "<p>", "<a "):
        assert english.count(tag) == french.count(tag)


def test_one_address_leads_to_ones_own_page(client: Client, amina: Any) -> None:
    assert client.get("/en/my-page/").headers["Location"] == "/en/account/login/?next=/en/my-page/"
    client.force_login(amina)
    assert client.get("/en/my-page/").headers["Location"] == "/en/"


def test_the_gallery_is_for_staff(client: Client, amina: Any, admin_user: Any) -> None:
    client.force_login(amina)
    assert client.get("/en/gallery/").status_code == 403
    client.force_login(admin_user)
    assert client.get("/en/gallery/").status_code == 200


# ---- what a municipality does ----------------------------------------------------------------------------------------


def test_the_exchanges_of_a_municipality_are_shown_to_those_who_may_see_them(
    client: Client,
    thunder_bay: Municipality,
    winnipeg: Municipality,
    gatineau: Municipality,
    amina: Any,
    rosa: Any,
    django_assert_max_num_queries: Any,
) -> None:
    visit = make_exchange(thunder_bay, winnipeg, state="proposed")
    make_exchange(gatineau, winnipeg, state="proposed")
    client.force_login(amina)
    with django_assert_max_num_queries(8):
        page = client.get("/en/municipalities/winnipeg/activity/")
    assert [row.exchange.reference for row in page.context["rows"]] == [visit.exchange.reference]
    part = client.get("/en/municipalities/winnipeg/activity/", headers={"HX-Request": "true"}).content.decode()
    assert visit.exchange.reference in part
    assert "<html" not in part
    client.force_login(rosa)
    assert (
        "No exchange of Winnipeg that you may see."
        in client.get("/en/municipalities/winnipeg/activity/").content.decode()
    )
    assert client.get("/fr/municipalites/winnipeg/activites/").status_code == 200
    assert client.get("/en/municipalities/nowhere/activity/").status_code == 404
