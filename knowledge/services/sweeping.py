"""What the library does by itself: reminds people of what is due."""

from datetime import datetime
from typing import Any

from django.db import transaction

from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.notifications.services import send_many

from ..models import ActionBrief, Review
from ..reminders import Due, due
from ..selectors.people import administrators, writers


def send_reminders(now: datetime | None = None) -> int:
    """Write each letter that is due at `now` (the present unless given); return how many are new. May run twice."""
    return sum(_remind(one) for one in due(now))


@transaction.atomic
def _remind(one: Due) -> int:
    """Write to those for whom the hour has come; the others follow when their own zone reaches it."""
    if not _still_stands(one):
        return 0
    letters = [
        (to, {code: {**values, "name": to.name} for code, values in one.values.items()})
        for to in _recipients(one)
        if one.is_due_in(to.zone)
    ]
    return len(send_many(one.kind, letters, key=f"{one.kind.name}:{one.occasion}"))


def _still_stands(one: Due) -> bool:
    """Whether nobody answered, moved the day or took the brief back since it was asked for. Locks what the letter is about."""
    brief = ActionBrief.objects.select_for_update(of=("self",)).filter(pk=one.brief.pk).first()
    if brief is None:
        return False
    if one.review is not None:
        same = Review.objects.select_for_update().filter(
            pk=one.review.pk, due_on=one.review.due_on, answered_at__isnull=True
        )
        return brief.state not in (ActionBrief.State.SUPERSEDED, ActionBrief.State.WITHDRAWN) and same.exists()
    fields = ("state", "next_review_on", "exception_until")
    return all(getattr(brief, name) == getattr(one.brief, name) for name in fields)


def _recipients(one: Due) -> list[Recipient]:
    """The people of the letter, each once."""
    if one.review is not None:
        reader = one.review.reviewer
        language: Any = reader.language
        return [Recipient(reader.email, reader.name, language, reader.time_zone)]
    return writers() if one.to == "writers" else [*writers(), *administrators()]
