"""The hand-over sheet: everything that somebody who takes over needs to know."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.evaluation.services import load_instruments
from mentoring.models import Agreement
from mentoring.selectors.hand_over import sheet_of
from mentoring.services import working
from mentoring.services.sweeping import follow_up

from .agreeing import CHIEF, about, make_running, own, read, words_of
from .factories import make_goal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def running(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, clock: Any) -> Agreement:
    return make_running(winnipeg, thunder_bay, reasons={"en": ["Two stages ahead."], "fr": ["Deux étapes d’avance."]})


@pytest.fixture
def lived(running: Agreement, amina: Any, helen: Any, clock: Any) -> Agreement:
    load_instruments()
    goal = working.keep_goal(running, by=amina, text="A centre stands", measure="A motion")
    working.settle_goal(goal, by=helen, state="reached", note="Motion 12.")
    working.keep_goal(running, by=amina, text="A plan is adopted")
    working.keep_session(
        running, by=helen, held_on=date(2027, 1, 20), who="Helen, Pierre", summary="Where we stand.",
        follow_up="Helen sends the terms of reference.",
    )  # fmt: skip
    working.add_document(running, by=helen, title="Terms of reference", url="https://terms.example/")
    working.set_next_session(
        read(running), by=amina, seen=1, at=datetime(2027, 2, 15, 19, 0, tzinfo=UTC), place="Online"
    )
    clock.move_to("2027-02-04T15:00:00+00:00")
    follow_up()
    return read(running)


def test_all_of_it_is_on_the_sheet(lived: Agreement, amina: Any, client: Client) -> None:
    client.force_login(amina)
    page = words_of(client.get(about(lived, "hand_over")))
    told = [
        "Chief Pierre (leads)", "chief@north.example", "Helen Friesen", "Set up a responsibility centre and a first plan.",
        "Two stages ahead.", "The mentor gives 6 hours a month.", "A centre stands – Reached", "Motion 12.",
        "A plan is adopted – Under way", "Where we stand.", "Helen sends the terms of reference.",
        "Terms of reference: https://terms.example/", "Monday, February 15, 2027, 2:00 p.m. (Toronto time)",
        "After one month (Thunder Bay)", "After one month (Winnipeg)",
    ]  # fmt: skip
    assert [words for words in told if words not in page] == []


def test_an_empty_agreement_says_so(running: Agreement) -> None:
    sheet = sheet_of(running)
    assert (sheet.goals, sheet.promises, sheet.documents, sheet.open_check_ins, sheet.hours) == ([], [], [], [], 6)


def test_what_is_promised_comes_latest_first(running: Agreement, helen: Any) -> None:
    for day, promise in ((5, "First."), (20, "Second."), (12, "")):
        working.keep_session(running, by=helen, held_on=date(2027, 1, day), summary="We talked.", follow_up=promise)
    assert [(p.held_on.day, p.text) for p in sheet_of(running).promises] == [(20, "Second."), (5, "First.")]


@pytest.mark.parametrize("number", [1, 20])
def test_it_costs_the_same_at_many(number: int, running: Agreement) -> None:
    for n in range(number):
        make_goal(running, f"Goal {n}")
        running.sessions.create(held_on=date(2027, 1, 5), summary="We talked.", follow_up="More.")
    with CaptureQueriesContext(connection) as queries:
        sheet = sheet_of(running)
        assert [list(goal.changes.all()) for goal in sheet.goals] == [[]] * number
    assert len(queries) == 6


def test_who_may_read_it(running: Agreement, priya: Any, joseph: Any, rosa: Any, client: Client) -> None:
    found = {}
    for person in (priya, joseph, rosa):
        client.force_login(person)
        found[person.name] = client.get(about(running, "hand_over")).status_code
    assert found == {"Priya Nair": 200, "Joseph Kakegamic": 200, "Rosa Morin": 404}
    client.logout()
    chief = running.participants.get(email=CHIEF)
    assert client.get(own(chief, "hand-over", "fr")).status_code == 200
