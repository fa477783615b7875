"""What a person wants to receive, and how the secretariat looks through the outbox."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import PortalForm
from cmncp_portal.core.text import active_language

from .models import Category, Message, MessageQuerySet, Preference
from .selectors import optional_categories


def consent_wording() -> str:
    """Return the words of the consent to announcements, in the language of the page; they are kept with the consent."""
    network = getattr(settings, f"NETWORK_NAME_{active_language().upper()}")
    return gettext(
        "I agree to receive the news of the %(network)s by email: its meetings, new publications and calls to take part. "
        "I can withdraw my consent at any time, with one click in each of these letters."
    ) % {"network": network}


class PreferencesForm(PortalForm):
    """One tick per category that is not essential; announcements are not ticked until the person does so."""

    def __init__(self, *args: Any, decided: dict[str, Preference], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for category in optional_categories():
            choice = decided.get(category)
            self.fields[category.value] = forms.BooleanField(
                label=category.label, required=False, initial=choice.is_wanted if choice else True
            )
        news = decided.get(Category.ANNOUNCEMENTS)
        self.fields[Category.ANNOUNCEMENTS.value] = forms.BooleanField(
            label=consent_wording(), required=False, initial=bool(news and news.is_wanted)
        )


class OutboxFilter(forms.Form):
    state = forms.ChoiceField(label=_("State"), required=False)
    language = forms.ChoiceField(label=_("Language"), required=False)
    kind = forms.ChoiceField(label=_("Kind of letter"), required=False)
    q = forms.CharField(
        label=_("Address"), required=False, max_length=254, widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, *args: Any, kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", pgettext_lazy("filter", "All"))
        choices: dict[str, Any] = {}
        choices["state"] = [every, *Message.State.choices]
        choices["language"] = [every, ("en", "English"), ("fr", "Français"), ("both", _("Both languages"))]
        choices["kind"] = [every, *((kind, kind) for kind in kinds)]
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    def apply(self, letters: MessageQuerySet) -> MessageQuerySet:
        """Return the letters that were asked for; an unreadable value filters nothing."""
        asked = self.cleaned_data if self.is_valid() else dict.fromkeys(self.fields, "") | self.cleaned_data
        exact = {name: asked[name] for name in ("state", "language", "kind") if asked.get(name)}
        words = (asked.get("q") or "").strip()
        return letters.filter(Q(to_email__icontains=words) if words else Q(), **exact)
