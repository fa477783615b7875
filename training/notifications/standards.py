"""The letters about standards: a consultation opens, is about to close, comments are answered, a version is adopted."""

from typing import Any

from django.utils.translation import gettext as _

from cmncp_portal.core.text import pick
from cmncp_portal.notifications.rendering import Letter, render

from ..models import Comment, CommentInvitee, StandardVersion
from .common import both, day_words, in_both, kind, url_words

# `heading` is the standard and its version; `changes` what is new, in the words of who wrote it, or nothing.
CONSULTATION_OPENED = kind("consultation_opened", "closes", "changes", "competencies")
CONSULTATION_CLOSING = kind("consultation_closing", "closes", reminder=True)
CONSULTATION_LINK = kind("consultation_link", "closes")
COMMENT_ANSWERS = kind("comment_answers", "answers", "is_adopted")
STANDARD_ADOPTED = kind("standard_adopted", "changes", "adopted", "is_first")

LONGEST_QUOTE = 400  # characters of somebody's comment, quoted in the letter that answers it


def values_of(version: StandardVersion) -> dict[str, dict[str, Any]]:
    """Return what every letter about `version` says, per language; `version` comes with its standard."""
    day = day_words(version.closes_on) if version.closes_on else both("")
    adopted = day_words(version.adopted_on) if version.adopted_on else both("")
    heading = in_both(lambda: heading_of(version))
    changes = {code: str(pick(version.changes_en, version.changes_fr, code)) for code in ("en", "fr")}
    url = url_words("version", version.standard.slug, version.number)
    return {
        code: {
            "heading": heading[code],
            "closes": day[code],
            "adopted": adopted[code],
            "changes": changes[code],
            "url": url[code],
        }
        for code in ("en", "fr")
    }


def heading_of(version: StandardVersion) -> str:
    """Return "Community safety strategies, version 2" in the active language."""
    return _("%(standard)s, version %(number)s") % {"standard": version.standard.title, "number": version.number}


def with_values(version: StandardVersion, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the values about `version`, and those of `more`, each {"en": …, "fr": …}."""
    values = values_of(version)
    return {code: values[code] | {name: value[code] for name, value in more.items()} for code in values}


def guest_urls(invitee: CommentInvitee) -> dict[str, dict[str, Any]]:
    """Return the address of a guest's own page, as the guest's own values of a letter."""
    url = url_words("guest", invitee.token)
    return {code: {"url": url[code]} for code in url}


def page_urls(version: StandardVersion, page: str) -> dict[str, dict[str, Any]]:
    """Return the address of a page about `version` (a URL name), as somebody's own values of a letter."""
    url = url_words(page, version.standard.slug, version.number)
    return {code: {"url": url[code]} for code in url}


def answer_lines(comments: list[Comment]) -> dict[str, list[dict[str, str]]]:
    """Return each of `comments` (with text and domain) as a letter tells it: about what, the words, the answer and why."""

    def lines() -> list[dict[str, str]]:
        return [
            {
                "about": f"{c.text.code} {c.text.title}" if c.text else _("The whole version"),
                "words": c.words if len(c.words) <= LONGEST_QUOTE else c.words[: LONGEST_QUOTE - 1].rstrip() + "…",
                "verdict": str(c.get_verdict_display()),
                "why": c.answer,
            }
            for c in comments
        ]

    return in_both(lines)


def preview(version: StandardVersion, *, competencies: int) -> list[tuple[str, Letter]]:
    """Return the letter that opens the consultation as it would be sent now, in English and in French."""
    somebody = {"en": "First name Last name", "fr": "Prénom Nom"}
    values = with_values(version, name=somebody, competencies=both(competencies))
    return [(code, render(CONSULTATION_OPENED, code, values)) for code in ("en", "fr")]
