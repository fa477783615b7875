"""The same letter to many people, written by a worker a hundred at a time: nobody waits on a white page, nobody gets it twice.

`begin` freezes who is written to and what is said, inside the transaction that makes it true. A worker then writes the
letters into the outbox; when it is killed, the sweep goes on where it stopped.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from cmncp_portal.core.entries import CalendarEntry, Method

from . import services
from .kinds import Kind, kind_called
from .models import Mailing, MailingLine, Message
from .recipients import Recipient

log = logging.getLogger(__name__)

BATCH = 100  # letters in one transaction: what a killed worker leaves undone


@dataclass(frozen=True)
class Line:
    """One person of a mailing. `own` are the values that are hers alone, per language; `gets_calendar` adds the event."""

    to: Recipient
    own: dict[str, dict[str, Any]] = field(default_factory=lambda: {"en": {}, "fr": {}})
    gets_calendar: bool = True


@dataclass(frozen=True)
class Progress:
    """How far a mailing is: of `total` people, for how many the letter is `written`, `sent`, or `failed`."""

    mailing: Mailing
    total: int
    written: int
    sent: int
    failed: int

    @property
    def is_over(self) -> bool:
        return self.mailing.finished_at is not None or self.mailing.withdrawn_at is not None


@transaction.atomic
def begin(
    kind: Kind,
    lines: Iterable[Line],
    *,
    key: str,
    context: dict[str, dict[str, Any]],
    calendar: dict[str, CalendarEntry] | None = None,
    calendar_method: Method = "REQUEST",
    by: Any = None,
) -> Mailing:
    """Write down who is to get the letter of `kind`, once per address, and ask a worker to write it. Return the mailing.

    `key` names the occasion as in `services.send`: a second mailing of the same key is the first one again, with those
    added who were not in it. `context` holds {"en": {...}, "fr": {...}}, plain values; `name` is added for each person.
    `calendar` is the event per language. Constant queries, whatever the number of people.
    """
    mailing, _is_new = Mailing.objects.get_or_create(
        key=key,
        defaults={
            "kind": kind.name,
            "context": context,
            "calendar": {code: _as_plain(entry) for code, entry in (calendar or {}).items()},
            "calendar_method": calendar_method,
            "by_name": str(by or ""),
        },
    )
    rows = [
        MailingLine(
            mailing=mailing,
            email=line.to.email.strip().lower(),
            name=line.to.name,
            language=line.to.language,
            zone=line.to.zone,
            own=line.own,
            gets_calendar=line.gets_calendar,
        )
        for line in lines
        if line.to.email.strip()
    ]
    MailingLine.objects.bulk_create(rows, ignore_conflicts=True)
    Mailing.objects.filter(pk=mailing.pk).update(finished_at=None)
    _hand_over(mailing.pk)
    return mailing


def _hand_over(pk: int) -> None:
    from .tasks import write_mailing

    def publish() -> None:
        try:
            write_mailing.apply_async((pk,), retry=False)
        except Exception as problem:  # the broker is down: the sweep writes what is left
            log.warning("mailing %s waits for the sweep, the broker does not answer: %s", pk, problem)

    transaction.on_commit(publish)


def write(pk: int) -> int:
    """Write all letters of the mailing `pk` that are not written yet; return how many. May run twice at once, or be killed."""
    written = 0
    while (count := _write_some(pk)) is not None:
        written += count
    return written


@transaction.atomic
def _write_some(pk: int) -> int | None:
    """Write the next hundred letters; None when nothing is left to do."""
    mailing = Mailing.objects.filter(pk=pk, finished_at__isnull=True, withdrawn_at__isnull=True).first()
    kind = kind_called(mailing.kind) if mailing else None
    if mailing is None or kind is None:
        return None
    open_lines = mailing.lines.filter(written_at__isnull=True).order_by("pk")
    lines = list(open_lines.select_for_update(skip_locked=True)[:BATCH])
    if not lines:
        if not open_lines.exists():
            Mailing.objects.filter(pk=pk, withdrawn_at__isnull=True).update(finished_at=timezone.now())
        return None
    for gets_calendar in (True, False):
        some = [line for line in lines if line.gets_calendar is gets_calendar]
        _write_lines(mailing, kind, some, gets_calendar=gets_calendar)
    mailing.lines.filter(pk__in=[line.pk for line in lines]).update(written_at=timezone.now())
    return len(lines)


def _write_lines(mailing: Mailing, kind: Kind, lines: list[MailingLine], *, gets_calendar: bool) -> None:
    """One call per language of the calendar part, because the event is in its reader's language."""
    for code in ("en", "fr"):
        some = [line for line in lines if (line.language == "fr") == (code == "fr")]
        event = mailing.calendar.get(code) if gets_calendar else None
        letters = [
            (
                Recipient(line.email, line.name, line.language, line.zone),  # type: ignore[arg-type]
                {c: {**mailing.context[c], **line.own.get(c, {}), "name": line.name} for c in ("en", "fr")},
            )
            for line in some
        ]
        if letters:
            services.send_many(
                kind,
                letters,
                key=mailing.key,
                calendar=_from_plain(event) if event else None,
                calendar_method=mailing.calendar_method,  # type: ignore[arg-type]
            )


