"""Dull factories: rows, not services, so that a broken service fails its own tests only."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone

from cmncp_portal.accounts.models import User

PASSWORD = "correct horse battery"


def make_person(email: str, *, roles: tuple[str, ...] = (), **fields: Any) -> User:
    """Somebody who is in, with a password and a confirmed address."""
    given = {"name": email.split("@")[0].title(), "accepted_at": timezone.now(), **fields}
    user = User.objects.create_user(email, PASSWORD, **given)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


def make_invited(email: str = "nadia@regina.example", *, days_ago: int = 0, **fields: Any) -> User:
    """Somebody who was invited `days_ago` days ago and is not in yet."""
    given = {"name": "Nadia Roy", "invited_at": timezone.now() - timedelta(days=days_ago), **fields}
    return User.objects.create_user(email, None, **given)
