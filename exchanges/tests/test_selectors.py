"""Reading: stages and next steps, what waits for whom, lists at any size, the calendar, suggestions with reasons."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone, translation

from cmncp_portal.network.tests.factories import make_municipality, make_programme, make_topic
from exchanges import selectors
from exchanges.models import Confirmation, DateWindow, Exchange, HostRequest, Side, Visit
from exchanges.selectors import Stage, next_step, path_of, stage_of, suggest_hosts

from .factories import make_exchange, make_member, make_return_visit, make_stop, make_window, read

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def queries(act: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def _situations(exchange: Any) -> dict[Stage, tuple[Visit, str, set[str]]]:
    """A visit in each stage, the sentence about its next step, and the sides that act."""
    half = exchange("planned").first_visit
    Confirmation.objects.create(visit=half, side=Side.VISITORS, plan_version=1, by_name="Amina")
    countered = exchange("requested").first_visit
    make_window(countered, date(2027, 5, 3), side=Side.HOSTS, round=2)
    postponed = exchange("accepted").first_visit
    Visit.objects.filter(pk=postponed.pk).update(starts_on=None, ends_on=None, postponed_at=timezone.now())
    ended = {state: exchange("requested").first_visit for state in ("declined", "withdrawn", "cancelled")}
    for state, visit in ended.items():
        Visit.objects.filter(pk=visit.pk).update(state=state)
    both = {"visitors", "hosts"}
    return {
        Stage.DRAFT: (
            exchange("draft").first_visit,
            "Thunder Bay is writing the request; nobody else can see it yet.",
            {"visitors"},
        ),
        Stage.REQUESTED: (
            exchange("requested").first_visit,
            "Winnipeg has until February 15, 2027 to answer.",
            {"hosts"},
        ),
        Stage.NEW_DATES: (countered, "Thunder Bay has until February 15, 2027 to answer.", {"visitors"}),
        Stage.PLANNING: (
            exchange("accepted").first_visit,
            "Thunder Bay and Winnipeg prepare the plan; both then confirm it.",
            both,
        ),
        Stage.POSTPONED: (postponed, "Thunder Bay and Winnipeg look for new dates.", both),
        Stage.TO_CONFIRM: (half, "Winnipeg has yet to confirm the plan.", {"hosts"}),
        Stage.CONFIRMED: (exchange("confirmed").first_visit, "The visit takes place April 12–13, 2027.", set()),
        Stage.UNDER_WAY: (
            exchange("confirmed", starts_on=date(2027, 2, 1)).first_visit,
            "The visit is under way until February 2, 2027.",
            set(),
        ),
        Stage.TO_RECORD: (
            exchange("confirmed", starts_on=date(2027, 1, 28)).first_visit,
            "Either side records that the visit took place, and who came.",
            both,
        ),
        Stage.EVALUATING: (
            exchange("held").first_visit,
            "Everyone who took part evaluates the visit; each side reads the other’s answers when both have written, or on March 15, 2027.",
            set(),
        ),
        Stage.EVALUATED: (exchange("evaluated").first_visit, "Both sides decide about the return visit.", both),
        Stage.CLOSED: (exchange("closed").first_visit, "This exchange is complete.", set()),
        Stage.DECLINED: (ended["declined"], "The host could not receive this visit.", set()),
        Stage.WITHDRAWN: (ended["withdrawn"], "Thunder Bay withdrew the request.", set()),
        Stage.CANCELLED: (ended["cancelled"], "The visit was cancelled; everyone was told.", set()),
    }


def test_every_stage_says_who_acts_next_and_waits_for_exactly_those(
    exchange: Any, thunder_bay: Any, amina: Any, helen: Any, priya: Any, rosa: Any
) -> None:
    situations = _situations(exchange)
    lost = make_exchange(thunder_bay, stage="finding_host").first_visit
    situations[Stage.FINDING_HOST] = (lost, "The network is looking for a host and will propose one.", set())
    assert set(situations) == set(Stage)
    due = dict(HostRequest.objects.filter(outcome="").values_list("exchange_id", "due_on"))
    for stage, (visit, sentence, actors) in situations.items():
        now = read(visit)
        step = next_step(now, answer_due_on=due.get(now.exchange_id))
        assert (stage_of(now), step.sentence, set(step.actors) - {"network"}) == (stage, sentence, actors)
    waiting = {
        person: {task.url for task in selectors.waiting_for(user)}
        for person, user in (("visitors", amina), ("hosts", helen), ("network", priya))
    }
    for stage, (visit, _sentence, actors) in situations.items():
        url = read(visit).get_absolute_url()
        found = {person for person, urls in waiting.items() if url in urls}
        assert found == (actors if stage != Stage.FINDING_HOST else {"network"}), stage
    for user in (amina, helen, priya):
        assert selectors.waiting_count(user) == len(selectors.waiting_for(user))
    assert (selectors.waiting_count(rosa), selectors.waiting_for(rosa)) == (0, [])


def test_after_the_decision_closing_waits_for_both(exchange: Any, amina: Any, helen: Any) -> None:
    """Regression: the sentence said that both act, and nobody's list had it."""
    not_needed = exchange("evaluated", return_decision="not_needed", return_reason="We write.").first_visit
    back = make_return_visit(exchange("evaluated"), stage="evaluated")
    later = exchange("evaluated", return_decision="later", return_from_on=date(2027, 9, 1)).first_visit
    expected = {v.get_absolute_url() for v in (not_needed, back)}
    assert {t.url for t in selectors.waiting_for(amina)} == {t.url for t in selectors.waiting_for(helen)} == expected
    assert next_step(read(not_needed)).sentence == "No return visit is needed: the exchange can be closed."
    assert next_step(read(back)).sentence == "Both visits are evaluated: the exchange can be closed."
    assert next_step(read(later)).sentence == "A return visit is meant for later, from September 1, 2027 on."


