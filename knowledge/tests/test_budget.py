"""What the library costs: queries at one and at many, and the database's time with 2,000 briefs."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.network.models import Topic
from cmncp_portal.network.tests.factories import make_municipality, make_programme
from knowledge.models import ActionBrief, Edition, Example, Practice, PracticePlace, Source, Use

from .factories import (
    AT,
    make_audience,
    make_brief,
    make_evidence,
    make_number,
    make_population,
    make_practice,
    make_series,
    make_step,
)
from .pages import address

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PUBLIC, SIGNED_IN = 5, 8  # queries
WHO_ASKS = re.compile(r"^SELECT set_config\(.*?\); ", re.DOTALL)  # what django-pghistory puts before a question
MOST_MS = 50  # of the database, for a search
TRIES = 5
SUBJECTS = ("housing", "schools", "transit", "courts", "parks", "families", "police", "nightlife", "gangs", "streets")
SUJETS = ("logement", "école", "transport", "tribunaux", "parcs", "familles", "police", "nuit", "gangs", "rues")


def words(number: int, language: str) -> dict[str, str]:
    """A text of some 120 words; every brief speaks of municipalities, one in ten of each subject, one of its own number."""
    subject = (SUBJECTS if language == "en" else SUJETS)[number % 10]
    every = (
        "Municipalities prevent violence together with people who live there. "
        if language == "en"
        else "Les municipalités préviennent la violence avec les gens qui y vivent. "
    )
    return {
        "title": f"{subject.capitalize()} {number}",
        "summary": f"{every}About {subject}.",
        "challenge": every * 5 + f"brief{number} ",
        "what_works": every * 5,
        "investment": every,
    }


def many_briefs(number: int) -> None:
    series = make_series(9)
    topic = Topic.objects.get_or_create(slug="youth", defaults={"name_en": "Youth", "name_fr": "Jeunesse"})[0]
    made = ActionBrief.objects.bulk_create(
        ActionBrief(slug=f"many-{n}", series=series, number=n + 1, state="published", published_at=AT, stages=[n % 8])
        for n in range(number)
    )
    texts = ((brief, language, words(n, language)) for n, brief in enumerate(made) for language in ("en", "fr"))
    Edition.objects.bulk_create(
        Edition(
            brief=brief, language=language, based_on=1, current_at=AT, published=text, published_version=1,
            published_at=AT, **text,
        )
        for brief, language, text in texts
    )  # fmt: skip
    ActionBrief.topics.through.objects.bulk_create(
        ActionBrief.topics.through(actionbrief_id=brief.pk, topic_id=topic.pk) for brief in made
    )


def many_practices(number: int) -> None:
    Practice.objects.bulk_create(
        Practice(
            slug=f"many-{n}", kind="programme", published_at=AT, name_en=words(n, "en")["title"],
            name_fr=words(n, "fr")["title"], summary_en=words(n, "en")["challenge"], summary_fr=words(n, "fr")["challenge"],
        )
        for n in range(number)
    )  # fmt: skip


def make_full(brief: ActionBrief, number: int) -> None:
    """`number` of everything that a brief can have."""
    for n in range(number):
        place = make_municipality(f"place-{brief.slug}-{n}")
        practice = make_practice()
        PracticePlace.objects.create(practice=practice, municipality=place, source="Itself")
        brief.evidence.add(make_evidence(practice))
        brief.topics.add(Topic.objects.create(slug=f"{brief.slug}-{n}", name_en="Topic", name_fr="Thème"))
        brief.populations.add(make_population(f"{brief.slug}-{n}"))
        make_number(brief)
        make_step(brief, f"audience-{brief.slug}-{n}")
        Source.objects.create(brief=brief, citation=f"Source {n}")
        work = make_programme(place, name_en=f"Work {n}")
        Example.objects.create(
            brief=brief, municipality=place, programme=work, text_en="Did it", text_fr="Fait", agreed_at=AT
        )
        Use.objects.create(brief=brief, municipality=place, state="doing", on=date(2027, 1, 1), by_name="A")


def cost(client: Any, *pages: tuple[str, dict[str, str]]) -> list[int]:
    """Queries of each page, once what is made per process is made."""
    found = []
    for url, query in pages:
        assert client.get(url, query).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            client.get(url, query)
        found.append(len([q for q in asked if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]))
    return found


QUESTIONS = ({}, {"q": "municipalities"}, {"q": "logement", "topic": "youth"}, {"q": "hosing"})
LISTS = [
    (address(name, language=language), query)
    for name in ("library", "practices")
    for language in ("en", "fr")
    for query in QUESTIONS
]


def test_the_lists_cost_the_same_at_one_and_at_many(client: Any, clock: Any, helen: Any, uma: Any) -> None:
    def costs() -> list[list[int]]:
        found = []
        for person in (None, helen, uma):
            client.logout()
            if person:
                client.force_login(person)
            found.append(cost(client, *LISTS, (address("feed"), {})))
        return found

    many_briefs(1)
    many_practices(1)
    at_one = costs()
    ActionBrief.objects.all().delete()
    Practice.objects.all().delete()
    many_briefs(30)
    many_practices(30)
    at_many = costs()
    assert at_one == at_many
    assert max(at_many[0]) <= PUBLIC
    assert max(at_many[1]) <= SIGNED_IN
    assert max(at_many[2]) <= SIGNED_IN


def test_a_page_costs_the_same_at_one_and_at_many(client: Any, clock: Any, helen: Any, uma: Any) -> None:
    found: dict[int, list[int]] = {}
    for number in (1, 6):
        brief = make_brief(series=make_series(), number=number)
        make_full(brief, number)
        practice = make_practice()
        for n in range(number):
            evidence = make_evidence(practice)
            brief.evidence.add(evidence)
            PracticePlace.objects.create(
                practice=practice, municipality=make_municipality(f"p{number}-{n}"), source="x"
            )
        pages = [(brief.get_absolute_url(), {}), (address("print", brief.slug), {}), (practice.get_absolute_url(), {})]
        found[number] = []
        for person, most in ((None, PUBLIC), (helen, SIGNED_IN), (uma, SIGNED_IN)):
            client.logout()
            if person:
                client.force_login(person)
            costs = cost(client, *pages)
            assert max(costs) <= most
            found[number] += costs
    assert found[1] == found[6]


def database_ms(client: Any, query: dict[str, str]) -> float:
    """The database's own time for the questions of the page, in milliseconds: the best of a few tries of each, as other
    work on the machine only ever adds to it.
    """
    url = address("library")
    assert client.get(url, query).status_code == 200
    with CaptureQueriesContext(connection) as asked:
        client.get(url, query)
    total = 0.0
    with connection.cursor() as cursor:
        for question in asked:
            explain = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + WHO_ASKS.sub("", question["sql"])
            spent = []
            for _ in range(TRIES):
                cursor.execute(explain.replace("%", "%%"), [])
                plan = cursor.fetchone()[0][0]
                spent.append(plan["Execution Time"] + plan["Planning Time"])
            total += min(spent)
    return total


def at_its_best(client: Any, query: dict[str, str]) -> float:
    """What the questions of the page take when the machine is not busy with something else: asked again while it seems so."""
    best = database_ms(client, query)
    for _ in range(6):
        if best >= MOST_MS:
            best = min(best, database_ms(client, query))
    return best


@pytest.mark.slow
def test_two_thousand_briefs_are_searched_in_fifty_milliseconds(client: Any, clock: Any) -> None:
    make_audience()
    many_briefs(1)
    query = {"q": "municipalities"}
    at_one = cost(client, (address("library"), query))
    ActionBrief.objects.all().delete()
    many_briefs(2000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE knowledge_edition, knowledge_actionbrief, knowledge_actionbrief_topics")
    assert cost(client, (address("library"), query)) == at_one
    page = client.get(address("library"), query)
    assert (page.context["page"].paginator.count, len(page.context["rows"])) == (2000, 10)
    questions = (
        query,
        {"q": "logement"},
        {"q": "brief1234"},
        {"q": "ecole violence", "topic": "youth"},
        {"q": "hosing"},
        {},
    )
    spent = [at_its_best(client, question) for question in questions]
    assert [ms < MOST_MS for ms in spent] == [True] * len(questions), spent
