"""Two people edit the same thing: the second write is refused whole, and nothing typed is lost."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from cmncp_portal.core.editing import Conflict, save_version
from cmncp_portal.network.models import Municipality

WHEN = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
BEFORE = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def place(winnipeg: Municipality) -> Municipality:
    Municipality.objects.filter(pk=winnipeg.pk).update(updated_at=BEFORE)
    winnipeg.refresh_from_db()
    return winnipeg


def stored(place: Municipality) -> dict[str, Any]:
    return Municipality.objects.values("version", "population", "website", "updated_at").get(pk=place.pk)


def test_saving_raises_the_version_and_the_time(place: Municipality) -> None:
    with time_machine.travel(WHEN, tick=False):
        save_version(place, seen=1, fields={"population": 750_000})
    assert stored(place) == {"version": 2, "population": 750_000, "website": "", "updated_at": WHEN}
    assert (place.version, place.population, place.updated_at) == (2, 750_000, WHEN)


def test_one_may_save_again_without_reading_anew(place: Municipality) -> None:
    for version, population in ((1, 750_000), (2, 751_000), (3, 752_000)):
        save_version(place, seen=version, fields={"population": population})
    assert (stored(place)["version"], stored(place)["population"]) == (4, 752_000)


def test_only_the_given_fields_are_written(place: Municipality) -> None:
    place.website = "https://typed.example"
    save_version(place, seen=1, fields={"population": 750_000})
    assert stored(place)["website"] == ""


def test_the_second_of_two_gets_a_conflict_and_writes_nothing(place: Municipality) -> None:
    second = Municipality.objects.get(pk=place.pk)
    with time_machine.travel(WHEN, tick=False):
        save_version(place, seen=1, fields={"population": 750_000})
    with pytest.raises(Conflict) as conflict:
        save_version(second, seen=1, fields={"population": 1, "website": "https://late.example"})
    assert stored(place) == {"version": 2, "population": 750_000, "website": "", "updated_at": WHEN}
    assert (conflict.value.current.version, conflict.value.current.population) == (2, 750_000)
    assert (second.version, second.population, second.website) == (1, 749_607, "")


def test_after_a_conflict_one_may_save_over_what_one_has_read(place: Municipality) -> None:
    second = Municipality.objects.get(pk=place.pk)
    save_version(place, seen=1, fields={"population": 750_000})
    with pytest.raises(Conflict) as conflict:
        save_version(second, seen=1, fields={"population": 1})
    save_version(second, seen=conflict.value.current.version, fields={"population": 760_000})
    assert (stored(place)["version"], stored(place)["population"]) == (3, 760_000)


@pytest.mark.parametrize("seen", [0, 2, -1])
def test_a_version_that_never_was_is_a_conflict_too(place: Municipality, seen: int) -> None:
    with pytest.raises(Conflict):
        save_version(place, seen=seen, fields={"population": 1})
    assert stored(place) == {"version": 1, "population": 749_607, "website": "", "updated_at": BEFORE}


def test_neighbours_are_left_alone(place: Municipality, thunder_bay: Municipality) -> None:
    save_version(place, seen=1, fields={"population": 750_000})
    assert (stored(thunder_bay)["version"], stored(thunder_bay)["population"]) == (1, 108_843)


def test_a_thing_that_is_gone_is_said_to_be_gone(place: Municipality) -> None:
    gone = Municipality(pk=place.pk + 1000, version=1)
    with pytest.raises(Municipality.DoesNotExist):
        save_version(gone, seen=1, fields={"population": 1})
