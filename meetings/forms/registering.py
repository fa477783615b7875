"""Registering oneself and colleagues, keeping the list, and inviting more people."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.core.places import Status
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.rules import municipality_ids_of, places_of

from ..models import Invitee, Meeting, Registration
from ..selectors.people import addresses_taken, by_words, municipalities_at
from ..services import Person
from .desk import Colleagues, drop_settled_seat

BOTH = ("", _("Not known: both languages"))
INVITED_AT_ONCE = 3


def members(user: Any = None) -> Any:
    """Return the members of the network as choices by name, and the municipality for which `user` works."""
    running = Municipality.objects.members_on(timezone.localdate()).values("pk")
    own = municipality_ids_of(user) if user is not None else set()
    return Municipality.objects.filter(Q(pk__in=running) | Q(pk__in=own)).by_name(active_language())


class RegisterForm(PortalForm):
    """The first person of a registration: oneself, or the one whom a coordinator registers.

    `website` is for machines that fill in whatever they find: people never see it.
    """

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"), help_text=_("The confirmation and all changes go here."))
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language of letters"), choices=Language.choices, widget=forms.RadioSelect)
    municipality = forms.ModelChoiceField(Municipality.objects.none(), label=_("Municipality"), required=False)
    organisation = forms.CharField(
        label=_("Organisation"),
        max_length=200,
        required=False,
        help_text=_("When you come for an organisation, or for a municipality that is not in the list."),
    )
    attends = forms.ChoiceField(
        label=_("How do you take part?"), choices=Registration.Attends.choices, widget=forms.RadioSelect
    )
    dietary_needs = forms.CharField(
        label=_("Food"), max_length=300, required=False, help_text=_("Allergies, or what you do not eat.")
    )
    access_needs = forms.CharField(
        label=_("Accessibility"), max_length=300, required=False, help_text=_("What you need to take part fully.")
    )
    consent = forms.BooleanField(
        label=_("The organisers may use these details to prepare the meeting and to write about it."),
        help_text=_("The colleagues whom I register know of it."),
        error_messages={"required": _("Without this the organisers cannot register you.")},
    )
    website = forms.CharField(label=_("Leave this empty"), required=False)

    def __init__(self, *args: Any, meeting: Meeting, user: Any, on_behalf: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipality"].queryset = members(user)
        for name in ("municipality", "organisation"):
            self.fields[name].is_needed_later = True  # one of the two: neither is called optional
        if meeting.mode != Meeting.Mode.HYBRID:
            del self.fields["attends"]
        if meeting.mode == Meeting.Mode.VIRTUAL:
            del self.fields["dietary_needs"]
        if on_behalf:
            self.fields["consent"].label = _("The people named here know that they are registered.")
            self.fields["consent"].help_text = ""

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        said = data.get("municipality") or (data.get("organisation") or "").strip()
        if not said and "municipality" not in self.errors:
            self.add_error("municipality", _("Choose your municipality, or write for whom you come."))
        return data

    @property
    def is_machine(self) -> bool:
        """Whether something filled in the field that people do not see."""
        return bool(self.data.get("website"))


def own_details(user: Any) -> dict[str, Any]:
    """Return what is known of the signed-in person, to fill the form with; the language of the page for anybody else."""
    if not user.is_authenticated:
        return {"language": active_language(), "attends": Registration.Attends.IN_PERSON}
    places = places_of(user)
    return {
        "name": user.name,
        "email": user.email,
        "language": user.language or active_language(),
        "title": places[0].title if places else "",
        "municipality": places[0].municipality_id if places else None,
        "attends": Registration.Attends.IN_PERSON,
    }


class Registering:
    """The whole page as one: the first person (`own`) and up to five colleagues of the same municipality."""

    def __init__(self, data: Any, *, meeting: Meeting, user: Any, on_behalf: bool, initial: dict[str, Any]) -> None:
        self.meeting = meeting
        self.own = RegisterForm(data, meeting=meeting, user=user, on_behalf=on_behalf, initial=initial)
        first = (data.get("email") or "").strip() if data is not None else ""
        self.colleagues = Colleagues(data, own=first, form_kwargs={"meeting": meeting}, prefix="colleague")
        self.taken: set[str] = set()
        # Somebody without an account does not learn from this form who comes: the letters tell.
        self.tells_who_comes = user.is_authenticated

    def is_valid(self) -> bool:
        """Check all rows, also against those who have a place already; whoever has one is named beside the row."""
        valid = [self.own.is_valid(), self.colleagues.is_valid()]
        if not self.tells_who_comes:
            return all(valid)
        rows = self._named()
        emails = {row.cleaned_data["email"] for row in rows}
        self.taken = addresses_taken(self.meeting, emails) if emails else set()
        if all(valid) and emails == self.taken:
            return False
        for row in rows:
            if row.cleaned_data["email"] in self.taken:
                row.add_error("email", _("This address has a place at this meeting already."))
        return all(valid) and not self.taken

    def _named(self) -> list[Any]:
        rows = [self.own, *self.colleagues.forms]
        return [row for row in rows if getattr(row, "cleaned_data", {}).get("email")]

    @property
    def are_all_taken(self) -> bool:
        """Whether everything is in order but everybody has a place already: a second click."""
        return bool(self.taken) and not self.own.errors and not any(self.colleagues.errors)

    @property
    def has_colleagues(self) -> bool:
        """Whether a colleague's row was begun."""
        return self.colleagues.is_bound and any(row.has_changed() for row in self.colleagues.forms)

    @property
    def people(self) -> list[Person]:
        """Who is to be registered, the first person first. After `is_valid`."""
        first = {k: v for k, v in self.own.cleaned_data.items() if k not in ("consent", "website")}
        same = {name: first[name] for name in ("municipality", "organisation")}
        return [Person(**first), *(Person(**(row | same)) for row in self.colleagues.people)]


