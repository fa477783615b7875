"""What people type: who they are, why not, what went wrong."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from .models import Incident, PersonRequest


class AskForm(PortalForm):
    """A copy, or to be forgotten. `website` is for machines that fill in whatever they find: people never see it."""

    kind = forms.ChoiceField(
        label=_("What would you like?"),
        choices=[
            (PersonRequest.Kind.COPY, _("A copy of what is held about me")),
            (PersonRequest.Kind.FORGET, _("To be forgotten")),
        ],
        widget=forms.RadioSelect,
        initial=PersonRequest.Kind.COPY,
    )
    email = forms.EmailField(
        label=_("Your email address"),
        help_text=_(
            "The one to which our letters come. A letter with a link goes there, and nothing happens before you open it."
        ),
    )
    website = forms.CharField(label=_("Leave this empty"), required=False)

    @property
    def is_machine(self) -> bool:
        """Whether something filled in the field that people do not see."""
        return bool(self.data.get("website"))


class WriteDownForm(PortalForm):
    """An administrator writes down what somebody asked for by telephone or on paper."""

    kind = forms.ChoiceField(
        label=_("What was asked for"), choices=PersonRequest.Kind.choices, widget=forms.RadioSelect
    )
    email = forms.EmailField(
        label=_("Email address of the person"),
        help_text=_("The person gets a letter and confirms the request from there."),
    )
    language = forms.ChoiceField(label=_("Language of the letter"), choices=Language.choices)


class RefuseForm(PortalForm):
    answer = forms.CharField(
        label=_("Your answer to the person"),
        help_text=_("Why not, or not yet; and that she may turn to the privacy commissioner."),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class IncidentForm(PortalModelForm):
    class Meta:
        model = Incident
        fields = ["happened_on", "noticed_on", "what", "people", "is_serious", "measures", "told", "closed_on"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        days = {name: found.get(name) for name in ("happened_on", "noticed_on", "closed_on")}
        if days["noticed_on"] and days["noticed_on"] > timezone.localdate():
            self.add_error("noticed_on", _("This day is still to come."))
        if days["happened_on"] and days["noticed_on"] and days["noticed_on"] < days["happened_on"]:
            self.add_error("noticed_on", _("It was noticed on the day it happened, or later."))
        if days["closed_on"] and days["noticed_on"] and days["closed_on"] < days["noticed_on"]:
            self.add_error("closed_on", _("It was closed on the day it was noticed, or later."))
        if days["closed_on"] and not found.get("measures"):
            self.add_error("measures", _("Say what was done before you close it."))
        return found
