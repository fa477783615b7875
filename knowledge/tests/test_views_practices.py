"""The practices: the list with its filters, and one practice."""

from datetime import date
from typing import Any

import pytest

from cmncp_portal.network.models import Topic
from cmncp_portal.network.tests.factories import make_municipality, make_programme
from knowledge.models import PracticePlace

from .factories import make_brief, make_evidence, make_population, make_practice
from .pages import address, main_of, text_of, words_of

pytestmark = pytest.mark.django_db


def shown(client: Any, language: str = "en", **query: str) -> list[str]:
    page = client.get(address("practices", language=language), query)
    assert page.status_code == 200
    return [row.thing.slug for row in page.context["rows"]]


class TestTheList:
    @pytest.fixture
    def shelf(self, clock: Any) -> None:
        one = make_practice("one", name_en="Zones", name_fr="Équipes")
        one.topics.add(Topic.objects.create(slug="housing", name_en="Housing", name_fr="Logement"))
        make_evidence(one, impact="harmful")
        two = make_practice("two", name_en="Éclairs", name_fr="Zones", kind="governance", problem_en="Dark streets")
        two.populations.add(make_population("women"))
        make_evidence(two, impact="moderate")
        make_evidence(two, impact="high")
        make_practice("three", name_en="Hubs", name_fr="Carrefours")

    def test_by_name_in_the_page_s_language(self, client: Any, shelf: None) -> None:
        assert shown(client) == ["two", "three", "one"]
        assert shown(client, "fr") == ["three", "one", "two"]

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({"kind": "governance"}, ["two"]),
            ({"kind": "nonsense"}, ["two", "three", "one"]),
            ({"topic": "housing"}, ["one"]),
            ({"population": "women"}, ["two"]),
            ({"evidence": "rated"}, ["two", "one"]),
            ({"evidence": "moderate"}, ["two"]),
            ({"evidence": "moderate", "q": "dark"}, ["two"]),
            ({"evidence": "moderate", "topic": "housing"}, []),
        ],
    )
    def test_what_each_filter_leaves(
        self, client: Any, shelf: None, query: dict[str, str], expected: list[str]
    ) -> None:
        assert shown(client, **query) == expected

    def test_only_words_in_use_are_offered(self, client: Any, shelf: None) -> None:
        Topic.objects.create(slug="unused", name_en="Unused", name_fr="Inutile")
        make_practice(published_at=None).topics.add(Topic.objects.create(slug="hidden", name_en="H", name_fr="H"))
        choices = client.get(address("practices")).context["filter"].choices
        assert choices == {"topic": [("housing", "Housing")], "population": [("women", "Women")]}

    def test_a_line(self, client: Any, shelf: None) -> None:
        said = words_of(client.get(address("practices"), {"kind": "governance"}))
        assert "One practice Éclairs Police, services and community" in said
        assert "Governance of prevention · Dark streets" in said

    def test_nothing(self, client: Any, clock: Any) -> None:
        assert "No practice is described yet." in words_of(client.get(address("practices")))
        make_practice()
        said = words_of(client.get(address("practices"), {"q": "zeppelin", "kind": "programme"}))
        assert "Nothing holds all of “zeppelin”." in said

    def test_who_may_describe_one(self, client: Any, shelf: None, helen: Any, uma: Any) -> None:
        make_practice(published_at=None)
        for person, may in ((None, False), (helen, False), (uma, True)):
            if person:
                client.force_login(person)
            page = client.get(address("practices"))
            assert (f'href="{address("practice_new")}"' in main_of(page)) == may
            assert ("Not published" in words_of(page)) == may


