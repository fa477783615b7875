"""In which state a brief and its two texts are: words, tones, since when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, DateTimeField, F, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..models import ActionBrief, BriefStateChange, Comment

S = ActionBrief.State
TONES = {
    S.IDEA: "neutral",
    S.OUTLINE: "neutral",
    S.DRAFT: "under-way",
    S.REVIEW: "under-way",
    S.EDITING: "under-way",
    S.TRANSLATION: "under-way",
    S.APPROVED: "good",
    S.SCHEDULED: "good",
    S.PUBLISHED: "good",
    S.SUPERSEDED: "neutral",
    S.WITHDRAWN: "attention",
}
TEXT_WORDS = {
    "missing": (pgettext_lazy("text", "Missing"), "neutral"),
    "draft": (pgettext_lazy("text", "Draft"), "under-way"),
    "current": (pgettext_lazy("text", "Current"), "good"),
    "out_of_date": (pgettext_lazy("text", "Out of date"), "attention"),
}
LANGUAGE_NAMES = {"en": _("English"), "fr": _("French")}


@dataclass(frozen=True)
class TextState:
    """How far the text in `language` is, in words and a tone; `readers_wait` when readers have an older text than this one."""

    language: str
    name: str
    state: str
    word: Any
    tone: str
    is_source: bool
    readers_wait: bool


def text_states(brief: ActionBrief) -> list[TextState]:
    """Return the state of both texts, English first. Reads what was prefetched."""
    found = []
    for language in ("en", "fr"):
        state, edition = brief.state_of(language), brief.by_language.get(language)
        word, tone = TEXT_WORDS[state]
        waits = edition is not None and edition.is_being_revised
        name = str(LANGUAGE_NAMES[language])
        found.append(TextState(language, name, state, word, tone, language == brief.source_language, waits))
    return found


def open_comments() -> Coalesce:
    """An annotation: how many comments on the texts of a brief nobody has answered."""
    open_ones = Comment.objects.filter(edition__brief=OuterRef("pk"), resolved_at__isnull=True).order_by()
    count = open_ones.values("edition__brief").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(count, output_field=IntegerField()), 0)


def moved_at() -> Coalesce:
    """An annotation: the instant at which a brief came into its present state."""
    into_state = BriefStateChange.objects.filter(brief=OuterRef("pk"), to_state=OuterRef("state"))
    moved = into_state.exclude(from_state=F("to_state")).order_by("-at", "-pk").values("at")[:1]
    return Coalesce(Subquery(moved), F("published_at"), F("created_at"), output_field=DateTimeField())


def days_since(instant: datetime) -> int:
    """Return the number of whole calendar days since `instant`, as the reader counts them."""
    return max((timezone.localdate() - timezone.localdate(instant)).days, 0)
