"""Moving a brief through its life: the desk's moves, the schedule, publication, withdrawal, an exception for one language.

Readers get a copy of the texts at publication. What a move brings about is told here, in the same transaction.
"""

import logging
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.days import local_day, local_instant
from cmncp_portal.core.text import other
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY
from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications import mailings
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.mailings import Line
from cmncp_portal.notifications.recipients import Recipient

from .. import notifications as kinds
from ..models import ActionBrief, BriefRequest, BriefStateChange, Edition, Use
from ..selectors.people import writers
from ..workflow import BRIEF, EXCEPTION_DAYS, NEXT_REVIEW_MONTHS
from . import formats, subscribing

log = logging.getLogger(__name__)

S = ActionBrief.State
OFFICE_ZONE = "America/Toronto"  # of the University of Ottawa team
PUBLISH_TIME = time(9, 0)
PLAIN = ("outline", "draft", "review", "back_to_draft", "edit", "translate", "approve", "unschedule", "supersede")
EXCEPTION = "exception"  # a row of the history that is no move


def _locked(brief: ActionBrief) -> ActionBrief:
    """Return the brief as it stands now; nobody else moves it until this transaction is over."""
    return ActionBrief.objects.select_for_update(of=("self",)).get(pk=brief.pk)


def _fresh(brief: ActionBrief) -> ActionBrief:
    return ActionBrief.objects.prefetch_related("editions").get(pk=brief.pk)


@transaction.atomic
def advance(brief: ActionBrief, name: str, *, by: Any, note: str = "") -> None:
    """Make one of the moves that need no more than a word (`PLAIN`); `brief.state` is the new one afterwards.

    Raises PermissionDenied; TransitionRefused with the reason; ValueError for a move that has a function of its own.
    """
    if name not in PLAIN:
        raise ValueError(f"{name} has a function of its own")
    BRIEF.apply(brief, name, by=by, note=note.strip())
    if name == "unschedule":
        brief.publish_on = None
        _write(brief, publish_on=None)


def _write(brief: ActionBrief, **fields: Any) -> None:
    """Write facts that a move brings along; who has the page of facts open is shown both."""
    ActionBrief.objects.filter(pk=brief.pk).update(version=F("version") + 1, updated_at=timezone.now(), **fields)


@transaction.atomic
def schedule(brief: ActionBrief, *, on: date, by: Any) -> None:
    """Have an approved brief published on the day `on`, at 9:00 in Toronto.

    Raises PermissionDenied, and TransitionRefused when a text is not ready or the day does not lie ahead.
    """
    _locked(brief)
    ActionBrief.objects.filter(pk=brief.pk).exclude(state=S.SCHEDULED).update(publish_on=on)
    BRIEF.apply(brief, "schedule", by=by, note=on.isoformat())
    brief.publish_on = on
    _write(brief)


def next_review(day: date) -> date:
    """Return the day on which a brief published on `day` is looked at again: twelve months later."""
    month = day.month - 1 + NEXT_REVIEW_MONTHS
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@transaction.atomic
def publish(brief: ActionBrief, *, by: Any = None) -> None:
    """Give the brief to readers: each text that is current, its files, a letter to subscribers and to those who asked for it.

    A brief that it replaces is marked so. `by` is None when its day has come. Raises PermissionDenied; TransitionRefused.
    """
    before, now = _locked(brief), timezone.now()
    today = local_day(now, OFFICE_ZONE)
    if before.state != S.PUBLISHED:
        first = before.first_published_on or today
        _write(brief, published_at=now, next_review_on=next_review(today), first_published_on=first)
    BRIEF.apply(brief, "publish", by=by)
    fresh = _give_to_readers(brief, now)
    _write(brief, publish_on=None)
    replaced = fresh.replaces
    if replaced is not None and replaced.state == S.PUBLISHED:
        BRIEF.apply(replaced, "supersede", by=by, note=fresh.reference)
    _answer_requests(fresh, by)
    subscribing.announce(fresh, by=by)


