"""English and French as equals: every string, every letter, every label."""

import re
from importlib.util import find_spec
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation import gettext, override

from cmncp_portal import messages_tool

BASE_DIR: Path = settings.BASE_DIR
LETTERS = BASE_DIR / "templates" / "letters"
VARIABLE = re.compile(r"{{\s*([\w.]+)|{%\s*(?:if|elif|for \w+ in)\s+([\w.]+)")
PLAIN_SPACE = re.compile(r"(?<=\w) [?!;:»](?!\w)|« ")


def catalogues() -> list[Path]:
    paths = [
        messages_tool.HAND_KEPT,
        *(messages_tool.catalogue_path(package) for package in messages_tool.apps().values()),
    ]
    return [path for path in paths if path.exists()]


def test_every_string_has_its_french() -> None:
    assert messages_tool.problems() == []


def test_compiled_catalogues_are_not_older_than_their_words() -> None:
    assert [str(path) for path in catalogues() if not _compiled(path)] == []


def _compiled(path: Path) -> bool:
    """Whether the .mo beside a catalogue exists and says the same; scripts/test makes it so."""
    if not path.with_suffix(".mo").exists():
        return False
    written, compiled = polib.pofile(str(path)), polib.mofile(str(path.with_suffix(".mo")))
    words = {(entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in written}
    return words == {(entry.msgctxt, entry.msgid): (entry.msgstr, entry.msgstr_plural) for entry in compiled}


def french_texts() -> list[tuple[str, str]]:
    found = []
    for path in catalogues():
        for entry in polib.pofile(str(path)):
            texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
            found += [(str(path.relative_to(BASE_DIR)), text) for text in texts]
    found += [
        (str(path.relative_to(BASE_DIR)), path.read_text(encoding="utf-8")) for path in sorted(LETTERS.rglob("*.fr.md"))
    ]
    return found


def test_canada_says_courriel() -> None:
    assert [
        (place, text)
        for place, text in french_texts()
        if re.search(r"\be-?mails?\b(?!\))", _prose(text), re.IGNORECASE)
    ] == []


def test_french_marks_stand_behind_a_space_that_does_not_break() -> None:
    assert [
        (place, PLAIN_SPACE.findall(text)) for place, text in french_texts() if PLAIN_SPACE.search(_prose(text))
    ] == []


def _prose(text: str) -> str:
    """The text without template tags, links and code, where a space is only a space; a word stands for each value."""
    text = re.sub(r"{{.*?}}|%\(\w+\)s|{\w+}", "x", text)
    return re.sub(r"{%.*?%}|<[^>]+>|https?://\S+|\S+@\S+|`[^`]*`", "", text)


def test_our_words_replace_those_of_the_sign_in_package() -> None:
    spec = find_spec("allauth")
    assert spec
    assert spec.origin
    theirs = polib.pofile(str(Path(spec.origin).parent / "locale" / "fr" / "LC_MESSAGES" / "django.po"))
    ours = {entry.msgid for entry in polib.pofile(str(messages_tool.HAND_KEPT))}
    speaks_of_mail = {
        entry.msgid for entry in theirs if not entry.obsolete and re.search(r"\be-?mail\b", entry.msgstr, re.IGNORECASE)
    }
    lists_of_scopes = {
        msgid for msgid in speaks_of_mail if "openid(ENTER)" in msgid
    }  # a name of the protocol, not the word
    assert sorted(speaks_of_mail - ours - lists_of_scopes) == []
    with override("fr"):
        assert gettext("Email address") == "Adresse de courriel"


# ---- letters ------------------------------------------------------------------------------------


def letter_names() -> list[str]:
    return sorted({re.sub(r"\.(en|fr)\.md$", "", str(path.relative_to(LETTERS))) for path in LETTERS.rglob("*.md")})


def test_every_letter_exists_in_both_languages() -> None:
    assert [
        name for name in letter_names() if not all((LETTERS / f"{name}.{code}.md").exists() for code in ("en", "fr"))
    ] == []


@pytest.mark.parametrize("name", letter_names())
def test_both_languages_of_a_letter_say_the_same_things(name: str) -> None:
    english, french = (
        {
            first or second
            for first, second in VARIABLE.findall((LETTERS / f"{name}.{code}.md").read_text(encoding="utf-8"))
        }
        for code in ("en", "fr")
    )
    assert _without_language(english) == _without_language(french)


def _without_language(names: set[str]) -> set[str]:
    return {re.sub(r"_(en|fr)\b", "", name) for name in names}


# ---- the tool itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        (polib.POEntry(msgid="Host", msgstr="Hôte"), []),
        (polib.POEntry(msgid="Host", msgstr=" "), ["without French: 'Host'"]),
        (polib.POEntry(msgid="Host", msgstr="Hôte", flags=["fuzzy"]), ["doubtful: 'Host'"]),
        (polib.POEntry(msgid="%(n)s stops", msgstr="étapes"), ["placeholders differ: '%(n)s stops'"]),
        (polib.POEntry(msgid="{name} is here", msgstr="{nom} est ici"), ["placeholders differ: '{name} is here'"]),
        (
            polib.POEntry(
                msgid="One stop", msgid_plural="%(n)s stops", msgstr_plural={0: "Une étape", 1: "%(n)s étapes"}
            ),
            [],
        ),
        (
            polib.POEntry(msgid="One stop", msgid_plural="%(n)s stops", msgstr_plural={0: "Une étape", 1: ""}),
            ["without French: 'One stop'"],
        ),
    ],
)
def test_what_the_tool_finds(entry: polib.POEntry, faults: list[str]) -> None:
    assert list(messages_tool.faults(entry)) == faults


