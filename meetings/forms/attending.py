"""Who came, and what was shown."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.files import checked
from cmncp_portal.core.forms import PortalForm
from cmncp_portal.core.places import Attendance
from cmncp_portal.network.models import Municipality, Sector

from ..models import AgendaItem, Material, Meeting, Registration
from ..services.persons import Person

MOST_ON_A_PAGE = 100  # people; more than a page shows is no page of ours
NO_CAPTIONS = "none"


class PeopleFilter(PortalForm):
    """Above the list of people: a name or a place, and what was noted."""

    q = forms.CharField(
        label=_("Name or place"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    mark = forms.ChoiceField(
        label=_("Attendance"),
        required=False,
        choices=[("", _("All")), ("none", _("Not noted yet")), *[c for c in Attendance.choices if c[0]]],
    )

    def __init__(self, *args: Any, sessions: Iterable[AgendaItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(item.pk, item.title) for item in sessions]
        if choices:
            self.fields["session"] = forms.TypedChoiceField(
                label=_("Where"),
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", _("At the meeting as a whole")), *choices],
            )

    def value(self, name: str) -> Any:
        """Return what was asked for under `name`; nonsense asks for nothing."""
        self.is_valid()
        return self.cleaned_data.get(name)


class AttendanceForm(PortalForm):
    """One line per person. Each remembers what it showed, so that only what somebody changed is written."""

    def __init__(self, *args: Any, places: Iterable[Registration], session: AgendaItem | None, **kw: Any) -> None:
        super().__init__(*args, **kw)
        for place in places:
            self.fields[f"came_{place.pk}"] = self._field(place, session)

    def _field(self, place: Registration, session: AgendaItem | None) -> forms.Field:
        if session:
            was_there = getattr(place, "was_there", False)
            return forms.BooleanField(label=place.name, required=False, initial=was_there, show_hidden_initial=True)
        return forms.ChoiceField(
            label=place.name,
            required=False,
            choices=Attendance.choices,
            initial=place.attendance,
            show_hidden_initial=True,
        )

    def changed(self) -> dict[int, Any]:
        """Return what was changed, by registration: an Attendance, or whether the person was in the session."""
        return {int(name.removeprefix("came_")): self.cleaned_data[name] for name in self.changed_data}


def posted_places(data: Any) -> list[int]:
    """Return the registrations that a posted page of people is about, whatever the list would show now."""
    tails = (name.removeprefix("initial-came_") for name in data if name.startswith("initial-came_"))
    return [int(tail) for tail in tails if tail.isascii() and tail.isdigit() and len(tail) < 10][:MOST_ON_A_PAGE]


class WalkInForm(PortalForm):
    """Somebody who came without having registered."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(
        label=_("Email address"), help_text=_("The evaluation and the certificate of attendance go there.")
    )
    language = forms.ChoiceField(
        label=_("Language of letters"), required=False, choices=[("", _("Both")), ("en", "English"), ("fr", "Français")]
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=200)
    municipality = forms.ModelChoiceField(Municipality.objects.none(), label=_("Municipality"), required=False)
    organisation = forms.CharField(
        label=_("Organisation"), help_text=_("For people from outside a municipality."), required=False, max_length=200
    )
    sector = forms.ModelChoiceField(Sector.objects.all(), label=_("Sector"), required=False)
    attends = forms.ChoiceField(
        label=_("Takes part"), choices=Registration.Attends.choices, initial="in_person", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = Municipality.objects.members_on(meeting.starts_on or meeting.today())
        if meeting.mode != Meeting.Mode.HYBRID:
            del self.fields["attends"]

    def person(self) -> Person:
        """Return who came."""
        return Person(**self.cleaned_data)


class MaterialForm(PortalForm):
    kind = forms.ChoiceField(label=_("Kind"), choices=Material.Kind.choices)
    title_en = forms.CharField(label=_("Title in English"), required=False, max_length=200)
    title_fr = forms.CharField(label=_("Title in French"), required=False, max_length=200)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument or picture, at most 10 MB."),
    )
    url = forms.URLField(
        label=_("Web address"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("Instead of a file; recordings are always linked."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=Material._meta.get_field("language").choices)
    captions = forms.MultipleChoiceField(
        label=_("Captions of the recording"),
        help_text=_("Only for recordings."),
        required=False,
        choices=[
            ("en", _("In English")),
            ("fr", _("In French")),
            (NO_CAPTIONS, pgettext_lazy("recording", "No captions")),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    item = forms.ModelChoiceField(AgendaItem.objects.none(), label=_("Session"), required=False)
    access = forms.ChoiceField(label=_("For whom"), choices=Material.Access.choices, widget=forms.RadioSelect)

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["access"].initial = Material.Access.AUDIENCE
        self.fields["item"].queryset = meeting.agenda.all()
        self.fields["item"].empty_label = _("The meeting as a whole")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        return checked(file) if file else None

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url and not url.lower().startswith(("https://", "http://")):
            raise forms.ValidationError(_("Give an address that begins with https://."))
        return url

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("title_en") and not data.get("title_fr"):
            self.add_error("title_en", _("Give a title in at least one language."))
        has_file, has_url = bool(data.get("file")), bool(data.get("url"))
        if has_file and has_url:
            self.add_error("url", _("Give a file or an address, not both."))
        elif not has_file and not has_url and not {"file", "url"} & set(self.errors):
            self.add_error("file", _("Add a file, or give an address."))
        if data.get("kind") == Material.Kind.RECORDING and "captions" not in self.errors:
            self._clean_captions(data)
        data["captions"] = [code for code in data.get("captions") or [] if code != NO_CAPTIONS]
        return data

    def _clean_captions(self, data: dict[str, Any]) -> None:
        answer = data.get("captions") or []
        if not answer:
            self.add_error("captions", _("Say in which languages the recording has captions, or that it has none."))
        elif NO_CAPTIONS in answer and len(answer) > 1:
            self.add_error("captions", _("It has captions or it has none, not both."))
