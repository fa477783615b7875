"""Who takes part, and what invited people say from their personal page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import Municipality, PreventionProgramme, Stakeholder

from ..models import TeamMember, Visit


class MemberForm(SeenVersion, PortalModelForm):
    class Meta:
        model = TeamMember
        fields = ["category", "name", "title", "organisation", "email", "phone", "language"]
        help_texts = {
            "name": _("Leave empty while the person is still to be named."),
            "email": _("The invitation goes here, with a personal link. No account is needed."),
            "language": _("Letters are in this language; in both when you do not know."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Not known: both languages")), *Language.choices]
        self.fields["language"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("email") and not (data.get("name") or "").strip():
            self.add_error("name", _("Whose address is this?"))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class LeadForm(PortalForm):
    stakeholder = forms.ModelChoiceField(Stakeholder.objects.none(), label=_("Who leads for your side?"))

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stakeholder"].queryset = (
            Stakeholder.objects.current().filter(municipality=municipality).exclude(email="").order_by("name")
        )


class AnswerInvitationForm(PortalForm):
    word = forms.CharField(
        label=_("A word to the organisers"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class NeedsForm(PortalModelForm):
    class Meta:
        model = TeamMember
        fields = ["dietary_needs", "access_needs", "emergency_contact"]
        help_texts = {
            "dietary_needs": _("Allergies, or what you do not eat."),
            "access_needs": _("What you need to take part fully."),
            "emergency_contact": _("Name and telephone number."),
        }


class ColleagueForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"))


class IdeaForm(PortalForm):
    text = forms.CharField(label=_("What would you like to take home?"), max_length=300)
    programme = forms.ModelChoiceField(PreventionProgramme.objects.none(), label=_("Seen at"), required=False)
    is_shared = forms.BooleanField(label=_("Show it to both sides"), required=False)

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = PreventionProgramme.objects.filter(stops__visit=visit).distinct()


class LostLinkForm(PortalForm):
    """A guest who lost the link: we always answer the same."""

    email = forms.EmailField(label=_("Your email address"))
