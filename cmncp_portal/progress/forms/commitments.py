"""Input of commitments: what a municipality means to do, how far it is, and the filters of the lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxLengthValidator
from django.db.models import Q
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.days import local_day
from cmncp_portal.core.forms import LONGEST_TEXT, PortalForm, PortalModelForm
from cmncp_portal.network.models import Municipality, Province, Stakeholder
from cmncp_portal.network.stages import Stage

from ..models import Commitment, StrategyCheck
from ..selectors.inquiries import Line
from ..services.commitments import OWNER
from ..services.inquiring import Said
from ..workflow import move_refusal, next_states

FARTHEST = timedelta(days=3660)  # ten years: beyond it somebody mistyped the year
LATE = "late"


class _CheckField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{Stage(obj.stage).label} · {obj.text}"


class _OwnerField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} · {obj.role_line}"


class CommitmentForm(PortalModelForm):
    """A commitment of `place`. Its owner is chosen from the people of the municipality, or written down."""

    owner = _OwnerField(
        queryset=Stakeholder.objects.none(),
        label=_("Somebody of your municipality"),
        required=False,
        help_text=_("Asked once after three months and once after six how far it is."),
    )
    check_item = _CheckField(
        queryset=StrategyCheck.objects.none(),
        label=_("Check of the strategy"),
        help_text=_("If it is one of the points that show how far your strategy has come."),
        required=False,
    )

    class Meta:
        model = Commitment
        fields = ["text", "owner", "owner_name", "owner_email", "owner_language", "due_on", "check_item"]
        widgets = {"text": forms.Textarea(attrs={"rows": 2})}
        labels = {
            "due_on": pgettext_lazy("commitment", "Until"),
            "owner_name": _("Or somebody else: name"),
            "owner_email": _("Address of somebody else"),
            "owner_language": _("Language in which we write to somebody else"),
        }
        help_texts = {
            "text": _("One sentence: what will be there that is not there today."),
            "owner_email": _("No account is needed: the letter brings a link."),
        }

    def __init__(self, *args: Any, place: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        known = Q(pk=self.instance.owner_id) if self.instance.owner_id else Q(pk__in=[])
        here = Stakeholder.objects.filter(known | Q(pk__in=Stakeholder.objects.current().values("pk")))
        owner, check, name = (self.fields[name] for name in ("owner", "check_item", "owner_name"))
        owner.queryset = here.filter(municipality=place)  # type: ignore[attr-defined]
        check.queryset = StrategyCheck.objects.filter(is_used=True)  # type: ignore[attr-defined]
        name.required = False
        languages: Any = self.fields["owner_language"]
        languages.choices = [("", _("Not known: both languages")), *Language.choices]
        if self.instance.owner_id:
            self.initial.update(owner_name="", owner_email="", owner_language="")

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""

    def clean_text(self) -> str:
        return " ".join(self.cleaned_data["text"].split())

    def clean_due_on(self) -> Any:
        day, today = self.cleaned_data["due_on"], local_day(timezone.now(), self.place.time_zone)
        if day < (self.instance.made_on or today):
            raise forms.ValidationError(_("Choose a day that lies ahead."))
        if day > today + FARTHEST:
            raise forms.ValidationError(_("Choose a day within the next ten years."))
        return day

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        owner, name = cleaned.get("owner"), cleaned.get("owner_name")
        if "owner" in self.errors:
            return cleaned
        if owner and name:
            self.add_error("owner", _("Choose somebody from the list or write a name, not both."))
        if not owner and not name:
            self.add_error("owner", _("Say who sees to it."))
        return cleaned

    @property
    def written(self) -> dict[str, Any]:
        """What was typed, as the services take it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    @property
    def owner_fields(self) -> list[BoundField]:
        """The fields that say who sees to it."""
        return [self[name] for name in OWNER]


class EditCommitmentForm(SeenVersion, CommitmentForm):
    """The same, saved only if nobody saved since."""


# ---- how far it is


