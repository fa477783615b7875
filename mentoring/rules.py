"""Who may do what in mentoring. Coordinators bring together; each side answers and works for itself; a third sees nothing."""

from collections.abc import Iterable
from typing import Any

import rules

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import Person, is_administrator, is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import municipality_ids_of, speaks_for, speaks_for_ids, works_for, works_for_a_member

from .models import Agreement, Participant, Side


def agreement_of(thing: Any) -> Agreement:
    """Return the agreement that `thing` is, or belongs to."""
    return thing if isinstance(thing, Agreement) else thing.agreement


def sides_of(user: Person, agreement: Agreement) -> set[str]:
    """Return the sides for which `user` takes part: by municipality, or by name. Asked once per request and agreement."""
    if not isinstance(user, User) or not user.is_active:
        return set()
    known: dict[int, set[str]] = user.__dict__.setdefault("_mentoring_sides", {})
    if agreement.pk not in known:
        ours = municipality_ids_of(user)
        sides = {
            side for side, pk in ((Side.MENTOR, agreement.mentor_id), (Side.MENTEE, agreement.mentee_id)) if pk in ours
        }
        named = Participant.objects.current().filter(agreement=agreement, email=user.email.lower())
        known[agreement.pk] = {str(side) for side in sides | set(named.values_list("side", flat=True))}
    return known[agreement.pk]


def remember_sides(user: Person, agreement: Agreement, people: Iterable[Participant]) -> None:
    """Tell `sides_of` who takes part today (`people`), for a page that has them already: it then asks nothing more."""
    if isinstance(user, User) and user.is_active:
        ours = municipality_ids_of(user)
        sides = {str(side) for side in Side if agreement.municipality_of(side).pk in ours}
        named = {person.side for person in people if person.email == user.email.lower()}
        known = getattr(user, "_mentoring_sides", {})  # not __dict__: a request's user is a wrapper around the real one
        user._mentoring_sides = known | {agreement.pk: sides | named}  # type: ignore[attr-defined]


@rules.predicate
def takes_part(user: Person, thing: Any) -> bool:
    return bool(sides_of(user, agreement_of(thing)))


@rules.predicate
def speaks_for_mentor(user: Person, thing: Any) -> bool:
    return agreement_of(thing).mentor_id in speaks_for_ids(user)


@rules.predicate
def speaks_for_mentee(user: Person, thing: Any) -> bool:
    return agreement_of(thing).mentee_id in speaks_for_ids(user)


@rules.predicate
def leads(user: Person, thing: Any) -> bool:
    if not isinstance(user, User):
        return False
    named = Participant.objects.current().filter(agreement=agreement_of(thing), is_lead=True, email=user.email.lower())
    return named.exists()


@rules.predicate
def is_prepared_only(user: Person, thing: Any) -> bool:
    return agreement_of(thing).state == Agreement.State.PROPOSED


works_in_it = takes_part & ~is_prepared_only
speaks_for_a_side = (speaks_for_mentor | speaks_for_mentee) & ~is_prepared_only

# Needs and offers: asked with the need or offer, or with a municipality.
rules.add_perm("mentoring.keep_need", speaks_for | is_secretariat)
rules.add_perm("mentoring.see_need", works_for | is_secretariat)
rules.add_perm("mentoring.keep_offer", speaks_for & works_for_a_member | is_secretariat)
rules.add_perm("mentoring.see_offer", works_for | is_secretariat)

# Matching
rules.add_perm("mentoring.match", is_secretariat)

# Agreements
rules.add_perm("mentoring.propose", is_secretariat)
rules.add_perm("mentoring.see", works_in_it | is_secretariat | is_administrator)
rules.add_perm("mentoring.answer_for_mentor", speaks_for_mentor & ~is_prepared_only)
rules.add_perm("mentoring.answer_for_mentee", speaks_for_mentee & ~is_prepared_only)
rules.add_perm("mentoring.decline", speaks_for_a_side)
rules.add_perm("mentoring.withdraw", is_secretariat)
rules.add_perm("mentoring.work", works_in_it)
rules.add_perm("mentoring.keep_people", speaks_for_a_side | leads & works_in_it | is_secretariat)
rules.add_perm("mentoring.pause", speaks_for_a_side | leads & works_in_it | is_secretariat)
rules.add_perm("mentoring.conclude", speaks_for_a_side | leads & works_in_it | is_secretariat)
rules.add_perm("mentoring.hand_over", works_in_it | is_secretariat)
rules.add_perm("mentoring.read_check_ins", is_secretariat | is_reviewer | is_university)
rules.add_perm("mentoring.see_network", is_secretariat | is_university | is_administrator)
