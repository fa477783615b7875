"""Input of the network: filters of the directory, a municipality, its people, its programmes, its membership, lists."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from . import lists, selectors
from .models import (
    ImportRun,
    Membership,
    Municipality,
    PreventionProgramme,
    Province,
    Sector,
    Stakeholder,
    Standing,
    Topic,
)
from .zones import is_zone_of


class DirectoryFilter(django_filters.FilterSet):
    """The directory's GET form. Choices that no list offers leave the list as it is and say so beside the field."""

    q = django_filters.CharFilter(
        label=_("Name or programme"), method="by_words", widget=forms.TextInput(attrs={"type": "search"})
    )
    province = django_filters.ChoiceFilter(
        label=_("Province or territory"), choices=Province.choices, empty_label=_("All")
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Municipality.Kind.choices, empty_label=_("All"))
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
    language = django_filters.ChoiceFilter(
        label=_("Receives visitors in"),
        field_name="languages",
        choices=Language.choices,
        method="by_language",
        empty_label=_("All"),
    )
    topic = django_filters.ChoiceFilter(
        label=_("Can show"), field_name="offers__slug", choices=selectors.topic_choices, empty_label=_("All")
    )
    membership = django_filters.ChoiceFilter(
        label=_("Membership"), field_name="membership_kind", choices=Membership.Kind.choices, empty_label=_("All")
    )
    visits = django_filters.BooleanFilter(
        label=_("Receives visits now"), method="by_visits", widget=forms.CheckboxInput, field_name="not_hosting_until"
    )

    class Meta:
        model = Municipality
        fields: list[str] = []

    def by_words(self, rows: Any, name: str, value: str) -> QuerySet:
        return selectors.search(rows, value[:200])

    def by_size(self, rows: Any, name: str, value: str) -> QuerySet:
        return selectors.of_size(rows, value)

    def by_language(self, rows: Any, name: str, value: str) -> QuerySet:
        return rows.filter(languages__contains=[value])

    def by_visits(self, rows: Any, name: str, value: bool) -> QuerySet:
        return selectors.receiving_visits(rows, timezone.localdate()) if value else rows