def sweep() -> int:
    """Go on with mailings that nobody finished; return how many letters were written."""
    unfinished = Mailing.objects.filter(finished_at__isnull=True, withdrawn_at__isnull=True).order_by("pk")
    return sum(map(write, list(unfinished.values_list("pk", flat=True))))


def progress_of(key_prefix: str) -> list[Progress]:
    """Return the mailings whose key is `key_prefix` or continues it after a colon, newest first, in two queries."""
    return progress_of_all([key_prefix])


def progress_of_all(key_prefixes: Iterable[str]) -> list[Progress]:
    """Return the mailings about any of `key_prefixes`, as `progress_of` does, newest first, in two queries."""
    prefixes = list(key_prefixes)
    is_written = Count("lines", filter=Q(lines__written_at__isnull=False))
    rows = _about_any(Mailing.objects, prefixes).annotate(all_lines=Count("lines"), done=is_written)
    mailings = list(rows.order_by("-pk"))
    letters = _about_any(Message.objects, prefixes).values_list("key", "state") if mailings else ()
    states: dict[str, list[str]] = {}
    for key, state in letters:
        owner = max((m.key for m in mailings if key.startswith(f"{m.key}:")), key=len, default="")
        states.setdefault(owner, []).append(state)
    return [_progress(mailing, states.get(mailing.key, [])) for mailing in mailings]


def _about_any(rows: Any, prefixes: list[str]) -> Any:
    return reduce(or_, (rows.about(prefix) for prefix in prefixes), rows.none())


def _progress(mailing: Any, states: list[str]) -> Progress:
    bad = (Message.State.FAILED, Message.State.BOUNCED)
    failed = sum(state in bad for state in states)
    return Progress(mailing, mailing.all_lines, mailing.done, states.count(Message.State.SENT), failed)


def _as_plain(entry: CalendarEntry) -> dict[str, Any]:
    def moment(value: datetime | date) -> dict[str, str]:
        if not isinstance(value, datetime):
            return {"day": value.isoformat()}
        return {"at": value.replace(tzinfo=None).isoformat(), "zone": str(value.tzinfo)}

    plain = ("uid", "title", "place", "url", "sequence", "cancelled", "description")
    return {name: getattr(entry, name) for name in plain} | {"start": moment(entry.start), "end": moment(entry.end)}


def _from_plain(plain: dict[str, Any]) -> CalendarEntry:
    def moment(value: dict[str, str]) -> datetime | date:
        if "day" in value:
            return date.fromisoformat(value["day"])
        return datetime.fromisoformat(value["at"]).replace(tzinfo=ZoneInfo(value["zone"]))

    return CalendarEntry(**{**plain, "start": moment(plain["start"]), "end": moment(plain["end"])})


__all__ = ["Line", "Progress", "begin", "progress_of", "progress_of_all", "sweep", "write"]
