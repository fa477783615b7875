"""What the tables themselves refuse."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from .factories import make_agreement, make_need, make_offer, make_participant

pytestmark = pytest.mark.django_db


def test_one_mentor_is_asked_at_a_time(clock: Any, winnipeg: Any, thunder_bay: Any, saskatoon: Any) -> None:
    need = make_need(thunder_bay)
    make_agreement(winnipeg, need, "declined")
    make_agreement(make_offer(saskatoon), need, "awaiting")
    with pytest.raises(IntegrityError, match="one_mentor_is_asked_at_a_time"), transaction.atomic():
        make_agreement(winnipeg.mentor_offers.get(), need, "awaiting")


def test_nobody_mentors_themselves(clock: Any, winnipeg: Any) -> None:
    with pytest.raises(IntegrityError, match="nobody_mentors_themselves"), transaction.atomic():
        make_agreement(winnipeg, winnipeg)


def test_one_lead_for_each_side(clock: Any, winnipeg: Any, thunder_bay: Any) -> None:
    agreement = make_agreement(winnipeg, thunder_bay)
    make_participant(agreement, "mentor", is_lead=True)
    make_participant(agreement, "mentee", is_lead=True)
    with pytest.raises(IntegrityError, match="one_lead_for_each_side"), transaction.atomic():
        make_participant(agreement, "mentee", is_lead=True)
