"""A new table of fees: one class, one day, several lines."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import PortalForm

from ..models import FeeTier

LINES = 8
CLASSES: Any = FeeTier._meta.get_field("kind").choices


class TableForm(PortalForm):
    """Of whom, from when, and how this is known."""

    kind = forms.ChoiceField(label=_("Class"), choices=CLASSES, widget=forms.RadioSelect)
    effective_from = forms.DateField(
        label=_("Holds from"), help_text=_("A table of the same day is replaced; older ones stay.")
    )
    source = forms.CharField(
        label=_("Where this is known from"), max_length=300, help_text=_("Such as: decision of the Board, May 4, 2026.")
    )


class LineForm(PortalForm):
    """One size and its yearly fee. A line left empty is none."""

    population_from = forms.IntegerField(label=_("From (people)"), min_value=0, required=False)
    population_to = forms.IntegerField(label=_("To under (people)"), min_value=1, required=False)
    annual_fee = forms.DecimalField(
        label=_("Yearly fee, in dollars"), min_value=Decimal(0), max_digits=9, decimal_places=2, required=False
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        said = [data.get(name) is not None for name in ("population_from", "population_to", "annual_fee")]
        if any(said) and not said[0] and "population_from" not in self.errors:
            self.add_error("population_from", _("Say from how many people this line holds; the first begins at 0."))
        if any(said) and not said[2] and "annual_fee" not in self.errors:
            self.add_error("annual_fee", _("Say what this line costs a year."))
        low, high = data.get("population_from"), data.get("population_to")
        if low is not None and high is not None and high <= low:
            self.add_error("population_to", _("This is not above the number where the line begins."))
        return data


LineFormSet = forms.formset_factory(LineForm, extra=LINES, max_num=LINES, validate_max=True)


def tiers(formset: Any) -> list[dict[str, Any]]:
    """Return the lines of a valid `formset` that say something, as `services.fees.set_table` takes them."""
    rows = [form.cleaned_data for form in formset if form.has_changed()]
    return [row for row in rows if row.get("annual_fee") is not None]
