"""Writing, translating and reviewing the texts of a brief."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.files import checked
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from ..models import Edition, Review
from ..selectors.texts import people_called, suggested_reviewers
from ..workflow import REVIEW_DAYS

LONGEST = 50_000  # characters of one text
LONGEST_SUMMARY = 2000
LONGEST_REMARK = 4000
LATEST_REVIEW = 365  # days from now


class Prose(forms.CharField):
    """Text whose lines end as they do in the database, whatever the browser sends."""

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


def _prose(label: Any, rows: int, longest: int = LONGEST, hint: Any = "") -> Prose:
    area = forms.Textarea(attrs={"rows": rows})
    return Prose(label=label, help_text=hint, required=False, max_length=longest, widget=area)


class TextForm(SeenVersion, PortalModelForm):
    """The texts in one language. Nothing is required of a draft."""

    summary = _prose(_("Summary"), 4, LONGEST_SUMMARY, _("Two or three sentences; the library and letters show them."))
    challenge = _prose(
        _("The challenge"),
        12,
        hint=_("Empty lines make paragraphs, a line that begins with “- ” makes a list, “### ” a heading."),
    )
    what_works = _prose(_("What works"), 12)
    investment = _prose(_("The investment"), 6)

    class Meta:
        model = Edition
        fields = list(Edition.TEXTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        for name in Edition.TEXTS:
            field: Any = self.fields[name]
            field.is_needed_later = name != "investment"
            field.widget.attrs["lang"] = self.instance.language

    def texts(self) -> dict[str, str]:
        """Return what was typed, by name; what the text was before where that cannot be kept."""
        kept = self.cleaned_data if self.is_valid() or self.is_bound else {}
        return {name: kept.get(name, getattr(self.instance, name)) for name in Edition.TEXTS}

    def again(self, edition: Edition) -> "TextForm":
        """Return a fresh form of the same kind for the edition as it stands now."""
        return type(self)(instance=edition)

    def text_fields(self) -> list[Any]:
        return [self[name] for name in Edition.TEXTS]

    def as_hidden(self) -> list[str]:
        """Return all that the form holds as hidden fields, to be carried through a page that only shows it."""
        shown = [field.as_hidden() + field.as_hidden(only_initial=True) for field in self.visible_fields()]
        return [*shown, *(field.as_hidden() for field in self.hidden_fields())]

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class TranslationForm(TextForm):
    """The same beside the original, whose version the translator has before the eyes."""

    source_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, source_version: int, **kwargs: Any) -> None:
        self.seen_source = source_version
        super().__init__(*args, **kwargs)
        self.initial["source_version"] = source_version

    def again(self, edition: Edition) -> "TranslationForm":
        """As above; what was read of the original stays what it was."""
        return type(self)(instance=edition, source_version=self.cleaned_data.get("source_version", self.seen_source))


class WordForm(PortalForm):
    file = forms.FileField(
        label=_("Word document"),
        help_text=_("A .docx file of at most 10 MB. Pictures, comments and macros do not come along."),
        widget=forms.ClearableFileInput(attrs={"accept": ".docx"}),
    )
    language = forms.ChoiceField(label=_("Language of the document"), choices=Language.choices, initial="en")

    def clean_file(self) -> Any:
        file = checked(self.cleaned_data["file"])
        if not file.name.lower().endswith(".docx"):
            raise ValidationError(_("Choose a Word document whose name ends with .docx."))
        return file


class AskForm(PortalForm):
    """Whom to ask to read, by name or address, and until when."""

    who = forms.CharField(
        label=_("Name or email address"),
        max_length=254,
        help_text=_("Anybody with an account: the team, coordinators, people of municipalities."),
        widget=forms.TextInput(attrs={"list": "reviewers", "autocomplete": "off"}),
    )
    due_on = forms.DateField(label=_("Read by"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("due_on", timezone.localdate() + timedelta(days=REVIEW_DAYS))

    def clean_who(self) -> Any:
        found = people_called(self.cleaned_data["who"])
        if not found:
            raise ValidationError(_("Nobody with an account has this name or address."))
        if len(found) > 1:
            raise ValidationError(_("Several people have this name. Give the email address."))
        return found[0]

    def clean_due_on(self) -> Any:
        day, today = self.cleaned_data["due_on"], timezone.localdate()
        if not today <= day <= today + timedelta(days=LATEST_REVIEW):
            raise ValidationError(_("Choose a day from today on, within a year."))
        return day

    def suggestions(self) -> Any:
        return suggested_reviewers()


class CommentForm(PortalForm):
    """A remark at one paragraph. The page holds one such form for each; only the one that comes back is bound."""

    field = forms.CharField(max_length=12, widget=forms.HiddenInput)
    paragraph = forms.IntegerField(min_value=0, max_value=30_000, widget=forms.HiddenInput)
    seen = forms.IntegerField(min_value=1, max_value=1_000_000_000, widget=forms.HiddenInput)
    text = forms.CharField(label=_("Your comment"), max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 3}))


class ReplyForm(PortalForm):
    reply = forms.CharField(
        label=_("What was done"), max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 2})
    )


class VerdictForm(PortalForm):
    verdict = forms.ChoiceField(
        label=_("What do you think?"),
        choices=[(v.value, v.label) for v in (Review.Verdict.FINE, Review.Verdict.CHANGES)],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("In general"), required=False, max_length=LONGEST_REMARK, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, has_commented: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_commented = has_commented

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("verdict") == Review.Verdict.CHANGES and not data.get("note") and not self.has_commented:
            self.add_error("note", _("Say in a sentence what should change, here or at a paragraph."))
        return data
