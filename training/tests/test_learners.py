"""Who a learner is when addresses change hands, and who may call somebody their own."""

from typing import Any

import pytest

from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder, make_user
from training.models import Learner
from training.services.enrolling import Person, enrol
from training.services.learners import learner_for, learner_of_user, relink

from .factories import make_offering

pytestmark = pytest.mark.django_db


def test_who_took_another_address_is_still_one_learner(clock: Any, joseph: Any, amina: Any) -> None:
    known = learner_of_user(joseph)
    joseph.email = "jk@thunderbay.example"
    joseph.save()
    person = Person("Joseph K.", "JK@thunderbay.example", municipality=amina.stakeholders.get().municipality)
    (place,) = enrol(make_offering(), people=[person], by=amina)
    assert (place.learner, place.email, Learner.objects.count()) == (known, "jk@thunderbay.example", 1)


def test_the_address_of_the_office_goes_to_a_successor_and_what_was_attained_does_not(clock: Any, joseph: Any) -> None:
    office = joseph.email
    known = learner_of_user(joseph)
    joseph.email = "joseph@home.example"
    joseph.save()
    successor = make_user(office, name="Nora New")
    new = learner_of_user(successor)
    assert (new.user, new.email, new.name) == (successor, office, "Nora New")
    assert learner_for(email=office, name="Nora").pk == new.pk
    known.refresh_from_db()
    assert (known.user, known.email) == (joseph, "joseph@home.example")
    assert learner_of_user(joseph).pk == known.pk


def test_the_former_holder_keeps_her_attainments_also_when_her_new_address_is_known(clock: Any, joseph: Any) -> None:
    known = learner_of_user(joseph)
    learner_for(email="joseph@home.example", name="Joseph")
    office, joseph.email = joseph.email, "joseph@home.example"
    joseph.save()
    learner_of_user(make_user(office, name="Nora New"))
    known.refresh_from_db()
    assert (known.user, known.email) == (joseph, f"moved-{known.pk}@removed.invalid")


@pytest.mark.parametrize("standing", [Standing.DEPUTY, Standing.STAFF, Standing.PARTNER])
def test_listing_somebody_of_another_municipality_does_not_show_what_she_attained(
    clock: Any, joseph: Any, helen: Any, winnipeg: Any, standing: str
) -> None:
    learner = learner_of_user(joseph)
    here = learner.stakeholder
    make_stakeholder(winnipeg, name="Joseph K.", email=joseph.email, standing=standing)
    learner.refresh_from_db()
    assert learner.stakeholder == here
    assert relink() == 0
    assert not Learner.objects.visible_to(helen).exists()


def test_where_she_works_comes_before_where_she_is_a_partner(clock: Any, winnipeg: Any, thunder_bay: Any) -> None:
    person = make_user("kim@place.example", name="Kim")
    make_stakeholder(thunder_bay, user=person, standing=Standing.PARTNER)
    there = make_stakeholder(winnipeg, user=person, standing=Standing.LEADER)
    learner = learner_of_user(person)
    assert learner.stakeholder == there
    Learner.objects.update(stakeholder=None)
    assert relink() == 1
    learner.refresh_from_db()
    assert learner.stakeholder == there
