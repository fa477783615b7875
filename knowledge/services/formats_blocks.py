"""Markdown as plain blocks: paragraphs, lists, headings, quotes, tables, with runs of text in them.

A run says what it is (`{"text": "now", "bold": True}`) and is data all the way to the file, so that no word of a text can
become markup of a PDF, a Word document or an e-book. Links lead to web pages only; pictures are told by their description.
"""

import re
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

Run = dict[str, Any]
Block = dict[str, Any]

LONGEST_ADDRESS = 2000  # characters: beyond it Word and Typst refuse a link
DEEPEST_LIST, DEEPEST_QUOTE = 5, 3  # what is nested deeper stands beside: Word knows nine levels, readers fewer
FIRST_HEADING, LAST_HEADING = 3, 6  # below the title of the brief and of its section

# What is nested deeper than the parser goes is lost with all that follows it: far more than the few levels of its usual self.
_parser = MarkdownIt("commonmark", {"html": False, "typographer": False, "maxNesting": 100}).enable("table")
# Invisible: control characters, which XML forbids, zero width spaces, and what turns the direction of writing around.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)


def cleaned(text: str) -> str:
    """Return `text` without what nobody sees and files cannot hold."""
    return _UNSEEN.sub("", text)


def web_address(url: str) -> str:
    """Return `url` when it leads to a web page, else an empty text."""
    try:
        parts = urlsplit(cleaned(url))
    except ValueError:
        return ""
    sound = parts.scheme in ("http", "https") and parts.netloc and len(url) <= LONGEST_ADDRESS
    return parts.geturl() if sound and not re.search(r"\s", url) else ""


def run(text: Any, **marks: Any) -> Run:
    """Return a run of text; `marks` are bold, italic, code, url, lang, of which only those that say something are kept."""
    return {"text": cleaned(str(text))} | {name: value for name, value in marks.items() if value}


def paragraph(*runs: Run) -> Block:
    return {"kind": "paragraph", "runs": list(runs)}


def heading(level: int, *runs: Run) -> Block:
    return {"kind": "heading", "level": level, "runs": list(runs)}


def items(rows: list[list[Block]], *, ordered: bool = False, start: int = 1) -> Block:
    """Return a list, each of whose `rows` is the blocks of one item."""
    return {"kind": "list", "ordered": ordered, "start": start, "items": rows}


def blocks_of(text: str, *, lang: str = "") -> list[Block]:
    """Return the blocks of Markdown `text`; with `lang` ("en" or "fr") each run says that it is in that language."""
    reader = _Reader(lang)
    for token in _parser.parse(cleaned(text)):
        reader.read(token)
    return reader.blocks


