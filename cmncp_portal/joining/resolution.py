"""The text of a resolution to join, in both languages: on a page and as a Word file."""

from dataclasses import dataclass

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from cmncp_portal.core import pandoc
from cmncp_portal.core.context import network
from cmncp_portal.core.markdown import to_html
from cmncp_portal.core.text import LANGUAGES, active_language, other


@dataclass(frozen=True)
class Text:
    """The resolution in one language, as Markdown."""

    language: str
    markdown: str

    @property
    def html(self) -> SafeString:
        return to_html(self.markdown)


def text_in(language: str) -> Text:
    """Return the resolution in `language` ("en" or "fr")."""
    assert language in LANGUAGES
    with translation.override(language):
        words = render_to_string(f"joining/resolution.{language}.md", {"network": network(language)})
    return Text(language, words.strip() + "\n")


def texts() -> list[Text]:
    """Return the resolution in the active language, then in the other."""
    first = active_language()
    return [text_in(first), text_in(other(first))]


def as_docx() -> bytes:
    """Return both texts as a Word file. Raises core.pandoc.PandocFailed."""
    both = "\n\n---\n\n".join(text.markdown for text in texts())
    return pandoc.converted(both.encode(), source="commonmark", to="docx", options=("--standalone",))
