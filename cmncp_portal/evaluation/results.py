"""Summaries of what was submitted: n with every figure, both languages as one category, small cells hidden in reports.

Teams have three to eight people, so inside one exchange nothing can be anonymous, and the form says so: the other side
reads answers without names. What leaves the network shows no group of fewer than SMALLEST people: the network's own rule,
the same for reports and public pages.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Any, Literal

from cmncp_portal.core.text import pick

from . import selectors
from .models import Question, Remark, Response, Survey
from .questions import NOT_APPLICABLE, POINTS, Asked, BeforeAfter, Line, idea_words
from .selectors import Counts
from .submitted import Submitted, read

Viewer = Literal["reviewer", "confidential", "own_side", "other_side", "report"]
NAMED: tuple[Viewer, ...] = ("reviewer", "confidential")
SMALLEST = 5
MAY_QUOTE = ("unnamed", "named")
_SCALE_KINDS = (Question.Kind.RATING, Question.Kind.RATING_ROWS, Question.Kind.BEFORE_AFTER)
_CHOICE_KINDS = (Question.Kind.CHOICE, Question.Kind.CHOICES)


@dataclass(frozen=True)
class Bar:
    """How many chose `code`. `count` and `share` (of n, 0 to 1) are None when hidden; `start` is where a stacked bar begins."""

    code: str
    label: Any
    count: int | None
    share: float | None
    start: float = 0.0

    @property
    def percent(self) -> float:
        return round(100 * (self.share or 0), 2)

    @property
    def start_percent(self) -> float:
        return round(100 * self.start, 2)


@dataclass(frozen=True)
class Scale:
    """The answers to one line. `n` are those who chose a point or an option; `not_applicable` is not part of n."""

    label: Any
    n: int
    mean: float | None
    bars: tuple[Bar, ...]
    not_applicable: int | None = 0
    is_hidden: bool = False


@dataclass(frozen=True)
class LineSummary:
    """One line of a question: one scale, or two for before and after. `change` is the mean difference of `pairs` people."""

    code: str
    label: Any
    scales: tuple[Scale, ...]
    change: float | None = None
    pairs: int = 0


@dataclass(frozen=True)
class Figures:
    n: int
    mean: float
    median: float
    total: float


@dataclass(frozen=True)
class OpenText:
    """A text or an idea as it was written. `name` is empty unless the reader may know it."""

    text: str
    name: str
    language: str
    is_late: bool
    may_quote: str
    idea: dict[str, Any] | None = None

    @property
    def words(self) -> str:
        """The text, or the idea on one line."""
        return idea_words(self.idea) if self.idea else self.text


@dataclass(frozen=True)
class QuestionSummary:
    """What was answered to one question. `n` people answered it; `is_hidden` says that they are too few to be shown."""

    code: str
    kind: str
    text: str
    indicator: str
    n: int
    late: int
    lines: tuple[LineSummary, ...] = ()
    figures: Figures | None = None
    texts: tuple[OpenText, ...] = ()
    is_confidential: bool = False
    is_hidden: bool = False


@dataclass(frozen=True)
class _Given:
    """One person's answer to one question, with the question as it was put to that person."""

    asked: Asked
    value: Any
    response: Response


def counts(survey: Survey) -> Counts:
    """Return how many were asked, answered, answered late, or are excused."""
    return selectors.response_counts([survey])[survey.pk]


def summarise(surveys: Sequence[Survey], *, viewer: Viewer) -> list[QuestionSummary]:
    """Summarise what was submitted in `surveys`, question by question, for `viewer`.

    "reviewer" sees names, "confidential" also what was written for the reviewers only; "own_side" and "other_side" see neither;
    "report" sees no group of fewer than SMALLEST and no text without the writer's consent. Versions of a questionnaire, and the two
    sides' questionnaires, are counted together where code and kind are the same. The number of queries does not grow with the surveys.
    """
    return _summaries(read(surveys), None, viewer)


def summarise_each(submitted: Submitted, *, viewer: Viewer) -> dict[int, list[QuestionSummary]]:
    """Summarise each survey of `submitted` on its own, by its key, without another query."""
    return {pk: _summaries(submitted, pk, viewer) for pk in submitted.put}


