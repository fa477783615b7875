"""New days, times, host, place or form of a meeting that people know of."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts import zones
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalModelForm

from ..models import Meeting
from ..services.moving import MATERIAL
from .planning import hosts_of


class ChangeForm(SeenVersion, PortalModelForm):
    """What everyone who comes is told about. The word is read by all of them, in the language in which it is written."""

    word = forms.CharField(
        label=_("A word to those concerned"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why it changes; goes into the letter as you write it."),
    )

    class Meta:
        model = Meeting
        fields = list(MATERIAL)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "ends_on", "begins_at", "finishes_at"):
            self.fields[name].required = True
        self.fields["host"].queryset = hosts_of(self.instance)
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=zones.choices(self.instance.time_zone), initial=self.instance.time_zone
        )
        self.fields["time_zone"].show_hidden_initial = True

    def _post_clean(self) -> None:
        """Leave the instance alone: the service checks and writes."""

    def new_facts(self) -> dict[str, Any]:
        """Return the material fields as they were typed."""
        return {name: self.cleaned_data[name] for name in MATERIAL}

    def as_hidden_fields(self) -> list[Any]:
        """Return all fields as hidden ones, for the page that asks once more before letters leave."""
        return [field.as_hidden() for field in self]
