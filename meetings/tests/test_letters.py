"""The letters of meetings word for word, in both languages, compared with the files in snapshots/."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.rendering import render
from cmncp_portal.testing.letters import LettersOfAnApp, Values, short
from meetings.models import Meeting
from meetings.notifications import both, day_words, instant_words, letter_values, slot_words

from .factories import make_action, make_slot

WORD = "The hall floods in spring.\nWe found a drier one."
LINK = "https://video.example/j/4711?pwd=a_b"
URL = {
    "en": "https://portal.example/en/meetings/place/9-kQ/",
    "fr": "https://portal.example/fr/rencontres/place/9-kQ/",
}

FIELDS: dict[str, Any] = {
    "capacity": 60,
    "registration_closes_on": date(2027, 3, 31),
    "poll_closes_on": date(2027, 3, 1),
    "local_en": "From the airport: bus 15, half an hour.\nParking: King Street, free after 6:00\u00a0p.m.",
    "local_fr": "De l’aéroport\u00a0: autobus 15, une demi-heure.\nStationnement\u00a0: King Street, gratuit après 18\u00a0h.",
    "local_contact": "Henry Okemaw, 204-555-0142",
    "captions": "yes",
}
VIRTUAL = {"mode": "virtual", "venue": "", "address": "", "join_link": LINK}
HYBRID = {"mode": "hybrid", "join_link": LINK}
ONLINE = {"is_online": both(True)}
BY_COLLEAGUE = {"by": both("Amina Diallo")}
MISSING = {
    "en": ["Local information in both languages.", "The name and telephone of somebody on site."],
    "fr": [
        "Les renseignements pratiques dans les deux langues.",
        "Le nom et le téléphone de la personne sur place.",
    ],
}
# The same letters in other situations, snapshots/<kind>.<variant>.<language>.txt: fields of the meeting, then values.
VARIANTS: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {
    ("dates_asked", "bare"): ({"host": None, "summary_en": "", "summary_fr": ""}, {}),
    ("date_fixed", "no_place"): ({"host": None, "venue": "", "address": ""}, {}),
    ("invitation", "bare"): (
        VIRTUAL | {"host": None, "capacity": None, "registration_closes_on": None, "interpretation": False},
        {},
    ),
    ("invitation_reminder", "no_end"): ({"registration_closes_on": None}, {}),
    ("place_requested", "by_colleague"): ({}, BY_COLLEAGUE),
    ("place_confirmed", "by_colleague"): ({"local_en": "", "local_fr": ""}, BY_COLLEAGUE),
    ("place_confirmed", "online"): (VIRTUAL, ONLINE),
    ("place_confirmed", "hybrid_online"): (HYBRID, ONLINE),
    ("place_waiting", "by_colleague"): ({}, BY_COLLEAGUE),
    ("place_cancelled", "by_organiser"): ({}, {"by": both("Priya Nair"), "word": both(WORD)}),
    ("off_waiting_list", "online"): (VIRTUAL, ONLINE),
    ("changed", "urgent"): ({}, {"urgent": both(True), "word": both("")}),
    ("changed", "by_nobody"): ({}, {"by": both(""), "word": both("")}),
    ("postponed", "by_nobody"): ({}, {"by": both(""), "word": both("")}),
    ("cancelled", "urgent"): (HYBRID, {"urgent": both(True)}),
    ("cancelled", "no_date"): ({"starts_on": None, "ends_on": None, "state": "polling"}, {}),
    ("host_check", "one"): ({}, {"missing": {code: MISSING[code][:1] for code in MISSING}, "waiting": both(0)}),
    ("host_check", "ready"): ({}, {"missing": both([])}),
    ("delegate", "nobody"): ({}, {"delegate": both("")}),
    ("practical", "online"): (HYBRID, ONLINE),
    ("practical", "bare"): ({"local_en": "", "local_fr": "", "local_contact": ""}, {}),
    ("join_link", "no_captions"): (VIRTUAL | {"captions": ""}, {}),
    ("notes_published", "bare"): ({}, {"decisions": both([]), "actions": both([])}),
    ("action_due", "late"): ({}, {"is_late": both(True)}),
}
OWN_FIELDS = {"join_link": VIRTUAL}


def _more(meeting: Meeting) -> dict[str, dict[str, Any]]:
    """What single kinds get beside the facts about the meeting."""
    action = make_action(meeting)
    slots = [make_slot(meeting), make_slot(meeting, date(2027, 4, 21), last_day=date(2027, 4, 22))]
    return {
        "url": URL,
        # Words of the catalogue, fixed here: what is read is the wording around them.
        "kind": {"en": "Regional meeting", "fr": "Rencontre régionale"},
        "captions": {"en": "Live captions", "fr": "Sous-titrage en direct"} if meeting.captions else both(""),
        "slots": slot_words(slots),
        "due": day_words(action.due_on),
        "by": both(""),
        "is_online": both(False),
        "position": both(3),
        "word": both(""),
        "until": instant_words(datetime(2027, 2, 3, 16, 0, tzinfo=UTC), meeting),
        "person": both("Joseph Kakegamic"),
        "changes": {
            "en": ["Dates: April 7–8, 2027 → April 14–15, 2027", "Place: Union Hall → City Hall, Council Building"],
            "fr": [
                "Dates\u00a0: du 7 au 8\u00a0avril\u00a02027 → du 14 au 15\u00a0avril\u00a02027",
                "Lieu\u00a0: Union Hall → City Hall, Council Building",
            ],
        },
        "urgent": both(False),
        "missing": MISSING,
        "registered": both(42),
        "waiting": both(3),
        "municipality": both("Thunder Bay"),
        "delegate": both("Amina Diallo"),
        "begins": instant_words(meeting.begins, meeting) if meeting.begins else both(""),
        "join_link": both(LINK),
        "decisions": {
            "en": ["The network writes to the Minister of Public Safety.", "The next meeting is in Regina."],
            "fr": [
                "Le réseau écrit au ministre de la Sécurité publique.",
                "La prochaine rencontre aura lieu à Regina.",
            ],
        },
        "actions": {
            "en": ["Share the evaluation plan (Helen Campbell, by May 14, 2027)"],
            "fr": ["Partager le plan d’évaluation (Helen Campbell, d’ici le 14\u00a0mai\u00a02027)"],
        },
        "action": {"en": action.text_en, "fr": action.text_fr},
        "is_late": both(False),
    }


# Where the plain case of a kind differs from that of the others.
OWN: dict[str, dict[str, Any]] = {
    "dates_asked": {"due": day_words(date(2027, 3, 1))},
    "dates_reminder": {"due": day_words(date(2027, 3, 1))},
    "place_declined": {"word": both("The room holds speakers and their guests only.")},
    "action_returned": {"word": both("Our new planner, Joseph Kakegamic, does this from now on.")},
    "changed": {"by": both("Priya Nair"), "word": both(WORD)},
    "postponed": {"by": both("Priya Nair"), "word": both(WORD)},
    "cancelled": {"by": both("Priya Nair"), "word": both(WORD)},
}


class TestLetters(LettersOfAnApp):
    app, folder = "meetings", Path(__file__).parent / "snapshots"
    variants = {key: {"fields": fields} | other for key, (fields, other) in VARIANTS.items()}
    in_both = ("invitation", "changed")
    people, places = ("by", "person", "delegate"), ("title", "heading", "host", "municipality", "place", "zone")
    words = ("cancelled", "word")

    @pytest.fixture
    def values(self, meeting: Any) -> Callable[..., Values]:
        """values("changed", fields={of the meeting}, word="…"): the declared values of a kind and no others, per language."""

        def make(name: str, /, fields: dict[str, Any] | None = None, **other: Any) -> Values:
            about = meeting("announced", **(FIELDS | OWN_FIELDS.get(name, {}) | (fields or {})))
            facts = letter_values(about)
            known = {fact: {code: facts[code][fact] for code in facts} for fact in facts["en"]}
            luc = {"name": "Luc Tremblay"}
            return self.declared(name, known | luc | _more(about) | OWN.get(name, {}) | other)

        return make

    def test_each_letter_names_the_meeting(self, kind: Kind, language: str, values: Any) -> None:
        both_languages = values(short(kind))
        known, letter = both_languages[language], render(kind, language, both_languages)
        assert known["heading"] in letter.subject
        assert known["title"] in letter.text
        for fact in {"dates", "times", "zone", "place"} & set(kind.variables):
            assert known[fact] in letter.text

    def test_no_letter_abbreviates_a_time_zone(self, kind: Kind, language: str, letter: Any) -> None:
        written = letter(short(kind), language)
        assert re.findall(r"\b(?:[PMCEAN][SD]?T|H[NA][PMCEA]|UTC|GMT)\b", written.text) == []

    def test_the_link_to_take_part_is_in_the_letter_as_it_is(self, letter: Any) -> None:
        written = letter("join_link", "en")
        assert f": {LINK}\n" in written.text
        assert LINK in written.html


@pytest.mark.parametrize(
    ("fields", "en", "fr"),
    [
        ({}, "Safer Prairies, Winnipeg", "Des Prairies plus sûres, Winnipeg"),
        (VIRTUAL, "Safer Prairies, online", "Des Prairies plus sûres, en ligne"),
        (HYBRID, "Safer Prairies, Winnipeg and online", "Des Prairies plus sûres, Winnipeg et en ligne"),
        ({"host": None}, "Safer Prairies, City Hall, Council Building", "Des Prairies plus sûres, City Hall, Council Building"),
        ({"host": None, "venue": "", "address": ""}, "Safer Prairies", "Des Prairies plus sûres"),
    ],
    ids=["in person", "virtual", "hybrid", "no host", "no place"],
)  # fmt: skip
def test_a_subject_says_what_and_where(fields: dict[str, Any], en: str, fr: str, meeting: Any) -> None:
    known = letter_values(meeting("announced", **fields))
    assert (known["en"]["heading"], known["fr"]["heading"]) == (en, fr)