def _summaries(submitted: Submitted, only: int | None, viewer: Viewer) -> list[QuestionSummary]:
    return [
        _summary(asked, answers, viewer)
        for asked, answers in _gathered(submitted, only).values()
        if viewer == "confidential" or not asked.question.is_confidential
    ]


def _gathered(submitted: Submitted, only: int | None) -> dict[tuple[str, str], tuple[Asked, list[_Given]]]:
    put = submitted.put if only is None else {only: submitted.put[only]}
    found: dict[tuple[str, str], tuple[Asked, list[_Given]]] = {}
    for pk in reversed(list(put)):
        for one in put[pk].values():
            found.setdefault((one.question.code, one.question.kind), (one, []))
    for response in submitted.responses:
        questions = put.get(response.invitation.survey_id, {})
        for answer in submitted.answers[response.pk]:
            if question := questions.get(answer.question_id):
                found[question.question.code, question.question.kind][1].append(
                    _Given(question, answer.value, response)
                )
    return found


def _summary(asked: Asked, given: list[_Given], viewer: Viewer) -> QuestionSummary:
    q, n = asked.question, len(given)
    empty = QuestionSummary(
        q.code,
        q.kind,
        q.text,
        q.indicator,
        n,
        sum(g.response.is_late for g in given),
        is_confidential=q.is_confidential,
    )
    if viewer == "report" and n < SMALLEST:
        return replace(empty, late=0, n=0, is_hidden=n > 0)
    if q.kind in _SCALE_KINDS or q.kind in _CHOICE_KINDS:
        lines = tuple(_lines(asked, given, viewer))
        return replace(empty, lines=tuple(_without_small(line) for line in lines) if viewer == "report" else lines)
    if q.kind == Question.Kind.NUMBER:
        return replace(empty, figures=_figures([g.value for g in given]))
    return replace(empty, texts=tuple(_texts(given, viewer)))


def _figures(values: list[float]) -> Figures | None:
    return Figures(len(values), fmean(values), median(values), sum(values)) if values else None


def _texts(given: list[_Given], viewer: Viewer) -> Iterable[OpenText]:
    for g in given:
        consent = g.response.may_quote
        if viewer == "report" and consent not in MAY_QUOTE:
            continue
        named = viewer in NAMED or (viewer == "report" and consent == "named")
        ideas = g.value if g.asked.question.kind == Question.Kind.IDEAS else [None]
        for idea in ideas:
            yield OpenText(
                text=idea["what"] if idea else g.value,
                name=g.response.invitation.name if named else "",
                language=g.response.language,
                is_late=g.response.is_late,
                may_quote=consent,
                idea=idea,
            )


def _lines(asked: Asked, given: list[_Given], viewer: Viewer) -> Iterable[LineSummary]:
    kind = asked.question.kind
    if kind == Question.Kind.RATING:
        yield LineSummary("", "", (_scale("", [g.value for g in given]),))
    elif kind in _CHOICE_KINDS:
        yield LineSummary("", "", (_options(asked, given),))
    else:
        for line, values in _by_line(asked, given, viewer):
            yield (
                _before_after(line, values)
                if kind == Question.Kind.BEFORE_AFTER
                else LineSummary(line.code, line.label, (_scale("", values),))
            )


def _by_line(asked: Asked, given: list[_Given], viewer: Viewer) -> list[tuple[Line, list[Any]]]:
    """Gather the values by line. Lines of a survey's own mean the same only when their words are the same.

    A report has one line for them: each person's mean, so that n stays a number of people.
    """
    if asked.question.rows_from_survey and viewer == "report":
        return [
            (
                Line("all", "All lines together", "Toutes les lignes ensemble"),
                [_mean_of(g.value.values()) for g in given],
            )
        ]
    lines: dict[tuple[str, str], tuple[Line, list[Any]]] = {}
    for g in [_Given(asked, {}, Response()), *given]:
        for line in g.asked.lines:
            key = (line.code, line.en if asked.question.rows_from_survey else "")
            bucket = lines.setdefault(key, (line, []))[1]
            if line.code in g.value:
                bucket.append(g.value[line.code])
    return list(lines.values())


def _mean_of(points: Iterable[Any]) -> float | str:
    numbers = [p for p in points if p != NOT_APPLICABLE]
    return fmean(numbers) if numbers else NOT_APPLICABLE


