"""What people write in Markdown becomes HTML of an allow-list, and nothing else."""

import pytest
from django.utils.safestring import SafeString

from cmncp_portal.core.markdown import to_html


def test_plain_writing() -> None:
    text = "## Why\n\nWe *listen*, then **act**.\n\n- one\n- two\n\n1. first\n\n> said\n\n`code`\n\n---\n"
    assert to_html(text) == (
        "<h2>Why</h2>\n<p>We <em>listen</em>, then <strong>act</strong>.</p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        "<ol>\n<li>first</li>\n</ol>\n<blockquote>\n<p>said</p>\n</blockquote>\n<p><code>code</code></p>\n<hr>\n"
    )
    assert isinstance(to_html(text), SafeString)


def test_nothing_gives_nothing() -> None:
    assert to_html("") == ""


def test_a_table_without_inline_styles() -> None:
    """Columns set to the right would carry style="…", which the portal's content security policy forbids."""
    assert to_html("| Year | Youth |\n|---|---:|\n| 2026 | 12 |\n") == (
        "<table>\n<thead>\n<tr>\n<th>Year</th>\n<th>Youth</th>\n</tr>\n</thead>\n"
        "<tbody>\n<tr>\n<td>2026</td>\n<td>12</td>\n</tr>\n</tbody>\n</table>\n"
    )


def test_a_link_says_nothing_about_where_it_was_followed_from() -> None:
    assert to_html("[site](https://example.ca/?a=1&b=2)") == (
        '<p><a href="https://example.ca/?a=1&amp;b=2" rel="noopener noreferrer">site</a></p>\n'
    )
    assert to_html("[here](/en/exchanges/)") == ('<p><a href="/en/exchanges/" rel="noopener noreferrer">here</a></p>\n')
    assert to_html("[write](mailto:info@example.ca)") == (
        '<p><a href="mailto:info@example.ca" rel="noopener noreferrer">write</a></p>\n'
    )


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#x73;cript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "file:///etc/passwd",
    ],
)
def test_a_link_that_would_run_something_is_no_link(address: str) -> None:
    for text in (f"[x]({address})", f"[x](<{address}>)", f"<{address}>", f"[x][1]\n\n[1]: {address}"):
        assert "href" not in to_html(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("a <b onclick=x>bold</b>", "<p>a &lt;b onclick=x&gt;bold&lt;/b&gt;</p>\n"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n"),
        ("<style>p{}</style>", "<p>&lt;style&gt;p{}&lt;/style&gt;</p>\n"),
        ("A & B < C", "<p>A &amp; B &lt; C</p>\n"),
    ],
)
def test_raw_html_is_shown_and_does_nothing(text: str, html: str) -> None:
    assert to_html(text) == html


def test_pictures_from_elsewhere_and_titles_of_the_page_are_left_out() -> None:
    assert to_html("![x](https://example.ca/x.png)") == "<p></p>\n"
    assert to_html("# Title") == "Title\n"


def test_a_fenced_block_has_no_classes() -> None:
    assert to_html("```python\n<b>\n```") == "<pre><code>&lt;b&gt;\n</code></pre>\n"
