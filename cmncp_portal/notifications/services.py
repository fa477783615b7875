"""Writing letters into the outbox, taking them back, and what people want to receive.

`send` may be called as often as one likes with the same key: there is one letter per key and person. It must be called
inside the transaction that makes the letter true; the mail itself leaves after commit, and what fails is tried again.
"""

import hashlib
import logging
import time
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from cmncp_portal.core.entries import CalendarEntry, Method, to_ics
from cmncp_portal.core.personal import is_nowhere
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import active_language

from . import selectors
from .delivery import deliver, deliver_all, sweep, unsubscribe_url
from .kinds import Kind
from .models import LIBRARY_MAIL, LONGEST_KEY, Category, Mailing, Message, Preference
from .notifications import NEWS_ON
from .recipients import Recipient
from .rendering import in_header, render

__all__ = [
    "deliver",
    "deliver_all",
    "is_wanted",
    "queue_mail",
    "resend",
    "send",
    "send_many",
    "set_preference",
    "set_preferences",
    "sweep",
    "unsubscribe",
    "withdraw",
]

log = logging.getLogger(__name__)

PER_TASK = 100  # letters that one task sends over one connection
_BROKER_PAUSE = 10.0  # seconds without a new attempt, so that a dead broker costs one wait and not one per letter
_broker_away_until = 0.0


def send(
    kind: Kind,
    to: Recipient,
    *,
    key: str,
    context: dict[str, Any],
    calendar: CalendarEntry | None = None,
    calendar_method: Method = "REQUEST",
    not_before: datetime | None = None,
) -> Message | None:
    """Put one letter into the outbox and return it; None when it was there already or the person does not want it.

    `key` names the occasion, its parts separated by colons ("exchanges.confirmed:12:v3"); the address is added to it.
    `not_before` (an aware datetime) holds the letter back until that instant. An address that is none gives a letter
    that is "not delivered", so that it is seen. Raises ValueError for a missing variable, TypeError for a value that is
    not plain (see rendering.render).
    """
    written = send_many(
        kind, [(to, context)], key=key, calendar=calendar, calendar_method=calendar_method, not_before=not_before
    )
    return written[0] if written else None


def send_many(
    kind: Kind,
    letters: Iterable[tuple[Recipient, dict[str, Any]]],
    *,
    key: str,
    calendar: CalendarEntry | None = None,
    calendar_method: Method = "REQUEST",
    not_before: datetime | None = None,
) -> list[Message]:
    """Do what `send` does for many people, with the same number of queries for one and for a thousand.

    Return the letters that are new, in the order given. A person named twice gets one letter, the first.
    """
    wanted = _by_key(kind, letters, key)
    known = set(Message.objects.filter(key__in=wanted).values_list("key", flat=True))
    new = {full_key: letter for full_key, letter in wanted.items() if full_key not in known}
    if not new:
        return []
    now, drafts = timezone.now(), []
    for full_key, (to, context, choice) in new.items():
        token = selectors.unsubscribe_token(choice) if choice and kind.is_announcement else ""
        draft = _draft(kind, to, context, token, not_before or now)
        draft.key, draft.created_at = full_key, now
        if calendar:
            draft.calendar, draft.calendar_method = _ics(calendar, calendar_method, to), calendar_method
        drafts.append(draft)
    written = _insert(drafts, now)
    _hand_over([message.pk for message in written if message.state == Message.State.QUEUED and message.due_at <= now])
    return written


def _by_key(
    kind: Kind, letters: Iterable[tuple[Recipient, dict[str, Any]]], key: str
) -> dict[str, tuple[Recipient, dict[str, Any], Preference | None]]:
    addressed = [
        (to.email.strip().lower(), to, context)
        for to, context in letters
        if to.email.strip() and not is_nowhere(to.email)  # somebody who was forgotten gets nothing
    ]
    decided = selectors.choices(kind, [email for email, _to, _context in addressed])
    wanted: dict[str, tuple[Recipient, dict[str, Any], Preference | None]] = {}
    for email, to, context in addressed:
        if selectors.allows(kind, decided.get(email)):
            wanted.setdefault(full_key_of(key, email), (to, context, decided.get(email)))
    return wanted


