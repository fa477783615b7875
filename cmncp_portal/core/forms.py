"""Base of the forms: native date and time inputs, one look for all."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

LONGEST_TEXT = 10_000  # Characters. Beyond it somebody pasted a document; documents have a place of their own.

DJANGOS_ROWS = "10"  # what forms.Textarea sets when nobody said otherwise
SPOKEN = ("_en", "_fr")  # ends of the names of fields that are filled in one language, whatever the page is in


class DateInput(forms.DateInput):
    """The browser's own date field; its value is ISO in both languages."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%H:%M")


def tidy(form: forms.BaseForm) -> None:
    """Give every field the widgets and limits of the house."""
    for name, field in form.fields.items():
        if type(field) is forms.CharField and name.endswith(SPOKEN):
            field.widget.attrs.setdefault("lang", name[-2:])
        if type(field) is forms.DateField and type(field.widget) is forms.DateInput:
            field.widget = _keep(field.widget, DateInput())
        elif type(field) is forms.TimeField and type(field.widget) is forms.TimeInput:
            field.widget = _keep(field.widget, TimeInput())
        elif (
            isinstance(field, forms.CharField) and field.max_length is None and isinstance(field.widget, forms.Textarea)
        ):
            field.max_length = LONGEST_TEXT
            field.validators.append(MaxLengthValidator(LONGEST_TEXT))
            if field.widget.attrs.get("rows") == DJANGOS_ROWS:
                field.widget.attrs["rows"] = 4
        if isinstance(field, forms.ModelChoiceField) and not isinstance(field, forms.ModelMultipleChoiceField):
            field.empty_label = field.empty_label and _("— choose —")


def _keep(old: forms.Widget, new: forms.Widget) -> forms.Widget:
    new.attrs = {**old.attrs, **new.attrs}
    return new


class DecimalComma(forms.DecimalField):
    """A number as people write it in either language: 1,500.50 or 1 500,50 $, 12.5% or 12,5 %."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if isinstance(value, str):
            value = "".join(value.split()).strip("$%")
            comma, dot = value.rfind(","), value.rfind(".")
            groups = value[comma + 1 :].isdigit() and len(value) - comma == 4  # 1,500 is fifteen hundred
            value = (
                value.replace(",", "")
                if dot > comma or groups
                else value.replace(".", "").replace(",", ".")
                if comma >= 0
                else value
            )
        return super().to_python(value)


class PortalForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tidy(self)


class PortalModelForm(forms.ModelForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tidy(self)


class ReasonForm(PortalForm):
    """A move that the others will read the reason of."""

    note = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = required
