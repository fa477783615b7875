"""Django's mail backend of the portal: every mail, whoever makes it, goes through the outbox."""

from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

from . import services


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[Any]) -> int:
        """Queue the mails and return how many; never waits for a mail server."""
        return sum(bool(services.queue_mail(mail)) for mail in email_messages)
