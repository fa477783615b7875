"""What coordinators type: which community it is, notes, words to the person, days."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.zones import ZONES_OF

from ..models import Interest
from .public import MOST_PEOPLE

FARTHEST = timedelta(days=366)  # from today, that a membership is set to begin


class MakeForm(PortalModelForm):
    """A community that is not listed yet, filled in with what the person said."""

    time_zone = forms.ChoiceField(label=_("Time zone"))
    population = forms.IntegerField(label=_("Population"), min_value=1, max_value=MOST_PEOPLE, required=False)
    population_year = forms.IntegerField(label=_("Census year"), min_value=1850, max_value=2200, required=False)

    class Meta:
        model = Municipality
        fields = ["name_en", "name_fr", "kind", "time_zone", "population", "population_year", "population_source"]
        help_texts = {"population_source": _("Such as: Statistics Canada, 2021 Census of Population.")}

    def __init__(self, *args: Any, interest: Interest, **kwargs: Any) -> None:
        known = {
            "name_en": interest.place_name,
            "name_fr": interest.place_name,
            "kind": interest.place_kind or Municipality.Kind.CITY,
            "population": interest.population,
        }
        super().__init__(*args, initial=known, **kwargs)
        zones = ZONES_OF.get(interest.province, ())
        field: Any = self.fields["time_zone"]
        field.choices = [(zone, zone.rpartition("/")[2].replace("_", " ")) for zone in zones]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("population") and not data.get("population_year") and "population_year" not in self.errors:
            self.add_error("population_year", _("Say of which year the population is."))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service makes it."""


class NotesForm(SeenVersion, PortalModelForm):
    """What coordinators note for each other; the person never reads it."""

    class Meta:
        model = Interest
        fields = ["notes"]
        help_texts = {"notes": _("Read by coordinators only.")}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class InviteForm(PortalForm):
    word = forms.CharField(
        label=_("A word with the invitation"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class ApproveForm(PortalForm):
    join_on = forms.DateField(label=_("Member from"), help_text=_("Usually today, or the day of the decision."))

    def clean_join_on(self) -> date:
        on: date = self.cleaned_data["join_on"]
        if on > timezone.localdate() + FARTHEST:
            raise forms.ValidationError(_("This day lies more than a year ahead."))
        return on


class RenewedForm(PortalForm):
    on = forms.DateField(label=_("Renewed on"))

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("This day lies ahead."))
        return on
