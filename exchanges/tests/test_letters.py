"""The letters of exchanges word for word, in both languages, compared with the files in snapshots/."""

from pathlib import Path
from typing import Any

from cmncp_portal.testing.letters import LettersOfAnApp

CHALLENGE = "Our youth housing is full, and shelters turn people away.\nWhat has worked for you?"
WORD = "Council sits that week.\nWe would love to try again in spring."

# What every letter may get, as `letter_values` writes it; then what single kinds get.
EN: dict[str, Any] = {
    "name": "Amina Diallo",
    "reference": "EX-2026-004",
    "visitors": "Thunder Bay",
    "hosts": "Winnipeg",
    "dates": "November 17–18, 2026",
    "zone": "Winnipeg time",
    "arrival": "City Hall, 510 Main Street\nThe door on King Street",
    "phone": "204-555-0142",
    "challenge": CHALLENGE,
    "topics": "Youth, Housing",
    "url": "https://portal.example/en/exchanges/EX-2026-004/",
    "objectives": ["See how a safety plan is paid for", "Meet the outreach team"],
    "windows": ["November 17–18, 2026", "December 1–3, 2026"],
    "team_size": 3,
    "due": "September 4, 2026",
    "asked": "Winnipeg",
    "asker": "Thunder Bay",
    "by": "Helen Friesen",
    "word": WORD,
    "looks_further": True,
    "count": 5,
    "missing": ["Give a telephone number for the day.", "Day 2 has no stop that both sides agreed on."],
    "weeks": 6,
    "programme": [
        "Day 1, 9:00\u00a0a.m. – 10:30\u00a0a.m.: Welcome, City Hall",
        "Day 2, 1:30\u00a0p.m. – 3:00\u00a0p.m.: Outreach van",
    ],
    "inviter": "Amina Diallo, Thunder Bay",
    "role": "Councillor",
    "person": "Joseph Kakegamic",
    "comes": "no",
    "changes": ["November 10–11, 2026 → November 17–18, 2026"],
    "urgent": False,
    "must_confirm": False,
    "lodging": "Hotel at the Forks\nBooked under “Thunder Bay”",
    "transport": "A city van meets the noon flight.",
    "lead": "Helen Friesen",
    "first_stop": "Day 1, 9:00\u00a0a.m. – 10:30\u00a0a.m.: Welcome, City Hall",
    "answered": ["Thunder Bay: 3 of 3", "Winnipeg: 0 of 2"],
}
FR: dict[str, Any] = EN | {
    "dates": "du 17 au 18\u00a0novembre\u00a02026",
    "zone": "heure locale, Winnipeg",
    "topics": "Jeunesse, Logement",
    "url": "https://portal.example/fr/echanges/EX-2026-004/",
    "windows": ["du 17 au 18\u00a0novembre\u00a02026", "du 1er au 3\u00a0décembre\u00a02026"],
    "due": "4\u00a0septembre\u00a02026",
    "missing": [
        "Indiquez un numéro de téléphone pour le jour de la visite.",
        "Le jour 2 n’a aucune étape convenue.",
    ],
    "programme": [
        "Jour 1, 9\u00a0h – 10\u00a0h\u00a030\u00a0: Welcome, City Hall",
        "Jour 2, 13\u00a0h\u00a030 – 15\u00a0h\u00a0: Outreach van",
    ],
    "changes": ["du 10 au 11\u00a0novembre\u00a02026 → du 17 au 18\u00a0novembre\u00a02026"],
    "first_stop": "Jour 1, 9\u00a0h – 10\u00a0h\u00a030\u00a0: Welcome, City Hall",
    "answered": ["Thunder Bay\u00a0: 3 sur 3", "Winnipeg\u00a0: 0 sur 2"],
}
# Where the plain case of a kind differs: mostly where `by`, or another value, is a municipality instead of a person.
OWN: dict[str, dict[str, Any]] = {
    "accepted": {"by": "Winnipeg"},
    "new_dates": {"by": "Winnipeg"},
    "declined": {"by": "Winnipeg"},
    "please_confirm": {"by": "Winnipeg"},
    "confirm_reminder": {"by": "Thunder Bay"},
    "return_proposed": {"by": "Thunder Bay", "visitors": "Winnipeg", "hosts": "Thunder Bay"},
    "invitation_reminder": {"inviter": "Thunder Bay"},
    "programme_updated": {
        "changes": {
            "en": ["New: Youth centre (3:30\u00a0p.m.)"],
            "fr": ["Étape ajoutée\u00a0: Youth centre (15\u00a0h\u00a030)"],
        }
    },
}
NO_DATES = {"dates": ""}
# The same letters in other situations: snapshots/<kind>.<variant>.<language>.txt.
VARIANTS: dict[tuple[str, str], dict[str, Any]] = {
    ("request_received", "bare"): {"topics": "", "objectives": []},
    ("request_sent", "no_host"): {"asked": "", "due": ""},
    ("host_needed", "bare"): {"topics": "", "objectives": [], "windows": []},
    ("accepted", "no_dates"): NO_DATES,
    ("new_dates", "no_word"): {"word": ""},
    ("declined", "ends"): {"word": "", "looks_further": False},
    ("plan_not_ready", "one"): {"missing": {"en": EN["missing"][:1], "fr": FR["missing"][:1]}},
    ("confirmed", "bare"): {"arrival": "", "phone": "", "programme": []},
    ("invitation", "no_dates"): {"dates": "", "role": "", "topics": ""},
    ("invitation_reminder", "no_dates"): {"dates": "", "topics": ""},
    ("member_answered", "comes"): {"comes": "yes", "word": ""},
    ("changed", "urgent"): {"urgent": True, "must_confirm": True},
    ("changed", "by_itself"): {"by": "", "word": "", "dates": "", "arrival": "", "phone": ""},
    ("postponed", "no_dates"): {"dates": "", "word": ""},
    ("cancelled", "urgent"): {"urgent": True},
    ("cancelled", "no_host"): {"hosts": "", "dates": ""},
    ("cancelled", "removed"): {"word": ""},
    ("host_changed", "bare"): {"word": "", "dates": ""},
    ("practical", "bare"): {"arrival": "", "phone": "", "lead": "", "lodging": "", "transport": ""},
    ("tomorrow", "bare"): {"arrival": "", "phone": "", "lead": "", "first_stop": ""},
    ("return_not_needed", "bare"): {"word": "", "dates": ""},
    ("reopened", "no_host"): {"hosts": "", "word": ""},
    ("draft_waits", "no_challenge"): {"challenge": ""},
}


class TestLetters(LettersOfAnApp):
    app, folder = "exchanges", Path(__file__).parent / "snapshots"
    known = {name: {"en": EN[name], "fr": FR[name]} for name in EN}
    own = OWN
    variants = VARIANTS
    in_both = ("invitation", "changed")
    people, places = ("by", "inviter", "person"), ("visitors", "hosts", "asked", "asker")
    words = ("cancelled", "word")

    def test_who_was_taken_off_a_team_gets_no_button_and_no_word_of_a_cancelled_visit(self, letter: Any) -> None:
        written = letter("cancelled", "en", word="")
        assert (
            written.subject == "[CMNCP] You are no longer expected: Thunder Bay visits Winnipeg, November 17–18, 2026"
        )
        assert 'class="act"' not in written.html
