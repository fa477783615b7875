"""What people type about an agreement: a word, an answer, who takes part, what came of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from ..models import Agreement, Participant, Side


class AskForm(PortalForm):
    word = forms.CharField(
        label=_("A word to both municipalities"),
        help_text=_("Why you think of them, what you would do first. Both read the same words."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class DeclineForm(PortalForm):
    reason = forms.CharField(
        label=_("Why not, or not now"),
        help_text=_("The other municipality and the coordinators read it. It helps to find a better match."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class PersonForm(PortalModelForm):
    """Somebody more on one side. Who keeps one side only is not asked which."""

    side = forms.ChoiceField(label=_("For which municipality"), choices=())
    language = forms.ChoiceField(
        label=_("Language of letters"), choices=[("", _("Both")), *Language.choices], required=False
    )

    class Meta:
        model = Participant
        fields = ["side", "name", "title", "email", "language"]
        help_texts = {"email": _("The personal page goes to this address; no account is needed.")}

    def __init__(self, *args: Any, agreement: Agreement, sides: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        which: Any = self.fields["side"]
        which.choices = [(side, str(agreement.municipality_of(side))) for side in Side if side in sides]
        if len(sides) == 1:
            self.fields["side"].widget = forms.HiddenInput()
            self.initial["side"] = sides[0]

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class SummaryForm(SeenVersion, PortalModelForm):
    class Meta:
        model = Agreement
        fields = ["summary"]
        labels = {"summary": pgettext_lazy("mentoring", "What came of it")}
        help_texts = {"summary": _("What you reached, what changed in the municipality, what stays to be done.")}
        widgets = {"summary": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["summary"]
        field.is_needed_later = True

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class LostLinkForm(PortalForm):
    email = forms.EmailField(label=pgettext_lazy("form", "Email address"))
