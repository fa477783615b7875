"""Comments on a version, line by line, and their answers: by somebody with an account, or by a guest's personal link."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.core.text import active_language
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.models.stakeholder import WORKS_FOR_MUNICIPALITY
from cmncp_portal.network.rules import places_of

from ..models import Comment, CommentInvitee, CompetencyText, Criterion, StandardVersion
from ..selectors.standards import is_own

V = StandardVersion.State
Verdict = Comment.Verdict


@dataclass(frozen=True)
class Commenter:
    """Who says something: somebody with an account, or a guest."""

    name: str
    email: str
    organisation: str = ""
    user: Any = None
    invitee: CommentInvitee | None = None
    stakeholder: Stakeholder | None = None
    municipality: Municipality | None = None


def commenter_of(user: Any) -> Commenter:
    """Return the signed-in `user` as somebody who comments, for the municipality that she works for when there is one."""
    place = next((p for p in places_of(user) if p.standing in WORKS_FOR_MUNICIPALITY), None)
    return Commenter(
        name=str(user),
        email=user.email.lower(),
        user=user,
        stakeholder=place,
        municipality=place.municipality if place else None,
    )


def commenter_of_guest(invitee: CommentInvitee) -> Commenter:
    """Return who holds a personal link as somebody who comments."""
    return Commenter(invitee.name, invitee.email, invitee.organisation, invitee=invitee)


def _open(version: StandardVersion) -> StandardVersion:
    fresh = StandardVersion.objects.select_for_update(of=("self",)).select_related("standard").get(pk=version.pk)
    if not fresh.takes_comments():
        raise TransitionRefused(_("The consultation is closed: comments stay as they are."))
    return fresh


@transaction.atomic
def add_comment(
    version: StandardVersion,
    *,
    by: Commenter,
    words: str,
    text: CompetencyText | None = None,
    criterion: Criterion | None = None,
) -> Comment:
    """Keep what `by` says of `version`, of one competency (`text`), or of one of its criteria.

    Raises PermissionDenied; TransitionRefused when the consultation is closed, or for the same words once more.
    """
    fresh = _open(version)
    if by.invitee is None and not by.user.has_perm("training.comment"):
        raise PermissionDenied
    same = Comment.objects.filter(standard_version=fresh, text=text, criterion=criterion, email=by.email, words=words)
    if same.filter(withdrawn_at__isnull=True).exists():
        raise TransitionRefused(_("You made this comment already."), done_already=True)
    return Comment.objects.create(
        standard_version=fresh,
        text=text,
        criterion=criterion,
        words=words,
        language=active_language(),
        by=by.user,
        invitee=by.invitee,
        stakeholder=by.stakeholder,
        municipality=by.municipality,
        name=by.name,
        organisation=by.organisation,
        email=by.email,
    )


def _own(comment: Comment, by: Commenter) -> Comment:
    """The comment locked, while its author may still change it."""
    _open(comment.standard_version)
    fresh = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if not is_own(fresh, by.user, by.invitee):
        raise PermissionDenied
    if fresh.withdrawn_at is not None:
        raise TransitionRefused(_("This comment is withdrawn."), done_already=True)
    if fresh.verdict != Verdict.OPEN:
        raise TransitionRefused(_("This comment is answered: it stays as it is."))
    return fresh


@transaction.atomic
def change_comment(comment: Comment, *, by: Commenter, seen: int, words: str) -> None:
    """Write one's own comment anew. Raises PermissionDenied, TransitionRefused, and Conflict after version `seen`."""
    save_version(_own(comment, by), seen=seen, fields={"words": words})


@transaction.atomic
def withdraw_comment(comment: Comment, *, by: Commenter) -> None:
    """Take one's own comment back: nobody reads it any more. Raises PermissionDenied, TransitionRefused."""
    fresh = _own(comment, by)
    Comment.objects.filter(pk=fresh.pk).update(withdrawn_at=timezone.now())


@transaction.atomic
def answer_comment(comment: Comment, *, seen: int, verdict: str, why: str, by: Any) -> None:
    """Say what becomes of a comment, and why. It can be changed until the version is adopted; then it is told anew.

    Raises PermissionDenied; TransitionRefused before the consultation is closed, after the adoption, and for the same answer
    once more; Conflict when somebody else answered since version `seen`.
    """
    version = StandardVersion.objects.select_for_update(of=("self",)).get(pk=comment.standard_version_id)
    if not by.has_perm("training.answer_comments", version):
        raise PermissionDenied
    if version.state != V.ANSWERING:
        raise TransitionRefused(_("Comments are answered between the end of the consultation and the adoption."))
    fresh = Comment.objects.select_for_update(of=("self",)).select_related("answered_by").get(pk=comment.pk)
    if fresh.withdrawn_at is not None:
        raise TransitionRefused(_("This comment was withdrawn."))
    if (fresh.verdict, fresh.answer) == (verdict, why):
        who = fresh.answered_by or _("somebody")
        raise TransitionRefused(_("Already answered so by %(who)s.") % {"who": who}, done_already=True)
    if fresh.version != seen:
        raise Conflict(fresh)
    fields = {"verdict": verdict, "answer": why, "answered_by": by, "answered_at": timezone.now(), "told_at": None}
    save_version(fresh, seen=seen, fields=fields)