class KeepForm(SeenVersion, PortalModelForm):
    """A registration as a coordinator corrects it; a new address gets the letter again."""

    class Meta:
        model = Registration
        fields = ["name", "title", "email", "language", "municipality", "organisation", "attends"]
        help_texts = {"email": _("The person’s own page and the letter go to the new address; the old link ends.")}
        widgets = {"attends": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["language"]
        choices.choices, choices.required = [BOTH, *Language.choices], False
        known = Q(pk=self.instance.municipality_id or 0) | Q(pk__in=members().values("pk"))
        self.fields["municipality"].queryset = Municipality.objects.filter(known).by_name(active_language())
        drop_settled_seat(self)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class RegistrationFilter(forms.Form):
    """The list's GET form; what no list offers leaves the list as it is."""

    q = forms.CharField(
        label=_("Name or address"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    status = forms.ChoiceField(
        label=_("Place"), required=False, choices=[("", pgettext_lazy("filter", "All")), *Status.choices]
    )
    municipality = forms.ChoiceField(label=_("Municipality"), required=False)

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", pgettext_lazy("filter", "All"))
        self.fields["municipality"].choices = [every, *municipalities_at(meeting)]  # type: ignore[attr-defined]

    def apply(self, rows: Any) -> Any:
        """Return those of `rows` that were asked for."""
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("status"):
            rows = rows.filter(status=asked["status"])
        if asked.get("municipality"):
            rows = rows.filter(municipality=asked["municipality"])
        return by_words(rows, asked.get("q") or "")

    @property
    def is_filtered(self) -> bool:
        return any(self.cleaned_data.values())


class InviteRow(PortalForm):
    """Somebody who is invited by name; a row that stays empty is nobody."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"))
    language = forms.ChoiceField(label=_("Language of letters"), choices=[BOTH, *Language.choices], required=False)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


InviteRows = forms.formset_factory(InviteRow, extra=INVITED_AT_ONCE, max_num=INVITED_AT_ONCE, validate_max=True)


class InviteForm(PortalForm):
    """More people for an announced meeting: everybody of some municipalities."""

    municipalities = forms.ModelMultipleChoiceField(
        Municipality.objects.none(),
        label=_("People of these municipalities"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    partners = forms.BooleanField(label=_("Their local partners as well"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["municipalities"].queryset = members()


def invitees_by_name(rows: Any, meeting: Meeting) -> list[Invitee]:
    """Return the people of valid InviteRows as invitees that are not saved; a stranger's clock is the meeting's."""
    typed = [row.cleaned_data for row in rows.forms if row.cleaned_data.get("email")]
    return [
        Invitee(
            meeting=meeting,
            name=data["name"],
            email=data["email"],
            language=data["language"] or "both",
            zone=meeting.time_zone,
        )
        for data in typed
    ]
