"""The letters about personal data word for word, in both languages, compared with the files in snapshots/."""

from datetime import date
from pathlib import Path

from cmncp_portal.notifications.bilingual import day_words
from cmncp_portal.testing.letters import LettersOfAnApp


class TestLetters(LettersOfAnApp):
    app, folder = "privacy", Path(__file__).parent / "snapshots"
    known = {
        "name": "ann@college.example",
        "url": {"en": "https://portal.example/en/my-data/x/", "fr": "https://portal.example/fr/mes-renseignements/x/"},
        "wants_copy": False,
        "until": day_words(date(2027, 3, 3)),
        "answer": "Your successor begins in March.\nPlease ask again then.",
        "parts": {"en": ["Exchanges", "Letters"], "fr": ["Échanges", "Lettres"]},
        "number": "12",
    }
    variants = {
        ("confirm", "copy"): {"wants_copy": True},
        ("forgotten", "nothing"): {"parts": {"en": [], "fr": []}},
    }
    words = ("refused", "answer")
