"""The acceptance examples of exchanges, by their numbers in the description of the journeys (part 6).

Those that need a page or a browser are tried here as far as services and selectors reach.
"""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.days import local_instant, next_working_day
from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import results
from cmncp_portal.evaluation.models import Answer, Invitation
from cmncp_portal.evaluation.tests.factories import make_questionnaire
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_stakeholder
from cmncp_portal.notifications.models import Message
from exchanges import selectors, services
from exchanges.models import Exchange, Side, Stop, TeamMember, Visit
from exchanges.services import sweeping

from .factories import instruments, make_answer, make_exchange, make_member, make_stop, read
from .mailbag import event, forget, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

AMINA, HELEN = "amina@thunderbay.example", "helen@winnipeg.example"


def stored(stop: Stop) -> Stop:
    return Stop.objects.select_related("visit").get(pk=stop.pk)


def test_example_1_visitor_in_montreal_and_host_in_winnipeg(helen: Any, winnipeg: Any) -> None:
    montreal = make_municipality("montreal", province="QC", name_fr="Montréal", languages=["fr", "en"])
    mireille = make_representative(montreal, "mireille@montreal.example", name="Mireille Roy", language="fr")
    draft = make_exchange(montreal, winnipeg, by=mireille)
    services.submit_request(draft, by=mireille)
    assert {(m.kind, m.to_email, m.language) for m in written()} == {
        ("exchanges.request_received", HELEN, "en"),
        ("exchanges.request_sent", "mireille@montreal.example", "fr"),
    }
    assert "/en/" in written("request_received")[0].text
    assert "/fr/" in written("request_sent")[0].text
    planned = read(make_exchange(montreal, winnipeg, stage="planned").first_visit)
    services.confirm(planned, side="hosts", by=helen, seen_plan=1)
    services.confirm(planned, side="visitors", by=mireille, seen_plan=1)
    letter = next(m for m in written("confirmed") if m.calendar)
    assert (event(letter)["zone"], "TZID=America/Winnipeg" in letter.calendar) == ("America/Winnipeg", True)


def test_example_2_opening_a_guests_link_three_times_accepts_nothing(visit: Any, client: Any) -> None:
    guest = make_member(visit("accepted"), category="school")
    before = TeamMember.objects.values().get(pk=guest.pk)
    for _n in range(3):
        assert TeamMember.from_token(guest.token) == guest
    assert TeamMember.objects.values().get(pk=guest.pk) == before
    services.answer_invitation(TeamMember.from_token(guest.token), comes=True)
    assert TeamMember.objects.get(pk=guest.pk).status == "accepted"


def test_example_3_the_host_accepts_in_two_tabs(visit: Any, helen: Any) -> None:
    asked = visit("requested")
    window = asked.latest_windows[0]
    services.accept_window(read(asked), window=window, by=helen)
    with pytest.raises(TransitionRefused, match="Already done by Helen Friesen: it is “Accepted”.") as second:
        services.accept_window(asked, window=window, by=helen)
    assert second.value.done_already
    assert asked.changes.filter(transition="accept").count() == 1


def test_example_4_a_confirmed_visit_moved_by_a_day(visit: Any, amina: Any, helen: Any) -> None:
    planned = visit("planned")
    guest = make_member(planned, Side.HOSTS, "school", status="accepted")
    services.confirm(planned, side="hosts", by=helen, seen_plan=1)
    services.confirm(planned, side="visitors", by=amina, seen_plan=1)
    first = {m.to_email: event(m) for m in written("confirmed") if m.calendar}
    services.set_dates(
        planned, starts_on=date(2027, 4, 13), ends_on=date(2027, 4, 14), by=amina, seen_plan=1, word="Council"
    )
    now = read(planned)
    assert [now.confirmed_by(side) for side in Side] == [None, None]
    changed = {m.to_email: event(m) for m in written("changed") if m.calendar}
    assert guest.email in changed
    assert changed.keys() == first.keys() == {m.email for m in now.team.filter(status="accepted")}
    assert {(e["sequence"], e["uid"]) for e in first.values()} == {(1, first[guest.email]["uid"])}
    assert {(e["sequence"], e["uid"], e["start"].date()) for e in changed.values()} == {
        (2, first[guest.email]["uid"], date(2027, 4, 13))
    }
    assert len(to("changed")) == len(set(to("changed")))


