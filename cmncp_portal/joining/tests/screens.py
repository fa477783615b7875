"""Addresses of joining, and what its pages say."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.mailbag import Mailbag
from cmncp_portal.testing.pages import as_sent, heading, said, words_of

__all__ = ["POST", "address", "as_sent", "heading", "said", "words_of"]

POST = Mailbag("joining")


def address(name: str, *args: Any, language: str = "en") -> str:
    """The address of the page `name` of joining."""
    with translation.override(language):
        return reverse(f"joining:{name}", args=args)
