"""The public page of a meeting. What is counted, decided and promised comes along with the meeting itself, in its query:
the page has many tables and is the one that most people open.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import Language, User
from cmncp_portal.core.dates import clock_in_words, day_in_words, zone_in_words
from cmncp_portal.core.text import LanguageText, pick
from cmncp_portal.network.models import Municipality

from ..models import ActionItem, AgendaItem, Decision, Material, Meeting, MeetingStateChange, Registration
from ..rules import know_registered
from .places import Room, numbers, room_along


def page_rows(user: Any) -> QuerySet[Meeting]:
    """Return the meetings that `user` may see with all that `overview` reads of one: in four queries with agenda,
    speakers and materials.
    """
    rows = Meeting.objects.visible_to(user).with_places().defer("search_en", "search_fr")
    moves = MeetingStateChange.objects.filter(meeting=OuterRef("pk"), to_state=OuterRef("state")).order_by("-at", "-pk")
    return rows.prefetch_related("agenda__speakers", "materials").annotate(
        numbers=Subquery(numbers()),
        mine=Subquery(_place_of(user)),
        reason=Subquery(moves.values("note")[:1]),
        decided=ArraySubquery(_decided()),
        promised=ArraySubquery(_promised()),
        known_hosts=ArraySubquery(_known_hosts(user)),
    )


def _place_of(user: Any) -> QuerySet:
    rows = Registration.objects.live() if isinstance(user, User) else Registration.objects.none()
    mine = rows.filter(meeting=OuterRef("pk"), email__iexact=getattr(user, "email", ""))
    return mine.values(place=JSONObject(pk="pk", nonce="nonce", status="status"))[:1]


def _known_hosts(user: Any) -> QuerySet:
    """Hosts whose page the reader may open: a former member's is not public any more."""
    is_host = Q(pk=OuterRef("host")) | Q(pk=OuterRef("co_host"))
    return Municipality.objects.visible_to(user).filter(is_host).order_by().values("pk")


def _decided() -> QuerySet:
    rows = Decision.objects.filter(meeting=OuterRef("pk")).order_by("order", "pk")
    return rows.values(found=JSONObject(en="text_en", fr="text_fr"))


def _promised() -> QuerySet:
    """What is to be done; what was dropped is nobody's business any more."""
    rows = ActionItem.objects.filter(meeting=OuterRef("pk"), dropped_at__isnull=True).order_by("due_on", "pk")
    return rows.values(
        found=JSONObject(
            en="text_en",
            fr="text_fr",
            owner="owner_name",
            place_en=F("municipality__name_en"),
            place_fr=F("municipality__name_fr"),
            due_on="due_on",
            done_at="done_at",
        )
    )


@dataclass(frozen=True)
class Promise:
    """Something to be done, by whom (never an address) and until when."""

    text: LanguageText
    owner: str
    place: str
    due_on: date
    is_done: bool


@dataclass(frozen=True)
class Overview:
    """`mine` is the reader's own live place, `came` how many took part (None until it is known), `reason` that of the last move.

    `known_hosts` are the keys of host and co-host whose page the reader may open.
    """

    room: Room
    came: int | None
    mine: Registration | None
    reason: str
    decisions: list[LanguageText]
    promises: list[Promise]
    known_hosts: list[int]


def overview(meeting: Any, user: Any) -> Overview:
    """Return what came along with `meeting`, which is from `page_rows`. Decisions and promises only once notes are published."""
    _put_materials_to_sessions(meeting)
    counted = (meeting.numbers or {}).get("came")
    mine = Registration(meeting=meeting, **meeting.mine) if meeting.mine and isinstance(user, User) else None
    if isinstance(user, User):
        know_registered(user, meeting, mine is not None and mine.is_registered)
    return Overview(
        room=room_along(meeting),
        came=(meeting.attended_count or counted or None) if meeting.state == Meeting.State.HELD else None,
        mine=mine,
        reason=meeting.reason or "",
        decisions=[pick(row["en"], row["fr"]) for row in meeting.decided] if meeting.has_notes else [],
        promises=[_promise(row) for row in meeting.promised] if meeting.has_notes else [],
        known_hosts=meeting.known_hosts,
    )


def _put_materials_to_sessions(meeting: Meeting) -> None:
    """The agenda reads the materials of each session: they were fetched with the meeting, and are not asked for again."""
    materials = list(meeting.materials.all())
    for item in meeting.agenda.all():
        known: Any = item
        known._prefetched_objects_cache["materials"] = [m for m in materials if m.item_id == item.pk]


def _promise(row: dict[str, Any]) -> Promise:
    place = pick(row["place_en"] or "", row["place_fr"] or "")
    due_on = date.fromisoformat(row["due_on"])
    return Promise(pick(row["en"], row["fr"]), row["owner"], str(place), due_on, row["done_at"] is not None)


@dataclass(frozen=True)
class MaterialLine:
    """A material that the reader may open: where, of which session, and what is said about captions (always of recordings)."""

    material: Material
    url: str
    session: AgendaItem | None
    captions: str


def materials_of(meeting: Meeting, *, as_participant: bool) -> list[MaterialLine]:
    """Return the materials of `meeting`, those for participants only with `as_participant`."""
    rows = [m for m in meeting.materials.all() if as_participant or m.access == Material.Access.AUDIENCE]
    sessions = {item.pk: item for item in meeting.agenda.all()}
    return [MaterialLine(m, _address(meeting, m), sessions.get(m.item_id or 0), _captions(m)) for m in rows]


def _address(meeting: Meeting, material: Material) -> str:
    return material.url or reverse("meetings:material", args=[meeting.slug, material.pk])


def _captions(material: Material) -> str:
    if material.captions:
        names = ", ".join(str(Language(code).label) for code in material.captions)
        return _("Captions: %(languages)s") % {"languages": names}
    return _("No captions") if material.kind == Material.Kind.RECORDING else ""


def own_time(meeting: Meeting, user: Any) -> str:
    """Return when `meeting` begins and ends on the clock of the signed-in `user`, in the active language.

    Empty unless one can take part from afar and that clock differs from the one at the meeting.
    """
    begins, ends = meeting.begins, meeting.finishes
    if not isinstance(user, User) or not meeting.is_online or not begins or not ends or not meeting.finishes_at:
        return ""
    zone = timezone.get_current_timezone_name()
    here, until = begins.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    if here.utcoffset() == begins.utcoffset():
        return ""
    last = "" if until.date() == here.date() else f"{day_in_words(until.date())}, "
    city = zone_in_words(zone.rpartition("/")[2].replace("_", " "))
    first = f"{day_in_words(here.date())}, {clock_in_words(here)}"
    return f"{first} – {last}{clock_in_words(until)} ({city})"
