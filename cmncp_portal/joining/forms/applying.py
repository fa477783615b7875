"""The application: class, decision of the council, who answers for the community, and what it agrees to."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.files import checked
from cmncp_portal.core.forms import PortalModelForm

from ..models import Application
from ..selectors.wording import wording_of
from ..workflow import CONSENTS

NEEDED_TO_SEND = ("kind", "resolution_on", "representative_name", "representative_email")


class ApplicationForm(SeenVersion, PortalModelForm):
    """A draft may lack anything; what is there must be sound. Consents are ticked only where they were given before."""

    file = forms.FileField(label=_("The decision as a file"), required=False)

    class Meta:
        model = Application
        fields = [
            "kind", "resolution_on", "resolution_reference", "representative_name", "representative_title",
            "representative_email", "representative_language", "deputy_name", "deputy_title", "deputy_email",
            "deputy_language",
        ]  # fmt: skip
        widgets = {
            "kind": forms.RadioSelect,
            "representative_language": forms.RadioSelect,
            "deputy_language": forms.RadioSelect,
        }
        labels = {
            "resolution_on": _("Date of the decision"),
            "resolution_reference": _("Number of the decision, if it has one"),
            "representative_name": _("Name"),
            "representative_email": _("Email address"),
            "deputy_name": _("Name"),
            "deputy_email": _("Email address"),
        }
        help_texts = {
            "kind": _("A general member is a community with one vote. An associate member has no vote."),
            "resolution_on": _("Of your council, of chief and council, or of the body that decides for you."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        for name in ("kind", "representative_language", "deputy_language"):
            fields[name].choices = [pair for pair in fields[name].choices if pair[0]]
        fields["file"].help_text = self.instance.resolution_filename or _("PDF, Word or picture, up to 10 MB.")
        given = self.instance.consents
        for name in CONSENTS:
            fields[f"consent_{name}"] = forms.BooleanField(label=wording_of(name), required=False)
            fields[f"consent_{name}"].show_hidden_initial = True
            self.initial[f"consent_{name}"] = bool(given.get(name, {}).get("agreed"))
        for name in NEEDED_TO_SEND:
            fields[name].is_needed_later = True

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        return checked(file) if file else None

    def clean_resolution_on(self) -> Any:
        on = self.cleaned_data["resolution_on"]
        if on and on > timezone.localdate():
            raise forms.ValidationError(_("The date of the resolution lies ahead."))
        return on

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        name, email = data.get("deputy_name"), data.get("deputy_email")
        if name and not email and "deputy_email" not in self.errors:
            self.add_error("deputy_email", _("Give an email address for the deputy."))
        if email and not name and "deputy_name" not in self.errors:
            self.add_error("deputy_name", _("Give the name of the deputy."))
        if email and email.lower() == (data.get("representative_email") or "").lower():
            self.add_error("deputy_email", _("The deputy is somebody else than the representative."))
        return data

    def _post_clean(self) -> None:
        """Leave the instance alone: the service writes, under the version that was seen."""

    @property
    def consents(self) -> dict[str, str]:
        """What is ticked, each with the words that were read."""
        return {name: wording_of(name) for name in CONSENTS if self.cleaned_data.get(f"consent_{name}")}

    @property
    def written(self) -> dict[str, Any]:
        """What was typed beside consents and version, as `services.applying.keep` takes it."""
        left_out = {"version", *(f"consent_{name}" for name in CONSENTS)}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}
