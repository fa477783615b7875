"""Who may do what in an exchange. Roles come from facts: whom a person represents, who leads a side, who was invited."""

from typing import Any

import rules

from cmncp_portal.accounts.rules import Person, is_reviewer, is_secretariat, is_university
from cmncp_portal.network.rules import municipality_ids_of, places_of, speaks_for_ids, works_for_a_member

from .models import Exchange, Side, Visit


def _visit(thing: Any) -> Visit:
    return thing.current_visit if isinstance(thing, Exchange) else thing


def _side_id(thing: Any, side: str) -> int | None:
    visit = _visit(thing)
    first = visit.leg == Visit.Leg.FIRST
    travels = (side == Side.VISITORS) == first
    return visit.exchange.guest_id if travels else visit.exchange.host_id


def _works_on(user: Person, thing: Any, side: str) -> bool:
    ours = _side_id(thing, side)
    return ours is not None and ours in municipality_ids_of(user)


def _decides_for(user: Person, thing: Any, side: str) -> bool:
    """A representative or deputy of the side's municipality, or the named lead of that side."""
    ours = _side_id(thing, side)
    if ours is None:
        return False
    visit = _visit(thing)
    lead_id = visit.visiting_lead_id if side == Side.VISITORS else visit.host_lead_id
    leads = lead_id is not None and any(p.pk == lead_id for p in places_of(user))
    return ours in speaks_for_ids(user) or leads


@rules.predicate
def works_for_visitors(user: Person, thing: Any) -> bool:
    return _works_on(user, thing, Side.VISITORS)


@rules.predicate
def works_for_hosts(user: Person, thing: Any) -> bool:
    return _works_on(user, thing, Side.HOSTS)


@rules.predicate
def decides_for_visitors(user: Person, thing: Any) -> bool:
    return _decides_for(user, thing, Side.VISITORS)


@rules.predicate
def decides_for_hosts(user: Person, thing: Any) -> bool:
    return _decides_for(user, thing, Side.HOSTS)


@rules.predicate
def works_for_the_side_to_answer(user: Person, visit: Any) -> bool:
    side = visit.side_to_answer
    if side is None:
        return False
    # The hosts' first answer commits the municipality; answering new dates is the visiting staff's daily work.
    return _works_on(user, visit, side) if side == Side.VISITORS else _decides_for(user, visit, side)


@rules.predicate
def is_past_draft(user: Person, thing: Any) -> bool:
    return _visit(thing).state != Visit.State.DRAFT


@rules.predicate
def is_first_leg_with_host(user: Person, thing: Any) -> bool:
    visit = _visit(thing)
    return visit.leg == Visit.Leg.FIRST and visit.exchange.host_id is not None


@rules.predicate
def was_confirmed(user: Person, thing: Any) -> bool:
    return _visit(thing).state in (Visit.State.CONFIRMED, Visit.State.HELD)


@rules.predicate
def was_released(user: Person, visit: Any) -> bool:
    return visit.released_at is not None


works_for_either = works_for_visitors | works_for_hosts
decides_for_either = decides_for_visitors | decides_for_hosts

rules.add_perm("exchanges.ask", works_for_a_member | is_secretariat)
rules.add_perm("exchanges.write_request", works_for_visitors | is_secretariat)
rules.add_perm("exchanges.submit_request", works_for_visitors | is_secretariat)
rules.add_perm("exchanges.withdraw_request", decides_for_visitors | is_secretariat)
rules.add_perm("exchanges.find_host", is_secretariat)
rules.add_perm("exchanges.answer_request", works_for_the_side_to_answer | is_secretariat)
rules.add_perm("exchanges.decline_request", (works_for_the_side_to_answer & decides_for_hosts) | is_secretariat)
rules.add_perm("exchanges.plan_visit", is_past_draft & works_for_either | is_secretariat)
rules.add_perm("exchanges.keep_visitors", works_for_visitors | is_secretariat)
rules.add_perm("exchanges.keep_hosts", is_past_draft & works_for_hosts | is_secretariat)
rules.add_perm(
    "exchanges.see_team",
    works_for_visitors
    | is_past_draft & works_for_hosts
    | was_confirmed & (is_university | is_reviewer)
    | is_secretariat,
)
rules.add_perm(
    "exchanges.see_visitors_needs", decides_for_visitors | is_past_draft & decides_for_hosts | is_secretariat
)
rules.add_perm("exchanges.see_hosts_needs", is_past_draft & decides_for_hosts | is_secretariat)
rules.add_perm("exchanges.confirm_for_visitors", decides_for_visitors)
rules.add_perm("exchanges.confirm_for_hosts", decides_for_hosts)
rules.add_perm("exchanges.confirm_visit", decides_for_either | is_secretariat)
rules.add_perm("exchanges.waive_team", decides_for_either | is_secretariat)
rules.add_perm("exchanges.move_visit", decides_for_either | is_secretariat)
rules.add_perm("exchanges.change_host", is_first_leg_with_host & (is_secretariat | decides_for_visitors))
rules.add_perm("exchanges.record_visit", decides_for_either | is_secretariat)
rules.add_perm("exchanges.catch_idea", works_for_either | is_secretariat)
rules.add_perm("exchanges.read_counts", works_for_either | is_secretariat | is_reviewer)
rules.add_perm(
    "exchanges.read_results",
    was_released & works_for_either | is_reviewer | is_secretariat | was_confirmed & is_university,
)
rules.add_perm("exchanges.close_one_sided", is_secretariat)
rules.add_perm("exchanges.decide_return", decides_for_either | is_secretariat)
rules.add_perm("exchanges.close_exchange", decides_for_either | is_secretariat)
rules.add_perm("exchanges.reopen_visit", is_secretariat)
rules.add_perm("exchanges.see_reach", is_secretariat | is_reviewer | is_university)


def side_of(user: Person, thing: Any) -> str | None:
    """Return the side for which `user` acts on this leg, or None for those who stand outside (the secretariat too)."""
    if _works_on(user, thing, Side.VISITORS):
        return Side.VISITORS
    return Side.HOSTS if _works_on(user, thing, Side.HOSTS) else None
