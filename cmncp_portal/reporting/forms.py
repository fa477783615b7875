"""What people type about a report: its period and figures, its texts, the day on which it is due."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.urls import Resolver404, resolve, translate_url
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from .indicators.base import REGISTRY, Indicator
from .models import LinkedCase, Narrative, Report, Snapshot

LONGEST_PERIOD = 366 * 5  # days: beyond it somebody mistyped a year
YEARS = range(2000, 2200)  # at the ends of the calendar there is no day before, or after, to reckon with


def _choices() -> list[tuple[str, Any]]:
    return [(code, one.name) for code, one in REGISTRY.items()]


class ReportForm(SeenVersion, PortalModelForm):
    """The whole of a report but its texts and its day. All figures ticked means all, also those that come later."""

    indicators = forms.MultipleChoiceField(
        label=_("Figures"), choices=_choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Report
        fields = [
            "title_en", "title_fr", "funder", "from_on", "until_on", "compares_from_on", "compares_until_on", "indicators",
        ]  # fmt: skip
        help_texts = {
            "funder": _("Such as the department that pays."),
            "from_on": _("Counted from this day on. The fiscal year begins on April 1."),
            "until_on": _("Counted up to and including this day. The fiscal year ends on March 31."),
            "compares_from_on": _("Leave both days empty to compare with nothing."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("indicators"):
            self.initial["indicators"] = list(REGISTRY)

    def sections(self) -> list[tuple[str, list[tuple[Any, Indicator]]]]:
        """Return the boxes to tick, section by section, each with what its figure means."""
        boxes = list(zip(self["indicators"].subwidgets, REGISTRY.values(), strict=True))
        found = [
            (str(section.label), [(box, one) for box, one in boxes if one.section == section])
            for section in Narrative.Section
        ]
        return [(name, lines) for name, lines in found if lines]

    def clean_indicators(self) -> list[str]:
        codes: list[str] = self.cleaned_data["indicators"]
        if REGISTRY and not codes:
            raise forms.ValidationError(_("Choose at least one figure."))
        return [] if set(codes) == set(REGISTRY) else codes

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._check("from_on", "until_on")
        self._check("compares_from_on", "compares_until_on")
        first, last = data.get("compares_from_on"), data.get("compares_until_on")
        if bool(first) != bool(last):
            missing = "compares_from_on" if last else "compares_until_on"
            if missing not in self.errors:
                self.add_error(missing, _("Give both days of the period to compare with, or neither."))
        return data

    def _check(self, first: str, last: str) -> None:
        for name in (first, last):
            if (day := self.cleaned_data.get(name)) and day.year not in YEARS:
                self.add_error(name, self.fields[name].error_messages["invalid"])
        begins, ends = self.cleaned_data.get(first), self.cleaned_data.get(last)
        if begins and ends and ends < begins:
            self.add_error(last, _("This day lies before the first one."))
        elif begins and ends and (ends - begins).days > LONGEST_PERIOD:
            self.add_error(last, _("A report is about five years at most."))

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class NewReportForm(ReportForm):
    """The same, with the day on which it is due: later that day moves with a reason."""

    class Meta(ReportForm.Meta):
        fields = [*ReportForm.Meta.fields, "due_on"]


class NarrativeForm(SeenVersion, PortalModelForm):
    class Meta:
        model = Narrative
        fields = ["text_en", "text_fr"]
        widgets = {name: forms.Textarea(attrs={"rows": 12}) for name in ("text_en", "text_fr")}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class CaseForm(PortalModelForm):
    """A page of the portal that a text leans on."""

    path = forms.CharField(
        label=_("Address of the page"),
        max_length=2000,
        help_text=_("Copy it from the address line of your browser."),
    )

    class Meta:
        model = LinkedCase
        fields = ["path", "title_en", "title_fr"]
        help_texts = {"title_en": _("As it is to stand in the report. It is printed without the address.")}

    def clean_path(self) -> str:
        """Return the address inside the portal, in English: pages put it into the reader's language."""
        ours = {None, urlsplit(settings.SITE_ADDRESS).hostname, *settings.ALLOWED_HOSTS}
        try:
            parts = urlsplit(self.cleaned_data["path"].strip())
            path = in_english(parts.path) if parts.hostname in ours else ""
        except ValueError:  # such as half an IPv6 address
            path = ""
        if not path or len(path) > LinkedCase._meta.get_field("path").max_length:  # type: ignore[operator]
            raise forms.ValidationError(_("This is not the address of a page of the portal."))
        return path

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


def in_english(path: str) -> str:
    """Return the English address of the portal's page `path`; nothing when there is none, or when the address is a key."""
    for language in ("en", "fr"):
        with override(language):
            try:
                found = resolve(path)
            except Resolver404:
                continue
            if "token" in found.kwargs:
                return ""
            english = translate_url(path, "en")
            return english if english.startswith("/en/") else ""
    return ""


class DueDateForm(PortalForm):
    due_on = forms.DateField(
        label=_("Due on"), required=False, help_text=_("Leave it empty when there is no day any more.")
    )
    reason = forms.CharField(label=_("Why it moves"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


class HandedInForm(PortalForm):
    on = forms.DateField(label=_("Handed in on"))


class FreezeForm(PortalModelForm):
    class Meta:
        model = Snapshot
        fields = ["note_en", "note_fr"]
        help_texts = {"note_en": _("Stands at the beginning of the report, such as: corrected version.")}
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in ("note_en", "note_fr")}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""
