"""Beginning a meeting, what is said about it, and meetings held before the portal existed."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts import zones
from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalModelForm
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Membership, Municipality

from ..models import Meeting

S = Meeting.State
DAYS_AND_TIMES = ("starts_on", "ends_on", "begins_at", "finishes_at")
PLACE = ("venue", "address", "join_link")
REGISTRATION = ("audience", "capacity", "needs_approval", "registration_opens_on", "registration_closes_on", "fee")


def general_members() -> Any:
    """Return today's general members, by name in the active language."""
    today = timezone.localdate()
    running = Q(memberships__kind=Membership.Kind.GENERAL, memberships__from_on__lte=today) & (
        Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gte=today)
    )
    return Municipality.objects.filter(running).distinct().by_name(active_language())


def hosts_of(meeting: Meeting) -> Any:
    """Return whom one may choose as host of `meeting`: today's general members, and who is named already."""
    known = Q(pk__in=general_members().order_by().values("pk")) | Q(pk__in=[meeting.host_id, meeting.co_host_id])
    return Municipality.objects.filter(known).by_name(active_language())


class MeetingMixin:
    """What every form about a meeting checks."""

    fields: dict[str, forms.Field]

    def zone_field(self, current: str = "") -> None:
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"),
            choices=[("", _("That of the host")), *zones.choices(current)],
            required=False,
            help_text=_("All times of the meeting are of this place."),
        )

    def check_region(self, data: dict[str, Any]) -> None:
        """A regional meeting has a region, a national one has none."""
        if data.get("kind") == Meeting.Kind.NATIONAL:
            data["region"] = None
        elif data.get("kind") and not data.get("region"):
            self.complain("region", _("In which region is it?"))

    def check_days(self, data: dict[str, Any]) -> None:
        first, last = data.get("starts_on"), data.get("ends_on")
        if last and not first:
            self.complain("starts_on", _("Give the first day too."))
        elif first and not last:
            data["ends_on"] = last = first
        if first and last and last < first:
            self.complain("ends_on", _("The last day comes before the first one."))
        begins, ends = data.get("begins_at"), data.get("finishes_at")
        if first and first == last and begins and ends and ends <= begins:
            self.complain("finishes_at", _("It ends before it begins."))

    def check_zone(self, data: dict[str, Any]) -> None:
        host = data.get("host")
        if "time_zone" in self.fields and not data.get("time_zone") and "time_zone" in data:
            if host:
                data["time_zone"] = host.time_zone
            else:
                self.complain("time_zone", _("No host is named: choose the time zone."))

    def complain(self, name: str, words: Any) -> None:
        self.add_error(name if name in self.fields else None, words)  # type: ignore[attr-defined]


