"""The French of commitments: what each page says, and what comes back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.services.commitments import report
from cmncp_portal.testing.pages import as_sent, heading, said, words_of

from .commitments import link_of, list_of, make_commitment, make_inquiry, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def table(clock: Any, gatineau: Any, winnipeg: Any) -> Commitment:
    return make_commitment(
        gatineau,
        "Une table de quartier",
        language="fr",
        source="visit",
        source_key="idea-3",
        seen_in=winnipeg,
        owner_email="sam@gatineau.example",
    )


def test_the_addresses(table: Commitment) -> None:
    assert page_of(table, language="fr") == f"/fr/strategies/gatineau/engagements/{table.pk}/"
    assert list_of(table.municipality, language="fr") == "/fr/strategies/gatineau/engagements/"
    assert list_of(table.municipality, "commitment_add", "fr") == "/fr/strategies/gatineau/engagements/nouveau/"
    assert link_of(make_inquiry(table), "fr").startswith("/fr/strategies/engagements/reponse/")


def test_the_list_and_the_page(client: Any, table: Commitment, luc: Any) -> None:
    report(table, to_state="started", note="Une salle", investment=Decimal(1500), by=luc, by_name=str(luc))
    client.force_login(luc)
    page = client.get(list_of(table.municipality, language="fr"))
    assert heading(page) == "Engagements : Gatineau"
    assert "1 engagement Une table de quartier Sam Roy · Une visite d’échange – Visite à Winnipeg" in words_of(page)
    words = words_of(client.get(page_of(table, language="fr")))
    for text in (
        "vu à : Winnipeg",
        "d’ici le 1er septembre 2027",
        "Maintenant « Commencé » · Luc Tremblay « Une salle » Investi : 1 500 $",
        "L’engagement est consigné · Amina Diallo",
        "Dollars investis 1 500 $",
    ):
        assert text in words


def test_saying_how_far(client: Any, table: Commitment, luc: Any) -> None:
    client.force_login(luc)
    here = page_of(table, language="fr")
    wrong = client.post(here, {"to_state": "abandoned"})
    assert "Dites pourquoi c’est abandonné; les autres en tirent des leçons." in words_of(wrong)
    right = {"to_state": "abandoned", "note": "Plus d’argent"}
    assert said(client, client.post(here, right)) == ["Merci, c’est noté."]
    assert said(client, client.post(here, right)) == ["C’est déjà noté."]


def test_the_form(client: Any, clock: Any, gatineau: Any, luc: Any) -> None:
    client.force_login(luc)
    add = list_of(gatineau, "commitment_add", "fr")
    page = client.get(add)
    assert heading(page) == "Ajouter un engagement"
    wrong = client.post(add, as_sent(page, text="Un centre", due_on="2027-01-31"))
    assert "Dites qui s’en charge." in words_of(wrong)
    assert "Choisissez une date à venir." in words_of(wrong)
    done = client.post(add, as_sent(page, text="Un centre", due_on="2027-05-01", owner_name="Sam"))
    assert said(client, done) == ["L’engagement figure maintenant parmi ceux de votre municipalité."]
    assert Commitment.objects.get().language == "fr"


def test_the_page_behind_the_link(clock: Any, client: Any, table: Commitment) -> None:
    there = link_of(make_inquiry(table, email="sam@gatineau.example", asked_at=datetime(2027, 2, 1, tzinfo=UTC)), "fr")
    page = client.get(there)
    assert heading(page) == "Où en est-on?"
    assert "Gatineau · destinataire : Sam Roy" in words_of(page)
    key = f"c{table.pk}_to_state"
    assert said(client, client.post(there, as_sent(page, **{key: "started"}))) == ["Merci, c’est noté."]
    clock.move_to(datetime(2028, 2, 3, 17, tzinfo=UTC))
    assert heading(client.get(there)) == "Ce lien n’ouvre plus rien"


def test_the_list_of_the_network(client: Any, table: Commitment, rene: Any) -> None:
    Commitment.objects.update(due_on=date(2027, 1, 1))
    client.force_login(rene)
    page = client.get("/fr/strategies/engagements/")
    assert heading(page) == "Les engagements du réseau"
    assert "Pas commencé 1 Commencé 0 Fait 0 Abandonné 0 Échéance passée 1" in words_of(page)
