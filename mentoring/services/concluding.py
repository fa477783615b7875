"""Pausing, going on, the end, and taking a proposal back. Both sides hear of each."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cmncp_portal.core.editing import save_version
from cmncp_portal.network.rules import members_now
from cmncp_portal.notifications import services as letters

from ..models import Agreement, MentoringNeed, Side
from ..notifications import agreements as kinds
from ..notifications.common import both, in_both
from ..selectors.agreements import goals_of
from ..workflow import AGREEMENT
from .people import locked
from .telling import Reader, everyone, tell
from .working import call_off_session, sign

S = Agreement.State


@transaction.atomic
def withdraw(agreement: Agreement, *, by: Any, reason: str) -> None:
    """Take a proposal back; who was asked already is told. Raises PermissionDenied, TransitionRefused."""
    was = locked(agreement)
    AGREEMENT.apply(was, "withdraw", by=by, note=reason)
    letters.withdraw(f"{kinds.ANSWER_REMINDER.name}:{was.pk}")
    if was.asked_at:
        more: dict[str, Any] = {"by": both(str(by)), "word": both(reason)}
        tell(kinds.WITHDRAWN, was, everyone(was), occasion="withdrawn", **more)


@transaction.atomic
def pause(agreement: Agreement, *, by: Any, reason: str) -> None:
    """Let it rest: nobody is reminded or asked until it goes on. A session ahead is called off."""
    agreement = locked(agreement)
    AGREEMENT.apply(agreement, "pause", by=by, note=reason)
    _clear_session(agreement, by=str(by))
    sign(agreement)
    more: dict[str, Any] = {"by": both(str(by)), "word": both(reason)}
    tell(kinds.PAUSED, agreement, everyone(agreement), occasion=f"paused:{agreement.changes.count()}", **more)


@transaction.atomic
def resume(agreement: Agreement, *, by: Any) -> None:
    """Go on after a pause."""
    agreement = locked(agreement)
    AGREEMENT.apply(agreement, "resume", by=by)
    sign(agreement)
    occasion = f"resumed:{agreement.changes.count()}"
    tell(kinds.RESUMED, agreement, everyone(agreement), occasion=occasion, by=both(str(by)))


@transaction.atomic
def keep_summary(agreement: Agreement, *, by: Any, seen: int, summary: str) -> None:
    """Write what came of it, before or after the end. Raises PermissionDenied; Conflict when somebody saved since `seen`."""
    agreement = locked(agreement)
    if not by.has_perm("mentoring.conclude", agreement):
        raise PermissionDenied
    if summary != agreement.summary:
        save_version(agreement, seen=seen, fields={"summary": summary})


@transaction.atomic
def complete(agreement: Agreement, *, by: Any) -> None:
    """Complete it: each goal is settled and the summary stands. Raises PermissionDenied, TransitionRefused."""
    _conclude(agreement, "complete", by=by, reason="")


@transaction.atomic
def end_early(agreement: Agreement, *, by: Any, reason: str) -> None:
    """End it before its time, with a reason that both sides read."""
    _conclude(agreement, "end_early", by=by, reason=reason)


def _conclude(agreement: Agreement, move: str, *, by: Any, reason: str) -> None:
    agreement = locked(agreement)
    AGREEMENT.apply(agreement, move, by=by, note=reason)
    _clear_session(agreement, by=str(by))
    sign(agreement)
    now = timezone.now()
    MentoringNeed.objects.filter(pk=agreement.need_id).update(state=MentoringNeed.State.DONE, updated_at=now)
    agreement = locked(agreement)
    more: dict[str, Any] = {
        "by": both(str(by)),
        "early": both(move == "end_early"),
        "word": both(reason),
        "summary": both(agreement.summary),
        "goals": _goal_words(agreement),
    }
    tell(kinds.CONCLUDED, agreement, everyone(agreement), occasion="concluded", **more)
    if not members_now(agreement.mentee).exists():
        _invite_to_join(agreement)


def _clear_session(agreement: Agreement, *, by: str) -> None:
    """Take the next session off; one that lay ahead leaves the calendars."""
    before = agreement.next_session_at
    if before is None:
        return
    seen = agreement.version
    save_version(agreement, seen=seen, fields={"next_session_at": None, "next_session_place": ""})
    if before > timezone.now():
        agreement.next_session_at = before
        call_off_session(agreement, by=by)
        agreement.next_session_at = None


def _goal_words(agreement: Agreement) -> dict[str, list[str]]:
    goals = goals_of(agreement)
    return in_both(lambda: [f"{goal.text} ({str(goal.get_state_display()).lower()})" for goal in goals])


def _invite_to_join(agreement: Agreement) -> None:
    """A municipality that was accompanied and is no member yet is invited to become one."""
    urls = kinds.join_urls()
    readers = [Reader(reader.to, urls) for reader in everyone(agreement, Side.MENTEE)]
    tell(kinds.JOIN_INVITED, agreement, readers, occasion="join")
