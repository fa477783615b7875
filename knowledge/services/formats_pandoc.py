"""Word, e-book and plain text by pandoc, which is given the blocks as its own document tree: nothing that people wrote is parsed."""

import io
import json
import re
import zipfile
from html import escape
from typing import Any

from cmncp_portal.core import pandoc

from .formats_blocks import Block, Run, cleaned, heading, paragraph, run

API = [1, 23]  # of the tree; another pandoc says so if it does not know it
OPTIONS = {
    "docx": (),
    "epub": ("--toc", "--toc-depth=2", "--split-level=1"),
    "plain": ("--wrap=none",),
}
WRITERS = {"docx": "docx", "epub": "epub3", "plain": "plain"}
NO_MARKS = ["", [], []]
SECTION = 2  # level of a section's heading; the title of the brief has the first
DATED, NO_DAY = ("docProps/core.xml", "EPUB/content.opf"), b">1970-01-01T00:00:00Z<"

FEATURES = ["readingOrder", "structuralNavigation", "tableOfContents", "displayTransformability"]
SUMMARY = {
    "en": "The text of this book can be read aloud, enlarged and searched. Headings, lists and tables are marked. There are no pictures.",
    "fr": "Le texte de ce livre peut être lu à voix haute, agrandi et fouillé. Les titres, les listes et les tableaux sont balisés. Il n’y a pas d’images.",
}


def converted(content: dict[str, Any], to: str) -> bytes:
    """Return `content` (see formats_content.content_of) as a file; `to` is "docx", "epub" or "plain".

    Raises core.pandoc.PandocFailed when pandoc is missing, refuses, or takes too long.
    """
    tree = {
        "pandoc-api-version": API,
        "meta": _metadata(content, to),
        "blocks": _document(content, plain=to == "plain"),
    }
    made = pandoc.converted(
        json.dumps(tree).encode(), source="json", to=WRITERS[to], options=("--standalone", *OPTIONS[to])
    )
    return made if to == "plain" else _finished(made, content)


def _metadata(content: dict[str, Any], to: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "title": content["title"],
        "author": content["network"],
        "lang": f"{content['language']}-CA",
        "date": content["day"],
    }
    if to == "epub":
        told |= {
            "date": content["date"],
            "identifier": content["url"],
            "toc-title": content["contents"],
            "accessModes": ["textual"],
            "accessModeSufficient": ["textual"],
            "accessibilityFeatures": FEATURES,
            "accessibilityHazards": ["none"],
            "accessibilitySummary": SUMMARY[content["language"]],
        }
    return {name: _meta(value) for name, value in told.items()}


def _meta(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return _tree("MetaList", [_meta(one) for one in value])
    return _tree(
        "MetaString", cleaned(value)
    )  # a title with a character that XML forbids makes a file that Word refuses


def _finished(made: bytes, content: dict[str, Any]) -> bytes:
    """Return the archive that pandoc made with what its sandbox does not know: the day, and a title for each page."""
    day, title = f">{content['date']}T12:00:00Z<", f"<title>{escape(cleaned(content['title']))}</title>"
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as before, zipfile.ZipFile(packed, "w") as after:
        for entry in before.infolist():
            part = before.read(entry)
            if entry.filename in DATED:
                part = part.replace(NO_DAY, day.encode())
            elif entry.filename.endswith(".xhtml"):
                part = re.sub(rb"<title>\w+\.xhtml</title>", lambda _found: title.encode(), part)
            after.writestr(entry, part, compress_type=entry.compress_type)
    return packed.getvalue()


def _document(content: dict[str, Any], *, plain: bool) -> list[dict[str, Any]]:
    laid = _Laid(content["language"], plain=plain)
    blocks: list[Block] = [paragraph(run(content["line"])), *content["notices"]]
    for section in content["sections"]:
        blocks += [heading(SECTION, run(section["title"])), *section["blocks"]]
    return laid.blocks(blocks)


def _tree(kind: str, *content: Any) -> dict[str, Any]:
    """A node of pandoc's tree; one that holds a single thing holds it bare."""
    return {"t": kind} | ({"c": content[0] if len(content) == 1 else list(content)} if content else {})


class _Laid:
    """Blocks as pandoc's tree. Plain text cannot be clicked, so addresses are written out there."""

    def __init__(self, language: str, *, plain: bool) -> None:
        self.language, self.plain = language, plain

    def blocks(self, blocks: list[Block]) -> list[dict[str, Any]]:
        return [getattr(self, f"_{one['kind']}")(one) for one in blocks]

    def _paragraph(self, one: Block) -> dict[str, Any]:
        return _tree("Para", self.words(one["runs"]))

    def _heading(self, one: Block) -> dict[str, Any]:
        if self.plain and one["level"] == SECTION:  # capitals are all that plain text has
            return _tree("Para", self.words([part | {"text": part["text"].upper()} for part in one["runs"]]))
        return _tree("Header", one["level"] - 1, NO_MARKS, self.words(one["runs"]))

    def _list(self, one: Block) -> dict[str, Any]:
        rows = [self.blocks(row) for row in one["items"]]
        if not one["ordered"]:
            return _tree("BulletList", rows)
        return _tree("OrderedList", [one["start"], _tree("Decimal"), _tree("Period")], rows)

    def _quote(self, one: Block) -> dict[str, Any]:
        return _tree("BlockQuote", self.blocks(one["blocks"]))

    def _code(self, one: Block) -> dict[str, Any]:
        return _tree("CodeBlock", NO_MARKS, one["text"])

    def _rule(self, one: Block) -> dict[str, Any]:
        return _tree("HorizontalRule")

    def _table(self, one: Block) -> dict[str, Any]:
        column = [_tree("AlignLeft"), _tree("ColWidth", 1 / len(one["head"]))]
        head, body = [self._row(one["head"])], [self._row(row) for row in one["rows"]]
        return _tree(
            "Table", NO_MARKS, [None, []], [column] * len(one["head"]), [NO_MARKS, head],
            [[NO_MARKS, 0, [], body]], [NO_MARKS, []],
        )  # fmt: skip

    def _row(self, cells: list[list[Run]]) -> list[Any]:
        filled = [[_tree("Plain", self.words(cell))] if cell else [] for cell in cells]
        return [NO_MARKS, [[NO_MARKS, _tree("AlignDefault"), 1, 1, blocks] for blocks in filled]]

    def words(self, runs: list[Run]) -> list[dict[str, Any]]:
        return [node for one in runs for node in self._run(one)]

    def _run(self, one: Run) -> list[dict[str, Any]]:
        if "break" in one:
            return [_tree("LineBreak")]
        made = [_tree("Code", NO_MARKS, one["text"])] if one.get("code") else _spaced(one["text"])
        if one.get("bold"):
            made = [_tree("Strong", made)] if not self.plain else made
        if one.get("italic"):
            made = [_tree("Emph", made)] if not self.plain else made
        url = one.get("url")
        if url and self.plain:
            made += [] if one["text"] == url else _spaced(f" ({url})")
        elif url:
            made = [_tree("Link", NO_MARKS, made, [url, ""])]
        if one.get("lang"):
            made = [_tree("Span", ["", [], [["lang", f"{one['lang']}-CA"]]], made)]
        return made


def _spaced(text: str) -> list[dict[str, Any]]:
    """Words and spaces, as pandoc keeps them."""
    found: list[dict[str, Any]] = []
    for number, word in enumerate(text.replace("\n", " ").replace("\t", " ").split(" ")):
        if number:
            found.append(_tree("Space"))
        if word:
            found.append(_tree("Str", word))
    return found
