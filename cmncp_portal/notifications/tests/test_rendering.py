"""A letter as people read it."""

from collections.abc import Callable
from typing import Any

import pytest

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.rendering import render
from cmncp_portal.notifications.tests.conftest import CONTEXT


@pytest.fixture(autouse=True)
def _network(settings: Any) -> None:
    settings.NETWORK_POSTAL_ADDRESS_EN = settings.NETWORK_POSTAL_ADDRESS_FR = "1 Main Street\nOttawa ON"
    settings.NETWORK_CONTACT_EMAIL = "info@network.example"


def test_the_whole_text_in_english(kind: Kind) -> None:
    made = render(kind, "en", CONTEXT)
    assert made.subject == "[CMNCP] Visit of Winnipeg"
    assert made.text == (
        "Hello,\n\nBring boots.\n\nSee the plan:\nhttps://portal.example/plan/\n\nUntil then.\n\n-- \nYou take part.\n"
        "Questions? Write to us: info@network.example\nCanadian Municipal Network on Crime Prevention (CMNCP)\n"
        "1 Main Street\nOttawa ON\n"
    )


def test_the_whole_text_in_french(kind: Kind) -> None:
    made = render(kind, "fr", CONTEXT)
    assert made.subject == "[RMCPC] Visite de Winnipeg"
    assert made.text == (
        "Bonjour,\n\nBring boots.\n\nVoir le plan\u00a0:\nhttps://portal.example/plan/\n\nÀ bientôt.\n\n-- \nVous participez.\n"
        "Des questions? Écrivez-nous\u00a0: info@network.example\n"
        "Réseau municipal canadien en prévention de la criminalité (RMCPC)\n1 Main Street\nOttawa ON\n"
    )


def test_both_languages_english_first(kind: Kind) -> None:
    made = render(
        kind, "both", {"en": CONTEXT | {"note": "on November 17"}, "fr": CONTEXT | {"note": "le 17 novembre"}}
    )
    assert made.subject == "[CMNCP / RMCPC] Visit of Winnipeg / Visite de Winnipeg"
    english, line, french = made.text.partition("\n" + "=" * 40 + "\n")
    assert line
    assert ("on November 17" in english, "le 17 novembre" in english) == (True, False)
    assert ("on November 17" in french, "le 17 novembre" in french) == (False, True)
    assert made.html.index('<div lang="en"') < made.html.index('<div lang="fr"')
    assert '<html lang="en">' in made.html
    assert 'href="#fr"' in made.html


def test_html_has_one_button_its_plain_address_and_nothing_from_elsewhere(kind: Kind) -> None:
    page = render(kind, "en", CONTEXT).html
    assert page.count('class="act"') == 1
    assert ">https://portal.example/plan/</a>" in page
    assert "<img" not in page
    assert "<script" not in page
    assert 'href="#fr"' not in page


def test_letter_without_a_button(letter: Callable[..., Kind]) -> None:
    kind = letter(en="Only words\nHello.\n", variables=())
    made = render(kind, "en", {})
    assert made.text.startswith("Hello.\n\n-- \nQuestions?")
    assert 'class="act"' not in made.html


def test_unsubscribe_address_is_in_both_forms_and_languages(kind: Kind) -> None:
    made = render(kind, "both", CONTEXT, lambda language: f"https://portal.example/{language}/stop/1.x/")
    assert "Stop receiving the news of the network:\nhttps://portal.example/en/stop/1.x/\n" in made.text
    assert "Ne plus recevoir les nouvelles du réseau\u00a0:\nhttps://portal.example/fr/stop/1.x/\n" in made.text
    assert made.html.count('<a href="https://portal.example/en/stop/1.x/"') == 1
    assert made.html.count('<a href="https://portal.example/fr/stop/1.x/"') == 1


def test_long_subject_is_cut_to_what_the_outbox_holds(kind: Kind) -> None:
    assert len(render(kind, "both", CONTEXT | {"place": "W" * 400}).subject) == 300
