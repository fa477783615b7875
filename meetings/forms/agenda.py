"""A session of the agenda on one page: when and where, who speaks, what belongs to it. Lines are numbered and work without script."""

import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.dates import day_in_words, zone_in_words
from cmncp_portal.core.forms import PortalModelForm
from cmncp_portal.network.models import Stakeholder

from ..models import AgendaItem, Material, Meeting, Speaker
from ..selectors.agenda import ON_PAGE

EMPTY_LINES = 3  # more are there after saving
MOST_LINES = 60
DAYS_WITHOUT_DATES = 3
PERSON = ("name", "role", "title", "organisation", "email", "language")
LINK = ("title", "url", "kind")


@dataclass(frozen=True)
class PersonLine:
    """One numbered line of the form; `more` are the fields that a person of the network does not need."""

    number: int
    name: BoundField
    role: BoundField
    more: list[BoundField]

    @property
    def is_open(self) -> bool:
        return any(field.value() or field.errors for field in self.more)


@dataclass(frozen=True)
class LinkLine:
    number: int
    fields: list[BoundField]


class ItemForm(SeenVersion, PortalModelForm):
    """`people` are those who may be chosen, by label (`selectors.agenda.people_to_choose`); a name that is none of them is an outsider."""

    class Meta:
        model = AgendaItem
        fields = [
            "kind",
            "day",
            "starts_at",
            "ends_at",
            "title_en",
            "title_fr",
            "abstract_en",
            "abstract_fr",
            "room",
            "language",
            "interpretation",
        ]
        widgets = {"abstract_en": forms.Textarea(attrs={"rows": 3}), "abstract_fr": forms.Textarea(attrs={"rows": 3})}

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        people: dict[str, Stakeholder],
        lines: tuple[int, int] = (0, 0),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.meeting, self.people = meeting, people
        self._set_days()
        speakers = list(self.instance.speakers.all()) if self.instance.pk else []
        materials = (
            [m for m in self.instance.materials.all() if m.url and m.kind in ON_PAGE] if self.instance.pk else []
        )
        self.lines = self._count("person", len(speakers), lines[0]), self._count("link", len(materials), lines[1])
        for n in range(1, self.lines[0] + 1):
            self._add_person(n, speakers[n - 1] if n <= len(speakers) else None)
        for n in range(1, self.lines[1] + 1):
            self._add_link(n, materials[n - 1] if n <= len(materials) else None)
        for name, field in self.fields.items():
            field.show_hidden_initial = name != "version" and not name.endswith("_pk")

    def _set_days(self) -> None:
        days, now = self.meeting.days, self.instance.day or 1
        count = max(len(days) or DAYS_WITHOUT_DATES, now)
        labels = [f"{n} — {day_in_words(days[n - 1])}" if n <= len(days) else str(n) for n in range(1, count + 1)]
        self.fields["day"] = forms.TypedChoiceField(
            label=_("Day"), coerce=int, choices=list(enumerate(labels, 1)), initial=now
        )
        self.fields["starts_at"].help_text = capfirst(zone_in_words(self.meeting.zone_city))
        for name in ("title_en", "title_fr"):
            self.fields[name].is_needed_later = True

    def _count(self, prefix: str, known: int, least: int) -> int:
        """As many lines as were posted, or those that are known and some empty ones; beside another form as many as it has."""
        posted = [int(m[1]) for key in (self.data or ()) if (m := re.fullmatch(rf"{prefix}_(\d{{1,2}})_\w+", key))]
        empty = 0 if least else EMPTY_LINES
        count = max(posted, default=0) if self.is_bound else known + empty
        return min(max(count, least), MOST_LINES)

    def _add_person(self, n: int, speaker: Speaker | None) -> None:
        chosen = speaker.stakeholder_id if speaker else None
        label = next((label for label, person in self.people.items() if person.pk == chosen), None) if chosen else None
        wide = forms.TextInput(attrs={"list": "people", "autocomplete": "off"})
        languages = [("", _("Not known: both languages")), *Language.choices]
        fields: dict[str, forms.Field] = {
            "name": forms.CharField(label=_("Person %(n)s") % {"n": n}, max_length=300, widget=wide),
            "role": forms.ChoiceField(label=_("Role"), choices=Speaker.Role.choices, initial=Speaker.Role.SPEAKER),
            "title": forms.CharField(label=_("Title"), max_length=200),
            "organisation": forms.CharField(label=_("Organisation"), max_length=200),
            "email": forms.EmailField(label=_("Email address")),
            "language": forms.ChoiceField(label=_("Letters in"), choices=languages),
        }
        for name, field in fields.items():
            field.required = False
            field.is_needed_later = True  # type: ignore[attr-defined]  # “optional” on each of many lines would be noise
            if speaker:
                field.initial = getattr(speaker, name)
            self.fields[f"person_{n}_{name}"] = field
        if label:
            self.fields[f"person_{n}_name"].initial = label

    def _add_link(self, n: int, material: Material | None) -> None:
        kinds = [(kind.value, kind.label) for kind in ON_PAGE]
        fields: dict[str, forms.Field] = {
            "title": forms.CharField(label=_("Title of link %(n)s") % {"n": n}, max_length=200),
            "url": forms.URLField(label=_("Address of link %(n)s") % {"n": n}, max_length=500),
            "kind": forms.ChoiceField(label=_("Kind of link %(n)s") % {"n": n}, choices=kinds, initial=kinds[0][0]),
            "pk": forms.IntegerField(widget=forms.HiddenInput),
        }
        for name, field in fields.items():
            field.required = False
            field.is_needed_later = True  # type: ignore[attr-defined]
            if material:
                field.initial = str(material.title) if name == "title" else getattr(material, name)
            self.fields[f"link_{n}_{name}"] = field

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("It ends before it begins."))
        self._clean_titles(data)
        data["speakers"], data["links"] = self._speakers(data), self._links(data)
        return data

    def _clean_titles(self, data: dict[str, Any]) -> None:
        missing = [name for name in ("title_en", "title_fr") if not data.get(name) and name not in self.errors]
        if len(missing) == 2:
            self.add_error("title_en", _("Give the session a title, in one language at least."))
        elif missing and self.meeting.published_at:
            self.add_error(missing[0], _("The meeting is announced: give the title in both languages."))

    def _speakers(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        found, seen = [], set()
        for n in range(1, self.lines[0] + 1):
            line = {name: data.get(f"person_{n}_{name}") or "" for name in PERSON}
            name = f"person_{n}_name"
            person = self.people.get(line["name"])
            identity = person.pk if person else (line["email"] or line["name"]).casefold()
            if not line["name"]:
                was_there = bool(self._held(name))
                if not was_there and any(line[key] for key in ("title", "organisation", "email")):
                    self.add_error(name, _("Who is it? Write the name, or empty the whole line."))
            elif identity in seen:
                self.add_error(name, _("This person is named twice."))
            else:
                seen.add(identity)
                found.append(self._known_as(line, person))
        return found

    def _held(self, name: str) -> Any:
        """What the field held when the page was made, as the page posts it back."""
        return self[name].initial or self.data.get(self.add_initial_prefix(name))

    def _known_as(self, line: dict[str, Any], person: Stakeholder | None) -> dict[str, Any]:
        return line | {"stakeholder": person, "name": person.name if person else line["name"][:200]}

    def _links(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        found = []
        for n in range(1, self.lines[1] + 1):
            line: dict[str, Any] = {name: data.get(f"link_{n}_{name}") or "" for name in LINK}
            pk = data.get(f"link_{n}_pk")
            if line["title"] and not line["url"] and f"link_{n}_url" not in self.errors:
                self.add_error(f"link_{n}_url", _("Where does it lead? Write the address, or empty the whole line."))
            elif line["url"] and not line["title"]:
                self.add_error(f"link_{n}_title", _("Give the link a title."))
            elif line["url"] or pk:
                found.append(line | {"pk": pk})
        return found

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""

    def item_fields(self) -> dict[str, Any]:
        """Return the values of the session's own columns."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def person_lines(self) -> list[PersonLine]:
        """Return who speaks as lines of bound fields, for the template."""
        return [
            PersonLine(
                n,
                self[f"person_{n}_name"],
                self[f"person_{n}_role"],
                [self[f"person_{n}_{name}"] for name in PERSON[2:]],
            )
            for n in range(1, self.lines[0] + 1)
        ]

    def link_lines(self) -> list[LinkLine]:
        return [LinkLine(n, [self[f"link_{n}_{name}"] for name in LINK]) for n in range(1, self.lines[1] + 1)]

    def labels(self) -> list[str]:
        """Return the people who may be chosen, as the list offers them."""
        return list(self.people)