class TestOne:
    @pytest.fixture
    def practice(self, clock: Any, winnipeg: Any) -> Any:
        found = make_practice(
            "deterrence",
            summary_en="Police **and** services.\n\n<script>x</script>",
            problem_en="Violence among few",
            problem_fr="",
            setting_en="City",
            setting_fr="Ville",
            run_by_en="Police",
            run_by_fr="Police",
            reviewed_on=date(2026, 3, 1),
            review_due_on=date(2027, 3, 1),
        )
        found.topics.add(Topic.objects.create(slug="gangs", name_en="Gangs", name_fr="Gangs de rue"))
        found.populations.add(make_population())
        work = make_programme(winnipeg, name_en="Call-ins", name_fr="Rencontres")
        PracticePlace.objects.create(practice=found, municipality=winnipeg, programme=work, source="The city, 2026")
        return found

    def test_all_of_it(self, client: Any, practice: Any, winnipeg: Any) -> None:
        make_evidence(practice, outcome_en="Violent crime", rated_on=date(2023, 5, 7), cost="medium")
        page = client.get(practice.get_absolute_url())
        said, markup = words_of(page), main_of(page)
        for words in (
            "Focused deterrence",
            "Police and services.",
            "<script>x</script>",
            "Reduces violent crime. Violent crime Impact: HIGH Youth Endowment Fund Toolkit rated on May 7, 2023",
            "Impact: High Strength of the evidence: 4 of 5 Cost: Medium",
            "How to read this:",
            "Winnipeg Call-ins Source: The city, 2026",
            "Problem Violence among few For whom Young people Setting City Who runs it Police Topics Gangs",
            "Last reviewed March 1, 2026 Next review March 1, 2027",
        ):
            assert words in said
        assert "<strong>and</strong>" in markup
        assert "<script" not in markup
        assert '<q lang="en">Impact: HIGH</q>' in markup
        assert f'href="{winnipeg.get_absolute_url()}"' in markup
        assert f'href="{practice.places.get().programme.get_absolute_url()}"' in markup
        assert f'href="{address("practice_concern", practice.slug)}"' in markup

    def test_in_french(self, client: Any, practice: Any) -> None:
        page = client.get(address("practice", practice.slug, language="fr"))
        markup = main_of(page)
        assert "Dissuasion ciblée" in words_of(page)
        assert '<dd lang="en">Violence among few</dd>' in markup
        assert "Rencontres" in words_of(page)
        assert "Gangs de rue" in words_of(page)

    def test_bare(self, client: Any, clock: Any) -> None:
        said = words_of(client.get(make_practice().get_absolute_url()))
        assert "No rating of this practice is listed here yet." in said
        assert "No place in Canada is listed yet." in said
        assert "Action briefs that rest on it" not in said

    def test_a_rating_without_date_or_strength(self, client: Any, practice: Any) -> None:
        make_evidence(practice, strength=None, label="Très prometteur", label_language="fr")
        page = client.get(practice.get_absolute_url())
        assert "as read on January 10, 2027" in words_of(page)
        assert "Strength of the evidence: not rated Cost: Not known" in words_of(page)
        assert '<q lang="fr">Très prometteur</q>' in main_of(page)

    def test_the_page_of_a_former_member_is_not_linked(self, client: Any, practice: Any, helen: Any) -> None:
        former = make_municipality("former", member=False, name_en="Former Town")
        PracticePlace.objects.create(practice=practice, municipality=former, source="Paper")
        for person, is_linked in ((None, False), (helen, True)):
            if person:
                client.force_login(person)
            page = client.get(practice.get_absolute_url())
            assert "Former Town" in words_of(page)
            assert (f'href="{former.get_absolute_url()}"' in main_of(page)) == is_linked

    def test_briefs_that_rest_on_it(self, client: Any, practice: Any) -> None:
        cited = make_brief(fr={"title": "Titre"})
        for brief in (
            cited,
            make_brief("draft", en={"title": "Not yet"}),
            make_brief("withdrawn", en={"title": "Gone"}),
        ):
            brief.evidence.add(make_evidence(practice), make_evidence(practice))
        make_brief(en={"title": "Rests on something else"})
        page = client.get(practice.get_absolute_url())
        assert page.context["citing"] == [(cited.get_absolute_url(), "Safe streets")]
        page = client.get(address("practice", practice.slug, language="fr"))
        assert [title for _url, title in page.context["citing"]] == ["Titre"]

    @pytest.mark.parametrize(
        ("day", "is_due"), [(date(2027, 1, 31), True), (date(2027, 2, 1), True), (date(2027, 2, 2), False)]
    )
    def test_a_review_that_is_due_is_said(self, client: Any, clock: Any, day: date, is_due: bool) -> None:
        said = words_of(client.get(make_practice(review_due_on=day).get_absolute_url()))
        assert ("was to be reviewed by" in said) == is_due

    def test_who_sees_a_draft_and_may_change_it(self, client: Any, practice: Any, helen: Any, uma: Any) -> None:
        draft = make_practice("draft", published_at=None)
        for person, may in ((None, False), (helen, False), (uma, True)):
            if person:
                client.force_login(person)
            assert client.get(draft.get_absolute_url()).status_code == (200 if may else 404)
            change = f'href="{address("practice_edit", practice.slug)}"'
            assert (change in main_of(client.get(practice.get_absolute_url()))) == may
        assert "Not published" in words_of(client.get(draft.get_absolute_url()))

    def test_a_stranger_s_address(self, client: Any, db: None) -> None:
        assert client.get(address("practice", "nothing")).status_code == 404
        assert "<html" in text_of(client.get(address("practices")))
