"""What every page knows: names, navigation, the same page in the other language, and the doors that a role opens."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override

from cmncp_portal.core import context
from exchanges.tests.factories import make_exchange


def page(address: str, user: Any = None, language: str = "en") -> dict[str, Any]:
    request = RequestFactory().get(address)
    if user is not None:
        request.user = user
    with override(language):
        known = context.portal(request)
        return {**known, "nav": [(str(i.label), i.url, i.current) for i in known["nav"]]}


def office_of(user: Any) -> list[str]:
    return [str(item.label) for item in context.office(user)]


# ---- the network ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "acronym", "name"),
    [
        ("en", "CMNCP", "Canadian Municipal Network on Crime Prevention"),
        ("fr", "RMCPC", "Réseau municipal canadien en prévention de la criminalité"),
    ],
)
def test_the_network_has_a_name_in_each_language(language: str, acronym: str, name: str) -> None:
    network = page(f"/{language}/", language=language)["network"]
    assert (network.acronym, network.name, network.contact_email) == (acronym, name, "info@safercities.ca")


def test_the_names_come_from_the_settings(settings: Any) -> None:
    settings.NETWORK_ACRONYM_FR = "NOUVEAU"
    settings.NETWORK_POSTAL_ADDRESS_FR = "120, rue de l’Université"
    network = context.network("fr")
    assert (network.acronym, network.postal_address) == ("NOUVEAU", "120, rue de l’Université")


@pytest.mark.parametrize(("given", "known"), [({}, False), ({"DEMO": True}, True)])
def test_the_demo_says_that_it_is_one(settings: Any, given: dict[str, bool], known: bool) -> None:
    for name, value in given.items():
        setattr(settings, name, value)
    assert page("/en/")["is_demo"] is known


# ---- the navigation ---------------------------------------------------------------------------------


def test_activities_without_pages_have_no_link() -> None:
    missing = ("nowhere:list", "Nowhere")
    there = ("network:directory", "Municipalities")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "NAVIGATION", (missing, there))
        assert page("/en/")["nav"] == [("Municipalities", "/en/municipalities/", False)]


@pytest.mark.parametrize(
    ("language", "address", "label"),
    [
        ("en", "/en/exchanges/", "Exchanges"),
        ("en", "/en/exchanges/EX-2026-014/first-visit/programme/", "Exchanges"),
        ("fr", "/fr/municipalites/winnipeg/", "Municipalités"),
        ("fr", "/fr/calendrier/?month=2027-01", "Calendrier"),
    ],
)
def test_the_room_one_is_in_is_marked(language: str, address: str, label: str) -> None:
    assert [name for name, _url, current in page(address, language=language)["nav"] if current] == [label]


def test_other_pages_belong_to_no_room() -> None:
    assert [current for _label, _url, current in page("/en/search/?q=/en/exchanges/")["nav"] if current] == []


def test_each_link_of_the_navigation_is_in_the_language_of_the_page() -> None:
    for language in ("en", "fr"):
        urls = [url for _label, url, _current in page(f"/{language}/", language=language)["nav"]]
        assert len(urls) >= 3
        assert [url for url in urls if not url.startswith(f"/{language}/")] == []


# ---- the same page in the other language ------------------------------------------------------------


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("/en/", "/fr/"),
        ("/en/municipalities/thunder-bay/", "/fr/municipalites/thunder-bay/"),
        ("/en/municipalities/?q=%C3%A9cole&page=2", "/fr/municipalites/?q=%C3%A9cole&page=2"),
        ("/en/exchanges/EX-2026-014/first-visit/team/7/", "/fr/echanges/EX-2026-014/premiere-visite/equipe/7/"),
        ("/en/search/?q=a%26b%3Dc", "/fr/recherche/?q=a%26b%3Dc"),
        ("/en/nothing/like/this/?q=1", "/fr/nothing/like/this/?q=1"),
    ],
)
def test_the_other_language_keeps_the_object_and_the_question(here: str, there: str) -> None:
    english, french = page(here)["other_language"], page(there, language="fr")["other_language"]
    assert (english.code, english.name, french.code, french.name) == ("fr", "Français", "en", "English")
    assert (english.url, french.url) == (there, here)


def test_an_address_without_language_stays() -> None:
    assert page("/healthz/?x=1")["other_language"].url == "/healthz/?x=1"


def test_the_page_in_the_other_language_exists(client: Any, amina: Any, thunder_bay: Any) -> None:
    exchange = make_exchange(thunder_bay, stage="draft")
    client.force_login(amina)
    for address in (exchange.get_absolute_url(), reverse("network:municipality", args=["thunder-bay"]) + "?page=1"):
        other = client.get(address).context["other_language"]
        answer = client.get(other.url)
        assert (answer.status_code, answer.context["other_language"].url) == (200, address)


def test_a_page_that_does_not_exist_leads_to_the_same_in_french(client: Any, db: None) -> None:
    answer = client.get("/en/nothing/")
    assert answer.status_code == 404
    assert 'href="/fr/nothing/"' in answer.content.decode()


# ---- doors of a role --------------------------------------------------------------------------------

REACH, OUTBOX, QUESTIONNAIRES = "Reach of the network", "Outbox", "Questionnaires"
LISTS, PEOPLE, PERSONAL = "Lists in and out", "People and roles", "Personal data"
JOINING, MENTORS = "Joining and renewal", "Bringing mentors together"
TRAINING = ["Modules in the making", "Competencies by region"]
REVIEW, CODED, REPORTS = "Review of evaluations", "Coded answers", "Reports"


@pytest.mark.parametrize(
    ("who", "doors"),
    [
        ("amina", []),
        ("joseph", []),
        ("priya", [REACH, JOINING, MENTORS, *TRAINING, OUTBOX, REVIEW, CODED, QUESTIONNAIRES, REPORTS, LISTS]),
        ("rene", [REACH, REVIEW, CODED, QUESTIONNAIRES, REPORTS]),
        ("uma", [REACH, *TRAINING, CODED, QUESTIONNAIRES, REPORTS]),
        (
            "admin_user",
            [
                REACH,
                JOINING,
                MENTORS,
                *TRAINING,
                OUTBOX,
                REVIEW,
                CODED,
                QUESTIONNAIRES,
                REPORTS,
                LISTS,
                PEOPLE,
                PERSONAL,
            ],
        ),
    ],
)
def test_the_office_of_each_person(request: pytest.FixtureRequest, who: str, doors: list[str]) -> None:
    assert office_of(request.getfixturevalue(who)) == doors


@pytest.mark.parametrize("who", ["amina", "priya", "rene", "uma", "admin_user"])
def test_each_door_opens(client: Any, request: pytest.FixtureRequest, who: str) -> None:
    user = request.getfixturevalue(who)
    client.force_login(user)
    assert [client.get(item.url).status_code for item in context.office(user)] == [200] * len(context.office(user))


def test_visitors_have_no_office() -> None:
    assert office_of(AnonymousUser()) == office_of(None) == []


def test_a_closed_account_has_none_either(priya: Any) -> None:
    priya.is_active = False
    assert office_of(priya) == []


@pytest.mark.parametrize("who", ["amina", "priya", "rene", "uma", "admin_user"])
def test_knowing_all_this_asks_the_database_nothing(
    request: pytest.FixtureRequest, who: str, django_assert_num_queries: Any
) -> None:
    user = request.getfixturevalue(who)
    signed_in = type(user).objects.with_roles().get(pk=user.pk)  # as the sign-in reads a person
    with django_assert_num_queries(0):
        page("/en/exchanges/", signed_in)
        page("/fr/", AnonymousUser(), "fr")
