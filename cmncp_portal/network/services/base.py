"""What every service of the network shares."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.workflow import TransitionRefused

from ..models import Municipality


class Refused(TransitionRefused):
    """Something of the network that cannot be done. `str()` gives the reason in the active language."""


def letter_values(place: Municipality, *, day: date | None = None, **values: Any) -> dict[str, Any]:
    """Return the context of a letter about `place` for both languages: its name, the address of its people, `day` in words."""
    both: dict[str, Any] = {}
    for language in ("en", "fr"):
        with translation.override(language):
            url = absolute(reverse("network:people", args=[place.slug]))
            spoken = {"day": day_in_words(day, language)} if day else {}
            both[language] = {"municipality": place.name_in(language), "url": url, **spoken, **values}
    return both
