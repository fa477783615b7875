"""The list of meetings, and the public calendar that programs subscribe to. Constant queries at any size."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q, QuerySet, Value
from django.utils import timezone

from cmncp_portal.core.context import network
from cmncp_portal.core.entries import to_ics
from cmncp_portal.core.search import search_query
from cmncp_portal.core.text import active_language
from cmncp_portal.network.lists import fold
from cmncp_portal.network.models import Municipality, Region

from ..models import Meeting
from .entries import TONES, dated, entry_of
from .steps import Step, next_step
from .words import place_in_words

UPCOMING, PAST, ALL = "upcoming", "past", "all"
BEFORE, AHEAD = timedelta(days=92), timedelta(days=400)  # what a subscribed calendar holds
LONGEST = 200  # characters of a search that are looked at


def meeting_list(user: Any) -> QuerySet[Meeting]:
    """Return the meetings that `user` may see, with the places that a row names; `in_time` puts them in order."""
    return Meeting.objects.visible_to(user).with_places().defer("search_en", "search_fr", "notes_en", "notes_fr")


def in_time(rows: QuerySet[Meeting], when: str) -> QuerySet[Meeting]:
    """Return those of `rows` that are UPCOMING, nearest first; PAST, latest first; or ALL, latest first.

    Meetings whose date is yet to be set are upcoming and stand last among them, and first among all.
    """
    today = timezone.localdate()
    latest_first = (F("starts_on").desc(nulls_first=True), "-pk")
    if when == PAST:
        return rows.past(today).order_by(*latest_first)  # type: ignore[attr-defined]
    if when == ALL:
        return rows.order_by(*latest_first)
    nearest_first = (F("starts_on").asc(nulls_last=True), F("begins_at").asc(nulls_last=True), "pk")
    return rows.upcoming(today).order_by(*nearest_first)  # type: ignore[attr-defined]


def with_words(rows: QuerySet[Meeting], text: str) -> QuerySet[Meeting]:
    """Return those of `rows` whose title or summary holds the words of `text` in either language, accents folded."""
    english, french = search_query(text[:LONGEST], "en"), search_query(text[:LONGEST], "fr")
    return rows.filter(Q(search_en=english) | Q(search_fr=french))


def filter_choices(user: Any) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of the list's filters in one query: regions in their order, hosts of meetings that `user` sees.

    The values are the slugs, so that addresses can be read.
    """
    name = f"name_{active_language()}"
    regions = Region.objects.annotate(sort=Value("region")).values_list("sort", "order", "slug", name)
    hosts = Municipality.objects.filter(pk__in=Meeting.objects.visible_to(user).order_by().values("host"))
    places = hosts.annotate(sort=Value("host"), nth=Value(0)).values_list("sort", "nth", "slug", name)
    choices: dict[str, list[tuple[str, str]]] = {"region": [], "host": []}
    for sort, _order, slug, label in sorted(
        regions.order_by().union(places.order_by()), key=lambda row: (row[1], fold(row[3]))
    ):
        choices[sort].append((slug, label))
    return choices


@dataclass(frozen=True)
class Row:
    """One line of the list. `where` is the place in words, or "online"."""

    meeting: Meeting
    tone: str
    where: str
    step: Step


def listed(meetings: Iterable[Meeting]) -> list[Row]:
    """Return the rows for a page of `meeting_list`, in the active language."""
    language = active_language()
    return [
        Row(meeting, TONES[Meeting.State(meeting.state)], place_in_words(meeting, language), next_step(meeting))
        for meeting in meetings
    ]


def calendar_of_the_network(region: Region | None = None) -> str:
    """Return the calendar file of the public meetings, of `region` or of all, in the active language.

    It reaches from 92 days back to 400 days ahead.
    """
    today, language = timezone.localdate(), active_language()
    found = dated(AnonymousUser(), today - BEFORE, today + AHEAD, region)
    acronym = network(language).acronym
    name = f"{acronym} – {region}" if region else acronym
    return to_ics([entry_of(meeting) for meeting in found], language=language, name=name)
