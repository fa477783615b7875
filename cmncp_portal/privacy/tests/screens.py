"""Addresses of the pages about personal data, and what they say."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import as_sent, heading, said, words_of

__all__ = ["POST", "address", "as_sent", "heading", "said", "words_of"]

POST = Mailbag("privacy")


def address(name: str, *args: Any, language: str = "en") -> str:
    """The address of the page `name` of this app."""
    with translation.override(language):
        return reverse(f"privacy:{name}", args=args)
