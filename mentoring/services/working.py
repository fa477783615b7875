"""What both sides write while they work: goals, the next session, what was said, documents. Each is a sign of life."""

from datetime import date, datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.days import local_day
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.workflow import TransitionRefused

from ..models import Agreement, Goal, GoalChange, MentoringSession, Participant, SharedDocument
from ..notifications import agreements as kinds
from ..notifications.common import both
from ..workflow import MOST_GOALS, latest_session_day
from .people import account_of, locked, require_part
from .telling import participants, tell


def _to_work(agreement: Agreement, by: Any) -> Agreement:
    """Return the agreement, locked, if `by` may work in it now."""
    require_part(by, agreement)
    agreement = locked(agreement)
    if not agreement.is_running:
        sentence = _("This is not possible while it is “%(state)s”.")
        raise TransitionRefused(sentence % {"state": agreement.get_state_display()})
    return agreement


def sign(agreement: Agreement) -> None:
    """Note a sign of life: the next 45 days begin anew."""
    now = timezone.now()
    Agreement.objects.filter(pk=agreement.pk).update(last_sign_at=now, updated_at=now)


@transaction.atomic
def keep_goal(agreement: Agreement, *, by: Any, goal: Goal | None = None, seen: int = 0, **fields: Any) -> Goal:
    """Write a new goal, or `goal` as its writer saw it (`seen`). `fields`: text, measure, check_item, due_on.

    A second click finds the new goal there, and writes none.

    Raises PermissionDenied; TransitionRefused for a sixth goal or when it is over; Conflict when somebody saved first.
    """
    agreement = _to_work(agreement, by)
    if goal is None:
        if there := agreement.goals.filter(state=Goal.State.OPEN, **fields).first():
            return there
        kept = agreement.goals.exclude(state=Goal.State.DROPPED).count()
        if kept >= MOST_GOALS:
            raise TransitionRefused(_("Five goals at most: settle or drop one first."))
        last = agreement.goals.aggregate(last=Max("order"))["last"]
        goal = Goal.objects.create(agreement=agreement, order=0 if last is None else last + 1, **fields)
        _note(goal, Goal.State.OPEN, by, "")
    else:
        save_version(goal, seen=seen, fields=fields)
    sign(agreement)
    return goal


def _note(goal: Goal, state: str, by: Any, note: str) -> None:
    GoalChange.objects.create(goal=goal, to_state=state, note=note, by=account_of(by), by_name=str(by))


@transaction.atomic
def settle_goal(goal: Goal, *, by: Any, state: str, note: str = "") -> None:
    """Say what became of a goal: reached, dropped, or open again. Raises TransitionRefused for a second click, and without a
    reason for dropping one."""
    agreement = _to_work(goal.agreement, by)
    goal = Goal.objects.select_for_update().get(pk=goal.pk)
    if goal.state == state:
        last = goal.changes.last()
        who = last.by_name if last and last.by_name else _("the portal")
        sentence = _("Already done by %(who)s: the goal is “%(state)s”.")
        raise TransitionRefused(sentence % {"who": who, "state": goal.get_state_display()}, done_already=True)
    if state == Goal.State.DROPPED and not note.strip():
        raise TransitionRefused(_("Please give a reason; the others will read it."))
    kept = agreement.goals.exclude(state=Goal.State.DROPPED).count()
    if goal.state == Goal.State.DROPPED and kept >= MOST_GOALS:
        raise TransitionRefused(_("Five goals at most: settle or drop one first."))
    Goal.objects.filter(pk=goal.pk).update(state=state, updated_at=timezone.now())
    _note(goal, state, by, note)
    sign(agreement)


