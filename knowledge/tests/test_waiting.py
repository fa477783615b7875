"""What waits for a person in knowledge: each their own, in one query, counted as listed."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from cmncp_portal.core.waiting import Task
from knowledge.models import BriefRequest, Concern, Example, FormatRequest, Review
from knowledge.selectors.using import wording_of
from knowledge.selectors.waiting import glance, waiting_keys
from knowledge.services.using import agree_to_example, refuse_example

from .factories import make_practice
from .pages import address

pytestmark = pytest.mark.django_db
TODAY = date(2027, 2, 1)


def known(user: Any) -> Any:
    """The person with the own rows fetched, as on any page."""
    list(waiting_keys(user))
    return user


def lines(user: Any) -> list[tuple[str, str]]:
    return [(task.detail, task.title) for task in glance(user)]


def request_in(state: str, **fields: Any) -> BriefRequest:
    return BriefRequest.objects.create(by_name="Amina", subject=f"Lighting {state}", why="x", state=state, **fields)


def test_who_is_asked_reads_a_draft(brief: Any, rosa: Any, helen: Any) -> None:
    paper = brief("review", source_language="fr")
    asked = Review.objects.create(brief=paper, reviewer=rosa, asked_by_name="Uma", due_on=date(2027, 2, 11))
    url = address("read", paper.slug, "fr")
    assert glance(rosa) == [
        Task("Safe streets", "Read the draft and say what you think", url, date(2027, 2, 11), TODAY)
    ]
    assert glance(helen) == []
    asked.answered_at = datetime(2027, 2, 2, tzinfo=UTC)
    asked.save()
    assert glance(rosa) == []


def test_the_representative_agrees_to_the_example(
    brief: Any, thunder_bay: Any, amina: Any, joseph: Any, uma: Any
) -> None:
    told = Example.objects.create(brief=brief("draft"), municipality=thunder_bay, text_en="a", text_fr="b")
    assert [(task.title, task.url) for task in glance(amina)] == [("Safe streets", address("example", told.pk))]
    assert (glance(joseph), lines(uma)) == ([], [])
    concern = refuse_example(told, note="Not so.", by=amina)
    assert (glance(amina), lines(uma)) == ([], [("Answer a reader who found something wrong", "Safe streets")])
    concern.answered_at = datetime(2027, 2, 2, tzinfo=UTC)
    concern.save()
    assert len(glance(amina)) == 1
    agree_to_example(told, seen=wording_of(told), by=amina)
    assert glance(amina) == []


def test_requests_wait_for_who_acts_next(
    clock: Any, priya: Any, uma: Any, rene: Any, admin_user: Any, amina: Any
) -> None:
    for state in ("open", "passed_on", "declined", "done"):
        request_in(state)
    request_in("accepted", due_on=date(2027, 6, 30))
    assert lines(priya) == [("Sort the request for a brief", "Lighting open")]
    assert lines(uma) == [("Answer the request for a brief", "Lighting passed_on")]
    assert sorted(lines(admin_user)) == sorted([*lines(priya), *lines(uma)])
    assert (lines(rene), lines(amina)) == ([], [])


def test_readers_wait_for_writers_and_coordinators(brief: Any, priya: Any, uma: Any, rene: Any, clock: Any) -> None:
    paper = brief()
    asked = FormatRequest.objects.create(
        brief=paper, language="en", wanted="x", email="x@x.example", promised_on=date(2027, 2, 9)
    )
    concern = Concern.objects.create(practice=make_practice(), text="Wrong.")
    tasks = [
        Task(
            "Safe streets",
            "Answer who needs another format",
            address("reader_answer", "format", asked.pk),
            date(2027, 2, 9),
            TODAY,
        ),
        Task(
            "Focused deterrence",
            "Answer a reader who found something wrong",
            address("reader_answer", "concern", concern.pk),
            None,
            TODAY,
        ),
    ]
    assert (glance(uma), glance(priya), glance(rene)) == (tasks, tasks, [])


def test_in_french(brief: Any, uma: Any) -> None:
    paper = brief()
    FormatRequest.objects.create(
        brief=paper, language="fr", wanted="x", email="x@x.example", promised_on=date(2027, 2, 9)
    )
    with translation.override("fr"):
        [task] = glance(uma)
    assert (task.title, task.url.startswith("/fr/")) == ("Sécurité dans les rues", True)


def test_one_query_and_the_count_is_that_of_the_list(
    brief: Any, uma: Any, amina: Any, thunder_bay: Any, django_assert_num_queries: Any
) -> None:
    paper = brief()
    for number in range(6):
        Review.objects.create(brief=brief("review"), reviewer=uma, asked_by_name="x", due_on=date(2027, 2, 20 - number))
        Concern.objects.create(brief=paper, text=f"{number}")
        request_in("passed_on")
        Example.objects.create(brief=paper, municipality=thunder_bay, text_en="a", text_fr="b")
    for person, many in ((uma, 18), (amina, 6)):
        known(person)
        with django_assert_num_queries(1):
            tasks = glance(person)
        with django_assert_num_queries(1):
            count = waiting_keys(person).count()
        assert (len(tasks), count) == (many, many)
    assert [task.due_on for task in glance(uma, limit=3)] == [date(2027, 2, 15), date(2027, 2, 16), date(2027, 2, 17)]


def test_it_may_be_counted_together_with_others(brief: Any, uma: Any) -> None:
    Concern.objects.create(brief=brief(), text="x")
    more = BriefRequest.objects.order_by().values_list("pk")
    assert waiting_keys(uma).union(more, all=True).count() == 1
