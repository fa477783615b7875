"""Two official languages as a pair of columns, read through one name."""

from typing import Any

from django.utils.translation import get_language

LANGUAGES = ("en", "fr")


class LanguageText(str):
    """A text that knows its language, so that a page can mark a fallback with `lang` (WCAG 3.1.2)."""

    lang: str

    def __new__(cls, text: str, lang: str) -> "LanguageText":
        made = super().__new__(cls, text)
        made.lang = lang
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # copies and caches keep the language
        return str(self), self.lang


def active_language() -> str:
    """Return "en" or "fr": the language in which the present page or letter is written."""
    return "fr" if (get_language() or "en").startswith("fr") else "en"


def other(language: str) -> str:
    """Return the other official language."""
    return "en" if language == "fr" else "fr"


def pick(en: str, fr: str, language: str | None = None) -> LanguageText:
    """Choose the text of `language` (the active one unless given), falling back to the other when it is empty.

    When both are empty the result is the empty text of the wanted language.
    """
    wanted = language or active_language()
    texts = {"en": en, "fr": fr}
    found = wanted if texts[wanted] or not texts[other(wanted)] else other(wanted)
    return LanguageText(texts[found], found)


class Bilingual:
    """`name = Bilingual()` reads `name_en` or `name_fr` after the active language and falls back both ways."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return pick(getattr(instance, f"{self.name}_en"), getattr(instance, f"{self.name}_fr"))
