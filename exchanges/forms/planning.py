"""Dates, stops, the practical sheet, documents, and who came."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.dates import day_in_words, zone_in_words
from cmncp_portal.core.files import checked
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import PreventionProgramme

from ..models import Objective, Stop, TeamMember, Visit


class DatesForm(PortalForm):
    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"))
    word = forms.CharField(
        label=_("Why"),
        help_text=_("Everyone who is told reads it."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    plan_version = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, reason_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"].required = reason_needed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("The last day comes before the first one."))
        return data


class StopForm(SeenVersion, PortalModelForm):
    class Meta:
        model = Stop
        fields = [
            "day",
            "starts_at",
            "ends_at",
            "kind",
            "title",
            "place",
            "lead",
            "programme",
            "objectives",
            "language",
            "notes",
        ]
        widgets = {
            "objectives": forms.CheckboxSelectMultiple(),
            "day": forms.Select(),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "lead": _("Name and title of the person who receives the visitors there."),
            "objectives": _("Which of the visitors’ objectives does it serve?"),
        }

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = visit.days
        count = max(len(days), visit.exchange.days, self.instance.day or 1)
        labels = [f"{n} — {day_in_words(days[n - 1])}" if n <= len(days) else str(n) for n in range(1, count + 1)]
        self.fields["day"] = forms.TypedChoiceField(
            label=_("Day"), coerce=int, choices=list(enumerate(labels, 1)), initial=self.instance.day or 1
        )
        self.fields["starts_at"].help_text = capfirst(zone_in_words(str(visit.hosting or visit.visiting)))
        self.fields["objectives"].queryset = Objective.objects.filter(exchange=visit.exchange_id)
        self.fields["programme"].queryset = PreventionProgramme.objects.filter(municipality=visit.hosting)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("It ends before it begins."))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class PracticalForm(SeenVersion, PortalModelForm):
    word = forms.CharField(
        label=_("Why it changes"),
        help_text=_("Only needed when a confirmed place changes."),
        required=False,
        max_length=500,
    )

    class Meta:
        model = Visit
        fields = ["address", "emergency_phone", "lodging", "transport", "who_pays", "access", "join_link"]
        help_texts = {
            "address": _("Building, street, and where to ring."),
            "emergency_phone": _("Somebody answers it on the days of the visit."),
            "access": _("Steps, lifts, quiet rooms, captions: what visitors can count on."),
        }

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class DocumentForm(PortalForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language of the document"), choices=Language.choices)
    file = forms.FileField(
        label=_("File"), help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument or picture, at most 10 MB.")
    )

    def clean_file(self) -> Any:
        return checked(self.cleaned_data["file"])


class AttendanceForm(PortalForm):
    """One line per person who said they would come."""

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [c for c in TeamMember.Attendance.choices if c[0]]
        for member in visit.team.all():
            if member.takes_part:
                label = f"{member.name}, {member.title}" if member.title else member.name
                self.fields[f"member_{member.pk}"] = forms.ChoiceField(
                    label=label, choices=choices, initial=member.attendance or "present"
                )

    def attendance(self) -> dict[int, str]:
        return {int(name.removeprefix("member_")): value for name, value in self.cleaned_data.items()}
