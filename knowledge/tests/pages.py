"""Addresses of the library, and what its pages say."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.pages import main_of, text_of, words_of
from knowledge.models import ActionBrief, Edition

__all__ = ["address", "main_of", "page_of", "revise", "said", "text_of", "words_of"]


def address(name: str, *args: Any, language: str = "en") -> str:
    """The address of the page knowledge:`name` in `language`."""
    with translation.override(language):
        return reverse(f"knowledge:{name}", args=args)


def page_of(client: Any, brief: ActionBrief, language: str = "en", name: str = "brief", **query: str) -> Any:
    """The page knowledge:`name` of a brief."""
    page = client.get(address(name, brief.slug, language=language), query)
    assert page.status_code == 200
    return page


def said(client: Any, brief: ActionBrief, language: str = "en", **query: str) -> str:
    """What the page of a brief says."""
    return words_of(page_of(client, brief, language, **query))


def revise(brief: ActionBrief, language: str, **texts: str) -> None:
    """The text of `language` is changed and not published yet."""
    Edition.objects.filter(brief=brief, language=language).update(**texts, version=2)
