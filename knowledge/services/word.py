"""A Word document as the draft of a new brief. The file is opened by pandoc in its sandbox, and is not kept."""

import json
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cmncp_portal.core import pandoc

from ..models import ActionBrief
from ..selectors.texts import label_of
from .texts import keep_text
from .writing import create_brief

MOST_UNPACKED = 60 * 1024 * 1024  # bytes of all parts together
MOST_PARTS = 2000
MOST_CHARACTERS = 300_000
LONGEST_TITLE = 200
SECONDS = 30
MEGABYTES = 512
UNREADABLE = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    zlib.error,
    struct.error,
)
WRITER = "commonmark-raw_html+pipe_tables+yaml_metadata_block"
# Headings under which a text of the brief is expected, in both languages, without case, accents kept.
SECTIONS = {
    "summary": ("summary", "in brief", "overview", "résumé", "sommaire", "en bref"),
    "challenge": ("challenge", "the challenge", "problem", "the problem", "défi", "le défi", "enjeu", "l’enjeu", "problème", "le problème"),
    "what_works": ("what works", "what is known to work", "solutions", "ce qui fonctionne", "ce qui marche", "les solutions"),
    "investment": ("investment", "the investment", "costs", "investissement", "l’investissement", "les coûts", "coûts"),
}  # fmt: skip
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*#*")
PICTURE = re.compile(r"!\[(?:[^\[\]\\]|\\.|\[[^\[\]]*\])*\]\((?:[^()\\\s]|\\.)*(?:\s\"[^\"]*\")?\)")
LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\((?!https?:|mailto:)(?:[^()\\]|\\.|\([^()]*\))*\)", re.IGNORECASE)


@dataclass(frozen=True)
class Draft:
    """What a document gives: texts by name as in Edition.TEXTS, and in `left_out` sentences about what did not come along."""

    texts: dict[str, str]
    left_out: tuple[str, ...]


@transaction.atomic
def import_word(*, data: bytes, filename: str, language: str, by: Any) -> tuple[ActionBrief, tuple[str, ...]]:
    """Begin a brief, as an idea written in `language`, with the words of a .docx file.

    Return it with sentences about what could not be kept. Raises PermissionDenied; ValidationError when the file is not a
    Word document that can be read safely.
    """
    draft = read_word(data, filename)
    brief = create_brief(by=by, title=draft.texts["title"], language=language)
    begun = brief.editions.get(language=language)
    if begun.version == 1:  # else a second click: the text is there
        keep_text(brief, language, seen=1, by=by, **draft.texts)
    return brief, draft.left_out


def read_word(data: bytes, filename: str) -> Draft:
    """Return the texts of a .docx file. Raises ValidationError when it cannot be read safely."""
    has_comments = _checked(data)
    markdown = docx_to_markdown(data)
    if len(markdown) > MOST_CHARACTERS:
        raise ValidationError(_("The document is too long for a brief."))
    title, body = _title_and_body(markdown)
    texts = _sorted(PICTURE.sub("", body))
    if not title:
        title, texts = _title_from_heading(texts)
    title = title or PurePath(filename).stem.replace("_", " ").strip()
    left_out = _left_out(has_comments, body, title, texts)
    return Draft({"title": title[:LONGEST_TITLE].strip() or _("Untitled brief"), **texts}, tuple(left_out))


