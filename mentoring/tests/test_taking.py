"""A goal of mentoring that the mentored municipality makes its own."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.tests.factories import make_checks
from mentoring.models import Agreement

from .agreeing import about, as_sent, make_running, said
from .factories import make_goal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def running(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any) -> Agreement:
    return make_running(winnipeg, thunder_bay)


def test_the_point_of_the_strategy_and_the_day_come_along(
    client: Client, running: Agreement, amina: Any, winnipeg: Any, thunder_bay: Any
) -> None:
    check = make_checks()[0]
    goal = make_goal(running, check_item=check, due_on=date(2027, 9, 30))
    client.force_login(amina)
    url = about(running, "commit", goal.pk)
    form = client.get(url)
    sent = as_sent(form, owner_name="Joseph K.", owner_email="j@example.ca", owner_language="en")
    client.post(url, sent)
    one = Commitment.objects.get()
    assert (one.municipality, one.seen_in, one.source, one.source_key, one.source_of) == (
        thunder_bay,
        winnipeg,
        "mentoring",
        f"goal-{goal.pk}",
        f"agreement-{running.pk}",
    )
    assert (one.check_item, one.due_on, one.text) == (check, date(2027, 9, 30), goal.text)
    assert (one.source_title_en, one.source_title_fr) == (
        "Winnipeg mentors Thunder Bay",
        "Winnipeg accompagne Thunder Bay",
    )
    assert said(client, client.post(url, sent))[-1] == "This is among the commitments of your municipality already."


def test_the_mentor_does_not_commit_for_the_other(client: Client, running: Agreement, helen: Any, rosa: Any) -> None:
    goal = make_goal(running)
    for who, answer in ((helen, 403), (rosa, 404)):
        client.force_login(who)
        assert client.get(about(running, "commit", goal.pk)).status_code == answer
