"""Planning a consultation: its days, and guests by name."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from ..models import StandardVersion
from ..workflow import SHORTEST_CONSULTATION_DAYS

GUESTS_AT_ONCE = 5


class DaysForm(SeenVersion, PortalModelForm):
    """From when until when people can comment; while they can, the last day alone."""

    # Which form of the page it is: stays with it when somebody else saved first.
    act = forms.CharField(widget=forms.HiddenInput, initial="days")

    class Meta:
        model = StandardVersion
        fields = ["opens_on", "closes_on"]
        help_texts = {"closes_on": _("People can comment until midnight of this day at the network’s office.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.state == StandardVersion.State.CONSULTATION:
            del self.fields["opens_on"]
        self.fields["act"].show_hidden_initial = False
        for field in self.fields.values():
            field.required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        opens: date | None = data.get("opens_on")
        closes: date | None = data.get("closes_on")
        if opens and closes and (closes - opens).days < SHORTEST_CONSULTATION_DAYS:
            days = {"days": SHORTEST_CONSULTATION_DAYS}
            self.add_error("closes_on", _("Leave people at least %(days)s days to comment.") % days)
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class GuestRow(PortalForm):
    """Somebody who is asked by name; a row that stays empty is nobody."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"))
    organisation = forms.CharField(label=_("College or organisation"), max_length=200, required=False)
    language = forms.ChoiceField(
        label=_("Language of letters"),
        choices=[("", _("Not known: both languages")), *Language.choices],
        required=False,
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class GuestRowsBase(forms.BaseFormSet):
    def clean(self) -> None:
        """Somebody must be named, and nobody twice."""
        if any(self.errors):
            return
        if not self.guests:
            self.forms[0].add_error("name", _("Name at least one person."))
        seen: set[str] = set()
        for row in self.forms:
            email = row.cleaned_data.get("email")
            if email in seen:
                row.add_error("email", _("This address stands in another row already."))
            seen |= {email} if email else set()

    @property
    def guests(self) -> list[dict[str, str]]:
        """Who was named. After `is_valid`."""
        return [row.cleaned_data for row in self.forms if row.cleaned_data.get("email")]


GuestRows: Any = forms.formset_factory(
    GuestRow, formset=GuestRowsBase, extra=GUESTS_AT_ONCE, max_num=GUESTS_AT_ONCE, validate_max=True
)
