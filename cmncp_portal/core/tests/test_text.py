"""One name for a pair of columns: the page's language first, the other one when it is empty, and which of them it was."""

import copy
import pickle
from collections.abc import Callable

import pytest
from django.utils.translation import override

from cmncp_portal.core.text import Bilingual, LanguageText, active_language, other, pick


class Thing:
    name = Bilingual()

    def __init__(self, en: str, fr: str) -> None:
        self.name_en, self.name_fr = en, fr


@pytest.mark.parametrize(
    ("language", "en", "fr", "text", "lang"),
    [
        ("en", "Youth", "Jeunes", "Youth", "en"),
        ("fr", "Youth", "Jeunes", "Jeunes", "fr"),
        ("en", "", "Jeunes", "Jeunes", "fr"),
        ("fr", "Youth", "", "Youth", "en"),
        ("en", "", "", "", "en"),
        ("fr", "", "", "", "fr"),
    ],
)
def test_the_text_of_the_page_falls_back_both_ways(language: str, en: str, fr: str, text: str, lang: str) -> None:
    with override(language):
        found = Thing(en, fr).name
    assert (found, found.lang) == (text, lang)


def test_a_given_language_is_stronger_than_that_of_the_page() -> None:
    with override("fr"):
        found = pick("Youth", "Jeunes", "en")
    assert (found, found.lang) == ("Youth", "en")


def test_the_class_gives_the_pair_itself() -> None:
    assert isinstance(Thing.name, Bilingual)
    assert Thing.name.name == "name"


def pickled(text: LanguageText) -> LanguageText:
    return pickle.loads(pickle.dumps(text))  # noqa: S301  (what a cache does)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_keeps_its_language(again: Callable[[LanguageText], LanguageText]) -> None:
    text = again(LanguageText("Jeunes", "fr"))
    assert (text, text.lang, type(text)) == ("Jeunes", "fr", LanguageText)


@pytest.mark.parametrize(
    ("code", "language"), [("en", "en"), ("fr", "fr"), ("fr-ca", "fr"), ("en-ca", "en"), ("de", "en"), (None, "en")]
)
def test_every_page_is_english_or_french(code: str | None, language: str) -> None:
    with override(code):
        assert active_language() == language


def test_the_other_of_two() -> None:
    assert [other("en"), other("fr")] == ["fr", "en"]
