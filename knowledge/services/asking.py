"""What readers and members ask for: something is wrong, another format, a brief that does not exist yet. And the answers."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.screens import require
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from ..models import ActionBrief, BriefRequest, Concern, Example, FormatRequest, Practice
from ..notifications import (
    BRIEF_REQUESTED,
    CONCERN_ANSWERED,
    CONCERN_REPORTED,
    FORMAT_ANSWERED,
    REQUEST_ANSWERED,
    address,
    both,
    day_words,
    state_words,
    titles,
)
from ..selectors.asking import MOVES, may_ever_move, may_move
from ..selectors.people import writers, writers_and_coordinators
from .writing import create_brief

S = BriefRequest.State
SAME_CLICK = timedelta(hours=1)  # the same words again within this time are a second click


def _tell(kind: Kind, people: list[Recipient], *, key: str, **values: dict[str, Any]) -> None:
    """Send one letter to each of `people`; each keyword holds a value per language."""
    shared = {code: {name: value[code] for name, value in values.items()} for code in ("en", "fr")}
    to_each = [(to, {code: {**shared[code], "name": to.name} for code in shared}) for to in people]
    letters.send_many(kind, to_each, key=key)


# ---- something is wrong


@transaction.atomic
def report_concern(about: Practice | ActionBrief, *, text: str, name: str = "", email: str = "") -> Concern:
    """Note what a reader, with or without an account, finds wrong on a page; the writers are told.

    The same words from the same address within the hour are a second click: the first concern is returned.
    """
    which: dict[str, Any] = {"practice": about} if isinstance(about, Practice) else {"brief": about}
    type(about)._base_manager.select_for_update().get(pk=about.pk)
    said = which | {"text": text.strip(), "email": email.strip().lower()}
    again = Concern.objects.filter(**said, at__gt=timezone.now() - SAME_CLICK, answered_at__isnull=True).first()
    if again is not None:
        return again
    concern = Concern.objects.create(**said, name=name.strip(), language=active_language())
    tell_of_concern(concern)
    return concern


def tell_of_concern(concern: Concern) -> None:
    """Write to the writers that a concern waits for an answer."""
    _tell(
        CONCERN_REPORTED,
        writers(),
        key=f"{CONCERN_REPORTED.name}:{concern.pk}",
        url=address("reader_answer", "concern", concern.pk),
        title=_title_of(concern),
        text=both(concern.text),
        by=both(concern.name or concern.email),
    )


def readers_title(brief: ActionBrief) -> dict[str, str]:
    """Return the brief's title per language as readers know it; as it stands while it is not published."""
    known = titles(brief)
    for code in known:
        edition = brief.published_edition(code)
        known[code] = edition.published["title"] if edition else known[code]
    return known


def _title_of(concern: Concern) -> dict[str, str]:
    if concern.practice is not None:
        return {"en": concern.practice.name_en, "fr": concern.practice.name_fr}
    return readers_title(concern.brief) if concern.brief else both("")


def _page_of(concern: Concern) -> dict[str, str]:
    """Where the concern is about; what is not public yet is shown to a municipality as its example only."""
    if concern.practice is not None:
        return address("practice", concern.practice.slug)
    brief: Any = concern.brief
    if brief.state not in ActionBrief.PUBLIC:
        told = Example.objects.filter(brief=brief, municipality__stakeholders__user__email__iexact=concern.email)
        if example := told.first():
            return address("example", example.pk)
    return address("brief", brief.slug)


@transaction.atomic
def answer_concern(concern: Concern, *, answer: str, by: Any) -> None:
    """Answer a concern; who left an address gets the answer. Raises TransitionRefused when it is answered, PermissionDenied."""
    require(by, "knowledge.answer_readers")
    rows = Concern.objects.select_for_update(of=("self",)).select_related("practice", "brief", "answered_by")
    found = rows.get(pk=concern.pk)
    if found.answered_at is not None:
        raise TransitionRefused(
            _("%(name)s answered this already.") % {"name": found.answered_by or _("Somebody")}, done_already=True
        )
    found.answer, found.answered_at, found.answered_by = answer.strip(), timezone.now(), by
    found.save(update_fields=["answer", "answered_at", "answered_by"])
    if found.email:
        language: Any = found.language
        _tell(
            CONCERN_ANSWERED,
            [Recipient(found.email, found.name, language)],
            key=f"{CONCERN_ANSWERED.name}:{found.pk}",
            url=_page_of(found),
            title=_title_of(found),
            text=both(found.text),
            answer=both(found.answer),
        )