def test_the_network_is_asked_to_step_in_when_others_are_late(clock: Any, exchange: Any, priya: Any) -> None:
    exchange("requested")
    exchange("confirmed", starts_on=date(2027, 2, 7))
    days = (date(2027, 2, 15), date(2027, 2, 16), date(2027, 2, 17))
    counts = []
    for day in days:
        clock.move_to(f"{day}T15:00:00+00:00")
        counts.append(selectors.waiting_count(priya))
    assert counts == [0, 2, 2]


def test_an_invitation_waits_for_the_person_with_that_address(visit: Any, rosa: Any) -> None:
    accepted = visit("accepted")
    mine = make_member(accepted, category="school", email="Rosa@saskatoon.example")
    [task] = selectors.waiting_for(rosa)
    assert (task.title, task.detail, mine.token in task.url) == (
        "Thunder Bay visits Winnipeg",
        "You are invited to take part: say whether you come.",
        True,
    )
    Visit.objects.filter(pk=accepted.pk).update(state="cancelled")
    assert selectors.waiting_count(rosa) == 0


def test_the_list_begins_with_what_waits_for_me_and_ends_with_what_is_over(exchange: Any, helen: Any) -> None:
    over, confirmed, requested, draft = (
        exchange("closed"),
        exchange("confirmed"),
        exchange("requested"),
        exchange("draft"),
    )
    rows = selectors.listed(selectors.exchange_list(helen))
    assert [row.exchange for row in rows] == [requested, confirmed, over]
    assert [(row.stage, row.waits_for_me) for row in rows] == [
        (Stage.REQUESTED, True),
        (Stage.CONFIRMED, False),
        (Stage.CLOSED, False),
    ]
    assert draft not in selectors.exchange_list(helen)


