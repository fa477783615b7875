"""The filters of the library: plain GET forms, so that an address can be shared. What no list offers leaves the list as it is."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.network.stages import Stage

from ..models import ActionBrief, Practice
from ..selectors import library, practices


class WordsField(forms.CharField):
    """What somebody looks for, cut to what is looked at: on the page too."""

    def to_python(self, value: Any) -> str:
        return library.question(super().to_python(value) or "")

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.to_python(data) if data else data


class WordsFilter(django_filters.CharFilter):
    field_class = WordsField


def words_filter() -> WordsFilter:
    return WordsFilter(label=_("Words"), method="by_words", widget=forms.TextInput(attrs={"type": "search"}))


def evidence_filter() -> django_filters.ChoiceFilter:
    choices = [
        (library.MODERATE, pgettext_lazy("evidence", "Impact at least moderate")),
        (library.RATED, pgettext_lazy("evidence", "Rated by a source")),
    ]
    return django_filters.ChoiceFilter(label=_("Evidence"), choices=choices, method="by_evidence", empty_label=_("All"))


class Filters(django_filters.FilterSet):
    """What the filters of briefs and of practices share. `choices` are those that the database gives."""

    choices: dict[str, list[tuple[str, str]]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in self.choices.items():
            self.filters[name].extra["choices"] = choices

    @property
    def text(self) -> str:
        """What is looked for."""
        return self.form.cleaned_data.get("q") or ""

    @property
    def is_filtered(self) -> bool:
        return any(value not in ("", None) for value in self.form.cleaned_data.values())

    @property
    def has_more_than_words(self) -> bool:
        """Whether anything but the words narrows the list."""
        return any(value not in ("", None) for name, value in self.form.cleaned_data.items() if name != "q")

    def by_evidence(self, rows: Any, _name: str, value: str) -> Any:
        return library.with_evidence(rows, value)


class BriefFilter(Filters):
    q = words_filter()
    topic = django_filters.ChoiceFilter(label=_("Topic"), field_name="topics__slug", empty_label=_("All"))
    audience = django_filters.ChoiceFilter(label=_("Steps for"), method="by_audience", empty_label=_("All"))
    population = django_filters.ChoiceFilter(
        label=_("Population"), field_name="populations__slug", empty_label=_("All")
    )
    stage = django_filters.ChoiceFilter(
        label=_("Stage of a strategy"),
        choices=[(str(value), label) for value, label in Stage.choices],
        method="by_stage",
        empty_label=_("All"),
    )
    evidence = evidence_filter()
    series = django_filters.ChoiceFilter(label=_("Series"), field_name="series__number", empty_label=_("All"))
    standing = django_filters.ChoiceFilter(
        label=pgettext_lazy("filter of briefs", "How it stands"),
        choices=[
            (library.CURRENT, pgettext_lazy("briefs", "Kept up to date")),
            (library.ARCHIVAL, pgettext_lazy("briefs", "Published elsewhere, earlier")),
            (library.FORMER, pgettext_lazy("briefs", "Replaced or withdrawn")),
        ],
        method="as_they_are",
        empty_label=pgettext_lazy("briefs", "Published"),
    )

    class Meta:
        model = ActionBrief
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.choices = library.filter_choices()
        super().__init__(*args, **kwargs)

    def filter_queryset(self, queryset: Any) -> Any:
        return library.in_standing(super().filter_queryset(queryset), self.form.cleaned_data.get("standing") or "")

    def as_they_are(self, rows: Any, _name: str, _value: str) -> Any:
        return rows  # without an answer it narrows the list too: filter_queryset sees to it

    def by_words(self, rows: Any, _name: str, value: str) -> Any:
        return library.with_words(rows, value)

    def by_audience(self, rows: Any, _name: str, value: str) -> Any:
        return library.for_audience(rows, value)

    def by_stage(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(stages__contains=[int(value)])


class PracticeFilter(Filters):
    q = words_filter()
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Practice.Kind.choices, empty_label=_("All"))
    topic = django_filters.ChoiceFilter(label=_("Topic"), field_name="topics__slug", empty_label=_("All"))
    population = django_filters.ChoiceFilter(
        label=_("Population"), field_name="populations__slug", empty_label=_("All")
    )
    evidence = evidence_filter()

    class Meta:
        model = Practice
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.choices = practices.filter_choices()
        super().__init__(*args, **kwargs)

    def by_words(self, rows: Any, _name: str, value: str) -> Any:
        return practices.with_words(rows, value)
