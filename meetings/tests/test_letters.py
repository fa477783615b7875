"""The letters of meetings word for word, in both languages, compared with the files in snapshots/."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template

from cmncp_portal.notifications.checks import check_kind
from cmncp_portal.notifications.kinds import Kind, all_kinds, kind_called
from cmncp_portal.notifications.rendering import Letter, render
from cmncp_portal.testing.snapshots import as_read, assert_snapshot
from meetings.models import Meeting
from meetings.notifications import both, day_words, instant_words, letter_values, slot_words

from .factories import make_action, make_slot

SNAPSHOTS = Path(__file__).parent / "snapshots"
KINDS = [kind for kind in all_kinds() if kind.name.startswith("meetings.")]
IN_BOTH = ("invitation", "changed")
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

Values = dict[str, dict[str, Any]]


def kind_named(name: str) -> Kind:
    kind = kind_called(f"meetings.{name}")
    assert kind is not None
    return kind


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


@pytest.fixture(autouse=True)
def _network(settings: Any) -> None:
    settings.NETWORK_POSTAL_ADDRESS_EN = "1 Main Street\nOttawa ON  K1A 0A1"
    settings.NETWORK_POSTAL_ADDRESS_FR = "1, rue Main\nOttawa (Ontario)  K1A 0A1"
    settings.NETWORK_CONTACT_EMAIL = "info@network.example"


@pytest.fixture
def values(meeting: Any) -> Callable[..., Values]:
    """values("changed", {fields of the meeting}, word=both("…")): the declared values of a kind and no others, per language."""

    def make(name: str, fields: dict[str, Any] | None = None, **other: dict[str, Any]) -> Values:
        about = meeting("announced", **(FIELDS | OWN_FIELDS.get(name, {}) | (fields or {})))
        known = letter_values(about, **(_more(about) | OWN.get(name, {}) | other))
        return {
            code: {key: (known[code] | {"name": "Luc Tremblay"})[key] for key in kind_named(name).variables}
            for code in ("en", "fr")
        }

    return make


@pytest.fixture
def letter(values: Any) -> Callable[..., Letter]:
    def write(name: str, language: str, fields: dict[str, Any] | None = None, **other: dict[str, Any]) -> Letter:
        return render(kind_named(name), language, values(name, fields, **other))

    return write


def short(kind: Kind) -> str:
    return kind.name.partition(".")[2]


@pytest.mark.parametrize("kind", KINDS, ids=short)
def test_both_wordings_use_exactly_what_the_kind_declares(kind: Kind) -> None:
    assert check_kind(kind) == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS, ids=short)
def test_the_letter_says_word_for_word(kind: Kind, language: str, letter: Any) -> None:
    assert_snapshot(SNAPSHOTS / f"{short(kind)}.{language}.txt", as_read(letter(short(kind), language)))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("name", "variant"), VARIANTS, ids=[".".join(variant) for variant in VARIANTS])
def test_the_letter_in_another_situation(name: str, variant: str, language: str, letter: Any) -> None:
    fields, other = VARIANTS[name, variant]
    assert_snapshot(SNAPSHOTS / f"{name}.{variant}.{language}.txt", as_read(letter(name, language, fields, **other)))


@pytest.mark.parametrize("name", IN_BOTH)
def test_whose_language_is_not_known_reads_english_then_french(name: str, letter: Any) -> None:
    assert_snapshot(SNAPSHOTS / f"{name}.both.txt", as_read(letter(name, "both")))


def test_no_snapshot_is_missing_or_left_over() -> None:
    names = [short(kind) for kind in KINDS] + [".".join(variant) for variant in VARIANTS]
    expected = {f"{name}.{code}.txt" for name in names for code in ("en", "fr")}
    assert {path.name for path in SNAPSHOTS.glob("*.txt")} == expected | {f"{name}.both.txt" for name in IN_BOTH}


@pytest.mark.parametrize("kind", KINDS, ids=short)
def test_each_letter_greets_names_the_meeting_and_has_one_button(kind: Kind, values: Any) -> None:
    known = values(short(kind))
    for language, greeting in (("en", "Hello Luc Tremblay,\n"), ("fr", "Bonjour Luc Tremblay,\n")):
        letter = render(kind, language, known)
        assert known[language]["heading"] in letter.subject
        assert letter.text.startswith(greeting)
        assert known[language]["title"] in letter.text
        assert letter.html.count('class="act"') == 1
        assert letter.text.count(URL[language]) == 1
        for fact in {"dates", "times", "zone", "place"} & set(kind.variables):
            assert known[language][fact] in letter.text


@pytest.mark.parametrize("kind", KINDS, ids=short)
def test_no_letter_abbreviates_a_time_zone(kind: Kind, values: Any) -> None:
    known = values(short(kind))
    for language in ("en", "fr"):
        assert re.findall(r"\b(?:[PMCEAN][SD]?T|H[NA][PMCEA]|UTC|GMT)\b", render(kind, language, known).text) == []


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


@pytest.mark.parametrize("kind", KINDS, ids=short)
def test_french_fits_any_name(kind: Kind) -> None:
    """No « de », « à », « que » before a name: they would want « d’Ottawa », « au Bic », « qu’Ottawa »."""
    wording = get_template(kind.template("fr")).template.source  # type: ignore[attr-defined]
    people, places = "by|person|delegate", "title|heading|host|municipality|place|zone"
    found = re.findall(rf"\b(?:de|du|que|lorsque|puisque|si)\s+\{{\{{ (?:{people}|{places}) \}}\}}", wording)
    assert found + re.findall(rf"\bà\s+\{{\{{ (?:{places}) \}}\}}", wording) == []


@pytest.mark.parametrize("kind", KINDS, ids=short)
def test_french_typography(kind: Kind) -> None:
    wording = get_template(kind.template("fr")).template.source  # type: ignore[attr-defined]
    prose = re.sub(r"\{[%{].*?[%}]\}", "X", wording)
    assert re.findall(r"['\"]|[^\u00a0]:| [;?!%]|«[^\u00a0]|[^\u00a0]»|(?i:e-mail)", prose) == []


def test_words_of_people_stay_words(letter: Any) -> None:
    written = letter("cancelled", "en", word=both("=> https://evil.example/ Press here\n# Big"))
    assert written.html.count('class="act"') == 1
    assert 'href="https://evil.example/' not in written.html
    assert "\n> => https://evil.example/ Press here\n> # Big\n" in written.text


def test_the_link_to_take_part_is_in_the_letter_as_it_is(letter: Any) -> None:
    written = letter("join_link", "en")
    assert f": {LINK}\n" in written.text
    assert LINK in written.html
