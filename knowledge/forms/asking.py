"""What readers and members type: a use, a concern, a subscription, a request for a brief, and the answers to them."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications.forms import consent_wording

from ..models import ActionBrief, BriefRequest, Use

LONG = forms.Textarea(attrs={"rows": 4})


class NotForMachines(PortalForm):
    """`website` is for machines that fill in whatever they find: people never see it."""

    website = forms.CharField(label=_("Leave this empty"), required=False)

    @property
    def is_machine(self) -> bool:
        """Whether something filled in the field that people do not see."""
        return bool(self.data.get("website"))


class UseForm(SeenVersion, PortalModelForm):
    """What a municipality does with a brief. The version is 0 while nothing is noted."""

    note = forms.CharField(
        label=_("What you do, in a sentence or two"),
        help_text=_("The people of the network read it on the page of the brief."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    class Meta:
        model = Use
        fields = ["state", "on", "note"]
        widgets = {"state": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial["version"] = 0
        self.fields["version"] = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
        self.fields["state"].choices = Use.State.choices  # type: ignore[attr-defined]

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise forms.ValidationError(_("This day lies ahead. Say what is being done, or was done."))
        return on

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""


class ChangeForm(PortalForm):
    """What a municipality wants changed in the example about it."""

    note = forms.CharField(label=_("What should change"), max_length=1000, widget=LONG)


class ConcernForm(NotForMachines):
    """Something on a page is wrong, or no longer true."""

    text = forms.CharField(
        label=_("What is wrong"),
        help_text=_("Say where on the page it stands, and how you know better, if you do."),
        max_length=3000,
        widget=LONG,
    )
    name = forms.CharField(label=_("Your name"), max_length=200, required=False)
    email = forms.EmailField(
        label=_("Your email address"),
        help_text=_("If you would like an answer. It serves for nothing else."),
        required=False,
    )


class SubscribeForm(NotForMachines):
    """An address, a language, and the consent in the words that are kept with it; never ticked beforehand."""

    email = forms.EmailField(label=_("Your email address"))
    language = forms.ChoiceField(label=_("Language of the letters"), choices=Language.choices, widget=forms.RadioSelect)
    consent = forms.BooleanField(error_messages={"required": _("Without your consent we send you nothing.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wording = str(consent_wording())
        self.fields["consent"].label = self.wording


class RequestForm(PortalForm):
    """A member needs a brief that does not exist."""

    subject = forms.CharField(label=_("We need a brief on"), max_length=200)
    why = forms.CharField(
        label=_("What you would do with it"),
        help_text=_("What is decided, by whom, and when: this helps to choose what is written first."),
        max_length=3000,
        widget=LONG,
    )
    municipality = forms.ModelChoiceField(
        Municipality.objects.none(), label=_("For which municipality"), required=False
    )

    def __init__(self, *args: Any, places: list[Municipality], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(places) < 2:
            del self.fields["municipality"]
            return
        field: Any = self.fields["municipality"]
        field.queryset = Municipality.objects.filter(pk__in=[place.pk for place in places])
        field.required, field.initial = True, places[0].pk


class PassOnForm(PortalForm):
    note = forms.CharField(
        label=_("A word to who asked"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class DeclineForm(PortalForm):
    note = forms.CharField(
        label=pgettext_lazy("request for a brief", "Why not"),
        help_text=_("Who asked reads it."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class _Brief(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.reference} {obj.title}".strip()


class AcceptForm(PortalForm):
    """A promise with a day. The brief that answers it is one of the desk's, or is begun now as an idea."""

    due_on = forms.DateField(label=_("Expected by"))
    brief = _Brief(
        ActionBrief.objects.none(), label=_("The brief that answers it"), required=False, empty_label=_("None yet")
    )
    begin = forms.BooleanField(label=_("Begin a new brief with this subject as its title"), required=False)
    reply = forms.CharField(
        label=_("A word to who asked"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, asked: BriefRequest, **kwargs: Any) -> None:
        kept = {"due_on": asked.due_on, "brief": asked.brief_id, "reply": asked.reply if asked.due_on else ""}
        super().__init__(*args, initial=kept, **kwargs)
        gone = (ActionBrief.State.SUPERSEDED, ActionBrief.State.WITHDRAWN)
        rows = ActionBrief.objects.exclude(state__in=gone).select_related("series").prefetch_related("editions")
        self.fields["brief"].queryset = rows  # type: ignore[attr-defined]
        self.fields["brief"].empty_label = pgettext_lazy("brief", "None yet")  # type: ignore[attr-defined]

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on < timezone.localdate():
            raise forms.ValidationError(_("Choose a day that lies ahead."))
        return due_on

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("begin") and data.get("brief"):
            self.add_error("begin", _("Choose a brief that exists, or begin a new one, not both."))
        return data


class AnswerForm(PortalForm):
    """The answer to a reader."""

    answer = forms.CharField(label=_("Answer"), max_length=5000, widget=forms.Textarea(attrs={"rows": 6}))
