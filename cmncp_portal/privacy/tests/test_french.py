"""The French of the pages about personal data: addresses that open the same pages, and what they say first."""

from typing import Any

import pytest
from django.test import Client

from cmncp_portal.privacy import services
from cmncp_portal.privacy.urls import urlpatterns
from cmncp_portal.testing.french import AddressesOfAnApp

from .factories import make_incident, make_request, make_run
from .screens import address, heading, words_of


class TestAddresses(AddressesOfAnApp):
    app, start, patterns = "privacy", "/fr/mes-renseignements/", urlpatterns
    samples = {"token": "9-kQ", "pk": 7}


@pytest.mark.django_db
class TestPages:
    @pytest.mark.parametrize(
        ("name", "said"), [("mine", "Mes renseignements"), ("sent", "Consultez votre boîte de réception")]
    )
    def test_what_anybody_sees(self, client: Client, name: str, said: str) -> None:
        assert heading(client.get(address(name, language="fr"))) == said

    def test_the_notice_above_the_form(self, client: Client) -> None:
        words = words_of(client.get(address("mine", language="fr")))
        assert "Ce que devient ce que vous écrivez ici" in words
        assert "What " not in words

    def test_the_page_behind_the_letter(self, client: Client, clock: Any) -> None:
        asked = make_request("forget", language="fr")
        here = address("request", asked.token, language="fr")
        page = client.get(here)
        assert heading(page) == "Demander l’effacement"
        assert "Rien n’est encore effacé." in words_of(page)
        client.post(here)
        services.carry_out(asked.pk)
        assert heading(client.get(here)) == "Vos renseignements sont effacés"

    def test_a_wrong_link(self, client: Client) -> None:
        assert heading(client.get(address("request", "x", language="fr"))) == "Ce lien n’ouvre rien"

    def test_the_register(self, client: Client, admin_user: Any, amina: Any, clock: Any) -> None:
        client.force_login(admin_user)
        asked = services.confirm(make_request("forget", amina.email))
        incident = make_incident()
        make_run(
            lines=[{"code": "letters", "en": "Texts of letters", "fr": "Texte des lettres", "count": 3, "limit": ""}]
        )
        said = {
            ("register",): "Renseignements personnels",
            ("write_down",): "Consigner une demande",
            ("decide", asked.pk): f"Demande {asked.pk} : l’effacement",
            ("incidents",): "Registre des incidents",
            ("incident", incident.pk): "Incident",
            ("runs",): "Ce que les nuits ont retiré",
        }
        pages = {key: client.get(address(*key, language="fr")) for key in said}
        assert {key: heading(page) for key, page in pages.items()} == said
        assert "Texte des lettres : 3" in words_of(pages["runs",])
        assert "La seule personne qui représente la municipalité" in words_of(pages["decide", asked.pk])
