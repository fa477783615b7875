"""Addresses of strategies, and what their pages say."""

import re
from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.pages import as_sent, said, text_of

__all__ = ["address", "as_sent", "said", "text_of", "words_of"]


def address(name: str, place: Any, *args: Any, language: str = "en") -> str:
    """The address of a page about the strategy of `place`."""
    with translation.override(language):
        return reverse(f"progress:{name}", args=[place.slug, *args])


def words_of(page: Any) -> str:
    """What stands on the page between header and footer, without the mark-up."""
    main = text_of(page).partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split()).replace("\xa0", " ")
