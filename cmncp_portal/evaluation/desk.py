"""What reviewers read: which evaluations wait, one of them with both sides beside each other, who has not answered."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import pgettext

from . import selectors
from .codebook import ThemeCount, coded
from .models import Answer, Coding, Invitation, Occasion, Question, Remark, Response, Survey, Theme
from .occasions import beside_answers, opened
from .questions import Asked
from .rates import BY, Rate, put_to_people, rates
from .results import Group, Viewer, beside, summarise_each
from .rows import as_rows, rows_with
from .selectors import Counts
from .submitted import Submitted, read_answers, with_questions

__all__ = [
    "BY", "FLAGS", "Group", "Rate", "SideCounts", "ThemeCount", "Told", "coded", "counts", "not_answered", "page", "queue", "rates",
    "sorting", "text_of", "texts_to_code",
]  # fmt: skip

FLAGS = ("new", "late", "low", "confidential", "one_sided")
Place = tuple[int, int]  # the key of an answer, and which of its ideas
_NONE: Mapping[Place, list[Coding]] = MappingProxyType({})
WORDS = (Question.Kind.TEXT, Question.Kind.IDEAS)


@dataclass(frozen=True)
class Told:
    """An open answer, or one idea of several (`item` from 0), as reviewers read and sort it. What is confidential is not sorted."""

    question: Question
    answer: Answer
    item: int
    text: str
    name: str
    side: Any
    codings: list[Coding]
    is_late: bool = False

    @property
    def by(self) -> str:
        """Who wrote it, of which side, and whether late."""
        parts = [self.name, self.side or "", pgettext("answer", "late") if self.is_late else ""]
        return " · ".join(str(part) for part in parts if part)

    @property
    def may_be_coded(self) -> bool:
        return not self.question.is_confidential


@dataclass(frozen=True)
class SideCounts:
    """How many of one side were asked and answered."""

    label: Any
    counts: Counts


def queue(
    user: Any, *, activity: str = "", flag: str = "", is_open: bool = True, now: datetime | None = None
) -> QuerySet[Occasion]:
    """Return the occasions on which a survey has opened; what has waited longest comes first.

    Open is what has something new, a follow-up that is not settled, or answers that are overdue and can still come. Each carries
    asked, answered, late_answers, due_at, ends_at (None once closed), lowest (a rating, or None), confidential and follow_ups_open (how
    many), last_at, is_ours, waits, and is_new, is_late, is_low, is_confidential, is_one_sided.
    """
    rows = opened(user, now or timezone.now())
    if activity:
        rows = rows.filter(activity=activity)
    if flag in FLAGS:
        rows = rows.filter(_has(flag))
    if is_open:
        rows = rows.filter(Q(waits=True))
    return rows.order_by(F("last_at").asc(nulls_last=True), "on", "pk")


def _has(flag: str) -> Q:
    """What answers say is not told of one's own municipality, not even by being in a list."""
    found = Q(**{f"is_{flag}": True})
    return found & Q(is_ours=False) if flag in ("low", "confidential") else found


def counts(user: Any, now: datetime | None = None) -> dict[str, int]:
    """Return how many open occasions have each of FLAGS, and "open" for all of them, in one query."""
    rows = queue(user, now=now).order_by()
    each = {flag: Count("pk", filter=_has(flag)) for flag in FLAGS}
    return rows.aggregate(open=Count("pk"), **each)


def page(user: Any, occasion: Occasion, *, confidential: bool = False) -> dict[str, Any]:
    """Return everything about `occasion` (from `queue`) that `user` reads on its page, in three queries.

    Keys: sides (list[Group], question by question), counted (list[SideCounts]), texts (list[Told]), to_sort (how many of them
    are sorted by theme), comments, follow_ups, readings, remarks, last_at, is_new, is_ours, is_confidential_shown, hidden (how
    many confidential answers are not shown),
    may (judge, read_confidential, settle, see_readings). Whose municipality took part reads what their side reads: no names, no
    texts to sort, no remarks, and only surveys whose answers were passed on. Raises PermissionDenied.
    """
    may = _may(user, occasion)
    if not user.has_perm("evaluation.review") or (confidential and not may["read_confidential"]):
        raise PermissionDenied
    viewer: Viewer = "confidential" if confidential else "reviewer" if may["judge"] else "own_side"
    surveys = list(selectors.with_counts(_surveys(occasion)))
    readable = [one for one in surveys if may["judge"] or one.released_at or not one.side]
    submitted = read_answers(readable)
    beside_it = beside_answers(occasion)
    remarks = beside_it.remarks if may["judge"] else []
    newest = _newest(submitted, remarks)
    reviewed = occasion.reviewed_at
    return _answers(readable, submitted, viewer) | {
        "counted": [SideCounts(label_of(survey), selectors.counts_of(survey)) for survey in surveys],
        "comments": beside_it.comments,
        "follow_ups": beside_it.follow_ups,
        "readings": beside_it.readings if may["see_readings"] else [],
        "remarks": remarks,
        "last_at": newest,
        "is_new": newest is not None and (reviewed is None or newest > reviewed),
        "is_ours": not may["judge"],
        "is_confidential_shown": confidential,
        "may": may,
    }


def sorting(user: Any, occasion: Occasion) -> dict[str, Any]:
    """Return what `user` sorts of `occasion` (from `queue`), in three queries. Raises PermissionDenied.

    Keys: texts (list[Told] with their codings), themes (in use), may.
    """
    may = _may(user, occasion)
    if not may["judge"]:
        raise PermissionDenied
    surveys = list(_surveys(occasion))
    themes, codings = _themes_and_codings(occasion)
    return {
        "texts": _told(surveys, read_answers(surveys), confidential=False, sorted_under=codings),
        "themes": themes,
        "may": may,
    }


