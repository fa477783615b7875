"""Key numbers: as they were counted, for a population that anyone types, and for one's own municipality."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from cmncp_portal.network.tests.factories import make_municipality, make_representative
from knowledge.models import ActionBrief, KeyNumber
from knowledge.selectors.scaling import Scale, figures, in_figures

from .factories import make_brief, make_number
from .pages import main_of, page_of, said, words_of

pytestmark = pytest.mark.django_db


class TestNumbers:
    @pytest.fixture
    def brief(self, clock: Any) -> ActionBrief:
        found = make_brief()
        make_number(found, unit_en="a year", unit_fr="par an", source_url="https://source.example/")
        make_number(found, value=Decimal("12.50"), label_en="of each dollar", unit_en="%", base_population=None)
        return found

    def test_as_they_were_counted(self, client: Any, brief: ActionBrief) -> None:
        page = page_of(client, brief)
        assert "What is counted Year and source Number Per residents adults" in words_of(page)
        assert "adults assaulted 2009, Institute for the Prevention of Crime, 2009 6,000 a year 100,000" in words_of(
            page
        )
        assert "of each dollar 2009, Institute for the Prevention of Crime, 2009 12.5 % –" in words_of(page)
        assert 'href="https://source.example/"' in main_of(page)
        assert "How it is worked out" not in words_of(page)

    @pytest.mark.parametrize("typed", ["75000", "75 000", "75,000", "75\u00a0000", "75.000"])
    def test_for_a_population_that_anyone_types(self, client: Any, brief: ActionBrief, typed: str) -> None:
        words = said(client, brief, population=typed)
        assert "For 75,000 residents" in words
        assert "4,500 6,000 × 75,000 ÷ 100,000" in words
        assert "does not grow with the population" in words
        assert "How it is worked out: the number, times your residents, divided by" in words

    def test_in_french(self, client: Any, brief: ActionBrief) -> None:
        words = said(client, brief, "fr", population="75 000")
        assert "4 500 6 000 × 75 000 ÷ 100 000" in words
        assert "adultes agressés" in words
        assert "12,5 %" in words

    @pytest.mark.parametrize("typed", ["many", "-5", "0", "1e9", "999999999", "٣", "\x00", "<b>", "9" * 5000, "½"])
    def test_what_is_no_number_of_residents(self, client: Any, brief: ActionBrief, typed: str) -> None:
        page = page_of(client, brief, population=typed)
        wrong = typed != "\x00"
        assert ("Type a number of residents, such as 75000." in words_of(page)) == wrong
        assert ('aria-invalid="true"' in main_of(page)) == wrong
        assert "÷" not in words_of(page)
        assert "<b>" not in main_of(page)

    def test_for_one_s_own_municipality(self, client: Any, brief: ActionBrief, amina: Any, priya: Any) -> None:
        client.force_login(amina)
        words = said(client, brief)
        assert "In Thunder Bay (108,843 residents)" in words
        assert "6,531 6,000 × 108,843 ÷ 100,000" in words
        assert "For 1,000 residents" in said(client, brief, population="1000")
        client.force_login(priya)
        assert "÷" not in said(client, brief)

    def test_of_a_place_whose_size_nobody_knows(self, client: Any, brief: ActionBrief) -> None:
        client.force_login(make_representative(make_municipality("small", population=None, population_year=None)))
        assert "÷" not in said(client, brief)

    @pytest.mark.parametrize(
        ("value", "base", "population", "expected"),
        [
            ("6000", 100_000, 100_000, "6,000"),
            ("1", 100_000, 75_000, "0.8"),
            ("1", 100_000, 950_000, "9.5"),
            ("1", 100_000, 994_999, "9.9"),
            ("1", 100_000, 1_050_000, "11"),
            ("0", 100_000, 75_000, "0"),
            ("-3", 1_000, 10_000, "-30"),
            ("99999999999999.99", 1, 100_000_000, "9,999,999,999,999,999,000,000"),
        ],
    )
    def test_rounding(self, value: str, base: int, population: int, expected: str) -> None:
        number = KeyNumber(value=Decimal(value), base_population=base, label_en="x", label_fr="x")
        assert figures([number], Scale(population))[0].here == expected

    @pytest.mark.parametrize(
        ("value", "en", "fr"),
        [("6000.00", "6,000", "6\u00a0000"), ("0.10", "0.1", "0,1"), ("12.50", "12.5", "12,5"), ("0", "0", "0")],
    )
    def test_in_figures(self, value: str, en: str, fr: str) -> None:
        assert in_figures(Decimal(value)) == en
        with translation.override("fr"):
            assert in_figures(Decimal(value)) == fr
