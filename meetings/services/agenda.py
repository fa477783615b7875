"""The agenda: sessions, who speaks, what belongs to them, their order. Clashes are shown, never forbidden.

After the announcement a cancelled session and a changed time are kept for the history that everybody reads. Nobody gets a
letter: the meeting itself has not moved.
"""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import clock_in_words, day_in_words
from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.text import active_language, pick
from cmncp_portal.core.workflow import TransitionRefused

from ..models import AgendaItem, Material, Meeting, MeetingChange, Speaker
from ..selectors.agenda import agenda_closed, mark_of, slots_of

# Who speaks: a stakeholder or a name, and what is known of the person. A link: the pk of one that stands already, or None.
Line = Mapping[str, Any]
WHEN = ("day", "starts_at", "ends_at")


def _open(meeting: Meeting, by: Any) -> Meeting:
    """Return the meeting, locked and fresh, if `by` may change its agenda now."""
    rows = Meeting.objects.select_for_update(of=("self",)).defer("search_en", "search_fr")
    locked = rows.get(pk=meeting.pk)
    if not by.has_perm("meetings.keep_agenda", locked):
        raise PermissionDenied
    reason = agenda_closed(locked, by)
    if reason:
        raise TransitionRefused(reason)
    return locked


def _stored(item: AgendaItem, meeting: Meeting) -> AgendaItem:
    """The session as it stands in the database; somebody may have removed it meanwhile."""
    found = AgendaItem.objects.filter(pk=item.pk, meeting=meeting).first()
    if found is None:
        raise TransitionRefused(_("This session was taken off the agenda."), done_already=True)
    found.meeting = meeting
    return found


def _check(item: AgendaItem) -> None:
    """Raise TransitionRefused if `item` cannot stand on the agenda as it is."""
    if not (item.title_en or item.title_fr):
        raise TransitionRefused(_("Give the session a title."))
    if item.meeting.published_at and not (item.title_en and item.title_fr):
        raise TransitionRefused(_("The meeting is announced: give the title in both languages."))
    if item.ends_at <= item.starts_at:
        raise TransitionRefused(_("It ends before it begins."))


def _last_place(item: AgendaItem) -> int:
    """The place after those that begin at the same time."""
    beside = AgendaItem.objects.filter(meeting=item.meeting, day=item.day, starts_at=item.starts_at)
    return max(beside.exclude(pk=item.pk).values_list("order", flat=True), default=-1) + 1


@transaction.atomic
def add_item(
    meeting: Meeting, *, by: Any, speakers: Iterable[Line] = (), links: Iterable[Line] = (), **fields: Any
) -> AgendaItem:
    """Add a session, last among those that begin at the same time; return it.

    A speaker has `stakeholder` or `name`, and optionally title, organisation, email, language, role; a link has `title`, `url`
    and optionally `kind`. Raises TransitionRefused with the reason, PermissionDenied to who may not keep the agenda.
    """
    item = AgendaItem(meeting=_open(meeting, by), **fields)
    _check(item)
    item.order = _last_place(item)
    item.save()
    _write_speakers(item, speakers)
    _write_links(item, links, by)
    return item


@transaction.atomic
def keep_item(
    item: AgendaItem,
    *,
    seen: int,
    by: Any,
    speakers: Iterable[Line] | None = None,
    links: Iterable[Line] | None = None,
    **fields: Any,
) -> None:
    """Change a session; who speaks and its links too when they are given (as in `add_item`; a link with an empty address goes).

    Raises Conflict when somebody saved since version `seen`, with nothing written.
    """
    meeting = _open(item.meeting, by)
    before, after = _stored(item, meeting), _stored(item, meeting)
    for name, value in fields.items():
        setattr(after, name, value)
    _check(after)
    if (before.day, before.starts_at) != (after.day, after.starts_at):
        fields["order"] = _last_place(after)
    save_version(item, seen=seen, fields=fields)
    if speakers is not None:
        _write_speakers(item, speakers)
    if links is not None:
        _write_links(item, links, by)
    _tell_new_times(before, after, by)


