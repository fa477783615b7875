"""Confirming, changing, postponing, cancelling: moves after which others must be told."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.dates import days_in_words
from cmncp_portal.core.entries import Method
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters

from .. import notifications as kinds
from ..models import Confirmation, HostRequest, PlanChange, Side, Stop, TeamMember, Visit
from ..workflow import CONFIRM_GUARDS, VISIT, missing
from .telling import leads, tell, tell_members, the_network


def fresh(visit: Visit) -> Visit:
    """Return the visit read again with its plan, after rows were written underneath."""
    return Visit.objects.with_plan().get(pk=visit.pk)


def taking_part(visit: Visit) -> list[TeamMember]:
    """Return everyone who accepted, on both sides."""
    return [m for m in visit.team.select_related("visit__exchange__guest", "visit__exchange__host") if m.takes_part]


def concerned(visit: Visit) -> list[TeamMember]:
    """Return everyone who accepted or was asked to come: those whom a cancellation concerns."""
    asked = (TeamMember.Status.INVITED, TeamMember.Status.ACCEPTED)
    return [
        m for m in visit.team.select_related("visit__exchange__guest", "visit__exchange__host") if m.status in asked
    ]


def _untold(visit: Visit, people: list[TeamMember]) -> list[Any]:
    """Return the leads who are not in the team themselves: they get the letter without a desk."""
    in_team = {m.email.lower() for m in people}
    return [r for side in Side for r in leads(visit, side) if r.email.lower() not in in_team]


def remove_reminders(visit: Visit) -> None:
    """Take back what waits to be sent about dates that no longer hold."""
    for name in (
        "practical",
        "tomorrow",
        "confirm_reminder",
        "plan_not_ready",
        "did_it_take_place",
        "invitation_reminder",
        "programme_updated",
    ):
        letters.withdraw(f"exchanges.{name}:{visit.pk}:")


@transaction.atomic
def confirm(visit: Visit, *, side: str, by: Any, seen_plan: int) -> bool:
    """Confirm the plan of version `seen_plan` for `side`; return True when both sides now have, and the visit is confirmed.

    Raises PermissionDenied; TransitionRefused when the plan changed since it was read, is not complete, or was confirmed before.
    """
    locked = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if not by.has_perm(f"exchanges.confirm_for_{side}", locked):
        raise PermissionDenied
    visit = fresh(visit)
    if visit.state == Visit.State.CONFIRMED or visit.confirmed_by(side):
        earlier = visit.confirmed_by(side)
        who = earlier.by_name if earlier else _("the portal")
        raise TransitionRefused(_("Already confirmed by %(who)s.") % {"who": who}, done_already=True)
    if visit.plan_version != seen_plan:
        raise TransitionRefused(_("The plan changed while you were reading; look at it again before you confirm."))
    if visit.state != Visit.State.ACCEPTED:
        raise TransitionRefused(VISIT["confirm"].refusal(visit) or "")
    if reasons := missing(visit, CONFIRM_GUARDS):
        raise TransitionRefused(reasons[0])
    try:
        with transaction.atomic():
            Confirmation.objects.create(visit=visit, side=side, plan_version=seen_plan, by=by, by_name=str(by))
    except IntegrityError:
        raise TransitionRefused(_("Already confirmed."), done_already=True) from None
    visit = fresh(visit)
    other = Side(side).other
    place = visit.municipality_of(side)
    names = {code: place.name_in(code) for code in ("en", "fr")} if place else kinds.both("")
    if not visit.confirmed_by(other):
        count = kinds.both(len(taking_part(visit)))
        tell(
            kinds.PLEASE_CONFIRM,
            visit,
            leads(visit, other),
            occasion=f"plan:{seen_plan}",
            page="exchanges:confirm",
            by=names,
            count=count,
        )
        Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())
        return False
    VISIT.apply(visit, "confirm", by=None)
    Visit.objects.filter(pk=visit.pk).update(sequence=F("sequence") + 1, postponed_at=None, updated_at=timezone.now())
    PlanChange.objects.filter(visit=visit, told_at__isnull=True).update(told_at=timezone.now())
    announce_confirmed(fresh(visit))
    return True


def announce_confirmed(visit: Visit) -> None:
    """Invite everyone: those who accepted get the dates as a calendar file and the programme."""
    agreed = [s for s in visit.stops.all() if s.status == Stop.Status.AGREED]
    people = taking_part(visit)
    programme = kinds.stop_words(agreed)
    occasion = f"confirmed:{visit.plan_version}"
    tell_members(kinds.CONFIRMED, visit, people, occasion=occasion, method="REQUEST", programme=programme)
    tell(kinds.CONFIRMED, visit, _untold(visit, people), occasion=occasion, programme=programme)


@transaction.atomic
def set_dates(visit: Visit, *, starts_on: date, ends_on: date, by: Any, seen_plan: int, word: str = "") -> None:
    """Set or change the dates. A confirmed visit must then be confirmed again by both sides, and everyone affected is told.

    Raises TransitionRefused for dates in the past, more than five days, an outdated page, or a missing reason when confirmed.
    """
    locked = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    if not by.has_perm(
        "exchanges.plan_visit" if locked.state != Visit.State.CONFIRMED else "exchanges.move_visit", locked
    ):
        raise PermissionDenied
    if locked.state not in (Visit.State.ACCEPTED, Visit.State.CONFIRMED):
        raise TransitionRefused(_("Dates can be set while the visit is being planned."))
    if locked.plan_version != seen_plan:
        raise TransitionRefused(_("Somebody changed the plan meanwhile; look at it again."))
    if (locked.starts_on, locked.ends_on) == (starts_on, ends_on):
        return
    if starts_on < visit.today() or ends_on < starts_on or (ends_on - starts_on).days > 4:
        raise TransitionRefused(_("A visit lies ahead and lasts one to five days."))
    before = days_both(locked)
    was_confirmed = locked.state == Visit.State.CONFIRMED
    Visit.objects.filter(pk=visit.pk).update(starts_on=starts_on, ends_on=ends_on, postponed_at=None)
    after = days_both(fresh(visit))
    text = {code: (f"{before[code]} → {after[code]}" if before[code] else after[code]) for code in ("en", "fr")}
    soonest = min(day for day in (locked.starts_on, starts_on) if day)
    material_change(fresh(visit), text=text, by=by, word=word, was_confirmed=was_confirmed, soonest=soonest)


def days_both(visit: Visit) -> dict[str, str]:
    """Return the visit's dates in words, per language; empty without dates."""
    if not visit.starts_on or not visit.ends_on:
        return {"en": "", "fr": ""}
    return {code: days_in_words(visit.starts_on, visit.ends_on, code) for code in ("en", "fr")}


