"""The letters of an app word for word, in both languages, as a class that its test_letters.py fills in.

    class TestLetters(LettersOfAnApp):
        app, folder = "training", Path(__file__).parent / "snapshots"
        known = {"name": both("Luc Tremblay"), "url": URL, "title": {"en": "…", "fr": "…"}, …}
        own = {"reminder": {"due": day_words(…)}}
        variants = {("reminder", "late"): {"is_late": both(True)}}
        people, places = ("by",), ("title",)
        words = ("answered", "word")

Values are what a letter gets in each language; one that is not said per language is the same in both. The files of a kind are
<kind>.<language>.txt, of its variants <kind>.<variant>.<language>.txt. UPDATE_SNAPSHOTS=1 writes them anew.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template

from cmncp_portal.notifications.checks import check_kind
from cmncp_portal.notifications.kinds import Kind, all_kinds, kind_called
from cmncp_portal.notifications.rendering import Letter, render

from .snapshots import as_read, assert_snapshot

LANGUAGES = ("en", "fr")
GREETINGS = {"en": "Hello {name},\n", "fr": "Bonjour {name},\n"}
FRENCH_FAULTS = r"['\"]|[^\u00a0]:| [;?!%]|«[^\u00a0]|[^\u00a0]»|(?i:e-mail)"

Values = dict[str, dict[str, Any]]  # by language, then by name


def short(kind: Kind) -> str:
    """The name of a kind without its app."""
    return kind.name.partition(".")[2]


def wording_of(kind: Kind, language: str) -> str:
    """The template of a letter as it is written."""
    return get_template(kind.template(language)).template.source  # type: ignore[attr-defined,no-any-return]


def in_language(value: Any, language: str) -> Any:
    """`value` in `language`; one that is not said per language is the same in both."""
    return value[language] if isinstance(value, dict) and set(value) == set(LANGUAGES) else value


class LettersOfAnApp:
    """What is true of every letter of `app`. `values` is replaced where values come from rows and not from `known`."""

    app: str
    folder: Path  # where the snapshots are
    known: Mapping[str, Any] = {}  # values of all kinds
    own: Mapping[str, Mapping[str, Any]] = {}  # where a kind's plain case has others
    variants: Mapping[tuple[str, str], Mapping[str, Any]] = {}  # a kind in another situation: what differs there
    in_both: Sequence[str] = ()  # kinds shown as they go to who never said a language
    people: Sequence[str] = ()  # values that are the name of a person, before which French has no « de » or « que »
    places: Sequence[str] = ()  # values that are a name of something else: no « à » either
    words: tuple[str, str]  # a kind, and its value in which people write what they like

    # What the tests below are asked for each of.

    def kinds(self) -> list[Kind]:
        return [kind for kind in all_kinds() if kind.name.startswith(f"{self.app}.")]

    def kind_named(self, name: str) -> Kind:
        kind = kind_called(f"{self.app}.{name}")
        assert kind is not None
        return kind

    def situations(self) -> list[tuple[str, str]]:
        """Each kind in its plain case (variant ""), then the variants."""
        return [(short(kind), "") for kind in self.kinds()] + list(self.variants)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "kind" in metafunc.fixturenames:
            metafunc.parametrize("kind", self.kinds(), ids=short)
        if "situation" in metafunc.fixturenames:
            metafunc.parametrize("situation", self.situations(), ids=lambda pair: ".".join(filter(None, pair)))
        if "language" in metafunc.fixturenames:
            metafunc.parametrize("language", LANGUAGES)

    @pytest.fixture(autouse=True)
    def _network(self, settings: Any) -> None:
        settings.NETWORK_POSTAL_ADDRESS_EN = "1 Main Street\nOttawa ON  K1A 0A1"
        settings.NETWORK_POSTAL_ADDRESS_FR = "1, rue Main\nOttawa (Ontario)  K1A 0A1"
        settings.NETWORK_CONTACT_EMAIL = "info@network.example"

    @pytest.fixture
    def values(self) -> Callable[..., Values]:
        """values("reminder", is_late=True): the declared values of a kind and no others, per language."""

        def make(name: str, /, **other: Any) -> Values:
            return self.declared(name, {**self.known, **self.own.get(name, {}), **other})

        return make

    def declared(self, name: str, known: Mapping[str, Any]) -> Values:
        """Of the values in `known`, those that the kind `name` declares, per language."""
        variables = self.kind_named(name).variables
        return {code: {key: in_language(known[key], code) for key in variables} for code in LANGUAGES}

    @pytest.fixture
    def letter(self, values: Any) -> Callable[..., Letter]:
        """letter("reminder", "fr", is_late=True): the letter as it is sent; "both" is English, then French."""

        def write(name: str, language: str, /, **other: Any) -> Letter:
            return render(self.kind_named(name), language, values(name, **other))

        return write

    def test_there_are_letters(self) -> None:
        assert self.kinds() != []

    def test_both_wordings_use_exactly_what_the_kind_declares(self, kind: Kind) -> None:
        assert check_kind(kind) == []

    def test_the_letter_says_word_for_word(self, situation: tuple[str, str], language: str, letter: Any) -> None:
        name, variant = situation
        written = letter(name, language, **(self.variants[situation] if variant else {}))
        assert_snapshot(self.folder / f"{'.'.join(filter(None, situation))}.{language}.txt", as_read(written))

    def test_whose_language_is_not_known_reads_english_then_french(self, letter: Any) -> None:
        for name in self.in_both:
            assert_snapshot(self.folder / f"{name}.both.txt", as_read(letter(name, "both")))

    def test_no_snapshot_is_missing_or_left_over(self) -> None:
        names = [".".join(filter(None, situation)) for situation in self.situations()]
        expected = {f"{name}.{code}.txt" for name in names for code in LANGUAGES}
        assert {path.name for path in self.folder.glob("*.txt")} == expected | {
            f"{name}.both.txt" for name in self.in_both
        }

    def test_each_letter_greets_by_name_and_has_one_button(self, kind: Kind, language: str, values: Any) -> None:
        known = values(short(kind))
        letter = render(kind, language, known)
        assert letter.text.startswith(GREETINGS[language].format(name=known[language]["name"]))
        assert letter.html.count('class="act"') == 1
        assert letter.text.count(known[language]["url"]) == 1

    def test_french_fits_any_name(self, kind: Kind) -> None:
        """No « de », « à », « que » before a name: they would want « d’Ottawa », « au Bic », « qu’Ottawa »."""
        wording, anybody = wording_of(kind, "fr"), "|".join([*self.people, *self.places])
        found = re.findall(rf"\b(?:de|du|que|lorsque|puisque|si)\s+\{{\{{ (?:{anybody}) \}}\}}", wording)
        assert found + re.findall(rf"\bà\s+\{{\{{ (?:{'|'.join(self.places)}) \}}\}}", wording) == []

    def test_french_typography(self, kind: Kind) -> None:
        prose = re.sub(r"\{[%{].*?[%}]\}", "X", wording_of(kind, "fr"))
        assert re.findall(FRENCH_FAULTS, prose) == []

    def test_words_of_people_stay_words(self, letter: Any) -> None:
        name, value = self.words
        written = letter(name, "en", **{value: "=> https://evil.example/ Press here\n# Big"})
        assert written.html.count('class="act"') == 1
        assert 'href="https://evil.example/' not in written.html
        assert "\n> => https://evil.example/ Press here\n> # Big\n" in written.text
