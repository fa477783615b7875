"""Periods as pairs of native date fields."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import DateInput, PortalForm


class WindowsMixin:
    """Date windows as pairs of native date fields: start_1, end_1…"""

    windows_needed = 0
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def add_windows(self, count: int, existing: list[tuple[date, date]] = ()) -> None:  # type: ignore[assignment]
        for n in range(1, count + 1):
            known = existing[n - 1] if n <= len(existing) else (None, None)
            first = n <= self.windows_needed
            self.fields[f"start_{n}"] = forms.DateField(
                label=_("Period %(n)s: first day") % {"n": n}, required=first, initial=known[0], widget=DateInput()
            )
            self.fields[f"end_{n}"] = forms.DateField(
                label=_("Period %(n)s: last day") % {"n": n}, required=first, initial=known[1], widget=DateInput()
            )

    def clean_windows(self, count: int) -> list[tuple[date, date]]:
        """Return the whole periods. Of one that is wrong, what was known before stands: a draft is saved while it is written."""
        windows = []
        for n in range(1, count + 1):
            first, last = f"start_{n}", f"end_{n}"
            start, end = self.cleaned_data.get(first), self.cleaned_data.get(last)
            known = self.fields[first].initial, self.fields[last].initial
            if first in self.errors or last in self.errors:  # type: ignore[attr-defined]
                pass
            elif start and end and end < start:
                self.add_error(last, _("The last day comes before the first one."))  # type: ignore[attr-defined]
            elif start and end:
                known = start, end
            elif start or end:
                self.add_error(last if start else first, _("Give both days of this period."))  # type: ignore[attr-defined]
            else:
                known = None, None
            if known[0] and known[1]:
                windows.append((known[0], known[1]))
        return windows

    def window_pairs(self) -> list[tuple[Any, Any]]:
        """Return the bound fields two by two, for the template."""
        count = sum(name.startswith("start_") for name in self.fields)
        return [(self[f"start_{n}"], self[f"end_{n}"]) for n in range(1, count + 1)]  # type: ignore[index]


class WindowsForm(WindowsMixin, PortalForm):
    """Other dates, and a word with them."""

    windows_needed = 1

    def __init__(self, *args: Any, count: int = 3, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_windows(count)
        self.fields["word"] = forms.CharField(
            label=_("A word to them"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["windows"] = self.clean_windows(sum(name.startswith("start_") for name in self.fields))
        return data
