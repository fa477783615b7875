"""Writing: who comes in, with which roles, and who goes. A refusal is a `TransitionRefused` with a reason to show."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.days import local_day
from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import LANGUAGES
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from . import notifications as kinds
from . import selectors
from .models import AccountChange, Language, Role, User

ALREADY_USED = _("This invitation was used already. Please sign in.")
EXPIRED = _("This invitation is older than 14 days. Please ask for a new link.")


@transaction.atomic
def invite(
    *, email: str, name: str, language: str, by: User, time_zone: str = "America/Toronto", roles: Iterable[str] = ()
) -> User:
    """Make an account without a password for `email`, send its invitation, and return it.

    Who has an account comes back as it is, without a letter; who was invited and is not in yet gets a new link. The
    caller has checked that `by` may invite this person; roles need an administrator. Raises TransitionRefused for an
    account that was closed, PermissionDenied for roles from anybody but an administrator.
    """
    wanted = {
        "name": name,
        "language": language,
        "time_zone": time_zone,
        "invited_by": by,
        "invited_at": timezone.now(),
    }
    user, is_new = User.objects.get_or_create(
        email=email.strip().lower(), defaults={**wanted, "password": _no_password()}
    )
    if not user.is_active:
        raise TransitionRefused(_("The account of this person was closed. An administrator can open it again."))
    if is_new:
        _record(user, AccountChange.Kind.INVITED, by=by)
        _send_invitation(user)
        if wanted_roles := set(roles):
            set_roles(user=user, roles=wanted_roles, by=by, tell=False)
    elif user.accepted_at is None:
        resend_invitation(user=user, by=by)
    return user


@transaction.atomic
def resend_invitation(*, user: User, by: User | None = None) -> None:
    """Send a new link that lasts 14 days; every older link stops working. `by` is None when the person asked for it.

    Raises TransitionRefused when the person is in already or the account was closed.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.accepted_at is not None:
        raise TransitionRefused(ALREADY_USED, done_already=True)
    if not user.is_active:
        raise TransitionRefused(_("This account was closed."))
    user.nonce, user.invited_at = new_nonce(), timezone.now()
    user.invited_by = by or user.invited_by
    user.save(update_fields=["nonce", "invited_at", "invited_by"])
    _record(user, AccountChange.Kind.INVITED_AGAIN, by=by)
    _send_invitation(user)


@transaction.atomic
def accept(*, user: User, name: str, language: str, time_zone: str, password: str = "") -> User:
    """Let an invited person in and return the account; the link has proved the address.

    An empty `password` means: sign in with a code sent by email, or with a passkey added later. Raises
    TransitionRefused when the invitation was used, replaced or is older than 14 days.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.accepted_at is not None:
        raise TransitionRefused(ALREADY_USED, done_already=True)
    if not user.is_active or user.has_expired_invitation:
        raise TransitionRefused(EXPIRED)
    user.name, user.language, user.time_zone = name, language, time_zone
    if password:
        user.set_password(password)
    user.save(update_fields=["name", "language", "time_zone", "password"])
    return _let_in(user)


@transaction.atomic
def accept_by_mailbox(*, user: User) -> User:
    """Let in an invited person who proved the address another way: a sign-in code, a reset link, the organisation's sign-in."""
    user = User.objects.select_for_update().get(pk=user.pk)
    return user if user.accepted_at else _let_in(user)


@transaction.atomic
def set_roles(*, user: User, roles: Iterable[str], by: User, note: str = "", tell: bool = True) -> None:
    """Give exactly `roles` (values of Role) to `user`, keep a record, and write to the person; nothing when none changes.

    Raises PermissionDenied unless `by` is an administrator, TransitionRefused when nobody would be left to look after
    accounts.
    """
    _require_administrator(by)
    list(User.objects.holding(Role.ADMINISTRATOR).select_for_update().order_by("pk"))  # two administrators at once
    user = User.objects.select_for_update().get(pk=user.pk)
    before = set(user.groups.values_list("name", flat=True)) & set(Role.values)
    after = set(roles) & set(Role.values)
    if before == after:
        return
    if Role.ADMINISTRATOR in before - after and not selectors.other_administrators(user).exists():
        raise TransitionRefused(_("The network needs at least one administrator."))
    user.groups.remove(*Group.objects.filter(name__in=before - after))
    user.groups.add(*Group.objects.filter(name__in=after - before))
    change = _record(user, AccountChange.Kind.ROLES, by=by, note=note, before=sorted(before), after=sorted(after))
    if tell:
        values = {one: _roles_letter(change, one) for one in LANGUAGES}
        _write(kinds.ROLES_CHANGED, user, f"accounts.roles:{change.pk}", values)


