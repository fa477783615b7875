"""What the tables themselves refuse, and which fees hold."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cmncp_portal.joining.models import FeeTier

from .factories import make_application, make_fee, make_renewal

pytestmark = pytest.mark.django_db


def test_one_open_application_per_municipality(clock: Any) -> None:
    first = make_application("declined")
    make_application("sent", municipality=first.municipality)
    with pytest.raises(IntegrityError, match="one_open_application"), transaction.atomic():
        make_application("draft", municipality=first.municipality)


def test_the_newest_table_that_holds_replaces_the_one_before(clock: Any) -> None:
    old, new = make_fee(650), make_fee(700, effective_from=date(2027, 2, 1))
    make_fee(800, effective_from=date(2027, 2, 2))
    associate = make_fee(300, kind="associate", population_to=None)
    assert list(FeeTier.objects.in_force(date(2027, 1, 31))) == [associate, old]
    assert list(FeeTier.objects.in_force()) == [associate, new]


def test_days_of_grace(clock: Any, winnipeg: Any) -> None:
    renewal = make_renewal(winnipeg.memberships.get(), date(2027, 1, 1))
    assert renewal.grace_ends_on == date(2027, 4, 1)
    days = {date(2027, 1, 1): False, date(2027, 1, 2): True, date(2027, 4, 1): True, date(2027, 4, 2): False}
    assert {day: renewal.is_in_grace(day) for day in days} == days
