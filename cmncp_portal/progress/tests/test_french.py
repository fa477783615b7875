"""The French of strategies: addresses that open the same pages, and what the pages say."""

import re
from typing import Any

import pytest

from cmncp_portal.network.tests.factories import make_sector
from cmncp_portal.progress import services
from cmncp_portal.progress.models import PreventionBudget, StrategyCheck
from cmncp_portal.progress.services import Answer
from cmncp_portal.progress.urls import urlpatterns
from cmncp_portal.testing.french import AddressesOfAnApp

from .factories import make_checks, make_profile
from .screens import address, said, text_of, words_of


class TestAddresses(AddressesOfAnApp):
    app, start, patterns = "progress", "/fr/strategies/", urlpatterns
    samples = {"slug": "gatineau", "stage": 3, "pk": 7, "token": "7.key", "indicator": "investment"}


@pytest.fixture
def gatineaus(clock: Any, gatineau: Any, client: Any, luc: Any) -> Any:
    """The profile of Gatineau, which Luc reads in French."""
    make_checks(1)
    profile = make_profile(gatineau, 1, centre="Bureau de la sécurité", has_permanent_office="yes")
    profile.sectors.add(make_sector("police", name_fr="Police"))
    PreventionBudget.objects.create(profile=profile, year=2026, amount=291_041)
    client.force_login(luc)
    return profile


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "args", "heading"),
    [
        ("strategy", (), "Stratégie : Gatineau"),
        ("edit", (), "Faits et forces"),
        ("checks", (2,), "Étape 2 : Diagnostic"),
        ("declare", (), "Déclarer une étape"),
        ("budget", (), "Budget de prévention"),
        ("public", (), "Ce que le public peut voir"),
        ("history", (), "Ce qui a changé dans le profil de la stratégie"),
    ],
)
def test_each_page_says_its_name(client: Any, gatineaus: Any, name: str, args: Any, heading: str) -> None:
    page = client.get(address(name, gatineaus.municipality, *args, language="fr"))
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text_of(page), re.DOTALL)
    assert found
    assert found[1].strip().replace("\xa0", " ") == heading


@pytest.mark.django_db
def test_the_page_of_a_municipality(client: Any, gatineaus: Any) -> None:
    words = words_of(client.get(address("strategy", gatineaus.municipality, language="fr")))
    for text in (
        "1 Engagement · vous êtes ici",
        "Vérification 1 de l’étape 1 Sans réponse",
        "Bureau permanent Oui",
        "291 041 $ 1,00 $ par habitant (population de 2021)",
        "Toujours exact aujourd’hui",
    ):
        assert text in words


@pytest.mark.django_db
def test_the_ladder_the_history_and_a_refusal(client: Any, gatineaus: Any, luc: Any) -> None:
    place = gatineaus.municipality
    assert "1 Engagement · 1 municipalité, dont la vôtre" in words_of(client.get("/fr/strategies/"))
    check = StrategyCheck.objects.get(code="s1-1")
    services.answer_checks(place, seen=1, by=luc, answers={check.pk: Answer("partly")})
    services.keep_facts(place, seen=2, by=luc, centre="")
    page = client.get(address("history", place, language="fr"))
    assert [entry.text.replace("\xa0", " ") for entry in page.context["entries"]] == [
        "Centre de responsabilité : retiré (avant : « Bureau de la sécurité »)",
        "Vérification 1 de l’étape 1 : En partie",
    ]
    confirm = address("confirm", place, language="fr")
    assert said(client, client.post(confirm)) == ["Merci, le profil est confirmé."]
    assert said(client, client.post(confirm)) == ["Déjà confirmé aujourd’hui par Luc Tremblay."]