def material_change(
    visit: Visit, *, text: dict[str, str], by: Any, word: str, was_confirmed: bool, soonest: date | None = None
) -> None:
    """Both confirmations fall; when the visit was confirmed, everyone hears what changed, with an updated calendar event.

    A side that alone had confirmed hears of it too. Call inside the transaction that changed the visit. `text` says what
    changed, per language; `soonest` is the earliest day on which somebody may already be travelling (the visit's first day
    unless given): close ones are marked urgent.
    """
    was_half_confirmed = any(visit.confirmed_by(side) for side in Side)
    if was_confirmed:
        VISIT.apply(visit, "reopen_plan", by=by, note=word or text["en"])
    PlanChange.objects.create(
        visit=visit,
        text_en=text["en"][:300],
        text_fr=text["fr"][:300],
        by=by,
        by_name=str(by or ""),
        told_at=timezone.now(),
    )
    updates: dict[str, Any] = {"plan_version": F("plan_version") + 1, "updated_at": timezone.now()}
    if was_confirmed:
        updates["sequence"] = F("sequence") + 1
    Visit.objects.filter(pk=visit.pk).update(**updates)
    remove_reminders(visit)
    if was_confirmed or was_half_confirmed:
        visit = fresh(visit)
        values = change_values(visit, text, by=by, word=word, soonest=soonest)
        _tell_change(visit, values, everyone=was_confirmed)


def change_values(
    visit: Visit, text: dict[str, str], *, by: Any, word: str, soonest: date | None = None
) -> dict[str, Any]:
    """Return what a letter about a change says besides the visit itself."""
    near = soonest or visit.starts_on
    urgent = near is not None and (near - visit.today()).days <= 1
    return {
        "changes": {code: [text[code]] for code in ("en", "fr")},
        "word": kinds.both(word),
        "by": kinds.both(str(by or "")),
        "urgent": kinds.both(urgent),
    }


def _tell_change(visit: Visit, values: dict[str, Any], *, everyone: bool) -> None:
    """One letter per person: leads are asked to confirm, in the team or not; the calendar goes to those who come."""
    both_leads = [r for side in Side for r in leads(visit, side)]
    confirming = {r.email.lower() for r in both_leads}
    people = concerned(visit) if everyone else []
    coming = {m.email.lower() for m in people if m.takes_part}
    occasion = f"plan:{visit.plan_version}"
    others = [m for m in people if m.email.lower() not in confirming]
    not_now = kinds.both(False)
    tell_members(kinds.CHANGED, visit, others, occasion=occasion, method="REQUEST", must_confirm=not_now, **values)
    for travels in (True, False):
        some = [r for r in both_leads if (r.email.lower() in coming) == travels]
        method: Method | None = "REQUEST" if travels else None
        tell(
            kinds.CHANGED,
            visit,
            some,
            occasion=occasion,
            page="exchanges:confirm",
            method=method,
            must_confirm=kinds.both(True),
            **values,
        )