@transaction.atomic
def publish_changes(brief: ActionBrief, *, by: Any) -> None:
    """Give readers the revised texts. No letter leaves: subscribers hear of new briefs only. Raises as `publish` does."""
    _locked(brief)
    now = timezone.now()
    BRIEF.apply(brief, "publish_changes", by=by)
    _write(brief, next_review_on=next_review(local_day(now, OFFICE_ZONE)))
    _give_to_readers(brief, now)


def _give_to_readers(brief: ActionBrief, now: datetime) -> ActionBrief:
    """Copy each current text for readers and have its files made. A text that is behind stays as readers know it."""
    fresh = _fresh(brief)
    for edition in fresh.by_language.values():
        if fresh.state_of(edition.language) == "current":
            edition.published, edition.published_version, edition.published_at = edition.texts, edition.version, now
            copied = {"published": edition.texts, "published_version": edition.version, "published_at": now}
            Edition.objects.filter(pk=edition.pk).update(**copied)
    if fresh.is_bilingual and fresh.exception_reason:
        _write(fresh, exception_reason="", exception_until=None, exception_by=None)
    formats.order(fresh)
    return fresh


def _answer_requests(brief: ActionBrief, by: Any) -> None:
    """Tell those who asked for this brief that it is there."""
    waiting = brief.requests.exclude(state__in=[BriefRequest.State.DECLINED, BriefRequest.State.DONE])
    now, done = timezone.now(), BriefRequest.State.DONE
    for request in waiting.select_related("by"):
        fields = {"state": done, "answered_at": now, "answered_by_name": str(by or ""), "updated_at": now}
        BriefRequest.objects.filter(pk=request.pk).update(version=F("version") + 1, **fields)
        request.state = done
        if request.by is not None and request.by.is_active:
            tell(
                kinds.REQUEST_ANSWERED,
                brief,
                [_recipient(request.by)],
                occasion=f"request:{request.pk}:{done}",
                url=kinds.address("request", request.pk),
                subject=kinds.both(request.subject),
                state=kinds.state_words(request),
                reply=kinds.both(""),  # what was said before is said
                due=kinds.day_words(None),
            )


def _recipient(user: User) -> Recipient:
    language: Any = user.language
    return Recipient(user.email, user.name, language, user.time_zone)


def tell(
    kind: Kind, brief: ActionBrief, to: Iterable[Recipient], *, occasion: str, url: dict[str, str], **more: Any
) -> int:
    """Put one letter about `brief` per recipient into the outbox; return how many are new.

    `occasion` completes the key, so that the same thing is said once per person. Each keyword of `more`, and `url`, holds
    values per language. The title is added when the letter uses it.
    """
    if "title" in kind.variables:
        more.setdefault("title", kinds.titles(brief))
    values = {code: {name: per[code] for name, per in (more | {"url": url}).items()} for code in ("en", "fr")}
    batch = [(each, {code: values[code] | {"name": each.name} for code in ("en", "fr")}) for each in to]
    return len(letters.send_many(kind, batch, key=f"{kind.name}:{brief.pk}:{occasion}"))


def tell_translation_needed(brief: ActionBrief) -> int:
    """Tell the writers that the other language's text is behind or missing; return how many letters are new.

    Once for each version that the translation is based on, however often the source is saved meanwhile.
    """
    fresh = _fresh(brief)
    language = other(fresh.source_language)
    state = fresh.state_of(language)
    if state == "current" or fresh.source is None:
        return 0
    edition, is_outdated = fresh.by_language.get(language), state == "out_of_date"
    return tell(
        kinds.TRANSLATION_NEEDED,
        fresh,
        writers(),
        occasion=f"{language}:{edition.based_on if edition else 0}:{'outdated' if is_outdated else 'needed'}",
        url=kinds.address("translation", fresh.slug),
        language=kinds.language_words(language),
        is_outdated=kinds.both(is_outdated),
    )


def publish_due(now: datetime) -> int:
    """Publish the scheduled briefs whose day has come at 9:00 in Toronto; return how many.

    One that cannot be published is taken off the schedule with the reason in its history, and keeps no other from it.
    """
    rows = ActionBrief.objects.filter(state=S.SCHEDULED, publish_on__lte=local_day(now, OFFICE_ZONE)).order_by("pk")
    ready = [b for b in rows if b.publish_on and local_instant(b.publish_on, PUBLISH_TIME, OFFICE_ZONE) <= now]
    return sum(_publish_or_stop(brief) for brief in ready)


