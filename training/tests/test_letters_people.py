"""The letters about evidence and certificates word for word, in both languages, compared with the files in snapshots/people/."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.testing.letters import LettersOfAnApp
from training.notifications import people
from training.notifications.common import both, day_words

URL = {
    "en": "https://portal.example/en/training/me/",
    "fr": "https://portal.example/fr/formation/moi/",
}
KINDS = [kind for kind in vars(people).values() if isinstance(kind, Kind)]


class TestLetters(LettersOfAnApp):
    app, folder = "training", Path(__file__).parent / "snapshots" / "people"
    known = {
        "name": both("Luc Tremblay"),
        "url": URL,
        "heading": {"en": "4.2 Safety diagnosis", "fr": "4.2 Diagnostic de sécurité"},
        "person": both("Joseph Kakegamic"),
        "level": {"en": "practitioner", "fr": "pratique"},
        "note": both("Which data did you use?\nAnd who took part?"),
        "reason": both("It shows one meeting only.\nThe criterion asks for a whole diagnosis."),
        "since": day_words(date(2027, 1, 20)),
        "code": both("7KQ2-MXTA-4HDR"),
        "verify": {
            "en": "https://portal.example/en/training/certificates/7KQ2-MXTA-4HDR/",
            "fr": "https://portal.example/fr/formation/certificats/7KQ2-MXTA-4HDR/",
        },
        "lines": {
            "en": ["4.2 Safety diagnosis (practitioner)", "4.3 Local data (awareness)"],
            "fr": ["4.2 Diagnostic de sécurité (pratique)", "4.3 Données locales (sensibilisation)"],
        },
        "standard": {
            "en": "Community safety strategies, version 2",
            "fr": "Stratégies de sécurité communautaire, version 2",
        },
    }
    own = {"evidence_accepted": {"note": both("")}}
    variants = {
        ("certificate", "no_competency"): {"lines": both([]), "standard": both("")},
        ("evidence_accepted", "with_a_word"): {"note": both("A fine piece of work.")},
    }
    in_both = ("certificate",)
    people, places = ("person",), ("heading", "standard")
    words = ("evidence_declined", "reason")

    def kinds(self) -> list[Kind]:
        return KINDS


@pytest.mark.django_db
def test_the_values_of_a_certificate(clock: Any) -> None:
    from training.models import Certificate

    paper = Certificate(
        code="7KQ2-MXTA-4HDR", title_en="Planning", title_fr="", standard_en="S, version 1", standard_fr="N, version 1",
        lines=[{"code": "1.1", "en": "Diagnosis", "fr": "Diagnostic", "level": 2}],
    )  # fmt: skip
    words = people.certificate_words(paper)
    assert words["heading"] == both("Planning")
    assert words["lines"]["en"] == ["1.1 Diagnosis (practitioner)"]
    assert words["verify"]["en"].endswith("/en/training/certificates/7KQ2-MXTA-4HDR/")
