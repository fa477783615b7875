"""Input of the figures of a year: one indicator of one municipality, and what the network's page is asked to show."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import DecimalComma, PortalModelForm
from cmncp_portal.core.money import money_in_words
from cmncp_portal.network.models import Municipality

from ..indicators import FIRST_YEAR, SHARE, Unit, all_codes, name_of, percent, unit_of, why_not
from ..models import IndicatorReading
from .strategies import PlaceFilter

HUNDREDTH = Decimal("0.01")


def _number(label: Any, **options: Any) -> DecimalComma:
    field = DecimalComma(label=label, widget=forms.TextInput(attrs={"inputmode": "decimal", "size": 12}), **options)
    field.widget.is_localized = True  # 12.50 is shown as 12,50 on a French page
    return field


def value_field(indicator: str) -> forms.Field:
    """Return the field for a value of `indicator`: yes and no to choose from, else a number with a comma or a point."""
    if unit_of(indicator) == Unit.YES_NO:
        choices = [("1", _("Yes")), ("0", _("No"))]
        return forms.TypedChoiceField(label=_("Answer"), choices=choices, coerce=Decimal, widget=forms.RadioSelect)
    is_share = unit_of(indicator) == Unit.PERCENT
    return _number(_("Figure, in per cent") if is_share else _("Figure"), max_digits=9, decimal_places=2)


class ReadingForm(SeenVersion, PortalModelForm):
    """One figure. Give a reading (a blank one with its indicator for a new one) and the prevention budgets by year.

    The share of prevention may be worked out: whoever types the whole safety budget of a year leaves the share empty.
    """

    class Meta:
        model = IndicatorReading
        fields = ["year", "value", "source", "source_url", "source_on", "note"]
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        labels = {"source": pgettext_lazy("figure", "Where this figure stands")}
        help_texts = {
            "source": _("Such as the table of a statistical office, or the page of a report or budget."),
            "source_url": _("The full address, beginning with https://"),
            "source_on": _("The day on which it was published."),
            "note": _("What one has to know to read this figure, such as a new way of counting."),
        }
        error_messages = {"source": {"required": _("Say where this figure stands, so that others can look it up.")}}

    def __init__(self, *args: Any, budgets: Mapping[int, Decimal] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.budgets = budgets or {}
        indicator = self.instance.indicator
        self.fields["year"] = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, show_hidden_initial=True)
        self._put("value", value_field(indicator))
        if unit_of(indicator) == Unit.YES_NO and self.instance.value is not None:
            self.initial["value"] = str(int(self.instance.value))
        if indicator == SHARE:
            self.fields["value"].required = False
            self._put("whole", _number(_("Whole safety budget of that year, in dollars"), required=False, min_value=1))
            self.fields["whole"].help_text = _(
                "Type it and leave the share empty: the share is then worked out from the prevention budget of that year."
            )
            self.order_fields(["version", "year", "value", "whole"])

    def _put(self, name: str, field: forms.Field) -> None:
        field.show_hidden_initial = True  # as SeenVersion sets it, for the page of two texts
        self.fields[name] = field

    def clean_year(self) -> int:
        year, latest = int(self.cleaned_data["year"]), timezone.localdate().year
        if year > latest:
            raise forms.ValidationError(_("Choose a year up to %(year)s."), params={"year": latest})
        return year

    def clean_value(self) -> Decimal | None:
        value: Decimal | None = self.cleaned_data["value"]
        if value is not None and (reason := why_not(self.instance.indicator, value)):
            raise forms.ValidationError(reason)
        return value

    def clean_source_on(self) -> Any:
        day = self.cleaned_data["source_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        whole = cleaned.pop("whole", None)
        if whole is not None and "year" in cleaned and "value" in cleaned:
            self._work_out(cleaned, whole)
        elif "value" in cleaned and cleaned["value"] is None and "whole" not in self.errors:
            self.add_error("value", _("Type the share, or the whole safety budget below."))
        return cleaned

    def _work_out(self, cleaned: dict[str, Any], whole: Decimal) -> None:
        part = self.budgets.get(cleaned["year"])
        if part is None:
            text = _("There is no prevention budget for %(year)s yet: add it first, or type the share itself.")
            self.add_error("whole", forms.ValidationError(text, params={"year": cleaned["year"]}))
            return
        if part > whole:
            self.add_error("whole", _("This is less than the prevention budget of that year."))
            return
        share = round(100 * part / whole, 2)
        if cleaned["value"] not in (None, share):
            text = _("By these two budgets the share is %(share)s: leave one of the two fields empty.")
            self.add_error("whole", forms.ValidationError(text, params={"share": percent(share)}))
            return
        cleaned |= {"value": share, "note": _with_sums(cleaned.get("note") or "", part, whole)}


def _with_sums(note: str, part: Decimal, whole: Decimal) -> str:
    """The note with the two budgets that the share was worked out from, where there is room for them."""
    sums = f"{money_in_words(part)} / {money_in_words(whole)}"
    longer = " · ".join(filter(None, (note, sums)))
    longest = IndicatorReading._meta.get_field("note").max_length or 0
    return note if sums in note or len(longer) > longest else longer


class FiguresFilter(PlaceFilter):
    """What the network's page of figures shows: an indicator or all, of which municipalities, of which year or the latest."""

    indicator = django_filters.ChoiceFilter(
        label=_("Figure"),
        method="elsewhere",
        empty_label=_("All"),
        choices=lambda: [(code, name_of(code)) for code in all_codes()],
    )
    year = django_filters.NumberFilter(
        label=_("Year"),
        method="elsewhere",
        min_value=FIRST_YEAR,
        max_value=2100,
        widget=forms.NumberInput(attrs={"size": 6}),
    )

    class Meta:
        model = Municipality
        fields: list[str] = []

    def elsewhere(self, rows: Any, _name: str, _value: Any) -> Any:
        """Which figures, not which municipalities: the page reads these two itself."""
        return rows

    @property
    def indicator_asked(self) -> str:
        return self.said.get("indicator") or ""

    @property
    def year_asked(self) -> int | None:
        year = self.said.get("year")
        return int(year) if year is not None else None