def _many(count: int, guest: Any, host: Any) -> None:
    """Rows alone, quickly: exchanges in turn requested, accepted, confirmed, held and evaluated."""
    numbers = range(Exchange.objects.count(), count)
    made = Exchange.objects.bulk_create(
        Exchange(
            reference=f"EX-2020-{n:04}", guest=guest, host=host, challenge=f"Challenge {n}", submitted_at=timezone.now()
        )
        for n in numbers
    )
    topic, today = make_topic(), timezone.localdate()
    Exchange.topics.through.objects.bulk_create(Exchange.topics.through(exchange=e, topic=topic) for e in made)
    states = ("proposed", "accepted", "confirmed", "held", "held")
    visits = Visit.objects.bulk_create(
        Visit(
            exchange=e, state=states[n % 5], starts_on=today + timedelta(days=n % 30), ends_on=today + timedelta(days=n % 30 + 1),
            held_at=timezone.now(), released_at=timezone.now() if n % 5 == 4 else None,
        )
        for n, e in enumerate(made)
    )  # fmt: skip
    DateWindow.objects.bulk_create(
        DateWindow(visit=v, proposed_by="visitors", starts_on=today, ends_on=today) for v in visits
    )
    HostRequest.objects.bulk_create(
        HostRequest(exchange=e, municipality=host, asked_at=timezone.now(), due_on=today)
        for n, e in enumerate(made)
        if n % 5 == 0
    )


def test_lists_need_the_same_number_of_queries_at_one_and_at_five_hundred(
    exchange: Any, thunder_bay: Any, winnipeg: Any, helen: Any, priya: Any
) -> None:
    acts = {
        "list": lambda user: selectors.listed(selectors.exchange_list(user)[:25]),
        "waiting": lambda user: selectors.waiting_for(user),
        "count": lambda user: selectors.waiting_count(user),
        "calendar": lambda user: selectors.calendar_entries(user, date(2027, 1, 1), date(2027, 12, 31)),
        "search": lambda user: selectors.search(user, "thunder"),
    }
    make_return_visit(exchange("evaluated"), stage="confirmed")
    exchange("requested")
    for user in (helen, priya):
        for act in acts.values():
            act(user)  # what a person is, is read once per request
    few = {
        (name, user.email): queries(lambda a=act, u=user: a(u)) for name, act in acts.items() for user in (helen, priya)
    }
    _many(500, thunder_bay, winnipeg)
    many = {
        (name, user.email): queries(lambda a=act, u=user: a(u)) for name, act in acts.items() for user in (helen, priya)
    }
    assert many == few
    assert max(n for (name, _who), n in many.items() if name == "count") <= 2
    assert max(many.values()) <= 7
    assert selectors.waiting_count(helen) > 150


def test_the_plan_is_read_in_a_constant_number_of_queries(visit: Any) -> None:
    def page(planned: Visit) -> None:
        now = read(planned)
        selectors.plan_checklist(now), selectors.coverage(now), selectors.day_plans(now), selectors.team_by_side(now)
        stage_of(now), next_step(now)

    planned = visit("planned")
    few = queries(lambda: page(planned))
    objectives = list(planned.exchange.objectives.all())
    for n in range(12):
        make_stop(planned, 1 + n % 2, objectives=objectives)
        make_member(planned)
    assert (queries(lambda: page(planned)), few) == (few, 8)


def test_the_checklist_says_what_is_missing_and_where(visit: Any) -> None:
    there = visit("accepted")
    found = [(check.label, check.reason, resolve(check.url).url_name) for check in selectors.plan_checklist(there)]
    assert found == [
        ("Dates", "", "dates"),
        ("One lead on each side", "", "team"),
        ("Where to arrive, and a telephone number", "Say where the visitors arrive.", "practical"),
        ("A programme agreed for each day", "Day 1 has no stop that both sides agreed on.", "programme"),
        (
            "Each objective served",
            "No stop serves the objective “How council decides to invest in prevention”.",
            "programme",
        ),
        (
            "An elected leader and municipal staff who come",
            "An elected leader of the visiting team has yet to accept.",
            "team",
        ),
        ("A language in common", "", "dates"),
    ]
    assert selectors.plan_checklist(there)[1].url == f"/en/exchanges/{there.exchange.reference}/first-visit/team/"
    assert all(check.is_done for check in selectors.plan_checklist(visit("planned")))


