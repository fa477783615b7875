"""Every year a member says that it stays. After the day ninety days of grace run; then the membership ends by itself."""

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network import services as network
from cmncp_portal.network.models import Membership

from .. import notifications as kinds
from ..models import Renewal
from ..models.renewal import GRACE_DAYS
from ..selectors.days import fee_for, next_due
from ..workflow import RENEWAL, membership_goes_on
from .telling import names_of, tell_coordinators, tell_speakers

OPENS_DAYS = 60  # before the day: then the first letter leaves


@transaction.atomic
def open_due(today: date | None = None) -> int:
    """Ask for the renewals whose day lies within sixty days of `today`; return how many are new. For the night."""
    on = today or timezone.localdate()
    until = on + timedelta(days=OPENS_DAYS)
    kinds_of_members = (Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE)
    running = Membership.objects.filter(kind__in=kinds_of_members, from_on__lte=on).filter(
        Q(until_on__isnull=True) | Q(until_on__gt=until)
    )
    known = set(Renewal.objects.filter(due_on__gte=on, due_on__lte=until).values_list("membership_id", "due_on"))
    made = []
    for membership in running.select_related("municipality"):
        due = next_due(membership, on - timedelta(days=1))
        if due <= until and (membership.pk, due) not in known:
            fee = fee_for(membership.municipality, membership.kind, due)
            made.append(Renewal(membership=membership, due_on=due, fee=fee))
    return len(Renewal.objects.bulk_create(made, ignore_conflicts=True))


@transaction.atomic
def say_we_stay(renewal: Renewal, *, by: Any) -> None:
    """The member says that it stays; a coordinator records the renewal when the fee is settled."""
    fresh = (
        Renewal.objects.select_for_update(of=("self",)).select_related("membership__municipality").get(pk=renewal.pk)
    )
    if not by.has_perm("joining.confirm_renewal", fresh):
        raise PermissionDenied
    if fresh.state != Renewal.State.DUE:
        raise TransitionRefused(_("This renewal is settled: “%(state)s”.") % {"state": fresh.get_state_display()})
    if reason := membership_goes_on(fresh):
        raise TransitionRefused(reason)
    if fresh.confirmed_at:
        raise TransitionRefused(
            _("%(name)s has said so already.") % {"name": fresh.confirmed_by_name}, done_already=True
        )
    Renewal.objects.filter(pk=fresh.pk).update(confirmed_at=timezone.now(), confirmed_by_name=str(by))
    tell_coordinators(
        kinds.STAYS,
        place=names_of(fresh.membership.municipality),
        url=kinds.url_words("renewals"),
        key=f"{fresh.pk}:stays",
        person=kinds.both(str(by)),
        due=kinds.day_words(fresh.due_on),
    )


@transaction.atomic
def record(renewal: Renewal, *, by: Any, on: date | None = None) -> None:
    """Record that the year is renewed, also during grace; the member is told when the next one is due."""
    RENEWAL.apply(renewal, "renew", by=by)
    _renewed(renewal, on or timezone.localdate())


@transaction.atomic
def bring_back(renewal: Renewal, *, by: Any, on: date | None = None) -> Membership:
    """Renew after all what had lapsed: a new membership of the same class from `on` (today), after the one before at the earliest."""
    RENEWAL.apply(renewal, "bring_back", by=by)
    day = on or timezone.localdate()
    old = Membership.objects.select_related("municipality").get(pk=renewal.membership_id)
    begins = day if old.until_on is None else max(day, old.until_on + timedelta(days=1))
    membership = network.admit_member(old.municipality, kind=old.kind, from_on=begins, by=by)
    _renewed(renewal, day, membership)
    return membership


def _renewed(renewal: Renewal, on: date, membership: Membership | None = None) -> None:
    Renewal.objects.filter(pk=renewal.pk).update(renewed_on=on)
    running = membership or renewal.membership
    tell_speakers(
        kinds.RENEWED,
        running.municipality,
        key=f"{renewal.pk}:renewed",
        url=kinds.url_words("my_renewal", running.municipality.slug),
        next_due=kinds.day_words(next_due(running, max(on, renewal.due_on))),
    )


@transaction.atomic
def leave(renewal: Renewal, *, by: Any, word: str) -> None:
    """The member leaves: its membership ends with the year that is paid, or today when that has passed."""
    RENEWAL.apply(renewal, "leave", by=by, note=word)
    last = max(renewal.due_on - timedelta(days=1), timezone.localdate())
    place = renewal.membership.municipality
    network.suspend_member(place, until_on=last, by=by)
    values = {"on": kinds.day_words(last), "word": kinds.both(word), "person": kinds.both(str(by))}
    key = f"{renewal.pk}:left"
    tell_coordinators(kinds.LEFT, place=names_of(place), url=kinds.url_words("renewals"), key=key, **values)
    tell_speakers(kinds.LEFT, place, key=key, url=kinds.url_words("my_renewal", place.slug), **values)


@transaction.atomic
def lapse(renewal: Renewal, *, by: Any = None) -> None:
    """End the membership whose days of grace are over, and say so. `by` is None when the night does it.

    A membership that was ended otherwise meanwhile stays as it is, and nobody is written to. Raises TransitionRefused.
    """
    RENEWAL.apply(renewal, "lapse", by=by)
    if membership_goes_on(renewal) is not None:
        return
    place, last = renewal.membership.municipality, renewal.grace_ends_on
    network.suspend_member(place, until_on=last, by=by)
    values = {"on": kinds.day_words(last)}
    tell_speakers(
        kinds.LAPSED, place, key=f"{renewal.pk}:lapsed", url=kinds.url_words("my_renewal", place.slug), **values
    )
    tell_coordinators(
        kinds.LAPSED_TO_COORDINATORS,
        place=names_of(place),
        url=kinds.url_words("renewals"),
        key=f"{renewal.pk}:lapsed",
        **values,
    )


def lapse_due(today: date | None = None) -> int:
    """End the memberships whose grace ended before `today`; return how many. For the night.

    Not of a member that said that it stays: it did what was asked, no letter warned it, and the coordinators settle the rest.
    """
    on = today or timezone.localdate()
    rows = Renewal.objects.open().filter(due_on__lt=on - timedelta(days=GRACE_DAYS))
    rows = rows.filter(Q(confirmed_at__isnull=True) | Q(membership__until_on__isnull=False))
    number = 0
    for renewal in rows.select_related("membership__municipality"):
        with suppress(TransitionRefused):  # somebody settled it meanwhile
            lapse(renewal)
            number += 1
    return number
