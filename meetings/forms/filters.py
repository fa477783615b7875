"""The filters of the list."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..models import Meeting
from ..selectors import lists

MODES = {
    "in_person": (Meeting.Mode.IN_PERSON, Meeting.Mode.HYBRID),
    "online": (Meeting.Mode.VIRTUAL, Meeting.Mode.HYBRID),
}


class MeetingFilter(django_filters.FilterSet):
    """The list's filters; a plain GET form, so that an address can be shared. What no list offers leaves the list as it is."""

    q = django_filters.CharFilter(label=_("Words"), method="by_words", widget=forms.TextInput(attrs={"type": "search"}))
    when = django_filters.ChoiceFilter(
        label=pgettext_lazy("filter", "When"),
        choices=[
            (lists.UPCOMING, pgettext_lazy("meetings", "Upcoming")),
            (lists.PAST, pgettext_lazy("meetings", "Past")),
            (lists.ALL, pgettext_lazy("meetings", "All")),
        ],
        method="as_they_are",
        empty_label=None,
    )
    region = django_filters.ChoiceFilter(label=_("Region"), field_name="region__slug", empty_label=_("All"))
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Meeting.Kind.choices, empty_label=_("All"))
    mode = django_filters.ChoiceFilter(
        label=_("How one takes part"),
        choices=[("in_person", pgettext_lazy("meeting", "In person")), ("online", pgettext_lazy("meeting", "Online"))],
        method="by_mode",
        empty_label=_("All"),
    )
    host = django_filters.ChoiceFilter(label=_("Host"), field_name="host__slug", empty_label=_("All"))

    class Meta:
        model = Meeting
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = lists.filter_choices(user)
        for name, choices in self.choices.items():
            self.filters[name].extra["choices"] = choices

    @property
    def when_asked(self) -> str:
        """Which time the list shows; upcoming meetings when nobody asks, or asks nonsense."""
        return self.form.cleaned_data.get("when") or lists.UPCOMING

    @property
    def is_filtered(self) -> bool:
        """Whether the list leaves anything out but the past."""
        return any(value for name, value in self.form.cleaned_data.items() if name != "when")

    def filter_queryset(self, queryset: Any) -> Any:
        return lists.in_time(super().filter_queryset(queryset), self.when_asked)

    def as_they_are(self, rows: Any, _name: str, _value: str) -> Any:
        return rows  # time decides about the order as well: filter_queryset sees to it

    def by_words(self, rows: Any, _name: str, value: str) -> Any:
        return lists.with_words(rows, value)

    def by_mode(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(mode__in=MODES[value])
