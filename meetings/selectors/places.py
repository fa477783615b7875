"""How many places are taken, how many are left, and who is how far from one."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from cmncp_portal.core.places import CAME, Status, free_places

from ..models import Meeting, Registration


@dataclass(frozen=True)
class Room:
    """Places of a meeting. `left` is None without a limit; `online` come from afar and fill no room when it is hybrid."""

    capacity: int | None
    taken: int
    waiting: int
    requested: int
    online: int

    @property
    def left(self) -> int | None:
        return free_places(self.capacity, self.taken)

    @property
    def is_full(self) -> bool:
        """Whether whoever registers now waits: nothing is left, or others wait already."""
        return self.left == 0 or (self.left is not None and self.waiting > 0)


def room_of(meeting: Meeting) -> Room:
    """Return the places of `meeting`, in one query."""
    hybrid_online = Q(attends=Registration.Attends.ONLINE) if meeting.mode == Meeting.Mode.HYBRID else Q(pk__in=[])
    is_registered = Q(status=Status.REGISTERED)
    counts: dict[str, Any] = Registration.objects.filter(meeting=meeting).aggregate(
        taken=Count("pk", filter=is_registered & ~hybrid_online),
        waiting=Count("pk", filter=Q(status=Status.WAITING)),
        requested=Count("pk", filter=Q(status=Status.REQUESTED)),
        online=Count("pk", filter=is_registered & Q(attends=Registration.Attends.ONLINE)),
    )
    return Room(capacity=meeting.capacity, **counts)


def numbers() -> QuerySet:
    """Return for a subquery of meetings how many have a place, wait, ask, follow online, and came; `room_along` reads it."""
    online = Q(attends=Registration.Attends.ONLINE)
    registered, from_afar = Q(status=Status.REGISTERED), online & Q(meeting__mode=Meeting.Mode.HYBRID)
    rows = Registration.objects.filter(meeting=OuterRef("pk")).order_by().values("meeting")
    counts = {
        "taken": Count("pk", filter=registered & ~from_afar),
        "waiting": Count("pk", filter=Q(status=Status.WAITING)),
        "requested": Count("pk", filter=Q(status=Status.REQUESTED)),
        "online": Count("pk", filter=registered & online),
        "came": Count("pk", filter=registered & Q(attendance__in=CAME)),
    }
    return rows.annotate(counts=JSONObject(**counts)).values("counts")


def room_along(meeting: Any) -> Room:
    """Return the places of `meeting`, fetched with `numbers`: no query."""
    found = meeting.numbers or {}
    counts = {name: found.get(name, 0) for name in ("taken", "waiting", "requested", "online")}
    return Room(capacity=meeting.capacity, **counts)


def position_of(place: Registration) -> int:
    """Return the turn of a waiting `place`: 1 for the next to come in; 0 when it does not wait."""
    if place.status != Status.WAITING:
        return 0
    earlier = Q(waiting_since__lt=place.waiting_since) | Q(waiting_since=place.waiting_since, pk__lt=place.pk)
    return Registration.objects.filter(earlier, meeting=place.meeting_id, status=Status.WAITING).count() + 1


def place_of(user: Any, meeting: Meeting) -> Registration | None:
    """Return the live place of the signed-in `user` at `meeting`, found by address, or None."""
    if not getattr(user, "is_authenticated", False):
        return None
    mine = Registration.objects.live().filter(meeting=meeting, email__iexact=user.email)
    found: Registration | None = mine.first()
    if found is not None:
        found.meeting = meeting
    return found
