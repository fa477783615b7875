"""The agenda as people read it: days, what is on at the same time, and where two things clash."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time
from hashlib import sha256
from itertools import combinations, groupby
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cmncp_portal.core.dates import clock_in_words
from cmncp_portal.network.models import Stakeholder

from ..models import AgendaItem, Material, Meeting, Speaker, SpokenLanguage
from ..workflow import agenda_fits_the_days, agenda_is_in_both_languages, missing, sessions_have_speakers

K = AgendaItem.Kind
ALONE = (K.PLENARY, K.KEYNOTE, K.GENERAL_MEETING)  # everybody is meant to be there
ON_PAGE = (Material.Kind.BRIEF, Material.Kind.LINK, Material.Kind.SLIDES)  # links that belong to a session's own form


@dataclass(frozen=True)
class Clash:
    """Two sessions, or a session and the meeting's own times, that do not go together. `words` in the active language."""

    words: str
    items: frozenset[int]


@dataclass(frozen=True)
class Session:
    """One point of the agenda with what is said about it; `lacks` is what it needs before the announcement."""

    item: AgendaItem
    people: list[Speaker]
    materials: list[Material]
    clashes: list[str]
    lacks: list[str]

    @property
    def language_words(self) -> str:
        """Return "In French, with interpretation"; nothing for a break, where everybody speaks as they like."""
        if self.item.kind == K.BREAK:
            return ""
        spoken = {
            SpokenLanguage.ENGLISH: pgettext("session", "In English"),
            SpokenLanguage.FRENCH: pgettext("session", "In French"),
            SpokenLanguage.BOTH: pgettext("session", "In English and French"),
        }[SpokenLanguage(self.item.language)]
        interpreted = pgettext("session", "with interpretation")
        return f"{spoken}, {interpreted}" if self.item.interpretation else spoken


@dataclass(frozen=True)
class Slot:
    """What begins at the same time of a day, in order; more than one are parallel."""

    starts_at: time
    ends_at: time
    sessions: list[Session]

    @property
    def is_parallel(self) -> bool:
        return len(self.sessions) > 1


@dataclass(frozen=True)
class Day:
    """A day of the meeting; `day` is None while no date is set, and for a day after the last one."""

    number: int
    day: date | None
    slots: list[Slot]

    @property
    def sessions(self) -> list[Session]:
        return [session for slot in self.slots for session in slot.sessions]


def agenda_days(meeting: Meeting, *, for_participants: bool = False) -> list[Day]:
    """Return the days of `meeting` with their sessions in order; those that begin together stand in one slot.

    Every day of the meeting is there, empty or not, and days after the last one that have sessions. Materials are those for
    everybody who sees the meeting, or all of them with `for_participants`. At most three queries.
    """
    items = items_of(meeting)
    found = clashes_of(meeting, items)
    dates: list[date | None] = list(meeting.days)
    last = max([len(dates), *(item.day for item in items)])
    by_day: dict[int, list[AgendaItem]] = {number: [] for number in range(1, last + 1)}
    for item in items:
        by_day[item.day].append(item)
    return [
        Day(
            number,
            dates[number - 1] if number <= len(dates) else None,
            [_slot(slot, found, for_participants) for slot in slots_of(day_items)],
        )
        for number, day_items in by_day.items()
        if day_items or number <= len(dates)
    ]


def items_of(meeting: Meeting) -> list[AgendaItem]:
    """Return the points of the agenda in order, with speakers and materials; those fetched with the meeting where they were."""
    if "agenda" in getattr(meeting, "_prefetched_objects_cache", {}):
        return sorted(meeting.agenda.all(), key=lambda item: (item.day, item.starts_at, item.order, item.pk))
    return list(meeting.agenda.prefetch_related("speakers", Prefetch("materials", Material.objects.order_by("pk"))))


def slots_of(items: Iterable[AgendaItem]) -> list[list[AgendaItem]]:
    """Return the `items` of one day, which stand in order, as groups that begin at the same time."""
    return [list(group) for _starts_at, group in groupby(items, key=lambda item: item.starts_at)]


def _slot(items: list[AgendaItem], found: list[Clash], for_participants: bool) -> Slot:
    sessions = [
        Session(
            item,
            list(item.speakers.all()),
            [m for m in item.materials.all() if for_participants or m.access == Material.Access.AUDIENCE],
            [clash.words for clash in found if item.pk in clash.items],
            _lacks(item),
        )
        for item in items
    ]
    return Slot(items[0].starts_at, max(item.ends_at for item in items), sessions)