class NewMeetingForm(MeetingMixin, PortalModelForm):
    """The least that makes a meeting; the rest follows on the preparation page."""

    class Meta:
        model = Meeting
        fields = ["kind", "region", "title_en", "title_fr", "host", "mode"]
        widgets = {"kind": forms.RadioSelect(), "mode": forms.RadioSelect()}
        help_texts = {
            "region": _("For a regional meeting."),
            "host": _("The general member that receives; it may be chosen later."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Meeting.Kind.choices
        self.fields["title_en"].required = self.fields["title_fr"].required = True
        self.fields["host"].queryset = general_members()
        self.zone_field()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_region(data)
        if "host" not in self.errors:
            self.check_zone(data)
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class PastMeetingForm(MeetingMixin, SeenVersion, PortalModelForm):
    """A meeting that was held before the portal existed, from a source that anyone can look up."""

    class Meta:
        model = Meeting
        fields = [
            "kind", "region", "title_en", "title_fr", "starts_on", "ends_on", "host", "attended_count",
            "summary_en", "summary_fr", "source",
        ]  # fmt: skip
        widgets = {"kind": forms.RadioSelect()}
        help_texts = {
            "region": _("For a regional meeting."),
            "ends_on": _("Leave empty for a meeting of one day."),
            "attended_count": _("As the source says; leave empty when it says nothing."),
            "source": _("A report, a bulletin or a page, with its date, so that others can look it up."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = Meeting.Kind.choices
        for name in ("title_en", "title_fr", "starts_on", "source"):
            self.fields[name].required = True
        self.fields["host"].queryset = Municipality.objects.exclude(kind="organisation").by_name(active_language())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_region(data)
        self.check_days(data)
        last = data.get("ends_on")
        if last and last >= timezone.localdate() and not self.errors.keys() & {"starts_on", "ends_on"}:
            self.add_error("ends_on", _("This meeting is not over yet: schedule it instead."))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes."""


class EditMeetingForm(MeetingMixin, SeenVersion, PortalModelForm):
    """All that is said about a meeting. What those who come were told is changed elsewhere, with a letter."""

    languages = forms.MultipleChoiceField(
        label=_("Working languages"), choices=Language.choices, widget=forms.CheckboxSelectMultiple, required=False
    )

    class Meta:
        model = Meeting
        fields = [
            "kind", "region", "title_en", "title_fr", "summary_en", "summary_fr", "host", "co_host", *DAYS_AND_TIMES,
            "mode", *PLACE, "captions", "languages", "interpretation", *REGISTRATION, "is_general_meeting", "quorum",
        ]  # fmt: skip
        widgets = {"kind": forms.RadioSelect(), "mode": forms.RadioSelect(), "audience": forms.RadioSelect()}
        help_texts = {
            "region": _("For a regional meeting."),
            "ends_on": _("Leave empty for a meeting of one day."),
            "co_host": _("Its people write the local information, and nothing else."),
            "join_link": _("Only those who are registered, and the organisers, see it."),
            "capacity": _("Leave empty when there is room for all. With more places, those who wait move up at once."),
            "registration_opens_on": _("Leave empty to open with the announcement."),
            "registration_closes_on": _("The last day. Leave empty to keep it open until the meeting is over."),
            "quorum": _("For the annual general meeting: how many delegates must be present."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        meeting = self.instance
        self.fields["kind"].choices = Meeting.Kind.choices
        self.fields["title_en"].required = self.fields["title_fr"].required = True
        for name in ("host", "co_host"):
            self.fields[name].queryset = hosts_of(meeting)
        self.zone_field(meeting.time_zone)
        self.initial["time_zone"] = meeting.time_zone
        self.fields["time_zone"].show_hidden_initial = True
        self.fields["state"] = forms.CharField(widget=forms.HiddenInput, required=False, initial=meeting.state)
        for name in self._left_out(meeting):
            del self.fields[name]

    @staticmethod
    def _left_out(meeting: Meeting) -> tuple[str, ...]:
        told = ("kind", "region", "mode", "time_zone", *DAYS_AND_TIMES, *PLACE)
        if meeting.state == S.HELD:
            return (*told, *REGISTRATION)
        if meeting.published_at:
            return (*told, "host")
        return (*DAYS_AND_TIMES, "time_zone") if meeting.state == S.POLLING else ()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._check_state(data)
        if "kind" in self.fields:
            self.check_region(data)
        self.check_days(data)
        self.check_zone(data)
        self._check_hosts(data)
        opens, closes = data.get("registration_opens_on"), data.get("registration_closes_on")
        if opens and closes and closes < opens:
            self.add_error("registration_closes_on", _("Registration closes before it opens."))
        if self.instance.published_at:
            for name in ("summary_en", "summary_fr"):
                if name in data and not data[name]:
                    self.add_error(name, _("An announced meeting has its summary in both languages."))
        for name in ("capacity", "quorum"):
            if data.get(name) == 0:
                self.add_error(name, _("One at least, or nothing."))
        return data

    def _check_hosts(self, data: dict[str, Any]) -> None:
        host, co_host = data.get("host", self.instance.host), data.get("co_host")
        if co_host and not host:
            self.complain("host", _("A co-host stands beside a host: choose the host first."))
        elif co_host and co_host == host:
            self.complain("co_host", _("The co-host is another member than the host."))

    def _check_state(self, data: dict[str, Any]) -> None:
        """Somebody announced it, or asked for dates, while this was being typed: some questions are no longer here."""
        typed = data.pop("state", "")
        if typed and typed != self.instance.state:
            self.data = self.data.copy()
            self.data[self.add_prefix("state")] = self.instance.state
            words = _("Meanwhile the meeting became “%(state)s”. Look once more at what you typed, then save.")
            self.add_error(None, words % {"state": self.instance.get_state_display()})

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class LocalForm(SeenVersion, PortalModelForm):
    """What the host and the co-hosting member tell about the place."""

    class Meta:
        model = Meeting
        fields = ["local_en", "local_fr", "local_contact"]
        help_texts = {
            "local_en": _("How to get there, where to stay and to eat, steps and lifts, what to bring."),
            "local_contact": _("Name and telephone number of somebody who answers on the days of the meeting."),
        }

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""