def _checked(data: bytes) -> bool:
    """Return whether people commented on the document. Each part is unpacked here once: sizes are known and not believed."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                raise ValidationError(_("The document is too large when it is unpacked."))
            unpacked = {entry.filename: archive.read(entry) for entry in entries}
    except UNREADABLE as problem:
        raise ValidationError(_("This is not a Word document that can be read.")) from problem
    # A document type may define words that stand for a million others.
    typed = any(b"<!DOCTYPE" in part for name, part in unpacked.items() if name.endswith((".xml", ".rels")))
    if typed or "word/document.xml" not in unpacked:
        raise ValidationError(_("This is not a Word document that can be read."))
    if any(name.lower().endswith("vbaproject.bin") for name in unpacked):
        raise ValidationError(_("The document contains macros. Save it in Word as a document without macros first."))
    return b"<w:comment " in unpacked.get("word/comments.xml", b"")


def docx_to_markdown(data: bytes) -> str:
    """Return the words of a .docx file as Markdown, its title in a YAML head. Raises ValidationError when pandoc cannot read it."""
    options = ("--standalone", "--wrap=none", "--markdown-headings=atx")
    try:
        made = pandoc.converted(data, source="docx", to=WRITER, options=options, seconds=SECONDS, megabytes=MEGABYTES)
    except pandoc.NoPandoc:
        raise  # the document may be as good as any
    except pandoc.PandocFailed as problem:
        raise ValidationError(_("This is not a Word document that can be read.")) from problem
    return made.decode(errors="replace").replace("\x00", "").replace("\r\n", "\n")


def _title_and_body(markdown: str) -> tuple[str, str]:
    """Return the title that Word knows the document by, if there is one, and the text without the head."""
    head = re.match(r"---\n(.*?\n)---\n", markdown, re.DOTALL)
    if head is None:
        return "", markdown
    found = re.search(r"^title:[ \t]*(.*(?:\n[ \t]+.*)*)", head[1], re.MULTILINE)
    return _plain(_unquoted(found[1])) if found else "", markdown[head.end() :]


def _unquoted(value: str) -> str:
    """Return a YAML value without its quotes."""
    value = " ".join(value.split())
    if value.startswith('"'):
        try:
            return str(json.loads(value))
        except ValueError:
            return value.strip('"')
    if value.startswith("'"):
        return value[1:-1].replace("''", "'")
    return value.removeprefix("|").removeprefix(">").strip()


def _plain(text: str) -> str:
    """Return a heading's words without emphasis, links and backslashes."""
    text = re.sub(r"\[((?:[^\[\]\\]|\\.)*)\]\([^()]*\)", r"\1", PICTURE.sub("", text))
    text = re.sub(r"(?<!\\)[*`]|(?<![\\\w])_|(?<!\\)_(?!\w)", "", text)
    return " ".join(re.sub(r"\\([^\w\s])", r"\1", text).split())


def _sorted(body: str) -> dict[str, str]:
    """Return the text by the headings that are known; what stands under none of them is the challenge."""
    known = {words: name for name, all_words in SECTIONS.items() for words in all_words}
    found: dict[str, list[str]] = {name: [] for name in SECTIONS}
    here, in_code = "challenge", False
    for line in LINK.sub(r"\1", body).split("\n"):
        in_code ^= line.startswith("```")
        heading = None if in_code else HEADING.fullmatch(line)
        name = known.get(_plain(heading[2]).lower().replace("'", "’").rstrip(" :\u00a0")) if heading else None
        if name:
            here = name
        elif heading:  # the title and the name of the text stand above it
            found[here].append(f"{'###' if len(heading[1]) < 3 else '####'} {heading[2]}")
        else:
            found[here].append(line)
    return {name: re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() for name, lines in found.items()}


def _title_from_heading(texts: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the first heading as the title, and the texts without it."""
    lines = texts["challenge"].split("\n")
    at = next((number for number, line in enumerate(lines) if HEADING.fullmatch(line)), None)
    if at is None:
        return "", texts
    heading = HEADING.fullmatch(lines.pop(at))
    return _plain(heading[2]) if heading else "", texts | {"challenge": "\n".join(lines).strip()}


def _left_out(has_comments: bool, body: str, title: str, texts: dict[str, str]) -> list[str]:
    """Return sentences about what the brief does not have of the document, in the active language."""
    pictures = len(PICTURE.findall(body))
    said = [
        (pictures, ngettext("One picture was left out.", "%(count)s pictures were left out.", pictures) % {"count": pictures}),
        (has_comments, _("The comments of the document were left out.")),
        (LINK.search(PICTURE.sub("", body)), _("Links that do not lead to the web were left out; their words are there.")),
        (re.search(r"^\[1\] ", body, re.MULTILINE), _("Footnotes stand at the end as plain text.")),
        (len(title) > LONGEST_TITLE, _("The title was cut.")),
        (not any(texts[name] for name in SECTIONS if name != "challenge"), _("No heading was recognized: all of the text is in “%(text)s”.") % {"text": label_of("challenge")}),
    ]  # fmt: skip
    return [words for is_so, words in said if is_so]


__all__ = ["Draft", "docx_to_markdown", "import_word", "read_word"]
