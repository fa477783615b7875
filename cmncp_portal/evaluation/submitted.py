"""What was submitted in some surveys, with the questions as they were put: read once, for every summary of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet

from .models import Answer, Question, Response, Survey
from .questions import Asked, asked
from .rows import as_rows, rows_with


@dataclass(frozen=True)
class Submitted:
    """`put` has the questions of each survey, by the keys of both; `answers` are by response."""

    put: dict[int, dict[int, Asked]]
    responses: Sequence[Response]
    answers: dict[int, list[Answer]]


def with_questions(surveys: QuerySet[Survey]) -> QuerySet[Survey]:
    """Add to `surveys` the questions of each, in the same query, so that `read_answers` can do without another."""
    questions = Question.objects.filter(questionnaire=OuterRef("questionnaire")).order_by("order", "pk")
    return surveys.annotate(question_rows=rows_with(questions))


def read(surveys: Sequence[Survey]) -> Submitted:
    """Read the questions and the submitted responses of `surveys`, oldest first, with two queries however many there are."""
    ids = [survey.pk for survey in surveys]
    return read_answers(list(with_questions(Survey.objects.filter(pk__in=ids))))


def read_answers(surveys: Sequence[Survey]) -> Submitted:
    """Read what was submitted in `surveys`, which come from `with_questions`, with one query."""
    put = {survey.pk: _put_in(survey) for survey in sorted(surveys, key=lambda survey: (survey.opens_at, survey.pk))}
    given = Answer.objects.filter(response=OuterRef("pk")).order_by("pk")
    responses = list(
        Response.objects.filter(invitation__survey__in=list(put), submitted_at__isnull=False)
        .select_related("invitation")
        .annotate(answer_rows=rows_with(given))
        .order_by("submitted_at", "pk")
    )
    return Submitted(put, responses, {one.pk: _answers_in(one) for one in responses})


def _answers_in(response: Any) -> list[Answer]:
    answers = as_rows(Answer, response.answer_rows)
    for answer in answers:
        answer.response = response
    return answers


def _put_in(survey: Any) -> dict[int, Asked]:
    return {one.question.pk: one for one in asked(as_rows(Question, survey.question_rows), survey.rows)}
