"""The answer form, built from a questionnaire; the remark; what the secretariat writes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from .measures import Measure
from .models import Question, Questionnaire
from .questions import LONGEST_TEXT, Asked


@dataclass(frozen=True)
class FieldGroup:
    """Fields of one line or of one idea. `is_filled` says that something is in them or wrong with them."""

    label: Any
    fields: list[BoundField]
    is_filled: bool = False


@dataclass(frozen=True)
class Block:
    """One question on the page: what is asked, and its fields, in groups when it has lines."""

    question: Question
    template: str
    fields: list[BoundField]
    groups: list[FieldGroup]


class _Questions(forms.Form):
    def __init__(self, asked: Sequence[Asked], data: Any, *, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        for one in asked:
            self.fields.update(one.kind.fields(one))


class AnswerForm(SeenVersion, _Questions):
    """The questions put to one person.

    A draft (`is_final` False) keeps what is well formed and asks for nothing; only sending insists on required answers.
    """

    def __init__(
        self,
        asked: Sequence[Asked],
        data: Any = None,
        *,
        answers: Mapping[str, Any],
        version: int,
        is_final: bool = True,
    ) -> None:
        initial: dict[str, Any] = {"version": version}
        for one in asked:
            if one.question.code in answers:
                initial |= one.kind.initial(one, answers[one.question.code])
        self.asked, self.is_final = asked, is_final
        super().__init__(asked, data, initial=initial)
        self.fields["version"] = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        if not self.is_final:
            for name, errors in list(self.errors.as_data().items()):
                if all(error.code == "required" for error in errors):
                    del self._errors[name]  # type: ignore[attr-defined]
        return self.cleaned_data

    def values(self) -> dict[str, Any]:
        """Return the answers by question code, None where nothing is answered; questions with a mistake are left out."""
        wrong = set(self.errors)
        return {
            one.question.code: one.kind.read(one, self.cleaned_data)
            for one in self.asked
            if not wrong & set(one.kind.fields(one))
        }

    def in_words(self) -> str:
        """Return everything that was typed as one text, for a remark when the form came too late."""
        parts = [
            one.question.text + "\n" + "\n".join(one.kind.words(one, value))
            for one in self.asked
            if (value := self.values().get(one.question.code)) is not None
        ]
        return "\n\n".join(parts)

    @cached_property
    def blocks(self) -> list[Block]:
        """The questions in their order, ready to be drawn."""
        return [self._block(one) for one in self.asked]

    def _block(self, one: Asked) -> Block:
        fields = [self[name] for name in one.kind.fields(one)]
        groups: dict[str, list[BoundField]] = {}
        for field in fields:
            groups.setdefault(([*field.name.split("."), ""])[1], []).append(field)
        labels = {line.code: line.label for line in one.lines}
        made = [
            FieldGroup(labels.get(code, code), members, any(field.value() or field.errors for field in members))
            for code, members in groups.items()
        ]
        return Block(one.question, one.kind.template, fields, made)


class RemarkForm(PortalForm):
    text = forms.CharField(
        label=_("Your remark"), max_length=4 * LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6, "maxlength": None})
    )


WORDING = [
    "title_en",
    "title_fr",
    "introduction_en",
    "introduction_fr",
    "confidentiality_en",
    "confidentiality_fr",
    "minutes",
]


class QuestionnaireForm(PortalModelForm):
    class Meta:
        model = Questionnaire
        fields = WORDING


class NewQuestionnaireForm(QuestionnaireForm):
    class Meta(QuestionnaireForm.Meta):
        fields = ["slug", *WORDING]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"]
        if Questionnaire.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("There is a questionnaire of this name; begin a new version of it instead."))
        return slug


class QuestionForm(PortalModelForm):
    """A question in both languages. Options are typed one to a line: code | English | French.

    What it is counted for is one of the names that the report knows; an older version may carry another, which it keeps.
    """

    indicator = forms.ChoiceField(
        label=_("Counted in the report as"),
        help_text=_(
            "Ratings under one name are counted together in all questionnaires; texts are read and sorted by theme."
        ),
        required=False,
    )

    options_text = forms.CharField(
        label=_("Choices, or lines to rate"),
        help_text=_(
            "One to a line: code | English | French. Codes stay the same in later versions, so that answers can be counted together."
        ),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    class Meta:
        model = Question
        fields = [
            "code", "kind", "text_en", "text_fr", "help_en", "help_fr", "rows_from_survey", "is_required", "is_confidential", "indicator",
        ]  # fmt: skip

    def __init__(self, *args: Any, questionnaire: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questionnaire = questionnaire
        own = [(one, one) for one in [self.instance.indicator] if one and one not in Measure.values]
        self.fields["indicator"].choices = [("", pgettext_lazy("measure", "Nothing")), *Measure.choices, *own]  # type: ignore[attr-defined]
        self.initial["options_text"] = "\n".join(
            " | ".join((o["code"], o["en"], o["fr"])) for o in self.instance.options
        )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if self.questionnaire.questions.filter(code=code).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another question has this code."))
        return code

    def clean_options_text(self) -> list[dict[str, str]]:
        options = []
        for number, line in enumerate(
            filter(None, map(str.strip, self.cleaned_data["options_text"].splitlines())), start=1
        ):
            parts = [part.strip() for part in line.split("|")]
            if len(parts) != 3 or not all(parts) or not re.fullmatch(r"[-a-zA-Z0-9_]+", parts[0]):
                raise forms.ValidationError(
                    _("Line %(number)d is not of the form code | English | French.") % {"number": number}
                )
            options.append(dict(zip(("code", "en", "fr"), parts, strict=True)))
        if len({option["code"] for option in options}) < len(options):
            raise forms.ValidationError(_("Two lines have the same code."))
        return options

    def wording(self) -> dict[str, Any]:
        """Return the cleaned fields of the question, `options` included."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields} | {
            "options": self.cleaned_data["options_text"]
        }