def test_example_5_a_cancelled_visit_asks_for_no_evaluation_ever(clock: Any, visit: Any, amina: Any) -> None:
    instruments()
    confirmed = visit("confirmed")
    services.cancel(confirmed, by=amina, note="Election")
    calendars = [event(m) for m in written("cancelled") if m.calendar]
    assert {(e["method"], e["status"], e["sequence"]) for e in calendars} == {("CANCEL", "CANCELLED", 2)}
    assert len(calendars) == confirmed.team.filter(status="accepted").count()
    with pytest.raises(TransitionRefused):
        services.record_held(read(confirmed), by=amina, attendance={})
    forget()
    for weeks in (0, 4, 8, 9, 10, 11, 16):
        clock.move_to(local_instant(date(2027, 2, 2) + timedelta(weeks=weeks), time(17), "America/Winnipeg"))
        assert (sweeping.send_reminders(), sweeping.tell_changes(), sweeping.open_evaluations()) == (0, 0, 0)
    assert (Message.objects.count(), Invitation.objects.count()) == (0, 0)


def test_example_6_after_a_change_of_host_the_old_one_reads_nothing(
    visit: Any, amina: Any, helen: Any, henry: Any
) -> None:
    planned = visit("planned")
    theirs = make_member(planned, Side.HOSTS, "police", status="accepted", dietary_needs="no nuts")
    ours = planned.team.filter(side="visitors").first()
    TeamMember.objects.filter(pk=ours.pk).update(dietary_needs="no fish")
    services.change_host(planned, by=amina, note="Fire")
    now = read(planned)
    permissions = (
        "see_team",
        "see_visitors_needs",
        "see_hosts_needs",
        "plan_visit",
        "read_counts",
        "read_results",
        "catch_idea",
        "move_visit",
    )
    for person in (helen, henry):
        fresh = type(person).objects.get(pk=person.pk)
        assert {name: fresh.has_perm(f"exchanges.{name}", now) for name in permissions} == dict.fromkeys(
            permissions, False
        )
        assert list(Visit.objects.visible_to(fresh)) == list(Exchange.objects.visible_to(fresh)) == []
        assert (
            selectors.waiting_for(fresh),
            selectors.calendar_entries(fresh, date(2027, 1, 1), date(2027, 12, 31)),
            selectors.search(fresh, now.exchange.reference),
        ) == ([], [], [])
    assert (TeamMember.objects.get(pk=theirs.pk).dietary_needs, TeamMember.objects.get(pk=ours.pk).dietary_needs) == (
        "",
        "no fish",
    )
    forget()
    services.cancel(now, by=amina, note="No host")
    assert {HELEN, theirs.email} & {m.to_email for m in written()} == set()


def test_example_7_visitors_have_answered_and_hosts_have_not(clock: Any, visit: Any, helen: Any) -> None:
    held = visit("held")
    make_member(held, status="accepted", attendance="present")
    for _n in range(2):
        make_answer(held, "visitors")
    services.release_evaluations(held)
    assert [(row.side, row.counts.answered) for row in selectors.evaluation_counts(held)] == [
        ("visitors", 2),
        ("hosts", 0),
    ]
    assert (
        helen.has_perm("exchanges.read_counts", read(held)),
        helen.has_perm("exchanges.read_results", read(held)),
    ) == (True, False)
    clock.move_to(held.evaluations.first().survey.closes_at)
    sweeping.open_evaluations()
    assert helen.has_perm("exchanges.read_results", read(held))


@pytest.mark.parametrize("stage", ["draft", "requested", "accepted", "confirmed", "held", "evaluated"])
def test_example_8_a_third_municipality_finds_nothing(stage: str, visit: Any, rosa: Any) -> None:
    secret = visit(stage)
    assert not Visit.objects.visible_to(rosa).filter(pk=secret.pk).exists()
    for text in (secret.exchange.reference, "investment", "Thunder Bay", "youth"):
        assert selectors.search(rosa, text) == []
    assert list(selectors.exchange_list(rosa)) == selectors.waiting_for(rosa) == []
    assert selectors.calendar_entries(rosa, date(2026, 1, 1), date(2028, 1, 1)) == []
    for name in (
        "see_team",
        "see_visitors_needs",
        "see_hosts_needs",
        "read_counts",
        "read_results",
        "plan_visit",
    ):
        assert not rosa.has_perm(f"exchanges.{name}", secret)


