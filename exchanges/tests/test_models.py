"""What the database refuses whoever writes, and small truths of the records."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cmncp_portal.core.links import new_nonce
from exchanges.models import Exchange, HostRequest, Side, Stop, TeamMember, Visit

from .factories import make_exchange, make_member, make_return_visit, make_stop, make_window, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NOW = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)


def updated(rows: Any, **fields: Any) -> Any:
    return lambda: rows.update(**fields)


def _rules(visit: Visit) -> dict[str, Any]:
    exchange, visits = Exchange.objects.filter(pk=visit.exchange_id), Visit.objects.filter(pk=visit.pk)
    asked = {"exchange": visit.exchange, "municipality": visit.hosting, "asked_at": NOW, "due_on": date(2027, 2, 15)}
    return {
        "exchange_between_two_municipalities": updated(exchange, host=visit.visiting),
        "exchange_of_one_to_five_days": updated(exchange, days=6),
        "no_return_visit_says_why": updated(exchange, return_decision="not_needed"),
        "one_host_is_asked_at_a_time": lambda: HostRequest.objects.create(**asked),
        "a_declined_request_has_a_reason": updated(visit.exchange.host_requests, outcome="declined"),
        "one_visit_per_leg": lambda: Visit.objects.create(exchange=visit.exchange),
        "visit_ends_after_it_begins": updated(visits, starts_on=date(2027, 3, 2), ends_on=date(2027, 3, 1)),
        "confirmed_visit_has_dates": updated(visits, state="confirmed", starts_on=None, ends_on=None),
        "visit_state_is_known": updated(visits, state="forgotten"),
        "held_visit_says_when_recorded": updated(
            visits, state="held", starts_on=date(2027, 3, 2), ends_on=date(2027, 3, 2)
        ),
        "window_ends_after_it_begins": lambda: make_window(visit, date(2027, 3, 2), date(2027, 3, 1)),
        "who_is_named_has_a_name": lambda: make_member(visit, status="named", name=""),
        "a_person_is_in_a_visit_once": lambda: [
            make_member(visit, email=e) for e in ("ann@example.ca", "ANN@example.ca")
        ],
        "stop_ends_after_it_begins": lambda: make_stop(visit, starts_at=time(10), ends_at=time(10)),
        "stop_on_day_one_to_five": lambda: make_stop(visit, 6),
    }


@pytest.fixture
def requested(visit: Any) -> Visit:
    return visit("requested")


@pytest.mark.parametrize(
    "name",
    [
        "exchange_between_two_municipalities", "exchange_of_one_to_five_days", "no_return_visit_says_why", "one_host_is_asked_at_a_time",
        "a_declined_request_has_a_reason", "one_visit_per_leg", "visit_ends_after_it_begins", "confirmed_visit_has_dates", "visit_state_is_known",
        "held_visit_says_when_recorded", "window_ends_after_it_begins", "who_is_named_has_a_name", "a_person_is_in_a_visit_once",
        "stop_ends_after_it_begins", "stop_on_day_one_to_five",
    ],
)  # fmt: skip
def test_the_database_refuses(name: str, requested: Visit) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        _rules(requested)[name]()


def test_exchanges_are_never_deleted(requested: Visit) -> None:
    with pytest.raises(NotImplementedError):
        requested.exchange.delete()


def test_a_person_may_come_back_after_leaving_the_team(requested: Visit) -> None:
    make_member(requested, status="withdrawn", email="ann@example.ca")
    assert make_member(requested, email="Ann@example.ca").is_active


def test_legs_swap_the_municipalities(exchange: Any, thunder_bay: Any, winnipeg: Any) -> None:
    made = exchange("evaluated")
    first, back = made.first_visit, make_return_visit(made)
    assert (first.visiting, first.hosting, first.zone) == (thunder_bay, winnipeg, "America/Winnipeg")
    assert (back.visiting, back.hosting, back.zone) == (winnipeg, thunder_bay, "America/Toronto")
    assert [first.municipality_of(side) for side in Side] == [back.municipality_of(Side(side).other) for side in Side]
    assert Exchange.objects.get(pk=made.pk).current_visit == back


def test_the_zone_is_the_visitors_while_there_is_no_host(clock: Any, thunder_bay: Any) -> None:
    assert make_exchange(thunder_bay, stage="finding_host").first_visit.zone == "America/Toronto"


def test_today_is_the_hosts_day(clock: Any, thunder_bay: Any, saskatoon: Any) -> None:
    clock.move_to("2027-02-02T05:30:00+00:00")  # half past midnight in Toronto, half an hour before it in Saskatoon
    assert make_exchange(thunder_bay, saskatoon, stage="confirmed").first_visit.today() == date(2027, 2, 1)
    assert make_exchange(saskatoon, thunder_bay, stage="confirmed").first_visit.today() == date(2027, 2, 2)


@pytest.mark.parametrize(("day", "under_way"), [(9, False), (10, True), (11, True), (12, False)])
def test_under_way_on_its_days_only(day: int, under_way: bool, clock: Any, visit: Any) -> None:
    confirmed = visit("confirmed", starts_on=date(2027, 2, 10))
    clock.move_to(f"2027-02-{day:02}T18:00:00+00:00")
    assert confirmed.is_under_way is under_way


def test_days_and_instants_of_stops(clock: Any, winnipeg: Any, thunder_bay: Any) -> None:
    confirmed = make_exchange(winnipeg, thunder_bay, stage="confirmed", starts_on=date(2027, 3, 13)).first_visit
    assert confirmed.days == [date(2027, 3, 13), date(2027, 3, 14)]
    saturday, sunday = (stop.instants() for stop in confirmed.stops.order_by("day"))
    assert [i.astimezone(UTC).hour for i in (saturday[0], sunday[0])] == [
        14,
        13,
    ]  # Ontario’s clocks change on March 14, 2027
    assert make_stop(confirmed, 3).instants() is None


def test_the_latest_round_is_on_the_table_and_the_other_side_answers(requested: Visit) -> None:
    assert requested.side_to_answer == Side.HOSTS
    make_window(requested, date(2027, 5, 1), side=Side.HOSTS, round=2)
    again = read(requested)
    assert [w.starts_on for w in again.latest_windows] == [date(2027, 5, 1)]
    assert again.side_to_answer == Side.VISITORS


@pytest.mark.parametrize("stage", ["draft", "finding_host", "accepted", "confirmed", "held"])
def test_nobody_is_to_answer_but_while_somebody_is_asked(stage: str, clock: Any) -> None:
    assert make_exchange(stage=stage).first_visit.side_to_answer is None


def test_a_personal_link_opens_one_desk_and_dies_with_its_nonce(requested: Visit) -> None:
    ann, ben = make_member(requested), make_member(requested)
    token = ann.token
    assert TeamMember.from_token(token) == ann
    assert TeamMember.from_token(token.replace(str(ann.pk), str(ben.pk), 1)) is None
    assert [TeamMember.from_token(t) for t in ("", "x", str(ann.pk), f"{ann.pk}.", "9" * 30 + ".a")] == [None] * 5
    TeamMember.objects.filter(pk=ann.pk).update(nonce=new_nonce())
    assert TeamMember.from_token(token) is None


def test_history_keeps_versions_and_nothing_confidential(requested: Visit) -> None:
    ann = make_member(requested, dietary_needs="no nuts", access_needs="ramp", emergency_contact="Bo")
    TeamMember.objects.filter(pk=ann.pk).update(title="Councillor", dietary_needs="no fish")
    events = TeamMember.pgh_event_models["update"] if hasattr(TeamMember, "pgh_event_models") else ann.events.model
    rows = events.objects.filter(pgh_obj=ann)
    assert "Councillor" in {row.title for row in rows}
    assert {"dietary_needs", "access_needs", "emergency_contact", "nonce"} & {
        f.name for f in events._meta.get_fields()
    } == set()


def test_what_is_written_about_a_visit(requested: Visit, winnipeg: Any) -> None:
    stop, member = make_stop(requested, title="Main Street Project"), make_member(requested, status="to_name")
    assert [str(x) for x in (requested, stop, member)] == [
        f"{requested.exchange.reference} First visit",
        "Main Street Project",
        "To be named",
    ]
    assert Stop.objects.filter(visit=requested).count() == 1
    assert requested.exchange.submitted_at - NOW < timedelta(seconds=1)
