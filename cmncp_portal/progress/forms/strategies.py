"""Input of strategies: small forms, one for each thing that people say about theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import Municipality, Province, Sector
from cmncp_portal.network.selectors import of_size
from cmncp_portal.network.stages import Stage

from ..models import CheckAnswer, PreventionBudget, StrategyCheck, StrategyProfile
from ..selectors.ladder import NOT_SAID
from ..selectors.page import Block
from ..services import Answer

FIRST_YEAR, YEARS_AHEAD = 1990, 5
ANSWER = pgettext_lazy("answer to a check", "Answer")


class PlaceFilter(django_filters.FilterSet):
    """Municipalities by province and size; `places` are those, whatever else a page filters by."""

    province = django_filters.ChoiceFilter(
        label=_("Province or territory"), choices=Province.choices, empty_label=_("All")
    )
    size = django_filters.ChoiceFilter(
        label=_("Population"),
        method="by_size",
        empty_label=_("All"),
        choices=[
            ("small", pgettext_lazy("population", "under 20,000")),
            ("medium", pgettext_lazy("population", "20,000 to 100,000")),
            ("large", pgettext_lazy("population", "100,000 to 500,000")),
            ("metropolis", pgettext_lazy("population", "over 500,000")),
        ],
    )

    class Meta:
        model = Municipality
        fields: list[str] = []

    @property
    def said(self) -> dict[str, Any]:
        """What was chosen and makes sense."""
        self.form.is_valid()
        return self.form.cleaned_data

    @property
    def places(self) -> Any:
        """The rows by province and size."""
        rows, said = self.queryset, self.said
        for name in ("province", "size"):
            rows = self.filters[name].filter(rows, said.get(name))
        return rows

    def by_size(self, rows: Any, _name: str, value: str) -> Any:
        return of_size(rows, value)


class LadderFilter(PlaceFilter):
    """The filters of the network's ladder. The picture shows `places`, at all stages."""

    stage = django_filters.ChoiceFilter(
        label=_("Stage"),
        method="by_stage",
        empty_label=_("All"),
        choices=[*Stage.choices, (NOT_SAID, pgettext_lazy("stage of a strategy", "Not said yet"))],
    )

    class Meta:
        model = Municipality
        fields: list[str] = []

    def by_stage(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(stage_now=None if value == NOT_SAID else int(value))


class FactsForm(SeenVersion, PortalModelForm):
    class Meta:
        model = StrategyProfile
        fields = [
            "centre",
            "centre_staff",
            "has_permanent_office",
            "plan_title",
            "plan_url",
            "plan_adopted_on",
            "plan_renewal_on",
            "sectors",
            "strengths",
            "help_wanted",
        ]
        widgets = {"sectors": forms.CheckboxSelectMultiple, "has_permanent_office": forms.RadioSelect}
        help_texts = {
            "has_permanent_office": _("An office whose positions do not depend on a grant."),
            "plan_url": _("The full address, beginning with https://"),
            "plan_renewal_on": _("The renewal begins again at the diagnosis."),
            "strengths": _("What others could learn from you. The topics are on the page of your municipality."),
            "help_wanted": _("What you would like to ask somebody who has done it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sectors"].queryset = Sector.objects.all()  # type: ignore[attr-defined]

    def clean_centre_staff(self) -> Any:
        staff = self.cleaned_data["centre_staff"]
        if staff is not None and staff < 0:
            raise forms.ValidationError(_("This cannot be less than none."))
        return staff

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        adopted, renewal = cleaned.get("plan_adopted_on"), cleaned.get("plan_renewal_on")
        if adopted and renewal and renewal < adopted:
            self.add_error("plan_renewal_on", _("A plan is renewed after it was adopted."))
        return cleaned


@dataclass(frozen=True)
class CheckFields:
    """The three fields of one check, for the page."""

    check: StrategyCheck
    value: BoundField
    note: BoundField
    evidence: BoundField


class OfOneStage(PortalForm):
    """The checks of one stage: for each an answer, a note and a link. `block` holds the checks with the answers of today."""

    def __init__(self, *args: Any, block: Block, version: int, **kwargs: Any) -> None:
        initial: dict[str, Any] = {"version": version}
        for line in block.lines:
            key = line.check.pk
            initial |= {f"c{key}_value": line.answer, f"c{key}_note": line.note, f"c{key}_link": line.evidence_url}
        super().__init__(*args, initial=initial, **kwargs)
        self.block = block
        self.fields.update(self._fields_of(block))

    @staticmethod
    def _fields_of(block: Block) -> dict[str, forms.Field]:
        """The fields of each check. A label names its check, since the page of two texts shows fields one by one."""
        choices = [*CheckAnswer.Value.choices, ("", pgettext_lazy("answer to a check", "Not answered"))]
        found: dict[str, forms.Field] = {}
        for line in block.lines:
            key, text = line.check.pk, str(line.check)
            found[f"c{key}_value"] = forms.ChoiceField(
                label=text, choices=choices, required=False, widget=forms.RadioSelect
            )
            found[f"c{key}_note"] = forms.CharField(label=f"{text} · {_('Note')}", max_length=500, required=False)
            found[f"c{key}_link"] = forms.URLField(
                label=f"{text} · {_('Link to a document that shows it')}",
                max_length=500,
                required=False,
                assume_scheme="https",
            )
        return found

    def rows(self) -> list[CheckFields]:
        """Return the fields of each check, in order, with short labels: on this page they stand below their check."""
        found = []
        for line in self.block.lines:
            key = line.check.pk
            value, note, link = (self[f"c{key}_{name}"] for name in ("value", "note", "link"))
            value.label, note.label, link.label = ANSWER, _("Note"), _("Link to a document that shows it")
            found.append(CheckFields(line.check, value, note, link))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for line in self.block.lines:
            key = line.check.pk
            said = cleaned.get(f"c{key}_note") or cleaned.get(f"c{key}_link")
            if said and not cleaned.get(f"c{key}_value") and f"c{key}_value" not in self.errors:
                self.add_error(f"c{key}_value", _("Choose an answer to go with the note or the link."))
        return cleaned

    @property
    def answers(self) -> dict[int, Answer]:
        """What was typed, by the keys of the checks."""
        data, keys = self.cleaned_data, [line.check.pk for line in self.block.lines]
        return {key: Answer(data[f"c{key}_value"], data[f"c{key}_link"], data[f"c{key}_note"]) for key in keys}


class ChecksForm(SeenVersion, OfOneStage):
    """The same, saved only if nobody saved since."""


class BudgetForm(SeenVersion, PortalForm):
    """What was spent on prevention in one year. Give `known` (budgets by year) so that a year's form shows what is there."""

    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR)
    amount = forms.DecimalField(
        label=_("Dollars"),
        max_digits=13,
        decimal_places=0,
        min_value=0,
        required=False,
        help_text=_("Whole dollars. Leave empty to take the year away."),
    )
    source = forms.CharField(
        label=_("Where this figure stands"),
        max_length=300,
        required=False,
        help_text=_("Such as the page of the budget that council adopted."),
    )

    def __init__(self, *args: Any, known: Iterable[PreventionBudget], year: int, version: int, **kwargs: Any) -> None:
        there = next((one for one in known if one.year == year), None)
        initial: dict[str, Any] = {"year": year, "version": version}
        if there:
            initial |= {"amount": there.amount, "source": there.source}
        super().__init__(*args, initial=initial, **kwargs)

    def clean_year(self) -> int:
        year, latest = int(self.cleaned_data["year"]), timezone.localdate().year + YEARS_AHEAD
        if year > latest:
            raise forms.ValidationError(_("Choose a year up to %(year)s."), params={"year": latest})
        return year


class PublicForm(SeenVersion, PortalModelForm):
    public = forms.MultipleChoiceField(
        label=_("Everybody may see"),
        choices=StrategyProfile.Part.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = StrategyProfile
        fields = ["public"]


class DeclareForm(SeenVersion, PortalForm):
    stage = forms.TypedChoiceField(label=_("Stage"), choices=Stage.choices, coerce=int)
    reason = forms.CharField(
        label=_("Why it differs from the checks"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, profile: StrategyProfile, **kwargs: Any) -> None:
        initial = {"stage": int(profile.stage), "reason": profile.declared_reason, "version": profile.version}
        super().__init__(*args, initial=initial, **kwargs)
