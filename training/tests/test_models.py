"""What the tables themselves refuse, and who a learner is."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cmncp_portal.network.models import Stakeholder
from training.models import Learner, StandardVersion
from training.services.learners import learner_for, learner_of_user, relink

from .factories import make_attainment, make_claim, make_learner, make_version

pytestmark = pytest.mark.django_db


def test_one_version_of_a_standard_holds_at_a_time(clock: Any) -> None:
    first = make_version("adopted")
    with pytest.raises(IntegrityError, match="one_adopted_version_per_standard"), transaction.atomic():
        StandardVersion.objects.create(standard=first.standard, number=9, state="adopted", adopted_on="2027-01-05")


def test_a_revocation_says_why(clock: Any, joseph: Any) -> None:
    attainment = make_attainment(make_learner(user=joseph), make_version().texts.in_order()[0])
    attainment.revoked_at = "2027-02-01T15:00Z"
    with pytest.raises(IntegrityError, match="revoked_with_reason"), transaction.atomic():
        attainment.save()


def test_one_open_claim_per_competency_and_level(clock: Any, joseph: Any) -> None:
    text, learner = make_version().texts.in_order()[0], make_learner(user=joseph)
    make_claim(learner, text, "declined")
    make_claim(learner, text, "sent")
    with pytest.raises(IntegrityError, match="one_open_claim"), transaction.atomic():
        make_claim(learner, text, "draft")


def test_a_learner_is_found_by_account_then_by_address(clock: Any, joseph: Any) -> None:
    made = learner_for(email="Joseph@ThunderBay.example", name="Joseph K.")
    assert (made.email, made.user, str(made.stakeholder)) == ("joseph@thunderbay.example", None, str(joseph))
    again = learner_of_user(joseph)
    assert (again.pk, again.user) == (made.pk, joseph)
    joseph.email = "jk@elsewhere.example"
    joseph.save()
    assert learner_of_user(joseph).pk == made.pk


def test_a_learner_follows_the_person_to_another_municipality(clock: Any, joseph: Any, winnipeg: Any) -> None:
    learner = learner_of_user(joseph)
    here = learner.stakeholder
    assert here
    here.left_on = "2027-01-31"
    here.save()
    learner.refresh_from_db()
    assert learner.stakeholder is None
    there = Stakeholder.objects.create(
        municipality=winnipeg, user=joseph, name="Joseph", sector=here.sector, standing="staff"
    )
    learner.refresh_from_db()
    assert learner.stakeholder == there


def test_the_night_mends_what_a_list_left_behind(clock: Any, joseph: Any, amina: Any) -> None:
    learner, other = learner_of_user(joseph), learner_of_user(amina)
    Learner.objects.filter(pk=learner.pk).update(stakeholder=other.stakeholder)
    assert relink() == 1
    learner.refresh_from_db()
    assert str(learner.stakeholder) == str(joseph)
    assert relink() == 0
