"""Who may do what: the cast across, permissions down. This is the page to show the client (journeys, 2.5).

Each cell says in which states of the first visit a person may:
d draft, q requested (the host answers), n new dates proposed (the visitors answer), a accepted, c confirmed, h held,
e evaluated and opened to the other side. A dot means never, a star in each of them.
"""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from exchanges import services
from exchanges.models import Exchange, Side, Visit
from exchanges.rules import side_of

from .factories import make_return_visit, make_window, read

pytestmark = pytest.mark.django_db

PEOPLE = ("amina", "joseph", "helen", "henry", "rosa", "luc", "priya", "rene", "uma", "admin_user", "anonymous")
STATES = {
    "d": "draft",
    "q": "requested",
    "n": "new dates",
    "a": "accepted",
    "c": "confirmed",
    "h": "held",
    "e": "evaluated",
}

TABLE = """
                     amina  joseph helen  henry  rosa luc priya  rene uma admin_user anonymous
write_request        *      *      .      .      .    .   *      .    .   *          .
submit_request       *      *      .      .      .    .   *      .    .   *          .
withdraw_request     *      .      .      .      .    .   *      .    .   *          .
find_host            .      .      .      .      .    .   *      .    .   *          .
answer_request       n      n      q      .      .    .   *      .    .   *          .
decline_request      .      .      q      .      .    .   *      .    .   *          .
plan_visit           qnache qnache qnache qnache .    .   *      .    .   *          .
keep_visitors        *      *      .      .      .    .   *      .    .   *          .
keep_hosts           .      .      qnache qnache .    .   *      .    .   *          .
see_team             *      *      qnache qnache .    .   *      che  che *          .
see_visitors_needs   *      .      qnache .      .    .   *      .    .   *          .
see_hosts_needs      .      .      qnache .      .    .   *      .    .   *          .
confirm_for_visitors *      .      .      .      .    .   .      .    .   *          .
confirm_for_hosts    .      .      qnache .      .    .   .      .    .   *          .
confirm_visit        *      .      qnache .      .    .   *      .    .   *          .
waive_team           *      .      qnache .      .    .   *      .    .   *          .
move_visit           *      .      qnache .      .    .   *      .    .   *          .
change_host          qnache .      .      .      .    .   qnache .    .   *          .
record_visit         *      .      qnache .      .    .   *      .    .   *          .
catch_idea           *      *      qnache qnache .    .   *      .    .   *          .
read_counts          *      *      qnache qnache .    .   *      *    .   *          .
read_results         e      e      e      e      .    .   *      *    che *          .
close_one_sided      .      .      .      .      .    .   *      .    .   *          .
decide_return        *      .      qnache .      .    .   *      .    .   *          .
close_exchange       *      .      qnache .      .    .   *      .    .   *          .
reopen_visit         .      .      .      .      .    .   *      .    .   *          .
know_of_it           *      *      qnache qnache .    .   *      che  che *          .
"""


def cells() -> dict[tuple[str, str], set[str]]:
    head, *lines = TABLE.strip("\n").splitlines()
    assert tuple(head.split()) == PEOPLE
    rows = (line.split() for line in lines)
    return {
        (name, person): set(STATES if cell == "*" else cell.strip("."))
        for name, *row in rows
        for person, cell in zip(PEOPLE, row, strict=True)
    }


def at(state: str, make: Any) -> Visit:
    """The first visit in a state of the table."""
    if state == "n":
        visit = make("requested")
        make_window(visit, visit.windows.first().starts_on, side=Side.HOSTS, round=2)
        return read(visit)
    return make(STATES[state])


@pytest.fixture
def cast(request: pytest.FixtureRequest, clock: Any) -> dict[str, Any]:
    return {name: AnonymousUser() if name == "anonymous" else request.getfixturevalue(name) for name in PEOPLE}


