"""Who hears of what happens in the library, as recipients of letters."""

from django.db.models import Q

from cmncp_portal.accounts.models import Role, User
from cmncp_portal.network.selectors import coordinators
from cmncp_portal.notifications.recipients import Recipient


def writers() -> list[Recipient]:
    """Return the University of Ottawa team, which writes the briefs."""
    people = User.objects.filter(groups__name=Role.UNIVERSITY, is_active=True).distinct().order_by("pk")
    return [Recipient(u.email, u.name, u.language, u.time_zone) for u in people]


def administrators() -> list[Recipient]:
    """Return the people who look after the portal, and who grant that a brief comes out in one language first."""
    of_the_role = User.objects.filter(groups__name=Role.ADMINISTRATOR).values("pk")
    people = User.objects.filter(Q(is_superuser=True) | Q(pk__in=of_the_role), is_active=True).order_by("pk")
    return [Recipient(u.email, u.name, u.language, u.time_zone) for u in people]


def writers_and_coordinators() -> list[Recipient]:
    """Return the team that writes and the network's coordinators, each person once."""
    found = {to.email.lower(): to for to in (*writers(), *coordinators())}
    return list(found.values())