def _publish_or_stop(brief: ActionBrief) -> bool:
    try:
        publish(brief)
    except TransitionRefused as refused:
        if not refused.done_already:
            _stop(brief, refused)
        return False
    except Exception:
        log.exception("brief %s could not be published; it is tried again", brief.pk)
        return False
    return True


@transaction.atomic
def _stop(brief: ActionBrief, refused: TransitionRefused) -> None:
    """Take the brief off the schedule; whoever reads its history sees why, in both languages."""
    words = []
    for code in ("en", "fr"):
        with translation.override(code):
            words.append(str(refused))
    try:
        advance(brief, "unschedule", by=None, note=" / ".join(dict.fromkeys(words)))
    except TransitionRefused:  # somebody took it off meanwhile
        return
    tell_translation_needed(brief)


@transaction.atomic
def withdraw(brief: ActionBrief, *, by: Any, why_en: str, why_fr: str) -> None:
    """Withdraw a brief: the page stays and says why, and the municipalities that use it are told.

    Raises PermissionDenied; TransitionRefused unless the reason is given in both languages.
    """
    why_en, why_fr = why_en.strip(), why_fr.strip()
    if not (why_en and why_fr):
        raise TransitionRefused(_("Say why in both languages: readers see it."))
    BRIEF.apply(brief, "withdraw", by=by, note=f"{why_en} / {why_fr}")
    _write(brief, withdrawn_why_en=why_en, withdrawn_why_fr=why_fr)
    brief.withdrawn_why_en, brief.withdrawn_why_fr = why_en, why_fr
    title, url = kinds.titles(_fresh(brief)), kinds.address("brief", brief.slug)
    why = {"en": why_en, "fr": why_fr}
    mailings.begin(
        kinds.BRIEF_WITHDRAWN,
        _users_of(brief),
        key=f"{kinds.BRIEF_WITHDRAWN.name}:{brief.pk}",
        context={code: {"title": title[code], "url": url[code], "why": why[code]} for code in ("en", "fr")},
        by=by,
    )


def _users_of(brief: ActionBrief) -> list[Line]:
    """Return who answers for the municipalities that use the brief, each with the name of the own municipality."""
    people = Stakeholder.objects.current().filter(
        municipality__in=Use.objects.filter(brief=brief).values("municipality"), standing__in=SPEAKS_FOR_MUNICIPALITY
    )
    return [
        Line(recipient_of(person), {c: {"municipality": person.municipality.name_in(c)} for c in ("en", "fr")})
        for person in people.select_related("municipality", "user").order_by("municipality", "pk")
    ]


@transaction.atomic
def grant_exception(brief: ActionBrief, *, by: Any, reason: str, until: date | None = None) -> None:
    """Let the brief be published in one language until the day `until` (30 days from today unless given).

    Kept in the history; the public page shows it. Raises PermissionDenied to all but administrators, TransitionRefused
    without a reason or a day that lies ahead, or when both texts are current.
    """
    fresh, today = _locked(brief), timezone.localdate()
    if not by.has_perm("knowledge.publish_one_language", fresh):
        raise PermissionDenied
    until, reason = until or today + timedelta(days=EXCEPTION_DAYS), reason.strip()
    if fresh.state in (S.SUPERSEDED, S.WITHDRAWN):
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": fresh.get_state_display()}
        )
    if fresh.is_bilingual:
        raise TransitionRefused(_("Both texts are current: no exception is needed."))
    if not reason:
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    if until <= today:
        raise TransitionRefused(_("Choose a day that lies ahead."))
    if (fresh.exception_reason, fresh.exception_until) == (reason, until):
        raise TransitionRefused(_("This exception stands already."), done_already=True)
    _write(fresh, exception_reason=reason, exception_until=until, exception_by=by)
    brief.exception_reason, brief.exception_until, brief.exception_by = reason, until, by
    BriefStateChange.objects.create(
        brief=fresh,
        from_state=fresh.state,
        to_state=fresh.state,
        transition=EXCEPTION,
        by=by,
        by_name=str(by),
        note=f"{reason} ({until.isoformat()})",
    )