def test_days_in_order_with_overlaps_and_coverage_with_gaps(visit: Any) -> None:
    from datetime import time

    accepted = visit("accepted")
    first, second = accepted.exchange.objectives.all()
    late = make_stop(accepted, 1, starts_at=time(13), ends_at=time(14), title="Late", objectives=[first])
    long = make_stop(accepted, 1, starts_at=time(9), ends_at=time(13, 30), title="Long", status="proposed")
    make_stop(accepted, 1, starts_at=time(9), ends_at=time(10), title="Dropped", status="dropped", objectives=[second])
    now = read(accepted)
    plans = selectors.day_plans(now)
    assert [(p.number, p.day, [(r.stop, r.overlaps) for r in p.stops]) for p in plans] == [
        (1, date(2027, 4, 12), [(long, False), (late, True)]),
        (2, date(2027, 4, 13), []),
    ]
    assert [[r.stop for r in p.stops] for p in selectors.day_plans(now, only_agreed=True)] == [[late], []]
    assert [(c.objective, c.stops) for c in selectors.coverage(now)] == [(first, [late]), (second, [])]


def test_the_calendar_shows_dated_visits_to_those_they_concern(
    exchange: Any,
    thunder_bay: Any,
    winnipeg: Any,
    gatineau: Any,
    amina: Any,
    helen: Any,
    luc: Any,
    rosa: Any,
    priya: Any,
    rene: Any,
) -> None:
    confirmed = exchange("confirmed", starts_on=date(2027, 4, 12))
    confirmed.travelling_with.add(gatineau)
    make_member(confirmed.first_visit, category="school", status="accepted", email="rosa@saskatoon.example")
    accepted = exchange("accepted", starts_on=date(2027, 4, 20))
    exchange("requested")
    cancelled = exchange("confirmed", starts_on=date(2027, 4, 14))
    Visit.objects.filter(exchange=cancelled).update(state="cancelled")
    spring = (date(2027, 4, 1), date(2027, 4, 30))

    def references(user: Any, span: Any = spring) -> list[str]:
        return [entry.url.split("/")[-3] for entry in selectors.calendar_entries(user, *span)]

    both = [confirmed.reference, accepted.reference]
    people = {"amina": amina, "helen": helen, "priya": priya, "luc": luc, "rosa": rosa, "rene": rene}
    assert {name: references(user) for name, user in people.items()} == {
        "amina": both, "helen": both, "priya": both, "luc": [confirmed.reference], "rosa": [confirmed.reference], "rene": [],
    }  # fmt: skip
    edges = [
        (date(2027, 4, 13), date(2027, 4, 13)),
        (date(2027, 4, 14), date(2027, 4, 19)),
        (date(2027, 4, 1), date(2027, 4, 12)),
    ]
    assert [references(amina, span) for span in edges] == [[confirmed.reference], [], [confirmed.reference]]
    timed, whole = selectors.calendar_entries(amina, *spring)
    assert (timed.start.isoformat(), timed.last_day, str(timed.start.tzinfo), timed.place) == (
        timed.start.isoformat()[:10] + "T09:00:00" + timed.start.isoformat()[19:], date(2027, 4, 13), "America/Winnipeg", "510 Main Street",
    )  # fmt: skip
    assert (whole.start, whole.end, whole.place, whole.title) == (
        date(2027, 4, 20),
        date(2027, 4, 21),
        "Winnipeg",
        "Thunder Bay visits Winnipeg",
    )


def test_search_folds_accents_and_looks_at_cities_topics_and_words(
    exchange: Any, gatineau: Any, winnipeg: Any, luc: Any, amina: Any
) -> None:
    made = exchange("requested", challenge="Prévenir l’itinérance")
    made.topics.add(make_topic("housing", name_en="Housing", name_fr="Logement"))
    other = make_exchange(gatineau, winnipeg, stage="requested")
    for text in ("prevenir", "ITINÉRANCE", "thunder", "housing", "logement", made.reference.lower()):
        assert selectors.search(amina, text) == [made]
    assert (
        selectors.search(amina, "gatineau"),
        selectors.search(luc, "gatineau"),
        selectors.search(AnonymousUser(), "thunder"),
    ) == ([], [other], [])


