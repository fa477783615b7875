"""The filters of the list."""

from typing import Any

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..models import Exchange
from ..selectors.lists import GROUPS, filter_choices


class ExchangeFilter(django_filters.FilterSet):
    """The list's filters; a plain GET form, so that an address can be shared."""

    group = django_filters.ChoiceFilter(
        label=_("Which ones"),
        choices=[
            ("open", _("All that are open")),
            ("planned", _("Being planned or confirmed")),
            ("evaluation", _("Being evaluated")),
            ("over", _("Over")),
        ],
        method="in_group",
        empty_label=_("All"),
    )
    topic = django_filters.ChoiceFilter(label=_("Topic"), field_name="topics", empty_label=_("All"))
    municipality = django_filters.ChoiceFilter(
        label=_("Municipality"), method="with_municipality", empty_label=_("All")
    )

    class Meta:
        model = Exchange
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in filter_choices().items():
            self.filters[name].extra["choices"] = choices

    def in_group(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(GROUPS[value])

    def with_municipality(self, rows: Any, _name: str, pk: str) -> Any:
        return rows.filter(Q(guest=pk) | Q(host=pk))
