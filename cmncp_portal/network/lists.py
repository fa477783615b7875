"""Lists of municipalities and people as tables: columns, words in both languages, CSV and XLSX.

A column turns a cell's text into a plain value (`parse`) and back (`show`), so that what is exported reads back as the same.
Both languages' headers and words are understood, whatever the page's language.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import openpyxl
import tablib
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from cmncp_portal.core.text import active_language

MAX_ROWS = 5_000
MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED_BYTES = 60 * 1024 * 1024  # an XLSX is a packed folder: a small file may hide a huge one
MAX_COLUMNS = 60
MAX_CELL = 10_000
_DANGEROUS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # a spreadsheet would take such a cell for a formula (OWASP, CSV injection)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")  # no workbook can hold these


class Unreadable(Exception):
    """A file that cannot be read as a list. `str()` says why in the active language."""

    def __init__(self, reason: Any) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(self.reason)


def fold(text: str) -> str:
    """Return `text` in lower case without accents, for comparing words of people's files."""
    apart = unicodedata.normalize("NFD", text.strip().casefold())
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).replace("’", "'").split())


def guard(text: str) -> str:
    """Return `text` such that no spreadsheet takes it for a formula; `unguard` undoes it."""
    quoted = text[:1] == "'" and text[1:2] in ("'", *_DANGEROUS) and len(text) > 1
    return f"'{text}" if text.startswith(_DANGEROUS) or quoted else text


def unguard(text: str) -> str:
    """Return the text that `guard` was given."""
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in ("'", *_DANGEROUS) else text


@dataclass(frozen=True)
class Column:
    """One column. `name` is the key in rows; `check` cleans a text (a form field, whose messages are in both languages)."""

    name: str
    en: str
    fr: str
    check: forms.Field = field(default_factory=lambda: forms.CharField(required=False, max_length=MAX_CELL))
    required: bool = False

    @property
    def header(self) -> str:
        return self.fr if active_language() == "fr" else self.en

    def reader(self) -> Callable[[str], Any]:
        """Return the `parse` to use for a whole file."""
        return self.parse

    def parse(self, text: str) -> Any:
        """Return the plain value of a cell; raises ValidationError. An empty cell is None."""
        if not text:
            if self.required:
                raise ValidationError(_("This cell must not be empty."))
            return None
        return self.plain(self.check.clean(text))

    def plain(self, value: Any) -> Any:
        """Return `value` of a record as JSON can hold it; nothing is None."""
        if isinstance(value, str):
            value = _CONTROL.sub("", value.replace("\r\n", "\n")).strip()
        if isinstance(value, date):
            return value.isoformat()
        return None if value in ("", None) else value

    def show(self, value: Any) -> str:
        """Return a plain value in words of the active language."""
        return "" if value is None else str(value)

    def cell(self, value: Any) -> str:
        """Return what goes into a file."""
        return guard(self.show(value))


class NumberColumn(Column):
    """A whole number, whatever separates its thousands."""

    def parse(self, text: str) -> Any:
        return super().parse("".join(text.replace(",", "").split()))


class DecimalColumn(Column):
    """Degrees with five places; comma or point."""

    def parse(self, text: str) -> Any:
        return super().parse(text.replace(",", "."))

    def plain(self, value: Any) -> Any:
        return None if value is None else f"{Decimal(value):.5f}"

    def cell(self, value: Any) -> str:
        return self.show(value)  # a number may begin with a minus


@dataclass(frozen=True)
class ChoiceColumn(Column):
    """One of several codes, or its name in English or French. `choices` gives code and name in the active language."""

    choices: Callable[[], Mapping[str, str]] = dict

    def names(self) -> dict[str, str]:
        """Return the code of every accepted word, folded."""
        found: dict[str, str] = {}
        for language in ("fr", "en"):
            with override(language):
                found |= {fold(str(label)): code for code, label in self.choices().items() if label}
        return found | {fold(code): code for code in self.choices()}

    def code_of(self, word: str, names: Mapping[str, str]) -> str:
        code = names.get(fold(word))
        if code is None:
            raise ValidationError(
                _("“%(value)s” is not one of the choices of this column."), params={"value": word[:80]}
            )
        return code

    def reader(self) -> Callable[[str], Any]:
        """Return a `parse` that looks the words up once for a whole file."""
        names = self.names()

        def parse(text: str) -> Any:
            return self.code_of(text, names) if text else Column.parse(self, text)

        return parse

    def show(self, value: Any) -> str:
        return self.choices().get(value, value or "")


