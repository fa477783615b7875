"""Writing: a person's calendar address."""

from django.db import transaction
from django.utils import timezone

from cmncp_portal.accounts.models import User

from .models import CalendarFeed


@transaction.atomic
def renew_feed(*, by: User) -> CalendarFeed:
    """Give `by` a new calendar address and return it; the one before opens nothing any more."""
    User.objects.select_for_update().get(pk=by.pk)  # a second click waits and replaces the first
    revoke_feed(by=by)
    return CalendarFeed.objects.create(user=by)


def revoke_feed(*, by: User) -> bool:
    """Close the calendar address of `by`; return whether there was one."""
    return bool(CalendarFeed.objects.filter(user=by, revoked_at__isnull=True).update(revoked_at=timezone.now()))
