"""Saying something about a standard, answering it, and finding comments."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from ..models import Comment, CompetencyText, Level

LONGEST_COMMENT = 4000


class CommentForm(PortalForm):
    """A comment on a competency, or on one of its criteria; without `text`, on the whole version."""

    criterion = forms.TypedChoiceField(
        label=pgettext_lazy("comment", "About"), required=False, coerce=int, empty_value=None
    )
    words = forms.CharField(
        label=_("Your comment"), max_length=LONGEST_COMMENT, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, text: CompetencyText | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        if text is None:
            del self.fields["criterion"]
            return
        self.criteria = {row.pk: row for row in text.criteria.all()}
        lines = [(pk, f"{Level(row.level).label} – {row.statement}"[:120]) for pk, row in self.criteria.items()]
        self.fields["criterion"].choices = [("", _("The competency as a whole")), *lines]  # type: ignore[attr-defined]

    @property
    def said(self) -> dict[str, Any]:
        """What `services.commenting.add_comment` takes. After `is_valid`."""
        pk = self.cleaned_data.get("criterion")
        return {
            "text": self.text,
            "criterion": self.criteria[pk] if self.text and pk else None,
            "words": self.cleaned_data["words"],
        }


class WordsForm(SeenVersion, PortalModelForm):
    """One's own comment, worded anew."""

    class Meta:
        model = Comment
        fields = ["words"]
        widgets = {"words": forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST_COMMENT})}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


ANSWERS = [choice for choice in Comment.Verdict.choices if choice[0] != Comment.Verdict.OPEN]


class AnswerForm(SeenVersion, PortalModelForm):
    """What becomes of a comment, and why; both are needed."""

    verdict = forms.ChoiceField(label=_("Answer"), choices=ANSWERS, widget=forms.RadioSelect)
    answer = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody can read it beside the comment."),
    )

    # Which one of the page it is: stays with the form when somebody else answered first.
    comment = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = Comment
        fields = ["verdict", "answer"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["comment"] = self.instance.pk
        self.fields["comment"].show_hidden_initial = False

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class CommentFilter(forms.Form):
    """The list's GET form; what no list offers leaves the list as it is."""

    answer = forms.ChoiceField(
        label=_("Answer"), required=False, choices=[("", pgettext_lazy("filter", "All")), *Comment.Verdict.choices]
    )
    line = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def apply(self, rows: Any) -> Any:
        """Return those of `rows` that were asked for."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("answer"):
            rows = rows.filter(verdict=asked["answer"])
        if asked.get("line") and 0 < asked["line"] < 2**31:
            rows = rows.filter(text=asked["line"])
        return rows

    @property
    def is_filtered(self) -> bool:
        return any(self.cleaned_data.values())
