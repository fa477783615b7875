"""Who came to a session."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.forms import PortalForm
from cmncp_portal.core.places import Attendance
from cmncp_portal.core.text import active_language

from ..models import Session
from ..selectors.when import session_in_words

MOST_ON_A_PAGE = 100  # people; more than a page shows is no page of ours


class SessionFilter(PortalForm):
    """Above the list: which session, and a name."""

    session = forms.TypedChoiceField(label=_("Session"), required=False, coerce=int, empty_value=None)
    q = forms.CharField(
        label=_("Name"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
    )

    def __init__(self, *args: Any, sessions: Sequence[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["session"]
        field.choices = [(one.pk, session_in_words(one, active_language())) for one in sessions]

    def value(self, name: str) -> Any:
        """Return what was asked for under `name`; nonsense asks for nothing."""
        self.is_valid()
        return self.cleaned_data.get(name)


class AttendanceForm(PortalForm):
    """One line per person. Each remembers what it showed, so that only what somebody changed is written."""

    def __init__(self, *args: Any, places: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place in places:
            self.fields[f"came_{place.pk}"] = forms.ChoiceField(
                label=place.name,
                required=False,
                choices=Attendance.choices,
                initial=getattr(place, "noted", ""),
                show_hidden_initial=True,
            )

    def changed(self) -> dict[int, str]:
        """Return what was changed, by enrolment."""
        return {int(name.removeprefix("came_")): self.cleaned_data[name] for name in self.changed_data}


def posted_places(data: Any) -> list[int]:
    """Return the enrolments that a posted page of people is about, whatever the list would show now."""
    tails = (name.removeprefix("initial-came_") for name in data if name.startswith("initial-came_"))
    return [int(tail) for tail in tails if tail.isascii() and tail.isdigit() and len(tail) < 10][:MOST_ON_A_PAGE]