@transaction.atomic
def answer_format(asked: FormatRequest, *, answer: str, by: Any) -> None:
    """Answer who needs another format of a brief. Raises TransitionRefused when it is answered already, PermissionDenied."""
    require(by, "knowledge.answer_readers")
    rows = FormatRequest.objects.select_for_update(of=("self",)).select_related("brief")
    found = rows.get(pk=asked.pk)
    if found.answered_at is not None:
        raise TransitionRefused(_("Somebody answered this already."), done_already=True)
    found.answer, found.answered_at = answer.strip(), timezone.now()
    found.save(update_fields=["answer", "answered_at"])
    if found.email:
        language: Any = found.language
        _tell(
            FORMAT_ANSWERED,
            [Recipient(found.email, found.name, language)],
            key=f"{FORMAT_ANSWERED.name}:{found.pk}",
            url=address("brief", found.brief.slug),
            title=readers_title(found.brief),
            answer=both(found.answer),
        )


# ---- a brief that does not exist yet


@transaction.atomic
def request_brief(*, subject: str, why: str, municipality: Municipality | None, by: Any) -> BriefRequest:
    """Ask for a brief on `subject`; coordinators and writers are told.

    Raises TransitionRefused when the same person asked for the same and it is open, PermissionDenied.
    """
    require(by, "knowledge.ask_for_a_brief")
    if municipality is not None:
        require(by, "knowledge.use", municipality)
    User.objects.select_for_update().get(pk=by.pk)
    if BriefRequest.objects.filter(by=by, subject__iexact=subject.strip(), state__in=[S.OPEN, S.PASSED_ON]).exists():
        raise TransitionRefused(_("You have asked for this already."), done_already=True)
    asked = BriefRequest.objects.create(
        subject=subject.strip(),
        why=why.strip(),
        municipality=municipality,
        by=by,
        by_name=str(by),
        language=active_language(),
    )
    place = {code: municipality.name_in(code) if municipality else "" for code in ("en", "fr")}
    _tell(
        BRIEF_REQUESTED,
        writers_and_coordinators(),
        key=f"{BRIEF_REQUESTED.name}:{asked.pk}",
        url=address("request", asked.pk),
        subject=both(asked.subject),
        why=both(asked.why),
        by=both(asked.by_name),
        municipality=place,
    )
    return asked


def pass_on(asked: BriefRequest, *, note: str = "", by: Any) -> None:
    """Pass a request on to the team that writes. Raises TransitionRefused, PermissionDenied."""
    _move(asked, "pass_on", by=by, reply=note.strip())


def decline(asked: BriefRequest, *, reason: str, by: Any) -> None:
    """Say why there will be no such brief. Raises TransitionRefused, PermissionDenied."""
    if not reason.strip():
        raise TransitionRefused(_("Say why."))
    _move(asked, "decline", by=by, reply=reason.strip(), due_on=None)


@transaction.atomic
def accept(
    asked: BriefRequest,
    *,
    due_on: date,
    brief: ActionBrief | None = None,
    begin: bool = False,
    reply: str = "",
    by: Any,
) -> None:
    """Promise the brief by `due_on`, or another day than before; `brief` is the one that answers it, once there is one.

    `begin` begins that brief as an idea with the subject as its title. Raises TransitionRefused for a day that is past or when
    this was said already, PermissionDenied.
    """
    if due_on < timezone.localdate():
        raise TransitionRefused(_("Choose a day that lies ahead."))
    if begin:
        found = BriefRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
        if found.brief_id is not None:
            raise TransitionRefused(_("A brief was begun for it already."), done_already=True)
        brief = create_brief(by=by, title=found.subject, language=found.language)
    _move(asked, "accept", by=by, reply=reply.strip(), due_on=due_on, brief=brief)


@transaction.atomic
def _move(asked: BriefRequest, name: str, *, by: Any, **values: Any) -> None:
    found = BriefRequest.objects.select_for_update(of=("self",)).select_related("by").get(pk=asked.pk)
    move = MOVES[name]
    if not may_ever_move(name, by):
        raise PermissionDenied
    says_more = move.target == S.ACCEPTED and any(getattr(found, key) != value for key, value in values.items())
    if found.state == move.target and not says_more:
        reason = _("%(name)s did this already.") % {"name": found.answered_by_name}
        raise TransitionRefused(reason, done_already=True)
    if not may_move(found, name, by):
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": found.get_state_display()}
        )
    _answer(found, state=move.target, by_name=str(by), **values)


def _answer(found: BriefRequest, *, state: str, by_name: str, **values: Any) -> None:
    """Write what became of a request, and tell who asked."""
    changes = values | {
        "state": state,
        "answered_by_name": by_name,
        "answered_at": timezone.now(),
        "version": found.version + 1,
    }
    for name, value in changes.items():
        setattr(found, name, value)
    found.save(update_fields=[*changes, "updated_at"])
    person = found.by
    if person is None or not person.is_active:
        return
    language: Any = person.language
    _tell(
        REQUEST_ANSWERED,
        [Recipient(person.email, person.name, language, person.time_zone)],
        key=f"{REQUEST_ANSWERED.name}:{found.pk}:{found.version}",
        url=address("request", found.pk),
        subject=both(found.subject),
        state=state_words(found),
        reply=both(found.reply),
        due=day_words(found.due_on),
    )
