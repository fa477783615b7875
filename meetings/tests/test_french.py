"""The French of meetings: addresses that open the same pages, and what the pages say first."""

from datetime import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.french import AddressesOfAnApp
from cmncp_portal.testing.pages import heading
from meetings.urls import urlpatterns

from .factories import make_invitee, make_place
from .screens import address, words_of

SAMPLES = {"slug": "safer-2027", "token": "9-kQ", "name": "correct", "pk": 7}
TITLE = "Des Prairies plus sûres"


class TestAddresses(AddressesOfAnApp):
    app, start, patterns, samples = "meetings", "/fr/rencontres/", urlpatterns, SAMPLES


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("meeting", TITLE),
        ("register", "M’inscrire"),
        ("prepare", "Préparation"),
        ("edit", "Modifier la rencontre"),
        ("local", "Renseignements pratiques"),
        ("agenda", "Ordre du jour"),
        ("item_add", "Ajouter une séance"),
        ("announce", "Annoncer la rencontre"),
        ("letters", "Lettres"),
        ("registrations", "Inscriptions"),
        ("change", "Modifier la date ou le lieu"),
        ("attendance", "Présences"),
        ("counts", "Participation"),
        ("materials", "Documents"),
        ("notes", "Notes, décisions et suivis"),
    ],
)
def test_the_heading(client: Client, meeting: Any, priya: Any, name: str, said: str) -> None:
    there = meeting("scheduled") if name == "announce" else meeting()
    client.force_login(priya)
    assert heading(client.get(address(name, there, language="fr"))) == said


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("list", "Rencontres"),
        ("hosts", "Municipalités hôtes des rencontres"),
        ("new", "Nouvelle rencontre"),
        ("past", "Une rencontre passée"),
        ("lost_link", "Renvoyer mon lien personnel"),
    ],
)
def test_the_heading_of_a_page_about_all(client: Client, clock: Any, priya: Any, name: str, said: str) -> None:
    client.force_login(priya)
    with translation.override("fr"):
        assert heading(client.get(reverse(f"meetings:{name}"))) == said


@pytest.mark.django_db
class TestCounts:
    """In French none and one are the singular."""

    @pytest.mark.parametrize(
        ("number", "said"),
        [(0, "0 personne a une place"), (1, "1 personne a une place"), (2, "2 personnes ont une place")],
    )
    def test_places(self, client: Client, meeting: Any, priya: Any, number: int, said: str) -> None:
        there = meeting(capacity=None)
        for turn in range(number):
            make_place(there, f"p{turn}@place.example")
        client.force_login(priya)
        assert said in words_of(client.get(address("registrations", there, language="fr")))


@pytest.mark.django_db
class TestPersonalPages:
    def test_an_invitation(self, client: Client, meeting: Any) -> None:
        invitee = make_invitee(meeting(), "dora@place.example", name="Dora Lake")
        with translation.override("fr"):
            page = client.get(reverse("meetings:invitation", args=[invitee.token]))
        assert "Cette page est destinée à Dora Lake. Le réseau vous invite; municipalité hôte : Winnipeg." in words_of(
            page
        )

    def test_a_place(self, client: Client, meeting: Any) -> None:
        place = make_place(meeting(), "dora@place.example")
        with translation.override("fr"):
            page = client.get(reverse("meetings:place", args=[place.token]))
        assert "Votre inscription est confirmée." in words_of(page)

    def test_the_hours_of_a_postponed_meeting_are_not_shown_without_a_day(self, client: Client, meeting: Any) -> None:
        there = meeting("postponed", begins_at=time(9, 0), finishes_at=time(16, 0))
        assert there.starts_on is None
        invitee = make_invitee(there, "dora@place.example")
        with translation.override("fr"):
            words = words_of(client.get(reverse("meetings:invitation", args=[invitee.token])))
        assert "Date à fixer" in words
        assert "de 9 h à 16 h" not in words
