"""After the visit: attendance, evaluations and their release, reviews, the return visit, the end."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cmncp_portal.core.days import local_instant
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.notifications.models import Message
from exchanges import services
from exchanges.models import Exchange, Side, Visit
from exchanges.selectors import Stage, evaluation_counts, sides_with_answers, stage_of
from exchanges.services.after import may_close

from .factories import instruments, make_answer, make_member, make_return_visit, place_in_team, read
from .mailbag import forget, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

AMINA, HELEN, PRIYA = "amina@thunderbay.example", "helen@winnipeg.example", "priya@network.example"
SPRING = [(date(2027, 5, 3), date(2027, 5, 4))]


def again(exchange: Exchange) -> Exchange:
    return Exchange.objects.get(pk=exchange.pk)


@pytest.fixture
def ended(clock: Any, visit: Any) -> Visit:
    """Confirmed for January 31 and today, February 1; it is 10:00 in Thunder Bay."""
    instruments()
    return visit("confirmed", starts_on=date(2027, 1, 31))


def asked(visit: Visit) -> dict[str, list[str]]:
    rows = Invitation.objects.filter(survey__visit_evaluation__visit=visit, excused_at=None)
    found: dict[str, list[str]] = {side: [] for side in Side.values}
    for side, email in rows.values_list("survey__visit_evaluation__side", "email").order_by("email"):
        found[side].append(email)
    return found


def test_recording_asks_everyone_who_came_and_nobody_else(ended: Visit, helen: Any) -> None:
    people = {
        name: make_member(ended, Side.HOSTS, "school", status="accepted") for name in ("remote", "absent", "no_show")
    }
    make_member(ended, Side.HOSTS, "health", status="invited")
    make_member(ended, Side.HOSTS, "housing", status="accepted", wants_no_more=True)
    services.record_held(ended, by=helen, attendance={m.pk: name for name, m in people.items()})
    now = read(ended)
    assert (now.state, now.held_at is not None, stage_of(now)) == ("held", True, Stage.EVALUATING)
    visitors = sorted(m.email for m in now.team.filter(side="visitors"))
    assert asked(now) == {"visitors": visitors, "hosts": sorted([HELEN, people["remote"].email])}
    assert {m.name: m.attendance for m in now.team.filter(side="hosts", category="school")} == {
        m.name: name for name, m in people.items()
    }


def test_the_evaluation_opens_at_seventeen_is_due_in_two_weeks_and_closes_after_forty_five_days(
    ended: Visit, helen: Any
) -> None:
    services.record_held(ended, by=helen, attendance={})
    survey = ended.evaluations.get(side="visitors").survey
    found = (survey.opens_at, survey.due_at, survey.closes_at)
    zone = "America/Winnipeg"
    assert found == (
        local_instant(date(2027, 2, 1), time(17), zone),
        local_instant(date(2027, 2, 15), time(23, 59), zone),
        local_instant(date(2027, 3, 18), time(23, 59), zone),
    )
    assert {m.due_at for m in Message.objects.filter(kind="evaluation.invitation")} == {survey.opens_at}
    assert (survey.title_en, survey.title_fr) == ("Thunder Bay visits Winnipeg", "Winnipeg reçoit Thunder Bay")
    assert [row["en"] for row in survey.rows] == [o.text for o in ended.exchange.objectives.all()]


def test_a_late_record_leaves_a_week_to_answer(clock: Any, ended: Visit, helen: Any) -> None:
    clock.move_to("2027-03-01T15:00:00+00:00")
    services.record_held(ended, by=helen, attendance={})
    survey = ended.evaluations.get(side="hosts").survey
    assert survey.opens_at == datetime.fromisoformat("2027-03-01T15:00:00+00:00")
    assert survey.due_at == local_instant(date(2027, 3, 8), time(23, 59), "America/Winnipeg")


@pytest.mark.parametrize("who", ["joseph", "henry", "rosa", "rene"])
def test_who_does_not_decide_records_nothing(who: str, ended: Visit, request: pytest.FixtureRequest) -> None:
    with pytest.raises(PermissionDenied):
        services.record_held(ended, by=request.getfixturevalue(who), attendance={})
    assert (read(ended).state, read(ended).held_at) == ("confirmed", None)


def test_a_visit_is_not_recorded_early_or_twice(visit: Any, ended: Visit, amina: Any, helen: Any) -> None:
    with pytest.raises(TransitionRefused, match="This can be recorded from the last day of the visit on."):
        services.record_held(visit("confirmed"), by=amina, attendance={})
    services.record_held(ended, by=helen, attendance={})
    with pytest.raises(TransitionRefused, match="Already done by Helen Friesen") as refused:
        services.record_held(read(ended), by=amina, attendance={})
    assert refused.value.done_already
    assert ended.evaluations.count() == 2


def test_answers_open_when_both_sides_have_written(visit: Any) -> None:
    held = visit("held")
    assert services.release_evaluations(held) is False
    make_answer(held, "visitors")
    make_answer(held, "visitors")
    assert (services.release_evaluations(held), read(held).released_at, written()) == (False, None, [])
    make_answer(held, "hosts")
    assert (services.release_evaluations(held), services.release_evaluations(held)) == (True, False)
    assert (to("both_evaluated"), to("return_prompt")) == ([AMINA, HELEN], [AMINA, HELEN])
    assert {e.survey.released_at is not None for e in held.evaluations.all()} == {True}


@pytest.mark.parametrize(("seconds", "opened"), [(-1, 0), (0, 1), (1, 1)])
def test_the_closing_day_opens_the_answers_of_one_side(seconds: int, opened: int, clock: Any, visit: Any) -> None:
    held = visit("held")
    make_answer(held, "visitors")
    clock.move_to(held.evaluations.first().survey.closes_at + timedelta(seconds=seconds))
    assert services.sweeping.open_evaluations() == opened
    assert (to("evaluation_closed"), to("return_prompt")) == ([AMINA, HELEN] * opened, [AMINA, HELEN] * opened)
    if opened:
        assert [
            line in written("evaluation_closed")[0].text for line in ("Thunder Bay: 1 of 2", "Winnipeg: 0 of 1")
        ] == [True, True]


def test_closed_without_any_answer_nobody_is_asked_to_return(clock: Any, visit: Any) -> None:
    held = visit("held")
    clock.move_to(held.evaluations.first().survey.closes_at)
    assert services.release_evaluations(held)
    assert (to("evaluation_closed"), to("return_prompt")) == ([AMINA, HELEN], [])


def test_a_survey_that_ends_is_heard_and_others_are_none_of_our_business(clock: Any, visit: Any) -> None:
    from cmncp_portal.evaluation.tests.factories import make_survey

    held = visit("held")
    clock.move_to(held.evaluations.first().survey.closes_at + timedelta(seconds=1))
    make_survey(opens_at=timezone.now() - timedelta(days=9), due_at=timezone.now(), closes_at=timezone.now())
    assert surveys.close_ended() == 3
    assert read(held).released_at is not None
    assert to("evaluation_closed") == [AMINA, HELEN]


@pytest.mark.parametrize(("days", "may"), [(44, False), (45, True), (46, True)])
def test_the_network_closes_one_sided_from_day_forty_five(
    days: int, may: bool, clock: Any, visit: Any, priya: Any
) -> None:
    held = visit("held", starts_on=date(2027, 1, 10), ends_on=date(2027, 1, 11))
    make_answer(held, "hosts")
    clock.move_to(local_instant(date(2027, 1, 11) + timedelta(days=days), time(9), "America/Winnipeg"))
    if not may:
        with pytest.raises(TransitionRefused, match="Both sides have 45 days to evaluate."):
            services.close_one_sided(held, by=priya, reason="Nobody is left.")
        return
    with pytest.raises(TransitionRefused, match="Please give a reason"):
        services.close_one_sided(held, by=priya, reason=" ")
    services.close_one_sided(held, by=priya, reason="Nobody is left.")
    assert (read(held).one_sided_reason, read(held).released_at is not None) == ("Nobody is left.", True)
    assert (to("evaluation_closed"), to("return_prompt")) == ([AMINA, HELEN], [AMINA, HELEN])
    with pytest.raises(TransitionRefused, match="There is nothing to release."):
        services.close_one_sided(read(held), by=priya, reason="Again")


def test_one_sided_is_for_the_network_to_decide(visit: Any, amina: Any) -> None:
    with pytest.raises(PermissionDenied):
        services.close_one_sided(visit("held"), by=amina, reason="They do not answer.")


def test_counts_before_release_and_no_names(visit: Any) -> None:
    held = visit("held")
    make_answer(held, "visitors")
    assert [
        (row.side, str(row.municipality), row.counts.asked, row.counts.answered) for row in evaluation_counts(held)
    ] == [
        ("visitors", "Thunder Bay", 2, 1),
        ("hosts", "Winnipeg", 1, 0),
    ]
    assert sides_with_answers(held) == {"visitors"}
    assert evaluation_counts(visit("confirmed")) == []


@pytest.mark.parametrize(("who", "proposes"), [("amina", "hosts"), ("helen", "visitors"), ("priya", "visitors")])
def test_the_side_that_proposes_the_return_offers_dates_and_the_other_answers(
    who: str, proposes: str, exchange: Any, request: pytest.FixtureRequest
) -> None:
    evaluated = exchange("evaluated")
    by = request.getfixturevalue(who)
    back = services.propose_return(evaluated, windows=SPRING, by=by, word="In spring?")
    assert (back.leg, back.state, str(back.visiting), str(back.hosting)) == (
        "return",
        "proposed",
        "Winnipeg",
        "Thunder Bay",
    )
    assert ([w.proposed_by for w in back.windows.all()], back.side_to_answer) == ([proposes], Side(proposes).other)
    assert (back.visiting_lead.name, back.host_lead.name) == ("Helen Friesen", "Amina Diallo")
    assert [(m.side, m.category, m.status) for m in back.team.order_by("pk")] == [
        ("visitors", "elected", "to_name"), ("visitors", "staff", "to_name"), ("hosts", "staff", "accepted"),
    ]  # fmt: skip
    assert to("return_proposed") == [AMINA if proposes == "visitors" else HELEN]
    assert (stage_of(back), back.changes.get().note) == (Stage.REQUESTED, "In spring?")
    with pytest.raises(TransitionRefused, match="The return visit has been proposed already.") as refused:
        services.propose_return(again(evaluated), windows=SPRING, by=by)
    assert refused.value.done_already


def test_the_return_visit_follows_a_visit_that_took_place(exchange: Any, amina: Any, joseph: Any) -> None:
    for stage in ("confirmed", "closed"):
        with pytest.raises(TransitionRefused, match="The return visit follows the first one."):
            services.propose_return(exchange(stage), windows=SPRING, by=amina)
    with pytest.raises(PermissionDenied):
        services.propose_return(exchange("evaluated"), windows=SPRING, by=joseph)
    for windows in ([], [(date(2027, 1, 1), date(2027, 1, 2))]):
        with pytest.raises(TransitionRefused, match="Propose at least one period that lies ahead."):
            services.propose_return(exchange("evaluated"), windows=windows, by=amina)


def test_whoever_represents_now_leads_the_return(exchange: Any, helen: Any, amina: Any) -> None:
    evaluated = exchange("evaluated")
    amina.stakeholders.update(left_on=date(2027, 2, 1))
    back = services.propose_return(again(evaluated), windows=SPRING, by=helen)
    assert (back.host_lead, [m.side for m in back.team.filter(status="accepted")]) == (None, [])


def test_later_needs_a_day_and_not_needed_a_reason(exchange: Any, amina: Any, joseph: Any) -> None:
    evaluated = exchange("evaluated")
    with pytest.raises(TransitionRefused, match="Say from which day on, in the future."):
        services.decide_return(evaluated, decision="later", from_on=date(2027, 2, 1), by=amina)
    with pytest.raises(TransitionRefused, match="Please give a reason"):
        services.decide_return(evaluated, decision="not_needed", by=amina)
    with pytest.raises(PermissionDenied):
        services.decide_return(evaluated, decision="later", from_on=date(2027, 9, 1), by=joseph)
    services.decide_return(evaluated, decision="later", from_on=date(2027, 9, 1), by=amina)
    assert (again(evaluated).return_from_on, written()) == (date(2027, 9, 1), [])
    services.decide_return(again(evaluated), decision="not_needed", reason="We write letters.", by=amina)
    assert (again(evaluated).return_decision, again(evaluated).return_from_on, to("return_not_needed")) == (
        "not_needed",
        None,
        [AMINA, HELEN],
    )
    services.propose_return(again(evaluated), windows=SPRING, by=amina)
    assert again(evaluated).return_decision == ""
    with pytest.raises(TransitionRefused, match="The return visit is decided after the first one, once."):
        services.decide_return(again(evaluated), decision="not_needed", reason="No", by=amina)


CLOSING = [
    ("confirmed", None, "The first visit has yet to be evaluated by both sides."),
    ("held", None, "The first visit has yet to be evaluated by both sides."),
    ("evaluated", None, "Decide about the return visit first."),
    ("evaluated", "requested", "The return visit has yet to be held and evaluated."),
    ("evaluated", "held", "The return visit has yet to be held and evaluated."),
    ("evaluated", "evaluated", None),
    ("closed", None, "This exchange is closed."),
]


@pytest.mark.parametrize(("first", "back", "reason"), CLOSING)
def test_an_exchange_closes_when_nothing_is_open(
    first: str, back: str | None, reason: str | None, exchange: Any, amina: Any
) -> None:
    made = exchange(first)
    if back:
        make_return_visit(made, stage=back)
    assert may_close(again(made)) == reason
    forget()
    if reason:
        with pytest.raises(TransitionRefused) as refused:
            services.close_exchange(again(made), by=amina)
        assert (str(refused.value), refused.value.done_already) == (reason, first == "closed")
    else:
        services.close_exchange(again(made), by=amina)
        assert (again(made).closed_by, to("closed")) == (amina, [AMINA, HELEN])
        assert stage_of(again(made).current_visit) == Stage.CLOSED


@pytest.mark.parametrize("state", ["cancelled", "declined", "withdrawn"])
def test_a_return_visit_that_ended_lets_the_exchange_close(state: str, exchange: Any) -> None:
    made = exchange("evaluated")
    Visit.objects.filter(pk=make_return_visit(made).pk).update(state=state)
    assert may_close(again(made)) is None


def test_ideas_are_noted_from_the_confirmation_on(visit: Any, joseph: Any, rosa: Any) -> None:
    confirmed = visit("confirmed")
    idea = services.catch_idea(confirmed, side="visitors", text="A youth council", by=joseph)
    guest = make_member(confirmed, status="accepted", name="Rita Beaver")
    theirs = services.catch_idea(confirmed, side="visitors", text="Night shelter", member=guest, is_shared=True)
    assert (idea.by_name, idea.is_shared, theirs.by_name, theirs.by_user) == (
        "Joseph Kakegamic",
        False,
        "Rita Beaver",
        None,
    )
    with pytest.raises(PermissionDenied):
        services.catch_idea(confirmed, side="hosts", text="Mine", by=rosa)
    with pytest.raises(TransitionRefused, match="Ideas are noted from the day the visit is confirmed."):
        services.catch_idea(visit("accepted"), side="visitors", text="Early", by=joseph)


def test_people_with_an_account_find_their_evaluation_there(ended: Visit, amina: Any, helen: Any) -> None:
    place_in_team(ended, amina.stakeholders.get(), category="other", status="accepted")
    services.record_held(ended, by=helen, attendance={})
    users = dict(Invitation.objects.filter(user__isnull=False).values_list("email", "user__name"))
    assert users == {AMINA: "Amina Diallo", HELEN: "Helen Friesen"}
