"""Input of exchanges, cleaned. Saving is the services' work."""

from datetime import date
from pathlib import Path
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import DateInput, PortalForm, PortalModelForm
from cmncp_portal.network.models import Municipality, PreventionProgramme, Stakeholder, Topic

from .models import Exchange, HostRequest, Objective, Side, Stop, TeamMember, Visit
from .selectors.lists import GROUPS, filter_choices

WINDOWS = 4
OBJECTIVES = 5
HOSTS = 3
MOST_TOPICS = 5
NEEDED_TO_SEND = ("challenge", "objective_1", "topics", "start_1", "end_1", "start_2", "end_2")
MOST_BYTES = 10 * 1024 * 1024
# First bytes by extension: what a file says it is must be what it is. Office files are ZIP archives.
SIGNATURES = {
    ".pdf": (b"%PDF",),
    ".docx": (b"PK\x03\x04",),
    ".xlsx": (b"PK\x03\x04",),
    ".pptx": (b"PK\x03\x04",),
    ".odt": (b"PK\x03\x04",),
    ".png": (b"\x89PNG",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
}


def members() -> Any:
    """Return the municipalities that can host, by name."""
    from django.utils import timezone

    from cmncp_portal.core.text import active_language

    return Municipality.objects.members_on(timezone.localdate()).exclude(kind="organisation").by_name(active_language())


class StartForm(PortalForm):
    """The first field: everything else follows on the next page, as a draft."""

    guest = forms.ModelChoiceField(Municipality.objects.none(), label=_("Which municipality asks?"), empty_label=None)
    challenge = forms.CharField(
        label=_("In one sentence: what do you want to learn?"),
        help_text=_("For example: how to win lasting investment in prevention from council."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, municipalities: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["guest"].queryset = municipalities
        if len(municipalities) == 1:
            self.fields["guest"].widget = forms.HiddenInput()
            self.fields["guest"].initial = municipalities[0].pk


class WindowsMixin:
    """Date windows as pairs of native date fields: start_1, end_1…"""

    windows_needed = 0
    fields: dict[str, forms.Field]
    cleaned_data: dict[str, Any]

    def add_windows(self, count: int, existing: list[tuple[date, date]] = ()) -> None:  # type: ignore[assignment]
        for n in range(1, count + 1):
            known = existing[n - 1] if n <= len(existing) else (None, None)
            first = n <= self.windows_needed
            self.fields[f"start_{n}"] = forms.DateField(
                label=_("Period %(n)s: first day") % {"n": n}, required=first, initial=known[0], widget=DateInput()
            )
            self.fields[f"end_{n}"] = forms.DateField(
                label=_("Period %(n)s: last day") % {"n": n}, required=first, initial=known[1], widget=DateInput()
            )

    def clean_windows(self, count: int) -> list[tuple[date, date]]:
        """Return the whole periods. Of one that is wrong, what was known before stands: a draft is saved while it is written."""
        windows = []
        for n in range(1, count + 1):
            first, last = f"start_{n}", f"end_{n}"
            start, end = self.cleaned_data.get(first), self.cleaned_data.get(last)
            known = self.fields[first].initial, self.fields[last].initial
            if first in self.errors or last in self.errors:  # type: ignore[attr-defined]
                pass
            elif start and end and end < start:
                self.add_error(last, _("The last day comes before the first one."))  # type: ignore[attr-defined]
            elif start and end:
                known = start, end
            elif start or end:
                self.add_error(last if start else first, _("Give both days of this period."))  # type: ignore[attr-defined]
            else:
                known = None, None
            if known[0] and known[1]:
                windows.append((known[0], known[1]))
        return windows

    def window_pairs(self) -> list[tuple[Any, Any]]:
        """Return the bound fields two by two, for the template."""
        count = sum(name.startswith("start_") for name in self.fields)
        return [(self[f"start_{n}"], self[f"end_{n}"]) for n in range(1, count + 1)]  # type: ignore[index]


class RequestForm(SeenVersion, WindowsMixin, PortalModelForm):
    """The whole request as a draft: nothing is required until it is sent."""

    class Meta:
        model = Exchange
        fields = [
            "challenge",
            "topics",
            "programmes",
            "interests",
            "wants_suggestions",
            "looks_further",
            "mode",
            "days",
            "working_language",
            "interpretation",
        ]
        widgets = {
            "challenge": forms.Textarea(attrs={"rows": 2}),
            "topics": forms.CheckboxSelectMultiple(),
            "programmes": forms.CheckboxSelectMultiple(),
            "mode": forms.RadioSelect(),
            "working_language": forms.RadioSelect(),
        }
        help_texts = {
            "challenge": _("One sentence. Your host reads it first."),
            "topics": _("One to five."),
            "days": _("One to five; two is usual."),
            "looks_further": _(
                "If the host you ask cannot receive you, the network asks the next one and nothing is lost."
            ),
            "interpretation": _("If your host works in the other language: who interprets?"),
            "interests": _("Themes, people or places that are not in the list."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        exchange = self.instance
        self.fields["topics"].queryset = Topic.objects.all()
        self.fields["programmes"].queryset = (
            PreventionProgramme.objects.filter(welcomes_visits=True, ended_on__isnull=True)
            .exclude(municipality=exchange.guest_id)
            .select_related("municipality")
            .order_by("municipality__name_en", "name_en")[:60]
            if not self.is_bound
            else PreventionProgramme.objects.filter(welcomes_visits=True)
        )
        self.fields["programmes"].label_from_instance = lambda p: f"{p} — {p.municipality}"
        self.fields["days"] = forms.IntegerField(
            label=_("Number of days"), min_value=1, max_value=5, help_text=self.fields["days"].help_text
        )
        objectives = [o.text for o in exchange.objectives.all()]
        for n in range(1, OBJECTIVES + 1):
            label = _("Objective %(n)s") % {"n": n}
            initial = objectives[n - 1] if n <= len(objectives) else ""
            self.fields[f"objective_{n}"] = forms.CharField(
                label=label, max_length=300, required=False, initial=initial
            )
        chosen = [str(p.municipality_id) for p in exchange.preferred_hosts.all()]  # as a choice is posted
        choices = [("", _("— no one yet —")), *((m.pk, str(m)) for m in members() if m.pk != exchange.guest_id)]
        labels = (_("First choice of host"), _("Second choice"), _("Third choice"))
        for n in range(1, HOSTS + 1):
            initial = chosen[n - 1] if n <= len(chosen) else ""
            self.fields[f"host_{n}"] = forms.ChoiceField(
                label=labels[n - 1], choices=choices, required=False, initial=initial
            )
        windows = [(w.starts_on, w.ends_on) for w in exchange.first_visit.windows.all()] if exchange.pk else []
        self.add_windows(WINDOWS, windows)
        for name, field in self.fields.items():
            field.required = name in ("version", "mode", "days", "working_language")
            field.show_hidden_initial = name != "version"
            # Not required in a draft, but needed before it is sent: the page does not call it optional.
            field.is_needed_later = name in NEEDED_TO_SEND

    def clean_topics(self) -> Any:
        topics = self.cleaned_data["topics"]
        if len(topics) > MOST_TOPICS:
            raise ValidationError(_("Choose at most five topics, so that your host can prepare."))
        return topics

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["windows"] = self.clean_windows(WINDOWS)
        objectives = [self.kept(f"objective_{n}") for n in range(1, OBJECTIVES + 1)]
        data["objectives"] = [text.strip() for text in objectives if text and text.strip()]
        pks: list[int] = []
        for n in range(1, HOSTS + 1):
            pk = int(self.kept(f"host_{n}") or 0)
            if pk in pks:
                self.add_error(f"host_{n}", _("Each choice is another municipality."))
            elif pk:
                pks.append(pk)
        found = Municipality.objects.in_bulk(pks)
        data["preferred_hosts"] = [found[pk] for pk in pks if pk in found]
        return data

    def kept(self, name: str) -> Any:
        """Return what was typed into a field, or what it held before when that cannot be kept."""
        if name in self.cleaned_data:
            return self.cleaned_data[name]
        return self.get_initial_for_field(self.fields[name], name)

    def objective_fields(self) -> list[Any]:
        return [self[f"objective_{n}"] for n in range(1, OBJECTIVES + 1)]

    def host_fields(self) -> list[Any]:
        return [self[f"host_{n}"] for n in range(1, HOSTS + 1)]

    def plain_fields(self) -> dict[str, Any]:
        """Return the values of the exchange's own columns."""
        names = (
            "challenge",
            "interests",
            "wants_suggestions",
            "looks_further",
            "mode",
            "days",
            "working_language",
            "interpretation",
        )
        return {name: self.kept(name) for name in names}

    def _post_clean(self) -> None:
        """Leave the instance alone: the page may have to show what somebody else saved meanwhile."""


class AcceptForm(PortalForm):
    window = forms.ChoiceField(
        label=_("Which period suits you?"),
        widget=forms.RadioSelect(),
        error_messages={"invalid_choice": _("These dates are no longer proposed; look at the latest ones.")},
    )
    note = forms.CharField(
        label=_("A word to them"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, windows: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["window"].choices = windows


class WindowsForm(WindowsMixin, PortalForm):
    """Other dates, and a word with them."""

    windows_needed = 1

    def __init__(self, *args: Any, count: int = 3, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_windows(count)
        self.fields["word"] = forms.CharField(
            label=_("A word to them"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["windows"] = self.clean_windows(sum(name.startswith("start_") for name in self.fields))
        return data


class DeclineForm(PortalForm):
    reason = forms.ChoiceField(
        label=_("Why not this time?"), choices=HostRequest.Reason.choices, widget=forms.RadioSelect()
    )
    text = forms.CharField(
        label=_("A word to the visitors"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_text_shared = forms.BooleanField(
        label=_("The visitors may read it; otherwise only the network does"), required=False, initial=True
    )


class DatesForm(PortalForm):
    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"))
    word = forms.CharField(
        label=_("Why"),
        help_text=_("Everyone who is told reads it."),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    plan_version = forms.IntegerField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, reason_needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["word"].required = reason_needed

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("The last day comes before the first one."))
        return data


class StopForm(SeenVersion, PortalModelForm):
    class Meta:
        model = Stop
        fields = [
            "day",
            "starts_at",
            "ends_at",
            "kind",
            "title",
            "place",
            "lead",
            "programme",
            "objectives",
            "language",
            "notes",
        ]
        widgets = {
            "objectives": forms.CheckboxSelectMultiple(),
            "day": forms.Select(),
            "notes": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "lead": _("Name and title of the person who receives the visitors there."),
            "objectives": _("Which of the visitors’ objectives does it serve?"),
        }

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        from cmncp_portal.core.dates import day_in_words, zone_in_words

        days = visit.days
        count = max(len(days), visit.exchange.days, self.instance.day or 1)
        labels = [f"{n} — {day_in_words(days[n - 1])}" if n <= len(days) else str(n) for n in range(1, count + 1)]
        self.fields["day"] = forms.TypedChoiceField(
            label=_("Day"), coerce=int, choices=list(enumerate(labels, 1)), initial=self.instance.day or 1
        )
        self.fields["starts_at"].help_text = capfirst(zone_in_words(str(visit.hosting or visit.visiting)))
        self.fields["objectives"].queryset = Objective.objects.filter(exchange=visit.exchange_id)
        self.fields["programme"].queryset = PreventionProgramme.objects.filter(municipality=visit.hosting)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("It ends before it begins."))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class PracticalForm(SeenVersion, PortalModelForm):
    word = forms.CharField(
        label=_("Why it changes"),
        help_text=_("Only needed when a confirmed place changes."),
        required=False,
        max_length=500,
    )

    class Meta:
        model = Visit
        fields = ["address", "emergency_phone", "lodging", "transport", "who_pays", "access", "join_link"]
        help_texts = {
            "address": _("Building, street, and where to ring."),
            "emergency_phone": _("Somebody answers it on the days of the visit."),
            "access": _("Steps, lifts, quiet rooms, captions: what visitors can count on."),
        }

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class MemberForm(SeenVersion, PortalModelForm):
    class Meta:
        model = TeamMember
        fields = ["category", "name", "title", "organisation", "email", "phone", "language"]
        help_texts = {
            "name": _("Leave empty while the person is still to be named."),
            "email": _("The invitation goes here, with a personal link. No account is needed."),
            "language": _("Letters are in this language; in both when you do not know."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("Not known: both languages")), *Language.choices]
        self.fields["language"].required = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("email") and not (data.get("name") or "").strip():
            self.add_error("name", _("Whose address is this?"))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class LeadForm(PortalForm):
    stakeholder = forms.ModelChoiceField(Stakeholder.objects.none(), label=_("Who leads for your side?"))

    def __init__(self, *args: Any, municipality: Municipality, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stakeholder"].queryset = (
            Stakeholder.objects.current().filter(municipality=municipality).exclude(email="").order_by("name")
        )


class DocumentForm(PortalForm):
    title = forms.CharField(label=_("Title"), max_length=200)
    language = forms.ChoiceField(label=_("Language of the document"), choices=Language.choices)
    file = forms.FileField(
        label=_("File"), help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument or picture, at most 10 MB.")
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        suffix = Path(file.name).suffix.lower()
        if suffix not in SIGNATURES:
            raise ValidationError(_("This kind of file cannot be kept here."))
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is larger than 10 MB."))
        if not file.read(8).startswith(SIGNATURES[suffix]):
            raise ValidationError(_("The file is not what its name says."))
        file.seek(0)
        return file


class AnswerInvitationForm(PortalForm):
    word = forms.CharField(
        label=_("A word to the organisers"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class NeedsForm(PortalModelForm):
    class Meta:
        model = TeamMember
        fields = ["dietary_needs", "access_needs", "emergency_contact"]
        help_texts = {
            "dietary_needs": _("Allergies, or what you do not eat."),
            "access_needs": _("What you need to take part fully."),
            "emergency_contact": _("Name and telephone number."),
        }


class ColleagueForm(PortalForm):
    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"))


class IdeaForm(PortalForm):
    text = forms.CharField(label=_("What would you like to take home?"), max_length=300)
    programme = forms.ModelChoiceField(PreventionProgramme.objects.none(), label=_("Seen at"), required=False)
    is_shared = forms.BooleanField(label=_("Show it to both sides"), required=False)

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = PreventionProgramme.objects.filter(stops__visit=visit).distinct()


class AttendanceForm(PortalForm):
    """One line per person who said they would come."""

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [c for c in TeamMember.Attendance.choices if c[0]]
        for member in visit.team.all():
            if member.takes_part:
                label = f"{member.name}, {member.title}" if member.title else member.name
                self.fields[f"member_{member.pk}"] = forms.ChoiceField(
                    label=label, choices=choices, initial=member.attendance or "present"
                )

    def attendance(self) -> dict[int, str]:
        return {int(name.removeprefix("member_")): value for name, value in self.cleaned_data.items()}


class ReturnForm(PortalForm):
    """Later, or not needed. Dates for "now" are a form of their own."""

    decision = forms.ChoiceField(
        choices=[("later", _("Later")), ("not_needed", _("Not needed"))],
        widget=forms.RadioSelect(),
        label=_("Your decision"),
    )
    from_on = forms.DateField(label=_("From which day on"), required=False)
    reason = forms.CharField(
        label=_("Why not"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("decision") == "later" and not data.get("from_on"):
            self.add_error("from_on", _("Say from which day on."))
        if data.get("decision") == "not_needed" and not (data.get("reason") or "").strip():
            self.add_error("reason", _("Please give a reason; the others will read it."))
        return data


class ReviewForm(PortalForm):
    comment = forms.CharField(label=_("Comment"), max_length=5000, widget=forms.Textarea(attrs={"rows": 4}))


class ResendForm(PortalForm):
    """A guest who lost the link: we always answer the same."""

    email = forms.EmailField(label=_("Your email address"))


class ExchangeFilter(django_filters.FilterSet):
    """The list's filters; a plain GET form, so that an address can be shared."""

    group = django_filters.ChoiceFilter(
        label=_("Which ones"),
        choices=[
            ("open", _("All that are open")),
            ("planned", _("Being planned or confirmed")),
            ("evaluation", _("Being evaluated")),
            ("over", _("Over")),
        ],
        method="in_group",
        empty_label=_("All"),
    )
    topic = django_filters.ChoiceFilter(label=_("Topic"), field_name="topics", empty_label=_("All"))
    municipality = django_filters.ChoiceFilter(
        label=_("Municipality"), method="with_municipality", empty_label=_("All")
    )

    class Meta:
        model = Exchange
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in filter_choices().items():
            self.filters[name].extra["choices"] = choices

    def in_group(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(GROUPS[value])

    def with_municipality(self, rows: Any, _name: str, pk: str) -> Any:
        return rows.filter(Q(guest=pk) | Q(host=pk))


SIDES = {Side.VISITORS: "visitors", Side.HOSTS: "hosts"}
