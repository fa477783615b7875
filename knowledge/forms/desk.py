"""The forms of the desk about a brief as a whole, and the filters of its board."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import Topic
from cmncp_portal.network.stages import Stage

from ..models import ActionBrief, BriefSeries
from ..selectors import board
from ..workflow import EXCEPTION_DAYS


class BoardFilter(django_filters.FilterSet):
    """A plain GET form, so that an address can be shared. What it does not offer leaves the board as it is."""

    q = django_filters.CharFilter(
        label=_("Title or number"), method="by_words", widget=forms.TextInput(attrs={"type": "search"})
    )
    group = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[(name, label) for name, (label, _states) in board.GROUPS.items()],
        method="by_group",
        empty_label=_("All"),
    )

    class Meta:
        model = ActionBrief
        fields: list[str] = []

    @property
    def is_filtered(self) -> bool:
        return any(self.form.cleaned_data.values())

    def by_words(self, rows: Any, _name: str, value: str) -> Any:
        return board.with_words(rows, value)

    def by_group(self, rows: Any, _name: str, value: str) -> Any:
        return board.in_group(rows, value)


class NewBriefForm(PortalForm):
    """The least that makes a brief; the rest follows on its pages."""

    title = forms.CharField(label=_("Title"), max_length=200, help_text=_("In the language in which you write it."))
    language = forms.ChoiceField(
        label=_("Written in"),
        choices=Language.choices,
        widget=forms.RadioSelect,
        help_text=_("The other language’s text is a translation of this one."),
    )
    series = forms.ModelChoiceField(label=_("Series"), queryset=BriefSeries.objects.all(), required=False)
    number = forms.IntegerField(
        label=_("Number in the series"),
        min_value=1,
        max_value=9999,
        required=False,
        help_text=_("Leave empty for the next free number."),
    )
    topics = forms.ModelMultipleChoiceField(
        label=_("Topics"), queryset=Topic.objects.all(), widget=forms.CheckboxSelectMultiple, required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        series, number = data.get("series"), data.get("number")
        if number and not series and "series" not in self.errors:
            self.add_error("series", _("In which series is this the number?"))
        elif series and number:
            taken = ActionBrief.objects.filter(series=series, number=number).prefetch_related("editions").first()
            if taken is not None:
                self.add_error("number", _("“%(title)s” has this number.") % {"title": taken.title})
        return data


class FactsForm(SeenVersion, PortalModelForm):
    """What is known of a brief outside its texts. Once readers know its address, it stays."""

    stages = forms.TypedMultipleChoiceField(
        label=_("Stages of a strategy"),
        choices=Stage.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("For municipalities at these stages it is most useful."),
    )

    class Meta:
        model = ActionBrief
        fields = [
            "series", "number", "slug", "topics", "populations", "stages", "authors", "next_review_on", "replaces",
            "archive_url",
        ]  # fmt: skip
        widgets = {"topics": forms.CheckboxSelectMultiple, "populations": forms.CheckboxSelectMultiple}
        help_texts = {
            "number": _("Leave empty for the next free number."),
            "slug": _("The last part of its address on this site. After publication it stays."),
            "authors": _("As they are cited, such as “University of Ottawa team”."),
            "next_review_on": _("Publication sets it to twelve months later."),
            "replaces": _("When this brief is published, that one says that there is a newer one."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        brief = self.instance
        rows = ActionBrief.objects.exclude(pk=brief.pk).prefetch_related("editions").select_related("series")
        self.fields["replaces"].queryset = rows.filter(
            state__in=[ActionBrief.State.PUBLISHED, ActionBrief.State.SUPERSEDED]
        )
        self.fields["replaces"].label_from_instance = lambda b: f"{b.reference} {b.title}".strip()
        if brief.published_at:
            del self.fields["slug"]
        if not brief.is_archival:
            del self.fields["archive_url"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("number") == 0:
            self.add_error("number", _("Numbers begin with 1."))
        if data.get("number") and not data.get("series") and "series" not in self.errors:
            self.add_error("series", _("In which series is this the number?"))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class ScheduleForm(PortalForm):
    on = forms.DateField(label=_("Publish on"), help_text=_("At 9:00 a.m., Toronto time."))

    def clean_on(self) -> Any:
        day = self.cleaned_data["on"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that lies ahead."))
        return day


class WithdrawForm(PortalForm):
    """Readers see why, each in the own language."""

    why_en = forms.CharField(label=_("Why, in English"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    why_fr = forms.CharField(label=_("Why, in French"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class ExceptionForm(PortalForm):
    """An administrator lets a brief be published in one language, for a while."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stays in the history of the brief."),
    )
    until = forms.DateField(
        label=_("The other language follows by"), help_text=_("Readers see this day on the page of the brief.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("until", timezone.localdate() + timedelta(days=EXCEPTION_DAYS))

    def clean_until(self) -> Any:
        day = self.cleaned_data["until"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day that lies ahead."))
        return day
