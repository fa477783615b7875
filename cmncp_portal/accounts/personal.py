"""What accounts hold about a person. A forgotten account stays as a closed one without a name: what it did is counted."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.personal import About, Mentions, Obstacle, Part, Person, Signed

from .models import AccountChange, Role, User
from .selectors import other_administrators

WAYS_IN: tuple[Any, ...] = (EmailAddress, Authenticator, SocialAccount)  # deleted with all that hangs on them


def _close(person: Person, _now: datetime) -> int:
    """End all sessions, take away the ways to sign in and the roles; return how many rows went."""
    for session in UserSession.objects.filter(user__in=person.accounts):
        session.end()
    gone = sum(model.objects.filter(user__in=person.accounts).delete()[0] for model in WAYS_IN)
    for through in (User.groups.through, User.user_permissions.through):
        through.objects.filter(user_id__in=person.accounts).delete()
    return gone


def _roles(person: Person, _now: datetime) -> list[Obstacle]:
    found = []
    for user in User.objects.filter(pk__in=person.accounts).with_roles():
        if user.has_role(Role.ADMINISTRATOR) and not other_administrators(user).exists():
            found.append(
                Obstacle(
                    gettext("The only administrator of the portal: somebody else must become one first."),
                    forbids=True,
                )
            )
        elif user.role_names or user.is_superuser:
            roles = ", ".join(user.role_labels) or gettext("looks after the server")
            found.append(
                Obstacle(
                    gettext("Works for the network: %(roles)s.") % {"roles": roles},
                    reverse("accounts:person", args=[user.pk]),
                )
            )
    return found


PART = Part(
    "accounts",
    _("Account"),
    about=(
        About(
            UserSession,
            _("Where you are signed in"),
            account="user",
            shows=(("created_at", _("since")), ("ip", _("network address")), ("user_agent", _("browser"))),
        ),
        About(
            EmailAddress,
            _("Addresses with which you sign in"),
            email="email",
            account="user",
            shows=(("email", _("email address")), ("verified", pgettext_lazy("address", "confirmed"))),
        ),
        About(
            Authenticator,
            _("Second steps of signing in"),
            account="user",
            shows=(("type", pgettext_lazy("second step", "kind")), ("created_at", _("since"))),
        ),
        About(
            SocialAccount,
            _("Your organisation’s sign-in"),
            account="user",
            shows=(("provider", _("provider")), ("uid", _("number there"))),
        ),
        About(
            AccountChange,
            _("What was done to your account"),
            account="user",
            empties=("note",),
            shows=("kind", "at", "before", "after", "note"),
        ),
        About(
            User,
            _("Your account"),
            email="email",
            name="name",
            sets={
                "is_active": False,
                "is_staff": False,
                "is_superuser": False,
                "password": lambda _now: make_password(None),
            },
            shows=(
                "name",
                "email",
                "language",
                "time_zone",
                ("role_labels", _("roles")),
                "invited_at",
                "accepted_at",
                ("last_login", _("last sign-in")),
            ),
        ),
    ),
    signed=(Signed(AccountChange),),
    mentions=(Mentions(AccountChange, ("note",)), Mentions(LogEntry, ("object_repr", "change_message"))),
    also_forget=_close,
    stands_in_the_way=_roles,
)
