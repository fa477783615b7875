"""What the portal does by itself: sends what is due, tells collected changes, opens evaluations, deletes personal needs."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .. import notifications as kinds
from ..models import PlanChange, Side, TeamMember, Visit
from ..reminders import Due, due
from .after import release_evaluations
from .moving import concerned, fresh, taking_part
from .telling import leads, recipient_of_member, tell, tell_members, the_network

DIGEST_PAUSE = timedelta(minutes=30)  # After the last small change, so that an afternoon of edits is one letter.
NEEDS_KEPT = timedelta(days=30)


def send_reminders(now: datetime | None = None) -> int:
    """Queue each letter that is due; return how many are new. Running it again adds nothing."""
    return sum(_remind(one) for one in due(now))


@transaction.atomic
def _remind(one: Due) -> int:
    """Write to those for whom the hour has come; the others follow when their own zone reaches it."""
    visit = Visit.objects.with_plan().get(pk=one.visit.pk)
    if one.to in ("member", "team"):
        members = [one.member] if one.member else taking_part(visit)
        awake = [m for m in members if one.is_due_in(recipient_of_member(m).zone)]
        return tell_members(one.kind, visit, awake, occasion=one.occasion, **one.more)
    people: list[Any] = []
    if one.to == "network":
        people = the_network()
    for side in Side:
        if one.to in (side, "both"):
            people += leads(visit, side)
    ready = [to for to in people if one.is_due_in(to.zone)]
    return tell(one.kind, visit, ready, occasion=one.occasion, page=one.page, **one.more)


def tell_changes(now: datetime | None = None) -> int:
    """Tell small changes of confirmed plans in one letter per person, half an hour after the last edit; return how many letters."""
    now = now or timezone.now()
    waiting = PlanChange.objects.filter(told_at__isnull=True, visit__state=Visit.State.CONFIRMED)
    visits = set(waiting.values_list("visit_id", flat=True))
    recent = set(waiting.filter(at__gt=now - DIGEST_PAUSE).values_list("visit_id", flat=True))
    return sum(_tell_changes(pk, now) for pk in sorted(visits - recent))


@transaction.atomic
def _tell_changes(pk: int, now: datetime) -> int:
    locked = Visit.objects.select_for_update(of=("self",)).filter(pk=pk, state=Visit.State.CONFIRMED).first()
    changes = list(PlanChange.objects.filter(visit_id=pk, told_at__isnull=True)) if locked else []
    if locked is None or not changes:
        return 0
    Visit.objects.filter(pk=pk).update(sequence=locked.sequence + 1)
    PlanChange.objects.filter(pk__in=[c.pk for c in changes]).update(told_at=now)
    lists = {
        "en": list(dict.fromkeys(c.text_en for c in changes)),
        "fr": list(dict.fromkeys(c.text_fr for c in changes)),
    }
    visit = fresh(locked)
    return tell_members(
        kinds.PROGRAMME_UPDATED,
        visit,
        concerned(visit),
        occasion=f"changes:{visit.sequence}",
        method="REQUEST",
        changes=lists,
    )


def open_evaluations() -> int:
    """Release evaluations whose condition has come true; return how many."""
    held = Visit.objects.filter(state=Visit.State.HELD, released_at__isnull=True)
    return sum(release_evaluations(visit) for visit in held)


def delete_needs(now: datetime | None = None) -> int:
    """Delete food, accessibility and emergency details thirty days after a visit, recorded or not, or when it ended otherwise.

    Return for how many visits something was deleted.
    """
    day = timezone.localdate(now or timezone.now()) - NEEDS_KEPT
    over = Q(visit__ends_on__lt=day) | Q(visit__state__in=["cancelled", "withdrawn", "declined"])
    kept = TeamMember.objects.filter(over).exclude(dietary_needs="", access_needs="", emergency_contact="")
    with transaction.atomic():
        pks = set(kept.values_list("visit_id", flat=True))
        TeamMember.objects.filter(visit__in=pks).update(dietary_needs="", access_needs="", emergency_contact="")
        Visit.objects.filter(pk__in=pks).update(needs_deleted_at=timezone.now())
    return len(pks)
