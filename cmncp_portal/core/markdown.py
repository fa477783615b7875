"""Markdown to safe HTML."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
_TAGS = set("p br strong em a ul ol li h2 h3 h4 blockquote code pre hr table thead tbody tr th td".split())


def to_html(text: str) -> SafeString:
    """Return sanitised HTML for Markdown `text`; raw HTML in it stays inert."""
    clean = nh3.clean(_parser.render(text), tags=_TAGS, attributes={"a": {"href"}}, link_rel="noopener noreferrer")
    return mark_safe(clean)  # noqa: S308  (cleaned by the allow-list above)
