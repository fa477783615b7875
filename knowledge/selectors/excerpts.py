"""Where the words of a search stand in a text: the database finds them in the folded text, here they are marked in the text as written."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.postgres.search import SearchHeadline
from django.db.models import Func, TextField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from cmncp_portal.core.search import CONFIG, Fold, search_query

START, STOP = "\x02", "\x03"  # no keyboard types them; they become <mark> after everything else is escaped
WORDS_SHOWN = 40
AS_WRITTEN = ("fr",)
_LIGATURES = {"œ": "oe", "æ": "ae"}
_HIDDEN = str.maketrans(dict.fromkeys("<>&’\x02\x03", " "))
_MARKDOWN = re.compile(r"\]\([^)\s]*\)|[*_`#|\[\]]+|^\s*>", re.MULTILINE)


class Hidden(Func):
    """A text in which what the database would take for markup or for our marks is replaced by spaces, one for one."""

    template = "translate(%(expressions)s, '<>&’' || chr(2) || chr(3), '      ')"
    output_field = TextField()


def headline(text: Any, typed: str, language: str, *, whole: bool = False, folded: bool = False) -> SearchHeadline:
    """Return an expression for the passage of `text` where most of the `typed` words stand, words between marks.

    With `whole` it is all of the text. It is asked for `folded`, and in the languages of AS_WRITTEN as written too: only by
    its accent is « municipalités » known to be of one stem with « municipal », and only without one « ecole » is « école ».
    `marked` makes of both what is shown. Costly: only for the rows of a page.
    """
    options: dict[str, Any] = {"highlight_all": True} if whole else {"max_words": WORDS_SHOWN, "min_words": 20}
    query = search_query(_any_of(typed), language)
    searched = Hidden(Fold(text) if folded else text)
    return SearchHeadline(searched, query, config=CONFIG[language], start_sel=START, stop_sel=STOP, **options)


def _any_of(typed: str) -> str:
    """Words of which one is enough: some may stand in the title only. Those that may not occur are left out."""
    wanted = re.sub(r'(?<!\S)-("[^"]*"?|\S+)', " ", typed)
    return " or ".join(word for word in re.findall(r"\w+", wanted) if word.casefold() not in ("or", "and"))


def marked(text: str, written: str, folded: str) -> SafeString | None:
    """Return the passage of `text` that the two headlines of it stand for, safe, its words in <mark>; None without any.

    When they are of different passages, the one with more marks is shown; of the same, the marks of both.
    """
    places = [where for where in (_where(text, written, _as_written), _where(text, folded, _folded)) if where]
    if not places:
        return None
    best = max(places, key=lambda where: len(where.marks))
    marks = {mark for where in places for mark in where.marks if best.start <= mark[0] and mark[1] <= best.end}
    return _shown(text, best.start, best.end, sorted(marks))


@dataclass(frozen=True)
class _Where:
    """A passage of a text and the words in it, by the places of their first letters and behind their last."""

    start: int
    end: int
    marks: list[tuple[int, int]]


def _where(text: str, found: str, read: Callable[[str], tuple[str, list[int]]]) -> _Where | None:
    """Find in `text` the passage `found`, which stands in what `read` makes of it; None without a mark."""
    if START not in found:
        return None
    searched, places = read(text)
    start = at = searched.find(found.replace(START, "").replace(STOP, ""))
    if start < 0:
        return None
    marks = []
    for index, part in enumerate(re.split(f"[{START}{STOP}]", found)):
        if index % 2:
            marks.append((places[at], places[at + len(part)]))
        at += len(part)
    return _Where(places[start], places[at], marks)


def _shown(text: str, start: int, end: int, marks: list[tuple[int, int]]) -> SafeString:
    pieces, at = [], start
    for first, behind in marks:
        if first >= at:
            pieces += [("", text[at:first]), ("mark", text[first:behind])]
            at = behind
    pieces.append(("", text[at:end]))
    plain = [(tag, re.sub(r"\s+", " ", _MARKDOWN.sub("", words))) for tag, words in pieces]
    plain[0], plain[-1] = ("", plain[0][1].lstrip()), ("", plain[-1][1].rstrip())
    shown = [format_html("<mark>{}</mark>", words) if tag else format_html("{}", words) for tag, words in plain]
    before, after = "… " if text[:start].strip() else "", " …" if text[end:].strip() else ""
    return format_html("{}{}{}", before, format_html_join("", "{}", ((piece,) for piece in shown)), after)


def beginning(text: str) -> SafeString:
    """Return the first words of a Markdown `text` as plain text, safe."""
    plain = " ".join(_MARKDOWN.sub("", text[:2000]).split())
    return format_html("{}", Truncator(plain).words(WORDS_SHOWN, truncate=" …"))


def _as_written(text: str) -> tuple[str, list[int]]:
    """Return `text` as `Hidden` gives it, and for each of its characters (and the end) the place in `text`."""
    return text.translate(_HIDDEN), list(range(len(text) + 1))


def _folded(text: str) -> tuple[str, list[int]]:
    """Return `text` as `Hidden` gives it folded, and for each of its characters (and the end) the place in `text`."""
    letters, places = [], []
    for place, letter in enumerate(text):
        for part in _fold_letter(letter):
            letters.append(part)
            places.append(place)
    return "".join(letters), [*places, len(text)]


@cache
def _fold_letter(letter: str) -> str:
    return "".join(_parts(letter)).translate(_HIDDEN)


def _parts(letter: str) -> Iterator[str]:
    for part in unicodedata.normalize("NFD", letter.lower()):
        if not "\u0300" <= part <= "\u036f":
            yield _LIGATURES.get(part, part)
