"""Input about accounts, cleaned."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import PortalForm, PortalModelForm

from . import zones
from .models import Language, Role, User, UserQuerySet

LANGUAGE_HINT = _("For letters, and for the pages after you sign in.")
ZONE_HINT = _("For dates and times that are not bound to a place.")


def _language(**kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Language"), choices=Language.choices, widget=forms.RadioSelect, **kwargs)


class ProfileForm(PortalModelForm):
    """What a person says about themself."""

    language = _language(help_text=LANGUAGE_HINT)

    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=zones.choices(self.instance.time_zone), help_text=ZONE_HINT
        )


class AcceptForm(ProfileForm):
    """An invited person's first page. Without a password one signs in with a code sent by email."""

    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without = _("Leave it empty to sign in with a code that we send you by email each time.")
        self.fields["password"].help_text = " ".join([str(without), *map(str, password_validators_help_texts())])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        password = values.get("password")
        if password:
            try:
                validate_password(password, User(email=self.instance.email, name=values.get("name", "")))
            except forms.ValidationError as weak:
                self.add_error("password", weak)
        return values

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under a lock."""


class InviteForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"), max_length=254)
    language = _language(help_text=_("The invitation and later letters are written in it."))

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email=email).exclude(is_active=True, accepted_at__isnull=True).exists():
            raise forms.ValidationError(_("Somebody with this address has an account already."))
        return email


class RolesForm(PortalForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles of the network"),
        choices=Role.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who speaks for a municipality is set on the municipality’s page."),
    )
    note = forms.CharField(
        label=_("Reason"), max_length=1000, required=False, help_text=_("For the record; administrators read it.")
    )


class PeopleFilter(forms.Form):
    """The filters above the list of people: GET, nothing required, nonsense filters nothing."""

    q = forms.CharField(
        label=_("Name or address"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("Any role")), *Role.choices])
    state = forms.ChoiceField(
        label=_("Account"),
        required=False,
        choices=[("", _("Any")), ("in", _("In use")), ("invited", _("Invited")), ("closed", _("Closed"))],
    )

    def apply(self, people: UserQuerySet) -> UserQuerySet:
        """Return those of `people` that the filters leave."""
        values = self.cleaned_data if self.is_valid() else {}
        for word in values.get("q", "").split():
            people = people.filter(Q(name__icontains=word) | Q(email__icontains=word))
        if values.get("role"):
            people = people.holding(values["role"])
        states = {
            "in": Q(is_active=True, accepted_at__isnull=False),
            "invited": Q(is_active=True, accepted_at__isnull=True),
            "closed": Q(is_active=False),
        }
        return people.filter(states.get(values.get("state", ""), Q()))
