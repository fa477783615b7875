"""The forms of modules: finding, proposing, writing, what they build, materials, authors, partners."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.files import checked
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from ..models import Level, Module, ModuleAuthor, ModuleMaterial, Partner
from ..selectors import modules as selectors
from ..selectors import modules_desk as desk
from ..services.modules import TEXTS

S = Module.State
PARAGRAPHS = _("Empty lines make paragraphs, a line that begins with “- ” makes a list.")


def words_filter() -> django_filters.CharFilter:
    return django_filters.CharFilter(
        label=_("Words"), method="by_words", widget=forms.TextInput(attrs={"type": "search"})
    )


class CatalogueFilter(django_filters.FilterSet):
    """A plain GET form, so that an address can be shared. What no list offers leaves the catalogue as it is."""

    q = words_filter()
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Module.Kind.choices, empty_label=_("All"))
    theme = django_filters.ChoiceFilter(label=_("Theme"), choices=Module.Theme.choices, empty_label=_("All"))
    year = django_filters.ChoiceFilter(
        label=_("Year of the programme"),
        field_name="programme_year",
        choices=[("1", "1"), ("2", "2"), ("3", "3")],
        empty_label=_("All"),
    )
    language = django_filters.ChoiceFilter(
        label=_("Taught in"), choices=Language.choices, method="by_language", empty_label=_("All")
    )
    competency = django_filters.ChoiceFilter(label=_("Competency"), method="by_competency", empty_label=_("All"))
    partner = django_filters.ChoiceFilter(
        label=_("Kind of partner"), field_name="partner__kind", choices=Partner.Kind.choices, empty_label=_("All")
    )
    standing = django_filters.ChoiceFilter(
        label=pgettext_lazy("filter", "Show"),
        choices=[
            (selectors.CURRENT, pgettext_lazy("modules", "What is offered")),
            (selectors.RETIRED, pgettext_lazy("modules", "Retired")),
            (selectors.ALL, pgettext_lazy("modules", "All")),
        ],
        method="as_they_are",
        empty_label=None,
    )

    class Meta:
        model = Module
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["competency"].extra["choices"] = selectors.competency_choices()

    @property
    def is_filtered(self) -> bool:
        return any(value for name, value in self.form.cleaned_data.items() if name != "standing")

    @property
    def standing_asked(self) -> str:
        return self.form.cleaned_data.get("standing") or selectors.CURRENT

    def filter_queryset(self, queryset: Any) -> Any:
        return selectors.in_standing(super().filter_queryset(queryset), self.standing_asked)

    def as_they_are(self, rows: Any, _name: str, _value: str) -> Any:
        return rows  # filter_queryset sees to it, also when nothing is asked

    def by_words(self, rows: Any, _name: str, value: str) -> Any:
        return selectors.with_words(rows, value)

    def by_language(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(languages__contains=[value])

    def by_competency(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(builds__competency=value)  # a module builds a competency once


class DeskFilter(django_filters.FilterSet):
    """The filters of the desk."""

    q = words_filter()
    group = django_filters.ChoiceFilter(
        label=pgettext_lazy("filter", "State"),
        choices=[(desk.LATE, _("Late")), *((name, label) for name, (label, _states) in desk.GROUPS.items())],
        method="by_group",
        empty_label=_("All"),
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Module.Kind.choices, empty_label=_("All"))

    class Meta:
        model = Module
        fields: list[str] = []

    @property
    def is_filtered(self) -> bool:
        return any(self.form.cleaned_data.values())

    def by_words(self, rows: Any, _name: str, value: str) -> Any:
        return selectors.with_words(rows, value)

    def by_group(self, rows: Any, _name: str, value: str) -> Any:
        return desk.in_group(rows, value)


class ProposeForm(PortalForm):
    """The least that makes a module; the rest follows on its pages."""

    title_en = forms.CharField(label=_("Title in English"), max_length=200, required=False)
    title_fr = forms.CharField(label=_("Title in French"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=Module.Kind.choices, widget=forms.RadioSelect)
    theme = forms.ChoiceField(label=_("Theme"), choices=[("", _("— choose —")), *Module.Theme.choices])
    programme_year = forms.TypedChoiceField(
        label=_("Year of the programme"),
        choices=[("", _("not decided yet")), (1, "1"), (2, "2"), (3, "3")],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title_en", "title_fr"):
            self.fields[name].is_needed_later = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not {"title_en", "title_fr"} & set(self.errors) and not data.get("title_en") and not data.get("title_fr"):
            self.add_error("title_en", _("Give a title in at least one language."))
        return data


class TextForm(SeenVersion, PortalModelForm):
    """What authors write, both languages side by side."""

    PAIRS = ("title", "summary", "objectives", "outline")
    FACTS: tuple[str, ...] = ()

    languages = forms.MultipleChoiceField(
        label=_("It can be taught in"), choices=Language.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Module
        fields = list(TEXTS)
        widgets = {f"outline_{code}": forms.Textarea(attrs={"rows": 14}) for code in ("en", "fr")} | {
            f"objectives_{code}": forms.Textarea(attrs={"rows": 7}) for code in ("en", "fr")
        }
        help_texts = {f"{name}_{code}": PARAGRAPHS for name in ("objectives", "outline") for code in ("en", "fr")} | {
            "one_language_reason": _("Only when it is taught in one language; people read it on the module’s page."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TEXTS:
            self.fields[name].is_needed_later = True

    @property
    def pairs(self) -> list[tuple[BoundField, BoundField]]:
        """The fields of the two languages of each text, side by side."""
        return [(self[f"{name}_en"], self[f"{name}_fr"]) for name in self.PAIRS]

    @property
    def facts(self) -> list[BoundField]:
        """What authors do not decide."""
        return [self[name] for name in self.FACTS if name in self.fields]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not {"title_en", "title_fr"} & set(self.errors) and not data.get("title_en") and not data.get("title_fr"):
            self.add_error("title_en", _("Give a title in at least one language."))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class ModuleForm(TextForm):
    """All that is said of a module, for the University and the coordinators."""

    FACTS = ("kind", "theme", "programme_year", "partner", "draft_due_on")

    class Meta(TextForm.Meta):
        fields = [*TEXTS, "kind", "theme", "programme_year", "partner", "draft_due_on", "pilot_report"]
        widgets = TextForm.Meta.widgets | {"kind": forms.RadioSelect()}
        help_texts = TextForm.Meta.help_texts | {
            "draft_due_on": _("The authors are told, and reminded a week before, on the day and after it."),
            "pilot_report": _("Who came, what worked, what was changed. The authors read it too."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("programme_year", "partner", "draft_due_on", "pilot_report"):
            self.fields[name].is_needed_later = True
        if self.instance.state in (S.PROPOSED, S.AGREED, S.DRAFTED):
            del self.fields["pilot_report"]

    def clean_draft_due_on(self) -> Any:
        day = self.cleaned_data["draft_due_on"]
        if day and day != self.instance.draft_due_on and day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return day


class CompetenciesForm(forms.Form):
    """A level for each competency on the page. `changes` are those that the person touched; the others stay as they are."""

    LEVELS = [("", pgettext_lazy("level of a module", "not built")), *Level.choices]

    def __init__(self, data: Any = None, *, texts: Iterable[Any], levels: dict[int, int]) -> None:
        super().__init__(data)
        self.texts = {text.competency_id: text for text in texts}
        for pk, text in self.texts.items():
            self.fields[f"level_{pk}"] = forms.TypedChoiceField(
                label=f"{text.code} {text.title}",
                choices=self.LEVELS,
                coerce=int,
                empty_value=None,
                required=False,
                initial=levels.get(pk, ""),
                show_hidden_initial=True,
            )

    def lines(self) -> list[tuple[Any, BoundField]]:
        """Each wording with its field."""
        return [(text, self[f"level_{pk}"]) for pk, text in self.texts.items()]

    def changes(self) -> dict[int, int | None]:
        """The new level of each competency that was touched, None for one that is not built any more."""
        names = (name for name in self.changed_data if name in self.cleaned_data)
        return {int(name.removeprefix("level_")): self.cleaned_data[name] for name in names}


class MaterialForm(PortalForm):
    title_en = forms.CharField(label=_("Title in English"), required=False, max_length=200)
    title_fr = forms.CharField(label=_("Title in French"), required=False, max_length=200)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument or picture, at most 10 MB."),
    )
    url = forms.URLField(
        label=_("Web address"), required=False, max_length=500, assume_scheme="https", help_text=_("Instead of a file.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=ModuleMaterial._meta.get_field("language").choices)
    access = forms.ChoiceField(
        label=_("For whom"),
        choices=ModuleMaterial.Access.choices,
        widget=forms.RadioSelect,
        initial=ModuleMaterial.Access.PARTICIPANTS,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("title_en", "title_fr", "file", "url"):
            self.fields[name].is_needed_later = True

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
        return data


class UntilForm(PortalForm):
    """Until when an author may write."""

    until_on = forms.DateField(
        label=_("May write until"), required=False, help_text=_("Without a day the invitation does not end.")
    )

    def clean_until_on(self) -> Any:
        day = self.cleaned_data["until_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return day


class AuthorForm(UntilForm):
    """Somebody who is invited to write this module."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"), help_text=_("Who has no account gets one by a second letter."))
    language = forms.ChoiceField(label=_("Language of letters"), choices=Language.choices, widget=forms.RadioSelect)

    field_order = ["name", "email", "language", "until_on"]


class AgainForm(UntilForm):
    """An author is invited once more, or for longer."""

    def __init__(self, *args: Any, author: ModuleAuthor, **kwargs: Any) -> None:
        day = author.until_on
        initial = {"until_on": day if day and day >= timezone.localdate() else None}
        super().__init__(*args, initial=initial, auto_id=f"again_{author.pk}_%s", **kwargs)


class PartnerForm(PortalModelForm):
    class Meta:
        model = Partner
        fields = ["name_en", "name_fr", "kind", "province", "website", "contact"]
        widgets = {"kind": forms.RadioSelect()}
        help_texts = {"contact": _("Name, role, telephone. The University and the network’s coordinators read it.")}

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""
