"""The figures of one municipality: its page with pictures and tables, and the form of one figure."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_municipality, make_representative, make_stakeholder, make_user
from cmncp_portal.progress import services
from cmncp_portal.progress.models import IndicatorReading, PreventionBudget
from cmncp_portal.progress.services import readings

from .factories import make_profile
from .readings import FEELS_SAFE, TYPED, make_reading
from .screens import address, as_sent, said, text_of, words_of

pytestmark = pytest.mark.django_db
INDICATORS = list(IndicatorReading.Indicator.values)
SOURCE = "Survey of residents, p. 4"


@pytest.fixture(autouse=True)
def _now(clock: Any, db: None) -> None:
    """Monday, February 1, 2027."""


def shown(page: Any) -> list[str]:
    return [section.code for section in page.context["sections"]]


class TestWho:
    @pytest.mark.parametrize(
        ("who", "reading_it", "keeping_it"),
        [
            ("amina", 200, 200),
            ("joseph", 200, 200),
            ("priya", 200, 200),
            ("helen", 200, 403),
            ("rene", 200, 403),
            ("uma", 200, 403),
            ("partner", 404, 404),
            ("prospective", 404, 404),
            ("stranger", 404, 404),
            (None, 302, 302),
        ],
    )
    def test_the_table(
        self, client: Any, request: Any, thunder_bay: Any, who: str | None, reading_it: int, keeping_it: int
    ) -> None:
        reading = make_reading(thunder_bay)
        if who:
            client.force_login(self.person(request, thunder_bay, who))
        forms = [address("figure_add", thunder_bay, FEELS_SAFE), address("figure", thunder_bay, reading.pk)]
        found = [client.get(there).status_code for there in (address("figures", thunder_bay), *forms)]
        assert found == [reading_it, keeping_it, keeping_it]
        away = client.post(address("figure_delete", thunder_bay, reading.pk), {"version": "1"}).status_code
        assert away == (302 if keeping_it == 200 else keeping_it)
        assert IndicatorReading.objects.exists() == (keeping_it != 200)

    def person(self, request: Any, place: Any, who: str) -> Any:
        if who == "partner":
            user = make_user("partner@thunderbay.example")
            make_stakeholder(place, user=user, standing=Standing.PARTNER)
            return user
        if who == "prospective":
            return make_representative(make_municipality(member=False))
        return make_user("nobody@elsewhere.example") if who == "stranger" else request.getfixturevalue(who)

    def test_who_thinks_of_joining_keeps_the_own_figures(self, client: Any) -> None:
        thinking = make_municipality(member=False)
        client.force_login(make_representative(thinking))
        assert "Not entered yet" in words_of(client.get(address("figures", thinking)))
        there = address("figure_add", thinking, "permanent_office")
        client.post(there, as_sent(client.get(there), year="2026", value="1", source="By-law"))
        assert shown(client.get(address("figures", thinking))) == ["permanent_office"]

    def test_the_strategy_leads_there_for_who_reads_all_of_it(self, client: Any, thunder_bay: Any, helen: Any) -> None:
        make_profile(thunder_bay, public=["budget"])
        link = f'href="{address("figures", thunder_bay)}"'
        assert link not in text_of(client.get(address("strategy", thunder_bay)))
        client.force_login(helen)
        assert link in text_of(client.get(address("strategy", thunder_bay)))


class TestPage:
    @pytest.mark.parametrize(
        ("who", "by"),
        [
            ("joseph", "Entered by the municipality itself (Joseph Kakegamic) on February 1, 2027"),
            ("priya", "Entered by the network’s secretariat (Priya Nair) on February 1, 2027"),
        ],
    )
    def test_a_figure_with_its_source_its_day_and_who_entered_it(
        self, client: Any, request: Any, thunder_bay: Any, helen: Any, who: str, by: str
    ) -> None:
        readings.keep(
            thunder_bay,
            by=request.getfixturevalue(who),
            indicator=FEELS_SAFE,
            **TYPED,
            source_url="https://survey.example/",
            source_on=date(2026, 3, 1),
            note="New survey",
        )
        client.force_login(helen)
        page = client.get(address("figures", thunder_bay))
        words = words_of(page)
        assert f"2025 61.5% {SOURCE} Source of March 1, 2026 {by} New survey" in words
        assert f'<a href="https://survey.example/">{SOURCE}</a>' in text_of(page)
        assert ("Add a year" in words, "Change 2025" in words, "Not entered yet" in words) == (False, False, False)

    def test_who_left_the_municipality_entered_it_for_the_municipality(
        self, client: Any, thunder_bay: Any, joseph: Any, helen: Any
    ) -> None:
        readings.keep(thunder_bay, by=joseph, indicator=FEELS_SAFE, **TYPED)
        joseph.stakeholders.update(left_on=date(2027, 1, 1))
        client.force_login(helen)
        assert "Entered by the municipality itself (Joseph Kakegamic)" in words_of(
            client.get(address("figures", thunder_bay))
        )

    def test_an_account_that_is_gone(self, client: Any, thunder_bay: Any, helen: Any) -> None:
        make_reading(thunder_bay, by_name="J. K.")
        make_reading(thunder_bay, year=2024)
        client.force_login(helen)
        words = words_of(client.get(address("figures", thunder_bay)))
        assert "Entered by J. K. on February 1, 2027" in words
        assert "Entered on February 1, 2027" in words

    def test_pictures_in_order_with_gaps_told(self, client: Any, thunder_bay: Any, amina: Any) -> None:
        for year, value in ((2019, 50), (2020, 52), (2024, 61)):
            make_reading(thunder_bay, year=year, value=value)
        make_reading(thunder_bay, "permanent_office", year=2025, value=0)
        make_reading(thunder_bay, "permanent_office", year=2026, value=1)
        client.force_login(amina)
        page = client.get(address("figures", thunder_bay))
        assert shown(page) == ["permanent_office", FEELS_SAFE]
        offices, feels = (section.trend for section in page.context["sections"])
        assert (len(feels.lines), len(feels.dots)) == (1, 3)
        assert feels.description.endswith("Latest: 61% in 2024. No figure for these years: 2021–2023.")
        assert ([one.text for one in offices.heights], offices.last.text, offices.lines) == (["No", "Yes"], "Yes", [])
        assert offices.description == "By year: 2025: No, 2026: Yes."
        words = words_of(page)
        assert "2021–2023 No figure" in words
        assert text_of(page).count('<svg class="trend') == text_of(page).count("<table") == 2
        assert "Investment in prevention" in words  # among those not entered yet
        assert f'href="{address("budget", thunder_bay)}"' in text_of(page)

    def test_the_prevention_budget_is_drawn_with_the_others(
        self, client: Any, thunder_bay: Any, joseph: Any, priya: Any, helen: Any
    ) -> None:
        services.keep_budget(thunder_bay, seen=1, by=joseph, year=2025, amount=Decimal(100_000), source="Budget, p. 2")
        services.keep_budget(thunder_bay, seen=2, by=priya, year=2026, amount=Decimal(108_843))
        PreventionBudget.objects.create(profile=thunder_bay.strategy, year=2020, amount=0)
        client.force_login(helen)
        page = client.get(address("figures", thunder_bay))
        words = words_of(page)
        assert shown(page) == ["investment"]
        own = "Entered by the municipality itself (Joseph Kakegamic) on February 1, 2027"
        assert f"2025 $100,000 $0.92 Budget, p. 2 {own}" in words
        office = "Entered by the network’s secretariat (Priya Nair) on February 1, 2027"
        assert f"2026 $108,843 $1 In the strategy of the municipality {office}" in words
        assert "2021–2024 No figure 2020 $0 $0 In the strategy of the municipality" in words

    def test_the_day_of_the_change_is_the_readers(self, client: Any, thunder_bay: Any, rosa: Any, joseph: Any) -> None:
        make_reading(thunder_bay, by=joseph, by_name="Joseph", at=datetime(2027, 1, 1, 5, 30, tzinfo=UTC))
        client.force_login(rosa)  # in Saskatoon it is still the old year
        assert "(Joseph) on December 31, 2026" in words_of(client.get(address("figures", thunder_bay)))

    def test_before_anything_is_entered(self, client: Any, thunder_bay: Any, amina: Any, helen: Any) -> None:
        client.force_login(helen)
        words = words_of(client.get(address("figures", thunder_bay)))
        assert "This municipality has not entered any figures yet." in words
        client.force_login(amina)
        page = client.get(address("figures", thunder_bay))
        assert "No figure is entered yet. Choose below what you know." in words_of(page)
        links = [address("budget", thunder_bay), *(address("figure_add", thunder_bay, one) for one in INDICATORS)]
        assert [link for link in links if f'href="{link}"' not in text_of(page)] == []

    def test_queries_at_one_and_at_many(self, client: Any, thunder_bay: Any, amina: Any, helen: Any) -> None:
        from cmncp_portal.tests.test_budget import SIGNED_IN, counted

        make_reading(thunder_bay, by=amina)
        profile, found = make_profile(thunder_bay), []
        PreventionBudget.objects.create(profile=profile, year=2026, amount=1)
        for person in (amina, helen):
            client.force_login(person)
            client.get(address("figures", thunder_bay))
            with counted() as cost:
                client.get(address("figures", thunder_bay))
            found.append(cost.queries)
        for indicator in INDICATORS:
            for year in range(2004, 2025):
                make_reading(thunder_bay, indicator, year=year, value=1, by=amina)
        PreventionBudget.objects.bulk_create(
            PreventionBudget(profile=profile, year=year, amount=year) for year in range(2004, 2026)
        )
        for person in (amina, helen):
            client.force_login(person)
            client.get(address("figures", thunder_bay))
            with counted() as cost:
                client.get(address("figures", thunder_bay))
            found.append(cost.queries)
        assert (found[:2], max(found) <= SIGNED_IN[0]) == (found[2:], True)

    def test_in_french(self, client: Any, gatineau: Any, luc: Any) -> None:
        make_reading(gatineau, value=Decimal("12.5"))
        make_reading(gatineau, year=2024, value=50)
        client.force_login(luc)
        page = client.get(address("figures", gatineau, language="fr"))
        assert "12,5" in words_of(page)
        picture = text_of(page).partition('<svg class="trend')[2].partition("</svg>")[0]
        assert re.findall(r' c[xy]="[^"]*,', picture) == []
        assert "Données au fil des ans" in words_of(page)


class TestAdding:
    def test_what_is_typed_is_kept(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("figure_add", thunder_bay, "crime_severity")
        typed = {"year": "2025", "value": "87.25", "source": "Table 35", "source_on": "2026-07-24", "note": "Revised"}
        answer = client.post(there, as_sent(client.get(there), **typed))
        assert (answer["Location"], said(client, answer)) == (address("figures", thunder_bay), ["Saved."])
        reading = IndicatorReading.objects.get()
        assert (reading.indicator, reading.year, reading.value) == ("crime_severity", 2025, Decimal("87.25"))
        assert (reading.source, reading.source_on, reading.note) == ("Table 35", date(2026, 7, 24), "Revised")
        assert (reading.municipality, reading.by) == (thunder_bay, joseph)

    @pytest.mark.parametrize(
        ("indicator", "typed", "errors"),
        [
            (FEELS_SAFE, {"value": "100.5"}, {"value": ["This can be 100% at most."]}),
            (FEELS_SAFE, {"value": "-1"}, {"value": ["This cannot be less than none."]}),
            (FEELS_SAFE, {"value": "many"}, {"value": ["Enter a number."]}),
            (FEELS_SAFE, {"value": ""}, {"value": ["This field is required."]}),
            (FEELS_SAFE, {"value": "NaN"}, {"value": ["Enter a number."]}),
            (FEELS_SAFE, {"value": "1.234"}, {"value": ["Ensure that there are no more than 2 decimal places."]}),
            (FEELS_SAFE, {"year": "1800"}, {"year": ["Ensure this value is greater than or equal to 1990."]}),
            (FEELS_SAFE, {"year": "2028"}, {"year": ["Choose a year up to 2027."]}),
            (
                FEELS_SAFE,
                {"source": " "},
                {"source": ["Say where this figure stands, so that others can look it up."]},
            ),
            (FEELS_SAFE, {"source_on": "2027-02-02"}, {"source_on": ["This day is still to come."]}),
            (
                "permanent_office",
                {"value": "2"},
                {"value": ["Select a valid choice. 2 is not one of the available choices."]},
            ),
        ],
    )
    def test_what_is_wrong_comes_back_with_what_was_typed(
        self, client: Any, thunder_bay: Any, joseph: Any, indicator: str, typed: dict[str, str], errors: Any
    ) -> None:
        client.force_login(joseph)
        there = address("figure_add", thunder_bay, indicator)
        right = {"year": "2025", "value": "1", "source": "Typed source", "note": "Typed note"}
        answer = client.post(there, as_sent(client.get(there), **(right | typed)))
        assert (answer.status_code, answer.context["form"].errors) == (422, errors)
        again = as_sent(answer)
        assert {name: again.get(name) for name in right if name != "value" or indicator == FEELS_SAFE} == {
            name: value
            for name, value in (right | typed).items()
            if name in right and (name != "value" or indicator == FEELS_SAFE)
        }
        assert not IndicatorReading.objects.exists()

    @pytest.mark.parametrize(("typed", "kept"), [("12,5", "12.5"), ("12.5", "12.5"), ("12,5 %", "12.5"), ("7", "7")])
    def test_a_comma_or_a_point(self, client: Any, gatineau: Any, luc: Any, typed: str, kept: str) -> None:
        client.force_login(luc)
        there = address("figure_add", gatineau, FEELS_SAFE, language="fr")
        answer = client.post(there, as_sent(client.get(there), year="2025", value=typed, source="Sondage"))
        assert answer.status_code == 302
        assert IndicatorReading.objects.get().value == Decimal(kept)

    def test_a_comma_comes_back_as_it_was_typed(self, client: Any, gatineau: Any, luc: Any) -> None:
        client.force_login(luc)
        there = address("figure_add", gatineau, FEELS_SAFE, language="fr")
        answer = client.post(there, as_sent(client.get(there), year="1800", value="12,5", source=""))
        assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["source", "year"])
        assert (as_sent(answer)["value"], as_sent(answer)["year"]) == ("12,5", "1800")

    def test_a_second_click(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("figure_add", thunder_bay, FEELS_SAFE)
        sent = as_sent(client.get(there), year="2025", value="61.5", source=SOURCE)
        assert said(client, client.post(there, sent)) == ["Saved."]
        assert said(client, client.post(there, sent)) == ["This figure is saved already."]
        assert IndicatorReading.objects.count() == 1

    def test_a_year_that_has_another_figure(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        make_reading(thunder_bay)
        client.force_login(joseph)
        there = address("figure_add", thunder_bay, FEELS_SAFE)
        answer = client.post(there, as_sent(client.get(there), year="2025", value="7", source="Typed"))
        assert (answer.status_code, answer.context["form"].errors) == (
            422,
            {"year": ["There is a figure for 2025 already: change that one."]},
        )
        assert (as_sent(answer)["source"], IndicatorReading.objects.get().value) == ("Typed", Decimal("61.5"))

    def test_there_is_no_such_figure(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        assert client.get(address("figure_add", thunder_bay, "happiness")).status_code == 404

    def test_yes_and_no_are_chosen(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        there = address("figure_add", thunder_bay, "strategy_adopted")
        page = client.get(there)
        assert text_of(page).count('type="radio"') == 2
        client.post(there, as_sent(page, year="2025", value="0", source="Minutes"))
        reading = IndicatorReading.objects.get()
        assert reading.value == 0
        assert as_sent(client.get(address("figure", thunder_bay, reading.pk)))["value"] == "0"


class TestShare:
    @pytest.fixture
    def budget(self, thunder_bay: Any) -> None:
        PreventionBudget.objects.create(profile=make_profile(thunder_bay), year=2026, amount=150_000)

    def post(self, client: Any, place: Any, **typed: str) -> Any:
        there = address("figure_add", place, "prevention_share")
        return client.post(there, as_sent(client.get(there), **({"year": "2026", "source": "Budget"} | typed)))

    def test_it_is_worked_out_from_the_two_budgets(
        self, client: Any, thunder_bay: Any, joseph: Any, budget: None
    ) -> None:
        client.force_login(joseph)
        assert self.post(client, thunder_bay, whole="4,200,000").status_code == 302
        reading = IndicatorReading.objects.get()
        assert (reading.value, reading.note) == (Decimal("3.57"), "$150,000 / $4,200,000")

    def test_it_may_be_typed(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        client.force_login(joseph)
        assert self.post(client, thunder_bay, value="4").status_code == 302
        assert (IndicatorReading.objects.get().value, IndicatorReading.objects.get().note) == (4, "")

    @pytest.mark.parametrize(
        ("typed", "errors"),
        [
            ({}, {"value": ["Type the share, or the whole safety budget below."]}),
            (
                {"whole": "1000000", "year": "2025"},
                {"whole": ["There is no prevention budget for 2025 yet: add it first, or type the share itself."]},
            ),
            ({"whole": "100"}, {"whole": ["This is less than the prevention budget of that year."]}),
            (
                {"whole": "1500000", "value": "12"},
                {"whole": ["By these two budgets the share is 10%: leave one of the two fields empty."]},
            ),
            ({"whole": "much"}, {"whole": ["Enter a number."]}),
        ],
    )
    def test_what_is_wrong_comes_back(
        self, client: Any, thunder_bay: Any, joseph: Any, budget: None, typed: dict[str, str], errors: Any
    ) -> None:
        client.force_login(joseph)
        answer = self.post(client, thunder_bay, **typed)
        assert (answer.status_code, answer.context["form"].errors) == (422, errors)
        assert as_sent(answer)["whole"] == typed.get("whole", "")
        assert not IndicatorReading.objects.exists()

    def test_whoever_says_both_alike_is_right(self, client: Any, thunder_bay: Any, joseph: Any, budget: None) -> None:
        client.force_login(joseph)
        assert self.post(client, thunder_bay, whole="1500000", value="10", note="Draft").status_code == 302
        assert IndicatorReading.objects.get().note == "Draft · $150,000 / $1,500,000"


class TestChanging:
    def test_what_is_there_is_shown_and_changed(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        reading = make_reading(thunder_bay)
        client.force_login(joseph)
        there = address("figure", thunder_bay, reading.pk)
        page = client.get(there)
        assert as_sent(page) == as_sent(page, year="2025", value="61.50", source=SOURCE, source_on="2026-03-01")
        assert said(client, client.post(there, as_sent(page, value="62"))) == ["Saved."]
        reading.refresh_from_db()
        assert (reading.value, reading.by, reading.version) == (62, joseph, 2)

    def test_a_french_page_shows_a_comma(self, client: Any, gatineau: Any, luc: Any) -> None:
        reading = make_reading(gatineau)
        client.force_login(luc)
        there = address("figure", gatineau, reading.pk, language="fr")
        page = client.get(there)
        assert as_sent(page)["value"] == "61,50"
        client.post(there, as_sent(page))
        reading.refresh_from_db()
        assert (reading.value, reading.version) == (Decimal("61.5"), 1)

    def test_two_people_at_once(self, client: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        reading = make_reading(thunder_bay)
        there = address("figure", thunder_bay, reading.pk)
        client.force_login(joseph)
        sent = as_sent(client.get(there), value="50")
        client.force_login(amina)
        client.post(there, as_sent(client.get(there), value="60", note="Amina’s note"))
        client.force_login(joseph)
        answer = client.post(there, sent)
        assert answer.status_code == 409
        assert 'value="50"' in text_of(answer)
        assert "Amina’s note" in words_of(answer)
        assert client.post(there, as_sent(answer)).status_code == 302
        reading.refresh_from_db()
        assert (reading.value, reading.note, reading.version) == (50, "Amina’s note", 3)

    def test_two_people_at_once_with_yes_and_no(self, client: Any, thunder_bay: Any, joseph: Any, amina: Any) -> None:
        reading = make_reading(thunder_bay, "permanent_office", value=1)
        there = address("figure", thunder_bay, reading.pk)
        client.force_login(joseph)
        sent = as_sent(client.get(there), source="Joseph’s")
        readings.change(reading, seen=1, by=amina, value=Decimal(0))
        answer = client.post(there, sent)
        assert answer.status_code == 409
        assert client.post(there, as_sent(answer)).status_code == 302
        reading.refresh_from_db()
        assert (reading.value, reading.source) == (0, "Joseph’s")

    def test_a_year_that_has_a_figure(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        reading = make_reading(thunder_bay)
        make_reading(thunder_bay, year=2024)
        client.force_login(joseph)
        there = address("figure", thunder_bay, reading.pk)
        answer = client.post(there, as_sent(client.get(there), year="2024"))
        assert answer.context["form"].errors == {"year": ["There is a figure for 2024 already: change that one."]}
        assert "People who feel safe walking alone after dark 2025" in words_of(answer)

    def test_a_figure_of_another_municipality_is_not_there(
        self, client: Any, thunder_bay: Any, winnipeg: Any, joseph: Any
    ) -> None:
        theirs = make_reading(winnipeg)
        client.force_login(joseph)
        assert client.get(address("figure", thunder_bay, theirs.pk)).status_code == 404


class TestTakingAway:
    def test_once_and_once_more(self, client: Any, thunder_bay: Any, joseph: Any) -> None:
        reading = make_reading(thunder_bay)
        client.force_login(joseph)
        there = address("figure_delete", thunder_bay, reading.pk)
        assert f'action="{there}"' in text_of(client.get(address("figure", thunder_bay, reading.pk)))
        assert client.get(there).status_code == 405
        assert said(client, client.post(there, {"version": "1"})) == ["The figure is taken away."]
        assert said(client, client.post(there, {"version": "1"})) == ["This figure is taken away already."]
        assert not IndicatorReading.objects.exists()

    @pytest.mark.parametrize("seen", ["1", "", "x"])
    def test_not_what_was_changed_meanwhile(
        self, client: Any, thunder_bay: Any, joseph: Any, amina: Any, seen: str
    ) -> None:
        reading = make_reading(thunder_bay)
        readings.change(reading, seen=1, by=amina, value=Decimal(60))
        client.force_login(joseph)
        answer = client.post(address("figure_delete", thunder_bay, reading.pk), {"version": seen})
        assert said(client, answer) == [
            "Amina Diallo changed this figure meanwhile; look at it before you take it away."
        ]
        assert IndicatorReading.objects.exists()
