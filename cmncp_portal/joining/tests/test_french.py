"""The French of joining: addresses that open the same pages, and what the pages say first."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.joining.models import OnboardingStep
from cmncp_portal.joining.urls import urlpatterns
from cmncp_portal.testing.french import AddressesOfAnApp

from .factories import make_application, make_fee, make_interest, make_renewal
from .screens import address, heading, words_of

SAMPLES = {"token": "9-kQ", "name": "confirm", "pk": 7, "slug": "merritt", "code": "mentor"}


class TestAddresses(AddressesOfAnApp):
    app, start, patterns, samples = "joining", "/fr/adhesion/", urlpatterns, SAMPLES


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("join", "Adhérer au réseau"),
        ("resolution", "Un modèle de résolution"),
        ("sent", "Consultez votre boîte de réception"),
        ("lost_link", "Renvoyer mon lien"),
        ("desk", "Adhésion et renouvellement"),
        ("fees", "Cotisations"),
        ("renewals", "Renouvellements"),
    ],
)
def test_the_heading(client: Client, clock: Any, priya: Any, name: str, said: str) -> None:
    client.force_login(priya)
    assert heading(client.get(address(name, language="fr"))) == said


@pytest.mark.django_db
class TestPages:
    def test_the_table_of_fees(self, client: Client, clock: Any) -> None:
        make_fee(1_250, source="Conseil")
        words = words_of(client.get(address("join", language="fr"), {"population": "7051"}))
        assert (
            "Membre ordinaire, à compter du 1er janvier 2021 Taille Cotisation annuelle moins de 500 000 personnes 1 250 $"
            in words
        )
        assert "Membre ordinaire : 1 250 $ par année" in words

    def test_the_personal_page_and_the_application(self, client: Client, clock: Any) -> None:
        waiting = make_interest("unconfirmed")
        assert "Oui, cette adresse est la mienne" in words_of(client.get(address("page", waiting.token, language="fr")))
        draft = make_application("draft")
        page = client.get(address("application", draft.interest.token, language="fr"))
        assert heading(page) == "Demande d’adhésion : Merritt"
        assert "J’ai lu l’avis sur les renseignements personnels ci-dessus." in words_of(page)

    def test_buttons_of_the_desk_lead_to_french_addresses(self, client: Client, clock: Any, priya: Any) -> None:
        client.force_login(priya)
        interest = make_interest()
        page = client.get(address("interest", interest.pk, language="fr"))
        assert f'action="/fr/adhesion/bureau/declaration/{interest.pk}/talk/"' in page.content.decode()
        answer = client.post(f"/fr/adhesion/bureau/declaration/{interest.pk}/talk/")
        assert answer["Location"] == address("interest", interest.pk, language="fr")

    def test_the_members_pages(self, client: Client, clock: Any, gatineau: Any, luc: Any) -> None:
        membership = gatineau.memberships.get()
        make_renewal(membership, date(2027, 2, 15), fee=1_250)
        OnboardingStep.objects.create(membership=membership, code="mentor")
        client.force_login(luc)
        words = words_of(client.get(address("my_renewal", "gatineau", language="fr")))
        assert "L’adhésion est à renouveler d’ici le 15 février 2027." in words
        assert "Cotisation annuelle 1 250 $" in words
        page = client.get(address("first_steps", "gatineau", language="fr"))
        assert heading(page) == "Premiers pas : Gatineau"
        assert "Il reste un pas." in words_of(page)
