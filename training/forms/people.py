"""What people type about their own way: evidence, a role, the code of a certificate; and what assessors answer."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core import files
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm
from cmncp_portal.core.text import LanguageText

from ..models import CompetencyText, Level


class EvidenceForm(PortalForm):
    """What somebody did, for a competency and a level. `known` is the claim while it is changed."""

    words = forms.CharField(
        label=_("What you did, when, and what came of it"),
        help_text=_("A few sentences are enough. Name no person who would not want to be named."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    url = forms.URLField(
        label=_("Link"),
        help_text=_("To a report, a plan, a page."),
        required=False,
        max_length=500,
        assume_scheme="https",
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "PDF, Word, Excel, PowerPoint, OpenDocument or a picture, 10 MB at most. Only the assessors and you read it."
        ),
        required=False,
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        return files.checked(file) if file else None

    def shown(self) -> dict[str, Any]:
        """Return what the service keeps; a file that is there stays unless another one comes or it is taken away."""
        data = {name: self.cleaned_data[name] for name in ("words", "url")}
        if self.cleaned_data.get("file"):
            data |= {"file": self.cleaned_data["file"], "filename": self.cleaned_data["file"].name[:200]}
        elif self.cleaned_data.get("remove"):
            data |= {"file": "", "filename": ""}
        return data


class NewEvidenceForm(EvidenceForm):
    competency = forms.ModelChoiceField(label=_("Competency"), queryset=CompetencyText.objects.none())
    level = forms.TypedChoiceField(label=_("Level"), choices=Level.choices, coerce=int, widget=forms.RadioSelect)
    field_order = ["competency", "level", "words", "url", "file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = CompetencyText.objects.that_hold().select_related("domain", "version").defer("search_en", "search_fr")
        rows = rows.order_by("version__standard__slug", "domain__order", "order", "pk")
        field: Any = self.fields["competency"]
        field.queryset = rows
        field.label_from_instance = lambda text: f"{text.code} {text.title}"
        field.choices = _by_domain(rows)


def _by_domain(rows: Any) -> list[Any]:
    choices: list[Any] = [("", _("— choose —"))]
    for _key, group in groupby(rows, key=lambda text: text.domain_id):
        texts = list(group)
        name = f"{texts[0].domain.order} {texts[0].domain.title}"
        choices.append((name, [(text.pk, f"{text.code} {text.title}") for text in texts]))
    return choices


class ChangedEvidenceForm(SeenVersion, EvidenceForm):
    remove = forms.BooleanField(label=_("Take the file away"), required=False)

    def __init__(self, *args: Any, has_file: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_file:
            del self.fields["remove"]


class RoleForm(PortalForm):
    """A role of the versions in force; empty follows from where somebody works."""

    role = forms.ChoiceField(label=_("Role"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: list[tuple[str, LanguageText]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        field.choices = [("", _("The one that goes with the role in the network")), *roles]


class AnswerForm(PortalForm):
    """A word of the assessor; `seen` is the version that was read."""

    seen = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    note = forms.CharField(label=_("A word for the person"), max_length=3000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = required


class CodeForm(PortalForm):
    """The code of a certificate, as somebody reads it from paper."""

    code = forms.CharField(
        label=_("Code of the certificate"),
        help_text=_("Twelve letters and digits, such as 7KQ2-MXTA-4HDR. Spaces and small letters do no harm."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class CoverageFilter(forms.Form):
    """Which part of the coverage to show."""

    domain = forms.TypedChoiceField(label=_("Domain"), required=False, coerce=int, empty_value=None)
    level = forms.TypedChoiceField(label=_("Level asked"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, domains: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", pgettext_lazy("filter", "All"))
        fields: Any = self.fields
        fields["domain"].choices = [everything, *domains]
        fields["level"].choices = [everything, *Level.choices]

    def chosen(self) -> dict[str, int | None]:
        """Return the filter; nonsense in the address filters nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) for name in ("domain", "level")}
