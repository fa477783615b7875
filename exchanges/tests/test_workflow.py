"""When a visit may move: the table as a matrix, and each guard's reason before and after."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality
from exchanges import workflow
from exchanges.models import Confirmation, Exchange, Objective, Side, Stop, TeamMember, Visit
from exchanges.workflow import VISIT

from .factories import make_member, make_return_visit, make_stop, make_window, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MATRIX = """
             draft      proposed   accepted   confirmed  held  declined  withdrawn  cancelled
submit       proposed
accept                  accepted
decline                 declined
withdraw     withdrawn  withdrawn
confirm                            confirmed
reopen_plan                                   accepted
postpone                           accepted   accepted
change_host             proposed   proposed   proposed
cancel                  cancelled  cancelled  cancelled
record_held                                   held
reopen                                                         proposed  proposed   proposed
"""


def test_the_table_as_a_matrix() -> None:
    states = [str(state) for state in Visit.State]
    head, *expected = MATRIX.strip("\n").splitlines()
    widths = [head.index(state, 12) for state in states]
    found = []
    for name, moves in VISIT.matrix().items():
        line = f"{name:13}"
        for start, state in zip(widths, states, strict=True):
            line = f"{line:{start}}{moves.get(state, '')}"
        found.append(line.rstrip())
    assert found == [line.rstrip() for line in expected]


def _nothing(_visit: Visit) -> None:
    return None


def change(**fields: Any) -> Callable[[Visit], None]:
    return lambda visit: Visit.objects.filter(pk=visit.pk).update(**fields) and None


def of_exchange(**fields: Any) -> Callable[[Visit], None]:
    return lambda visit: Exchange.objects.filter(pk=visit.exchange_id).update(**fields) and None


def no_rows(name: str) -> Callable[[Visit], None]:
    return lambda visit: getattr(visit.exchange, name).all().delete() and None


def first_of_team_gone(category: str) -> Callable[[Visit], None]:
    return lambda visit: visit.team.filter(category=category, side="visitors").update(status="withdrawn") and None


def leader(status: str) -> Callable[[Visit], None]:
    return lambda visit: visit.team.filter(category="elected").update(status=status) and None


def soon(visit: Visit) -> None:
    make_window(visit, timezone.localdate() + timedelta(days=29))


def one_window(visit: Visit) -> None:
    visit.windows.last().delete()


def membership_ended(visit: Visit) -> None:
    visit.exchange.guest.memberships.update(until_on=date(2027, 1, 31))


def lead_left(visit: Visit) -> None:
    visit.visiting_lead.__class__.objects.filter(pk=visit.visiting_lead_id).update(left_on=date(2027, 2, 1))


def second_day_open(visit: Visit) -> None:
    visit.stops.filter(day=2).update(status=Stop.Status.PROPOSED)


def unserved(visit: Visit) -> None:
    Objective.objects.create(exchange=visit.exchange, order=9, text="Meet the police")


def french_host(visit: Visit) -> None:
    visit.hosting.__class__.objects.filter(pk=visit.hosting.pk).update(languages=["fr"])


GUARDS = [
    ("draft", "guest_is_a_member", membership_ended, "Only municipalities of the network can ask for an exchange."),
    ("draft", "states_its_challenge", of_exchange(challenge=" "), "Say in one sentence what you want to learn."),
    ("draft", "has_topic_and_objective", no_rows("objectives"), "Write at least one learning objective."),
    ("draft", "has_topic_and_objective", lambda v: v.exchange.topics.clear(), "Choose at least one topic."),
    ("draft", "names_a_host_or_asks_for_one", no_rows("preferred_hosts"), "Choose a host, or let the network suggest one."),
    ("draft", "offers_two_windows", one_window, "Propose at least two periods that suit you."),
    ("draft", "offers_two_windows", soon, "Periods begin at least 30 days from now, so that your host can prepare."),
    ("draft", "team_has_leader_and_staff", first_of_team_gone("elected"), "The visiting team needs an elected leader; the name may come later."),
    ("draft", "team_has_leader_and_staff", first_of_team_gone("staff"), "The visiting team needs somebody from municipal staff; the name may come later."),
    ("planned", "has_dates", change(starts_on=None, ends_on=None), "Set the dates."),
    ("planned", "is_dated", change(starts_on=None, ends_on=None), "The visit has no dates at the moment."),
    ("planned", "dates_are_not_past", change(starts_on=date(2027, 1, 30), ends_on=date(2027, 1, 31)), "These dates have passed: set new ones."),
    ("planned", "has_leads", change(host_lead=None), "Name one person on each side who leads."),
    ("planned", "has_leads", lead_left, "Name one person on each side who leads."),
    ("planned", "has_arrival_and_telephone", change(address=""), "Say where the visitors arrive."),
    ("planned", "has_arrival_and_telephone", change(emergency_phone=""), "Give a telephone number for the day."),
    ("planned", "has_arrival_and_telephone", of_exchange(mode="virtual"), "Give the link to take part online."),
    ("planned", "each_day_has_an_agreed_stop", second_day_open, "Day 2 has no stop that both sides agreed on."),
    ("planned", "each_objective_is_served", unserved, "No stop serves the objective “Meet the police”."),
    ("planned", "team_is_invited", leader("named"), "Invite an elected leader to the visiting team."),
    ("planned", "team_is_invited", first_of_team_gone("staff"), "Invite somebody from municipal staff to the visiting team."),
    ("planned", "team_has_accepted", leader("invited"), "An elected leader of the visiting team has yet to accept."),
    ("planned", "team_has_accepted", first_of_team_gone("staff"), "Somebody from the visitors’ municipal staff has yet to accept."),
    ("planned", "languages_meet", french_host, "The host does not work in your language: say who interprets."),
    ("confirmed", "both_sides_confirmed", change(plan_version=2), "Thunder Bay has yet to confirm."),
    ("confirmed", "both_sides_confirmed", lambda v: v.confirmations.filter(side="hosts").delete(), "Winnipeg has yet to confirm."),
    ("requested", "somebody_was_asked_and_can_answer", of_exchange(host=None), "No host is being asked at the moment."),
    ("requested", "was_sent", of_exchange(submitted_at=None), "This request was never sent: begin a new one."),
    ("closed", "was_sent", _nothing, "This exchange is closed."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("stage", "guard", "spoil", "reason"), GUARDS, ids=[f"{g[1]}-{n}" for n, g in enumerate(GUARDS)]
)
def test_a_guard_says_why_not_and_else_nothing(stage: str, guard: str, spoil: Any, reason: str, visit: Any) -> None:
    ready = visit(stage)
    asked = getattr(workflow, guard)
    before = None if stage != "closed" else reason
    assert asked(ready) == before
    spoil(ready)
    assert str(asked(read(ready))) == reason


def test_every_guard_of_the_table_is_in_the_list_above() -> None:
    used = {guard.__name__ for move in VISIT for guard in move.guards}
    assert used - {g[1] for g in GUARDS} == {"last_day_has_come"}  # which has a test of its own


@pytest.mark.parametrize(("day", "may"), [(10, False), (11, True), (12, True)])
def test_a_visit_is_recorded_from_its_last_day_on(day: int, may: bool, clock: Any, visit: Any) -> None:
    """The day is the host's: at 3:00 UTC on February 12 it is still the 11th in Winnipeg."""
    confirmed = visit("confirmed", starts_on=date(2027, 2, 10))
    clock.move_to(f"2027-02-{day + 1}T03:00:00+00:00")
    reason = workflow.last_day_has_come(confirmed)
    assert reason == (None if may else "This can be recorded from the last day of the visit on.")


