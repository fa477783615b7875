"""Open answers of all activities to be sorted by theme: without names, and without what was written for the reviewers only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from .desk import WORDS, texts_to_code
from .models import Answer, Coding, Occasion, Question, Theme
from .occasions import is_of
from .questions import IDEAS
from .rows import as_rows, rows_with

NOT_SORTED = "not sorted"  # stands where the code of a theme would; no code has a space
_OCCASION = "response__invitation__survey__occasion"


@dataclass(frozen=True)
class Unnamed:
    """The words of an open answer, or of one idea of several (`item` from 0), without who wrote them."""

    question: Question
    answer: Answer
    item: int
    text: str
    by: Any  # the activity: all that is said of the writer
    codings: list[Coding]


def open_answers() -> QuerySet[Answer]:
    """Return the open answers that may be sorted at all: handed in, not called off, and not for the reviewers only."""
    return Answer.objects.filter(
        response__submitted_at__isnull=False,
        response__invitation__survey__cancelled_at__isnull=True,
        question__kind__in=WORDS,
        question__is_confidential=False,
    )


def with_occasion() -> QuerySet[Answer]:
    """Return `open_answers` with the occasion of each, of which the rule asks whether one may sort."""
    return open_answers().select_related(_OCCASION)


def sorted_ones() -> QuerySet[Coding]:
    """Return what open answers were sorted under, with answer and occasion."""
    return Coding.objects.filter(answer__in=open_answers()).select_related(f"answer__{_OCCASION}")


def occasion_of(answer: Answer) -> Occasion:
    """Return the occasion about which `answer` was given."""
    return answer.response.invitation.survey.occasion


def to_sort(user: Any, *, activity: str = "", theme: str = "") -> QuerySet[Answer]:
    """Return the open answers that `user` may sort, what was handed in last first; nobody sorts what their own municipality wrote.

    `theme` is the code of a theme, or NOT_SORTED for answers of which something stands under no theme yet. They come with what
    `unnamed` reads, in one query for a page.
    """
    rows = open_answers().select_related("question", "response").filter(_has_words(), ~is_of(user, _OCCASION))
    if activity:
        rows = rows.filter(**{f"{_OCCASION}__activity": activity})
    if theme == NOT_SORTED:
        rows = rows.filter(_has_words_under_no_theme())
    elif theme:
        rows = rows.filter(Exists(Coding.objects.filter(answer=OuterRef("pk"), theme__code=theme)))
    under = Coding.objects.filter(answer=OuterRef("pk")).order_by("theme__order", "pk")
    rows = rows.annotate(activity=F(f"{_OCCASION}__activity"), coding_rows=rows_with(under))
    return rows.order_by("-response__submitted_at", "-response", "question__order", "pk")


def _words_at(item: int) -> Q:
    """Whether there is an idea of this number that says something: who would act is not sorted."""
    said = {part: Q(**{f"value__{item}__{part}__regex": "."}) for part in ("what", "programme")}
    return Q(question__kind=Question.Kind.IDEAS) & (said["what"] | said["programme"])


def _has_words() -> Q:
    found = Q(question__kind=Question.Kind.TEXT)
    for item in range(IDEAS):
        found |= _words_at(item)
    return found


def _has_words_under_no_theme() -> Any:
    under = Coding.objects.filter(answer=OuterRef("pk"))
    found: Any = Q(question__kind=Question.Kind.TEXT) & ~Exists(under)
    for item in range(IDEAS):
        found |= _words_at(item) & ~Exists(under.filter(item=item))
    return found


def unnamed(answers: Iterable[Answer], themes: Iterable[Theme], theme: str = "") -> list[Unnamed]:
    """Return the texts and ideas of `answers` (from `to_sort`) with their themes, those of `theme` alone when it is given; no query."""
    known = {one.pk: one for one in themes}
    return [told for answer in answers for told in _of_answer(answer, known) if _is_wanted(told, theme)]


def _of_answer(answer: Any, themes: Mapping[int, Theme]) -> list[Unnamed]:
    codings = [one for one in as_rows(Coding, answer.coding_rows) if one.theme_id in themes]
    for coding in codings:
        coding.theme = themes[coding.theme_id]
    label = Occasion.Activity(answer.activity).label
    return [
        Unnamed(answer.question, answer, item, text, label, [one for one in codings if one.item == item])
        for item, text in enumerate(texts_to_code(answer.question, answer.value))
        if text
    ]


def _is_wanted(told: Unnamed, theme: str) -> bool:
    if theme == NOT_SORTED:
        return not told.codings
    return not theme or any(coding.theme.code == theme for coding in told.codings)