class MunicipalityForm(SeenVersion, PortalModelForm):
    """What representatives keep up to date themselves."""

    languages = forms.MultipleChoiceField(
        label=_("Languages in which you can receive visitors"),
        choices=Language.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = Municipality
        fields = [
            "name_en",
            "name_fr",
            "about_en",
            "about_fr",
            "website",
            "population",
            "population_year",
            "population_source",
            "languages",
            "not_hosting_until",
            "offers",
            "seeks",
        ]
        help_texts = {
            "population_year": _("The census the figure comes from."),
            "not_hosting_until": _("Leave empty while you receive visits."),
            "website": _("The full address, beginning with https://"),
        }
        widgets = {
            "offers": forms.CheckboxSelectMultiple,
            "seeks": forms.CheckboxSelectMultiple,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        topics = Topic.objects.all()
        for name in ("offers", "seeks"):
            self.fields[name].queryset = topics  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if (
            cleaned.get("population") is not None
            and not cleaned.get("population_year")
            and "population_year" not in self.errors
        ):
            self.add_error("population_year", _("A population needs its census year."))
        return cleaned


class MunicipalityOfficeForm(MunicipalityForm):
    """What network coordinators correct beside: the kind, the province, the clock, the place on the map."""

    class Meta(MunicipalityForm.Meta):
        fields = [*MunicipalityForm.Meta.fields, "kind", "province", "time_zone", "latitude", "longitude"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        zone, province = cleaned.get("time_zone"), cleaned.get("province")
        if zone and province and not is_zone_of(zone, province):
            label = Province(province).label
            self.add_error(
                "time_zone", _("“%(zone)s” is not a time zone of %(province)s.") % {"zone": zone, "province": label}
            )
        if (cleaned.get("latitude") is None) != (cleaned.get("longitude") is None):
            self.add_error("longitude", _("Latitude and longitude come in pairs."))
        return cleaned


class StakeholderForm(SeenVersion, PortalModelForm):
    """A person of a municipality. Give `municipality` for a new one."""

    class Meta:
        model = Stakeholder
        fields = ["name", "title", "organisation", "sector", "standing", "email", "phone", "language"]
        help_texts = {
            "email": _("Invitations and reminders go here."),
            "language": _("Leave empty when you do not know: letters then come in both languages."),
            "organisation": _("When it is not the municipality itself."),
        }

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.municipality = municipality
        self.fields["sector"].queryset = Sector.objects.all()  # type: ignore[attr-defined]
        representative = selectors.representative_of(municipality)
        if self.instance.pk and selectors.person_standing(self.instance) == Standing.REPRESENTATIVE:
            self.fields["standing"].disabled = True
            self.fields["standing"].help_text = _("A representative hands the role over to somebody first.")
        elif representative is not None:
            choices = [choice for choice in Standing.choices if choice[0] != Standing.REPRESENTATIVE]
            self.fields["standing"].choices = choices  # type: ignore[attr-defined]
        if self.instance.user_id:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _(
                "This person has an account and changes the address in their own profile."
            )

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"] or "").strip()
        others = Stakeholder.objects.filter(municipality=self.municipality, left_on__isnull=True, email__iexact=email)
        if email and others.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Somebody with this email address is already listed in this municipality."))
        return email


class LeaveForm(PortalForm):
    on = forms.DateField(label=_("Last day"), initial=timezone.localdate)


class HandOverForm(PortalForm):
    """Who represents the municipality from now on, and what becomes of the present representative."""

    to = forms.ModelChoiceField(label=_("New representative"), queryset=Stakeholder.objects.none())
    stays_as = forms.ChoiceField(label=_("The present representative becomes"), initial=Standing.DEPUTY)

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = selectors.people_of(municipality).exclude(standing__in=(Standing.REPRESENTATIVE, Standing.PARTNER))
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
        staying = (Standing.DEPUTY, Standing.STAFF, Standing.LEADER)
        self.fields["stays_as"].choices = [(one.value, one.label) for one in staying]  # type: ignore[attr-defined]


class MoveForm(PortalForm):
    """To which municipality a person goes, and as what."""

    to = forms.ModelChoiceField(label=_("New municipality"), queryset=Municipality.objects.none())
    standing = forms.ChoiceField(label=_("Role there"), initial=Standing.STAFF)
    title = forms.CharField(label=_("Title there"), max_length=200, required=False)
    on = forms.DateField(label=_("Last day in the old one"), initial=timezone.localdate)

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Municipality.objects.exclude(pk=municipality.pk).order_by("name_en")
        self.fields["to"].queryset = places  # type: ignore[attr-defined]
        choices = [choice for choice in Standing.choices if choice[0] != Standing.REPRESENTATIVE]
        self.fields["standing"].choices = choices  # type: ignore[attr-defined]


class MergeForm(PortalForm):
    duplicate = forms.ModelChoiceField(
        label=_("The other entry of the same person"), queryset=Stakeholder.objects.none()
    )

    def __init__(self, *args: Any, people: QuerySet[Stakeholder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["duplicate"].queryset = people  # type: ignore[attr-defined]


class ProgrammeForm(SeenVersion, PortalModelForm):
    class Meta:
        model = PreventionProgramme
        fields = [
            "name_en",
            "name_fr",
            "summary_en",
            "summary_fr",
            "run_by",
            "topics",
            "website",
            "welcomes_visits",
            "ended_on",
            "source",
        ]
        widgets = {"topics": forms.CheckboxSelectMultiple}
        help_texts = {
            "name_fr": _("Leave empty when the name is the same in both languages."),
            "ended_on": _("Leave empty while it runs."),
        }

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.municipality = municipality

    def clean_name_en(self) -> str:
        name = str(self.cleaned_data["name_en"])
        same = PreventionProgramme.objects.filter(municipality=self.municipality, name_en=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("This municipality already lists a programme of this name."))
        return name


class AdmitForm(PortalModelForm):
    class Meta:
        model = Membership
        fields = ["kind", "from_on", "resolution_on", "resolution_reference", "source"]


class SuspendForm(PortalForm):
    until_on = forms.DateField(label=_("Last day of the membership"), initial=timezone.localdate)


class ListForm(PortalForm):
    """A file with a list. Its size is checked before anything is read."""

    what = forms.ChoiceField(
        label=_("What does the file list?"), choices=ImportRun.What.choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label=_("File"), help_text=_("CSV or XLSX, up to 5,000 rows and 5 MB, with the headers of the files below.")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > lists.MAX_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(size)s MB.") % {"size": lists.MAX_BYTES // 1024 // 1024}
            )
        return file
