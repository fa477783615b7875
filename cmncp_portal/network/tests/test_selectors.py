from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation

from cmncp_portal.network import selectors
from cmncp_portal.network.models import Municipality, Standing
from cmncp_portal.notifications.recipients import Recipient

from .factories import (
    make_membership,
    make_municipality,
    make_programme,
    make_region,
    make_representative,
    make_stakeholder,
    make_topic,
    make_user,
)

pytestmark = pytest.mark.django_db
PUBLIC = AnonymousUser()


def slugs(rows: Any) -> list[str]:
    return [place.slug for place in rows]


@pytest.fixture
def quebec() -> Municipality:
    return make_municipality("quebec", name_en="Québec City", name_fr="Québec", province="QC", languages=["fr"])


@pytest.mark.parametrize("typed", ["quebec", "Québec", "QUEBEC", "qué", "québec city"])
def test_accents_and_parts_of_names_are_found(typed: str, quebec: Municipality, thunder_bay: Any) -> None:
    assert slugs(selectors.search(selectors.directory(PUBLIC), typed)) == ["quebec"]


def test_the_other_language_finds_too(thunder_bay: Any) -> None:
    make_municipality("waterloo-region", name_en="Waterloo Region", name_fr="Région de Waterloo")
    assert slugs(selectors.search(selectors.directory(PUBLIC), "region de waterloo")) == ["waterloo-region"]


def test_a_programme_leads_to_its_municipality(winnipeg: Any, thunder_bay: Any) -> None:
    make_programme(
        winnipeg,
        name_en="After school",
        name_fr="Après les écoles",
        summary_fr="Des ateliers de théâtre",
        run_by="Ma Mawi",
    )
    for typed in ("théâtre", "theatre", "ma mawi", "apres ecole", "écoles", "after school"):
        assert slugs(selectors.search(selectors.directory(PUBLIC), typed)) == ["winnipeg"], typed


def test_nothing_matches_and_nothing_typed(winnipeg: Any, thunder_bay: Any) -> None:
    assert slugs(selectors.search(selectors.directory(PUBLIC), "atlantis")) == []
    assert slugs(selectors.search(selectors.directory(PUBLIC), "  ")) == ["thunder-bay", "winnipeg"]


def test_signs_of_the_query_language_do_no_harm(winnipeg: Any) -> None:
    for typed in ("'", '"', "a & | !", "((", "%", "\\"):
        assert slugs(selectors.search(selectors.directory(PUBLIC), typed)) == [], typed


def test_order_follows_the_language_without_accents() -> None:
    make_municipality("a", name_en="Zeballos", name_fr="Évain")
    make_municipality("b", name_en="Fernie", name_fr="Fernie")
    assert slugs(selectors.directory(PUBLIC)) == ["b", "a"]
    with translation.override("fr"):
        assert slugs(selectors.directory(PUBLIC)) == ["a", "b"]


@pytest.mark.parametrize(("days", "member"), [(-1, False), (0, True), (1, True), (9, True), (10, True), (11, False)])
def test_a_membership_counts_from_its_first_to_its_last_day(days: int, member: bool) -> None:
    first = date(2026, 3, 1)
    place = make_municipality("place", member=False)
    make_membership(place, from_on=first, until_on=first + timedelta(days=10))
    assert slugs(selectors.members_on(first + timedelta(days=days))) == (["place"] if member else [])


def test_the_public_sees_members_only(amina: Any) -> None:
    make_municipality("former", member=False)
    prospective = make_municipality("prospective", member=False)
    make_membership(prospective, kind="prospective")
    guest = make_user()
    make_stakeholder(prospective, user=guest)
    assert slugs(selectors.directory(PUBLIC)) == ["thunder-bay"]
    assert slugs(selectors.directory(guest)) == ["prospective", "thunder-bay"]
    assert slugs(selectors.directory(amina)) == ["former", "prospective", "thunder-bay"]


@pytest.mark.parametrize(
    ("population", "band"),
    [
        (0, "small"),
        (19_999, "small"),
        (20_000, "medium"),
        (99_999, "medium"),
        (100_000, "large"),
        (499_999, "large"),
        (500_000, "metropolis"),
    ],
)
def test_size_bands_meet_without_gap_or_overlap(population: int, band: str) -> None:
    place = make_municipality("place", population=population)
    holding = [name for name in selectors.SIZE_BANDS if selectors.of_size(selectors.directory(PUBLIC), name)]
    assert holding == [band]
    limits = {"small": "under", "medium": "20,000", "large": "100,000", "metropolis": "over"}
    assert str(place.size_band).startswith(limits[band])


