"""What waits for each of the cast, and what the page costs."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.tests.factories import make_occasion
from cmncp_portal.home.dashboard import dashboard
from cmncp_portal.home.waiting import waiting_count, waiting_keys
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_stakeholder

from .factories import make_exchange, make_member, make_request


@pytest.fixture
def request_to_winnipeg(thunder_bay: Municipality, winnipeg: Municipality) -> Any:
    return make_request(thunder_bay, winnipeg, due_on=timezone.localdate() + timedelta(days=9))


def tasks(user: Any) -> list[tuple[str, str]]:
    return [(task.detail, task.title) for task in dashboard(user).tasks]


def test_the_side_that_must_answer_is_waited_for(request_to_winnipeg: Any, helen: Any, amina: Any, rosa: Any) -> None:
    reference = request_to_winnipeg.exchange.reference
    assert tasks(helen) == [("Answer the request", f"Thunder Bay visits Winnipeg, {reference}")]
    assert tasks(amina) == []
    assert tasks(rosa) == []
    assert [waiting_count(user) for user in (helen, amina, rosa)] == [1, 0, 0]


def test_both_sides_see_the_exchange_and_a_stranger_does_not(
    request_to_winnipeg: Any, helen: Any, amina: Any, joseph: Any, rosa: Any
) -> None:
    assert [len(dashboard(user).exchanges) for user in (helen, amina, joseph, rosa)] == [1, 1, 1, 0]


def test_a_draft_waits_for_those_who_write_it_only(
    thunder_bay: Municipality, winnipeg: Municipality, amina: Any, joseph: Any, helen: Any
) -> None:
    make_exchange(thunder_bay, winnipeg)
    assert [what for what, _about in tasks(joseph)] == ["Finish the request and send it"]
    assert [len(dashboard(user).exchanges) for user in (amina, joseph, helen)] == [1, 1, 0]


def test_the_network_finds_a_host(thunder_bay: Municipality, priya: Any, rene: Any, uma: Any, amina: Any) -> None:
    visit = make_exchange(thunder_bay, state="proposed")
    assert tasks(priya) == [("Find a host", f"Thunder Bay looks for a host, {visit.exchange.reference}")]
    assert [waiting_count(user) for user in (priya, rene, uma, amina)] == [1, 0, 0, 0]


def test_an_invitation_to_a_team_and_a_survey_wait_too_the_earliest_due_first(
    request_to_winnipeg: Any, thunder_bay: Municipality, winnipeg: Municipality, helen: Any
) -> None:
    today = timezone.localdate()
    visit = make_exchange(
        thunder_bay,
        winnipeg,
        state="accepted",
        starts_on=today + timedelta(days=80),
        ends_on=today + timedelta(days=81),
    )
    make_member(visit, "helen@winnipeg.example", side="hosts")
    survey = make_survey(due_in=3)
    surveys.invite(survey, recipients=[surveys.Invitee("Helen@Winnipeg.example", "Helen", "en")])
    assert [(task.detail, task.due_on) for task in dashboard(helen).tasks] == [
        ("Say what it was worth to you", survey.due_on),
        ("Answer the request", today + timedelta(days=9)),
        ("Prepare the plan together", None),
        ("You are invited to take part: say whether you come.", None),
    ]
    assert dashboard(helen).waiting == waiting_count(helen) == 4


def make_survey(*, due_in: int) -> Any:
    from cmncp_portal.evaluation.instruments import load_instruments

    load_instruments()
    now = timezone.now()
    return surveys.issue(
        make_occasion(),
        questionnaire="exchange-hosts", title=("A visit", "Une visite"), about=("EX-1", "EX-1"),
        opens_at=now - timedelta(days=1), due_at=now + timedelta(days=due_in), closes_at=now + timedelta(days=40), time_zone="America/Winnipeg",
    )  # fmt: skip


def test_next_dates_are_the_nearest_ahead_and_not_drafts(
    thunder_bay: Municipality, winnipeg: Municipality, amina: Any
) -> None:
    today = timezone.localdate()
    for days, state in ((70, "confirmed"), (9, "accepted"), (-60, "held"), (20, "cancelled"), (-1, "confirmed")):
        start = today + timedelta(days=days)
        make_exchange(thunder_bay, winnipeg, state=state, starts_on=start, ends_on=start + timedelta(days=2))
    found = [one.first_day for one in dashboard(amina).dates]
    assert found == [today + timedelta(days=n) for n in (-1, 9, 70)]


def test_what_is_over_makes_room(thunder_bay: Municipality, winnipeg: Municipality, amina: Any) -> None:
    make_exchange(thunder_bay, winnipeg, state="cancelled")
    live = make_exchange(thunder_bay, winnipeg, state="accepted")
    assert [row.exchange.pk for row in dashboard(amina).exchanges] == [live.exchange_id]


def test_the_return_visit_takes_the_place_of_the_first(
    thunder_bay: Municipality, winnipeg: Municipality, amina: Any, helen: Any
) -> None:
    day = date(2026, 3, 2)
    first = make_exchange(thunder_bay, winnipeg, state="held", starts_on=day, ends_on=day, released_at=timezone.now())
    assert tasks(helen)[0][0] == "Decide about the return visit"
    type(first).objects.create(exchange=first.exchange, leg="return", state="accepted", starts_on=day, ends_on=day)
    rows = dashboard(helen).exchanges
    assert [(row.title, row.visit.leg) for row in rows] == [("Winnipeg visits Thunder Bay", "return")]
    assert tasks(amina)[0][0] == "Prepare the plan together"


def test_the_page_says_it_in_words_and_in_french(client: Client, request_to_winnipeg: Any, helen: Any) -> None:
    client.force_login(helen)
    page = client.get("/en/").content.decode()
    assert "One thing waits for you." in page
    assert page.count("Answer the request") == 1
    french = client.get("/fr/").content.decode()
    assert "Un élément vous attend." in french
    assert "Répondez à la demande" in french


def test_an_empty_page_says_what_to_do_next(client: Client, amina: Any, priya: Any) -> None:
    client.force_login(amina)
    page = client.get("/en/").content.decode()
    assert "Nothing waits for you today." in page
    assert 'href="/en/exchanges/ask/"' in page
    client.force_login(priya)
    assert "There is no exchange yet that concerns you." in client.get("/en/").content.decode()


def queries_of_the_page(client: Client) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/en/").status_code == 200
    return len(queries)


def test_the_page_costs_the_same_for_one_exchange_and_for_many(
    client: Client, thunder_bay: Municipality, winnipeg: Municipality, helen: Any
) -> None:
    today = timezone.localdate()
    make_request(thunder_bay, winnipeg, due_on=today)
    client.force_login(helen)
    client.get("/en/")
    few = queries_of_the_page(client)
    for n in range(40):
        make_request(thunder_bay, winnipeg, due_on=today)
        make_exchange(
            thunder_bay,
            winnipeg,
            state="confirmed",
            starts_on=today + timedelta(days=n),
            ends_on=today + timedelta(days=n + 1),
        )
    assert (queries_of_the_page(client), few) == (few, 7)
    assert dashboard(helen).waiting == waiting_count(helen) == 41
    assert len(dashboard(helen).tasks) == 24


def test_the_number_on_every_page_costs_one_query(
    django_assert_num_queries: Any, request_to_winnipeg: Any, helen: Any
) -> None:
    from cmncp_portal.network.rules import places_of

    places_of(helen)
    helen.role_names  # noqa: B018  (comes with the sign-in)
    with django_assert_num_queries(1):
        waiting_count(helen)


def test_what_was_put_together_once_counts_for_everybody_alike(
    thunder_bay: Municipality, winnipeg: Municipality, gatineau: Municipality, amina: Any, helen: Any, luc: Any, joseph: Any,
    priya: Any, rene: Any, uma: Any, admin_user: Any, django_user_model: Any,
) -> None:  # fmt: skip
    """The prepared query and the one that is put together for the person give the same number."""
    for state in ("draft", "proposed", "accepted"):
        make_exchange(thunder_bay, winnipeg, state=state)
        make_exchange(gatineau, thunder_bay, state=state)
    both = django_user_model.objects.with_roles().get(pk=helen.pk)  # who speaks for two places
    make_stakeholder(gatineau, user=both, standing="deputy")
    for user in (amina, both, luc, joseph, priya, rene, uma, admin_user):
        fresh = django_user_model.objects.with_roles().get(pk=user.pk)
        assert waiting_count(fresh) == waiting_keys(fresh, timezone.now()).count(), fresh
    assert waiting_count(amina) > 0
