"""What the portal does about modules by itself: reminds authors of drafts, and of invitations that end."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cmncp_portal.network.selectors import coordinators
from cmncp_portal.notifications.recipients import Recipient

from ..models import Module, ModuleAuthor
from ..notifications.common import both
from ..notifications.modules import DRAFT_LATE
from ..reminders.modules import Due, due, writing
from ..selectors.modules_people import as_recipient
from .modules_telling import tell


def send_reminders(now: datetime | None = None) -> int:
    """Write each letter about modules that is due at `now` (the present unless given); return how many. May run twice."""
    return sum(_remind(one) for one in due(now))


@transaction.atomic
def _remind(one: Due) -> int:
    """Write to those for whom the hour has come; the others follow when their own zone reaches it."""
    module = Module.objects.select_for_update(of=("self",)).select_related("partner").get(pk=one.module.pk)
    if (module.state, module.draft_due_on) != (one.module.state, one.module.draft_due_on):
        return 0  # handed in, or the day was moved, since it was asked for
    people = [to for to in _recipients(one) if one.is_due_in(to.zone)]
    if not people:
        return 0
    more = dict(one.more)
    if one.kind == DRAFT_LATE:
        more["authors"] = both(", ".join(str(author.user) for author in writing(module)))
    return tell(one.kind, module, people, occasion=one.occasion, **more)


def _recipients(one: Due) -> list[Recipient]:
    if one.to == "coordinators":
        return coordinators()
    if one.author is not None:
        same = ModuleAuthor.objects.working(timezone.localdate(one.now)).filter(
            pk=one.author.pk, until_on=one.author.until_on, user__is_active=True
        )
        return [as_recipient(author.user) for author in same.select_related("user")]
    # Who was invited since the day of the reminder was told the due day then.
    return [as_recipient(a.user) for a in writing(one.module) if timezone.localdate(a.updated_at) < one.day]
