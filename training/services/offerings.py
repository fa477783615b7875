"""Planning an offering: module, days, place, facilitators, and opening it for enrolment. What people were told changes in `changing`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import save_version
from cmncp_portal.core.references import next_reference
from cmncp_portal.core.workflow import TransitionRefused

from ..models import Facilitator, Module, Offering, Session, SessionAttendance
from ..workflow import OFFERING
from .enrolling import fill_free_places, locked
from .modules import MOMENT, offer_if_approved

G, M = Offering.State, Module.State
PILOTED_IN = (M.REVIEWED, M.PILOTED)
GIVEN_IN = (M.APPROVED, M.OFFERED)
# What people are told anew when it changes after the opening: only `changing.change` writes these then.
TOLD = ("mode", "language", "time_zone", "venue", "address", "join_link")
MOST_SESSIONS = 20


@dataclass(frozen=True)
class Sitting:
    """One session as somebody plans it; day and clock times are those of the offering's zone."""

    day: date
    begins_at: time
    finishes_at: time


def _require(by: Any, offering: Offering) -> None:
    if not by.has_perm("training.organise", offering):
        raise PermissionDenied


@transaction.atomic
def create_offering(*, by: Any, module: Module, **fields: Any) -> Offering:
    """Begin an offering of `module` and return it; nobody is told. Of a module that is reviewed but not approved it is a pilot.

    A second click within the same minute gives the first one's offering. Raises PermissionDenied; TransitionRefused for a module that cannot be given yet.
    """
    if not by.has_perm("training.plan_offering"):
        raise PermissionDenied
    if module.state not in PILOTED_IN + GIVEN_IN:
        raise TransitionRefused(_("This module cannot be given yet: a pilot follows its review."))
    get_user_model()._default_manager.select_for_update().get(pk=by.pk)  # one person's two clicks wait for each other
    same = Offering.objects.filter(module=module, organised_by=by, state=G.PLANNED, **fields)
    if found := same.filter(created_at__gte=timezone.now() - MOMENT).first():
        return found
    return Offering.objects.create(
        reference=next_reference("TR", timezone.localdate().year),
        module=module,
        is_pilot=module.state in PILOTED_IN,
        organised_by=by,
        **fields,
    )


@transaction.atomic
def keep_offering(offering: Offering, *, by: Any, seen: int, **fields: Any) -> None:
    """Change what is said about an offering. Once it is open, day, place, link and language are not among `fields`.

    More places let those in who wait. Raises PermissionDenied; Conflict when somebody saved since version `seen`;
    TransitionRefused when it is over, or fewer places are left than people have one.
    """
    fresh = locked(offering)
    _require(by, fresh)
    if fresh.state not in (G.PLANNED, G.OPEN):
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        )
    if fresh.state == G.OPEN:
        fields = {name: value for name, value in fields.items() if name not in TOLD}
        closes = fields.get("enrolment_closes_on")
        if closes and fresh.starts_on and closes > fresh.starts_on:
            raise TransitionRefused(_("Enrolment closes after the first day."))
        needed = fields.get("sessions_needed")
        if needed and needed > fresh.sessions.count():
            raise TransitionRefused(_("More sessions are needed to complete it than there are."))
        taken, capacity = fresh.enrolments.registered().count(), fields.get("capacity", fresh.capacity)
        if capacity is not None and capacity < taken:
            raise TransitionRefused(_("%(taken)s people have a place already.") % {"taken": taken})
    save_version(offering, seen=seen, fields=fields)
    if fresh.state == G.OPEN:
        fill_free_places(offering)


@transaction.atomic
def keep_sessions(offering: Offering, *, by: Any, seen: int, sittings: Sequence[Sitting]) -> None:
    """Say on which days and at what time it is given, while it is being prepared.

    Raises PermissionDenied; Conflict when somebody saved since version `seen`; TransitionRefused once it is open.
    """
    fresh = locked(offering)
    _require(by, fresh)
    if fresh.state != G.PLANNED:
        raise TransitionRefused(_("People know of these days: change them where everybody is told."))
    save_version(offering, seen=seen, fields=days_of(sittings))
    write_sessions(offering, sittings)


def days_of(sittings: Sequence[Sitting]) -> dict[str, date | None]:
    """Return first and last day of `sittings` as fields of an offering."""
    days = [sitting.day for sitting in sittings]
    return {"starts_on": min(days, default=None), "ends_on": max(days, default=None)}


def write_sessions(offering: Offering, sittings: Sequence[Sitting]) -> None:
    """Make the sessions of `offering` those of `sittings`; one of the same day and beginning stays the same row.

    Raises TransitionRefused when attendance was noted for one that would go.
    """
    wanted = {(sitting.day, sitting.begins_at): sitting for sitting in sittings}
    for row in offering.sessions.all():
        sitting = wanted.pop((row.day, row.begins_at), None)
        if sitting is None:
            if SessionAttendance.objects.filter(session=row).exclude(attendance="").exists():
                raise TransitionRefused(_("Attendance is noted for a session that would go: it stays as it is."))
            row.delete()
        elif row.finishes_at != sitting.finishes_at:
            row.finishes_at = sitting.finishes_at
            row.save(update_fields=["finishes_at"])
    Session.objects.bulk_create(
        Session(offering=offering, day=one.day, begins_at=one.begins_at, finishes_at=one.finishes_at)
        for one in wanted.values()
    )


@transaction.atomic
def keep_facilitators(offering: Offering, *, by: Any, seen: int, people: Sequence[dict[str, Any]]) -> None:
    """Say who facilitates: name, organisation, address and language of each; an address once.

    Raises PermissionDenied; Conflict when somebody saved since version `seen`; TransitionRefused when it is cancelled, or
    nobody would be left for one that is open.
    """
    fresh = locked(offering)
    _require(by, fresh)
    if fresh.state == G.CANCELLED:
        raise TransitionRefused(_("It is cancelled; nothing about it changes any more."))
    if not people and fresh.state == G.OPEN:
        raise TransitionRefused(_("Say who facilitates."))
    save_version(offering, seen=seen, fields={})
    offering.facilitators.all().delete()
    Facilitator.objects.bulk_create(
        Facilitator(offering=offering, **{**person, "email": person.get("email", "").strip().lower()})
        for person in people
    )


@transaction.atomic
def open_enrolment(offering: Offering, *, by: Any) -> None:
    """Let people enrol from now on. The first offering of an approved module makes that module an offered one.

    Raises PermissionDenied; TransitionRefused with the reason when something is missing, or it was opened already.
    """
    fresh = locked(offering)
    Offering.objects.filter(pk=fresh.pk, opened_at__isnull=True).update(
        opened_at=timezone.now(), updated_at=timezone.now(), version=F("version") + 1
    )
    OFFERING.apply(offering, "open_enrolment", by=by)
    offering.refresh_from_db(fields=["opened_at", "version"])
    if not fresh.is_pilot:
        offer_if_approved(fresh.module, by)