def why_not_deactivate(user: User, by: User) -> Promise | None:
    """Return why `by` may not close the account of `user` now, or None when it is possible."""
    if user.pk == by.pk:
        return _("You cannot close your own account; another administrator can.")
    if user.is_superuser and not by.is_superuser:
        return _("This account looks after the server; only another such account can close it.")
    return None


@transaction.atomic
def deactivate(*, user: User, by: User, note: str = "") -> None:
    """Close an account: its sessions end at once, what the person wrote stays. Closing twice does nothing more.

    Raises PermissionDenied unless `by` is an administrator, TransitionRefused with the reason of `why_not_deactivate`.
    """
    _require_administrator(by)
    if reason := why_not_deactivate(user, by):
        raise TransitionRefused(reason)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not user.is_active:
        return
    user.is_active, user.nonce = False, new_nonce()
    user.save(update_fields=["is_active", "nonce"])
    for session in UserSession.objects.filter(user=user):
        session.end()
    change = _record(user, AccountChange.Kind.DEACTIVATED, by=by, note=note)
    _write(kinds.ACCOUNT_CLOSED, user, f"accounts.closed:{change.pk}", _in_both(user, by, "account_login"))


@transaction.atomic
def reactivate(*, user: User, by: User, note: str = "") -> None:
    """Open a closed account again, with the roles it had. Raises PermissionDenied unless `by` is an administrator."""
    _require_administrator(by)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        return
    user.is_active = True
    user.save(update_fields=["is_active"])
    change = _record(user, AccountChange.Kind.REACTIVATED, by=by, note=note)
    if user.accepted_at is None:
        resend_invitation(user=user, by=by)
    else:
        _write(kinds.ACCOUNT_OPENED, user, f"accounts.opened:{change.pk}", _in_both(user, by, "account_login"))


def address_in(language: str, name: str, *args: Any) -> str:
    """Return the full address of the page called `name` in `language`, for a letter."""
    with translation.override(language):
        return absolute(reverse(name, args=args))


def _no_password() -> str:
    blank = User()
    blank.set_unusable_password()
    return blank.password


def _let_in(user: User) -> User:
    user.accepted_at = timezone.now()
    user.save(update_fields=["accepted_at"])
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    _record(user, AccountChange.Kind.ACCEPTED, by=user)
    return user


def _require_administrator(by: User) -> None:
    if not by.has_perm("accounts.manage_people"):
        raise PermissionDenied


def _record(user: User, kind: str, *, by: User | None, note: str = "", **roles: list[str]) -> AccountChange:
    return AccountChange.objects.create(user=user, kind=kind, by=by, by_name=by.name if by else "", note=note, **roles)


def recipient(user: User) -> Recipient:
    """Return `user` as the outbox knows people."""
    return Recipient(user.email, user.name, "fr" if user.language == Language.FRENCH else "en", user.time_zone)


def _write(kind: Kind, user: User, key: str, values: dict[str, Any]) -> None:
    letters.send(kind, recipient(user), key=key, context=values)


def _send_invitation(user: User) -> None:
    ends_at = user.invitation_ends_at or timezone.now()
    values = {
        one: {
            "name": user.name,
            "email": user.email,
            "by": user.invited_by.name if user.invited_by else "",
            "until": day_in_words(local_day(ends_at, user.time_zone), one),
            "url": address_in(one, "accounts:invitation", user.invitation_token),
        }
        for one in LANGUAGES
    }
    _write(kinds.INVITATION, user, f"accounts.invitation:{user.pk}:{user.nonce}", values)


def _roles_letter(change: AccountChange, language: str) -> dict[str, Any]:
    with translation.override(language):
        given, taken = change.given, change.taken
    url = address_in(language, "accounts:profile")
    return {"name": change.user.name, "given": given, "taken": taken, "by": change.by_name, "url": url}


def _in_both(user: User, by: User, page: str) -> dict[str, Any]:
    return {one: {"name": user.name, "by": by.name, "url": address_in(one, page)} for one in LANGUAGES}
