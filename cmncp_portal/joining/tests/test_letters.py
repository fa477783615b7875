"""The letters of joining word for word, in both languages, compared with the files in snapshots/."""

from datetime import date
from pathlib import Path

from cmncp_portal.joining.notifications import day_words
from cmncp_portal.testing.letters import LettersOfAnApp

WORD = "The Board meets next in May.\nPlease tell us your plans until then."
STEPS = {
    "en": ["The representative signs in", "List your people, leaders and partners"],
    "fr": ["La personne représentante se connecte", "Inscrivez vos gens, vos élu·es et vos partenaires"],
}


class TestLetters(LettersOfAnApp):
    app, folder = "joining", Path(__file__).parent / "snapshots"
    known = {
        "name": "Luc Tremblay",
        "place": "Merritt",
        "url": {"en": "https://portal.example/en/join/x/", "fr": "https://portal.example/fr/adhesion/x/"},
        "answer_by": day_words(date(2027, 2, 8)),
        "person": "Sam Voght",
        "province": {"en": "British Columbia", "fr": "Colombie-Britannique"},
        "word": WORD,
        "by": "Priya Nair",
        "from_on": day_words(date(2027, 2, 1)),
        "steps": STEPS,
        "representative": "Sam Voght",
        "due": day_words(date(2027, 4, 1)),
        "grace_ends": day_words(date(2027, 6, 30)),
        "fee": {"en": "$1,250", "fr": "1\u00a0250\u00a0$"},
        "is_late": False,
        "on": day_words(date(2027, 6, 30)),
        "next_due": day_words(date(2028, 4, 1)),
    }
    variants = {
        ("renewal", "late"): {"is_late": True},
        ("renewal", "no_fee"): {"fee": ""},
        ("invited_to_apply", "no_word"): {"word": ""},
    }
    people, places = ("by", "person", "representative"), ("place",)
    words = ("declined", "word")
