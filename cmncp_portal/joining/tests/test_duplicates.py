"""One community, however its name is written."""

from typing import Any

import pytest

from cmncp_portal.joining.selectors.duplicates import duplicates, folded, known_place, same_interests
from cmncp_portal.network.tests.factories import make_municipality

from .factories import make_applicant, make_interest

NAMES = """
Merritt | City of Merritt | The Corporation of the City of Merritt | MERRITT, Village of
St. John's | City of St. John’s | Saint John's | ville de St John's
Saint-Jean | Ville de Saint-Jean | St-Jean | SAINT JEAN
Saint John | City of Saint John | St. John
Trois-Rivières | Ville de Trois-Rivieres | trois rivières
Québec | Ville de Québec | City of Quebec
Sainte-Thérèse | Ste-Thérèse | Ville de Ste-Therese
Mount Pearl | Mt. Pearl | City of Mount Pearl
Wellington | County of Wellington | Wellington County
Squamish | Squamish Nation | Squamish First Nation
Ottawa | Ville d’Ottawa | City of Ottawa | Ville d'Ottawa
ᐃᖃᓗᐃᑦ | Ville d’ᐃᖃᓗᐃᑦ
"""
GROUPS = [[name.strip() for name in line.split("|")] for line in NAMES.strip().splitlines()]


@pytest.mark.parametrize("names", GROUPS, ids=lambda names: names[0])
def test_the_same_name(names: list[str]) -> None:
    assert {folded(name) for name in names} == {folded(names[0])}


def test_names_of_different_places_stay_apart() -> None:
    assert len({folded(names[0]) for names in GROUPS}) == len(GROUPS)


@pytest.mark.django_db
class TestListed:
    def test_the_same_name_in_the_province_comes_first(self, clock: Any, django_assert_num_queries: Any) -> None:
        make_municipality("saint-john", province="NB", name_fr="Saint John")
        make_municipality("st-johns", province="NL", name_en="St. John's", name_fr="St. John’s")
        make_municipality("paradise", province="NL")
        conception = make_applicant("saint-johns-bay", province="NL", name_en="St. John's Bay")
        with django_assert_num_queries(1):
            found = duplicates("City of St. John's", "NL")
        assert [(str(one.municipality), one.is_same, one.standing) for one in found] == [
            ("St. John's", True, "general"),
            (str(conception), False, "prospective"),
        ]
        assert [one.is_same for one in duplicates("St. John's", "ON")] == [False, False]

    def test_the_french_name_counts(self, clock: Any) -> None:
        make_municipality("greater-sudbury", name_en="Greater Sudbury", name_fr="Grand Sudbury")
        [found] = duplicates("Ville du Grand Sudbury", "ON")
        assert (found.is_same, found.standing) == (True, "general")

    def test_nothing_to_compare_finds_nothing(self, clock: Any, winnipeg: Any) -> None:
        assert duplicates("—", "MB") == []

    def test_the_population_that_is_known(self, clock: Any) -> None:
        city = make_municipality("squamish", province="BC", population=23_819)
        nation = make_municipality("squamish-nation", province="BC", kind="first_nation", population=4_000)
        assert known_place("District of Squamish", "BC") == city
        assert known_place("Squamish Nation", "BC") == nation
        assert known_place("Squamish", "ON") is None
        make_municipality("squamish-2", province="BC", name_en="Squamish")
        assert known_place("Squamish", "BC") is None

    def test_the_same_wish_from_two_people(self, clock: Any) -> None:
        first = make_interest(place_name="City of Merritt")
        second = make_interest(place_name="Merritt")
        for state, province in (("closed", "BC"), ("unconfirmed", "BC"), ("confirmed", "AB")):
            make_interest(state, province=province)
        assert same_interests(first) == [second]
