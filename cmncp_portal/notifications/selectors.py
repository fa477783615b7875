"""What the outbox knows."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Min
from django.utils import timezone

from cmncp_portal.core import links

from .kinds import Kind, all_kinds
from .models import LIBRARY_MAIL, Category, Message, MessageQuerySet, Preference

_SETTLED = (Message.State.SENT, Message.State.FAILED, Message.State.BOUNCED)


def oldest_unsent_age() -> timedelta | None:
    """Return for how long the letter that waits longest should have left by now; None when none is late."""
    now = timezone.now()
    waiting = Message.objects.filter(state=Message.State.QUEUED, due_at__lte=now)
    oldest = waiting.aggregate(oldest=Min("due_at"))["oldest"]
    return now - oldest if oldest else None


def undeliverable(emails: Iterable[str]) -> set[str]:
    """Return those of `emails`, in small letters, whose latest letter bounced or could not be sent. One query."""
    latest = (
        Message.objects.filter(to_email__in={email.strip().lower() for email in emails}, state__in=_SETTLED)
        .order_by("to_email", "-created_at", "-pk")
        .distinct("to_email")
        .values_list("to_email", "state")
    )
    return {email for email, state in latest if state != Message.State.SENT}


def letters_about(key_prefix: str) -> MessageQuerySet:
    """Return the letters whose key is `key_prefix` or continues it after a colon, newest first, without their bodies."""
    return Message.objects.about(key_prefix).for_lists()


def every_letter() -> MessageQuerySet:
    """All letters, for the secretariat's outbox and the demo's mailbox; who may see them is asked in the view."""
    return Message.objects.all()


def letters_to(email: str) -> MessageQuerySet:
    """Return what was sent to `email`, newest first, except what signs in its reader (that is for the mailbox only)."""
    received = Message.objects.filter(
        to_email=email.strip().lower(), state__in=[Message.State.SENT, Message.State.BOUNCED]
    )
    return received.filter(sent_at__isnull=False).exclude(kind=LIBRARY_MAIL)


def category_of(kind: Kind) -> str:
    """Return the category whose preference decides about `kind`."""
    return Category.ANNOUNCEMENTS if kind.is_announcement else kind.category


def choices(kind: Kind, emails: Iterable[str]) -> dict[str, Preference]:
    """Return who of `emails` (in small letters) has decided about letters of this kind. One query, none for essential kinds."""
    if not kind.may_be_refused:
        return {}
    decided = Preference.objects.filter(email__in=set(emails), category=category_of(kind))
    return {choice.email: choice for choice in decided}


def allows(kind: Kind, choice: Preference | None) -> bool:
    """Tell whether a letter of `kind` may go to a person who has made `choice`, or none."""
    if not kind.may_be_refused:
        return True
    return choice.is_wanted if choice else not kind.is_announcement


def optional_categories() -> list[Category]:
    """Return the categories in which some letters may be declined, announcements apart, in the order of Category."""
    declared = {kind.category for kind in all_kinds() if kind.may_be_refused and not kind.is_announcement}
    return [category for category in Category if category in declared and category != Category.ANNOUNCEMENTS]


def preferences_of(email: str) -> dict[str, Preference]:
    """Return what the holder of `email` has decided, by category."""
    return {choice.category: choice for choice in Preference.objects.filter(email=email.strip().lower())}


def unsubscribe_token(choice: Preference) -> str:
    """Return the token with which the person of `choice` stops these letters without signing in."""
    return links.make_token("unsubscribe", choice.pk, choice.email)


def choice_of_token(token: str) -> Preference | None:
    """Return the preference that `token` was made for, or None when it was not made here."""
    pk = links.pk_of(token)
    choice = Preference.objects.filter(pk=pk).first() if pk is not None else None
    return choice if choice and links.is_valid(token, "unsubscribe", choice.pk, choice.email) else None
