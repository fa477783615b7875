"""What the portal does by itself: letters about renewals, and what the night brings."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from cmncp_portal.core.money import money_in_words

from .. import notifications as kinds
from ..models import Renewal
from ..reminders import letters_due
from . import first_steps, interests, renewing
from .telling import tell_speakers


def send_reminders(now: datetime | None = None) -> int:
    """Write the letters about renewals that are due at `now`; return how many."""
    return sum(_remind(renewal, days) for renewal, days in letters_due(now or timezone.now()))


@transaction.atomic
def _remind(renewal: Renewal, days: int) -> int:
    place = renewal.membership.municipality
    fee = {code: money_in_words(renewal.fee, code) if renewal.fee is not None else "" for code in ("en", "fr")}
    return tell_speakers(
        kinds.RENEWAL,
        place,
        key=f"{renewal.pk}:{renewal.due_on}:{days}",
        url=kinds.url_words("my_renewal", place.slug),
        due=kinds.day_words(renewal.due_on),
        grace_ends=kinds.day_words(renewal.grace_ends_on),
        fee=fee,
        is_late=kinds.both(days > 0),
    )


def housekeeping() -> int:
    """Open renewals that are near, end memberships past grace, forget unconfirmed addresses, tick first steps; return how many."""
    # A demonstration that nobody looks after would lose its network within a year.
    renewals = renewing.open_due() + renewing.lapse_due() if settings.RENEWALS_RUN else 0
    return renewals + interests.forget_unconfirmed() + first_steps.notice_all()
