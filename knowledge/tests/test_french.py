"""The French of knowledge: addresses that open the same pages, what the pages say first, counts, and one page of each sort."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from cmncp_portal.testing.french import AddressesOfAnApp
from cmncp_portal.testing.pages import heading
from knowledge.models import Edition
from knowledge.urls import urlpatterns

from .factories import make_brief, make_evidence, make_number, make_practice
from .pages import address, page_of, revise, said, text_of, words_of

SAMPLES = {
    "slug": "rues-sures",
    "token": "9-kQ",
    "name": "fait",
    "kind": "concern",
    "language": "fr",
    "format": "pdf",
    "pk": 7,
}
TITLE = "Sécurité dans les rues"


class TestAddresses(AddressesOfAnApp):
    app, start, patterns, samples = "knowledge", "/fr/savoirs/", urlpatterns, SAMPLES


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said_first"),
    [
        ("library", "Savoirs"),
        ("practices", "Pratiques"),
        ("subscribe", "Suivre la parution des pistes d’action"),
        ("my_steps", "Mes étapes"),
        ("requests", "Demandes de pistes d’action"),
        ("request_new", "Demander une piste d’action"),
    ],
)
def test_the_heading_for_members(client: Client, clock: Any, luc: Any, name: str, said_first: str) -> None:
    client.force_login(luc)
    assert heading(client.get(address(name, language="fr"))) == said_first


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "said_first"),
    [
        ("desk", "Bureau de rédaction"),
        ("new", "Nouvelle piste d’action"),
        ("word_import", "Partir d’un document Word"),
        ("readers", "Messages du lectorat"),
        ("practice_new", "Nouvelle pratique"),
    ],
)
def test_the_heading_at_the_desk(client: Client, clock: Any, uma: Any, name: str, said_first: str) -> None:
    client.force_login(uma)
    assert heading(client.get(address(name, language="fr"))) == said_first


@pytest.mark.django_db
class TestCounts:
    """In French none and one are the singular."""

    @pytest.mark.parametrize(("number", "words"), [(1, "1 piste d’action"), (2, "2 pistes d’action")])
    def test_briefs(self, client: Client, clock: Any, number: int, words: str) -> None:
        for _turn in range(number):
            make_brief()
        page = client.get(address("library", language="fr"))
        assert f'<p class="count" role="status">{words}</p>' in text_of(page)

    @pytest.mark.parametrize(
        ("number", "words"), [(1, "1 texte français n’est pas à jour"), (2, "2 textes français ne sont pas à jour")]
    )
    def test_texts_that_are_behind(self, client: Client, clock: Any, uma: Any, number: int, words: str) -> None:
        for _turn in range(number):
            revise(make_brief(), "en", summary="Newer.")
        client.force_login(uma)
        assert words in words_of(client.get(address("desk", language="fr")))

    @pytest.mark.parametrize(("number", "words"), [(0, "0 commentaire"), (1, "1 commentaire"), (2, "2 commentaires")])
    def test_comments(self, client: Client, clock: Any, uma: Any, number: int, words: str) -> None:
        brief = make_brief("review")
        for paragraph in range(number):
            brief.by_language["en"].comments.create(by=uma, by_name=uma.name, text="Why?", paragraph=paragraph)
        client.force_login(uma)
        assert f"Anglais · {words}, sans réponse : {number}" in words_of(
            client.get(address("reviews", brief.slug, language="fr"))
        )


@pytest.mark.django_db
class TestReading:
    def test_a_brief(self, client: Client, clock: Any) -> None:
        brief = make_brief()
        make_number(brief)
        brief.evidence.add(make_evidence(make_practice(), outcome_fr="Crimes violents"))
        words = said(client, brief, "fr", population="50000")
        assert heading(page_of(client, brief, "fr")) == TITLE
        for expected in (
            "Durée : Quelques mois · Coût : Temps du personnel seulement",
            "Chiffre Population de référence Pour 50 000 personnes adultes agressés",
            "6 000 100 000 3 000 6 000 × 50 000 ÷ 100 000",
            "Crimes violents Impact: HIGH Youth Endowment Fund Toolkit consultée le 10 janvier 2027",
            "Incidence : Élevée Solidité des données : 4 sur 5 Coût : Inconnu",
            "Aucune municipalité n’a encore indiqué qu’elle utilise cette piste d’action.",
        ):
            assert expected in words

    def test_signs_keep_their_distance(self, client: Client, clock: Any) -> None:
        page = text_of(page_of(client, make_brief(), "fr"))
        assert f"University of Ottawa team. «\xa0{TITLE}\xa0». Piste d’action." in page
        assert "Durée\xa0: Quelques mois" in page

    @pytest.mark.parametrize(
        ("revised", "words"),
        [
            ("en", "Le texte anglais est en cours de révision, et ce texte français suivra."),
            ("fr", "Ce texte est en cours de révision."),
        ],
    )
    def test_a_text_that_is_being_revised(self, client: Client, clock: Any, revised: str, words: str) -> None:
        brief = make_brief()
        revise(brief, revised, summary="Autrement.")
        assert words in said(client, brief, "fr")

    def test_a_french_text_that_is_promised(self, client: Client, clock: Any) -> None:
        brief = make_brief(languages=("en",), exception_until=date(2027, 3, 1), exception_reason="Urgent.")
        assert "Version française à venir d’ici le 1er mars 2027." in said(client, brief, "fr")

    def test_nothing_found(self, client: Client, clock: Any) -> None:
        make_brief()
        words = words_of(client.get(address("library", language="fr"), {"q": "zzqq"}))
        assert "Aucun texte ne contient tous ces mots : « zzqq »." in words


@pytest.mark.django_db
class TestDesk:
    @pytest.fixture(autouse=True)
    def _signed_in(self, clock: Any, client: Client, uma: Any) -> None:
        client.force_login(uma)

    @pytest.mark.parametrize(
        ("stage", "words"),
        [
            ("idea", "Idée"),
            ("outline", "Plan"),
            ("draft", "Ébauche"),
            ("review", "Relecture interne"),
            ("editing", "Révision du texte"),
            ("translation", "Traduction"),
            ("approved", "Approuvée"),
            ("scheduled", "Programmée"),
            ("published", "Publiée"),
            ("superseded", "Remplacée"),
            ("withdrawn", "Retirée"),
        ],
    )
    def test_each_state(self, stage: str, words: str) -> None:
        with translation.override("fr"):
            assert make_brief(stage).get_state_display() == words

    @pytest.mark.parametrize(
        ("languages", "changes", "words"),
        [
            (("en", "fr"), {}, "Anglais : À jour · Français : À jour"),
            (("en", "fr"), {"en": 2}, "Anglais : À jour · Français : Périmé"),
            (("en",), {}, "Anglais : À jour · Français : Manquant"),
        ],
    )
    def test_both_texts(self, client: Client, languages: tuple[str, ...], changes: dict[str, int], words: str) -> None:
        brief = make_brief("translation", languages=languages)
        for language, version in changes.items():
            Edition.objects.filter(brief=brief, language=language).update(version=version)
        assert words in words_of(client.get(address("overview", brief.slug, language="fr")))

    def test_a_draft_of_the_translation(self, client: Client) -> None:
        brief = make_brief("translation")
        Edition.objects.filter(brief=brief, language="fr").update(current_at=None)
        words = words_of(client.get(address("overview", brief.slug, language="fr")))
        assert "Français : Ébauche" in words
        assert "Les deux langues à jour Le texte français n’est pas prêt." in words