def said_fields(commitment: Commitment, *, may_be_silent: bool = False) -> dict[str, forms.Field]:
    """Return the fields in which somebody says how far `commitment` is: to_state, note, evidence_url, investment."""
    choices: list[Any] = [(state.value, state.label) for state in next_states(commitment.state)]
    if may_be_silent:
        choices = [("", pgettext_lazy("answer about a commitment", "Nothing to say today")), *choices]
    return {
        "to_state": forms.ChoiceField(
            label=_("How far is it?"), choices=choices, widget=forms.RadioSelect, required=not may_be_silent
        ),
        "note": forms.CharField(
            label=_("What happened"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("If it is abandoned, why: others learn from it."),
        ),
        "evidence_url": forms.URLField(
            label=_("Link to a document that shows it"), max_length=500, required=False, assume_scheme="https"
        ),
        "investment": forms.DecimalField(
            label=_("Dollars invested since it was last said"),
            max_digits=12,
            decimal_places=0,
            min_value=0,
            required=False,
            help_text=_("Whole dollars; what was said before is added up."),
        ),
    }


class ReportForm(PortalForm):
    """How far one commitment is."""

    def __init__(self, *args: Any, commitment: Commitment, **kwargs: Any) -> None:
        super().__init__(*args, initial={"to_state": commitment.state}, **kwargs)
        self.commitment = commitment
        self.fields.update(said_fields(commitment))
        _tidy_note(self.fields["note"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        state, note = cleaned.get("to_state"), cleaned.get("note") or ""
        if state and (reason := move_refusal(self.commitment.state, state, note)):
            self.add_error("note", str(reason))
        return cleaned


@dataclass(frozen=True)
class Fields:
    """A commitment with its fields, for the page behind the link of a letter; no fields for what somebody else sees to."""

    line: Line
    fields: list[BoundField]


class AnswersForm(PortalForm):
    """All commitments of a letter on one page. What nothing is said about is passed over."""

    def __init__(self, *args: Any, lines: Iterable[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        self.answered = [line for line in self.lines if line.may_answer]
        for line in self.answered:
            one = line.commitment
            for name, field in said_fields(one, may_be_silent=len(self.answered) > 1).items():
                field.label = f"{one.text} · {field.label}"
                self.fields[f"c{one.pk}_{name}"] = field
            _tidy_note(self.fields[f"c{one.pk}_note"])

    def rows(self) -> list[Fields]:
        """Return the commitments in order, each with its fields under short labels: on the page they stand below its text."""
        found = []
        for line in self.lines:
            fields = []
            for name, plain in said_fields(line.commitment).items() if line.may_answer else ():
                field = self[f"c{line.commitment.pk}_{name}"]
                field.label = str(plain.label)
                fields.append(field)
            found.append(Fields(line, fields))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for line in self.answered:
            self._clean_one(line.commitment, cleaned)
        if not self.answered:
            self.add_error(None, _("There is nothing here that you can answer any more."))
        elif not self.errors and not self.said:
            self.add_error(f"c{self.answered[0].commitment.pk}_to_state", _("Say how far it is."))
        return cleaned

    def _clean_one(self, one: Commitment, cleaned: dict[str, Any]) -> None:
        state, note, link, dollars = (
            cleaned.get(f"c{one.pk}_{name}") for name in ("to_state", "note", "evidence_url", "investment")
        )
        reason = move_refusal(one.state, state, note or "") if state else None
        if reason:
            self.add_error(f"c{one.pk}_note", str(reason))
        if not state and (note or link or dollars is not None) and f"c{one.pk}_to_state" not in self.errors:
            self.add_error(f"c{one.pk}_to_state", _("Choose how far it is, to go with what you wrote."))

    @property
    def said(self) -> dict[Commitment, Said]:
        """What was answered, by commitment."""
        found = {}
        for line in self.answered:
            key = f"c{line.commitment.pk}_"
            words: dict[str, Any] = {
                name: self.cleaned_data.get(f"{key}{name}") for name in said_fields(line.commitment)
            }
            if words["to_state"]:
                found[line.commitment] = Said(**words)
        return found


def _tidy_note(field: forms.Field) -> None:
    """Fields that are added after the form was made keep the limit of the house as well."""
    field.max_length = LONGEST_TEXT  # type: ignore[attr-defined]
    field.validators.append(MaxLengthValidator(LONGEST_TEXT))


# ---- filters


class StateFilter(django_filters.FilterSet):
    """The commitments of one municipality by how far they are."""

    state = django_filters.ChoiceFilter(
        label=pgettext_lazy("commitment", "How far"),
        method="by_state",
        empty_label=_("All"),
        choices=[*Commitment.State.choices, (LATE, pgettext_lazy("commitments", "Past their day"))],
    )

    class Meta:
        model = Commitment
        fields: list[str] = []

    def by_state(self, rows: Any, _name: str, value: str) -> Any:
        return rows.open().filter(due_on__lt=timezone.localdate()) if value == LATE else rows.filter(state=value)


class NetworkFilter(StateFilter):
    """Those of the whole network: by province, state and source."""

    province = django_filters.ChoiceFilter(
        label=_("Province or territory"),
        field_name="municipality__province",
        choices=Province.choices,
        empty_label=_("All"),
    )
    source = django_filters.ChoiceFilter(
        label=_("Where it comes from"), choices=Commitment.Source.choices, empty_label=_("All")
    )
