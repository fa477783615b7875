"""One class per kind of question: its fields, what it reads from them, and an answer in words.

A value is made of codes, numbers and texts (see `models.Answer`), never of labels: whoever changes the language in the
middle keeps every answer, and both languages count as one category.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.forms import DecimalComma
from cmncp_portal.core.text import pick

from .models import Question, Survey

NOT_APPLICABLE = "na"
POINTS = (1, 2, 3, 4, 5)
LONGEST_TEXT = 5_000  # characters; about two pages
IDEAS = 3
LARGEST_NUMBER = 99_999_999


@dataclass(frozen=True)
class Line:
    """A choice, or one line of several to rate: a code and its words in both languages."""

    code: str
    en: str
    fr: str

    @property
    def label(self) -> str:
        return pick(self.en, self.fr)


@dataclass(frozen=True)
class Asked:
    """A question as it is put in one survey: with its own options, or with the lines of the survey."""

    question: Question
    lines: tuple[Line, ...] = field(default=())

    @property
    def kind(self) -> "Kind":
        return KINDS[self.question.kind]

    def name(self, *parts: object) -> str:
        """Return the name of a field of this question, such as "knowledge.planning.before"."""
        return ".".join([self.question.code, *map(str, parts)])


def asked(questions: Iterable[Question], rows: Iterable[Mapping[str, str]]) -> list[Asked]:
    """Return `questions` as they are put with the survey's `rows`; one that has no line to rate is left out."""
    lines = tuple(Line(row["code"], row["en"], row["fr"]) for row in rows)
    put = [
        Asked(
            question,
            lines if question.rows_from_survey else tuple(Line(o["code"], o["en"], o["fr"]) for o in question.options),
        )
        for question in questions
    ]
    return [one for one in put if one.lines or not one.kind.needs_lines]


def asked_in(survey: Survey) -> list[Asked]:
    """Return the questions of `survey` in their order, each with its lines. One query unless they were prefetched."""
    return asked(survey.questionnaire.questions.all(), survey.rows)


def _text(question: Question, *, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=question.text,
        help_text=question.help,
        required=question.is_required,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": rows, "maxlength": None}),
        error_messages={"max_length": _("Please shorten this to %(limit_value)d characters; it has %(show_value)d.")},
    )


def _scale(label: str, *, required: bool, help_text: str = "") -> forms.ChoiceField:
    choices = [*((str(n), str(n)) for n in POINTS), (NOT_APPLICABLE, pgettext_lazy("rating", "Not applicable"))]
    return forms.ChoiceField(
        label=label, help_text=help_text, required=required, choices=choices, widget=forms.RadioSelect
    )


def _point(chosen: str | None) -> int | str | None:
    return None if not chosen else chosen if chosen == NOT_APPLICABLE else int(chosen)


def _point_words(point: int | str) -> str:
    return (
        gettext("%(point)d of 5") % {"point": point}
        if isinstance(point, int)
        else str(pgettext_lazy("rating", "Not applicable"))
    )


class Kind:
    """A sort of question. `template` draws its fields; `needs_lines` says that without lines there is nothing to ask."""

    template = "evaluation/questions/field.html"
    needs_lines = False

    def fields(self, one: Asked) -> dict[str, forms.Field]:
        """Return the form fields by name."""
        raise NotImplementedError

    def read(self, one: Asked, cleaned: Mapping[str, Any]) -> Any:
        """Return the value in `cleaned`, or None when nothing was answered."""
        return cleaned.get(one.name()) or None

    def initial(self, one: Asked, value: Any) -> dict[str, Any]:
        """Return what the fields show for the stored `value`."""
        return {one.name(): value}

    def words(self, one: Asked, value: Any) -> list[str]:
        """Return the answer as lines that a person can read, in the active language."""
        return [str(value)]


class Rating(Kind):
    template = "evaluation/questions/scale.html"

    def fields(self, one: Asked) -> dict[str, forms.Field]:
        q = one.question
        return {one.name(): _scale(q.text, required=q.is_required, help_text=q.help)}

    def read(self, one: Asked, cleaned: Mapping[str, Any]) -> Any:
        return _point(cleaned.get(one.name()))

    def initial(self, one: Asked, value: Any) -> dict[str, Any]:
        return {one.name(): str(value)}

    def words(self, one: Asked, value: Any) -> list[str]:
        return [_point_words(value)]


class RatingRows(Kind):
    template = "evaluation/questions/lines.html"
    needs_lines = True

    def fields(self, one: Asked) -> dict[str, forms.Field]:
        return {one.name(line.code): _scale(line.label, required=one.question.is_required) for line in one.lines}

    def read(self, one: Asked, cleaned: Mapping[str, Any]) -> Any:
        points = {line.code: _point(cleaned.get(one.name(line.code))) for line in one.lines}
        return {code: point for code, point in points.items() if point is not None} or None

    def initial(self, one: Asked, value: Any) -> dict[str, Any]:
        return {one.name(code): str(point) for code, point in value.items()}

    def words(self, one: Asked, value: Any) -> list[str]:
        return [_named(line.label, _point_words(value[line.code])) for line in one.lines if line.code in value]