@transaction.atomic
def move_item(item: AgendaItem, *, by: Any, step: int) -> None:
    """Move a session one place up (`step` -1) or down (1) among its day.

    Parallel sessions change their order. One that is alone at its time changes times with what comes before or after; each
    keeps its length. Raises TransitionRefused at the end of the line.
    """
    meeting = _open(item.meeting, by)
    stored = _stored(item, meeting)
    slots = slots_of(AgendaItem.objects.filter(meeting=meeting, day=stored.day))
    mine = next(n for n, slot in enumerate(slots) if stored in slot)
    if len(slots[mine]) > 1:
        _move_within(slots[mine], slots[mine].index(stored), step)
        return
    if not 0 <= mine + step < len(slots):
        raise TransitionRefused(_("It is at the end of its day already."), done_already=True)
    first, second = sorted((mine, mine + step))
    _exchange_times(slots[first], slots[second], meeting, by)


def _move_within(slot: list[AgendaItem], place: int, step: int) -> None:
    if not 0 <= place + step < len(slot):
        raise TransitionRefused(_("It is at the end of the sessions of this time already."), done_already=True)
    slot[place], slot[place + step] = slot[place + step], slot[place]
    _number([slot])


def _number(slots: Iterable[list[AgendaItem]]) -> None:
    """Write the order in which the items of each slot stand. No new version: it is not in anybody's form."""
    moved = []
    for slot in slots:
        for place, item in enumerate(slot):
            if item.order != place:
                item.order = place
                moved.append(item)
    AgendaItem.objects.bulk_update(moved, ["order"])


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _exchange_times(early: list[AgendaItem], late: list[AgendaItem], meeting: Meeting, by: Any) -> None:
    """`late` begins where `early` did, and `early` ends where `late` did: lengths are kept, and so is a pause between them."""
    start, end = _minutes(early[0].starts_at), max(_minutes(item.ends_at) for item in late)
    late_start = _minutes(late[0].starts_at)
    late_length = end - late_start
    early_length = max(_minutes(item.ends_at) for item in early) - start
    new_start = max(end - early_length, start + late_length)
    if new_start + early_length >= 24 * 60:
        raise TransitionRefused(_("The day is too short to exchange them."))
    for items, shift in ((late, start - late_start), (early, new_start - start)):
        for item in items:
            before = AgendaItem(meeting=meeting, day=item.day, starts_at=item.starts_at, ends_at=item.ends_at)
            item.meeting = meeting
            item.starts_at = _clock(_minutes(item.starts_at) + shift)
            item.ends_at = _clock(_minutes(item.ends_at) + shift)
            AgendaItem.objects.filter(pk=item.pk).update(
                starts_at=item.starts_at, ends_at=item.ends_at, version=F("version") + 1, updated_at=timezone.now()
            )
            _tell_new_times(before, item, by)


@transaction.atomic
def reorder(meeting: Meeting, *, by: Any, order: list[int], seen: str) -> str:
    """Put parallel sessions into the order in which they stand in `order`, the pks of the whole agenda; return the new mark.

    Times stay: only those that begin together change places. Raises Conflict when the agenda is another one than that of the
    mark `seen` (`selectors.agenda.mark_of`), with nothing written.
    """
    meeting = _open(meeting, by)
    items = {item.pk: item for item in AgendaItem.objects.filter(meeting=meeting)}
    if mark_of(items.values()) != seen or sorted(order) != sorted(items):
        raise Conflict(meeting)
    slots: dict[tuple[int, time], list[AgendaItem]] = {}
    for pk in order:
        slots.setdefault((items[pk].day, items[pk].starts_at), []).append(items[pk])
    _number(slots.values())
    return mark_of(items.values())


