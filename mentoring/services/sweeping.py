"""What the portal does by itself: reminds who is to answer, asks how it goes, sees that each side has a lead."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ..models import Agreement, Side
from ..reminders.agreements import Due, due
from ..selectors.agreements import unanswered
from ..selectors.check_ins import DueCheckIn, due_check_ins
from .checking import open_check_in
from .people import follow_leavers, locked
from .telling import Reader, answering, leads, network, tell

log = logging.getLogger(__name__)


def send_reminders(now: datetime | None = None) -> int:
    """Queue each letter that is due; return how many are new. Running it again adds nothing."""
    return sum(_try(one) for one in due(now))


def _try(one: Due) -> int:
    """One that fails is tried again in an hour, and keeps nobody else's letter."""
    try:
        return _remind(one)
    except Exception:
        log.exception("%s about agreement %s could not be written", one.kind.name, one.agreement.pk)
        return 0


@transaction.atomic
def _remind(one: Due) -> int:
    """Write to those for whom the hour has come; the others follow when their own zone reaches it."""
    agreement = locked(one.agreement)
    if (agreement.state, agreement.last_sign_at) != (one.agreement.state, one.agreement.last_sign_at):
        return 0  # somebody answered, or did something, meanwhile
    ready = [reader for reader in _readers(one, agreement) if one.is_due_in(reader.to.zone)]
    return tell(one.kind, agreement, ready, occasion=one.occasion, **one.more)


def _readers(one: Due, agreement: Agreement) -> list[Reader]:
    if one.to == "network":
        return network(agreement)
    if one.to == "leads":
        return leads(agreement)
    return answering(agreement, Side(one.to)) if one.to in unanswered(agreement) else []


def follow_up(now: datetime | None = None) -> int:
    """See that each side has a lead, and open the check-ins that are due; return how much was done. May run twice."""
    today = timezone.localdate(now or timezone.now())
    return follow_leavers(today) + sum(_open(one) for one in due_check_ins(today))


def _open(one: DueCheckIn) -> int:
    """One that fails is tried again by the next sweep, and keeps no other from being opened."""
    try:
        return open_check_in(one)
    except Exception:
        log.exception("check-in %s of agreement %s could not be opened", one.moment, one.agreement.pk)
        return 0
