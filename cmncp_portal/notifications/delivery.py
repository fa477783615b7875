"""From the outbox to the mail server.

One sender per letter: a session's advisory lock in the database, which ends with the sender's connection, so that the
letters of a killed worker are free at once. No transaction is open while the mail server is spoken to, however slow it
is. (Behind PgBouncer the worker needs session pooling.)
"""

import contextlib
import logging
import smtplib
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from email.utils import formataddr

from anymail.exceptions import AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import DatabaseError, connection
from django.db.models import F
from django.urls import reverse
from django.utils import timezone, translation

from cmncp_portal.core.screens import absolute

from .models import Message

log = logging.getLogger(__name__)

# Pauses after the 1st, 2nd… failed attempt, in minutes: 28 hours. After the last the letter "could not be sent".
PAUSES = (1, 2, 5, 10, 20, 40, 60, 120, 240, 480, 720)
AT_ONCE = 500  # letters that one sweep looks at
BUDGET = 45.0  # seconds after which a batch begins no further letter; the sweep comes every minute
_LOCKS = 0x4C455454 << 32  # the letters' part of the database's advisory locks ("LETT")


def deliver(pk: int, mailer: BaseEmailBackend | None = None) -> str:
    """Send the letter `pk` if it waits, its time has come, and nobody else is sending it.

    Returns "sent", "retry" (after a pause), "bounced" (address refused), "failed" (given up), "down" (no mail server:
    the letter stays as it was) or "skip". `mailer` is a connection to reuse; it may be open or closed.
    """
    own = mailer or transport()
    with _alone_with(pk) as alone:
        if not alone or not Message.objects.due(timezone.now()).filter(pk=pk).exists():
            return "skip"
        try:
            if not _opened(own):
                return "down"
            return _attempt(pk, own)
        finally:
            if mailer is None:
                own.close()


def deliver_all(pks: Iterable[int], budget: float = BUDGET) -> int:
    """Send these letters over one connection, for at most about `budget` seconds; return how many left.

    What is not reached in time, or finds no mail server, is taken up by the next sweep.
    """
    ends, sent = time.monotonic() + budget, 0
    mailer = transport()
    try:
        for pk in pks:
            outcome = deliver(pk, mailer)
            sent += outcome == "sent"
            if outcome == "down" or time.monotonic() > ends:
                break
    finally:
        mailer.close()
    return sent


def sweep(limit: int = AT_ONCE) -> int:
    """Send letters that wait and whose time has come, those waiting longest first; return how many left."""
    due = Message.objects.due(timezone.now()).order_by("next_attempt_at", "pk")
    return deliver_all(due.values_list("pk", flat=True)[:limit])


def transport() -> BaseEmailBackend:
    """Return a connection, not open yet, to the real mail server (or the demo's folder), never to the outbox."""
    return get_connection(str(settings.MAIL_TRANSPORT), fail_silently=False)


@contextlib.contextmanager
def _alone_with(pk: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCKS + pk])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with contextlib.suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has unlocked
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCKS + pk])


def _opened(mailer: BaseEmailBackend) -> bool:
    try:
        mailer.open()
    except Exception as problem:  # refused, timed out, wrong password: not the letter's fault
        log.warning("no mail leaves, the mail server does not let us in: %s", problem)
        with contextlib.suppress(Exception):
            mailer.close()  # Django keeps a connection whose log-in failed, and would use it
        return False
    return True


def _attempt(pk: int, mailer: BaseEmailBackend) -> str:
    """Count the attempt for good before it is made: a letter that kills its worker must not do so for ever."""
    Message.objects.filter(pk=pk).update(attempts=F("attempts") + 1)
    message = Message.objects.get(pk=pk)
    if message.attempts > len(PAUSES) + 1:
        return _given_up(message, message.last_error or "The sender was interrupted at every attempt.")
    mail = mail_of(message, mailer)
    try:
        if mail.send() != 1:
            raise RuntimeError("the mail server took nothing")
    except Exception as problem:  # whatever the mail server does, the letter stays
        if not isinstance(problem, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused):
            with contextlib.suppress(Exception):
                mailer.close()
        return _refused(message, problem)
    given = getattr(mail, "anymail_status", None)
    provider_id = str(getattr(given, "message_id", None) or "")[:200]
    Message.objects.filter(pk=pk).update(
        state=Message.State.SENT, sent_at=timezone.now(), last_error="", provider_id=provider_id
    )
    return "sent"


def _refused(message: Message, problem: Exception) -> str:
    error = f"{type(problem).__name__}: {problem}"[:1000]
    if _is_the_address(problem):
        _note(message, state=Message.State.BOUNCED, last_error=error)
        return "bounced"
    if message.attempts > len(PAUSES):
        return _given_up(message, error)
    pause = timedelta(minutes=PAUSES[message.attempts - 1])
    _note(message, next_attempt_at=timezone.now() + pause, last_error=error)
    return "retry"


def _given_up(message: Message, error: str) -> str:
    _note(message, state=Message.State.FAILED, last_error=error)
    return "failed"


def _note(message: Message, **changes: object) -> None:
    """Write what became of a letter that did not leave, unless it was withdrawn meanwhile."""
    Message.objects.filter(pk=message.pk, state=Message.State.QUEUED).update(**changes)


def _is_the_address(problem: Exception) -> bool:
    """Whether the mail server refused the address for good (RFC 5321, 4.2.1: 5yz), rather than the letter or us."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _words in problem.recipients.values())
    return isinstance(problem, AnymailRecipientsRefused)


def unsubscribe_url(token: str, language: str) -> str:
    """Return the address at which the holder of `token` stops announcements; "" for no token."""
    if not token:
        return ""
    with translation.override("fr" if language == "fr" else "en"):
        return absolute(reverse("notifications:unsubscribe", args=[token]))


def mail_of(message: Message, mailer: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """Return the mail of a letter: plain text, HTML, and the calendar both as a part (RFC 6047) and as a file."""
    acronym = settings.NETWORK_ACRONYM_FR if message.language == "fr" else settings.NETWORK_ACRONYM_EN
    mail = EmailMultiAlternatives(
        message.subject,
        message.text,
        from_email=formataddr((acronym, settings.DEFAULT_FROM_ADDRESS)),
        to=[formataddr((message.to_name, message.to_email)) if message.to_name else message.to_email],
        reply_to=[settings.NETWORK_CONTACT_EMAIL],
        headers=_headers(message),
        connection=mailer,
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    if message.calendar:
        mail.attach_alternative(message.calendar, f"text/calendar; method={message.calendar_method}")
        # As text/calendar a second time it would make two events in Outlook.
        mail.attach("invitation.ics", message.calendar.encode(), "application/ics")
    return mail


def _headers(message: Message) -> dict[str, str]:
    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated", "X-CMNCP-Kind": message.kind}
    headers["Content-Language"] = "en-CA, fr-CA" if message.language == "both" else f"{message.language}-CA"
    if message.unsubscribe_token:
        url = unsubscribe_url(message.unsubscribe_token, message.language)
        headers |= {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return headers