def test_a_waived_team_needs_neither_leader_nor_staff(visit: Any) -> None:
    for guards, stage in ((workflow.REQUEST_GUARDS, "draft"), (workflow.CONFIRM_GUARDS, "planned")):
        ready = visit(stage)
        ready.team.filter(side="visitors").delete()
        assert len(workflow.missing(read(ready), guards)) == (1 if stage == "draft" else 2)
        Visit.objects.filter(pk=ready.pk).update(leaders_waived="A police chief travels with a vice-chair of council.")
        assert workflow.missing(read(ready), guards) == []


@pytest.mark.parametrize("category", ["staff", "police"])
def test_police_count_as_staff_as_in_the_first_real_team(category: str, visit: Any) -> None:
    ready = visit("planned")
    ready.team.filter(side="visitors", category="staff").update(category=category)
    assert workflow.missing(read(ready), workflow.CONFIRM_GUARDS) == []


def test_an_interpreter_makes_two_languages_meet(visit: Any) -> None:
    ready = visit("planned")
    french_host(ready)
    Exchange.objects.filter(pk=ready.exchange_id).update(interpretation="Two interpreters of the university")
    assert workflow.languages_meet(read(ready)) is None


def test_the_host_of_a_return_visit_does_not_change(exchange: Any, priya: Any) -> None:
    back = make_return_visit(exchange("evaluated"), stage="accepted")
    with pytest.raises(PermissionDenied):
        VISIT.apply(back, "change_host", by=priya, note="Storm")