def test_strings_of_a_template_and_of_a_module(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        '{% translate "Host" %}{% blocktranslate count n=n %}One stop{% plural %}{{ n }} stops{% endblocktranslate %}'
    )
    module = tmp_path / "words.py"
    module.write_text('_("Guest")\n_t("Team")\npgettext("verb", "Host")\n')
    assert [(key, plural) for key, plural, _, _ in messages_tool.strings_of(page)] == [
        ((None, "Host"), None),
        ((None, "One stop"), "%(n)s stops"),
    ]
    assert [(key, plural) for key, plural, _, _ in messages_tool.strings_of(module)] == [
        ((None, "Guest"), None),
        ((None, "Team"), None),
        (("verb", "Host"), None),
    ]


def test_a_line_of_a_template_may_begin_with_a_string_after_spaces(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<ul>\n    {% translate "Host" %}\n  <li>\n        {% translate "Guest" %}</li>\n</ul>\n')
    assert [(key, line) for key, _, line, _ in messages_tool.strings_of(page)] == [
        ((None, "Host"), 2),
        ((None, "Guest"), 4),
    ]


def test_two_apps_with_other_french_for_the_same_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packages = {name: tmp_path / name for name in ("first", "second")}
    for name, french in (("first", "Hôte"), ("second", "Municipalité hôte")):
        path = messages_tool.catalogue_path(packages[name])
        path.parent.mkdir(parents=True)
        catalogue = polib.POFile()
        catalogue.append(polib.POEntry(msgid="Host", msgstr=french))
        catalogue.append(polib.POEntry(msgid="Guest", msgstr="Équipe en visite"))
        catalogue.save(str(path))
        (packages[name] / "words.py").write_text('_("Host")\n_("Guest")\n')
    monkeypatch.setattr(messages_tool, "apps", lambda: packages)
    monkeypatch.setattr(messages_tool, "BASE_DIR", tmp_path)
    monkeypatch.setattr(messages_tool, "HAND_KEPT", tmp_path / "kept.po")
    there = Path("locale", "fr", "LC_MESSAGES", "django.po")
    assert messages_tool.problems() == [f"second/{there}: other French than in first/{there}: 'Host'"]
