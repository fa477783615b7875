"""Reading: who has an account, and whom the demo lets in."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet

from cmncp_portal.core.text import pick

from .models import AccountChange, Role, User, UserQuerySet

DEMO_ENDING = ".example"  # reserved by RFC 2606: no such address can belong to anybody


@dataclass(frozen=True)
class DemoPerson:
    """Somebody whom the demo's sign-in page offers: an invented person and the role to try."""

    email: str
    name: str
    role: str


def people(by: User) -> UserQuerySet:
    """Accounts that `by` may look at, with their roles, by name."""
    return User.objects.visible_to(by).with_roles().order_by("name", "pk")


def changes_of(user: User) -> QuerySet[AccountChange]:
    """What was done to this account, latest first."""
    return user.changes.all()


def other_administrators(user: User) -> UserQuerySet:
    """People who would still be able to look after accounts if `user` were not."""
    active = User.objects.filter(is_active=True, accepted_at__isnull=False).exclude(pk=user.pk)
    return active.holding(Role.ADMINISTRATOR) | active.filter(is_superuser=True)


def demo_people() -> list[DemoPerson]:
    """The people of the demo in the order of `settings.DEMO_PEOPLE`, roles in the page's language; none outside the demo.

    Only addresses ending in ".example" count, so that a real person can never be entered with one click.
    """
    listed = getattr(settings, "DEMO_PEOPLE", []) if settings.DEMO else []
    roles = {each["email"].lower(): pick(each["role_en"], each["role_fr"]) for each in listed}
    invented = [email for email in roles if email.endswith(DEMO_ENDING)]
    if not invented:
        return []
    found = {user.email: user for user in User.objects.filter(email__in=invented, is_active=True)}
    return [DemoPerson(email, found[email].name, roles[email]) for email in invented if email in found]


def demo_person(email: str) -> User | None:
    """Return the person of the demo whose address is `email`; None for anybody else, and outside the demo."""
    offered = {person.email for person in demo_people()}
    return User.objects.filter(email=email.lower()).first() if email.lower() in offered else None