def test_a_page_offers_moves_with_what_blocks_them(visit: Any, amina: Any, rosa: Any) -> None:
    draft = visit("draft")
    one_window(draft)
    offers = {o.transition.name: o.reason and str(o.reason) for o in VISIT.offered_to(amina, read(draft))}
    assert offers == {"submit": "Propose at least two periods that suit you.", "withdraw": None}
    assert VISIT.offered_to(rosa, read(draft)) == []


def test_apply_asks_who_then_when_then_why_and_leaves_a_row(visit: Any, amina: Any, joseph: Any) -> None:
    accepted = visit("accepted")
    with pytest.raises(PermissionDenied):
        VISIT.apply(accepted, "cancel", by=joseph, note="Snow")
    with pytest.raises(TransitionRefused, match="Please give a reason; the others will read it."):
        VISIT.apply(accepted, "cancel", by=amina, note="  ")
    with pytest.raises(TransitionRefused, match="This is not possible while it is “Accepted”."):
        VISIT.apply(accepted, "submit", by=amina)
    VISIT.apply(accepted, "cancel", by=amina, note="Snow")
    row = accepted.changes.last()
    assert (row.from_state, row.to_state, row.transition, row.by, row.by_name, row.note) == (
        "accepted",
        "cancelled",
        "cancel",
        amina,
        "Amina Diallo",
        "Snow",
    )
    with pytest.raises(TransitionRefused, match="Already done by Amina Diallo: it is “Cancelled”.") as again:
        VISIT.apply(accepted, "cancel", by=amina, note="Snow")
    assert again.value.done_already


def test_confirmations_of_an_older_plan_do_not_count(visit: Any) -> None:
    planned = visit("planned")
    Confirmation.objects.create(
        visit=planned, side=Side.VISITORS, plan_version=planned.plan_version - 1, by_name="Amina"
    )
    assert read(planned).confirmed_by(Side.VISITORS) is None


def test_whoever_declined_does_not_count_in_the_team(visit: Any) -> None:
    draft = visit("draft")
    for status in ("declined", "replaced", "withdrawn"):
        make_member(draft, category="school", status=status)
    assert {m.category for m in workflow.active_team(read(draft), Side.VISITORS)} == {"elected", "staff"}


def test_dropped_stops_serve_no_objective(visit: Any) -> None:
    planned = visit("planned")
    planned.stops.update(status="dropped")
    make_stop(planned, 1)
    assert (
        str(workflow.each_objective_is_served(read(planned)))
        == "No stop serves the objective “How council decides to invest in prevention”."
    )
    assert TeamMember.objects.filter(visit=planned).exists()


def test_a_municipality_that_left_can_finish_what_runs(visit: Any, amina: Any) -> None:
    planned = visit("planned")
    membership_ended(planned)
    assert workflow.missing(read(planned), workflow.CONFIRM_GUARDS) == []
    assert make_municipality(member=False).memberships.count() == 0