def full_key_of(key: str, email: str) -> str:
    """Return the key of one person's letter. What would be too long ends in a digest, so that no two become one."""
    full = f"{key}:{email.strip().lower()}"
    if len(full) <= LONGEST_KEY:
        return full
    digest = hashlib.sha256(full.encode()).hexdigest()
    return f"{full[: LONGEST_KEY - len(digest) - 1]}:{digest}"


def _draft(kind: Kind, to: Recipient, context: dict[str, Any], token: str, due_at: datetime) -> Message:
    letter = render(kind, to.language, context, partial(unsubscribe_url, token))
    message = Message(
        kind=kind.name,
        category=selectors.category_of(kind),
        to_email=to.email.strip().lower(),
        to_name=in_header(to.name, 200),
        language=to.language,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        is_reminder=kind.is_reminder,
        unsubscribe_token=token,
        due_at=due_at,
        next_attempt_at=due_at,
    )
    return _with_sound_address(message)


def _with_sound_address(message: Message) -> Message:
    try:
        validate_email(message.to_email)
        if len(message.to_email) > 254:
            raise ValidationError("too long")
    except ValidationError:
        message.to_email = in_header(message.to_email, 254)
        message.state, message.last_error = Message.State.BOUNCED, "This is not an email address."
    return message


def _ics(entry: CalendarEntry, method: Method, to: Recipient) -> str:
    """Return the calendar file. Outlook takes an invitation in only when its reader is among the attendees."""
    invited = entry if entry.attendees else replace(entry, attendees=((in_header(to.name, 200), to.email.strip()),))
    return to_ics([invited], method=method, language="en" if to.language == "both" else to.language)


def _insert(drafts: list[Message], now: datetime) -> list[Message]:
    """Write the letters that nobody else wrote at the same moment, and return these."""
    Message.objects.bulk_create(drafts, ignore_conflicts=True)
    mine = Message.objects.for_lists().filter(key__in=[draft.key for draft in drafts], created_at=now)
    found = {message.key: message for message in mine}
    return [found[draft.key] for draft in drafts if draft.key in found]


def _hand_over(pks: Sequence[int]) -> None:
    """Ask a worker to send these letters once the transaction is committed; without a broker the sweep does it."""
    from .tasks import deliver_letters

    def publish() -> None:
        global _broker_away_until
        if time.monotonic() < _broker_away_until:
            return
        try:
            for start in range(0, len(pks), PER_TASK):
                deliver_letters.apply_async((list(pks[start : start + PER_TASK]),), retry=False)
        except Exception as problem:  # the broker is down: the sweep sends what lies in the outbox
            _broker_away_until = time.monotonic() + _BROKER_PAUSE
            log.warning("letters wait for the sweep, the broker does not answer: %s", problem)

    if pks:
        transaction.on_commit(publish)


def is_wanted(kind: Kind, email: str) -> bool:
    """Tell whether a letter of `kind` may go to `email`: essential always, announcements only with recorded consent."""
    address = email.strip().lower()
    return selectors.allows(kind, selectors.choices(kind, [address]).get(address))


def withdraw(key_prefix: str) -> int:
    """Take back letters that wait to be sent and whose key is `key_prefix` or continues it after a colon.

    "visit:1" takes back "visit:1:…" and not "visit:12:…". Return how many. A letter that is just being sent still leaves.
    Mailings about it that are still being written stop.
    """
    unfinished = Mailing.objects.about(key_prefix).filter(finished_at__isnull=True, withdrawn_at__isnull=True)
    unfinished.update(withdrawn_at=timezone.now())
    waiting = Message.objects.about(key_prefix).filter(state=Message.State.QUEUED)
    return waiting.update(state=Message.State.WITHDRAWN)