class BeforeAfter(Kind):
    template = "evaluation/questions/before_after.html"
    needs_lines = True
    moments = (("before", _("Before")), ("after", _("After")))

    def fields(self, one: Asked) -> dict[str, forms.Field]:
        required = one.question.is_required
        return {
            one.name(line.code, moment): _scale(_named(line.label, str(label)), required=required)
            for line in one.lines
            for moment, label in self.moments
        }

    def read(self, one: Asked, cleaned: Mapping[str, Any]) -> Any:
        value = {}
        for line in one.lines:
            points = {moment: _point(cleaned.get(one.name(line.code, moment))) for moment, _label in self.moments}
            if kept := {moment: point for moment, point in points.items() if point is not None}:
                value[line.code] = kept
        return value or None

    def initial(self, one: Asked, value: Any) -> dict[str, Any]:
        return {
            one.name(code, moment): str(point) for code, points in value.items() for moment, point in points.items()
        }

    def words(self, one: Asked, value: Any) -> list[str]:
        return [
            _named(f"{line.label}, {str(label).lower()}", _point_words(value[line.code][moment]))
            for line in one.lines
            for moment, label in self.moments
            if moment in value.get(line.code, {})
        ]


class Choice(Kind):
    needs_lines = True

    def fields(self, one: Asked) -> dict[str, forms.Field]:
        q, options = one.question, [(line.code, line.label) for line in one.lines]
        shown = {"label": q.text, "help_text": q.help, "required": q.is_required}
        return {one.name(): forms.ChoiceField(choices=options, widget=forms.RadioSelect, **shown)}

    def words(self, one: Asked, value: Any) -> list[str]:
        return [line.label for line in one.lines if line.code == value]


class Choices(Choice):
    def fields(self, one: Asked) -> dict[str, forms.Field]:
        q, options = one.question, [(line.code, line.label) for line in one.lines]
        shown = {"label": q.text, "help_text": q.help, "required": q.is_required}
        return {one.name(): forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **shown)}

    def words(self, one: Asked, value: Any) -> list[str]:
        return [line.label for line in one.lines if line.code in value]


class Text(Kind):
    def fields(self, one: Asked) -> dict[str, forms.Field]:
        return {one.name(): _text(one.question)}


class Number(Kind):
    def fields(self, one: Asked) -> dict[str, forms.Field]:
        q = one.question
        return {
            one.name(): DecimalComma(
                label=q.text,
                help_text=q.help,
                required=q.is_required,
                min_value=0,
                max_value=LARGEST_NUMBER,
                decimal_places=2,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 12}),
            )
        }

    def read(self, one: Asked, cleaned: Mapping[str, Any]) -> Any:
        number = cleaned.get(one.name())
        return None if number is None else int(number) if number == int(number) else float(number)

    def initial(self, one: Asked, value: Any) -> dict[str, Any]:
        return {one.name(): number_format(value, use_l10n=True, force_grouping=False)}

    def words(self, one: Asked, value: Any) -> list[str]:
        return [number_format(value, use_l10n=True, force_grouping=True)]


class Ideas(Kind):
    template = "evaluation/questions/ideas.html"

    def fields(self, one: Asked) -> dict[str, forms.Field]:
        fields: dict[str, forms.Field] = {}
        for n in range(1, IDEAS + 1):
            fields[one.name(n, "what")] = forms.CharField(
                label=_("What you would like to do"),
                required=False,
                max_length=1000,
                widget=forms.Textarea(attrs={"rows": 2, "maxlength": None}),
            )
            fields[one.name(n, "programme")] = forms.CharField(
                label=_("Seen in which programme"), required=False, max_length=200
            )
            fields[one.name(n, "who")] = forms.CharField(label=_("Who would act"), required=False, max_length=200)
            fields[one.name(n, "by")] = forms.DateField(
                label=_("By when"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            )
            fields[one.name(n, "sure")] = _scale(
                str(_("How sure you are that it will happen")),
                required=False,
                help_text=str(_("1 = not sure at all, 5 = certain")),
            )
        return fields

    def read(self, one: Asked, cleaned: Mapping[str, Any]) -> Any:
        ideas = []
        for n in range(1, IDEAS + 1):
            idea = {part: cleaned.get(one.name(n, part)) or "" for part in ("what", "programme", "who")}
            by, sure = cleaned.get(one.name(n, "by")), _point(cleaned.get(one.name(n, "sure")))
            if by or sure or any(idea.values()):
                ideas.append(idea | {"by": by.isoformat() if by else "", "sure": sure})
        return ideas or None

    def initial(self, one: Asked, value: Any) -> dict[str, Any]:
        return {
            one.name(n, part): str(content)
            for n, idea in enumerate(value, start=1)
            for part, content in idea.items()
            if content is not None
        }

    def words(self, one: Asked, value: Any) -> list[str]:
        return [idea_words(idea) for idea in value]


def idea_words(idea: Mapping[str, Any]) -> str:
    """Return an idea of a visitor on one line: what, from which programme, who, by when, how sure."""
    parts = [idea["what"], idea["programme"], idea["who"]]
    if idea["by"]:
        parts.append(gettext("by %(day)s") % {"day": day_in_words(date.fromisoformat(idea["by"]))})
    if idea["sure"]:
        parts.append(_named(gettext("how sure"), _point_words(idea["sure"])))
    return "; ".join(part for part in parts if part)


def _named(label: str, content: str) -> str:
    return gettext("%(label)s: %(content)s") % {"label": label, "content": content}


KINDS: dict[str, Kind] = {
    Question.Kind.RATING: Rating(),
    Question.Kind.RATING_ROWS: RatingRows(),
    Question.Kind.BEFORE_AFTER: BeforeAfter(),
    Question.Kind.CHOICE: Choice(),
    Question.Kind.CHOICES: Choices(),
    Question.Kind.TEXT: Text(),
    Question.Kind.NUMBER: Number(),
    Question.Kind.IDEAS: Ideas(),
}