def test_example_10_four_guests_without_account_two_in_french(visit: Any) -> None:
    yes_no = [{"code": "yes", "en": "Yes", "fr": "Oui"}, {"code": "no", "en": "No", "fr": "Non"}]
    make_questionnaire("exchange-visitors", questions=({"code": "return-visit", "kind": "choice", "options": yes_no},))
    held = visit("held")
    evaluation = held.evaluations.get(side="visitors")
    Invitation.objects.filter(survey=evaluation.survey).delete()
    question = evaluation.survey.questionnaire.questions.get()
    for number, (language, value) in enumerate([("fr", "yes"), ("fr", "no"), ("en", "yes"), ("en", "yes")]):
        Invitation.objects.create(
            survey=evaluation.survey, email=f"guest{number}@example.ca", name=f"Guest {number}", language=language
        )
        response = make_answer(held, "visitors")
        Answer.objects.create(response=response, question=question, value=value)
    [shown] = results.summarise([evaluation.survey], viewer="own_side")
    assert (shown.n, {bar.code: bar.count for bar in shown.lines[0].scales[0].bars}) == (4, {"yes": 3, "no": 1})
    [reported] = results.summarise([evaluation.survey], viewer="report")
    assert reported.is_hidden  # fewer than five are told to no funder


def test_example_12_the_representative_leaves_and_the_deputy_has_it_all(
    visit: Any, amina: Any, thunder_bay: Any
) -> None:
    visit("planned", starts_on=date(2027, 4, 14))
    deputy = make_representative_deputy(thunder_bay)
    amina_tasks = [task.url for task in selectors.waiting_for(amina)]
    Stakeholder.objects.filter(user=amina).update(left_on=date(2027, 2, 1))
    gone = type(amina).objects.get(pk=amina.pk)
    assert (len(amina_tasks), [task.url for task in selectors.waiting_for(deputy)], selectors.waiting_for(gone)) == (
        1,
        amina_tasks,
        [],
    )
    sweeping.send_reminders(local_instant(date(2027, 3, 15), time(9), "America/Winnipeg"))
    assert AMINA not in {m.to_email for m in written()}
    sweeping.send_reminders(local_instant(date(2027, 3, 3), time(9), "America/Winnipeg"))
    assert to("plan_not_ready") == ["dora@thunderbay.example", HELEN]  # a plan without a lead is not ready any more
    assert not gone.has_perm("exchanges.move_visit", Visit.objects.get())
    assert deputy.has_perm("exchanges.move_visit", Visit.objects.get())


def make_representative_deputy(place: Any) -> Any:
    from cmncp_portal.network.tests.factories import make_user

    user = make_user("dora@thunderbay.example", name="Dora Fox")
    make_stakeholder(place, user=user, standing="deputy")
    return user


def test_example_13_good_friday_and_a_visit_that_moves(visit: Any, amina: Any) -> None:
    good_friday = date(2027, 3, 26)
    confirmed = visit("confirmed", starts_on=good_friday + timedelta(days=7))
    sweeping.send_reminders(local_instant(good_friday, time(12), "America/Winnipeg"))
    assert written() == []
    sweeping.send_reminders(local_instant(next_working_day(good_friday), time(9), "America/Winnipeg"))
    team = sorted(m.email for m in confirmed.team.filter(status="accepted"))
    assert to("practical") == team
    Message.objects.filter(to_email=team[0]).update(state="sent", sent_at="2027-03-29T14:00Z")
    services.set_dates(
        confirmed, starts_on=date(2027, 5, 4), ends_on=date(2027, 5, 5), by=amina, seen_plan=1, word="Easter"
    )
    assert set(Message.objects.filter(kind="exchanges.practical").values_list("to_email", "state")) == {
        (team[0], "sent"),
        *((e, "withdrawn") for e in team[1:]),
    }


def test_example_15_both_sides_edit_the_programme_at_once(visit: Any, joseph: Any, henry: Any) -> None:
    stop = make_stop(visit("accepted"), title="Visit", notes="Bring boots")
    services.keep_stop(stored(stop), seen=1, by=henry, title="Thunderbird House")
    with pytest.raises(Conflict) as conflict:
        services.keep_stop(stored(stop), seen=1, by=joseph, title="Main Street Project")
    theirs, mine = conflict.value.current.title, "Main Street Project"
    services.keep_stop(stored(stop), seen=conflict.value.current.version, by=joseph, title=f"{theirs}, then {mine}")
    assert (stored(stop).title, stored(stop).notes, stored(stop).version) == (
        "Thunderbird House, then Main Street Project",
        "Bring boots",
        3,
    )
    with pytest.raises(PermissionDenied):
        services.keep_stop(stored(stop), seen=3, by=make_representative(make_municipality()), title="Mine")
