"""The letters about agreements word for word, in both languages, compared with the files in snapshots/agreements/."""

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.testing.letters import LettersOfAnApp
from mentoring.notifications import agreements as kinds
from mentoring.notifications.common import both, day_words

URL = {
    "en": "https://portal.example/en/mentoring/mine/9.kQ/",
    "fr": "https://portal.example/fr/mentorat/mine/9.kQ/",
}
OWN_KINDS = [value for value in vars(kinds).values() if isinstance(value, Kind)]
TORONTO, REGINA = (
    SimpleNamespace(time_zone=f"America/{city}", time_zone_city=city) for city in ("Toronto", "Regina")
)  # fmt: skip
WHEN = kinds.instant_words(datetime(2027, 2, 15, 19, 0, tzinfo=UTC), [TORONTO, REGINA])  # type: ignore[list-item]
BEFORE = kinds.instant_words(datetime(2027, 2, 12, 19, 0, tzinfo=UTC), [TORONTO])  # type: ignore[list-item]
GOALS = {
    "en": ["Name a responsibility centre (reached)", "Adopt a plan (dropped)"],
    "fr": ["Nommer un centre de responsabilité (atteint)", "Adopter un plan (abandonné)"],
}


class TestLetters(LettersOfAnApp):
    app, folder = "mentoring", Path(__file__).parent / "snapshots" / "agreements"
    known = {
        "name": "Luc Tremblay",
        "url": URL,
        "heading": "Winnipeg – Thunder Bay",
        "mentor": "Winnipeg",
        "mentee": "Thunder Bay",
        "by": "Priya Nair",
        "due": day_words(date(2027, 2, 11)),
        "goals": "Set up a responsibility centre and a first plan.",
        "reasons": {
            "en": ["Two stages ahead of you.", "Of similar size."],
            "fr": ["Deux étapes d’avance sur vous.", "De taille semblable."],
        },
        "word": "You both care for youth.",
        "place": "Thunder Bay",
        "missing": ["Thunder Bay", "Winnipeg"],
        "reader": "network",
        "starts": day_words(date(2027, 2, 1)),
        "ends": day_words(date(2028, 2, 1)),
        "people": [
            "Amina Diallo, Thunder Bay (amina@thunderbay.example)",
            "Helen Friesen, Winnipeg (helen@winnipeg.example)",
        ],
        "person": "Joseph Kakegamic",
        "successor": "Amina Diallo",
        "when": WHEN,
        "before": "",
        "where": "https://video.example/j/4711",
        "since": day_words(date(2027, 1, 4)),
        "is_network": both(False),
        "early": both(False),
        "summary": "A responsibility centre stands.\nThe plan waits for the new council.",
    }
    own = {
        "declined": {"by": "Thunder Bay", "word": "Our council changed."},
        "concluded": {"by": "Amina Diallo", "goals": GOALS, "word": ""},
        "next_session": {"by": "Helen Friesen"},
        "person_added": {"by": "Amina Diallo"},
    }
    variants = {
        ("asked", "bare"): {"reasons": [], "word": ""},
        ("declined", "to_mentor"): {"reader": "mentor"},
        ("declined", "to_mentee"): {"reader": "mentee", "by": "Winnipeg"},
        ("no_room", "to_mentor"): {"reader": "mentor"},
        ("no_room", "to_mentee"): {"reader": "mentee"},
        ("person_added", "again"): {"by": ""},
        ("lead_left", "nobody"): {"successor": ""},
        ("next_session", "moved"): {"before": BEFORE},
        ("next_session", "no_place"): {"where": ""},
        ("silent", "network"): {"is_network": both(True)},
        ("concluded", "early"): {"early": both(True), "word": "Two towns merged.", "summary": "", "goals": []},
    }
    in_both = ("asked", "begun")
    people, places = ("by", "person", "successor"), ("mentor", "mentee", "place", "heading")
    words = ("paused", "word")

    def kinds(self) -> list[Kind]:
        return sorted(OWN_KINDS, key=lambda kind: kind.name)
