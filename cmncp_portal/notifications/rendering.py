"""From a wording in templates/letters/ to a subject, a plain text and an HTML page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from cmncp_portal.core.markdown import to_html

from .kinds import Kind
from .wording import as_words, fill, refuse_unplain

ALWAYS_GIVEN = ("network", "acronym", "contact", "address")  # variables that every wording may use
_BETWEEN = "\n\n" + "=" * 40 + "\n\n"


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def _no_way_out(_language: str) -> str:
    return ""


def render(kind: Kind, language: str, context: dict[str, Any], way_out: Callable[[str], str] = _no_way_out) -> Letter:
    """Write the letter of `kind` in `language` ("en", "fr", or "both": English first, then French).

    `context` holds plain values, or {"en": {...}, "fr": {...}} when values differ by language.
    `way_out` gives the address of the unsubscribe page in a language, "" when there is none. Raises ValueError when a
    variable that the kind declares is missing, TypeError for a value that is not plain.
    """
    languages = ["en", "fr"] if language == "both" else [language]
    written = [_one(kind, one, _values(kind, context, one), way_out(one)) for one in languages]
    acronym = " / ".join(_footer(one)["acronym"] for one in languages)
    subject = f"[{acronym}] " + " / ".join(part[0] for part in written)
    sections = [part[2] for part in written]
    page = {"subject": subject, "language": languages[0], "sections": sections}
    return Letter(
        subject[:300], _BETWEEN.join(part[1] for part in written) + "\n", render_to_string("layouts/letter.html", page)
    )


def _one(kind: Kind, language: str, values: dict[str, Any], unsubscribe_url: str) -> tuple[str, str, dict[str, Any]]:
    """Return subject, plain text, and what the HTML layout shows, of the letter in one language."""
    with translation.override(language):
        plain = fill(kind.template(language), values, rich=False)
        rich = fill(kind.template(language), values, rich=True)
        foot = {**_footer(language), "language": language, "why": plain.why, "unsubscribe_url": unsubscribe_url}
        button = f"{plain.label}{_colon(language)}\n{plain.url}" if plain.url else ""
        body = "\n\n".join(part for part in (plain.before, button, plain.after) if part)
        text = f"{body}\n\n-- \n{render_to_string('layouts/letter_foot.txt', foot).strip()}"
        shown = {"before": to_html(rich.before), "after": to_html(rich.after), "url": plain.url, "label": plain.label}
    return plain.subject, text, {**foot, **shown}


def _values(kind: Kind, context: dict[str, Any], language: str) -> dict[str, Any]:
    own = context[language] if set(context) == {"en", "fr"} else context
    missing = set(kind.variables) - set(own)
    if missing:
        raise ValueError(f"{kind.name} is sent without {', '.join(sorted(missing))}")
    for name, value in own.items():
        refuse_unplain(name, value)
    return {**own, **_footer(language)}


def _footer(language: str) -> dict[str, str]:
    upper = language.upper()
    return {
        "network": getattr(settings, f"NETWORK_NAME_{upper}"),
        "acronym": getattr(settings, f"NETWORK_ACRONYM_{upper}"),
        "contact": settings.NETWORK_CONTACT_EMAIL,
        "address": getattr(settings, f"NETWORK_POSTAL_ADDRESS_{upper}"),
    }


def _colon(language: str) -> str:
    return "\u00a0:" if language == "fr" else ":"


def in_header(text: str, longest: int) -> str:
    """Return `text` fit for a mail header: one line, nothing hidden, at most `longest` characters."""
    return as_words(text).replace("\n", " ")[:longest]