@transaction.atomic
def keep_session(
    agreement: Agreement,
    *,
    by: Any,
    held_on: date,
    session: MentoringSession | None = None,
    seen: int = 0,
    **fields: Any,
) -> MentoringSession:
    """Write down a session that took place, or change `session` as its writer saw it (`seen`).

    A next session that lay on that day, or before, has taken place with it. A second click writes nothing. Raises PermissionDenied; TransitionRefused for a
    day ahead or when it is over; Conflict when somebody saved first.
    """
    agreement = _to_work(agreement, by)
    if held_on > latest_session_day(agreement):
        raise TransitionRefused(_("This day lies ahead: set it as the next session."))
    if session is not None:
        save_version(session, seen=seen, fields={"held_on": held_on, **fields})
    elif there := agreement.sessions.filter(held_on=held_on, by_name=str(by), **fields).first():
        return there
    else:
        session = MentoringSession.objects.create(
            agreement=agreement,
            held_on=held_on,
            by=account_of(by),
            by_participant=by if isinstance(by, Participant) else None,
            by_name=str(by),
            **fields,
        )
        if agreement.next_session_at and local_day(agreement.next_session_at, agreement.mentee.time_zone) <= held_on:
            Agreement.objects.filter(pk=agreement.pk).update(next_session_at=None, next_session_place="")
    sign(agreement)
    return session


@transaction.atomic
def set_next_session(agreement: Agreement, *, by: Any, seen: int, at: datetime | None, place: str = "") -> None:
    """Set, move or (`at` is None) call off the next session; everybody who takes part gets it for the calendar.

    `at` is an aware instant. Raises PermissionDenied; TransitionRefused for the past or when it is over; Conflict when
    somebody saved the agreement since version `seen`.
    """
    was = _to_work(agreement, by)
    if at is not None and at <= timezone.now():
        raise TransitionRefused(_("The next session lies ahead."))
    before = was.next_session_at
    if (before, was.next_session_place) == (at, place):
        return
    save_version(was, seen=seen, fields={"next_session_at": at, "next_session_place": place})
    now = locked(was)
    sign(now)
    if at is not None:
        lay_ahead = before is not None and before > timezone.now()
        _tell_session(now, by, before if lay_ahead else None)
    elif before and before > timezone.now():
        now.next_session_at = before  # said once more, to take it out of the calendars
        call_off_session(now, by=str(by))


def _tell_session(agreement: Agreement, by: Any, before: datetime | None) -> None:
    assert agreement.next_session_at
    places = [agreement.mentee, agreement.mentor]
    more = {
        "when": kinds.instant_words(agreement.next_session_at, places),
        "before": kinds.instant_words(before, places) if before and before != agreement.next_session_at else both(""),
        "where": both(agreement.next_session_place),
        "by": both(str(by)),
    }
    tell(
        kinds.NEXT_SESSION,
        agreement,
        participants(agreement),
        occasion=f"v{agreement.version}",
        method="REQUEST",
        **more,
    )


def call_off_session(agreement: Agreement, *, by: str) -> None:
    """Tell everybody who takes part that the session at `agreement.next_session_at` does not take place."""
    assert agreement.next_session_at
    more = {
        "when": kinds.instant_words(agreement.next_session_at, [agreement.mentee, agreement.mentor]),
        "by": both(by),
    }
    people = participants(agreement)
    tell(kinds.SESSION_CALLED_OFF, agreement, people, occasion=f"v{agreement.version}", method="CANCEL", **more)


@transaction.atomic
def add_document(agreement: Agreement, *, by: Any, title: str, file: Any = None, url: str = "") -> SharedDocument:
    """Keep a file or a link for both sides. Raises PermissionDenied; TransitionRefused when it is over."""
    agreement = _to_work(agreement, by)
    name = file.name[:200] if file else ""
    document = SharedDocument.objects.create(
        agreement=agreement, title=title, file=file or "", filename=name, url="" if file else url, by_name=str(by)
    )
    sign(agreement)
    return document


@transaction.atomic
def remove_document(document: SharedDocument, *, by: Any) -> None:
    """Remove a document for good, from either side."""
    agreement = _to_work(document.agreement, by)
    if document.file:
        transaction.on_commit(partial(document.file.storage.delete, document.file.name or ""))
    document.delete()
    sign(agreement)
