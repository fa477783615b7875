"""Who belongs to which municipality, and what follows from it."""

from typing import Any

import rules
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import Person, is_administrator, is_reviewer, is_secretariat, is_university

from .models import Membership, Municipality, Stakeholder
from .models.stakeholder import SPEAKS_FOR_MUNICIPALITY, WORKS_FOR_MUNICIPALITY


def members_now(municipality: Any) -> QuerySet[Membership]:
    """Return the general or associate memberships of `municipality` (a row, or an OuterRef) that run today."""
    today = timezone.localdate()
    kinds = (Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE)
    running = Membership.objects.filter(municipality=municipality, kind__in=kinds, from_on__lte=today)
    return running.filter(Q(until_on__isnull=True) | Q(until_on__gte=today))


def places_of(user: Person) -> list[Stakeholder]:
    """Return the current stakeholder rows of `user`, fetched once per request with their municipalities."""
    if not isinstance(user, User) or not user.is_active:
        return []
    cached = getattr(user, "_places", None)
    if cached is None:
        rows = Stakeholder.objects.current().filter(user=user).select_related("municipality").order_by("pk")
        cached = list(rows.annotate(is_of_a_member=Exists(members_now(OuterRef("municipality")))))
        user._places = cached  # type: ignore[attr-defined]
    return cached


def municipality_ids_of(user: Person) -> set[int]:
    """Return the municipalities that `user` works for (representative, deputy, staff, elected leader)."""
    return {p.municipality_id for p in places_of(user) if p.standing in WORKS_FOR_MUNICIPALITY}


def speaks_for_ids(user: Person) -> set[int]:
    """Return the municipalities for which `user` may decide (representative or deputy)."""
    return {p.municipality_id for p in places_of(user) if p.standing in SPEAKS_FOR_MUNICIPALITY}


def _municipality_id(thing: Any) -> int | None:
    return thing.pk if isinstance(thing, Municipality) else getattr(thing, "municipality_id", None)


@rules.predicate
def works_for(user: Person, thing: Any) -> bool:
    return _municipality_id(thing) in municipality_ids_of(user)


@rules.predicate
def speaks_for(user: Person, thing: Any) -> bool:
    return _municipality_id(thing) in speaks_for_ids(user)


@rules.predicate
def works_for_a_member(user: Person) -> bool:
    """Of a general or associate member: those thinking of joining, and those who left, do not see what members share."""
    return any(p.standing in WORKS_FOR_MUNICIPALITY and p.is_of_a_member for p in places_of(user))  # type: ignore[attr-defined]


is_of_the_network = works_for_a_member | is_secretariat | is_reviewer | is_university | is_administrator

rules.add_perm("network.view_people", is_of_the_network)
rules.add_perm("network.keep_municipality", speaks_for | is_secretariat)
rules.add_perm("network.keep_people", speaks_for | is_secretariat)
rules.add_perm("network.keep_programmes", works_for | is_secretariat)
rules.add_perm("network.admit_members", is_secretariat)
rules.add_perm("network.import_lists", is_secretariat)
