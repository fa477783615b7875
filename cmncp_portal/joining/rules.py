"""Who may do what about joining: coordinators answer; the people of a member renew; the public asks."""

from typing import Any

import rules

from cmncp_portal.accounts.rules import Person, is_secretariat
from cmncp_portal.network.rules import municipality_ids_of, speaks_for_ids

from .models import OnboardingStep, Renewal


def _municipality_id(thing: Any) -> int | None:
    if isinstance(thing, Renewal | OnboardingStep):
        return thing.membership.municipality_id
    return getattr(thing, "municipality_id", None)


@rules.predicate
def works_there(user: Person, thing: Any) -> bool:
    return _municipality_id(thing) in municipality_ids_of(user)


@rules.predicate
def speaks_for_it(user: Person, thing: Any) -> bool:
    return _municipality_id(thing) in speaks_for_ids(user)


rules.add_perm("joining.see_desk", is_secretariat)
rules.add_perm("joining.answer_interest", is_secretariat)
rules.add_perm("joining.decide", is_secretariat)
rules.add_perm("joining.keep_fees", is_secretariat)
rules.add_perm("joining.see_application", is_secretariat | works_there)
rules.add_perm("joining.do_first_steps", is_secretariat | works_there)
rules.add_perm("joining.see_renewal", is_secretariat | works_there)
rules.add_perm("joining.confirm_renewal", is_secretariat | speaks_for_it)
rules.add_perm("joining.record_renewal", is_secretariat)
rules.add_perm("joining.leave", is_secretariat | speaks_for_it)
