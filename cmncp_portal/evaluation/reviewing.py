"""Writing at the desk: comments, themes, follow-ups, who read what in confidence, and that an evaluation was reviewed.

Whoever writes locks the occasion first. Everything here raises PermissionDenied for those who may not, TransitionRefused with a sentence
for what is not possible now.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cmncp_portal.accounts.models import User
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.selectors import coordinators
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.recipients import Recipient

from .desk import text_of
from .models import Answer, Coding, Comment, ConfidentialReading, FollowUp, Occasion, Survey, Theme
from .notifications import FOLLOW_UP, FOLLOW_UP_SETTLED, follow_up_context, settled_context
from .occasions import last_at

__all__ = [
    "code", "comment", "flag", "keep_theme", "mark_reviewed", "read_confidential", "retire_theme", "settle", "uncode",
]  # fmt: skip

SORT = "evaluation.sort_answers"
WORDING = ("name_en", "name_fr", "definition_en", "definition_fr", "order")


def _locked(pk: int, by: User, permission: str = "evaluation.judge") -> Occasion:
    """Lock the occasion, so that of two people the second sees what the first did."""
    locked = Occasion.objects.select_for_update().get(pk=pk)
    if not by.has_perm(permission, locked):
        raise PermissionDenied
    return locked


def _said(text: str) -> str:
    if not (said := text.strip()):
        raise TransitionRefused(_("Please write something."))
    return said


@transaction.atomic
def comment(occasion: Occasion, *, by: User, text: str) -> Comment:
    """Add what a reviewer thinks of it; other reviewers read it."""
    locked = _locked(occasion.pk, by)
    return Comment.objects.create(occasion=locked, text=_said(text), by=by, by_name=str(by))


@transaction.atomic
def code(answer: Answer, *, by: User, theme: Theme, item: int = 0) -> Coding:
    """Sort `item` of an open answer under `theme`, with the words as they stand now.

    Refused for what is for the reviewers only (the university reads what is sorted), for a theme out of use, for a draft, for words that
    are no longer there, and when it is sorted so already.
    """
    _locked(answer.response.invitation.survey.occasion_id, by, SORT)
    fresh = Answer.objects.select_related("question", "response").filter(pk=answer.pk).first()
    if fresh is None or fresh.response.submitted_at is None or not (text := text_of(fresh, item)):
        raise TransitionRefused(_("This answer was changed meanwhile; please look at it again."))
    if fresh.question.is_confidential:
        raise TransitionRefused(_("What was written for the reviewers only is not sorted under themes."))
    if not Theme.objects.filter(pk=theme.pk, is_used=True).exists():
        raise TransitionRefused(_("This theme is no longer in use."))
    words = {"text": text, "by": by, "by_name": str(by)}
    coding, is_new = Coding.objects.get_or_create(answer=fresh, item=item, theme=theme, defaults=words)
    if not is_new:
        raise TransitionRefused(
            _("%(who)s has sorted this answer under this theme already.") % {"who": coding.by_name}, done_already=True
        )
    return coding


@transaction.atomic
def uncode(coding: Coding, *, by: User) -> None:
    """Take a theme off an answer again."""
    _locked(coding.answer.response.invitation.survey.occasion_id, by, SORT)
    deleted, _each = Coding.objects.filter(pk=coding.pk).delete()
    if not deleted:
        raise TransitionRefused(_("This theme was taken off already."), done_already=True)


def _key(follow_up: FollowUp) -> str:
    return f"evaluation.follow_up:{follow_up.pk}:"


@transaction.atomic
def flag(occasion: Occasion, *, by: User, text: str) -> FollowUp:
    """Ask the coordinators to look into something; each gets a letter, except the one who asks."""
    locked = _locked(occasion.pk, by)
    made = FollowUp.objects.create(occasion=locked, text=_said(text), by=by, by_name=str(by))
    for to in coordinators():
        if to.email.lower() != by.email.lower():
            letters.send(FOLLOW_UP, to, key=f"{_key(made)}asked", context=follow_up_context(made, to.name))
    return made


@transaction.atomic
def settle(follow_up: FollowUp, *, by: User, outcome: str) -> FollowUp:
    """Say what came of a follow-up, and write it to the reviewer who asked. Settled once."""
    _locked(follow_up.occasion_id, by, "evaluation.settle_follow_ups")
    fresh = FollowUp.objects.select_related("occasion", "by").get(pk=follow_up.pk)
    if fresh.done_at:
        raise TransitionRefused(_("%(who)s has settled this already.") % {"who": fresh.done_by_name}, done_already=True)
    fresh.outcome, fresh.done_at, fresh.done_by, fresh.done_by_name = _said(outcome), timezone.now(), by, str(by)
    fresh.save(update_fields=["outcome", "done_at", "done_by", "done_by_name"])
    letters.withdraw(_key(fresh))
    asked = fresh.by
    if asked and asked.is_active and asked.pk != by.pk:
        language: Any = asked.language
        to = Recipient(asked.email, asked.name, language, asked.time_zone)
        letters.send(
            FOLLOW_UP_SETTLED, to, key=f"evaluation.settled:{fresh.pk}", context=settled_context(fresh, to.name)
        )
    return fresh


@transaction.atomic
def mark_reviewed(occasion: Occasion, *, by: User, seen_at: datetime | None) -> Occasion:
    """Note that everything that came so far was read; what comes later makes the occasion new again.

    `seen_at` is `last_at` of the page that was read, to the microsecond. Refused when something newer came meanwhile, when nobody has answered,
    and when it was reviewed since. The surveys are locked too, so that nothing comes in between.
    """
    locked = _locked(occasion.pk, by)
    list(Survey.objects.select_for_update().filter(occasion=locked).order_by("pk").values_list("pk"))
    newest = last_at(locked)
    if newest is None:
        raise TransitionRefused(_("Nobody has answered yet."))
    if locked.reviewed_at and locked.reviewed_at >= newest:
        who = {"who": locked.reviewed_by_name}
        raise TransitionRefused(_("%(who)s has marked this as reviewed already.") % who, done_already=True)
    if seen_at is None or newest > seen_at:
        raise TransitionRefused(_("Something new came while you were reading; please look at it first."))
    locked.reviewed_at, locked.reviewed_by, locked.reviewed_by_name = timezone.now(), by, str(by)
    locked.save(update_fields=["reviewed_at", "reviewed_by", "reviewed_by_name"])
    return locked


@transaction.atomic
def read_confidential(occasion: Occasion, *, by: User) -> ConfidentialReading:
    """Write down that `by` reads what was written for the reviewers only, each time; the page that shows it comes after this."""
    locked = _locked(occasion.pk, by, "evaluation.read_confidential")
    return ConfidentialReading.objects.create(occasion=locked, by=by, by_name=str(by))


def _require_codebook(by: User) -> None:
    if not by.has_perm("evaluation.keep_codebook"):
        raise PermissionDenied


@transaction.atomic
def keep_theme(theme: Theme | None, *, by: User, **fields: Any) -> Theme:
    """Write the wording of `theme`, or add one of a new `code`. What was sorted under a theme stays, and its code never changes.

    `fields`: name_en, name_fr, definition_en, definition_fr, order; `code` for a new one only.
    """
    _require_codebook(by)
    wording = {name: fields[name] for name in WORDING if name in fields}
    if any(not str(wording.get(name, "")).strip() for name in WORDING[:4]):
        raise TransitionRefused(_("A theme is named and explained in both languages."))
    if theme is None:
        made, is_new = Theme.objects.get_or_create(code=fields["code"], defaults=wording)
        if not is_new:
            raise TransitionRefused(_("Another theme has this code."))
        return made
    locked = Theme.objects.select_for_update().get(pk=theme.pk)
    for name, value in wording.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(wording))
    return locked


@transaction.atomic
def retire_theme(theme: Theme, *, by: User, is_used: bool = False) -> Theme:
    """Take `theme` out of use, or bring it back; what was sorted under it stays."""
    _require_codebook(by)
    locked = Theme.objects.select_for_update().get(pk=theme.pk)
    if locked.is_used == is_used:
        reason = _("This theme is in use already.") if is_used else _("This theme is out of use already.")
        raise TransitionRefused(reason, done_already=True)
    locked.is_used = is_used
    locked.save(update_fields=["is_used"])
    return locked
