"""The commitments of the network as a file."""

from collections.abc import Iterator
from typing import Any

from cmncp_portal.network.lists import Column, write

from .models import Commitment
from .selectors.commitments import last_words

COLUMNS = [
    Column("municipality", "Municipality", "Municipalité"),
    Column("province", "Province or territory", "Province ou territoire"),
    Column("text", "What it means to do", "Ce qu’elle compte faire"),
    Column("owner", "Who sees to it", "Qui s’en charge"),
    Column("made", "Made on", "Pris le"),
    Column("due", "Until", "D’ici le"),
    Column("state", "How far", "Où on en est"),
    Column("ended", "Done or abandoned on", "Fait ou abandonné le"),
    Column("said", "What was said last", "Dernier message"),
    Column("link", "Document that shows it", "Document qui le montre"),
    Column("dollars", "Dollars invested", "Dollars investis"),
    Column("source", "Where it comes from", "D’où il vient"),
    Column("title", "Title of the source", "Titre de la source"),
    Column("seen_in", "Where it was seen", "Où cela a été vu"),
    Column("programme", "Programme", "Programme"),
    Column("check", "Check of the strategy", "Point de la stratégie"),
]
NAMES = ("owner",)


def _rows(found: list[Commitment]) -> Iterator[dict[str, Any]]:
    words = last_words(found)
    for one in found:
        last = words.get(one.pk)
        yield {
            "municipality": one.municipality.name,
            "province": one.municipality.get_province_display(),
            "text": one.text,
            "owner": one.owner_name,
            "made": one.made_on,
            "due": one.due_on,
            "state": one.get_state_display(),
            "ended": one.ended_on,
            "said": last.note if last else "",
            "link": last.evidence_url if last else "",
            "dollars": one.invested,  # type: ignore[attr-defined]
            "source": one.get_source_display(),
            "title": one.source_title,
            "seen_in": one.seen_in.name if one.seen_in else "",
            "programme": one.programme.name if one.programme else "",
            "check": one.check_item.text if one.check_item else "",
        }


def as_csv(rows: Any, *, with_names: bool) -> bytes:
    """Return `rows` (of selectors.commitments.for_page) as CSV in the active language, in two queries.

    Who sees to it is in the file only `with_names`.
    """
    columns = [column for column in COLUMNS if with_names or column.name not in NAMES]
    return write(columns, _rows(list(rows)), "csv", "")
