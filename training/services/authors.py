"""Authors of partners: invited to one module, until a day; removed; invited again."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.accounts import services as accounts
from cmncp_portal.core.workflow import TransitionRefused

from ..models import Module, ModuleAuthor
from ..notifications import modules as kinds
from ..notifications.common import both
from .modules import CLOSED
from .modules_telling import optional_day, tell

S = Module.State


@transaction.atomic
def invite_author(
    module: Module, *, by: Any, email: str, name: str, language: str, until_on: date | None
) -> ModuleAuthor:
    """Invite somebody to write this one module until `until_on` (the last day counts; None: without end), and return it.

    Who has no account gets one. Raises PermissionDenied; TransitionRefused when the module is closed, the day has passed,
    or the person writes it already until that day.
    """
    locked = _locked(module, by, until_on)
    user = accounts.invite(email=email, name=name, language=language, by=by)
    author = ModuleAuthor.objects.filter(module=locked, user=user).first()
    if author and _works(author) and author.until_on == until_on:
        raise TransitionRefused(_("%(name)s is invited already.") % {"name": user}, done_already=True)
    author = author or ModuleAuthor(module=locked, user=user)
    return _invite(author, by, until_on)


@transaction.atomic
def invite_again(author: ModuleAuthor, *, by: Any, until_on: date | None) -> ModuleAuthor:
    """Invite an author once more, or for longer. Raises PermissionDenied, TransitionRefused as `invite_author`."""
    _locked(author.module, by, until_on)
    stored = ModuleAuthor.objects.select_for_update(of=("self",)).select_related("user", "module").get(pk=author.pk)
    if _works(stored) and stored.until_on == until_on:
        raise TransitionRefused(_("%(name)s is invited already.") % {"name": stored.user}, done_already=True)
    if not stored.user.is_active:
        raise TransitionRefused(_("The account of this person was closed. An administrator can open it again."))
    if stored.user.accepted_at is None:
        accounts.resend_invitation(user=stored.user, by=by)
    return _invite(stored, by, until_on)


@transaction.atomic
def remove_author(author: ModuleAuthor, *, by: Any) -> None:
    """End an invitation at once; what was written stays. Raises PermissionDenied, TransitionRefused on a second click."""
    if not by.has_perm("training.invite_author"):
        raise PermissionDenied
    stored = ModuleAuthor.objects.select_for_update(of=("self",)).select_related("user").get(pk=author.pk)
    if stored.removed_at:
        raise TransitionRefused(_("%(name)s was removed already.") % {"name": stored.user}, done_already=True)
    stored.removed_at = timezone.now()
    stored.save(update_fields=["removed_at", "updated_at"])


def _locked(module: Module, by: Any, until_on: date | None) -> Module:
    locked = Module.objects.select_for_update(of=("self",)).get(pk=module.pk)
    if not by.has_perm("training.invite_author"):
        raise PermissionDenied
    if locked.state in CLOSED:
        words = _("This module is “%(state)s”: nothing about it changes any more.")
        raise TransitionRefused(words % {"state": locked.get_state_display()})
    if until_on and until_on < timezone.localdate():
        raise TransitionRefused(_("This day has passed."))
    return locked


def _works(author: ModuleAuthor) -> bool:
    return ModuleAuthor.objects.working().filter(pk=author.pk).exists()


def _invite(author: ModuleAuthor, by: Any, until_on: date | None) -> ModuleAuthor:
    author.until_on, author.removed_at, author.invited_by = until_on, None, by
    author.save()
    module, user = author.module, author.user
    due = module.draft_due_on if module.state in (S.PROPOSED, S.AGREED) else None
    tell(
        kinds.AUTHOR_INVITED,
        module,
        [accounts.recipient(user)],
        occasion=f"{author.pk}:{author.updated_at.timestamp():.0f}:{until_on}",
        by=both(str(by)),
        until=optional_day(until_on),
        due=optional_day(due if due and due >= timezone.localdate() else None),
        is_new=both(user.accepted_at is None),
    )
    return author
