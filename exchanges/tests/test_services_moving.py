"""Confirming, changing, postponing, cancelling: who is told what, once, and what calendars hear."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_stakeholder
from exchanges import services
from exchanges.models import Side, Visit
from exchanges.selectors import Stage, stage_of

from .factories import make_member, read
from .mailbag import event, forget, kinds_to, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

AMINA, HELEN, PRIYA = "amina@thunderbay.example", "helen@winnipeg.example", "priya@network.example"


def confirm(visit: Visit, side: str, by: Any) -> bool:
    return services.confirm(visit, side=side, by=by, seen_plan=read(visit).plan_version)


def move(visit: Visit, by: Any, days: int = 1, word: str = "Snow") -> None:
    assert visit.starts_on
    assert visit.ends_on
    shift = timedelta(days=days)
    services.set_dates(
        visit,
        starts_on=visit.starts_on + shift,
        ends_on=visit.ends_on + shift,
        by=by,
        seen_plan=read(visit).plan_version,
        word=word,
    )


def team_of(visit: Visit) -> list[str]:
    return sorted(m.email for m in visit.team.filter(status="accepted"))


def test_the_first_confirmation_asks_the_other_side(visit: Any, amina: Any) -> None:
    planned = visit("planned")
    assert confirm(planned, "visitors", amina) is False
    assert (read(planned).state, stage_of(read(planned))) == ("accepted", Stage.TO_CONFIRM)
    assert [(m.kind, m.to_email) for m in written()] == [("exchanges.please_confirm", HELEN)]


def test_the_second_confirms_and_invites_everyone_with_a_calendar_file(visit: Any, amina: Any, helen: Any) -> None:
    planned = visit("planned")
    confirm(planned, "visitors", amina)
    assert confirm(planned, "hosts", helen) is True
    now = read(planned)
    assert (now.state, now.sequence) == ("confirmed", 1)
    assert to("confirmed") == sorted([*team_of(now), AMINA])  # Amina leads and does not travel
    assert {m.to_email: bool(m.calendar) for m in written("confirmed")} == dict.fromkeys(team_of(now), True) | {
        AMINA: False
    }
    guest = next(m for m in written("confirmed") if m.to_email.startswith("councillor"))
    found = event(guest)
    assert (found["method"], found["sequence"], found["status"], found["zone"]) == (
        "REQUEST",
        1,
        "CONFIRMED",
        "America/Winnipeg",
    )
    assert (found["uid"].split("@")[0], found["start"].isoformat()[:16]) == (f"visit-{now.pk}", "2027-04-12T09:00")
    assert "/invitation/" in guest.text


def test_confirming_twice_is_answered_kindly(visit: Any, amina: Any, helen: Any) -> None:
    planned = visit("planned")
    confirm(planned, "visitors", amina)
    with pytest.raises(TransitionRefused, match="Already confirmed by Amina Diallo.") as refused:
        confirm(planned, "visitors", amina)
    assert refused.value.done_already
    confirm(planned, "hosts", helen)
    with pytest.raises(TransitionRefused, match="Already confirmed by Helen Friesen.") as refused:
        confirm(planned, "hosts", helen)
    assert refused.value.done_already


@pytest.mark.parametrize(
    ("who", "side"),
    [
        ("joseph", "visitors"),
        ("henry", "hosts"),
        ("amina", "hosts"),
        ("helen", "visitors"),
        ("rosa", "hosts"),
        ("priya", "hosts"),
    ],
)
def test_each_side_confirms_for_itself(who: str, side: str, visit: Any, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        confirm(visit("planned"), side, request.getfixturevalue(who))


def test_an_incomplete_or_changed_plan_is_not_confirmed(visit: Any, amina: Any, helen: Any) -> None:
    with pytest.raises(TransitionRefused, match="Say where the visitors arrive."):
        confirm(visit("accepted"), "visitors", amina)
    planned = visit("planned")
    move(planned, helen)
    with pytest.raises(TransitionRefused, match="The plan changed while you were reading"):
        services.confirm(planned, side="visitors", by=amina, seen_plan=planned.plan_version)
    with pytest.raises(TransitionRefused, match="This is not possible while it is “Requested”."):
        confirm(visit("requested"), "visitors", amina)


def test_moving_a_confirmed_visit_undoes_both_confirmations_and_tells_everyone_once(
    visit: Any, amina: Any, helen: Any, priya: Any
) -> None:
    confirmed = visit("confirmed")
    invited = make_member(confirmed, Side.HOSTS, "police")
    move(confirmed, amina)
    now = read(confirmed)
    assert (now.state, now.sequence, now.plan_version) == ("accepted", 2, 2)
    assert [now.confirmed_by(side) for side in Side] == [None, None]
    assert [m.kind for m in written()] == ["exchanges.changed"] * len(written())
    assert to("changed") == sorted({*team_of(now), AMINA, HELEN, invited.email})
    with_calendar = {m.to_email: event(m) for m in written("changed") if m.calendar}
    assert sorted(with_calendar) == team_of(now)
    assert {(e["method"], e["sequence"], e["uid"].split("@")[0]) for e in with_calendar.values()} == {
        ("REQUEST", 2, f"visit-{now.pk}")
    }
    asked = {m.to_email: "please confirm again" in m.subject for m in written("changed")}
    assert asked == {email: email in (AMINA, HELEN) for email in to("changed")}
    assert "April 12–13, 2027 → April 13–14, 2027" in written("changed")[0].text


def test_a_moved_visit_is_confirmed_again_with_the_next_sequence(visit: Any, amina: Any, helen: Any) -> None:
    confirmed = visit("confirmed")
    move(confirmed, amina)
    forget()
    confirm(confirmed, "hosts", helen)
    confirm(confirmed, "visitors", amina)
    assert {event(m)["sequence"] for m in written("confirmed") if m.calendar} == {3}
    assert to("confirmed") == sorted([*team_of(confirmed), AMINA])


def test_a_side_that_had_confirmed_alone_hears_that_the_plan_changed(visit: Any, amina: Any, helen: Any) -> None:
    """Regression: the confirmation fell silently, and the side waited for the other one."""
    planned = visit("planned")
    confirm(planned, "visitors", amina)
    forget()
    move(planned, helen, word="")
    assert to("changed") == [AMINA, HELEN]
    assert read(planned).confirmed_by(Side.VISITORS) is None


def test_dates_of_a_plan_that_nobody_confirmed_need_no_letter(visit: Any, joseph: Any) -> None:
    planned = visit("planned")
    move(planned, joseph, word="")
    assert (read(planned).starts_on, written()) == (date(2027, 4, 13), [])


@pytest.mark.parametrize("who", ["joseph", "henry", "rosa", "rene"])
def test_only_those_who_decide_move_a_confirmed_visit(who: str, visit: Any, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        move(visit("confirmed"), request.getfixturevalue(who))


def test_dates_are_refused(visit: Any, amina: Any) -> None:
    planned = visit("planned")
    days = [
        (date(2027, 1, 31), date(2027, 2, 1)),
        (date(2027, 3, 2), date(2027, 3, 1)),
        (date(2027, 3, 1), date(2027, 3, 6)),
    ]
    for starts_on, ends_on in days:
        with pytest.raises(TransitionRefused, match="A visit lies ahead and lasts one to five days."):
            services.set_dates(planned, starts_on=starts_on, ends_on=ends_on, by=amina, seen_plan=1)
    with pytest.raises(TransitionRefused, match="Somebody changed the plan meanwhile"):
        services.set_dates(planned, starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 5), by=amina, seen_plan=9)
    held = visit("held")
    with pytest.raises(TransitionRefused, match="Dates can be set while the visit is being planned."):
        services.set_dates(held, starts_on=date(2027, 3, 1), ends_on=date(2027, 3, 5), by=amina, seen_plan=1)
    services.set_dates(planned, starts_on=planned.starts_on, ends_on=planned.ends_on, by=amina, seen_plan=1)
    assert read(planned).plan_version == 1


def test_a_confirmed_visit_is_moved_with_a_reason_or_none_is_made_up(visit: Any, amina: Any) -> None:
    confirmed = visit("confirmed")
    move(confirmed, amina, word="")
    assert confirmed.changes.last().note == "April 12–13, 2027 → April 13–14, 2027"


@pytest.mark.parametrize(("day", "urgent"), [(10, False), (11, True), (12, True)])
def test_a_change_on_the_eve_is_urgent(day: int, urgent: bool, clock: Any, visit: Any, amina: Any) -> None:
    confirmed = visit("confirmed")
    clock.move_to(f"2027-04-{day}T15:00:00+00:00")
    move(confirmed, amina, days=7, word="Storm")
    assert {"URGENT" in m.subject for m in written("changed")} == {urgent}


def test_postponing_keeps_the_plan_and_takes_the_dates_from_every_calendar(visit: Any, helen: Any) -> None:
    confirmed = visit("confirmed")
    services.postpone(confirmed, by=helen, note="Flood")
    now = read(confirmed)
    assert (now.state, now.starts_on, now.sequence, stage_of(now)) == ("accepted", None, 2, Stage.POSTPONED)
    assert (now.stops.filter(status="agreed").count(), now.address) == (2, "510 Main Street")
    assert to("postponed") == sorted([*team_of(now), AMINA])
    assert {(event(m)["method"], event(m)["sequence"]) for m in written("postponed") if m.calendar} == {("CANCEL", 2)}


def test_a_visit_is_postponed_once(visit: Any, helen: Any) -> None:
    """Regression: a second press wrote to everyone again."""
    confirmed = visit("confirmed")
    services.postpone(confirmed, by=helen, note="Flood")
    forget()
    with pytest.raises(TransitionRefused, match="The visit has no dates at the moment."):
        services.postpone(read(confirmed), by=helen, note="Flood")
    assert written() == []


def test_a_postponed_visit_gets_dates_and_is_confirmed_again(visit: Any, helen: Any, amina: Any) -> None:
    confirmed = visit("confirmed")
    services.postpone(confirmed, by=helen, note="Flood")
    now = read(confirmed)
    services.set_dates(now, starts_on=date(2027, 6, 1), ends_on=date(2027, 6, 2), by=amina, seen_plan=now.plan_version)
    assert stage_of(read(now)) == Stage.PLANNING
    confirm(now, "hosts", helen)
    assert confirm(now, "visitors", amina)
    assert (read(now).state, read(now).sequence) == ("confirmed", 3)


def test_cancelling_tells_all_who_come_or_were_asked_and_the_network(visit: Any, amina: Any, priya: Any) -> None:
    confirmed = visit("confirmed")
    invited = make_member(confirmed, Side.HOSTS, "school")
    gone = [make_member(confirmed, status=status) for status in ("declined", "named", "withdrawn")]
    services.cancel(confirmed, by=amina, note="The election was called early.")
    now = read(confirmed)
    assert (now.state, now.sequence) == ("cancelled", 2)
    assert to("cancelled") == sorted([*team_of(now), invited.email, AMINA, PRIYA])
    assert {m.email for m in gone} & set(to("cancelled")) == set()
    assert {(event(m)["method"], event(m)["sequence"], event(m)["status"]) for m in written() if m.calendar} == {
        ("CANCEL", 2, "CANCELLED")
    }
    with pytest.raises(TransitionRefused) as refused:
        services.cancel(now, by=amina, note="Again")
    assert refused.value.done_already


def test_a_host_changed_after_confirmation_leaves_every_calendar(visit: Any, priya: Any) -> None:
    """Regression: events of the former host's days stayed in the calendars."""
    confirmed = visit("confirmed")
    team = team_of(confirmed)
    services.change_host(confirmed, by=priya, note="Fire")
    got = {m.to_email: (m.kind, event(m)["method"], event(m)["sequence"]) for m in written() if m.calendar}
    visitors = {email: ("exchanges.postponed", "CANCEL", 2) for email in team if email != HELEN}
    assert got == visitors | {HELEN: ("exchanges.host_changed", "CANCEL", 2)}
    assert kinds_to(HELEN) == ["host_changed"]
    assert read(confirmed).sequence == 2


