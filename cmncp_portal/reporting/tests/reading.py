"""The files of a frozen report as tests read them: every word that stands in them."""

import csv
import io
import re
import zipfile
import zlib
from typing import Any
from xml.etree import ElementTree

from cmncp_portal.reporting.models import Snapshot

ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def bytes_of(snapshot: Snapshot, format: str, language: str) -> bytes:
    with snapshot.files.get(format=format, language=language).file.open("rb") as file:
        return bytes(file.read())


def table(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def docx_text(body: bytes) -> str:
    """Paragraphs as lines."""
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        root = ElementTree.fromstring(packed.read("word/document.xml"))  # noqa: S314  (made here)
    return "\n".join("".join(one.itertext()) for one in root.iter() if one.tag.endswith("}p"))


def pdf_text(body: bytes) -> str:
    """What a reader can copy out of the PDF, stretch by stretch."""
    objects = {int(m[1]): m[2] for m in re.finditer(rb"(\d+) 0 obj\n(.*?)\nendobj", body, re.DOTALL)}
    pages = [one for one in objects.values() if b"/Type/Page/" in one]
    return "\n".join(_page(one, objects) for one in pages)


def _number(pattern: bytes, text: bytes) -> int:
    found = re.search(pattern, text)
    assert found
    return int(found[1])


def _stream(packed: bytes) -> bytes:
    found = re.search(rb"stream\r?\n(.*)\r?\nendstream", packed, re.DOTALL)
    assert found
    return zlib.decompress(found[1])


def _page(page: bytes, objects: dict[int, bytes]) -> str:
    resources = objects[_number(rb"/Resources (\d+) 0 R", page)]
    fonts = {
        m[1]: _letters(_stream(objects[_number(rb"/ToUnicode (\d+) 0 R", objects[int(m[2])])]))
        for m in re.finditer(rb"/(f\d+) (\d+) 0 R", resources)
    }
    content = _stream(objects[_number(rb"/Contents (\d+) 0 R", page)])
    stretches = []
    for part in re.findall(rb"BT(.*?)ET", content, re.DOTALL):
        font = re.search(rb"/(f\d+) [\d.]+ Tf", part)
        assert font
        shown = b"".join(_bytes(m[1]) for m in re.finditer(rb"\(((?:\\.|[^\\)])*)\)", part, re.DOTALL))
        codes = [int.from_bytes(shown[at : at + 2]) for at in range(0, len(shown), 2)]
        stretches.append("".join(fonts[font[1]].get(code, "?") for code in codes))
    return "\n".join(stretches)


def _bytes(text: bytes) -> bytes:
    """A string of a PDF without its escapes."""

    def plain(found: Any) -> bytes:
        told = found[1].decode("latin-1")
        if told[0] in "01234567":
            return bytes([int(told, 8)])
        return ESCAPED.get(told, told).encode("latin-1")

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, text, flags=re.DOTALL)


def _letters(told: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>\n", told)
    return {int(code, 16): bytes.fromhex(letters.decode()).decode("utf-16-be") for code, letters in pairs}


def texts_of(snapshot: Snapshot) -> dict[tuple[str, str], str]:
    """Everything that can be read in each of the six files, by language and format; spaces are plain ones."""
    readers = {"pdf": pdf_text, "docx": docx_text, "csv": lambda body: body.decode("utf-8-sig")}
    return {
        (language, format): read(bytes_of(snapshot, format, language)).replace("\xa0", " ").replace("\u202f", " ")
        for language in ("en", "fr")
        for format, read in readers.items()
    }
