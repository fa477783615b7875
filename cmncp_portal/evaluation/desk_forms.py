"""What reviewers, coordinators and the university type at the desk."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.forms import PortalForm, PortalModelForm

from .models import Occasion, Theme
from .sorting import NOT_SORTED

LONGEST_WORD = 5_000  # characters of a comment, a question to the coordinators or what came of it


def _words(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=LONGEST_WORD,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": None}),
    )


class CommentForm(PortalForm):
    comment = _words(_("Your comment"), _("Other reviewers read it, with your name. Comments stay as they are."))


class FlagForm(PortalForm):
    what = _words(_("What should be looked into"), _("The coordinators get a letter and answer here."))


class SettleForm(PortalForm):
    outcome = _words(_("What came of it"), _("Whoever asked gets a letter with it."))


class SeenForm(forms.Form):
    """The moment of the last answer that the reviewer saw, as the page carries it. None when there was no answer."""

    seen_at = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_seen_at(self) -> datetime | None:
        text: str = self.cleaned_data["seen_at"]
        try:
            found = parse_datetime(text) if text else None
        except ValueError:
            found = None
        return found if found and found.tzinfo else None


class SortForm(forms.Form):
    """The theme of one open answer, or of one idea of several. `place` names it within the page, such as "12-0"."""

    item = forms.IntegerField(min_value=0, max_value=99, widget=forms.HiddenInput)
    theme = forms.ChoiceField(label=_("Theme"), error_messages={"required": _("Choose a theme.")})

    def __init__(self, *args: Any, themes: Iterable[Theme], place: str, item: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, auto_id=f"id_{place}_%s", **kwargs)
        self.initial["item"] = item
        self.fields["theme"].widget.attrs["aria-describedby"] = f"told-{place}"
        self.themes = {theme.code: theme for theme in themes}
        choices = [(code, str(theme)) for code, theme in self.themes.items()]
        self.fields["theme"].choices = [("", _("— choose —")), *choices]  # type: ignore[attr-defined]

    def clean_theme(self) -> Theme:
        return self.themes[self.cleaned_data["theme"]]


class ThemeForm(PortalModelForm):
    class Meta:
        model = Theme
        fields = ["name_en", "name_fr", "definition_en", "definition_fr", "order"]


class NewThemeForm(ThemeForm):
    class Meta(ThemeForm.Meta):
        fields = ["code", *ThemeForm.Meta.fields]
        help_texts = {"code": _("Small letters, digits and hyphens; it never changes.")}


class _Choosing(PortalForm):
    """A plain form above a list. What is not understood is left out, and the form says so."""

    def chosen(self) -> dict[str, Any]:
        """Return the values that were understood, by field."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


ACTIVITIES = [("", pgettext_lazy("filter", "All")), *Occasion.Activity.choices]
BY = [
    ("activity", _("Activity")),
    ("side", _("Side")),
    ("province", _("Province or territory")),
    ("language", _("Language")),
]


class ActivityFilter(_Choosing):
    activity = forms.ChoiceField(label=_("Activity"), choices=ACTIVITIES, required=False)


class QueueFilter(ActivityFilter):
    list = forms.CharField(required=False, widget=forms.HiddenInput)


class CodedFilter(ActivityFilter):
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    field_order = ["theme", "activity"]

    def __init__(self, *args: Any, themes: Iterable[Theme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(theme.code, str(theme)) for theme in themes]
        self.fields["theme"].choices = [("", pgettext_lazy("filter", "All")), *choices]  # type: ignore[attr-defined]


class SortingFilter(CodedFilter):
    """Open answers by activity, and by theme or what is not sorted yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything, *themes = self.fields["theme"].choices  # type: ignore[attr-defined]
        self.fields["theme"].choices = [everything, (NOT_SORTED, _("Not sorted yet")), *themes]  # type: ignore[attr-defined]


class PeriodFilter(ActivityFilter):
    """From a day to a day, both included; each may be left open."""

    from_on = forms.DateField(label=_("From"), required=False)
    until_on = forms.DateField(label=_("Until"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("from_on"), cleaned.get("until_on")
        if first and last and last < first:
            self.add_error("until_on", _("The last day comes before the first."))
        return cleaned

    def chosen(self) -> dict[str, Any]:
        found = super().chosen()
        return found | {name: found[name] or None for name in ("from_on", "until_on")}


class RatesFilter(PeriodFilter):
    by = forms.ChoiceField(label=pgettext_lazy("rates", "By"), choices=BY, required=False)
    field_order = ["by", "activity", "from_on", "until_on"]

    def chosen(self) -> dict[str, Any]:
        found = super().chosen()
        return found | {"by": found["by"] or BY[0][0]}
