"""The list of exchanges: filters, empty lists, in place, and its price."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.network.tests.factories import make_municipality, make_topic
from exchanges.models import Exchange, Visit

from .factories import make_exchange
from .screens import address, text_of

pytestmark = pytest.mark.django_db


def copies(pattern: Exchange, number: int) -> None:
    """`number` more exchanges like `pattern`, each with its visit: rows only."""
    places = pattern.guest, pattern.host
    made = Exchange.objects.bulk_create(
        Exchange(reference=f"EX-2025-{n:03d}", guest=places[0], host=places[1], challenge="?") for n in range(number)
    )
    Visit.objects.bulk_create(Visit(exchange=exchange, state="proposed") for exchange in made)


def references(page: Any) -> set[str]:
    return {row.exchange.reference for row in page.context["rows"]}


def test_whoever_has_no_exchange_is_invited_to_ask_for_one(client: Any, amina: Any) -> None:
    client.force_login(amina)
    page = client.get(address("list"))
    assert page.context["rows"] == []
    assert "Your municipality has no exchange yet." in text_of(page)


def test_a_reviewer_without_exchanges_is_not_asked_to_ask(client: Any, rene: Any) -> None:
    client.force_login(rene)
    page = text_of(client.get(address("list", language="fr")))
    assert "Aucun échange à afficher pour le moment." in page
    assert address("ask", language="fr") not in page


def test_filtered_to_nothing_says_so_and_leads_back(client: Any, amina: Any, thunder_bay: Any, winnipeg: Any) -> None:
    make_exchange(thunder_bay, winnipeg, stage="requested")
    client.force_login(amina)
    page = client.get(address("list"), {"group": "over"})
    assert page.context["rows"] == []
    assert "No exchange matches. Try fewer filters." in text_of(page)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"draft", "planned", "held", "closed"}),
        ({"group": "open"}, {"draft", "planned", "held"}),
        ({"group": "planned"}, {"planned"}),
        ({"group": "evaluation"}, {"held"}),
        ({"group": "over"}, {"closed"}),
        ({"group": "nonsense"}, {"draft", "planned", "held", "closed"}),
        ({"topic": "99999999999999999999999"}, {"draft", "planned", "held", "closed"}),
        ({"page": "900000000000000000000000"}, {"draft", "planned", "held", "closed"}),
        ({"page": "\x00"}, {"draft", "planned", "held", "closed"}),
    ],
)
def test_what_each_filter_leaves(
    client: Any, amina: Any, thunder_bay: Any, query: dict[str, str], expected: set[str]
) -> None:
    made = {
        stage: make_exchange(thunder_bay, stage=stage).reference for stage in ("draft", "planned", "held", "closed")
    }
    client.force_login(amina)
    page = client.get(address("list"), query)
    assert (page.status_code, references(page)) == (200, {made[stage] for stage in expected})


def test_by_topic_and_by_municipality(client: Any, amina: Any, thunder_bay: Any, winnipeg: Any) -> None:
    here, there = make_exchange(thunder_bay, winnipeg, stage="requested"), make_exchange(thunder_bay, stage="requested")
    topic = make_topic("gangs")
    there.topics.add(topic)
    client.force_login(amina)
    assert references(client.get(address("list"), {"topic": topic.pk})) == {there.reference}
    assert references(client.get(address("list"), {"municipality": winnipeg.pk})) == {here.reference}


def test_thirty_are_two_pages_and_each_is_shown_once(client: Any, amina: Any, thunder_bay: Any, winnipeg: Any) -> None:
    copies(make_exchange(thunder_bay, winnipeg, stage="requested"), 29)
    client.force_login(amina)
    first, second = client.get(address("list")), client.get(address("list"), {"page": 2, "group": "open"})
    assert (len(references(first)), len(references(second))) == (25, 5)
    assert references(first) & references(second) == set()
    assert re.findall(r'href="\?([^"]*)" rel="prev"', text_of(second)) == ["page=1&amp;group=open"]


def test_in_place_only_the_results_come(client: Any, amina: Any, thunder_bay: Any, winnipeg: Any) -> None:
    made = make_exchange(thunder_bay, winnipeg, stage="requested")
    client.force_login(amina)
    part = client.get(address("list"), {"group": "open"}, headers={"HX-Request": "true"})
    whole = client.get(address("list"), {"group": "open"})
    assert text_of(part).count("<html") == 0
    assert text_of(part).count('id="results"') == text_of(whole).count('id="results"') == 1
    assert made.reference in text_of(part)
    assert 'hx-target="#results"' in text_of(whole)
    assert ["HX-Request" in page["Vary"] for page in (part, whole)] == [True, True]


def test_the_way_back_of_the_browser_gets_the_whole_page(client: Any, amina: Any) -> None:
    client.force_login(amina)
    page = client.get(address("list"), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert text_of(page).count("<html") == 1


def test_the_list_costs_the_same_at_one_and_at_five_hundred(
    client: Any, amina: Any, thunder_bay: Any, winnipeg: Any
) -> None:
    made = make_exchange(thunder_bay, winnipeg, stage="requested")
    client.force_login(amina)
    with CaptureQueriesContext(
        connection,
    ) as at_one:
        client.get(address("list"))
    copies(made, 499)
    with CaptureQueriesContext(connection) as at_many:
        page = client.get(address("list"))
    assert page.context["page"].paginator.count == 500
    assert len(page.context["rows"]) == 25
    assert len(at_many) == len(at_one)
    assert len(at_many) <= 13


def test_a_stranger_sees_none_of_it(client: Any, rosa: Any, thunder_bay: Any, winnipeg: Any) -> None:
    make_exchange(thunder_bay, winnipeg, stage="confirmed")
    client.force_login(rosa)
    assert references(client.get(address("list"))) == set()


def test_a_draft_is_for_those_who_write_it(
    client: Any, joseph: Any, helen: Any, thunder_bay: Any, winnipeg: Any
) -> None:
    made = make_exchange(thunder_bay, winnipeg, stage="draft")
    Exchange.objects.update(host=winnipeg)  # even a host that was once noted on it sees no draft
    client.force_login(helen)
    assert references(client.get(address("list"))) == set()
    client.force_login(joseph)
    assert references(client.get(address("list"))) == {made.reference}


def test_names_that_are_code_stay_names(client: Any, amina: Any, thunder_bay: Any) -> None:
    strange = make_municipality("strange", name_en='<b>"Baie" & l’\'Anse</b> 🦫 \u202eאב', name_fr="x")
    make_exchange(thunder_bay, strange, stage="requested")
    client.force_login(amina)
    page = text_of(client.get(address("list")))
    assert '<b>"Baie"' not in page
    assert "&lt;b&gt;&quot;Baie&quot; &amp; l’&#x27;Anse&lt;/b&gt; 🦫" in page
