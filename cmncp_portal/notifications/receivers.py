"""What a mail provider tells about letters that it had taken (anymail's tracking events)."""

import re
from typing import Any

from anymail.signals import tracking
from django.dispatch import receiver

from . import services
from .models import Message

BAD_NEWS = {"bounced", "rejected", "failed"}
_OWN_NUMBER = re.compile(r"<?letter-(\d{1,18})-(\d{1,12})@")


@receiver(tracking, dispatch_uid="notifications.letter_came_back")
def letter_came_back(event: Any, **_others: Any) -> None:
    """Mark the letter of a bounce; a bounce of something else, or for another address, changes nothing."""
    if event.event_type not in BAD_NEWS:
        return
    message = _letter_of(event)
    if message and (not event.recipient or event.recipient.strip().lower() == message.to_email):
        reason = event.mta_response or event.description or event.reject_reason or event.event_type
        services.record_bounce(message, str(reason))


def _letter_of(event: Any) -> Message | None:
    number = str(event.message_id or "")
    if not number:
        return None
    if message := Message.objects.filter(provider_id=number).first():
        return message
    own = _OWN_NUMBER.match(number)
    message = Message.objects.filter(pk=int(own[1])).first() if own else None
    return message if message and message.message_id.strip("<>") == number.strip("<>") else None
