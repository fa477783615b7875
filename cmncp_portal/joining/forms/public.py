"""What anybody types on the page about joining, and afterwards on the own page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models.municipality import Province
from cmncp_portal.network.stages import Stage

from ..models import Interest

MOST_PEOPLE = 100_000_000
CLASSES: Any = Interest._meta.get_field("membership_kind").choices


class NotForMachines(PortalForm):
    """`website` is for machines that fill in whatever they find: people never see it."""

    website = forms.CharField(label=_("Leave this empty"), required=False)

    @property
    def is_machine(self) -> bool:
        """Whether something filled in the field that people do not see."""
        return bool(self.data.get("website"))


class InterestForm(NotForMachines):
    """The four fields of an expression of interest; its language is that of the page."""

    place_name = forms.CharField(
        label=_("Your municipality, community or organisation"),
        help_text=_("A city, town, region or county, a First Nation or another Indigenous community or government."),
        max_length=120,
    )
    province = forms.ChoiceField(label=_("Province or territory"), choices=[("", _("— choose —")), *Province.choices])
    name = forms.CharField(label=_("Your name"), max_length=200)
    email = forms.EmailField(
        label=_("Your email address"), help_text=_("A first letter asks you to confirm that it is yours.")
    )


class CostForm(PortalForm):
    """How many people live there: answered on the spot, kept nowhere."""

    population = forms.IntegerField(label=_("Population"), min_value=1, max_value=MOST_PEOPLE)


class LostLinkForm(NotForMachines):
    email = forms.EmailField(label=_("Your email address"))


class MoreForm(SeenVersion, PortalModelForm):
    """What helps the coordinators to answer. Nothing of it is required."""

    population = forms.IntegerField(label=_("Population"), min_value=1, max_value=MOST_PEOPLE, required=False)

    class Meta:
        model = Interest
        fields = ["role", "phone", "place_kind", "population", "membership_kind", "why", "stage", "wants_mentor"]
        widgets = {"membership_kind": forms.RadioSelect, "stage": forms.RadioSelect}
        labels = {"membership_kind": _("Which class of membership you think of"), "role": _("Your role or office")}
        help_texts = {
            "why": _("What you would like to learn, or what you are proud of."),
            "wants_mentor": _("A mentor municipality accompanies you; you need not be a member for that."),
        }

    def __init__(self, *args: Any, population: int | None = None, **kwargs: Any) -> None:
        """`population` is what the portal knows of the community: proposed, and not kept before the person agrees."""
        super().__init__(*args, **kwargs)
        if self.instance.population is None and population is not None:
            self.initial["population"] = population
        unsure = ("", _("We do not know yet"))
        fields: Any = self.fields
        fields["membership_kind"].choices = [unsure, *CLASSES]
        stages = [(stage.value, stage.label) for stage in Stage]
        fields["stage"].choices = [("", pgettext_lazy("stage of a strategy", "Not said yet")), *stages]

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""