def test_the_path_shows_how_far_an_exchange_got(exchange: Any) -> None:
    found = {
        stage: [step.state for step in path_of(exchange(stage))]
        for stage in ("draft", "requested", "accepted", "confirmed", "held", "evaluated", "closed")
    }
    to_come = ["to-come"] * 5
    assert found == {
        "draft": ["current", *to_come[:4]],
        "requested": ["current", *to_come[:4]],
        "accepted": ["done", "current", *to_come[:3]],
        "confirmed": ["done", "done", "current", *to_come[:2]],
        "held": ["done"] * 3 + ["current", "to-come"],
        "evaluated": ["done"] * 4 + ["current"],
        "closed": ["done"] * 5,
    }
    cancelled = exchange("confirmed")
    Visit.objects.filter(exchange=cancelled).update(state="cancelled")
    steps = path_of(Exchange.objects.get(pk=cancelled.pk))
    assert [(s.label, s.state) for s in steps][:3] == [("Request", "done"), ("Plan", "done"), ("Visit", "ended")]
    assert (steps[0].when, steps[2].when) == ("February 1, 2027", "April 12–13, 2027")


# --- who could host ---------------------------------------------------------------------------------------------------


@pytest.fixture
def seeking(clock: Any, thunder_bay: Any) -> Exchange:
    """Thunder Bay (108,843 people) looks for a host on "youth", in English."""
    return make_exchange(thunder_bay, stage="finding_host")


def test_suggestions_say_why(seeking: Exchange, winnipeg: Any, gatineau: Any) -> None:
    winnipeg.offers.add(make_topic())
    programme = make_programme(winnipeg, name_en="Thunderwing")
    programme.topics.add(make_topic())
    ended = make_programme(winnipeg, name_en="Long gone", ended_on=date(2026, 1, 1))
    ended.topics.add(make_topic())
    gatineau.languages = ["fr"]
    gatineau.save()
    first, second = suggest_hosts(seeking)
    assert (first.municipality, first.reasons, first.cautions) == (
        winnipeg, ["Can show others: Youth.", "Programmes to visit: Thunderwing.", "Receives visitors in English."], [],
    )  # fmt: skip
    assert (second.municipality, second.reasons, second.cautions) == (
        gatineau, ["A community of similar size (100,000 to 500,000)."], ["Interpretation would be needed."],
    )  # fmt: skip
    assert first.score > second.score
    with translation.override("fr"):
        assert suggest_hosts(seeking)[0].municipality == winnipeg


def test_experience_counts_and_load_is_a_caution(seeking: Exchange, winnipeg: Any) -> None:
    for _n in range(2):
        make_exchange(host=winnipeg, stage="held")
    make_exchange(host=winnipeg, stage="accepted")
    [found] = [s for s in suggest_hosts(seeking, limit=20) if s.municipality == winnipeg]
    assert found.reasons == ["Receives visitors in English.", "Has received 2 visits."]
    assert found.cautions == ["Received 2 visits in the last twelve months.", "Already has a visit ahead."]


def test_who_cannot_host_is_not_suggested(seeking: Exchange, winnipeg: Any, gatineau: Any, saskatoon: Any) -> None:
    make_municipality("no-member", member=False)
    gatineau.not_hosting_until = date(2027, 2, 1)
    gatineau.save()
    HostRequest.objects.create(
        exchange=seeking,
        municipality=winnipeg,
        asked_at=timezone.now(),
        due_on=date(2027, 2, 1),
        outcome="declined",
        reason="dates",
    )
    assert [s.municipality for s in suggest_hosts(seeking)] == [saskatoon]
    gatineau.not_hosting_until = date(2027, 1, 31)
    gatineau.save()
    assert {s.municipality for s in suggest_hosts(seeking)} == {saskatoon, gatineau}
    seeking.topics.clear()
    assert {s.municipality for s in suggest_hosts(seeking)} == {saskatoon, gatineau}


def test_suggestions_need_the_same_number_of_queries_for_two_and_for_sixty(seeking: Exchange) -> None:
    for _n in range(2):
        make_municipality().offers.add(make_topic())
    few = queries(lambda: suggest_hosts(Exchange.objects.get(pk=seeking.pk)))
    for _n in range(58):
        make_municipality().offers.add(make_topic())
    assert (queries(lambda: suggest_hosts(Exchange.objects.get(pk=seeking.pk))), len(suggest_hosts(seeking))) == (
        few,
        5,
    )
    assert few <= 7
