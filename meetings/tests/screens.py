"""Addresses of meetings, and what their pages would send back."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.pages import as_sent, said, text_of, words_of

__all__ = ["address", "as_sent", "said", "text_of", "words_of"]


def address(name: str, meeting: Any, *args: Any, language: str = "en") -> str:
    """The address of a page about `meeting`."""
    with translation.override(language):
        return reverse(f"meetings:{name}", args=[meeting.slug, *args])
