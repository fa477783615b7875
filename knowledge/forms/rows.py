"""The forms of what stands beside the texts: both languages of one thing side by side."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from ..models import Evidence, Example, KeyNumber, Practice, Source, Step
from ..selectors import rows as selectors

SMALL = {"rows": 3}


def _programme_words(programme: Any) -> str:
    return f"{programme.municipality} – {programme}"


class SeenRow(forms.BaseForm):
    """Mix into the form of a row: `cleaned_data["version"]` is the mark of what its writer saw, empty for a new row."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = getattr(self, "instance", None)
        mark = selectors.mark_of(row) if row is not None and row.pk else ""
        self.fields["version"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=mark)
        self.initial["version"] = mark
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version"

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, if the row is still as it was seen."""


class NumberForm(SeenRow, PortalModelForm):
    class Meta:
        model = KeyNumber
        fields = [
            "value",
            "label_en",
            "label_fr",
            "unit_en",
            "unit_fr",
            "base_population",
            "year",
            "source",
            "source_url",
        ]
        help_texts = {
            "label_en": _("Such as “adults assaulted”."),
            "unit_en": _("Such as “dollars”; empty when people or things are counted."),
            "source": _("Who counted, and where it is published."),
        }

    def clean_base_population(self) -> int | None:
        people = self.cleaned_data["base_population"]
        if people == 0:
            raise forms.ValidationError(_("At least one resident, or nothing."))
        return people  # type: ignore[no-any-return]

    def clean_year(self) -> int:
        year = self.cleaned_data["year"]
        if not 1900 <= year <= timezone.localdate().year:
            raise forms.ValidationError(_("Give the year with four digits; it does not lie ahead."))
        return year  # type: ignore[no-any-return]


class StepForm(SeenRow, PortalModelForm):
    class Meta:
        model = Step
        fields = ["audience", "text_en", "text_fr", "effort", "cost"]
        widgets = {"text_en": forms.Textarea(attrs=SMALL), "text_fr": forms.Textarea(attrs=SMALL)}
        help_texts = {"audience": _("The municipal stakeholder who can take this step.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effort"].choices = Step.Effort.choices
        self.fields["cost"].choices = Step.Cost.choices


class SourceForm(SeenRow, PortalModelForm):
    class Meta:
        model = Source
        fields = ["citation", "language", "url"]
        widgets = {"citation": forms.Textarea(attrs=SMALL)}
        help_texts = {
            "citation": _("As it is cited: authors, year, title, publisher."),
            "language": _("The language of the source."),
        }


class WithProgramme:
    """What the forms share that name a municipality and, if wanted, one of its programmes."""

    fields: dict[str, Any]

    def offer_places(self) -> None:
        self.fields["municipality"].queryset = selectors.municipalities()
        self.fields["programme"].queryset = selectors.programmes()
        self.fields["programme"].label_from_instance = _programme_words

    def check_programme(self, data: dict[str, Any]) -> None:
        place, programme = data.get("municipality"), data.get("programme")
        if place and programme and programme.municipality_id != place.pk:
            words = {"programme": programme, "place": place}
            self.add_error("programme", _("%(programme)s is not a programme of %(place)s.") % words)  # type: ignore[attr-defined]


class ExampleForm(WithProgramme, SeenRow, PortalModelForm):
    class Meta:
        model = Example
        fields = ["municipality", "programme", "text_en", "text_fr"]
        widgets = {"text_en": forms.Textarea(attrs=SMALL), "text_fr": forms.Textarea(attrs=SMALL)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_places()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_programme(data)
        return data


class EvidenceChoiceForm(PortalForm):
    """Which entries of the library of practices a brief cites. `seen` is what was chosen when the page was made."""

    evidence = forms.TypedMultipleChoiceField(
        label=_("Evidence that this brief cites"), coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, chosen: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["evidence"].choices = selectors.evidence_choices(chosen)
        self.initial["evidence"] = chosen
        self.initial["seen"] = ",".join(str(pk) for pk in chosen)

    def changes(self) -> tuple[set[int], set[int]]:
        """Return what was ticked and what was no longer, compared with what the page showed."""
        text = self.cleaned_data["seen"]
        seen = {int(pk) for pk in text.split(",") if pk.isascii() and pk.isdigit() and len(pk) < 10}
        wanted = set(self.cleaned_data["evidence"])
        return wanted - seen, seen - wanted


# ---- practices


class PracticeForm(SeenVersion, PortalModelForm):
    class Meta:
        model = Practice
        fields = [
            "kind", "name_en", "name_fr", "summary_en", "summary_fr", "problem_en", "problem_fr", "setting_en",
            "setting_fr", "run_by_en", "run_by_fr", "topics", "populations", "reviewed_on", "review_due_on",
        ]  # fmt: skip
        widgets = {
            "kind": forms.RadioSelect(),
            "topics": forms.CheckboxSelectMultiple(),
            "populations": forms.CheckboxSelectMultiple(),
        }
        help_texts = {"review_due_on": _("The writers are reminded of it.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Practice.Kind.choices

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("problem", "setting", "run_by"):
            there = {code: bool(data.get(f"{name}_{code}")) for code in ("en", "fr")}
            missing = next((code for code, found in there.items() if not found), None)
            if missing and any(there.values()):
                self.add_error(f"{name}_{missing}", _("Write it in both languages, or in neither."))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class PlaceForm(WithProgramme, PortalForm):
    """Where in Canada a practice is at work, and from where this is known."""

    municipality = forms.ModelChoiceField(label=_("Municipality"), queryset=None)
    programme = forms.ModelChoiceField(
        label=_("Programme"), queryset=None, required=False, help_text=_("Its local programme, if it is listed.")
    )
    source = forms.CharField(label=_("Where this is known from"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_places()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_programme(data)
        return data


class EvidenceForm(SeenRow, PortalModelForm):
    """What one source says about one outcome: its rating word for word, and beside it the network's summary."""

    label_language = forms.ChoiceField(label=_("Language of the rating"), choices=Language.choices)
    strength = forms.TypedChoiceField(
        label=_("Strength of the evidence, 1 to 5"),
        choices=[("", _("Not stated")), *((n, str(n)) for n in range(1, 6))],
        coerce=int,
        empty_value=None,
        required=False,
    )

    class Meta:
        model = Evidence
        fields = [
            "outcome_en", "outcome_fr", "claim_en", "claim_fr", "system", "label", "label_language", "url", "rated_on",
            "read_on", "impact", "strength", "cost", "review_due_on",
        ]  # fmt: skip
        help_texts = {
            "system": _("The body or toolkit that rates, such as “Youth Endowment Fund Toolkit”."),
            "label": _("Word for word, in the language of the source. Never a rating of our own."),
            "rated_on": _("As the source states it; empty when it does not."),
            "read_on": _("The day on which you read it there."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cost"].choices = Evidence.Cost.choices

    def clean_read_on(self) -> Any:
        day = self.cleaned_data["read_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("This day lies ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        rated, read = data.get("rated_on"), data.get("read_on")
        if rated and read and rated > read:
            self.add_error("rated_on", _("It was rated after you read it."))
        return data
