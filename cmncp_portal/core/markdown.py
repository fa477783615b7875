"""Markdown to safe HTML."""

from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_parser = MarkdownIt("commonmark", {"html": False, "typographer": False, "maxNesting": 100}).enable("table")
_TAGS = set("p br strong em a ul ol li h2 h3 h4 blockquote code pre hr table thead tbody tr th td".split())


def to_html(text: str) -> SafeString:
    """Return sanitised HTML for Markdown `text`; raw HTML in it stays inert."""
    return _safe(_parser.render(text))


def blocks(text: str) -> list[tuple[str, SafeString]]:
    """Return the blocks of Markdown `text` in order (a paragraph, a heading, a whole list): as written, and as sanitised HTML."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    env: dict[str, Any] = {}
    tokens, lines, found, start = _parser.parse(text, env), text.split("\n"), [], 0
    for at, token in enumerate(tokens, 1):
        if token.level == 0 and token.nesting <= 0:  # here a block ends
            first, last = tokens[start].map or (0, 0)
            html = _parser.renderer.render(tokens[start:at], _parser.options, env)
            found.append(("\n".join(lines[first:last]).strip(), _safe(html)))
            start = at
    return found


def _safe(html: str) -> SafeString:
    clean = nh3.clean(html, tags=_TAGS, attributes={"a": {"href"}}, link_rel="noopener noreferrer")
    return mark_safe(clean)  # noqa: S308  (cleaned by the allow-list above)
