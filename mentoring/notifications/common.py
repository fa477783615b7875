"""What the letters of mentoring share."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

# Every letter of mentoring uses these. `heading` says what it is about, for the subject.
COMMON = ("name", "heading", "url")


def kind(name: str, *more: str, reminder: bool = False) -> Kind:
    """Return the kind `mentoring.<name>` that uses the common names and `more`; reminders can be switched off."""
    return Kind(f"mentoring.{name}", Category.MENTORING, (*COMMON, *more), essential=not reminder, is_reminder=reminder)


def both(value: Any) -> dict[str, Any]:
    """Return the same value for both languages: people's own words, names, numbers."""
    return {"en": value, "fr": value}


def day_words(day: date) -> dict[str, str]:
    """Return `day` in words, per language."""
    return {language: day_in_words(day, language) for language in ("en", "fr")}


def in_both(make: Callable[[], Any]) -> dict[str, Any]:
    """Return what `make` gives in each language."""
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = make()
    return found


def url_words(name: str, *args: Any) -> dict[str, str]:
    """Return the full address of the page `name` of mentoring, per language."""
    return in_both(lambda: absolute(reverse(f"mentoring:{name}", args=args)))