def allowed(state: str, visit: Visit, cast: dict[str, Any]) -> dict[tuple[str, str], bool]:
    known = Visit.objects.visible_to
    return {
        (name, person): known(user).filter(pk=visit.pk).exists()
        if name == "know_of_it"
        else user.has_perm(f"exchanges.{name}", visit)
        for name, _person in cells()
        for person, user in cast.items()
    }


@pytest.mark.parametrize("state", STATES)
def test_who_may_do_what(state: str, visit: Any, cast: dict[str, Any]) -> None:
    found = allowed(state, at(state, visit), cast)
    assert {cell for cell, may in found.items() if may} == {cell for cell, states in cells().items() if state in states}


def test_the_table_has_every_permission_about_a_visit() -> None:
    import rules

    about_no_visit = {"exchanges.ask", "exchanges.see_reach"}
    declared = {name for name in rules.permissions.permissions if name.startswith("exchanges.")} - about_no_visit
    assert {f"exchanges.{name}" for name, _person in cells()} - {"exchanges.know_of_it"} == declared


def test_who_may_ask_for_an_exchange_and_see_the_reach_of_the_network(cast: dict[str, Any]) -> None:
    assert {name for name, user in cast.items() if user.has_perm("exchanges.ask")} == {
        "amina",
        "joseph",
        "helen",
        "henry",
        "rosa",
        "luc",
        "priya",
        "admin_user",
    }
    assert {name for name, user in cast.items() if user.has_perm("exchanges.see_reach")} == {
        "priya",
        "rene",
        "uma",
        "admin_user",
    }


def test_a_named_lead_of_staff_decides_and_after_leaving_no_longer(visit: Any, joseph: Any) -> None:
    planned = visit("accepted")
    assert not joseph.has_perm("exchanges.move_visit", planned)
    planned.visiting_lead = joseph.stakeholders.get()
    planned.save()
    assert joseph.has_perm("exchanges.move_visit", planned)
    joseph.stakeholders.update(left_on=date(2027, 1, 31))
    assert not type(joseph).objects.get(pk=joseph.pk).has_perm("exchanges.move_visit", planned)


def test_sides_swap_on_the_return_visit(exchange: Any, cast: dict[str, Any]) -> None:
    evaluated = exchange("evaluated")
    back = make_return_visit(evaluated, stage="requested")
    who = ("amina", "joseph", "helen", "henry", "rosa", "priya", "rene", "anonymous")
    assert {name: side_of(cast[name], evaluated.first_visit) for name in who} == dict.fromkeys(who) | {
        "amina": "visitors", "joseph": "visitors", "helen": "hosts", "henry": "hosts",
    }  # fmt: skip
    assert {name: side_of(cast[name], back) for name in who} == dict.fromkeys(who) | {
        "amina": "hosts", "joseph": "hosts", "helen": "visitors", "henry": "visitors",
    }  # fmt: skip
    assert cast["helen"].has_perm("exchanges.withdraw_request", back)
    assert not cast["amina"].has_perm("exchanges.withdraw_request", back)


def test_strangers_know_of_nothing_in_any_state_and_former_hosts_no_more(
    exchange: Any, gatineau: Any, rosa: Any, luc: Any, helen: Any, priya: Any
) -> None:
    made = [exchange(stage) for stage in ("draft", "requested", "accepted", "confirmed", "held", "evaluated")]
    left = exchange("confirmed")
    services.change_host(read(left.first_visit), by=priya, note="The building burned down.")
    asked_next = exchange("confirmed")
    services.change_host(read(asked_next.first_visit), by=priya, note="The building burned down.")
    services.ask_host(Exchange.objects.get(pk=asked_next.pk), gatineau, by=priya)
    assert list(Exchange.objects.visible_to(rosa)) == []
    assert list(Visit.objects.visible_to(rosa)) == []
    assert set(Exchange.objects.visible_to(luc)) == {asked_next}
    assert set(Exchange.objects.visible_to(helen)) == {e for e in made if e.host_id}
    assert list(Visit.objects.visible_to(AnonymousUser())) == []
