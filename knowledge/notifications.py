"""The letters of knowledge, and the values that all of them may use. The wording lies in templates/letters/knowledge/."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.screens import absolute
from cmncp_portal.notifications.bilingual import both as both
from cmncp_portal.notifications.bilingual import day_words as day_words
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Category

from .models import ActionBrief, BriefRequest, Review, Use

# `name` may be empty in letters to readers, who have no account. `url` is where the one button leads.
COMMON = ("name", "url")


def _kind(name: str, *more: str, reminder: bool = False, announcement: bool = False) -> Kind:
    return Kind(
        f"knowledge.{name}",
        Category.KNOWLEDGE,
        (*COMMON, *more),
        essential=not (reminder or announcement),
        is_reminder=reminder,
        is_announcement=announcement,
    )


# --- requests for briefs: `url` is the page of the request; `state` from state_words, `due` from day_words
BRIEF_REQUESTED = _kind("brief_requested", "subject", "why", "by", "municipality")
REQUEST_ANSWERED = _kind("request_answered", "subject", "state", "reply", "due")
# --- the desk: `url` is the page where one does what the letter asks for. `verdict` from verdict_words, `comments` a number,
# `language` from language_words: the language whose text is missing or behind; `due` from day_words
REVIEW_ASKED = _kind("review_asked", "title", "by", "due")
REVIEW_REMINDER = _kind("review_reminder", "title", "due", "is_late", reminder=True)
REVIEW_ANSWERED = _kind("review_answered", "title", "by", "verdict", "note", "comments")
TRANSLATION_NEEDED = _kind("translation_needed", "title", "language", "is_outdated")
EXAMPLE_AGREEMENT = _kind("example_agreement", "title", "municipality", "example", "by")
REVIEW_DUE = _kind("review_due", "title", "due", "days", reminder=True)
EXCEPTION_DUE = _kind("exception_due", "title", "language", "due", "is_late", reminder=True)
# --- readers: `url` is the page of the brief or practice, for the team the page where it answers. `state` from use_words;
# `by` is a name, or the address of who gave none; `reference` is such as 1.3, or empty
BRIEF_PUBLISHED = _kind("brief_published", "title", "summary", "reference", announcement=True)
BRIEF_WITHDRAWN = _kind("brief_withdrawn", "title", "why", "municipality")
BRIEF_USED = _kind("brief_used", "title", "municipality", "state", "note", "by")
SUBSCRIPTION_CONFIRM = _kind("subscription_confirm", "wording")
FORMAT_REQUESTED = _kind("format_requested", "title", "wanted", "by", "due")
FORMAT_RECEIVED = _kind("format_received", "title", "due")
FORMAT_ANSWERED = _kind("format_answered", "title", "answer")
CONCERN_REPORTED = _kind("concern_reported", "title", "text", "by")
CONCERN_ANSWERED = _kind("concern_answered", "title", "text", "answer")


def titles(brief: ActionBrief) -> dict[str, str]:
    """Return the brief's title per language, the other language's while one is missing."""
    found = {}
    for code in ("en", "fr"):
        edition = brief.edition(code)
        found[code] = edition.title if edition else ""
    return found


def address(name: str, *args: Any) -> dict[str, str]:
    """Return the full address of the page with the URL name knowledge:`name`, per language."""
    found = {}
    for code in ("en", "fr"):
        with translation.override(code):
            found[code] = absolute(reverse(f"knowledge:{name}", args=args))
    return found


# ---- what lies in the data as a code, in the words of the letters

_STATES = {
    BriefRequest.State.OPEN: {
        "en": "We received your request for a brief",
        "fr": "Nous avons reçu votre demande de piste d’action",
    },
    BriefRequest.State.PASSED_ON: {
        "en": "Your request for a brief is with the University of Ottawa team",
        "fr": "Votre demande de piste d’action est entre les mains de l’équipe de l’Université d’Ottawa",
    },
    BriefRequest.State.ACCEPTED: {
        "en": "The brief that you asked for will be written",
        "fr": "La piste d’action que vous avez demandée sera rédigée",
    },
    BriefRequest.State.DECLINED: {
        "en": "The brief that you asked for will not be written",
        "fr": "La piste d’action que vous avez demandée ne sera pas rédigée",
    },
    BriefRequest.State.DONE: {
        "en": "The brief that you asked for is published",
        "fr": "La piste d’action que vous avez demandée est publiée",
    },
}
_VERDICTS = {
    Review.Verdict.WAITING: both(""),
    Review.Verdict.FINE: {"en": "it is ready to go on", "fr": "le texte peut aller de l’avant"},
    Review.Verdict.CHANGES: {"en": "it needs changes", "fr": "le texte demande des changements"},
}
_LANGUAGES = {
    "en": {"en": "English", "fr": "anglais"},
    "fr": {"en": "French", "fr": "français"},
}
_USES = {
    Use.State.DOING: {"en": "is putting a brief to work", "fr": "met une piste d’action en œuvre"},
    Use.State.DONE: {"en": "has put a brief to work", "fr": "a mis une piste d’action en œuvre"},
}


def state_words(request: BriefRequest) -> dict[str, str]:
    """Return what became of `request` as a sentence without its full stop, per language, for `request_answered`."""
    return dict(_STATES[BriefRequest.State(request.state)])


def verdict_words(review: Review) -> dict[str, str]:
    """Return the verdict as the clause after a colon ("it needs changes"), per language, for `review_answered`.

    Empty while the review is not answered.
    """
    return dict(_VERDICTS[Review.Verdict(review.verdict)])


def language_words(code: str) -> dict[str, str]:
    """Return the language `code` ("en" or "fr") as it stands before "text" or after « texte », per language of the reader."""
    return dict(_LANGUAGES[code])


def use_words(use: Use) -> dict[str, str]:
    """Return what the municipality does, as it follows its name ("has put a brief to work"), per language, for `brief_used`."""
    return dict(_USES[Use.State(use.state)])
