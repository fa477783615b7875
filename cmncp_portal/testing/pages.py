"""A browser without a browser: what a page would send back, and what it says."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict


class _Fields(HTMLParser):
    """Reads the fields of the forms whose class is "form", as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.data = QueryDict(mutable=True)
        self.inside = False
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.inside = "form" in (found.get("class") or "").split()
        if not self.inside or not (found.get("name") or tag == "option"):
            return
        name, value = found.get("name") or "", found.get("value")
        if tag == "input" and found.get("type") in ("radio", "checkbox"):
            if "checked" in found:
                self.data.appendlist(name, "on" if found.get("value") is None else value)
        elif tag == "input" and found.get("type") not in ("file", "submit"):
            self.data.appendlist(name, value or "")
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in found:
            self.data.appendlist(self.select, value or "")
        elif tag == "textarea":
            self.area = name
            self.data.appendlist(name, "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area:
            self.data[self.area] += data if self.data[self.area] else data.removeprefix("\n")


def as_sent(page: Any, **typed: Any) -> dict[str, Any]:
    """What the page's form sends when `typed` is changed; a value of None takes a field away."""
    reader = _Fields()
    reader.feed(page.content.decode())
    data: dict[str, Any] = {name: values if len(values) > 1 else values[0] for name, values in reader.data.lists()}
    return {name: value for name, value in (data | typed).items() if value is not None}


def said(client: Any, page: Any) -> list[str]:
    """The messages that wait on the page to which `page` leads."""
    return [str(message) for message in client.get(page["Location"]).context["messages"]]


def text_of(page: Any) -> str:
    return page.content.decode()


def main_of(page: Any) -> str:
    """The mark-up between header and footer."""
    return text_of(page).partition("<main")[2].partition("</main>")[0]


def words_of(page: Any) -> str:
    """What stands on the page between header and footer, without the mark-up."""
    return _words(main_of(page))


def heading(page: Any) -> str:
    """What the page says first."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text_of(page), re.DOTALL)
    assert found
    return _words(found[1])


def _words(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split()).replace("\xa0", " ")
