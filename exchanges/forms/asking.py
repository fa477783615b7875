"""Asking for an exchange: the first field, and the whole draft."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.conflicts import SeenVersion
from cmncp_portal.core.forms import PortalForm, PortalModelForm
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Municipality, PreventionProgramme, Topic

from ..models import Exchange
from .windows import WindowsMixin

WINDOWS = 4
OBJECTIVES = 5
HOSTS = 3
MOST_TOPICS = 5
NEEDED_TO_SEND = ("challenge", "objective_1", "topics", "start_1", "end_1", "start_2", "end_2")


def members() -> Any:
    """Return the municipalities that can host, by name."""
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