class ManyColumn(ChoiceColumn):
    """Several codes, separated by semicolons."""

    def reader(self) -> Callable[[str], Any]:
        names = self.names()

        def parse(text: str) -> Any:
            return sorted({self.code_of(word, names) for word in text.split(";") if word.strip()})

        return parse

    def plain(self, value: Any) -> Any:
        return sorted(value or [])

    def show(self, value: Any) -> str:
        names = self.choices()
        return "; ".join(names.get(code, code) for code in value or [])


def words(
    items: Iterable[Any], code: Callable[[Any], str], label: Callable[[Any], Any]
) -> Callable[[], dict[str, str]]:
    """Return the `choices` of a column over `items`, worked out once per language."""
    kept: dict[str, dict[str, str]] = {}
    items = list(items)

    def choices() -> dict[str, str]:
        language = active_language()
        if language not in kept:
            kept[language] = {code(item): str(label(item)) for item in items}
        return kept[language]

    return choices


def as_text(value: Any) -> str:
    """Return a cell of a workbook as a person would have typed it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unguard(str(value).replace("\x00", "").strip())


def _csv_rows(data: bytes) -> list[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")  # what Excel writes under “CSV”
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [
            [as_text(cell) for cell in row[:MAX_COLUMNS]] for row, _n in zip(rows, range(MAX_ROWS + 2), strict=False)
        ]
    except csv.Error as error:
        raise Unreadable(_("This file cannot be read as CSV.")) from error


def _xlsx_rows(data: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise Unreadable(_("This workbook is too large."))
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        cells = sheet.iter_rows(max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS, values_only=True)
        return [[as_text(cell) for cell in row] for row in cells]
    except Unreadable:
        raise
    except Exception as error:  # the library raises many kinds for damaged files
        raise Unreadable(_("This file cannot be read as a workbook.")) from error


def read(name: str, data: bytes, columns: list[Column]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a file as (line, text of each known column). Raises Unreadable.

    The first line names the columns, in English or in French; unknown columns are refused by name, since a misspelt header
    would otherwise silently leave out what it holds.
    """
    if len(data) > MAX_BYTES:
        raise Unreadable(_("The file is larger than %(size)s MB.") % {"size": MAX_BYTES // 1024 // 1024})
    suffix = name.rpartition(".")[2].lower()
    if suffix not in ("csv", "xlsx"):
        raise Unreadable(_("Only CSV and XLSX files can be read."))
    rows = _xlsx_rows(data) if suffix == "xlsx" else _csv_rows(data)
    while rows and not any(rows[-1]):
        rows.pop()
    if len(rows) < 2:
        raise Unreadable(_("The file has no rows under its headers."))
    if len(rows) > MAX_ROWS + 1:
        raise Unreadable(_("The file has more than %(rows)s rows: hand it in in parts.") % {"rows": MAX_ROWS})
    names = _headers(rows[0], columns)
    found = []
    for line, row in enumerate(rows[1:], start=2):
        if any(row):
            texts = dict(zip(names, [*row, *[""] * (len(names) - len(row))], strict=False))
            found.append((line, {k: v[: MAX_CELL + 1] for k, v in texts.items() if k}))
    return found


def _headers(row: list[str], columns: list[Column]) -> list[str]:
    known = {fold(word): c.name for c in columns for word in (c.name, c.en, c.fr)}
    names = [known.get(fold(cell), "") for cell in row]
    unknown = [cell for cell, name in zip(row, names, strict=True) if cell and not name]
    if unknown:
        raise Unreadable(_("These headers are not known: %(names)s.") % {"names": ", ".join(unknown)[:300]})
    twice = {name for name in names if name and names.count(name) > 1}
    if twice:
        raise Unreadable(_("These headers stand there twice: %(names)s.") % {"names": ", ".join(sorted(twice))})
    missing = [c.header for c in columns if c.required and c.name not in names]
    if missing:
        raise Unreadable(_("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    return names


def write(columns: list[Column], rows: Iterable[Mapping[str, Any]], kind: str, title: str) -> bytes:
    """Return a file of `kind` ("csv" or "xlsx") in the active language; CSV begins with a mark so that Excel reads accents."""
    table = tablib.Dataset(headers=[column.header for column in columns], title=title[:31])
    for row in rows:
        table.append([column.cell(row[column.name]) for column in columns])
    if kind == "xlsx":
        return bytes(table.export("xlsx"))
    return b"\xef\xbb\xbf" + str(table.export("csv")).encode()


def check_decimal(low: int, high: int) -> Callable[[Any], None]:
    """Return a validator that keeps a decimal between `low` and `high`."""

    def check(value: Any) -> None:
        try:
            inside = low <= Decimal(value) <= high
        except InvalidOperation:
            inside = False
        if not inside:
            raise ValidationError(_("This must lie between %(low)s and %(high)s."), params={"low": low, "high": high})

    return check
