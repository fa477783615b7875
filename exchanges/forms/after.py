"""After the visit: the return visit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import PortalForm


class ReturnForm(PortalForm):
    """Later, or not needed. Dates for "now" are a form of their own."""

    decision = forms.ChoiceField(
        choices=[("later", _("Later")), ("not_needed", _("Not needed"))],
        widget=forms.RadioSelect(),
        label=_("Your decision"),
    )
    from_on = forms.DateField(label=_("From which day on"), required=False)
    reason = forms.CharField(
        label=_("Why not"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "later" and not data.get("from_on"):
            self.add_error("from_on", _("Say from which day on."))
        if data.get("decision") == "not_needed" and not (data.get("reason") or "").strip():
            self.add_error("reason", _("Please give a reason; the others will read it."))
        return data
