"""Asking, and what the host answers."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality, make_topic
from exchanges import services
from exchanges.models import Exchange, Side, Visit
from exchanges.selectors import Stage, stage_of

from .factories import make_member, make_return_visit, read
from .mailbag import forget, kinds_to, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

APRIL, MAY = (date(2027, 4, 12), date(2027, 4, 13)), (date(2027, 5, 3), date(2027, 5, 4))


def again(exchange: Exchange) -> Exchange:
    return Exchange.objects.get(pk=exchange.pk)


def keep(exchange: Exchange, by: Any, **changes: Any) -> None:
    given: dict[str, Any] = {
        "seen": exchange.version, "fields": {"challenge": "How to keep youth out of gangs."}, "topics": [make_topic("gangs")], "programmes": [],
        "objectives": ["Meet the outreach team"], "preferred_hosts": [], "windows": [APRIL, MAY],
    }  # fmt: skip
    services.keep_request(exchange, by=by, **(given | changes))


def test_a_draft_begins_with_one_field_and_two_open_places(thunder_bay: Any, joseph: Any) -> None:
    exchange = services.start_request(guest=thunder_bay, challenge="Youth", by=joseph)
    visit = exchange.first_visit
    assert (exchange.reference, exchange.challenge, exchange.host, exchange.language) == (
        "EX-2027-001",
        "Youth",
        None,
        "en",
    )
    assert (visit.state, visit.visiting_lead.user) == ("draft", joseph)
    assert [(m.category, m.status) for m in visit.team.all()] == [("elected", "to_name"), ("staff", "to_name")]
    assert written() == []


def test_references_count_up_within_a_year(thunder_bay: Any, amina: Any) -> None:
    made = [services.start_request(guest=thunder_bay, challenge="Youth", by=amina).reference for _n in range(3)]
    assert made == ["EX-2027-001", "EX-2027-002", "EX-2027-003"]


def test_nobody_asks_for_another_municipality(thunder_bay: Any, rosa: Any, rene: Any, priya: Any) -> None:
    for stranger in (rosa, rene):
        with pytest.raises(PermissionDenied):
            services.start_request(guest=thunder_bay, challenge="Youth", by=stranger)
    assert services.start_request(guest=thunder_bay, challenge="Youth", by=priya).reference == "EX-2027-001"


def test_a_draft_keeps_all_that_was_typed(thunder_bay: Any, winnipeg: Any, gatineau: Any, amina: Any) -> None:
    exchange = services.start_request(guest=thunder_bay, challenge="Youth", by=amina)
    keep(exchange, amina, preferred_hosts=[winnipeg, gatineau], objectives=["One", "Two"])
    saved = again(exchange)
    assert (saved.challenge, saved.version) == ("How to keep youth out of gangs.", 2)
    assert [str(o) for o in saved.objectives.all()] == ["One", "Two"]
    assert [p.municipality for p in saved.preferred_hosts.all()] == [winnipeg, gatineau]
    assert [(w.starts_on, w.ends_on) for w in saved.first_visit.windows.all()] == [APRIL, MAY]


def test_a_draft_saved_by_another_meanwhile_is_a_conflict(exchange: Any, amina: Any, joseph: Any) -> None:
    draft = exchange("draft")
    keep(again(draft), joseph)
    with pytest.raises(Conflict) as conflict:
        keep(draft, amina, fields={"challenge": "Mine"})
    assert (conflict.value.current.challenge, again(draft).challenge) == ("How to keep youth out of gangs.",) * 2


@pytest.mark.parametrize("who", ["rosa", "helen", "rene"])
def test_a_draft_is_written_by_its_own_people(who: str, exchange: Any, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        keep(exchange("draft"), request.getfixturevalue(who))


def test_what_was_sent_is_no_draft_any_more(exchange: Any, amina: Any) -> None:
    stale = exchange("draft")
    stale.first_visit  # noqa: B018  (a page that was opened before it was sent)
    services.submit_request(again(stale), by=amina)
    with pytest.raises(PermissionDenied):
        keep(stale, amina)


def test_sending_asks_the_first_host_and_gives_a_receipt(exchange: Any, joseph: Any, winnipeg: Any) -> None:
    draft = exchange("draft")
    services.submit_request(draft, by=joseph)
    saved = again(draft)
    [asked] = saved.host_requests.all()
    assert (saved.host, saved.first_visit.state, saved.submitted_at) == (winnipeg, "proposed", timezone.now())
    assert (asked.municipality, asked.outcome, asked.due_on) == (winnipeg, "", date(2027, 2, 15))
    assert [(m.kind, m.to_email) for m in written()] == [
        ("exchanges.request_received", "helen@winnipeg.example"),
        ("exchanges.request_sent", "amina@thunderbay.example"),
    ]
    assert "How to win lasting investment" in written("request_received")[0].text


def test_an_incomplete_draft_is_not_sent(exchange: Any, amina: Any) -> None:
    draft = exchange("draft")
    draft.objectives.all().delete()
    with pytest.raises(TransitionRefused, match="Write at least one learning objective."):
        services.submit_request(draft, by=amina)
    assert (again(draft).first_visit.state, again(draft).submitted_at, written()) == ("draft", None, [])


def test_without_a_host_the_network_looks_for_one(exchange: Any, amina: Any, priya: Any) -> None:
    draft = exchange("draft", wants_suggestions=True)
    draft.preferred_hosts.all().delete()
    services.submit_request(draft, by=amina)
    assert stage_of(again(draft).first_visit) == Stage.FINDING_HOST
    assert (to("host_needed"), to("request_received")) == (["priya@network.example"], [])


def test_the_network_asks_one_host_at_a_time(
    clock: Any, thunder_bay: Any, amina: Any, gatineau: Any, luc: Any, priya: Any, saskatoon: Any
) -> None:
    from .factories import make_exchange

    exchange = make_exchange(thunder_bay, stage="finding_host")
    with pytest.raises(PermissionDenied):
        services.ask_host(exchange, gatineau, by=amina)
    with pytest.raises(TransitionRefused, match="Thunder Bay cannot be asked for this exchange."):
        services.ask_host(exchange, thunder_bay, by=priya)
    services.ask_host(exchange, gatineau, by=priya)
    assert (to("request_received"), to("host_asked")) == (["luc@gatineau.example"], ["amina@thunderbay.example"])
    assert written("request_received")[0].language == "fr"
    with pytest.raises(TransitionRefused, match="Another host is being asked at the moment."):
        services.ask_host(again(exchange), saskatoon, by=priya)


def test_a_host_accepts_a_period_and_both_leads_hear_it(visit: Any, helen: Any) -> None:
    asked = visit("requested")
    window = asked.latest_windows[1]
    services.accept_window(asked, window=window, by=helen)
    now = read(asked)
    assert (now.state, now.starts_on, now.ends_on) == ("accepted", window.starts_on, window.ends_on)
    assert [r.outcome for r in now.exchange.host_requests.all()] == ["accepted"]
    assert [(m.name, m.status) for m in now.team.filter(side=Side.HOSTS)] == [("Helen Friesen", "accepted")]
    assert to("accepted") == ["amina@thunderbay.example", "helen@winnipeg.example"]


@pytest.mark.parametrize("who", ["henry", "amina", "joseph", "rosa", "rene"])
def test_only_those_who_speak_for_the_host_answer(who: str, visit: Any, request: pytest.FixtureRequest) -> None:
    asked = visit("requested")
    with pytest.raises(PermissionDenied):
        services.accept_window(asked, window=asked.latest_windows[0], by=request.getfixturevalue(who))


def test_a_stranger_is_refused_even_after_somebody_accepted(visit: Any, rosa: Any) -> None:
    accepted = visit("accepted")
    with pytest.raises(PermissionDenied):
        services.accept_window(accepted, window=accepted.windows.first(), by=rosa)


def test_the_network_answers_on_behalf_with_a_note(visit: Any, priya: Any) -> None:
    asked = visit("requested")
    services.accept_window(asked, window=asked.latest_windows[0], by=priya, note="By telephone with Helen")
    assert (asked.changes.last().by, asked.changes.last().note) == (priya, "By telephone with Helen")


def test_a_period_that_passed_or_is_off_the_table_is_not_accepted(
    clock: Any, visit: Any, helen: Any, amina: Any
) -> None:
    asked = visit("requested")
    old = asked.latest_windows[0]
    services.propose_windows(asked, windows=[MAY], by=helen)
    with pytest.raises(TransitionRefused, match="no longer proposed"):
        services.accept_window(read(asked), window=old, by=amina)
    clock.move_to("2027-05-04T12:00:00+00:00")
    with pytest.raises(TransitionRefused, match="These dates have passed: propose others."):
        services.accept_window(read(asked), window=read(asked).latest_windows[0], by=amina)


def test_dates_go_back_and_forth_until_one_side_accepts(visit: Any, helen: Any, joseph: Any) -> None:
    asked = visit("requested")
    services.propose_windows(asked, windows=[APRIL, MAY], by=helen, word="Council sits before.")
    assert (stage_of(read(asked)), read(asked).side_to_answer) == (Stage.NEW_DATES, "visitors")
    services.propose_windows(read(asked), windows=[MAY], by=joseph)
    assert read(asked).side_to_answer == "hosts"
    services.accept_window(read(asked), window=read(asked).latest_windows[0], by=helen)
    assert [(m.to_email) for m in written("new_dates")] == ["amina@thunderbay.example", "helen@winnipeg.example"]
    assert "Council sits before." in written("new_dates")[0].text
    assert read(asked).starts_on == MAY[0]


@pytest.mark.parametrize("windows", [[], [(date(2027, 1, 31), date(2027, 2, 5))]])
def test_proposed_dates_lie_ahead(windows: Any, visit: Any, helen: Any) -> None:
    with pytest.raises(TransitionRefused, match="Propose at least one period that lies ahead."):
        services.propose_windows(visit("requested"), windows=windows, by=helen)


def say_no(visit: Visit, by: Any, **fields: Any) -> None:
    services.decline(visit, by=by, **({"reason": "dates", "text": "Council sits.", "is_text_shared": True} | fields))


def test_a_decline_keeps_everything_and_asks_the_next_choice(visit: Any, helen: Any, luc: Any, gatineau: Any) -> None:
    asked = visit("requested")
    asked.exchange.preferred_hosts.create(municipality=gatineau, order=2)
    say_no(asked, helen)
    now = read(asked)
    assert (now.state, now.hosting, now.exchange.objectives.count()) == ("proposed", gatineau, 2)
    assert [(r.municipality.slug, r.outcome, r.reason) for r in now.exchange.host_requests.all()] == [
        ("winnipeg", "declined", "dates"),
        ("gatineau", "", ""),
    ]
    assert (to("declined"), to("request_received")) == (["amina@thunderbay.example"], ["luc@gatineau.example"])
    assert list(Exchange.objects.visible_to(helen)) == []


def test_after_the_last_choice_the_network_looks_and_never_asks_the_same_again(
    visit: Any, helen: Any, priya: Any, winnipeg: Any
) -> None:
    asked = visit("requested")
    say_no(asked, helen, is_text_shared=False)
    assert "Council sits." not in written("declined")[0].text
    assert (to("declined"), to("host_needed")) == (
        ["amina@thunderbay.example", "priya@network.example"],
        ["priya@network.example"],
    )
    with pytest.raises(TransitionRefused, match="Winnipeg cannot be asked for this exchange."):
        services.ask_host(again(asked.exchange), winnipeg, by=priya)


def test_a_decline_ends_it_for_who_did_not_want_another_host(visit: Any, helen: Any) -> None:
    asked = visit("requested", looks_further=False)
    say_no(asked, helen)
    assert (read(asked).state, read(asked).hosting.slug, to("host_needed")) == ("declined", "winnipeg", [])
    assert read(asked).changes.last().note == "The dates do not suit us"


def test_the_visitors_cannot_decline_for_the_host(visit: Any, helen: Any, amina: Any) -> None:
    asked = visit("requested")
    with pytest.raises(PermissionDenied):
        say_no(asked, amina)
    services.propose_windows(asked, windows=[MAY], by=helen)
    with pytest.raises(PermissionDenied):
        say_no(read(asked), helen)


def test_a_new_host_sees_a_first_round_and_nothing_of_the_former_dates(
    visit: Any, helen: Any, joseph: Any, luc: Any, gatineau: Any, priya: Any
) -> None:
    """Regression: rounds went on counting, so that the new host was shown as answering counter-proposals."""
    asked = visit("requested")
    services.propose_windows(asked, windows=[APRIL], by=helen)
    services.propose_windows(read(asked), windows=[MAY], by=joseph)
    say_no(read(asked), helen)
    services.ask_host(again(asked.exchange), gatineau, by=priya)
    now = read(asked)
    assert [(w.round, w.proposed_by, w.starts_on) for w in now.windows.all()] == [(1, "visitors", MAY[0])]
    assert stage_of(now) == Stage.REQUESTED
    forget()
    services.propose_windows(now, windows=[APRIL], by=luc)
    assert to("new_dates") == ["amina@thunderbay.example"]


def test_a_former_hosts_second_round_does_not_silence_the_new_hosts(
    visit: Any, helen: Any, luc: Any, gatineau: Any, priya: Any
) -> None:
    """Regression: letters of both second rounds had the same key, and the second was never written."""
    asked = visit("requested")
    services.propose_windows(asked, windows=[APRIL], by=helen)
    services.change_host(read(asked), by=priya, note="They fell silent.")
    services.ask_host(again(asked.exchange), gatineau, by=priya)
    services.propose_windows(read(asked), windows=[MAY], by=luc)
    assert to("new_dates") == ["amina@thunderbay.example"] * 2


def test_withdrawing_tells_the_host_that_was_asked(visit: Any, amina: Any, joseph: Any) -> None:
    asked = visit("requested")
    with pytest.raises(PermissionDenied):
        services.withdraw(asked, by=joseph, note="Budget")
    services.withdraw(asked, by=amina, note="Budget")
    assert (read(asked).state, to("withdrawn")) == ("withdrawn", ["helen@winnipeg.example"])
    assert [r.outcome for r in asked.exchange.host_requests.all()] == ["withdrawn"]


def test_a_withdrawn_draft_concerns_nobody_and_is_not_reopened_as_a_request(visit: Any, amina: Any, priya: Any) -> None:
    draft = visit("draft")
    services.withdraw(draft, by=amina, note="Budget")
    assert written() == []
    with pytest.raises(TransitionRefused, match="This request was never sent: begin a new one."):
        services.reopen(read(draft), by=priya, note="They changed their minds.")


@pytest.mark.parametrize("ended", ["declined", "withdrawn", "cancelled"])
def test_the_network_reopens_what_ended_as_a_request_without_host(
    ended: str, visit: Any, amina: Any, priya: Any
) -> None:
    asked = visit("accepted" if ended == "cancelled" else "requested")
    asked.exchange.host_requests.update(outcome="withdrawn")
    Visit.objects.filter(pk=asked.pk).update(state=ended, needs_deleted_at=timezone.now())
    with pytest.raises(PermissionDenied):
        services.reopen(read(asked), by=amina, note="Please")
    services.reopen(read(asked), by=priya, note="A new council")
    now = read(asked)
    assert (now.state, now.hosting, now.starts_on, now.host_lead, now.needs_deleted_at) == (
        "proposed",
        None,
        None,
        None,
        None,
    )
    assert (to("reopened"), to("host_needed")) == (["amina@thunderbay.example"], ["priya@network.example"])


def test_a_host_that_was_changed_is_told_and_its_part_is_taken_off(visit: Any, priya: Any, helen: Any) -> None:
    accepted = visit("planned")
    theirs, ours = accepted.stops.all()
    type(ours).objects.filter(pk=ours.pk).update(proposed_by=Side.VISITORS)
    guest = make_member(accepted, Side.HOSTS, "police", status="accepted", dietary_needs="no nuts")
    services.change_host(read(accepted), by=priya, note="The building burned down.")
    now = read(accepted)
    assert (now.state, now.hosting, now.starts_on, now.address, now.emergency_phone, now.host_lead) == (
        "proposed",
        None,
        None,
        "",
        "",
        None,
    )
    assert [(s.pk, s.status) for s in now.stops.order_by("pk")] == [(theirs.pk, "dropped"), (ours.pk, "proposed")]
    assert {(m.status, m.dietary_needs) for m in now.team.filter(side=Side.HOSTS)} == {("withdrawn", "")}
    assert {m.status for m in now.team.filter(side=Side.VISITORS)} == {"accepted"}
    assert kinds_to("helen@winnipeg.example") == ["host_changed"]
    assert kinds_to(guest.email) == ["cancelled"]
    assert to("postponed") == []
    assert [r.outcome for r in now.exchange.host_requests.all()] == ["replaced"]


def test_the_lead_of_the_next_host_is_in_its_team(visit: Any, priya: Any, luc: Any, gatineau: Any) -> None:
    """Regression: people of the former host, withdrawn, kept the new lead out of the team."""
    accepted = visit("accepted")
    services.change_host(accepted, by=priya, note="Fire")
    services.ask_host(again(accepted.exchange), gatineau, by=priya)
    services.accept_window(read(accepted), window=read(accepted).latest_windows[0], by=luc)
    assert [m.name for m in read(accepted).team.filter(side=Side.HOSTS, status="accepted")] == ["Luc Tremblay"]


def test_there_is_no_host_to_change_twice(visit: Any, amina: Any) -> None:
    accepted = visit("accepted")
    services.change_host(accepted, by=amina, note="Fire")
    with pytest.raises(PermissionDenied):
        services.change_host(read(accepted), by=amina, note="Fire")


def test_a_return_visit_is_answered_by_the_side_that_did_not_propose(exchange: Any, helen: Any, amina: Any) -> None:
    back = make_return_visit(exchange("evaluated"))
    with pytest.raises(PermissionDenied):
        services.accept_window(back, window=back.latest_windows[0], by=amina)
    services.accept_window(back, window=back.latest_windows[0], by=helen)
    assert (read(back).state, [m.name for m in read(back).team.filter(side=Side.HOSTS)]) == (
        "accepted",
        ["Amina Diallo"],
    )


def test_answers_are_expected_two_weeks_after_the_last_round(clock: Any, visit: Any, helen: Any) -> None:
    asked = visit("requested")
    clock.shift(timedelta(days=10))
    services.propose_windows(asked, windows=[MAY], by=helen)
    assert [r.due_on for r in asked.exchange.host_requests.all()] == [date(2027, 2, 25)]
    assert make_municipality().host_requests.count() == 0
