"""Figures of a year: who keeps them, what cannot be, twice, and two people at once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_stakeholder, make_user
from cmncp_portal.progress.models import IndicatorReading
from cmncp_portal.progress.services import readings as services

from .readings import FEELS_SAFE, TYPED, make_reading

pytestmark = pytest.mark.django_db
KEEP = {"amina", "joseph", "priya", "admin_user", "prospective_at_home"}
NOT = {"partner", "helen", "rene", "uma", "prospective", "nobody"}


@pytest.fixture(autouse=True)
def _now(clock: Any, db: None) -> None:
    """Monday, February 1, 2027."""


def keep(place: Any, by: Any, **fields: Any) -> IndicatorReading:
    return services.keep(place, by=by, indicator=FEELS_SAFE, **(TYPED | fields))


@pytest.mark.parametrize("who", sorted(KEEP | NOT))
def test_who_keeps_figures(request: Any, thunder_bay: Any, who: str) -> None:
    place = thunder_bay
    if who == "partner":
        user = make_user("partner@thunderbay.example")
        make_stakeholder(place, user=user, standing=Standing.PARTNER)
    elif who.startswith("prospective"):
        thinking = make_municipality(member=False)
        user = make_representative(thinking)
        place = thinking if who == "prospective_at_home" else thunder_bay
    else:
        user = make_user("nobody@elsewhere.example") if who == "nobody" else request.getfixturevalue(who)
    there = make_reading(place, year=2020)
    acts = (
        lambda: keep(place, user),
        lambda: services.change(there, seen=1, by=user, value=Decimal(50)),
        lambda: services.delete(place, pk=there.pk, seen=2, by=user),
    )
    for act in acts:
        if who in KEEP:
            act()
        else:
            with pytest.raises(PermissionDenied):
                act()
    assert sorted(IndicatorReading.objects.values_list("year", "value")) == (
        [(2025, Decimal("61.5"))] if who in KEEP else [(2020, Decimal("61.5"))]
    )


def test_what_is_kept(thunder_bay: Any, joseph: Any) -> None:
    reading = keep(thunder_bay, joseph, source="  A report ", note=" New survey ", source_on=date(2026, 1, 2))
    reading.refresh_from_db()
    assert (reading.indicator, reading.year, reading.value, reading.version) == (FEELS_SAFE, 2025, Decimal("61.50"), 1)
    assert (reading.source, reading.note, reading.source_on) == ("A report", "New survey", date(2026, 1, 2))
    assert (reading.by, reading.by_name, reading.at) == (
        joseph,
        "Joseph Kakegamic",
        datetime(2027, 2, 1, 15, tzinfo=UTC),
    )


def test_a_second_click_and_another_figure_for_the_year(
    thunder_bay: Any, joseph: Any, amina: Any, winnipeg: Any
) -> None:
    first = keep(thunder_bay, joseph)
    with pytest.raises(TransitionRefused) as refused:
        keep(thunder_bay, amina)
    assert (str(refused.value), refused.value.done_already) == ("This figure is saved already.", True)
    with pytest.raises(services.YearTaken) as taken:
        keep(thunder_bay, joseph, value=Decimal(62))
    assert str(taken.value) == "There is a figure for 2025 already: change that one."
    assert (taken.value.reading, taken.value.done_already) == (first, False)
    make_reading(winnipeg)
    make_reading(thunder_bay, "homicide_rate")
    assert IndicatorReading.objects.count() == 3


@pytest.mark.parametrize(
    ("indicator", "fields", "said"),
    [
        (FEELS_SAFE, {"value": Decimal("100.01")}, "This can be 100% at most."),
        (FEELS_SAFE, {"value": Decimal(-1)}, "This cannot be less than none."),
        ("permanent_office", {"value": Decimal("0.5")}, "Say yes or no."),
        ("permanent_office", {"value": Decimal(2)}, "Say yes or no."),
        ("crime_severity", {"value": Decimal(2001)}, "This can be 2,000 at most."),
        ("homicide_rate", {"value": Decimal(10_001)}, "This can be 10,000 at most."),
        (FEELS_SAFE, {"year": 1989}, "Choose a year from 1990 to 2027."),
        (FEELS_SAFE, {"year": 2028}, "Choose a year from 1990 to 2027."),
        (FEELS_SAFE, {"source": "  "}, "Say where this figure stands, so that others can look it up."),
    ],
)
def test_what_cannot_be(thunder_bay: Any, joseph: Any, indicator: str, fields: Any, said: str) -> None:
    there = make_reading(thunder_bay, indicator, year=2020, value=1)
    with pytest.raises(TransitionRefused) as refused:
        services.keep(thunder_bay, by=joseph, indicator=indicator, **(TYPED | {"value": Decimal(1)} | fields))
    assert str(refused.value) == said
    with pytest.raises(TransitionRefused, match="."):
        services.change(there, seen=1, by=joseph, **fields)
    there.refresh_from_db()
    assert (IndicatorReading.objects.count(), there.version) == (1, 1)


@pytest.mark.parametrize(
    ("indicator", "value", "year"),
    [(FEELS_SAFE, 100, 1990), (FEELS_SAFE, 0, 2027), ("permanent_office", 1, 2026), ("crime_severity", 2000, 2026)],
)
def test_what_just_may_be(thunder_bay: Any, joseph: Any, indicator: str, value: int, year: int) -> None:
    services.keep(thunder_bay, by=joseph, indicator=indicator, year=year, value=Decimal(value), source="S")
    assert IndicatorReading.objects.values_list("year", "value").get() == (year, value)


class TestChanging:
    def test_who_and_when_stand_with_it(self, thunder_bay: Any, joseph: Any, priya: Any, clock: Any) -> None:
        reading = keep(thunder_bay, joseph)
        clock.move_to(datetime(2027, 3, 1, 12, tzinfo=UTC))
        services.change(reading, seen=1, by=priya, value=Decimal(60), year=2024)
        reading.refresh_from_db()
        assert (reading.value, reading.year, reading.source, reading.version) == (60, 2024, TYPED["source"], 2)
        assert (reading.by, reading.at) == (priya, datetime(2027, 3, 1, 12, tzinfo=UTC))

    def test_nothing_new_changes_nothing(self, thunder_bay: Any, joseph: Any, priya: Any) -> None:
        reading = keep(thunder_bay, joseph)
        services.change(reading, seen=1, by=priya, **TYPED)
        reading.refresh_from_db()
        assert (reading.version, reading.by_name) == (1, "Joseph Kakegamic")

    def test_two_at_once(self, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        reading = keep(thunder_bay, joseph)
        services.change(reading, seen=1, by=amina, value=Decimal(60))
        with pytest.raises(Conflict) as conflict:
            services.change(reading, seen=1, by=joseph, value=Decimal(59))
        assert conflict.value.current.value == 60  # type: ignore[attr-defined]
        assert IndicatorReading.objects.get().value == 60

    def test_a_year_that_has_a_figure(self, thunder_bay: Any, joseph: Any) -> None:
        reading, other = keep(thunder_bay, joseph), make_reading(thunder_bay, year=2024)
        with pytest.raises(services.YearTaken) as taken:
            services.change(reading, seen=1, by=joseph, year=2024)
        assert taken.value.reading == other

    def test_one_that_was_taken_away(self, thunder_bay: Any, joseph: Any) -> None:
        reading = keep(thunder_bay, joseph)
        IndicatorReading.objects.all().delete()
        with pytest.raises(TransitionRefused, match="This figure was taken away meanwhile."):
            services.change(reading, seen=1, by=joseph, value=Decimal(60))


class TestTakingAway:
    def test_once_and_once_more(self, thunder_bay: Any, joseph: Any) -> None:
        reading = keep(thunder_bay, joseph)
        services.delete(thunder_bay, pk=reading.pk, seen=1, by=joseph)
        with pytest.raises(TransitionRefused) as refused:
            services.delete(thunder_bay, pk=reading.pk, seen=1, by=joseph)
        assert (str(refused.value), refused.value.done_already) == ("This figure is taken away already.", True)

    def test_not_what_somebody_changed_meanwhile(self, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        reading = keep(thunder_bay, joseph)
        services.change(reading, seen=1, by=amina, value=Decimal(60))
        with pytest.raises(TransitionRefused) as refused:
            services.delete(thunder_bay, pk=reading.pk, seen=1, by=joseph)
        assert str(refused.value) == "Amina Diallo changed this figure meanwhile; look at it before you take it away."
        assert IndicatorReading.objects.exists()

    def test_not_that_of_another_municipality(self, thunder_bay: Any, joseph: Any, winnipeg: Any) -> None:
        theirs = make_reading(winnipeg)
        with pytest.raises(TransitionRefused):
            services.delete(thunder_bay, pk=theirs.pk, seen=1, by=joseph)
        assert IndicatorReading.objects.get() == theirs
