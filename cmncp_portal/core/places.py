"""A place in something that has only so many: asked for, held, or on the waiting list in order; with or without an account.

What every such list needs is here once: who holds a place, who waits, who follows when one is given back. The thing that
has the places is locked by the caller first, so that two people never take the same one.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .days import is_working_day, local_day, local_instant, next_working_day
from .links import is_valid, make_token, new_nonce, pk_of
from .models import Timestamped, Versioned

REFUSE_HOURS = 48  # for giving back a place that the waiting list brought
WORK_BEGINS, REFUSE_UNTIL = time(9, 0), time(17, 0)  # a working day: nobody reads mail from Friday midnight to Monday


class Status(models.TextChoices):
    REQUESTED = "requested", _("Waits for approval")
    REGISTERED = "registered", _("Registered")
    WAITING = "waiting", _("On the waiting list")
    DECLINED = "declined", _("Not accepted")
    CANCELLED = "cancelled", _("Cancelled")


LIVE = (Status.REQUESTED, Status.REGISTERED, Status.WAITING)


class Attendance(models.TextChoices):
    UNKNOWN = "", _("Not noted")
    PRESENT = "present", _("Present")
    REMOTE = "remote", _("Present online")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Did not come")


CAME = (Attendance.PRESENT, Attendance.REMOTE)


class PlaceQuerySet(models.QuerySet):
    def live(self) -> Self:
        """Places that are asked for, held or waited for."""
        return self.filter(status__in=LIVE)

    def registered(self) -> Self:
        return self.filter(status=Status.REGISTERED)

    def in_waiting_order(self) -> Self:
        """Who waits, the one who has waited longest first."""
        return self.filter(status=Status.WAITING).order_by("waiting_since", "pk")

    def came(self) -> Self:
        return self.filter(status=Status.REGISTERED, attendance__in=CAME)


class Place(Timestamped, Versioned):
    """A person's place. Needs are confidential and deleted afterwards; the token opens the person's own page.

    The concrete model says in what (`SCOPE` names its tokens) and that an address has one live place only.
    """

    SCOPE = "place"

    name = models.CharField(_("name"), max_length=200)
    title = models.CharField(_("title"), max_length=200, blank=True)
    organisation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("email address"))
    language = models.CharField(
        _("language of letters"), max_length=2, choices=[("en", "English"), ("fr", "Français")], blank=True
    )
    status = models.CharField(_("place"), max_length=10, choices=Status.choices)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    waiting_since = models.DateTimeField(_("on the waiting list since"), null=True, blank=True)
    promoted_at = models.DateTimeField(_("came off the waiting list at"), null=True, blank=True)
    refuse_by = models.DateTimeField(_("can be given back until"), null=True, blank=True)
    ended_at = models.DateTimeField(_("cancelled or not accepted at"), null=True, blank=True)
    answer_note = models.TextField(_("a word to the organisers"), blank=True)
    dietary_needs = models.CharField(_("food"), max_length=300, blank=True)
    access_needs = models.CharField(_("accessibility"), max_length=300, blank=True)
    attendance = models.CharField(_("attendance"), max_length=10, choices=Attendance.choices, blank=True, default="")
    wants_no_more = models.BooleanField(_("wants no further letters"), default=False)
    nonce = models.CharField(max_length=32, default=new_nonce, editable=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="%(class)s_place_is_known"),
            models.CheckConstraint(
                condition=~Q(status="waiting") | Q(waiting_since__isnull=False), name="%(class)s_who_waits_has_a_turn"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    @property
    def is_registered(self) -> bool:
        return self.status == Status.REGISTERED

    @property
    def has_come(self) -> bool:
        return self.attendance in CAME

    @property
    def token(self) -> str:
        """The token of the person's own page."""
        return make_token(self.SCOPE, self.pk, self.nonce)

    @classmethod
    def from_token(cls, token: str, rows: Any = None) -> Any:
        """Return the place whose page `token` opens, or None. `rows` is the queryset to read it from (all unless given)."""
        pk = pk_of(token)
        source = cls._default_manager.all() if rows is None else rows
        found = source.filter(pk=pk).first() if pk else None
        return found if found and is_valid(token, cls.SCOPE, found.pk, found.nonce) else None


def free_places(capacity: int | None, taken: int) -> int | None:
    """Return how many places are left, never below zero; None when there is no limit."""
    return None if capacity is None else max(capacity - taken, 0)


def take(place: Place, *, free: int | None, someone_waits: bool, needs_approval: bool, now: datetime) -> None:
    """Decide what `place` becomes (not saved): asked for, held, or waiting. Nobody overtakes those who wait already.

    `free` is what `free_places` says while the thing with the places is locked; `now` the aware instant of asking.
    """
    place.asked_at = now
    place.waiting_since = None
    if needs_approval:
        place.status = Status.REQUESTED
    elif free is None or (free > 0 and not someone_waits):
        place.status = Status.REGISTERED
    else:
        place.status, place.waiting_since = Status.WAITING, now


def refuse_by(now: datetime, zone: str, begins_at: datetime | None) -> datetime:
    """Return until when a place from the waiting list can be given back: 48 hours, and to the end of a working day.

    The first working day after `now` in `zone` (an IANA name) always counts whole, and a deadline on a weekend or holiday
    moves to 17:00 of the next working day; it never lies after `begins_at`, when the occasion begins.
    """
    today = local_day(now, zone)
    is_morning = now < local_instant(today, WORK_BEGINS, zone)
    first_day = next_working_day(today if is_morning else today + timedelta(days=1))
    until = max(now + timedelta(hours=REFUSE_HOURS), local_instant(first_day, REFUSE_UNTIL, zone))
    day = local_day(until, zone)
    if not is_working_day(day):
        until = local_instant(next_working_day(day), REFUSE_UNTIL, zone)
    return min(until, begins_at) if begins_at else until


def promote(waiting: PlaceQuerySet, *, free: int | None, now: datetime, until: datetime) -> Sequence[Any]:
    """Give the `free` places (None: without limit) to those who wait, in order; return who came off the list.

    `waiting` are the places of one thing, which the caller holds locked. `until` is from `refuse_by`.
    """
    rows = waiting.in_waiting_order().select_for_update(of=("self",))
    chosen = list(rows if free is None else rows[:free])
    for place in chosen:
        place.status, place.promoted_at, place.refuse_by = Status.REGISTERED, now, until
        place.waiting_since, place.updated_at = None, now
    type(waiting.model._default_manager.all())(waiting.model).bulk_update(
        chosen, ["status", "promoted_at", "refuse_by", "waiting_since", "updated_at"]
    )
    return chosen