def _scale(label: Any, points: list[Any]) -> Scale:
    numbers = [p for p in points if p != NOT_APPLICABLE]
    whole = [int(p + 0.5) for p in numbers]
    n = len(numbers)
    start, bars = 0.0, []
    for point in POINTS:
        share = whole.count(point) / n if n else 0.0
        bars.append(Bar(str(point), str(point), whole.count(point), share, start))
        start += share
    return Scale(label, n, fmean(numbers) if n else None, tuple(bars), len(points) - n)


def _options(asked: Asked, given: list[_Given]) -> Scale:
    """Count by code. Options that only an older version had are kept at the end."""
    lines = {line.code: line for one in [*(g.asked for g in given), asked] for line in one.lines}
    order = [line.code for line in asked.lines] + [
        code for code in lines if code not in {line.code for line in asked.lines}
    ]
    several = asked.question.kind == Question.Kind.CHOICES
    chosen = [code for g in given for code in (g.value if several else [g.value])]
    n, start, bars = len(given), 0.0, []
    for code in order:
        share = chosen.count(code) / n if n else 0.0
        bars.append(
            Bar(code, pick(lines[code].en, lines[code].fr), chosen.count(code), share, 0.0 if several else start)
        )
        start += share
    return Scale("", n, None, tuple(bars))


def _before_after(line: Line, values: list[dict[str, Any]]) -> LineSummary:
    scales = tuple(_scale(label, [v[moment] for v in values if moment in v]) for moment, label in BeforeAfter.moments)
    both = [v for v in values if isinstance(v.get("before"), int) and isinstance(v.get("after"), int)]
    change = fmean(v["after"] - v["before"] for v in both) if both else None
    return LineSummary(line.code, line.label, scales, change, len(both))


def _without_small(line: LineSummary) -> LineSummary:
    """Hide groups of fewer than SMALLEST people, and the next one when a hidden group could be found by subtraction."""
    enough = line.pairs >= SMALLEST
    return replace(
        line,
        scales=tuple(_scale_without_small(scale) for scale in line.scales),
        change=line.change if enough else None,
        pairs=line.pairs if enough else 0,
    )


def _scale_without_small(scale: Scale) -> Scale:
    na = scale.not_applicable
    shown_na = na if not na or na >= SMALLEST else None
    if scale.n < SMALLEST:
        return replace(scale, n=0, mean=None, bars=(), not_applicable=shown_na, is_hidden=scale.n > 0)
    small = {bar.code for bar in scale.bars if bar.count and bar.count < SMALLEST}
    if len(small) == 1:
        others = [bar for bar in scale.bars if bar.count and bar.code not in small]
        small |= {min(others, key=lambda bar: bar.count or 0).code} if others else set()
    bars = tuple(replace(bar, count=None, share=None) if bar.code in small else bar for bar in scale.bars)
    return replace(scale, bars=bars, not_applicable=shown_na)


@dataclass(frozen=True)
class Side:
    label: Any
    summary: QuestionSummary


@dataclass(frozen=True)
class Group:
    """One question with the answers of each side under one another, as components/survey_results.html draws it."""

    code: str
    text: str
    kind: str
    is_confidential: bool
    sides: tuple[Side, ...]


def beside(sides: Sequence[tuple[Any, Sequence[QuestionSummary]]]) -> list[Group]:
    """Put summaries of several sides together: [(label, summaries), …] to one group per question, in the order they were asked."""
    order: dict[tuple[str, str], QuestionSummary] = {}
    found: dict[tuple[int, str, str], QuestionSummary] = {}
    for number, (_label, summaries) in enumerate(sides):
        for summary in summaries:
            order.setdefault((summary.code, summary.kind), summary)
            found[number, summary.code, summary.kind] = summary
    return [
        Group(
            code,
            first.text,
            kind,
            first.is_confidential,
            tuple(
                Side(label, found[number, code, kind])
                for number, (label, _summaries) in enumerate(sides)
                if (number, code, kind) in found
            ),
        )
        for (code, kind), first in order.items()
    ]


def remarks(surveys: Iterable[Survey]) -> list[Remark]:
    """Return what was added after the answers were fixed, oldest first, each with its invitation. Never counted."""
    return list(
        Remark.objects.filter(invitation__survey__in=list(surveys)).select_related("invitation").order_by("at", "pk")
    )
