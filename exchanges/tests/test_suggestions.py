"""Who could receive a visit: the shared engine with the words of exchanges, and no favour for a name."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.network.matching import WEIGHTS
from cmncp_portal.network.tests.factories import make_municipality, make_topic
from exchanges.models import Exchange, HostRequest
from exchanges.selectors import suggest_hosts
from exchanges.selectors import suggestions as module

from .factories import make_exchange

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def seeking(clock: Any, thunder_bay: Any) -> Exchange:
    return make_exchange(thunder_bay, stage="finding_host")


def first_of(guest: Any) -> str:
    return suggest_hosts(make_exchange(guest, stage="finding_host"))[0].municipality.slug


def test_the_points_are_those_of_the_one_engine(seeking: Exchange, winnipeg: Any) -> None:
    winnipeg.offers.add(make_topic(), make_topic("gangs"))
    [found] = [s for s in suggest_hosts(seeking) if s.municipality == winnipeg]
    assert found.score == WEIGHTS["topic"].points + WEIGHTS["language"].points
    assert found.reasons == ["Can show others: Youth.", "Receives visitors in English."]


def test_one_visit_received_in_a_year_is_no_burden_and_two_are(seeking: Exchange, winnipeg: Any) -> None:
    def found() -> tuple[float, list[str]]:
        [one] = [s for s in suggest_hosts(seeking, limit=20) if s.municipality == winnipeg]
        return one.score, one.cautions

    none = found()[0]
    make_exchange(host=winnipeg, stage="held")
    assert found() == (none + 1, [])
    make_exchange(host=winnipeg, stage="held")
    assert found() == (none + 2 - 1, ["Received 2 visits in the last twelve months."])


def test_among_equals_who_was_asked_longest_ago_comes_first(seeking: Exchange) -> None:
    places = [make_municipality(slug) for slug in ("first", "second")]
    for place, days in zip(places, (10, 400), strict=True):
        HostRequest.objects.create(
            exchange=make_exchange(stage="finding_host"),
            municipality=place,
            asked_at=timezone.now() - timedelta(days=days),
            due_on=date(2027, 2, 1),
            outcome="declined",
            reason="dates",
        )
    order = [s.municipality.slug for s in suggest_hosts(seeking, limit=20) if s.municipality in places]
    assert order == ["second", "first"]


def test_the_alphabet_does_not_decide_who_is_suggested(monkeypatch: Any) -> None:
    for slug in ("aaa", "mmm", "zzz"):
        make_municipality(slug, population=5_000)
    guests = [make_municipality(f"guest-{n}", member=False, population=5_000) for n in range(30)]
    found = Counter(first_of(guest) for guest in guests)
    assert set(found) == {"aaa", "mmm", "zzz"}
    assert max(found.values()) < 20
    monkeypatch.setattr(module, "CANDIDATES", 1)
    assert set(Counter(first_of(guest) for guest in guests)) == {"aaa", "mmm", "zzz"}
