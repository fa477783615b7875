"""Who holds a role of the network. Superusers hold each; anonymous visitors none."""

import rules
from django.contrib.auth.models import AnonymousUser

from .models import Role, User

Person = User | AnonymousUser


def _holds(user: Person, *roles: str) -> bool:
    return isinstance(user, User) and user.has_role(*roles)


@rules.predicate
def is_secretariat(user: Person) -> bool:
    return _holds(user, Role.COORDINATOR, Role.ADMINISTRATOR)


@rules.predicate
def is_administrator(user: Person) -> bool:
    return _holds(user, Role.ADMINISTRATOR)


@rules.predicate
def is_reviewer(user: Person) -> bool:
    return _holds(user, Role.REVIEWER, Role.COORDINATOR, Role.ADMINISTRATOR)


@rules.predicate
def is_university(user: Person) -> bool:
    return _holds(user, Role.UNIVERSITY)


rules.add_perm("accounts.invite_anyone", is_secretariat)
rules.add_perm("accounts.manage_people", is_administrator)