def _lacks(item: AgendaItem) -> list[str]:
    lacks = []
    if not (item.title_en and item.title_fr):
        lacks.append(_("It has a title in one language only."))
    if item.needs_speakers and not item.speakers.all():
        lacks.append(_("It has no speaker yet."))
    return lacks


def agenda_checklist(meeting: Meeting) -> list[str]:
    """Return what the agenda lacks before the meeting can be announced, in the active language."""
    return missing(meeting, (agenda_is_in_both_languages, sessions_have_speakers, agenda_fits_the_days))


def clashes_of(meeting: Meeting, items: list[AgendaItem] | None = None) -> list[Clash]:
    """Return each clash once, in the order of the agenda. They warn, and never forbid."""
    items = items_of(meeting) if items is None else items
    found = [Clash(words, frozenset({item.pk})) for item in items for words in _beyond(meeting, item)]
    for one, other in combinations(items, 2):
        if one.overlaps(other):
            found += [Clash(words, frozenset({one.pk, other.pk})) for words in _between(one, other)]
    return found


def _beyond(meeting: Meeting, item: AgendaItem) -> Iterator[str]:
    if meeting.days and item.day > len(meeting.days):
        yield _("“%(title)s” lies after the last day of the meeting.") % {"title": item.title}
        return
    begins, finishes = meeting.begins_at, meeting.finishes_at
    if (begins and item.starts_at < begins) or (finishes and item.ends_at > finishes):
        yield _("“%(title)s” lies outside the hours of the meeting (%(begins)s – %(finishes)s).") % {
            "title": item.title,
            "begins": clock_in_words(begins) if begins else "…",
            "finishes": clock_in_words(finishes) if finishes else "…",
        }


def _between(one: AgendaItem, other: AgendaItem) -> Iterator[str]:
    titles = {"one": one.title, "other": other.title}
    room = one.room.strip()
    if room and room.casefold() == other.room.strip().casefold():
        yield _("“%(one)s” and “%(other)s” use the same room at the same time: %(room)s.") % (titles | {"room": room})
    elsewhere = {speaker.identity for speaker in other.speakers.all()}
    twice = {speaker.identity: speaker.name for speaker in one.speakers.all() if speaker.identity in elsewhere}
    for name in twice.values():
        yield _("%(name)s is needed in “%(one)s” and in “%(other)s” at the same time.") % (titles | {"name": name})
    if K.BREAK not in (one.kind, other.kind) and (one.kind in ALONE or other.kind in ALONE):
        whole, beside = (one, other) if one.kind in ALONE else (other, one)
        yield _("“%(whole)s” is for everybody, but “%(beside)s” is on at the same time.") % {
            "whole": whole.title,
            "beside": beside.title,
        }


def agenda_closed(meeting: Meeting, user: Any) -> str:
    """Return why `user`, who otherwise may, cannot change the agenda now, in the active language; empty when it is open."""
    if meeting.state == Meeting.State.CANCELLED:
        return _("The meeting is cancelled: its agenda stays as it was.")
    if meeting.state == Meeting.State.HELD and not user.has_perm("meetings.organise", meeting):
        return _("The meeting took place: only the network still corrects its agenda.")
    return ""


def mark_of(items: Iterable[AgendaItem]) -> str:
    """Return a short text that is another one as soon as a session is added, removed, changed or moved."""
    seen = sorted((item.pk, item.version, item.order) for item in items)
    return sha256(repr(seen).encode()).hexdigest()[:16]


def people_to_choose(user: Any, item: AgendaItem | None = None) -> dict[str, Stakeholder]:
    """Return whom `user` may name as a speaker, by "name (municipality)", in order of names.

    Those are the people of the network whom `user` may know; whoever speaks in `item` already can stay. One query.
    """
    known = Stakeholder.objects.visible_to(user).current().select_related("municipality")
    if item is not None:
        there = [speaker.stakeholder_id for speaker in item.speakers.all() if speaker.stakeholder_id]
        known = known | Stakeholder.objects.filter(pk__in=there).select_related("municipality")
    return {label_of(person): person for person in known.order_by("name", "pk")}


def label_of(person: Stakeholder) -> str:
    """Return "Helen Friesen (Winnipeg)"."""
    return f"{person.name} ({person.municipality})"


def was_on_agenda(meeting: Meeting, pk: int) -> bool:
    """Tell whether the session `pk`, which is no more, once stood on the agenda of `meeting`: from its history."""
    history: Any = AgendaItem.events.rel.related_model  # type: ignore[attr-defined]
    return history.objects.filter(pgh_obj_id=pk, meeting_id=meeting.pk).exists()
