"""The letters of exchanges word for word, in both languages, compared with the files in snapshots/."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template

from cmncp_portal.notifications.checks import check_kind
from cmncp_portal.notifications.kinds import Kind, all_kinds, kind_called
from cmncp_portal.notifications.rendering import render
from cmncp_portal.testing.snapshots import as_read, assert_snapshot

SNAPSHOTS = Path(__file__).parent / "snapshots"
KINDS = [kind for kind in all_kinds() if kind.name.startswith("exchanges.")]
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
# Where `by`, or another value, is a municipality instead of a person.
PLACES: dict[str, dict[str, Any]] = {
    "accepted": {"by": "Winnipeg"},
    "new_dates": {"by": "Winnipeg"},
    "declined": {"by": "Winnipeg"},
    "please_confirm": {"by": "Winnipeg"},
    "confirm_reminder": {"by": "Thunder Bay"},
    "return_proposed": {"by": "Thunder Bay", "visitors": "Winnipeg", "hosts": "Thunder Bay"},
    "invitation_reminder": {"inviter": "Thunder Bay"},
}
OWN: dict[str, dict[str, dict[str, Any]]] = {
    "programme_updated": {
        "en": {"changes": ["New: Youth centre (3:30\u00a0p.m.)"]},
        "fr": {"changes": ["Étape ajoutée\u00a0: Youth centre (15\u00a0h\u00a030)"]},
    },
}
NO_DATES = {"dates": ""}
# The same letters in other situations: snapshots/<kind>.<variant>.<language>.txt. Values per language where they differ.
VARIANTS: dict[tuple[str, str], dict[str, Any]] = {
    ("request_received", "bare"): {"topics": "", "objectives": []},
    ("request_sent", "no_host"): {"asked": "", "due": ""},
    ("host_needed", "bare"): {"topics": "", "objectives": [], "windows": []},
    ("accepted", "no_dates"): NO_DATES,
    ("new_dates", "no_word"): {"word": ""},
    ("declined", "ends"): {"word": "", "looks_further": False},
    ("plan_not_ready", "one"): {"en": {"missing": EN["missing"][:1]}, "fr": {"missing": FR["missing"][:1]}},
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


def kind_named(name: str) -> Kind:
    kind = kind_called(f"exchanges.{name}")
    assert kind is not None
    return kind


def values(name: str, **other: Any) -> dict[str, dict[str, Any]]:
    """Return the declared values of the kind `name`, and no others, per language."""
    return {
        code: {
            key: (base | PLACES.get(name, {}) | OWN.get(name, {}).get(code, {}) | other)[key]
            for key in kind_named(name).variables
        }
        for code, base in (("en", EN), ("fr", FR))
    }


@pytest.fixture(autouse=True)
def _network(settings: Any) -> None:
    settings.NETWORK_POSTAL_ADDRESS_EN = "1 Main Street\nOttawa ON  K1A 0A1"
    settings.NETWORK_POSTAL_ADDRESS_FR = "1, rue Main\nOttawa (Ontario)  K1A 0A1"
    settings.NETWORK_CONTACT_EMAIL = "info@network.example"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_both_wordings_use_exactly_what_the_kind_declares(kind: Kind) -> None:
    assert check_kind(kind) == []


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_letter_says_word_for_word(kind: Kind, language: str) -> None:
    name = kind.name.partition(".")[2]
    letter = render(kind, language, values(name))
    assert_snapshot(SNAPSHOTS / f"{name}.{language}.txt", as_read(letter))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("name", "variant"), VARIANTS, ids=".".join)
def test_the_letter_in_another_situation(name: str, variant: str, language: str) -> None:
    other = VARIANTS[name, variant]
    letter = render(kind_named(name), language, values(name, **other.get(language, other)))
    assert_snapshot(SNAPSHOTS / f"{name}.{variant}.{language}.txt", as_read(letter))


@pytest.mark.parametrize("name", ["invitation", "changed"])
def test_whose_language_is_not_known_reads_english_then_french(name: str) -> None:
    letter = render(kind_named(name), "both", values(name))
    assert_snapshot(SNAPSHOTS / f"{name}.both.txt", as_read(letter))


def test_no_snapshot_is_left_over() -> None:
    expected = {f"{kind.name.partition('.')[2]}.{code}.txt" for kind in KINDS for code in ("en", "fr")}
    expected |= {f"{name}.{variant}.{code}.txt" for name, variant in VARIANTS for code in ("en", "fr")}
    assert {path.name for path in SNAPSHOTS.glob("*.txt")} == expected | {"invitation.both.txt", "changed.both.txt"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_letter_greets_asks_and_has_one_button(kind: Kind) -> None:
    name = kind.name.partition(".")[2]
    for language, greeting in (("en", "Hello Amina Diallo,\n"), ("fr", "Bonjour Amina Diallo,\n")):
        letter = render(kind, language, values(name))
        assert letter.text.startswith(greeting)
        assert letter.html.count('class="act"') == 1
        assert letter.text.count(values(name)[language]["url"]) == 1


def test_who_was_taken_off_a_team_gets_no_button_and_no_word_of_a_cancelled_visit() -> None:
    letter = render(kind_named("cancelled"), "en", values("cancelled", word=""))
    assert letter.subject == "[CMNCP] You are no longer expected: Thunder Bay visits Winnipeg, November 17–18, 2026"
    assert 'class="act"' not in letter.html


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_french_fits_any_name(kind: Kind) -> None:
    """No « de », « à », « que » before a name: they would want « d’Ottawa », « au Bic », « qu’Ottawa »."""
    wording = get_template(kind.template("fr")).template.source  # type: ignore[attr-defined]
    anybody = r"\b(?:de|du|que|lorsque|puisque)\s+\{\{ (?:visitors|hosts|by|asked|asker|inviter|person) \}\}"
    a_place = r"\bà\s+\{\{ (?:visitors|hosts|asked|asker) \}\}"
    if found := re.search(f"{anybody}|{a_place}", wording):
        pytest.fail(found.group())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_french_typography(kind: Kind) -> None:
    wording = get_template(kind.template("fr")).template.source  # type: ignore[attr-defined]
    prose = re.sub(r"\{[%{].*?[%}]\}", "X", wording)
    assert re.findall(r"['\"]|[^\u00a0]:| [;?!%]|«[^\u00a0]|[^\u00a0]»|(?i:e-mail)", prose) == []


def test_words_of_people_stay_words() -> None:
    letter = render(
        kind_named("cancelled"), "en", values("cancelled", word="=> https://evil.example/ Press here\n# Big")
    )
    assert letter.html.count('class="act"') == 1
    assert 'href="https://evil.example/' not in letter.html
    assert "\n> => https://evil.example/ Press here\n> # Big\n" in letter.text
