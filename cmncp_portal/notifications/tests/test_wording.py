"""What a value may do to a letter: nothing but be read."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.template import TemplateSyntaxError
from django.utils.translation import gettext_lazy

from cmncp_portal.core.markdown import to_html
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.rendering import in_header, render
from cmncp_portal.notifications.tests.conftest import CONTEXT
from cmncp_portal.notifications.wording import as_markdown, as_words, fill, paths_in, variables_in


@pytest.mark.parametrize(
    "words",
    [
        "a *b* _c_ `d` ~~e~~",
        "[a](https://evil.example) ![b](c)",
        "https://evil.example/[Pay here](https://evil.example)",
        "<https://evil.example> <script>alert(1)</script>",
        "# heading",
        "1. one",
        "- item",
        "+ item",
        "> quote",
        "=> https://evil.example Pay",
        "---",
        "AT&T &lt; &amp;",
        "a | b",
        "back\\slash",
    ],
)
def test_markdown_of_words_shows_exactly_the_words(words: str) -> None:
    import html

    made = to_html(as_markdown(as_words(words)))
    assert made.count("<") == 2, made  # one paragraph and nothing else
    assert html.unescape(made.removeprefix("<p>").removesuffix("</p>\n")) == words


def test_line_ends_stay_in_one_paragraph(letter: Callable[..., Kind]) -> None:
    kind = letter(en="S\n> {{ place }}\n\nEnd\n", variables=("place",))
    page = render(kind, "en", {"place": "one\n\n    code\n# two"}).html
    quote = page[page.index("<blockquote>") : page.index("</blockquote>")]
    assert "".join(quote.split()) == "<blockquote><p>one<br><br>code<br>#two</p>"


def test_line_ends_keep_the_mark_of_a_quotation_in_plain_text(letter: Callable[..., Kind]) -> None:
    kind = letter(en="S\n> {{ place }}\n\nEnd\n", variables=("place",))
    assert render(kind, "en", {"place": "one\ntwo"}).text.startswith("> one\n> two\n\nEnd\n")


@pytest.mark.parametrize("rich", [True, False])
def test_a_value_makes_neither_subject_nor_button_nor_reason(letter: Callable[..., Kind], rich: bool) -> None:
    kind = letter(en="About {{ place }}\n{{ note }}\n{{ url }}\n", variables=("place", "note", "url"))
    evil = "=> https://evil.example Pay\n---\nBecause"
    parts = fill(kind.template("en"), {"place": "x\nBcc: a@b.example", "note": evil, "url": evil}, rich=rich)
    assert (parts.url, parts.label, parts.why) == ("", "", "")
    if not rich:
        assert parts.subject == "About x Bcc: a@b.example"


def test_hidden_characters_are_taken_out() -> None:
    assert as_words("a\u202eb\x00c\ue001d\ue003\r\n e\tf") == "abcd\ne f"
    assert in_header("Amina\r\nBcc: x@y.example", 200) == "Amina Bcc: x@y.example"


def test_words_from_values_of_other_types() -> None:
    assert as_words(None) == ""
    assert as_words(["École A", "B"]) == "École A, B"
    assert as_words(12) == "12"


def test_filters_do_not_undo_the_escaping(letter: Callable[..., Kind]) -> None:
    kind = letter(en='S\n{{ place|upper }} {{ names|join:", " }}\n', variables=("place", "names"))
    page = render(kind, "en", {"place": "*a*", "names": ["B & C", "<d>"]}).html
    assert "<p>*A* B &amp; C, &lt;d&gt;</p>" in page


def test_conditions_see_the_value_itself(letter: Callable[..., Kind]) -> None:
    kind = letter(en='S\n{% if place == "not_yet" %}\nyes\n{% else %}\nno\n{% endif %}\n', variables=("place",))
    made = render(kind, "en", {"place": "not_yet"})
    assert "<p>yes</p>" in made.html
    assert made.text.startswith("yes\n\n--")


def test_lists_are_tight(letter: Callable[..., Kind]) -> None:
    kind = letter(en="S\nTo do:\n\n{% for one in names %}\n- {{ one }}\n{% endfor %}\n\nEnd\n", variables=("names",))
    made = render(kind, "en", {"names": ["one", "two"]})
    assert made.text.startswith("To do:\n\n- one\n- two\n\nEnd")
    assert "<li>one</li>\n<li>two</li>" in made.html


def test_a_link_in_the_wording_takes_its_address_from_a_value(letter: Callable[..., Kind]) -> None:
    kind = letter(en="S\n[Map]({{ url }})\n", variables=("url",))
    assert (
        '<a href="https://a.example/x_y?b=1&amp;c=(2)"'
        in render(kind, "en", {"url": "https://a.example/x_y?b=1&c=(2)"}).html
    )
    assert "javascript:alert" not in render(kind, "en", {"url": "javascript:alert(1)"}).html.partition("href=")[2]


def test_a_button_leads_to_the_web(letter: Callable[..., Kind]) -> None:
    kind = letter()
    with pytest.raises(ValueError, match="which is no address"):
        render(kind, "en", CONTEXT | {"url": "javascript:alert(1)"})


def test_two_buttons_are_refused(letter: Callable[..., Kind]) -> None:
    kind = letter(en="S\n=> https://a.example A\n\n=> https://b.example B\n", variables=())
    with pytest.raises(ValueError, match="one button"):
        render(kind, "en", {})


def test_missing_and_unplain_values_are_refused(kind: Kind) -> None:
    with pytest.raises(ValueError, match="without url"):
        render(kind, "en", {"place": "a", "note": "b"})
    with pytest.raises(TypeError, match="“note” is a date"):
        render(kind, "en", CONTEXT | {"note": date(2026, 11, 17)})
    with pytest.raises(TypeError, match="“note” is a date"):
        render(kind, "en", CONTEXT | {"note": [{"on": date(2026, 11, 17)}]})


def test_lazy_words_follow_the_language_of_the_letter(kind: Kind) -> None:
    values: dict[str, Any] = CONTEXT | {"note": gettext_lazy("January")}
    assert "janvier" in render(kind, "fr", values).text


def test_what_a_letter_cannot_use(letter: Callable[..., Kind]) -> None:
    kind = letter(en='S\n{% include "layouts/letter_foot.txt" %}\n', variables=())
    with pytest.raises(TemplateSyntaxError, match="cannot use IncludeNode"):
        render(kind, "en", {})


def test_variables_of_a_wording(letter: Callable[..., Kind]) -> None:
    kind = letter(
        en="{% load i18n %}\nS {{ a|default:b }}\n{% if c and not d.e == f %}{% with g=h.i %}{{ g }}{% endwith %}{% endif %}\n"
        "{% for stop in stops %}{{ forloop.counter }} {{ stop.title }} {{ j }}{% endfor %}\n"
    )
    name = kind.template("en")
    assert variables_in(name) == {"a", "b", "c", "d", "f", "h", "stops", "j"}
    assert {"stops[].title", "h.i", "d.e"} < paths_in(name)
