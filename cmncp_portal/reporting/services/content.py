"""What a frozen report says in one language, as plain values, ready to be laid out on paper or in Word.

Blocks are those of `knowledge.services.formats_blocks`: paragraphs, headings, lists and tables of runs.
"""

from datetime import date
from typing import Any

from django.utils import timezone, translation

from cmncp_portal.core.context import network
from cmncp_portal.core.dates import day_in_words, days_in_words
from cmncp_portal.core.text import LanguageText
from knowledge.services.formats_blocks import Block, Run, heading, items, paragraph, run

from ..models import Snapshot
from ..selectors.reports import Part
from ..selectors.snapshots import hidden_of, parts_of, title_of
from ..selectors.tables import Line, Told
from ..selectors.wording import WORDS

FIGURE = 3  # level of its heading, below the report and its section


def content_of(snapshot: Snapshot, language: str) -> dict[str, Any]:
    """Return what `snapshot` says in `language` ("en" or "fr"). Nothing but the snapshot is read."""
    with translation.override(language):
        words = WORDS[language]
        frozen_on = timezone.localdate(snapshot.frozen_at, timezone.get_default_timezone())
        return {
            "language": language,
            "title": str(title_of(snapshot, language)),
            "network": network(language).name,
            "line": line_of(snapshot, language),
            "day": day_in_words(frozen_on, language),
            "date": frozen_on.isoformat(),
            "foot": f"{network(language).acronym} · {title_of(snapshot, language)} ({snapshot.number})",
            "notices": [paragraph(run(text)) for text in _notices(snapshot, language)],
            "sections": [_section(part, language) for part in parts_of(snapshot, language)]
            + [{"title": words["about"], "blocks": [paragraph(run(frozen_in_words(snapshot, language)))]}],
        }


def line_of(snapshot: Snapshot, language: str) -> str:
    """Return for whom and about which period the report is."""
    words, told = WORDS[language], snapshot.content
    period = _days(told["from_on"], told["until_on"], language)
    line = words["line" if told["funder"] else "line_alone"].format(funder=told["funder"], period=period) + "."
    if told["compares_from_on"]:
        before = _days(told["compares_from_on"], told["compares_until_on"], language)
        line += " " + words["compared"].format(period=before)
    return line


def frozen_in_words(snapshot: Snapshot, language: str) -> str:
    """Return when it was frozen, by whom, under which number and which definitions."""
    day = timezone.localdate(snapshot.frozen_at, timezone.get_default_timezone())
    return WORDS[language]["frozen"].format(
        day=day_in_words(day, language),
        by=snapshot.by_name,
        number=snapshot.number,
        version=snapshot.definitions,
    )


def _days(first: str, last: str, language: str) -> str:
    return days_in_words(date.fromisoformat(first), date.fromisoformat(last), language)


def _notices(snapshot: Snapshot, language: str) -> list[str]:
    note = snapshot.note_fr if language == "fr" else snapshot.note_en
    hidden = WORDS[language]["why_hidden"] if hidden_of(snapshot) else ""
    return [text for text in (note, hidden) if text]


def _section(part: Part, language: str) -> dict[str, Any]:
    blocks = [paragraph(_written(text, part.text, language)) for text in _paragraphs(part.text)]
    if part.cases:
        blocks.append(paragraph(run(WORDS[language]["cases"])))
        cases = [[paragraph(_written(str(case["title"]), case["title"], language))] for case in part.cases]
        blocks.append(items(cases))
    for figure in part.figures:
        blocks += _figure(figure, language)
    return {"title": part.name, "blocks": blocks}


def _paragraphs(text: str) -> list[str]:
    return [" ".join(lines.split()) for lines in text.replace("\r\n", "\n").split("\n\n") if lines.strip()]


def _written(text: str, source: Any, language: str) -> Run:
    """What people wrote, marked where it is there in the other language only."""
    lang = source.lang if isinstance(source, LanguageText) else language
    return run(text, lang="" if lang == language else lang)


def _figure(figure: Told, language: str) -> list[Block]:
    words = WORDS[language]
    blocks = [
        heading(FIGURE, run(figure.name)),
        paragraph(run(words["definition"], bold=True), run(figure.definition)),
        paragraph(run(words["source"], bold=True), run(figure.source)),
        {
            "kind": "table",
            "head": [[run(text)] for text in _head(figure, words)],
            "rows": [[[run(text)] for text in _row(one, figure, words)] for one in figure.lines],
        },
    ]
    if figure.left_out:
        blocks.append(paragraph(run(figure.left_out)))
    return blocks


def _head(figure: Told, words: dict[str, str]) -> list[str]:
    then = [words["before"], words["n_before"], words["change"]] if figure.is_compared else []
    return [words["group"], words["value"], words["n"], words["of"], *then]


def _row(one: Line, figure: Told, words: dict[str, str]) -> list[str]:
    label = one.label if one.is_total else words["within"].format(one.dimension, one.label)
    then = [one.before, one.n_before, one.change] if figure.is_compared else []
    return [label, one.value, one.n, one.of, *then]
