"""On the days and after: who came to which session, that it took place, and what completing it gives to each person."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.places import CAME, Attendance
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters

from ..models import Attainment, Certificate, Enrolment, Offering, Session, SessionAttendance
from ..notifications import offerings as kinds
from ..notifications import people as people_kinds
from ..notifications.common import both, in_both
from ..selectors.builds import Built, builds_of, titles
from ..workflow import OFFERING
from .certificates import issue_for_enrolment
from .enrolling import locked
from .surveying import ask_after
from .telling import tell_place

G = Offering.State
# Beside a certificate people read it in either language. By it a later correction knows its own work from a revocation.
CORRECTED = "The attendance was corrected. / Les présences ont été corrigées."


def why_no_attendance(offering: Offering) -> str:
    """Return why attendance cannot be noted now, in the active language; empty when it can."""
    if offering.state not in (G.OPEN, G.HELD):
        return _("Attendance is noted for dates that take place.")
    if offering.starts_on is None or offering.today() < offering.starts_on:
        return _("Attendance is noted from the first day on.")
    return ""


def needed_of(offering: Offering) -> int:
    """Return how many sessions one attends to complete `offering`. One query."""
    count = offering.sessions.count()
    return min(offering.sessions_needed or count, count)


@transaction.atomic
def take_attendance(session: Session, *, by: Any, attendance: dict[int, str]) -> None:
    """Note who came to `session`: `attendance` maps enrolments to an Attendance; who is not in it stays as it was.

    Once the offering is recorded as held, who has enough sessions now is given what it builds, and who has not any more
    loses it, with a letter. Places that are not held are left out. Raises PermissionDenied; TransitionRefused before the
    day of the session.
    """
    offering = locked(session.offering)
    if not by.has_perm("training.take_attendance", offering):
        raise PermissionDenied
    if reason := why_no_attendance(offering):
        raise TransitionRefused(reason)
    if offering.today() < session.day:
        raise TransitionRefused(_("Attendance is noted from the day of the session on."))
    places = Enrolment.objects.registered().filter(offering=offering, pk__in=list(attendance))
    rows = [
        SessionAttendance(session=session, enrolment=place, attendance=attendance[place.pk])
        for place in places.select_for_update(of=("self",))
    ]
    SessionAttendance.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["session", "enrolment"], update_fields=["attendance"]
    )
    changed = _sum_up([row.enrolment for row in rows])
    ask_after(offering, changed)
    if offering.state == G.HELD:
        settle(offering, [row.enrolment for row in rows], by=by)


def _sum_up(places: Iterable[Enrolment]) -> list[Enrolment]:
    """Write on each place what its sessions say together; return those for whom that changed. Two queries."""
    noted: dict[int, set[str]] = {place.pk: set() for place in places}
    rows = SessionAttendance.objects.filter(enrolment__in=noted).exclude(attendance="")
    for enrolment, value in rows.values_list("enrolment", "attendance"):
        noted[enrolment].add(value)
    changed = []
    for place in places:
        summed = _together(noted[place.pk])
        if place.attendance != summed:
            place.attendance, place.updated_at = summed, timezone.now()
            changed.append(place)
    Enrolment.objects.bulk_update(changed, ["attendance", "updated_at"], batch_size=500)
    return changed


def _together(values: set[str]) -> str:
    for value in (Attendance.PRESENT, Attendance.REMOTE, Attendance.EXCUSED, Attendance.ABSENT):
        if value in values:
            return str(value)
    return ""


@transaction.atomic
def record_held(offering: Offering, *, by: Any) -> None:
    """Record that it took place; who attended enough sessions is given what it builds, and one certificate.

    Raises PermissionDenied; TransitionRefused before the last day, while attendance is noted for nobody, or when it was
    recorded already.
    """
    fresh = locked(offering)
    now = timezone.now()
    Offering.objects.filter(pk=fresh.pk, state=G.OPEN).update(held_at=now, updated_at=now, version=F("version") + 1)
    OFFERING.apply(fresh, "record_held", by=by)
    registered = Enrolment.objects.registered().filter(offering=fresh)
    if not registered.exists():
        raise TransitionRefused(_("Nobody had a place: a coordinator can cancel these dates."))
    if not registered.exclude(attendance="").exists():
        raise TransitionRefused(_("Note first who came: certificates follow from it."))
    offering.state = fresh.state
    places = Enrolment.objects.registered().filter(offering=fresh).select_for_update(of=("self",))
    settle(fresh, list(places), by=by)


def settle(offering: Offering, places: Sequence[Enrolment], *, by: Any) -> None:
    """Give or take back what follows from the sessions that `places` attended. Nothing is done twice.

    What counts is the standard of the last day: one that is adopted before somebody records it may ask more.
    """
    needed, built = needed_of(offering), builds_of(offering.module_id, offering.ends_on)
    came: dict[int, int] = {}
    rows = SessionAttendance.objects.filter(enrolment__in=[place.pk for place in places], attendance__in=CAME)
    for pk in rows.values_list("enrolment", flat=True):
        came[pk] = came.get(pk, 0) + 1
    for place in places:
        place.offering = offering
        completes = needed > 0 and came.get(place.pk, 0) >= needed
        if completes and place.completed_at is None:
            _give(place, built, by=by)
        elif not completes and place.completed_at is not None:
            _take_back(place, built, by=by)


def _give(place: Enrolment, built: Sequence[Built], *, by: Any) -> None:
    certificate = Certificate.objects.filter(enrolment=place).first()
    if certificate is not None and certificate.revoked_at and certificate.revoke_reason != CORRECTED:
        return  # revoked by a coordinator: attendance says nothing against that
    assert place.offering.ends_on
    own = Attainment.objects.filter(enrolment=place)
    own.filter(revoke_reason=CORRECTED).update(revoked_at=None, revoked_by=None, revoke_reason="")
    known = set(own.values_list("competency", flat=True))
    Attainment.objects.bulk_create(
        Attainment(
            learner_id=place.learner_id,
            competency_id=one.competency_id,
            level=one.level,
            standard_version=one.version,
            attained_on=place.offering.ends_on,
            enrolment=place,
        )
        for one in built
        if one.competency_id not in known
    )
    _complete(place, timezone.now())
    if certificate is None:
        issue_for_enrolment(place, by=by)
        return
    Certificate.objects.filter(pk=certificate.pk).update(
        revoked_at=None, revoked_by=None, revoke_reason="", updated_at=timezone.now()
    )
    _tell(place, built, holds=True)


def _take_back(place: Enrolment, built: Sequence[Built], *, by: Any) -> None:
    now = timezone.now()
    values = {"revoked_at": now, "revoked_by": by, "revoke_reason": CORRECTED}
    Attainment.objects.standing().filter(enrolment=place).update(**values)
    _complete(place, None)
    certificate = Certificate.objects.filter(enrolment=place, revoked_at__isnull=True).first()
    if certificate is None:
        return
    Certificate.objects.filter(pk=certificate.pk).update(**values, updated_at=now)
    letters.withdraw(f"{people_kinds.CERTIFICATE.name}:{certificate.pk}")
    _tell(place, built, holds=False)


def _complete(place: Enrolment, at: Any) -> None:
    Enrolment.objects.filter(pk=place.pk).update(completed_at=at, updated_at=timezone.now(), version=F("version") + 1)
    place.completed_at = at
    place.version += 1


def _tell(place: Enrolment, built: Sequence[Built], *, holds: bool) -> None:
    tell_place(
        kinds.COMPLETION_CHANGED,
        place,
        occasion=f"completion:{place.version}",
        competencies=in_both(lambda: titles(built)),
        holds=both(holds),
    )
