"""Values of letters in both languages: a letter is written in its reader's, whoever causes it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.screens import absolute


def both(value: Any) -> dict[str, Any]:
    """Return the same value for both languages: people's own words, names, numbers."""
    return {"en": value, "fr": value}


def in_both(make: Callable[[], Any]) -> dict[str, Any]:
    """Return what `make` gives in each language."""
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = make()
    return found


def day_words(day: date | None) -> dict[str, str]:
    """Return `day` in words, per language; nothing for no day."""
    return {language: day_in_words(day, language) if day else "" for language in ("en", "fr")}


def url_words(name: str, *args: Any) -> dict[str, str]:
    """Return the full address of the page with the URL name `name` ("training:place"), per language."""
    return in_both(lambda: absolute(reverse(name, args=args)))
