"""Planning an offering: what it is, its sessions, who facilitates, and what is told when it changes."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts import zones
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality

from ..models import Offering
from ..selectors.offerings import PAST, UPCOMING, filter_choices, filtered, in_time
from ..selectors.planning import givable
from ..services.offerings import MOST_SESSIONS, TOLD, Sitting

MORE_ROWS = 4  # empty rows for sessions or people to add
MOST_FACILITATORS = 8
KNOWN = ("name", "organisation", "email", "language")


class OfferingFilter(PortalForm):
    """The list's GET form; what no list offers leaves the list as it is."""

    when = forms.ChoiceField(
        label=_("When"), required=False, choices=[(UPCOMING, _("Upcoming")), (PAST, pgettext_lazy("dates", "Past"))]
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    mode = forms.ChoiceField(label=_("How it is held"), required=False)
    province = forms.ChoiceField(label=_("Province of the host"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in filter_choices().items():
            self.fields[name].choices = [("", pgettext_lazy("filter", "All")), *choices]  # type: ignore[attr-defined]

    @property
    def when_asked(self) -> str:
        self.is_valid()
        return self.cleaned_data.get("when") or UPCOMING

    def apply(self, rows: Any) -> Any:
        """Return those of `rows` that were asked for, in order of time."""
        self.is_valid()
        asked = {name: self.cleaned_data.get(name) or "" for name in filter_choices()}
        return in_time(filtered(rows, **asked), self.when_asked)

    @property
    def is_filtered(self) -> bool:
        self.is_valid()
        return any(value for name, value in self.cleaned_data.items() if name != "when")


def _zone_field(current: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Time zone"),
        choices=[("", _("That of the host")), *zones.choices(current)],
        required=False,
        help_text=_("All clock times are of this place."),
    )


class _Planning:
    """What the forms about an offering have in common."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}  # type: ignore[misc]
        if "time_zone" in self.fields and not data.get("time_zone"):  # type: ignore[attr-defined]
            host = data.get("host")
            if host:
                data["time_zone"] = host.time_zone
            else:
                self.add_error("time_zone", _("No host is named: choose the time zone."))  # type: ignore[attr-defined]
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


def _hosts(current: int | None = None) -> Any:
    members = Municipality.objects.members_on(timezone.localdate()).values("pk")
    known = Municipality.objects.filter(pk__in=members) | Municipality.objects.filter(pk=current or 0)
    return known.by_name(active_language())


class NewOfferingForm(_Planning, PortalModelForm):
    """The least that makes an offering; the rest follows on the preparation page."""

    class Meta:
        model = Offering
        fields = ["module", "mode", "language", "host"]
        widgets = {"mode": forms.RadioSelect(), "language": forms.RadioSelect()}
        help_texts = {
            "module": _("Approved modules, and reviewed ones of which a pilot is held."),
            "host": _("Where people meet; online, the municipality that invites, if any."),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["module"].queryset = givable(user)  # type: ignore[attr-defined]
        self.fields["host"].queryset = _hosts()  # type: ignore[attr-defined]
        self.fields["time_zone"] = _zone_field()


class EditOfferingForm(_Planning, SeenVersion, PortalModelForm):
    """What is said about an offering. Once it is open, what people were told is changed on a page of its own."""

    class Meta:
        model = Offering
        fields = [
            "mode", "language", "host", "venue", "address", "join_link", "practical_en", "practical_fr", "capacity",
            "needs_approval", "enrolment_closes_on", "sessions_needed",
        ]  # fmt: skip
        widgets = {"mode": forms.RadioSelect(), "language": forms.RadioSelect()}
        help_texts = {
            "capacity": _("Empty: without limit."),
            "enrolment_closes_on": _("Empty: until the day before it begins."),
            "join_link": _("Only those who have a place see it."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["host"].queryset = _hosts(self.instance.host_id)  # type: ignore[attr-defined]
        if self.instance.state == Offering.State.PLANNED:
            current = self.instance.time_zone
            self.fields["time_zone"] = _zone_field(current)
            self.fields["time_zone"].show_hidden_initial = True
            self.initial["time_zone"] = current
        else:
            for name in TOLD:
                self.fields.pop(name, None)


class ChangeForm(SeenVersion, PortalModelForm):
    """What everyone who comes is told about, beside the sessions. The word is read by all of them."""

    word = forms.CharField(
        label=_("A word to those concerned"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why it changes; goes into the letter as you write it."),
    )

    class Meta:
        model = Offering
        fields = [name for name in TOLD if name != "time_zone"]
        widgets = {"mode": forms.RadioSelect(), "language": forms.RadioSelect()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=zones.choices(self.instance.time_zone), initial=self.instance.time_zone
        )
        self.fields["time_zone"].show_hidden_initial = True
        self.initial["time_zone"] = self.instance.time_zone

    def _post_clean(self) -> None:
        """Leave the instance alone: the service checks and writes."""

    def facts(self) -> dict[str, Any]:
        """Return what people are told, as it was typed."""
        return {name: self.cleaned_data[name] for name in TOLD}

    def as_hidden_fields(self) -> list[Any]:
        """Return all fields as hidden ones, for the page that asks once more before letters leave."""
        return [field.as_hidden() for field in self]


class SeenForm(SeenVersion, PortalForm):
    """A page of rows: what its writer saw."""


class SessionForm(PortalForm):
    """One session. An empty row is none."""

    day = forms.DateField(label=_("Day"), required=False)
    begins_at = forms.TimeField(label=_("From"), required=False)
    finishes_at = forms.TimeField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.sitting: Sitting | None = None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        names = ("day", "begins_at", "finishes_at")
        if self.errors or not any(data.get(name) is not None for name in names):
            return data
        for name in names:
            if data.get(name) is None:
                self.add_error(name, _("This is missing."))
        if not self.errors and data["finishes_at"] <= data["begins_at"]:
            self.add_error("finishes_at", _("It ends before it begins."))
        if not self.errors:
            self.sitting = Sitting(data["day"], data["begins_at"], data["finishes_at"])
        return data


class BaseSessions(forms.BaseFormSet):
    def clean(self) -> None:
        seen: list[Sitting] = []
        for form in self.forms:
            one = getattr(form, "sitting", None)
            if one is None:
                continue
            if any(
                one.day == other.day and one.begins_at < other.finishes_at and other.begins_at < one.finishes_at
                for other in seen
            ):
                form.add_error("begins_at", _("Two sessions overlap."))
            seen.append(one)

    @property
    def sittings(self) -> list[Sitting]:
        """What was typed, in order of time; empty rows left out."""
        found = [form.sitting for form in self.forms if form.sitting]
        return sorted(found, key=lambda one: (one.day, one.begins_at))

    def as_hidden_fields(self) -> list[Any]:
        return [field.as_hidden() for form in self.forms for field in form]


Sessions = forms.formset_factory(
    SessionForm, formset=BaseSessions, extra=MORE_ROWS, max_num=MOST_SESSIONS, validate_max=True
)


def sessions_of(offering: Offering, data: Any = None) -> Any:
    """Return the rows of `offering`, those there are and some empty ones."""
    rows = offering.sessions.values("day", "begins_at", "finishes_at")
    return Sessions(data, initial=list(rows), prefix="session")


class FacilitatorForm(PortalForm):
    """Who teaches. An empty row is nobody."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    organisation = forms.CharField(label=_("Organisation"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("Email address"),
        required=False,
        help_text=_("Who signs in with this address sees who comes, and notes attendance."),
    )
    language = forms.ChoiceField(
        label=_("Language of letters"), required=False, choices=[("", _("Both")), ("en", "English"), ("fr", "Français")]
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"] or "").lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("name") and (data.get("email") or data.get("organisation")):
            self.add_error("name", _("This is missing."))
        return data


class BaseFacilitators(forms.BaseFormSet):
    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            email = form.cleaned_data.get("email") if hasattr(form, "cleaned_data") else ""
            if email and email in seen:
                form.add_error("email", _("This address is named already."))
            seen.add(email or "")

    @property
    def people(self) -> list[dict[str, Any]]:
        """What was typed of those who are named."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("name")]
        return [{name: row[name] for name in KNOWN} for row in rows]


Facilitators = forms.formset_factory(
    FacilitatorForm, formset=BaseFacilitators, extra=2, max_num=MOST_FACILITATORS, validate_max=True
)


def facilitators_of(offering: Offering, data: Any = None) -> Any:
    """Return the rows of those who facilitate, and two empty ones."""
    return Facilitators(data, initial=list(offering.facilitators.values(*KNOWN)), prefix="person")


__all__ = [
    "ChangeForm", "EditOfferingForm", "NewOfferingForm", "OfferingFilter", "SeenForm",
    "facilitators_of", "sessions_of",
]  # fmt: skip
