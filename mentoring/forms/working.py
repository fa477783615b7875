"""What both sides type while they work together."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.files import checked
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.stages import Stage
from cmncp_portal.progress.models import StrategyCheck

from ..models import Agreement, Goal, MentoringSession

FARTHEST = timedelta(days=366)  # from today, that a next session is set


class _CheckField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{Stage(obj.stage).label} · {obj.text}"


class GoalForm(SeenVersion, PortalModelForm):
    check_item = _CheckField(
        queryset=StrategyCheck.objects.none(),
        label=_("Point of the strategy profile"),
        help_text=_("If the goal is one of the points that show how far a strategy has come."),
        required=False,
    )

    class Meta:
        model = Goal
        fields = ["text", "measure", "check_item", "due_on"]
        help_texts = {
            "text": _("One sentence: what will be there that is not there today."),
            "measure": _("Something that both of you can look at."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["check_item"]
        field.queryset = StrategyCheck.objects.filter(is_used=True)

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class SessionForm(SeenVersion, PortalModelForm):
    class Meta:
        model = MentoringSession
        fields = ["held_on", "minutes", "who", "summary", "follow_up", "link"]
        help_texts = {
            "follow_up": _("Who does what until when: it stands on the hand-over sheet."),
            "link": _("Such as to a visit, a recording, or notes kept elsewhere."),
        }
        widgets = {"summary": forms.Textarea(attrs={"rows": 6}), "follow_up": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, latest: date, **kwargs: Any) -> None:
        """`latest` is the last day on which a session may have taken place: today, where that began first."""
        super().__init__(*args, **kwargs)
        self.latest = latest

    def clean_held_on(self) -> Any:
        day = self.cleaned_data["held_on"]
        if day > self.latest:
            raise forms.ValidationError(_("This day lies ahead: set it as the next session."))
        return day

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class NextSessionForm(SeenVersion, PortalForm):
    """Day and clock in the zone of one of the two municipalities; kept as one instant."""

    day = forms.DateField(label=_("Day"))
    clock = forms.TimeField(label=_("Time"))
    zone = forms.ChoiceField(label=_("Whose time"), choices=())
    place = forms.CharField(label=_("Where, or the link"), max_length=300, required=False)

    def __init__(self, *args: Any, agreement: Agreement, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.known(agreement), **kwargs)
        places = {p.time_zone: p.time_zone_city for p in (agreement.mentee, agreement.mentor)}
        self.fields["zone"].choices = list(places.items())  # type: ignore[attr-defined]

    @staticmethod
    def known(agreement: Agreement) -> dict[str, Any]:
        """Return what stands now, in the mentored municipality's time."""
        zone, at = agreement.mentee.time_zone, agreement.next_session_at
        known: dict[str, Any] = {"zone": zone, "version": agreement.version, "place": agreement.next_session_place}
        if at:
            local = at.astimezone(ZoneInfo(zone))
            known |= {"day": local.date(), "clock": local.time()}
        return known

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > timezone.localdate() + FARTHEST:
            raise forms.ValidationError(_("This day lies more than a year ahead."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("day") and data.get("clock") and data.get("zone"):
            at = datetime.combine(data["day"], data["clock"], tzinfo=ZoneInfo(data["zone"]))
            if at <= timezone.now():
                self.add_error("day", _("The next session lies ahead."))
            data["at"] = at
        return data


class DocumentForm(PortalForm):
    """A file, or the address of a page."""

    title = forms.CharField(label=_("Title"), max_length=200)
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, Word, Excel, PowerPoint, OpenDocument or picture, at most 10 MB."),
        required=False,
    )
    url = forms.URLField(label=_("Or its web address"), max_length=500, required=False, assume_scheme="https")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        return checked(file) if file else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("file")) == bool(data.get("url")):
            self.add_error("file", _("Choose a file or give a web address: one of the two."))
        return data
