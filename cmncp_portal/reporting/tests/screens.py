"""Addresses of reports, and what their pages say."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import as_sent, heading, main_of, said, text_of, words_of

__all__ = ["POST", "address", "as_sent", "heading", "main_of", "said", "text_of", "words_of"]

POST = Mailbag("reporting")


def address(name: str, *args: Any, language: str = "en") -> str:
    """The address of the page `name` of reports."""
    with translation.override(language):
        return reverse(f"reporting:{name}", args=args)
