"""The answer of the side whose turn it is."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import PortalForm

from ..models import HostRequest


class AcceptForm(PortalForm):
    window = forms.ChoiceField(
        label=_("Which period suits you?"),
        widget=forms.RadioSelect(),
        error_messages={"invalid_choice": _("These dates are no longer proposed; look at the latest ones.")},
    )
    note = forms.CharField(
        label=_("A word to them"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, windows: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["window"].choices = windows


class DeclineForm(PortalForm):
    reason = forms.ChoiceField(
        label=_("Why not this time?"), choices=HostRequest.Reason.choices, widget=forms.RadioSelect()
    )
    text = forms.CharField(
        label=_("A word to the visitors"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_text_shared = forms.BooleanField(
        label=_("The visitors may read it; otherwise only the network does"), required=False, initial=True
    )
