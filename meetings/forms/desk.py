"""What people type on their personal pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import Language
from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm

from ..models import Meeting, Registration
from ..workflow import seats_may_change

MOST_COLLEAGUES = 5
LANGUAGES = [("", _("Both")), *Language.choices]


class WordForm(PortalForm):
    """A no, or a place given back; the word to the organisers may stay empty."""

    word = forms.CharField(
        label=_("A word to the organisers"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class NeedsForm(PortalModelForm):
    """What one needs. Who takes part from afar is not asked about food."""

    class Meta:
        model = Registration
        fields = ["dietary_needs", "access_needs"]
        help_texts = {
            "dietary_needs": _("Allergies, or what you do not eat."),
            "access_needs": _("What you need to take part fully."),
        }

    def __init__(self, *args: Any, eats_along: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not eats_along:
            del self.fields["dietary_needs"]


def drop_settled_seat(form: Any) -> None:
    """Take out how one takes part when there is no choice; a page from before the end is still told that it is over."""
    meeting, was_sent = form.instance.meeting, form.add_prefix("attends") in form.data
    if meeting.mode != Meeting.Mode.HYBRID or seats_may_change(meeting) and not was_sent:
        del form.fields["attends"]


class CorrectForm(SeenVersion, PortalModelForm):
    """What stands on the badge and the list. How one takes part is asked only when there is a choice."""

    class Meta:
        model = Registration
        fields = ["name", "title", "language", "attends"]
        labels = {"name": _("Your name"), "title": _("Your title"), "attends": _("How you take part")}
        widgets = {"attends": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = LANGUAGES  # type: ignore[attr-defined]
        drop_settled_seat(self)


class ComingForm(PortalForm):
    """Who was invited says "I come". The address is known; food is asked where people eat together."""

    name = forms.CharField(label=_("Your name"), max_length=200)
    title = forms.CharField(label=_("Your title"), max_length=200, required=False)
    attends = forms.ChoiceField(
        label=_("How you take part"), choices=Registration.Attends.choices, widget=forms.RadioSelect
    )
    dietary_needs = forms.CharField(
        label=_("Food"), max_length=300, required=False, help_text=_("Allergies, or what you do not eat.")
    )
    access_needs = forms.CharField(
        label=_("Accessibility"), max_length=300, required=False, help_text=_("What you need to take part fully.")
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if meeting.mode != Meeting.Mode.HYBRID:
            del self.fields["attends"]
        if meeting.mode == Meeting.Mode.VIRTUAL:
            del self.fields["dietary_needs"]


class ColleagueForm(PortalForm):
    """Somebody who comes along, and gets an own letter. A row that stays empty is nobody."""

    name = forms.CharField(label=_("Name"), max_length=200)
    email = forms.EmailField(label=_("Email address"))
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    language = forms.ChoiceField(label=_("Language of letters"), choices=LANGUAGES, required=False)
    attends = forms.ChoiceField(
        label=_("Takes part"), choices=Registration.Attends.choices, initial=Registration.Attends.IN_PERSON
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if meeting.mode != Meeting.Mode.HYBRID:
            del self.fields["attends"]

    def has_changed(self) -> bool:
        """Whether somebody is named; a choice alone is nobody."""
        return not {"name", "email", "title"}.isdisjoint(self.changed_data)

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class BaseColleagues(forms.BaseFormSet):
    """Up to five people; `own` is the address of the person who names them."""

    def __init__(self, *args: Any, own: str, **kwargs: Any) -> None:
        self.own = own.lower()
        super().__init__(*args, **kwargs)

    def clean(self) -> None:
        seen = {self.own}
        for form in self.forms:
            email = form.cleaned_data.get("email") if hasattr(form, "cleaned_data") else None
            if email in seen:
                form.add_error("email", _("This address is named already."))
            elif email:
                seen.add(email)

    @property
    def people(self) -> list[dict[str, Any]]:
        """What was typed of those who are named."""
        return [form.cleaned_data for form in self.forms if form.cleaned_data.get("email")]


Colleagues = forms.formset_factory(
    ColleagueForm, formset=BaseColleagues, extra=MOST_COLLEAGUES, max_num=MOST_COLLEAGUES, validate_max=True
)


class LostLinkForm(PortalForm):
    """Somebody who lost the letter: the answer is always the same."""

    email = forms.EmailField(label=_("Your email address"))
