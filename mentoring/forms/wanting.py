"""What a municipality looks for, and what it can give."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalModelForm
from cmncp_portal.network.models import Municipality, Topic
from cmncp_portal.network.stages import Stage

from ..models import MentoringNeed, MentorOffer
from ..selectors.wanting import members

MOST_HOURS = 80  # a month; what the table takes
MOST_PLACES = 10


class _Wanting(SeenVersion, PortalModelForm):
    """What needs and offers share. The version of one that is not written yet is 0, which no row has."""

    languages = forms.MultipleChoiceField(
        label=_("Languages you can work in"), choices=Language.choices, widget=forms.CheckboxSelectMultiple
    )
    hours = forms.IntegerField(min_value=1, max_value=MOST_HOURS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topics"].required = True
        self.fields["topics"].queryset = Topic.objects.all()  # type: ignore[attr-defined]
        self.fields["version"] = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
        if self.instance.pk is None:
            self.initial["version"] = 0


class NeedForm(_Wanting):
    """Give `place`, whose need it is, and `stage`, that of its strategy profile or None."""

    hours = forms.IntegerField(label=_("Hours a month you can give"), min_value=1, max_value=MOST_HOURS, initial=4)

    class Meta:
        model = MentoringNeed
        fields = ["goals", "stage", "topics", "languages", "hours", "meets", "wish"]
        widgets = {"topics": forms.CheckboxSelectMultiple, "meets": forms.RadioSelect}
        help_texts = {
            "goals": _("In your own words, such as: name a responsibility centre, adopt a first plan."),
            "topics": _("What you want to talk about."),
            "wish": _("Leave empty when you know of none: the network then suggests one and says why."),
        }

    def __init__(self, *args: Any, place: Municipality, stage: Stage | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wish"].queryset = members().exclude(pk=place.pk).by_name()  # type: ignore[attr-defined]
        says = (
            _("As your strategy profile says: %(stage)s") % {"stage": stage.label}
            if stage is not None
            else _("Not sure")
        )
        choices: Any = [("", says), *Stage.choices]
        self.fields["stage"].choices = choices  # type: ignore[attr-defined]
        self.fields["meets"].choices = MentoringNeed.meets.field.choices  # type: ignore[attr-defined]


class OfferForm(_Wanting):
    """In what a member accompanies others."""

    hours = forms.IntegerField(
        label=_("Hours a month you can give to each"), min_value=1, max_value=MOST_HOURS, initial=4
    )
    capacity = forms.IntegerField(
        label=_("How many municipalities at the same time"), min_value=1, max_value=MOST_PLACES, initial=1
    )

    class Meta:
        model = MentorOffer
        fields = ["about", "topics", "languages", "capacity", "hours", "meets", "until_on"]
        widgets = {"topics": forms.CheckboxSelectMultiple, "meets": forms.RadioSelect}
        labels = {"until_on": pgettext_lazy("mentor offer", "Until")}
        help_texts = {
            "topics": _("In what you have experience to share."),
            "until_on": _("Leave empty when your offer has no end. The day itself still counts."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meets"].choices = MentorOffer.meets.field.choices  # type: ignore[attr-defined]

    def clean_until_on(self) -> Any:
        until = self.cleaned_data["until_on"]
        if until is not None and until < timezone.localdate():
            raise forms.ValidationError(_("This day has passed."))
        return until