@transaction.atomic
def postpone(visit: Visit, *, by: Any, note: str) -> None:
    """Take the dates off; everything planned is kept, calendar events are withdrawn, both sides look for new dates."""
    was_dated = fresh(visit)
    VISIT.apply(visit, "postpone", by=by, note=note)
    Visit.objects.filter(pk=visit.pk).update(
        starts_on=None, ends_on=None, postponed_at=timezone.now(), sequence=F("sequence") + 1, plan_version=F("plan_version") + 1,
        updated_at=timezone.now(),
    )  # fmt: skip
    remove_reminders(visit)
    was_dated.sequence += 1
    values: dict[str, Any] = {"word": kinds.both(note), "by": kinds.both(str(by))}
    people = concerned(visit)
    occasion = f"postponed:{was_dated.sequence}"
    tell_members(kinds.POSTPONED, was_dated, people, occasion=occasion, method="CANCEL", **values)
    tell(kinds.POSTPONED, was_dated, _untold(visit, people), occasion=occasion, **values)


@transaction.atomic
def cancel(visit: Visit, *, by: Any, note: str) -> None:
    """End the visit before it took place. Everyone is told, guests included; no evaluation is ever asked."""
    was = fresh(visit)
    VISIT.apply(visit, "cancel", by=by, note=note)
    Visit.objects.filter(pk=visit.pk).update(sequence=F("sequence") + 1, updated_at=timezone.now())
    visit.exchange.host_requests.filter(outcome="").update(
        outcome=HostRequest.Outcome.WITHDRAWN, answered_at=timezone.now(), answered_by=by
    )
    remove_reminders(visit)
    letters.withdraw(f"exchanges.answer_reminder:{visit.pk}:")
    letters.withdraw(f"exchanges.invitation:{visit.pk}:")
    was.sequence += 1
    urgent = was.starts_on is not None and (was.starts_on - was.today()).days <= 1
    values: dict[str, Any] = {"word": kinds.both(note), "by": kinds.both(str(by)), "urgent": kinds.both(urgent)}
    people = concerned(visit)
    tell_members(kinds.CANCELLED, was, people, occasion=f"cancelled:{was.sequence}", method="CANCEL", **values)
    tell(
        kinds.CANCELLED,
        was,
        [*_untold(was, people), *the_network()],
        occasion=f"cancelled:{was.sequence}",
        page="exchanges:exchange",
        **values,
    )


@transaction.atomic
def withdraw(visit: Visit, *, by: Any, note: str) -> None:
    """Take a request back before it was accepted; the host that was asked is told, a draft just ends."""
    asked = leads(visit, Side.HOSTS) if visit.hosting and visit.state == Visit.State.PROPOSED else []
    VISIT.apply(visit, "withdraw", by=by, note=note)
    visit.exchange.host_requests.filter(outcome="").update(
        outcome=HostRequest.Outcome.WITHDRAWN, answered_at=timezone.now(), answered_by=by
    )
    letters.withdraw(f"exchanges.answer_reminder:{visit.pk}:")
    Visit.objects.filter(pk=visit.pk).update(updated_at=timezone.now())
    tell(
        kinds.WITHDRAWN,
        visit,
        asked,
        occasion=f"withdrawn:{visit.changes.count()}",
        page="exchanges:exchange",
        word=kinds.both(note),
    )


@transaction.atomic
def reopen(visit: Visit, *, by: Any, note: str) -> None:
    """Bring back what was declined, withdrawn or cancelled: as a request that needs a host, or that its host answers again."""
    from .requesting import look_for_host

    VISIT.apply(visit, "reopen", by=by, note=note)
    Visit.objects.filter(pk=visit.pk).update(
        starts_on=None,
        ends_on=None,
        postponed_at=None,
        needs_deleted_at=None,
        plan_version=F("plan_version") + 1,
        updated_at=timezone.now(),
    )
    visit = fresh(visit)
    if visit.leg == Visit.Leg.FIRST:
        visit.exchange.host = None
        visit.exchange.save(update_fields=["host", "updated_at"])
        Visit.objects.filter(pk=visit.pk).update(host_lead=None)
        look_for_host(visit.exchange)
    people = leads(visit, Side.VISITORS)
    tell(
        kinds.REOPENED,
        visit,
        people,
        occasion=f"reopened:{visit.changes.count()}",
        page="exchanges:exchange",
        word=kinds.both(note),
        by=kinds.both(str(by)),
    )
