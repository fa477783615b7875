"""Notes, decisions, and who does what."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY

from ..models import ActionItem, Meeting, Registration

LONGEST_NOTES = 50_000  # characters: a day of talks, with room to spare
PARAGRAPHS = _("Empty lines make paragraphs, a line that begins with “- ” makes a list, “## ” a heading.")


class NotesForm(SeenVersion, PortalModelForm):
    notes_en = forms.CharField(
        label=_("Notes in English"),
        help_text=PARAGRAPHS,
        required=False,
        max_length=LONGEST_NOTES,
        widget=forms.Textarea(attrs={"rows": 18}),
    )
    notes_fr = forms.CharField(
        label=_("Notes in French"),
        help_text=PARAGRAPHS,
        required=False,
        max_length=LONGEST_NOTES,
        widget=forms.Textarea(attrs={"rows": 18}),
    )

    class Meta:
        model = Meeting
        fields = ["notes_en", "notes_fr"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("notes_en", "notes_fr"):
            self.fields[name].is_needed_later = True

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class DecisionForm(PortalForm):
    text_en = forms.CharField(label=_("Decision in English"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    text_fr = forms.CharField(label=_("Decision in French"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    seen = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.municipality}"


class OwnerForm(PortalForm):
    """Who does it: somebody of the network, or a person as typed."""

    stakeholder = _Person(
        Stakeholder.objects.none(),
        label=_("Who does it"),
        required=False,
        help_text=_("Somebody who was at the meeting, or who represents a member."),
    )
    owner_name = forms.CharField(
        label=_("Or somebody else: name"), required=False, max_length=200, help_text=_("With an email address.")
    )
    owner_email = forms.EmailField(label=_("Email address"), required=False)
    owner_language = forms.ChoiceField(
        label=_("Language of letters"), required=False, choices=[("", _("Both")), ("en", "English"), ("fr", "Français")]
    )
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(),
        label=_("Municipality"),
        required=False,
        help_text=_("Whoever speaks for it can say that it is done, too."),
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        came = Registration.objects.registered().filter(meeting=meeting, stakeholder__isnull=False)
        known = Q(pk__in=came.values("stakeholder")) | Q(standing__in=SPEAKS_FOR_MUNICIPALITY)
        people = Stakeholder.objects.current().filter(known).exclude(email="", user=None)
        self.fields["stakeholder"].queryset = people.select_related("municipality", "user")
        self.fields["stakeholder"].is_needed_later = True  # this one, or the next
        self.fields["owner_name"].is_needed_later = True
        self.fields["municipality"].queryset = Municipality.objects.members_on(meeting.starts_on or meeting.today())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("stakeholder"):
            data |= {"owner_name": "", "owner_email": "", "owner_language": ""}
        elif not {"stakeholder", "owner_name", "owner_email"} & set(self.errors):
            if not data.get("owner_name"):
                self.add_error("stakeholder", _("Say who does it."))
            elif not data.get("owner_email"):
                self.add_error("owner_email", _("Give the address to which the letters go."))
        return data


class ActionForm(OwnerForm):
    """Something to be done, with its owner."""

    text_en = forms.CharField(
        label=_("What is to be done, in English"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    text_fr = forms.CharField(
        label=_("What is to be done, in French"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = forms.DateField(label=_("Until"))

    field_order = ["text_en", "text_fr", "stakeholder", "owner_name", "owner_email", "owner_language", "municipality"]


class ActionTextForm(SeenVersion, PortalModelForm):
    """What is to be done and until when, corrected later."""

    class Meta:
        model = ActionItem
        fields = ["text_en", "text_fr", "due_on"]
        labels = {"due_on": _("Until")}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class DoneForm(PortalForm):
    """It is done; what came of it may stay empty."""

    note = forms.CharField(
        label=_("What came of it"),
        help_text=_("A sentence or two. The network’s coordinators and those who were at the meeting can read it."),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class HandBackForm(PortalForm):
    """Somebody else does it."""

    note = forms.CharField(
        label=_("Who does it now, or why you cannot"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
