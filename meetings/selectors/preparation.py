"""What the preparation page shows: what is missing and where it is done, the moves on offer, what to know about the host."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, prefetch_related_objects
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from cmncp_portal.core.checklist import Check, first_missing
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import Guard, Offer

from ..models import Meeting, MeetingChange, MeetingStateChange
from ..workflow import (
    MEETING,
    agenda_fits_the_days,
    agenda_is_in_both_languages,
    dates_lie_ahead,
    dates_of_the_poll_lie_ahead,
    has_dates,
    has_host_when_regional,
    has_place,
    has_titles,
    is_in_both_languages,
    names_its_languages,
    offers_three_dates,
    registration_ends_in_time,
    sessions_have_speakers,
    somebody_is_asked,
)

S = Meeting.State
NEAR = timedelta(days=30)

# Label, guards, and the page (URL name) where it is done.
Line = tuple[Any, tuple[Guard, ...], str]
POLL_LINES: tuple[Line, ...] = (
    (_("A title in both languages"), (has_titles,), "edit"),
    (_("Three to ten dates"), (offers_three_dates,), "slots"),
    (_("The last day for answers, before the first date"), (dates_of_the_poll_lie_ahead,), "slots"),
    (_("Whom you ask"), (somebody_is_asked,), "poll_people"),
)
ANNOUNCE_LINES: tuple[Line, ...] = (
    (_("Title and summary in both languages"), (is_in_both_languages,), "edit"),
    (_("Days and times"), (has_dates, dates_lie_ahead), "edit"),
    (_("The host"), (has_host_when_regional,), "edit"),
    (_("The place, and what people online need"), (has_place,), "edit"),
    (_("Working languages"), (names_its_languages,), "edit"),
    (_("The agenda in both languages"), (agenda_is_in_both_languages,), "agenda"),
    (_("Somebody who speaks in each session"), (sessions_have_speakers,), "agenda"),
    (_("An agenda within the days of the meeting"), (agenda_fits_the_days,), "agenda"),
    (_("When registration opens and closes"), (registration_ends_in_time,), "edit"),
)
# Moves that need more than a click have a page of their own.
PAGES = {"ask_for_dates": "poll", "fix_date": "fix_date", "announce": "announce", "set_new_date": "change"}


@dataclass(frozen=True)
class Preparation:
    """`checks` before the next step; `pages` are moves with a page of their own (offer, URL name), `moves` the others."""

    checks: list[Check]
    pages: list[tuple[Offer, str]]
    moves: list[Offer]

    @property
    def first_missing(self) -> Check | None:
        return first_missing(self.checks)


def lines_for(meeting: Meeting) -> tuple[Line, ...]:
    """Return what has to be there before the next step: before people are asked for dates, or before the announcement."""
    if meeting.state == S.IDEA:
        return POLL_LINES
    return ANNOUNCE_LINES if meeting.state in (S.POLLING, S.SCHEDULED) else ()


def preparation(meeting: Meeting, user: Any) -> Preparation:
    """Return the checklist and the moves that `user` may make, in the active language; each guard is asked once."""
    known: dict[Guard, Any] = {}

    def ask(guard: Guard) -> Any:
        if guard not in known:
            known[guard] = guard(meeting)
        return known[guard]

    checks = [
        Check(str(label), str(_first(guards, ask) or ""), _url(_place(page, guards, meeting), meeting, user))
        for label, guards, page in lines_for(meeting)
    ]
    offered = [
        Offer(move, _first(move.guards, ask))
        for move in MEETING
        if meeting.state in move.sources and user.has_perm(move.permission, meeting)
    ]
    pages = [(o, f"meetings:{PAGES[o.transition.name]}") for o in offered if o.transition.name in PAGES]
    return Preparation(checks, pages, [o for o in offered if o.transition.name not in PAGES])


def _first(guards: tuple[Guard, ...], ask: Callable[[Guard], Any]) -> Any:
    return next((reason for guard in guards if (reason := ask(guard))), None)


def _place(page: str, guards: tuple[Guard, ...], meeting: Meeting) -> str:
    """While people are asked, the date is fixed from their answers."""
    return "fix_date" if has_dates in guards and meeting.state == S.POLLING else page


def _url(page: str, meeting: Meeting, user: Any) -> str:
    """Where `user` does it; nothing for who may only read what is missing."""
    may = user.has_perm("meetings.organise", meeting) or (
        page == "agenda" and user.has_perm("meetings.keep_agenda", meeting)
    )
    return reverse(f"meetings:{page}", args=[meeting.slug]) if may else ""


def warnings(meeting: Meeting) -> list[str]:
    """Return what is unusual and yet allowed, in the active language."""
    found = []
    host, region = meeting.host, meeting.region
    if host and region and host.province not in region.provinces:
        words = {"host": host, "region": region}
        found.append(_t("%(host)s lies outside the region “%(region)s”.") % words)
    return found


def other_meetings_of_host(meeting: Meeting, user: Any) -> list[Meeting]:
    """Return other meetings that the host receives within 30 days of this one, as far as `user` may know of them. One query."""
    if meeting.state in (S.HELD, S.CANCELLED) or not meeting.host_id or not meeting.starts_on or not meeting.ends_on:
        return []
    rows = Meeting.objects.visible_to(user).filter(host=meeting.host_id).exclude(pk=meeting.pk)
    near = rows.filter(starts_on__lte=meeting.ends_on + NEAR, ends_on__gte=meeting.starts_on - NEAR)
    live = near.exclude(state__in=[S.CANCELLED, S.POSTPONED]).order_by("starts_on", "pk")
    return list(live.only("slug", "title_en", "title_fr", "starts_on", "ends_on"))


def for_preparation(user: Any, slug: str) -> QuerySet[Meeting]:
    """Return the meeting with `slug` if `user` may know of it, with its places and its history: one query when read.

    Adds `moves` and `told`, which `history` puts into words.
    """
    rows = Meeting.objects.visible_to(user).filter(slug=slug).with_places().select_related("organised_by")
    moves = MeetingStateChange.objects.filter(meeting=OuterRef("pk")).order_by("at", "pk")
    told = MeetingChange.objects.filter(meeting=OuterRef("pk")).order_by("at", "pk")
    found = rows.annotate(
        moves=ArraySubquery(moves.values(one=JSONObject(at="at", transition="transition", by="by_name", note="note"))),
        told=ArraySubquery(told.values(one=JSONObject(at="at", en="text_en", fr="text_fr", by="by_name"))),
    )
    return found.defer("search_en", "search_fr", "notes_en", "notes_fr")


def fetch_what_guards_read(meeting: Meeting) -> None:
    """Fetch once what the guards of the next step look at: the proposed dates, or the agenda with its speakers."""
    if meeting.state == S.IDEA:
        prefetch_related_objects([meeting], "slots")
    elif meeting.state in (S.POLLING, S.SCHEDULED):
        prefetch_related_objects([meeting], "agenda__speakers")


def history(meeting: Any) -> list[dict[str, Any]]:
    """Return what happened, newest first, as the timeline shows it: moves, and changes that people were told.

    `meeting` is from `for_preparation`.
    """
    language = active_language()
    entries = [
        {"at": datetime.fromisoformat(c["at"]), "text": _happened(c["transition"]), "by": c["by"], "note": c["note"]}
        for c in meeting.moves
    ]
    entries += [
        {"at": datetime.fromisoformat(c["at"]), "text": c[language], "by": c["by"], "note": ""} for c in meeting.told
    ]
    begun = {
        "at": meeting.created_at,
        "text": pgettext("meeting", "Begun"),
        "by": str(meeting.organised_by or ""),
        "note": "",
    }
    return sorted([*entries, begun], key=lambda entry: entry["at"], reverse=True)


def _happened(transition: str) -> Any:
    if transition in MEETING.transitions:
        return MEETING[transition].happened
    return _t("Recorded from a source")