@transaction.atomic
def resend(message: Message) -> bool:
    """Try a letter that failed or came back once more, from the first pause on; False when it did neither."""
    stuck = Message.objects.filter(pk=message.pk, state__in=[Message.State.FAILED, Message.State.BOUNCED])
    now = timezone.now()
    queued = stuck.update(state=Message.State.QUEUED, attempts=0, due_at=now, next_attempt_at=now, last_error="")
    if queued:
        _hand_over([message.pk])
    return bool(queued)


def record_bounce(message: Message, reason: str) -> None:
    """Note that a mail provider could not deliver a letter that it had taken."""
    taken = Message.objects.filter(pk=message.pk).exclude(state=Message.State.WITHDRAWN)
    taken.update(state=Message.State.BOUNCED, last_error=reason[:1000])


def set_preference(*, email: str, category: str, is_wanted: bool, wording: str = "") -> Preference:
    """Record what the holder of `email` wants of `category`, and the words that were agreed to.

    Deciding the same again changes nothing: the day of the first consent stays.
    """
    address = email.strip().lower()
    new = {"is_wanted": is_wanted, "wording": wording}
    choice, is_new = Preference.objects.get_or_create(email=address, category=category, defaults=new)
    if not is_new and choice.is_wanted != is_wanted:
        choice.is_wanted, choice.wording, choice.decided_at = is_wanted, wording, timezone.now()
        choice.save()
    return choice


@transaction.atomic
def set_preferences(*, to: Recipient, choices: dict[str, bool], wording: str) -> None:
    """Record a person's choices by category; who newly agrees to announcements gets a letter that says so."""
    decided = selectors.preferences_of(to.email)
    for category, wanted in choices.items():
        before = decided.get(category)
        assumed = before.is_wanted if before else category != Category.ANNOUNCEMENTS
        if wanted == assumed:
            continue
        is_consent = wanted and category == Category.ANNOUNCEMENTS
        choice = set_preference(
            email=to.email, category=category, is_wanted=wanted, wording=wording if is_consent else ""
        )
        if is_consent:
            _say_that_news_are_on(to, choice)


def _say_that_news_are_on(to: Recipient, choice: Preference) -> None:
    from django.urls import reverse

    context = {
        "name": to.name,
        "wording": choice.wording,
        "preferences_url": absolute(reverse("notifications:preferences")),
    }
    send(NEWS_ON, to, key=f"{NEWS_ON.name}:{choice.pk}:{choice.decided_at.timestamp():.0f}", context=context)


def unsubscribe(choice: Preference) -> None:
    """Stop the letters that `choice` is about, and take back those that wait."""
    with transaction.atomic():
        set_preference(email=choice.email, category=choice.category, is_wanted=False)
        waiting = Message.objects.filter(to_email=choice.email, category=choice.category, state=Message.State.QUEUED)
        waiting.exclude(unsubscribe_token="").update(state=Message.State.WITHDRAWN)


def queue_mail(mail: Any) -> list[Message]:
    """Put a mail made by a library (sign-in codes, password resets) into the outbox, one letter per reader.

    Raises ValueError for a mail with attachments: the outbox would lose them.
    """
    if mail.attachments:
        raise ValueError("a mail with attachments is to be a letter of its own kind")
    html = next((content for content, mimetype in getattr(mail, "alternatives", []) if mimetype == "text/html"), "")
    written = []
    for reader in mail.recipients():
        message = Message(
            key=f"{LIBRARY_MAIL}:{uuid.uuid4()}",
            kind=LIBRARY_MAIL,
            category=Category.ACCOUNT,
            to_email=reader.strip().lower(),
            language=active_language(),
            subject=in_header(str(mail.subject), 300),
            text=str(mail.body),
            html=str(html),
        )
        _with_sound_address(message).save()
        written.append(message)
    _hand_over([message.pk for message in written if message.state == Message.State.QUEUED])
    return written