def test_letters_go_to_the_deputies_when_the_lead_has_left(visit: Any, helen: Any, winnipeg: Any, amina: Any) -> None:
    planned = visit("planned")
    make_stakeholder(winnipeg, standing="deputy", email="dana@winnipeg.example")
    helen.stakeholders.update(left_on=date(2027, 2, 1))
    with pytest.raises(TransitionRefused, match="Name one person on each side who leads."):
        confirm(planned, "visitors", amina)
    services.cancel(read(planned), by=amina, note="Staff")
    assert "dana@winnipeg.example" in to("cancelled")


def test_a_person_who_wants_no_more_letters_still_hears_of_the_end(visit: Any, amina: Any) -> None:
    confirmed = visit("confirmed")
    coming = make_member(confirmed, Side.HOSTS, "school", status="accepted", wants_no_more=True)
    invited = make_member(confirmed, Side.HOSTS, "health", status="invited", wants_no_more=True)
    services.cancel(confirmed, by=amina, note="Election")
    assert (coming.email in to("cancelled"), invited.email in to("cancelled")) == (True, False)


def test_letters_are_in_each_readers_language(visit: Any, amina: Any) -> None:
    confirmed = visit("confirmed")
    french = make_member(confirmed, Side.HOSTS, "school", status="accepted", language="fr")
    unknown = make_member(confirmed, Side.HOSTS, "health", status="accepted", language="")
    services.cancel(confirmed, by=amina, note="Election")
    by_email = {m.to_email: m for m in written("cancelled")}
    assert {e: by_email[e].language for e in (french.email, unknown.email, AMINA)} == {
        french.email: "fr",
        unknown.email: "both",
        AMINA: "en",
    }
    assert "SUMMARY;LANGUAGE=fr-CA" in by_email[french.email].calendar
    assert "/fr/" in by_email[french.email].text
