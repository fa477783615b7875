"""The filters of the list of agreements."""

from typing import Any

import django_filters
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ..models import Agreement
from ..selectors import finding


class AgreementFilter(django_filters.FilterSet):
    """A plain GET form, so that an address can be shared. What no list offers leaves the list as it is."""

    group = django_filters.ChoiceFilter(
        label=_("Which ones"),
        choices=[
            ("open", pgettext_lazy("mentoring agreements", "All that are open")),
            ("asked", pgettext_lazy("mentoring agreements", "Prepared or waiting for answers")),
            ("running", pgettext_lazy("mentoring agreements", "Running or paused")),
            ("silent", pgettext_lazy("mentoring agreements", "Silent for 45 days")),
            ("over", pgettext_lazy("mentoring agreements", "Over")),
        ],
        method="in_group",
        empty_label=_("All"),
    )
    municipality = django_filters.ChoiceFilter(
        label=_("Municipality"), method="with_municipality", empty_label=_("All")
    )

    class Meta:
        model = Agreement
        fields: list[str] = []

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["municipality"].extra["choices"] = finding.municipality_choices(user)

    @property
    def is_filtered(self) -> bool:
        return any(self.form.cleaned_data.values())

    def in_group(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(finding.silent(timezone.now()) if value == "silent" else finding.GROUPS[value])

    def with_municipality(self, rows: Any, _name: str, pk: str) -> Any:
        return rows.filter(finding.of_municipality(pk))