@transaction.atomic
def remove_item(item: AgendaItem, *, by: Any) -> None:
    """Take a session off the agenda. Its materials stay with the meeting; one in which attendance was noted stays itself."""
    meeting = _open(item.meeting, by)
    stored = _stored(item, meeting)
    if stored.attendance.exists():
        raise TransitionRefused(_("Attendance was noted in this session: it stays on the agenda."))
    when = {code: _when(stored, code) for code in ("en", "fr")}
    title = {code: pick(stored.title_en, stored.title_fr, code) for code in ("en", "fr")}
    stored.delete()
    _note(
        meeting,
        by,
        en=f"Session cancelled: {title['en']} ({when['en']})",
        fr=f"Séance annulée\u00a0: {title['fr']} ({when['fr']})",
    )


def _write_speakers(item: AgendaItem, speakers: Iterable[Line]) -> None:
    """Put `speakers`, in their order, in the place of those who stood there."""
    there: set[int | None] = set(item.speakers.values_list("stakeholder", flat=True))
    item.speakers.all().delete()
    Speaker.objects.bulk_create([_speaker(item, place, line, there) for place, line in enumerate(speakers)])


def _speaker(item: AgendaItem, place: int, line: Line, there: set[int | None]) -> Speaker:
    """What was not said about a stakeholder who is new here is taken from the network's list; what was emptied stays so."""
    person = line.get("stakeholder")
    known: dict[str, Any] = {"name": person.name} if person else {}
    if person is not None and person.pk not in there:
        known = {
            "name": person.name,
            "title": person.title,
            "organisation": person.organisation or str(person.municipality),
            "email": person.email,
            "language": person.language,
        }
    said = {name: line[name] for name in ("name", "title", "organisation", "email", "language") if line.get(name)}
    role = line.get("role") or Speaker.Role.SPEAKER
    return Speaker(item=item, stakeholder=person, order=place, role=role, **(known | said))


def _write_links(item: AgendaItem, links: Iterable[Line], by: Any) -> None:
    """Add, change and take away links; those that are not named stay, for somebody may have added them meanwhile."""
    standing = {material.pk: material for material in item.materials.exclude(url="")}
    title = f"title_{active_language()}"
    for line in links:
        material = standing.get(line.get("pk") or 0)
        if material is None and line["url"]:
            Material.objects.create(
                meeting_id=item.meeting_id,
                item=item,
                kind=line.get("kind") or Material.Kind.LINK,
                url=line["url"],
                language=item.language,
                added_by=by,
                **{title: line["title"]},
            )
        elif material is not None and not line["url"]:
            material.delete()
        elif material is not None:
            material.url, material.kind = line["url"], line.get("kind") or material.kind
            if line["title"] != material.title:
                setattr(material, title, line["title"])
            material.save(update_fields=["url", "kind", title])


def _when(item: AgendaItem, language: str) -> str:
    """Return "April 14, 2027, 9:00 a.m. to 10:00 a.m." / « 14 avril 2027, de 9 h à 10 h »; without a date, the day's number."""
    days = item.meeting.days
    begins, ends = clock_in_words(item.starts_at, language), clock_in_words(item.ends_at, language)
    number = f"jour {item.day}" if language == "fr" else f"day {item.day}"
    day = day_in_words(days[item.day - 1], language) if item.day <= len(days) else number
    return f"{day}, de {begins} à {ends}" if language == "fr" else f"{day}, {begins} to {ends}"


def _tell_new_times(before: AgendaItem, after: AgendaItem, by: Any) -> None:
    if all(getattr(before, name) == getattr(after, name) for name in WHEN):
        return
    title = {code: pick(after.title_en, after.title_fr, code) for code in ("en", "fr")}
    _note(
        after.meeting,
        by,
        en=f"New time for “{title['en']}”: {_when(after, 'en')}",
        fr=f"Nouvel horaire de «\u00a0{title['fr']}\u00a0»\u00a0: {_when(after, 'fr')}",
    )


def _note(meeting: Meeting, by: Any, *, en: str, fr: str) -> None:
    """Keep for the history what changed; before the announcement nobody has read the agenda, and after the meeting it is no news."""
    if meeting.state == Meeting.State.ANNOUNCED:
        MeetingChange.objects.create(meeting=meeting, text_en=en[:300], text_fr=fr[:300], by=by, by_name=str(by))
