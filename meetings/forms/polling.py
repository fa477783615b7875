"""Proposing dates, choosing whom to ask, answering, and fixing the date."""

import re
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.forms import PortalForm
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Membership, Municipality

from ..models import Invitee, Meeting, PollAnswer, PollSlot
from ..selectors.poll import Matrix, Outsider, members_of
from ..selectors.words import slot_in_words
from ..services.polling import Dates
from ..workflow import MOST_DATES

LONGEST = 14  # days of one meeting
MOST_OUTSIDERS = 100

# --- the proposed dates


class SlotForm(PortalForm):
    """One proposed date. An empty row is none; a row that held one before takes it away."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    day = forms.DateField(label=_("First day"), required=False)
    last_day = forms.DateField(label=_("Last day"), required=False)
    begins_at = forms.TimeField(label=_("From"), required=False)
    finishes_at = forms.TimeField(label=_("Until"), required=False)

    def __init__(self, *args: Any, meeting: Meeting, stored: dict[int, PollSlot], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.meeting, self.stored = meeting, stored
        self.dates: Dates | None = None
        self.use_required_attribute = False

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        names = ("day", "last_day", "begins_at", "finishes_at")
        if self.errors or not any(data.get(name) is not None for name in names):
            return data
        for name in ("day", "begins_at", "finishes_at"):
            if data.get(name) is None:
                self.add_error(name, _("This is missing."))
        if not self.errors:
            dates = Dates(
                data["day"], data["last_day"] or data["day"], data["begins_at"], data["finishes_at"], data.get("pk")
            )
            self._check(dates)
            self.dates = None if self.errors else dates
        return data

    def _check(self, dates: Dates) -> None:
        if dates.last_day < dates.day:
            self.add_error("last_day", _("The last day comes before the first one."))
        elif dates.last_day - dates.day >= timedelta(days=LONGEST):
            self.add_error("last_day", _("A meeting lasts at most %(days)s days.") % {"days": LONGEST})
        elif dates.last_day == dates.day and dates.finishes_at <= dates.begins_at:
            self.add_error("finishes_at", _("It ends before it begins."))
        known = self.stored.get(dates.pk or 0)
        if dates.day <= self.meeting.today() and not (known and dates.is_same(known)):
            self.add_error("day", _("This day has passed: propose one that lies ahead."))

    @property
    def removed(self) -> int | None:
        """The key of the proposed date that this row held and that was emptied."""
        empty = not self.errors and self.dates is None
        return self.cleaned_data.get("pk") if empty else None


class BaseSlots(forms.BaseFormSet):
    """Ten rows; without script the empty ones are the way to add."""

    def clean(self) -> None:
        begins: dict[Any, SlotForm] = {}
        for form in self.forms:
            if form.dates is None:
                continue
            key = (form.dates.day, form.dates.begins_at)
            if key in begins:
                form.add_error("day", _("The same day and time is proposed twice."))
            begins.setdefault(key, form)

    @property
    def dates(self) -> list[Dates]:
        return [form.dates for form in self.forms if form.dates]

    @property
    def removed(self) -> list[int]:
        return [form.removed for form in self.forms if form.removed]


SlotRows = forms.formset_factory(
    SlotForm, formset=BaseSlots, extra=0, max_num=MOST_DATES, validate_max=True, absolute_max=MOST_DATES
)


def slot_rows(meeting: Meeting, data: Any = None) -> Any:
    """Return the ten rows: the proposed dates first, then empty ones."""
    slots = list(meeting.slots.all())
    known = [
        {
            "pk": slot.pk,
            "day": slot.day,
            "last_day": slot.last_day if slot.last_day != slot.day else None,
            "begins_at": slot.begins_at,
            "finishes_at": slot.finishes_at,
        }
        for slot in slots
    ]
    rows = [*known, *({} for _row in range(MOST_DATES - len(known)))]
    stored = {slot.pk: slot for slot in slots}
    return SlotRows(data, initial=rows, prefix="slots", form_kwargs={"meeting": meeting, "stored": stored})


class ClosingForm(PortalForm):
    """Until when people answer. The second question is asked only when somebody has answered."""

    closes_on = forms.DateField(
        label=_("People answer until"),
        help_text=_("This day included; before the first proposed date."),
        required=False,
    )
    drop_answered = forms.BooleanField(
        label=_("Take dates away although people have answered about them; these answers are deleted."), required=False
    )

    def __init__(self, *args: Any, meeting: Meeting, is_answered: bool, **kwargs: Any) -> None:
        super().__init__(*args, initial={"closes_on": meeting.poll_closes_on}, **kwargs)
        self.meeting = meeting
        self.fields["closes_on"].required = meeting.state == Meeting.State.POLLING
        if not is_answered:
            del self.fields["drop_answered"]

    def clean_closes_on(self) -> Any:
        day = self.cleaned_data["closes_on"]
        if day and day < self.meeting.today() and day != self.meeting.poll_closes_on:
            raise ValidationError(_("This day has passed."))
        return day


# --- whom to ask

_LANGUAGES = {
    "en": "en", "english": "en", "anglais": "en",
    "fr": "fr", "french": "fr", "français": "fr", "francais": "fr",
}  # fmt: skip


def read_line(line: str) -> Outsider:
    """Return the person on `line`: name, address and perhaps the language, with commas, semicolons, tabs or <> between.

    Raises ValidationError that says what is wrong with it.
    """
    parts = [part.strip() for part in re.split(r"[,;\t<>]", line) if part.strip()]
    place = next((n for n, part in enumerate(parts) if "@" in part), None)
    if place is None:
        raise ValidationError(_("there is no email address"))
    name, email, rest = ", ".join(parts[:place]), parts[place], parts[place + 1 :]
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError(_("“%(email)s” is not an email address") % {"email": email}) from None
    if not name:
        raise ValidationError(_("there is no name"))
    languages = [_LANGUAGES.get(part.casefold()) for part in rest]
    if len(rest) > 1 or None in languages:
        raise ValidationError(_("“%(word)s” is not a language: write en or fr") % {"word": ", ".join(rest)})
    if len(name) > 200 or len(email) > 254:
        raise ValidationError(_("the name or the address is too long"))
    return Outsider(name, email.lower(), *(language for language in languages if language))


class PeopleForm(PortalForm):
    """Groups of members, single municipalities, and people who are in no list."""

    groups = forms.MultipleChoiceField(label=_("Groups"), widget=forms.CheckboxSelectMultiple, required=False)
    municipalities = forms.ModelMultipleChoiceField(
        Municipality.objects.none(),
        label=_("Single municipalities: their representative and deputies"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    outsiders = forms.CharField(
        label=_("Others, one a line"),
        help_text=_("Name, address, and en or fr: Ann Lee, ann.lee@example.ca, en. Without a language, both."),
        widget=forms.Textarea(attrs={"rows": 5}),
        required=False,
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["groups"].choices = self._groups(meeting)
        day = meeting.today()
        general = members_of(meeting, day, Membership.Kind.GENERAL).values("pk")
        associates = members_of(meeting, day, Membership.Kind.ASSOCIATE).values("pk")
        members = Municipality.objects.filter(pk__in=general) | Municipality.objects.filter(pk__in=associates)
        self.fields["municipalities"].queryset = members.by_name(active_language())
        self.initial.setdefault("municipalities", [pk for pk in (meeting.host_id, meeting.co_host_id) if pk])

    @staticmethod
    def _groups(meeting: Meeting) -> list[tuple[str, Any]]:
        wide = [
            ("general", _("Representatives of all general members")),
            ("associates", _("Representatives of all associate members")),
        ]
        if meeting.region is None:
            return wide
        region = {"region": meeting.region}
        return [
            ("region", _("Representatives of the general members in %(region)s") % region),
            ("region_associates", _("Representatives of the associate members in %(region)s") % region),
            *wide,
        ]

    def clean_outsiders(self) -> list[Outsider]:
        """Return the people; the text itself stays in the form."""
        found, wrong = [], []
        lines = [line for line in self.cleaned_data["outsiders"].splitlines() if line.strip()]
        if len(lines) > MOST_OUTSIDERS:
            raise ValidationError(_("At most %(most)s people at once.") % {"most": MOST_OUTSIDERS})
        for line in lines:
            try:
                found.append(read_line(line))
            except ValidationError as problem:
                words = {"line": line.strip()[:100], "problem": problem.messages[0]}
                wrong.append(_("%(line)s – %(problem)s") % words)
        if wrong:
            raise ValidationError(wrong)
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not any(data.values()):
            self.add_error(None, _("Choose somebody."))
        return data


# --- answering


class PollAnswerForm(PortalForm):
    """Yes, if need be, or no to each proposed date ("slot_<pk>"), and a word. What is left open stays open."""

    def __init__(self, *args: Any, invitee: Invitee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = dict(invitee.answers.values_list("slot_id", "value"))
        for slot in invitee.meeting.slots.all():
            question = forms.ChoiceField(
                label=slot_in_words(slot, active_language()),
                choices=PollAnswer.Value.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=said.get(slot.pk, ""),
            )
            # Nobody has to answer about all dates, but the page does not call each of them optional.
            question.is_needed_later = True  # type: ignore[attr-defined]
            self.fields[f"slot_{slot.pk}"] = question
        self.fields["note"] = forms.CharField(
            label=_("A word about the dates"),
            max_length=500,
            required=False,
            initial=invitee.dates_note,
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    @property
    def answers(self) -> dict[int, str]:
        """{key of the date: answer} of the dates that were answered about."""
        return {
            int(name.removeprefix("slot_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("slot_") and value
        }

    @property
    def note(self) -> str:
        return str(self.cleaned_data["note"])


# --- fixing the date

OTHER = "other"


class FixDateForm(PortalForm):
    """One of the proposed dates, or another one typed here."""

    choice = forms.ChoiceField(label=_("The date"), widget=forms.RadioSelect)
    starts_on = forms.DateField(label=_("First day"), required=False)
    ends_on = forms.DateField(label=_("Last day"), required=False, help_text=_("Leave empty for a meeting of one day."))
    begins_at = forms.TimeField(label=_("From"), required=False)
    finishes_at = forms.TimeField(label=_("Until"), required=False)

    def __init__(self, *args: Any, meeting: Meeting, matrix: Matrix, **kwargs: Any) -> None:
        best = matrix.best
        known = {name: getattr(meeting, name) for name in ("starts_on", "ends_on", "begins_at", "finishes_at")}
        first = str(best.slot.pk) if best else OTHER if not matrix.columns else ""
        super().__init__(*args, initial={"choice": first, **known}, **kwargs)
        self.meeting = meeting
        self.slots = {str(column.slot.pk): column.slot for column in matrix.columns}
        choices = [(pk, _label(column)) for pk, column in zip(self.slots, matrix.columns, strict=True)]
        self.fields["choice"].choices = [*choices, (OTHER, pgettext_lazy("date", "Another date, typed below"))]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("choice") != OTHER:
            return data
        for name in ("starts_on", "begins_at", "finishes_at"):
            if data.get(name) is None and name not in self.errors:
                self.add_error(name, _("This is missing."))
        first, last = data.get("starts_on"), data.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last day comes before the first one."))
        elif first and (last or first) == first and _is_backward(data):
            self.add_error("finishes_at", _("It ends before it begins."))
        if first and first < self.meeting.today():
            self.add_error("starts_on", _("This day has passed."))
        return data

    def wanted(self) -> dict[str, Any]:
        """Return what `services.fix_date` is given."""
        if self.cleaned_data["choice"] != OTHER:
            return {"slot": self.slots[self.cleaned_data["choice"]]}
        names = ("starts_on", "ends_on", "begins_at", "finishes_at")
        return {name: self.cleaned_data[name] for name in names}


def _is_backward(data: dict[str, Any]) -> bool:
    begins, ends = data.get("begins_at"), data.get("finishes_at")
    return bool(begins and ends and ends <= begins)


def _label(column: Any) -> Any:
    words = {"date": column.words, "yes": column.yes, "if_need_be": column.if_need_be, "no": column.no}
    if column.is_impossible:
        return _("%(date)s – the host cannot (%(yes)s yes, %(if_need_be)s if need be, %(no)s no)") % words
    return _("%(date)s – %(yes)s yes, %(if_need_be)s if need be, %(no)s no") % words
