"""The general meeting: who votes for a member, and how a motion was voted on."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import PortalForm
from cmncp_portal.network.models import Stakeholder

from ..models import Delegate, Vote


class DelegateForm(PortalForm):
    stakeholder = forms.ModelChoiceField(Stakeholder.objects.none(), label=_("Who votes"), required=False)
    name = forms.CharField(label=_("Or somebody else: name"), required=False, max_length=200)

    def __init__(self, *args: Any, delegate: Delegate, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stakeholder"].queryset = (
            Stakeholder.objects.current().filter(municipality=delegate.municipality_id).order_by("name", "pk")
        )
        self.initial = {
            "stakeholder": delegate.stakeholder_id,
            "name": "" if delegate.stakeholder_id else delegate.name,
        } | (self.initial or {})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen, typed = data.get("stakeholder"), data.get("name")
        if chosen and typed and typed != chosen.name:
            self.add_error("name", _("Choose somebody, or type a name: one person votes."))
        elif not chosen and not typed and not self.errors:
            self.add_error("stakeholder", _("Say who votes."))
        return data


class MotionForm(PortalForm):
    """A motion, and the vote of each delegate who is present."""

    text_en = forms.CharField(label=_("Motion in English"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    text_fr = forms.CharField(label=_("Motion in French"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    moved_by = forms.CharField(label=_("Moved by"), max_length=200)
    seconded_by = forms.CharField(label=_("Seconded by"), max_length=200)

    def __init__(self, *args: Any, delegates: Iterable[Delegate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for delegate in delegates:
            self.fields[f"vote_{delegate.pk}"] = forms.ChoiceField(
                label=f"{delegate.municipality} – {delegate.name}",
                choices=Vote.Choice.choices,
                widget=forms.RadioSelect,
            )

    @property
    def votes(self) -> dict[int, str]:
        """The votes by delegate, once the form is valid."""
        return {
            int(name.removeprefix("vote_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("vote_")
        }

    @property
    def motion(self) -> dict[str, str]:
        """What was moved, once the form is valid."""
        return {name: self.cleaned_data[name] for name in ("text_en", "text_fr", "moved_by", "seconded_by")}
