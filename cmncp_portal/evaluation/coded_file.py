"""Answers without names as a file, for the university: one line per question, or per option, line or idea of it.

Everything has its code and its words in both languages, so that a study in either counts the same. What each person was told
about who reads the answers stands with the answers. Confidential questions, names, addresses and municipalities are left out.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import override, pgettext

from cmncp_portal.network.lists import Column, write

from .models import Answer, Coding, Question, Response
from .occasions import is_of
from .questions import NOT_APPLICABLE, Asked, asked

TOLD = (
    "told"  # stands where others have the code of their question: the sentence on confidentiality that this person read
)
COLUMNS = [
    Column("response", "Response", "Réponse"),
    Column("activity", "Activity", "Activité"),
    Column("year", "Year", "Année"),
    Column("side", "Side", "Partie"),
    Column("language", "Language", "Langue"),
    Column("late", "Late", "En retard"),
    Column("may_quote", "May be quoted", "Citation permise"),
    Column("questionnaire", "Questionnaire", "Questionnaire"),
    Column("version", "Version", "Version"),
    Column("question", "Question", "Question"),
    Column("kind", "Kind", "Type"),
    Column("indicator", "Counted as", "Comptée comme"),
    Column("question_en", "Question in English", "Question en anglais"),
    Column("question_fr", "Question in French", "Question en français"),
    Column("line", "Line", "Ligne"),
    Column("line_en", "Line in English", "Ligne en anglais"),
    Column("line_fr", "Line in French", "Ligne en français"),
    Column("code", "Code of the answer", "Code de la réponse"),
    Column("answer_en", "Answer in English", "Réponse en anglais"),
    Column("answer_fr", "Answer in French", "Réponse en français"),
    Column("text", "Text", "Texte"),
    Column("themes", "Themes", "Thèmes"),
]
_EMPTY = dict.fromkeys((column.name for column in COLUMNS), "")
Row = dict[str, Any]


def coded_file(reader: Any, *, activity: str = "", from_on: date | None = None, until_on: date | None = None) -> bytes:
    """Return what was submitted about occasions of `activity` between two days (both included) as CSV.

    Occasions in which a municipality of `reader` took part are left out, and surveys that were called off. Five queries, whatever
    the number of responses. A response has a number that means nothing outside the file.
    """
    responses = _responses(activity, from_on, until_on).exclude(is_of(reader, "invitation__survey__occasion"))
    return write(COLUMNS, _rows(responses), "csv", _t("Coded answers"))


def _responses(activity: str, from_on: date | None, until_on: date | None) -> QuerySet[Response]:
    occasion = "invitation__survey__occasion__"
    asked_for = {f"{occasion}activity": activity, f"{occasion}on__gte": from_on, f"{occasion}on__lte": until_on}
    codings = Coding.objects.select_related("theme").order_by("theme__order", "pk")
    answers = Answer.objects.order_by("question__order", "pk").prefetch_related(Prefetch("codings", codings))
    return (
        Response.objects.filter(submitted_at__isnull=False, invitation__survey__cancelled_at__isnull=True)
        .filter(**{k: v for k, v in asked_for.items() if v})
        .select_related("invitation__survey__occasion", "invitation__survey__questionnaire")
        .prefetch_related(
            Prefetch("answers", answers),
            Prefetch("invitation__survey__questionnaire__questions", Question.objects.all()),
        )
        .order_by(f"{occasion}activity", f"{occasion}on", "pk")
    )


def _rows(responses: QuerySet[Response]) -> Iterator[Row]:
    put: dict[int, dict[int, Asked]] = {}
    for number, response in enumerate(responses, start=1):
        survey = response.invitation.survey
        if survey.pk not in put:
            questions = [q for q in survey.questionnaire.questions.all() if not q.is_confidential]
            put[survey.pk] = {one.question.pk: one for one in asked(questions, survey.rows)}
        head = _head(number, response)
        yield head | {"question": TOLD, "kind": TOLD, "text": response.consent_text}
        for answer in response.answers.all():
            if one := put[survey.pk].get(answer.question_id):
                yield from (head | row for row in _of_answer(one, answer))


def _head(number: int, response: Response) -> Row:
    survey = response.invitation.survey
    return _EMPTY | {
        "response": number,
        "activity": survey.occasion.activity,
        "year": survey.occasion.on.year,
        "side": survey.side,
        "language": response.language,
        "late": int(response.is_late),
        "may_quote": response.may_quote,
        "questionnaire": survey.questionnaire.slug,
        "version": survey.questionnaire.version,
    }


def _of_answer(one: Asked, answer: Answer) -> Iterator[Row]:
    question = one.question
    about = {
        "question": question.code,
        "kind": question.kind,
        "indicator": question.indicator,
        "question_en": question.text_en,
        "question_fr": question.text_fr,
    }
    themes: dict[int, list[str]] = {}
    for coding in answer.codings.all():
        themes.setdefault(coding.item, []).append(coding.theme.code)
    for item, row in enumerate(_VALUES[question.kind](one, answer.value)):
        yield about | row | {"themes": ";".join(themes.get(item, []))}


def _rating(_one: Asked, value: Any) -> Iterator[Row]:
    yield _point(value)


def _rating_rows(one: Asked, value: Mapping[str, Any]) -> Iterator[Row]:
    for line in one.lines:
        if line.code in value:
            yield {"line": line.code, "line_en": line.en, "line_fr": line.fr} | _point(value[line.code])


def _before_after(one: Asked, value: Mapping[str, Any]) -> Iterator[Row]:
    for line in one.lines:
        for moment in ("before", "after"):
            if moment in value.get(line.code, {}):
                named = {"line": f"{line.code}.{moment}", "line_en": line.en, "line_fr": line.fr}
                yield named | _point(value[line.code][moment])


def _choices(one: Asked, value: Any) -> Iterator[Row]:
    chosen = value if isinstance(value, list) else [value]
    for line in one.lines:
        if line.code in chosen:
            yield {"code": line.code, "answer_en": line.en, "answer_fr": line.fr}


def _text(_one: Asked, value: Any) -> Iterator[Row]:
    yield {"text": value}


def _number(_one: Asked, value: Any) -> Iterator[Row]:
    yield {"code": value}


def _ideas(_one: Asked, value: list[Mapping[str, Any]]) -> Iterator[Row]:
    """Who would act is somebody's name as often as not, so it is left out."""
    for number, idea in enumerate(value, start=1):
        sure = _point(idea["sure"]) if idea["sure"] else {}
        yield {"line": f"idea-{number}", "text": idea["what"]} | sure


_VALUES: Mapping[str, Callable[[Asked, Any], Iterator[Row]]] = {
    Question.Kind.RATING: _rating,
    Question.Kind.RATING_ROWS: _rating_rows,
    Question.Kind.BEFORE_AFTER: _before_after,
    Question.Kind.CHOICE: _choices,
    Question.Kind.CHOICES: _choices,
    Question.Kind.TEXT: _text,
    Question.Kind.NUMBER: _number,
    Question.Kind.IDEAS: _ideas,
}


def _point(value: int | str) -> Row:
    return {"code": value, "answer_en": _point_words(value, "en"), "answer_fr": _point_words(value, "fr")}


@cache
def _point_words(value: int | str, language: str) -> str:
    with override(language):
        return pgettext("rating", "Not applicable") if value == NOT_APPLICABLE else str(value)