class _Reader:
    """Goes through the tokens once. `places` are the lists of blocks that are open, the innermost last."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.blocks: list[Block] = []
        self.places = [self.blocks]
        self.lists: list[Block] = []
        self.quotes = 0
        self.above: list[int] = []  # levels of the headings above the present one, as they were written
        self.goes_to: list[Run] = []  # where the next words go
        self.table: Block = {}

    def read(self, token: Token) -> None:
        act = getattr(self, f"_{token.type}", None)
        if act:
            act(token)

    def _add(self, block: Block) -> None:
        self.places[-1].append(block)

    def _paragraph_open(self, token: Token) -> None:
        self._add(block := paragraph())
        self.goes_to = block["runs"]

    def _heading_open(self, token: Token) -> None:
        """Levels go down one by one, whatever was written, as accessible files must have them."""
        written = int(token.tag[1:])
        self.above = [*(level for level in self.above if level < written), written]
        self._add(block := heading(min(FIRST_HEADING - 1 + len(self.above), LAST_HEADING)))
        self.goes_to = block["runs"]

    def _heading_close(self, token: Token) -> None:
        if not self.goes_to:
            self.places[-1].pop()
            self.above.pop()

    def _inline(self, token: Token) -> None:
        self.goes_to.extend(_runs(token.children or [], self.lang))

    def _paragraph_close(self, token: Token) -> None:
        if not self.goes_to:
            self.places[-1].pop()

    def _bullet_list_open(self, token: Token) -> None:
        if len(self.lists) < DEEPEST_LIST:
            start = int(token.attrs.get("start", 1))
            self._add(items([], ordered=token.tag == "ol", start=start))
            self.lists.append(self.places[-1][-1])
        else:
            self.lists.append(self.lists[-1])

    def _bullet_list_close(self, token: Token) -> None:
        self.lists.pop()

    _ordered_list_open, _ordered_list_close = _bullet_list_open, _bullet_list_close

    def _list_item_open(self, token: Token) -> None:
        self.places.append([])
        self.lists[-1]["items"].append(self.places[-1])

    def _list_item_close(self, token: Token) -> None:
        self.places.pop()

    def _blockquote_open(self, token: Token) -> None:
        self.quotes += 1
        if self.quotes > DEEPEST_QUOTE:
            self.places.append(self.places[-1])
            return
        inside: list[Block] = []
        self._add({"kind": "quote", "blocks": inside})
        self.places.append(inside)

    def _blockquote_close(self, token: Token) -> None:
        self.quotes -= 1
        self.places.pop()

    def _fence(self, token: Token) -> None:
        self._add({"kind": "code", "text": token.content.rstrip("\n")})

    _code_block = _fence

    def _hr(self, token: Token) -> None:
        self._add({"kind": "rule"})

    def _table_open(self, token: Token) -> None:
        self.table = {"kind": "table", "head": [], "rows": []}
        self._add(self.table)

    def _tr_open(self, token: Token) -> None:
        if self.table["head"]:
            self.table["rows"].append([])

    def _th_open(self, token: Token) -> None:
        self.goes_to = []
        self.table["head"].append(self.goes_to)

    def _td_open(self, token: Token) -> None:
        self.goes_to = []
        self.table["rows"][-1].append(self.goes_to)


MARKS = {"strong": "bold", "em": "italic", "link": "url"}


def _runs(tokens: list[Token], lang: str) -> list[Run]:
    """Return the runs of a line of Markdown. Flat, so that a thousand stars inside one another do no harm."""
    found: list[Run] = []
    open_marks: dict[str, list[Any]] = {name: [] for name in MARKS.values()}

    def add(text: str, **more: Any) -> None:
        marks = {name: values[-1] for name, values in open_marks.items() if values}
        _append(found, run(text, **marks, **more, lang=lang))

    for token in tokens:
        name, _underscore, end = token.type.rpartition("_")
        if token.type in ("softbreak", "hardbreak"):
            if token.type == "hardbreak" and found:
                found.append({"break": True})
            else:
                add(" ")
        elif name in MARKS and end == "open":
            open_marks[MARKS[name]].append(token.attrs.get("href") if name == "link" else True)
        elif name in MARKS and end == "close":
            before = open_marks[MARKS[name]].pop()
            if name == "link" and str(before).startswith("mailto:"):
                add(_unless_told(str(before).removeprefix("mailto:"), found))
        else:
            words = "".join(child.content for child in token.children) if token.children else token.content
            add(words, code=token.type == "code_inline")
    return [_safe(one) for one in found if one.get("text") != ""]


def _unless_told(address: str, found: list[Run]) -> str:
    """An e-mail address beside its words, unless these are the address."""
    return "" if found and found[-1].get("text", "").endswith(address) else f" ({address})"


def _append(found: list[Run], new: Run) -> None:
    """Words that look alike are one run."""
    if found and {**found[-1], "text": ""} == {**new, "text": ""}:
        found[-1]["text"] += new["text"]
    elif new["text"]:
        found.append(new)


def _safe(one: Run) -> Run:
    url = web_address(one.pop("url", ""))
    return one | ({"url": url} if url else {})
