"""Input of the pages that join all activities: what the picture of the network's reach is asked for."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.forms import PortalForm
from cmncp_portal.network.models import Membership, Province
from cmncp_portal.reporting.indicators.base import fiscal_year

from .reach import ACTIVITIES, LANGUAGES, SIZES, Wanted

YEARS = 10  # fiscal years offered, the present one included


def fiscal_years() -> list[tuple[str, str]]:
    """Return the fiscal years to choose from, the present one first: ("2026", "2026–2027")."""
    first = fiscal_year(timezone.localdate()).from_on.year
    return [(str(year), f"{year}–{year + 1}") for year in range(first, first - YEARS, -1)]


def _periods() -> list[tuple[str, Any]]:
    return [("", _("All time")), *fiscal_years()]


class ReachForm(PortalForm):
    """The GET form of the picture. A choice that no list offers leaves the picture as it is and says so beside the field."""

    period = forms.ChoiceField(label=_("Period, April to March"), choices=_periods, required=False)
    activity = forms.ChoiceField(label=_("Activity"), choices=[("", _("All")), *ACTIVITIES.items()], required=False)
    province = forms.ChoiceField(
        label=_("Province or territory"), choices=[("", _("All")), *Province.choices], required=False
    )
    size = forms.ChoiceField(label=_("Population"), choices=[("", _("All")), *SIZES.items()], required=False)
    language = forms.ChoiceField(
        label=_("Receives visitors in"), choices=[("", _("All")), *LANGUAGES.items()], required=False
    )
    membership = forms.ChoiceField(
        label=_("Membership"), choices=[("", _("All")), *Membership.Kind.choices], required=False
    )
    order = forms.ChoiceField(
        label=_("Order"),
        choices=[("", pgettext_lazy("order", "By name")), ("silence", _("Longest without contact first"))],
        required=False,
    )

    @property
    def wanted(self) -> Wanted:
        """What was chosen; a choice that is not offered counts as none."""
        self.is_valid()
        chosen = {name: self.cleaned_data.get(name, "") for name in self.fields}
        year = chosen.pop("period")
        period = fiscal_year(date(int(year), 4, 1)) if year else None
        return Wanted(period=period, **chosen)