def _surveys(occasion: Occasion) -> QuerySet[Survey]:
    rows = occasion.surveys.filter(cancelled_at__isnull=True).select_related("place", "questionnaire")
    return with_questions(rows).order_by("opens_at", "pk")


def _newest(submitted: Submitted, remarks: list[Remark]) -> datetime | None:
    """When the last of what the reader sees was sent or changed."""
    seen = [response.updated_at for response in submitted.responses] + [remark.at for remark in remarks]
    return max(seen, default=None)


def _may(user: Any, occasion: Occasion) -> dict[str, bool]:
    return {
        "judge": user.has_perm("evaluation.judge", occasion),
        "read_confidential": user.has_perm("evaluation.read_confidential", occasion),
        "settle": user.has_perm("evaluation.settle_follow_ups"),
        "see_readings": user.has_perm("evaluation.see_who_has_not_answered"),
    }


def label_of(survey: Survey) -> Any:
    """How a survey is told from the others of its occasion: by whom it asks, or by what."""
    return survey.place or survey.questionnaire.title


def _answers(surveys: list[Survey], submitted: Submitted, viewer: Viewer) -> dict[str, Any]:
    """The answers as summaries and as texts, from what was read once."""
    each = summarise_each(submitted, viewer=viewer)
    is_own = viewer == "own_side"
    texts = [] if is_own else _told(surveys, submitted, confidential=viewer == "confidential")
    return {
        "sides": beside([(label_of(survey), each[survey.pk]) for survey in surveys]),
        "texts": texts,
        "to_sort": sum(told.may_be_coded for told in texts),
        "hidden": 0 if viewer == "confidential" else len(_confidential_in(submitted)),
    }


def _given(submitted: Submitted) -> list[tuple[Asked, Answer, Response]]:
    """Every answer with its question as it was put, in the order in which they were sent."""
    return [
        (asked, answer, response)
        for response in submitted.responses
        for answer in submitted.answers[response.pk]
        if (asked := submitted.put[response.invitation.survey_id].get(answer.question_id))
    ]


def _confidential_in(submitted: Submitted) -> list[Answer]:
    return [answer for asked, answer, _response in _given(submitted) if asked.question.is_confidential]


def texts_to_code(question: Question, value: Any) -> list[str]:
    """Return the words of an open answer that are sorted one by one: the text, or what each idea is about."""
    if question.kind == Question.Kind.IDEAS:
        return [idea["what"] or idea["programme"] for idea in value]
    return [value] if question.kind == Question.Kind.TEXT else []


def text_of(answer: Answer, item: int) -> str:
    """Return the words of `item` of `answer`, or "" when there is no such thing any more."""
    texts = texts_to_code(answer.question, answer.value)
    return texts[item] if 0 <= item < len(texts) else ""


def _told(
    surveys: list[Survey],
    submitted: Submitted,
    *,
    confidential: bool,
    sorted_under: Mapping[Place, list[Coding]] = _NONE,
) -> list[Told]:
    """The open answers by question and side, with the themes under which they were sorted."""
    labels = {survey.pk: label_of(survey) for survey in surveys}
    found = [
        Told(
            asked.question,
            answer,
            item,
            text,
            response.invitation.name,
            labels[response.invitation.survey_id],
            sorted_under.get((answer.pk, item), []),
            response.is_late,
        )
        for asked, answer, response in _given(submitted)
        if asked.question.kind in WORDS and (confidential or not asked.question.is_confidential)
        for item, text in enumerate(texts_to_code(asked.question, answer.value))
    ]
    place = {survey.pk: number for number, survey in enumerate(surveys)}
    of_survey = {response.pk: place[response.invitation.survey_id] for response in submitted.responses}
    found.sort(key=lambda told: (of_survey[told.answer.response_id], told.question.order))
    return found


def _themes_and_codings(occasion: Occasion) -> tuple[list[Theme], dict[Place, list[Coding]]]:
    """The themes in use, and what was sorted on `occasion`, be it under a theme out of use."""
    here = Coding.objects.filter(answer__response__invitation__survey__occasion=occasion)
    under = here.filter(theme=OuterRef("pk")).order_by("pk")
    themes: Any = Theme.objects.filter(Q(is_used=True) | Exists(under)).annotate(coding_rows=rows_with(under))
    found: dict[Place, list[Coding]] = defaultdict(list)
    for theme in themes:
        for coding in as_rows(Coding, theme.coding_rows):
            coding.theme = theme
            found[coding.answer_id, coding.item].append(coding)
    return [theme for theme in themes if theme.is_used], found


def not_answered(*, activity: str = "", now: datetime | None = None) -> QuerySet[Invitation]:
    """Return who was asked and has not answered, the earliest due first, for coordinators only.

    Each comes with its survey, occasion and places, and carries `is_begun` and `is_closed`. Whoever is excused, or whose name was removed,
    is not in it.
    """
    now = now or timezone.now()
    responses = Response.objects.filter(invitation=OuterRef("pk"))
    rows = put_to_people(now, activity=activity).filter(
        ~Exists(responses.filter(submitted_at__isnull=False)), excused_at__isnull=True, forgotten_at__isnull=True
    )
    ended = ExpressionWrapper(
        Q(survey__closed_at__isnull=False) | Q(survey__closes_at__lte=now), output_field=BooleanField()
    )
    return (
        rows.select_related("survey__occasion", "survey__place", "place")
        .annotate(is_begun=Exists(responses), is_closed=ended)
        .order_by("survey__due_at", "pk")
    )
