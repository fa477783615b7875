"""A browser without a browser: addresses, and what a page would send back."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.pages import as_sent, said, text_of

__all__ = ["about", "address", "as_sent", "said", "text_of"]


def address(name: str, *args: Any, language: str = "en") -> str:
    with translation.override(language):
        return reverse(f"exchanges:{name}", args=args)


def about(visit: Any, name: str, *args: Any, language: str = "en") -> str:
    """The address of a page about `visit`."""
    return address(name, visit.exchange.reference, visit.leg, *args, language=language)
