"""Who hears of what happens to a module, as recipients of letters."""

from django.contrib.auth import get_user_model

from cmncp_portal.accounts.models import Role
from cmncp_portal.network.selectors import coordinators
from cmncp_portal.notifications.recipients import Recipient

from ..models import Module, ModuleAuthor


def as_recipient(user: object) -> Recipient:
    """Return the account `user` as the outbox knows people."""
    return Recipient(user.email, user.name, user.language, user.time_zone)  # type: ignore[attr-defined]


def authors_of(module: Module) -> list[Recipient]:
    """Return the authors whose invitation to write `module` runs today."""
    rows = ModuleAuthor.objects.working().filter(module=module, user__is_active=True).select_related("user")
    return [as_recipient(row.user) for row in rows.order_by("pk")]


def team() -> list[Recipient]:
    """Return the University of Ottawa team and the network's coordinators, each person once."""
    users = get_user_model()._default_manager
    people = users.filter(groups__name=Role.UNIVERSITY, is_active=True).distinct().order_by("pk")
    found = {to.email.lower(): to for to in (*map(as_recipient, people), *coordinators())}
    return list(found.values())
