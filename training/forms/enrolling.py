"""Enrolling oneself or staff, correcting an enrolment, and what people type on their personal pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.core.places import Status
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.rules import places_of, speaks_for_ids

from ..models import Enrolment, Offering, SelfRating
from ..selectors.builds import Built
from ..selectors.places import by_words
from ..services.enrolling import Person

LANGUAGES = [("", _("Both")), *Language.choices]
ROWS = 6  # people whom one enrols on one page
FOOD, ACCESS = _("Allergies, or what you do not eat."), _("What you need to take part fully.")


class EnrolForm(PortalForm):
    """Oneself: who it is, the account says."""

    title = forms.CharField(label=_("Your title"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language of letters"), choices=Language.choices, widget=forms.RadioSelect)
    dietary_needs = forms.CharField(label=_("Food"), max_length=300, required=False, help_text=FOOD)
    access_needs = forms.CharField(label=_("Accessibility"), max_length=300, required=False, help_text=ACCESS)

    def __init__(self, *args: Any, offering: Offering, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        places = places_of(user)
        self.initial = {"title": places[0].title if places else "", "language": user.language or active_language()}
        if offering.is_online:
            del self.fields["dietary_needs"]

    def person(self) -> Person:
        """Return the signed-in person with what was typed."""
        return Person(
            name=self.user.name or self.user.email, email=self.user.email, user=self.user, **self.cleaned_data
        )


class StaffForm(PortalForm):
    """For which municipality. A coordinator may also enrol people of none."""

    municipality = forms.ModelChoiceField(Municipality.objects.none(), label=_("Municipality"))
    organisation = forms.CharField(
        label=_("Organisation"), max_length=200, required=False, help_text=_("For people from outside a municipality.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["municipality"]
        if is_secretariat(user):
            running = Municipality.objects.members_on(timezone.localdate()).values("pk")
            field.queryset = Municipality.objects.filter(pk__in=running).by_name(active_language())
            field.required = False
            return
        own = speaks_for_ids(user)
        field.queryset = Municipality.objects.filter(pk__in=own).by_name(active_language())
        del self.fields["organisation"]
        if len(own) == 1:
            field.initial = next(iter(own))


class StaffRow(PortalForm):
    """Somebody who gets an own letter with an own link; an account is not needed. An empty row is nobody."""

    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    email = forms.EmailField(label=_("Email address"), required=False)
    language = forms.ChoiceField(label=_("Language of letters"), choices=LANGUAGES, required=False)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"] or "").lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.errors:
            return data
        for name, other in (("name", "email"), ("email", "name")):
            if not data.get(name) and data.get(other):
                self.add_error(name, _("This is missing."))
        return data


class BaseStaffRows(forms.BaseFormSet):
    def clean(self) -> None:
        seen: set[str] = set()
        for form in self.forms:
            email = form.cleaned_data.get("email") if hasattr(form, "cleaned_data") else ""
            if email and email in seen:
                form.add_error("email", _("This address is named already."))
            seen.add(email or "")
        if not any(self.errors) and not seen - {""}:
            raise forms.ValidationError(_("Name at least one person."))

    def people(self, municipality: Municipality | None, organisation: str = "") -> list[Person]:
        """Return who was named."""
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data.get("email")]
        return [
            Person(
                name=row["name"],
                email=row["email"],
                language=row["language"],
                municipality=municipality,
                organisation=organisation,
            )
            for row in rows
        ]


StaffRows = forms.formset_factory(StaffRow, formset=BaseStaffRows, extra=ROWS, max_num=ROWS, validate_max=True)


class EnrolmentFilter(PortalForm):
    """The list's GET form."""

    q = forms.CharField(
        label=_("Name or address"), required=False, max_length=200, widget=forms.TextInput(attrs={"type": "search"})
    )
    status = forms.ChoiceField(
        label=_("Place"), required=False, choices=[("", pgettext_lazy("filter", "All")), *Status.choices]
    )

    def apply(self, rows: Any) -> Any:
        """Return those of `rows` that were asked for."""
        self.is_valid()
        if status := self.cleaned_data.get("status"):
            rows = rows.filter(status=status)
        return by_words(rows, self.cleaned_data.get("q") or "")

    @property
    def is_filtered(self) -> bool:
        self.is_valid()
        return any(self.cleaned_data.values())


class EditPlaceForm(SeenVersion, PortalModelForm):
    """An enrolment as a coordinator corrects it; a new address gets the letter again."""

    class Meta:
        model = Enrolment
        fields = ["name", "title", "organisation", "email", "language", "municipality"]
        help_texts = {"email": _("The person’s own page and the letter go to the new address; the old link ends.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = LANGUAGES  # type: ignore[attr-defined]
        running = Municipality.objects.members_on(timezone.localdate()).values("pk")
        known = Q(pk=self.instance.municipality_id or 0) | Q(pk__in=running)
        municipality: Any = self.fields["municipality"]
        municipality.queryset = Municipality.objects.filter(known).by_name(active_language())

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


# --- personal pages


class WordForm(PortalForm):
    """A place given back; the word to the coordinators may stay empty."""

    word = forms.CharField(
        label=_("A word to the coordinators"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class NeedsForm(PortalModelForm):
    """What one needs. Who takes part online is not asked about food."""

    class Meta:
        model = Enrolment
        fields = ["dietary_needs", "access_needs"]
        help_texts = {"dietary_needs": FOOD, "access_needs": ACCESS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.offering.is_online:
            del self.fields["dietary_needs"]


class CorrectForm(SeenVersion, PortalModelForm):
    """What stands on the list and on a certificate."""

    class Meta:
        model = Enrolment
        fields = ["name", "title", "language"]
        labels = {"name": _("Your name"), "title": _("Your title")}
        help_texts = {"name": _("As it is to stand on a certificate.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = LANGUAGES  # type: ignore[attr-defined]


class LostLinkForm(PortalForm):
    """Somebody who lost the letter: the answer is always the same."""

    email = forms.EmailField(label=_("Your email address"))


class SelfAssessmentForm(PortalForm):
    """How sure one is of each competency that the module builds; lines may stay open."""

    def __init__(self, *args: Any, built: Sequence[Built], known: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in built:
            self.fields[f"sure_{one.competency_id}"] = forms.TypedChoiceField(
                label=f"{one.text.code} {one.text.title}",
                help_text=str(one.text.description),
                choices=SelfRating.Sure.choices,
                coerce=int,
                empty_value=None,
                initial=known.get(one.competency_id),
                required=False,
                widget=forms.RadioSelect,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            raise forms.ValidationError(_("Choose an answer for at least one line."))
        return data

    def ratings(self) -> dict[int, int]:
        """Return what was chosen, by competency."""
        return {int(name.removeprefix("sure_")): value for name, value in self.cleaned_data.items() if value}
