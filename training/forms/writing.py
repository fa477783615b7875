"""Writing a version: its standard, domains, competencies with criteria, and roles with what is asked of them.

Lines have no version number of their own: the hidden `version` holds a mark of what the line said (`selectors.standards.mark_of`).
"""

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import Standing

from ..models import CompetencyText, Criterion, Domain, Level, RoleProfile, Standard, StandardVersion
from ..selectors.standards import mark_of
from ..services.writing import CriterionDraft, mark_of_role, mark_of_text

NEW_CRITERIA = 3  # empty places for criteria on each form
CRITERION = ("level", "statement_en", "statement_fr", "evidence_en", "evidence_fr")
LEVELS = [("", _("— choose —")), *Level.choices]


def label(model: Any, name: str) -> str:
    """Return what the column `name` of `model` is called, with a capital letter, in the active language."""
    words = str(model._meta.get_field(name).verbose_name)
    return words[:1].upper() + words[1:]


class StandardForm(PortalModelForm):
    """A new standard: its name and what it is for; the first version follows empty."""

    class Meta:
        model = Standard
        fields = ["title_en", "title_fr", "summary_en", "summary_fr"]

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class VersionForm(SeenVersion, PortalModelForm):
    """What is new in the version; the name of the standard while nobody but its writers knows it (`names`)."""

    class Meta:
        model = StandardVersion
        fields = ["changes_en", "changes_fr"]
        widgets = {name: forms.Textarea(attrs={"rows": 4}) for name in ("changes_en", "changes_fr")}

    def __init__(self, *args: Any, names: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if names:
            for name in StandardForm.Meta.fields:
                self.fields[name] = forms.CharField(
                    label=label(Standard, name),
                    max_length=200 if "title" in name else 4000,
                    required="title" in name,
                    widget=forms.TextInput() if "title" in name else forms.Textarea(attrs={"rows": 3}),
                    show_hidden_initial=True,
                )
                self.initial[name] = getattr(self.instance.standard, name)

    @property
    def name_fields(self) -> list[Any]:
        return [self[name] for name in StandardForm.Meta.fields if name in self.fields]

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class Line(SeenVersion, PortalForm):
    """The form of a line that exists: `thing` is shown as what was saved last, `mark` is its mark."""

    def __init__(self, *args: Any, thing: Any = None, mark: int = 1, **kwargs: Any) -> None:
        kwargs["initial"] = {**(kwargs.get("initial") or {}), "version": mark}
        super().__init__(*args, **kwargs)
        self.instance = thing

    @property
    def fields_typed(self) -> dict[str, Any]:
        """What was typed, without the mark. After `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def text_field(model: Any, name: str, *, rows: int = 0, required: bool = False) -> forms.CharField:
    """Return a field for the column `name` of `model`: one line, or a text of `rows` lines."""
    column = model._meta.get_field(name)
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    found = forms.CharField(label=label(model, name), required=required, max_length=column.max_length, widget=widget)
    return found


class DomainForm(Line):
    """A domain in both languages; French may follow."""

    def __init__(self, *args: Any, domain: Domain | None = None, **kwargs: Any) -> None:
        names = ("title_en", "title_fr", "summary_en", "summary_fr")
        self.base_fields = {
            name: text_field(Domain, name, rows=3 if "summary" in name else 0, required=name == "title_en")
            for name in names
        }
        initial = {name: getattr(domain, name) for name in names} if domain else {}
        super().__init__(*args, thing=domain, mark=mark_of(domain) if domain else 1, initial=initial, **kwargs)


class CompetencyForm(Line):
    """A competency with its criteria. A criterion that is emptied in both languages goes.

    The fields of a criterion carry its number: "c12_statement_en"; new ones are "n1_…". `also` are criteria that the page knew
    and that are gone: what was typed for them is kept.
    """

    def __init__(
        self,
        *args: Any,
        version: StandardVersion,
        text: CompetencyText | None = None,
        domain: Domain | None = None,
        also: tuple[str, ...] = (),
        **kwargs: Any,
    ) -> None:
        known = {f"c{row.pk}": row for row in text.criteria.all()} if text else {}
        data = args[0] if args else kwargs.get("data")
        posted = {key.partition("_")[0] for key in data or () if key.endswith("_statement_en")}
        gone = sorted(p for p in {*posted, *also} if p not in known and p.startswith("c") and p[1:].isdigit())
        self.version = version
        self.slots = [*known, *gone, *(f"n{number}" for number in range(1, NEW_CRITERIA + 1))]
        self.gone = tuple(gone)
        self.base_fields = self._own_fields(text is not None) | self._criteria_fields()
        names = [name for name in self.base_fields if hasattr(text, name) and name != "domain"] if text else []
        initial: dict[str, Any] = {name: getattr(text, name) for name in names}
        initial["domain"] = text.domain_id if text else domain.pk if domain else None
        for slot, row in known.items():
            initial |= {f"{slot}_{name}": getattr(row, name) for name in CRITERION}
        super().__init__(*args, thing=text, mark=mark_of_text(text) if text else 1, initial=initial, **kwargs)

    def _own_fields(self, is_known: bool) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "title_en": text_field(CompetencyText, "title_en", required=True),
            "title_fr": text_field(CompetencyText, "title_fr"),
            "description_en": text_field(CompetencyText, "description_en", rows=4),
            "description_fr": text_field(CompetencyText, "description_fr", rows=4),
            "source": text_field(CompetencyText, "source"),
            "source_url": forms.URLField(
                label=label(CompetencyText, "source_url"), required=False, max_length=500, assume_scheme="https"
            ),
            "domain": forms.ModelChoiceField(
                self.version.domains.all(), label=label(CompetencyText, "domain"), empty_label=None
            ),
        }
        if is_known and self.version.number > 1:
            fields["asks_more"] = forms.BooleanField(label=label(CompetencyText, "asks_more"), required=False)
        return fields

    def _criteria_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = {}
        for slot in self.slots:
            fields[f"{slot}_level"] = forms.TypedChoiceField(
                label=label(Criterion, "level"), choices=LEVELS, coerce=int, empty_value=0, required=False
            )
            for name in CRITERION[1:]:
                fields[f"{slot}_{name}"] = text_field(Criterion, name, rows=2)
        return fields

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for slot in self.slots:
            has_words = any(data.get(f"{slot}_{name}") for name in CRITERION[1:])
            if has_words and not data.get(f"{slot}_level") and f"{slot}_level" not in self.errors:
                self.add_error(f"{slot}_level", _("Say at which level this shows the competency."))
            if has_words and not (data.get(f"{slot}_statement_en") or data.get(f"{slot}_statement_fr")):
                self.add_error(f"{slot}_statement_en", _("Say what shows it, beside the evidence."))
        return data

    @property
    def own(self) -> list[list[Any]]:
        """The fields of the competency itself, the two languages side by side."""
        pairs = (("title_en", "title_fr"), ("description_en", "description_fr"), ("source", "source_url"))
        return [[self[name] for name in pair] for pair in pairs]

    @property
    def criteria(self) -> list[tuple[str, Any, list[list[Any]]]]:
        """For each criterion: a heading, the level, and the fields side by side. New ones come last."""
        found = []
        for number, slot in enumerate(self.slots, start=1):
            is_new = slot.startswith("n")
            heading = _t("Another criterion") if is_new else _t("Criterion %(number)s") % {"number": number}
            pairs = [[self[f"{slot}_{name}_{code}"] for code in ("en", "fr")] for name in ("statement", "evidence")]
            found.append((heading, self[f"{slot}_level"], pairs))
        return found

    @property
    def typed(self) -> dict[str, Any]:
        """What `services.writing.keep_competency` takes. After `is_valid`."""
        data = self.cleaned_data
        own = {name: data[name] for name in self._own_fields(self.instance is not None)}
        drafts = []
        for slot in self.slots:
            if data.get(f"{slot}_statement_en") or data.get(f"{slot}_statement_fr"):
                values = {name: data[f"{slot}_{name}"] for name in CRITERION}
                drafts.append(CriterionDraft(int(slot[1:]) if slot.startswith("c") else None, **values))
        return own | {"criteria": drafts}


class RoleForm(Line):
    """A role, whose people it is unless they chose another, and the level of each competency that it is asked for."""

    def __init__(
        self, *args: Any, version: StandardVersion, role: RoleProfile | None = None, texts: Any = (), **kwargs: Any
    ) -> None:
        self.texts = list(texts)
        names = ("title_en", "title_fr", "summary_en", "summary_fr")
        fields: dict[str, Any] = {
            name: text_field(RoleProfile, name, rows=3 if "summary" in name else 0, required=name == "title_en")
            for name in names
        }
        fields["standings"] = forms.MultipleChoiceField(
            label=label(RoleProfile, "standings"),
            choices=Standing.choices,
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("People with these roles in the network have this one unless they chose another."),
        )
        not_asked = [("", _("Not asked for")), *Level.choices]
        for text in self.texts:
            fields[f"r{text.competency_id}"] = forms.TypedChoiceField(
                label=f"{text.code} {text.title}", choices=not_asked, coerce=int, empty_value=0, required=False
            )
        self.base_fields = fields
        initial: dict[str, Any] = {name: getattr(role, name) for name in (*names, "standings")} if role else {}
        if role:
            rows = role.requirements.values_list("competency", "level")
            initial |= {f"r{competency}": level for competency, level in rows}
        super().__init__(*args, thing=role, mark=mark_of_role(role) if role else 1, initial=initial, **kwargs)

    @property
    def asked(self) -> list[tuple[Any, list[Any]]]:
        """The level of each competency, by domain."""
        found: list[tuple[Any, list[Any]]] = []
        for text in self.texts:
            if not found or found[-1][0] != text.domain:
                found.append((text.domain, []))
            found[-1][1].append(self[f"r{text.competency_id}"])
        return found

    @property
    def typed(self) -> dict[str, Any]:
        """What `services.writing.keep_role` takes. After `is_valid`."""
        data = self.cleaned_data
        levels = {text.competency_id: data[f"r{text.competency_id}"] for text in self.texts}
        own = {name: value for name, value in self.fields_typed.items() if not name.startswith("r")}
        return own | {"levels": levels}