@pytest.mark.parametrize(("days", "receives"), [(-1, True), (0, False), (1, False)])
def test_visits_are_received_again_after_the_last_day_off(days: int, receives: bool) -> None:
    today = timezone.localdate()
    place = make_municipality("place", not_hosting_until=today + timedelta(days=days))
    assert bool(selectors.receiving_visits(selectors.directory(PUBLIC), today)) == receives == place.receives_visits


def test_who_answers_the_representative_first_then_deputies(thunder_bay: Any, amina: Any, joseph: Any) -> None:
    zoe = make_stakeholder(thunder_bay, name="Zoé", standing=Standing.DEPUTY)
    abe = make_stakeholder(thunder_bay, name="Abe", standing=Standing.DEPUTY)
    make_stakeholder(thunder_bay, name="Gone", standing=Standing.DEPUTY, left_on=timezone.localdate())
    head = amina.stakeholders.get()
    assert selectors.people_who_answer_for(thunder_bay) == [head, abe, zoe]
    assert selectors.representative_of(thunder_bay) == head


def test_nobody_answers_where_nobody_is_named(thunder_bay: Any, joseph: Any) -> None:
    assert selectors.people_who_answer_for(thunder_bay) == []
    assert selectors.representative_of(thunder_bay) is None


def test_a_letter_goes_to_the_account_in_its_language(winnipeg: Any) -> None:
    user = make_representative(winnipeg, "helen@winnipeg.example", name="Helen Friesen", language="fr")
    person = user.stakeholders.get()
    person.email = "old@winnipeg.example"
    assert selectors.recipient_of(person) == Recipient(
        "helen@winnipeg.example", "Helen Friesen", "fr", "America/Winnipeg"
    )


@pytest.mark.parametrize(("told", "written"), [("", "both"), ("en", "en"), ("fr", "fr")])
def test_a_language_nobody_told_means_both(told: str, written: str, winnipeg: Any) -> None:
    person = make_stakeholder(winnipeg, name="Sam", email="sam@example.ca", language=told)
    assert selectors.recipient_of(person) == Recipient("sam@example.ca", "Sam", written, "America/Winnipeg")


def test_a_closed_account_is_written_to_as_listed(winnipeg: Any, helen: Any) -> None:
    helen.is_active = False
    helen.save()
    person = helen.stakeholders.select_related("user").get()
    person.email = "desk@winnipeg.example"
    assert selectors.recipient_of(person).email == "desk@winnipeg.example"


def test_coordinators_are_those_with_the_role(priya: Any, rene: Any, amina: Any) -> None:
    make_user("closed@network.example", roles=("coordinator",), is_active=False)
    assert [one.email for one in selectors.coordinators()] == ["priya@network.example"]


def test_the_region_of_a_municipality(winnipeg: Any, thunder_bay: Any) -> None:
    prairies = make_region()
    assert selectors.region_of(winnipeg) == prairies
    assert selectors.region_of(thunder_bay) is None


def test_likely_duplicates_share_an_address_or_a_name(thunder_bay: Any, winnipeg: Any) -> None:
    person = make_stakeholder(thunder_bay, name="Rene Roy", email="r.roy@example.ca")
    named = make_stakeholder(thunder_bay, name="René Roy", email="")
    elsewhere = make_stakeholder(winnipeg, name="R. Roy", email="R.Roy@example.ca")
    make_stakeholder(winnipeg, name="Rene Roy", email="other@example.ca")
    assert selectors.duplicates_of(person) == [elsewhere, named]


def test_programmes_are_found_for_whoever_sees_the_municipality(winnipeg: Any) -> None:
    hidden = make_municipality("former", member=False)
    make_programme(hidden, name_en="Boxing here")
    shown = make_programme(winnipeg, name_en="North End Boxing")
    assert list(selectors.search_programmes(PUBLIC, "boxing")) == [shown]


def test_topics_offered_make_the_choices() -> None:
    make_topic("gangs", name_en="Gangs", name_fr="Gangs de rue")
    with translation.override("fr"):
        assert selectors.topic_choices() == [("gangs", "Gangs de rue")]
