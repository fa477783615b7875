"""The list of briefs: what stands in it, the order, the filters, who sees which links."""

from typing import Any

import pytest

from cmncp_portal.network.models import Topic
from knowledge.models import ActionBrief, Edition

from .factories import make_brief, make_evidence, make_population, make_practice, make_series, make_step
from .pages import address, main_of, text_of, words_of

pytestmark = pytest.mark.django_db
PUBLIC = ("published", "superseded", "withdrawn")


def shown(client: Any, language: str = "en", **query: str) -> list[str]:
    page = client.get(address("library", language=language), query)
    assert page.status_code == 200
    return [row.thing.slug for row in page.context["rows"]]


class TestWhatStandsInIt:
    def test_what_is_published_by_series_and_number(self, client: Any, clock: Any) -> None:
        second, first = make_series(2), make_series(1)
        make_brief(slug="outside")
        make_brief(slug="2-1", series=second, number=1)
        make_brief(slug="1-10", series=first, number=10)
        make_brief(slug="1-2", series=first, number=2)
        for stage in ActionBrief.State.values:
            if stage not in PUBLIC:
                make_brief(stage)
        assert shown(client) == shown(client, "fr") == ["1-2", "1-10", "2-1", "outside"]

    def test_those_who_write_see_the_same(self, client: Any, clock: Any, uma: Any, priya: Any) -> None:
        make_brief("draft")
        make_brief(slug="open")
        for person in (uma, priya):
            client.force_login(person)
            assert shown(client) == ["open"]

    def test_a_line(self, client: Any, clock: Any) -> None:
        brief = make_brief(series=make_series(), number=3)
        said = words_of(client.get(address("library")))
        assert "One brief Safe streets What a city can do" in said
        assert "1.3 · Invest smartly in safety for the city" in said
        assert f'href="{brief.get_absolute_url()}"' in main_of(client.get(address("library")))
        said = words_of(client.get(address("library", language="fr")))
        assert "Sécurité dans les rues" in said
        assert "1.3 · Investir de façon éclairée" in said

    def test_a_title_in_one_language_is_marked(self, client: Any, clock: Any) -> None:
        make_brief(languages=("en",))
        page = main_of(client.get(address("library", language="fr")))
        assert '<span lang="en">Safe streets</span>' in page
        assert '<p class="small" lang="en">What a city' in page

    def test_revised_texts_do_not_leak(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        Edition.objects.filter(brief=brief).update(title="Secret", summary="Secret", version=2)
        assert "Secret" not in text_of(client.get(address("library")))

    def test_hostile_texts_are_inert(self, client: Any, clock: Any) -> None:
        make_brief(en={"title": "<script>x</script>", "summary": "**<img src=x onerror=y>** [a](javascript:b)"})
        page = main_of(client.get(address("library")))
        assert "&lt;script&gt;x&lt;/script&gt;" in page
        assert "<img" not in page
        assert "javascript:" not in page

    def test_empty(self, client: Any, db: None) -> None:
        page = client.get(address("library"))
        assert "No brief is published yet." in words_of(page)
        assert f'href="{address("subscribe")}"' in main_of(page)


class TestFilters:
    @pytest.fixture
    def shelf(self, clock: Any) -> None:
        one = make_brief(slug="one", series=make_series(1), number=1, stages=[0, 3])
        one.topics.add(Topic.objects.create(slug="housing", name_en="Housing", name_fr="Logement"))
        one.populations.add(make_population("women"))
        one.evidence.add(make_evidence(make_practice(), impact="moderate"))
        two = make_brief(slug="two", series=make_series(2), number=1, stages=[4])
        make_step(two, "police")
        make_step(two, "police", text_en="Another")
        two.evidence.add(make_evidence(make_practice(), impact="low"))
        make_brief(slug="old", is_archival=True)
        make_brief("superseded", slug="replaced")
        make_brief("withdrawn", slug="withdrawn")

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ({}, ["one", "two", "old"]),
            ({"topic": "housing"}, ["one"]),
            ({"population": "women"}, ["one"]),
            ({"audience": "police"}, ["two"]),
            ({"audience": "council"}, ["one", "two", "old"]),
            ({"stage": "0"}, ["one"]),
            ({"stage": "3"}, ["one"]),
            ({"stage": "4"}, ["two"]),
            ({"stage": "7"}, []),
            ({"stage": "9"}, ["one", "two", "old"]),
            ({"evidence": "moderate"}, ["one"]),
            ({"evidence": "rated"}, ["one", "two"]),
            ({"series": "2"}, ["two"]),
            ({"series": "x"}, ["one", "two", "old"]),
            ({"standing": "current"}, ["one", "two"]),
            ({"standing": "archival"}, ["old"]),
            ({"standing": "former"}, ["replaced", "withdrawn"]),
            ({"standing": "\x00"}, ["one", "two", "old"]),
            ({"topic": "housing", "audience": "police"}, []),
            ({"evidence": "rated", "q": "violence"}, ["one", "two"]),
            ({"page": "99"}, ["one", "two", "old"]),
            ({"page": "\x00"}, ["one", "two", "old"]),
        ],
    )
    def test_what_each_leaves(self, client: Any, shelf: None, query: dict[str, str], expected: list[str]) -> None:
        assert shown(client, **query) == expected

    def test_only_words_in_use_are_offered_in_the_page_s_language(self, client: Any, shelf: None) -> None:
        Topic.objects.create(slug="unused", name_en="Unused", name_fr="Inutile")
        make_step(make_brief("draft"), "nobody")
        choices = client.get(address("library", language="fr")).context["filter"].choices
        assert choices == {
            "topic": [("housing", "Logement")],
            "audience": [("council", "council (fr)"), ("police", "police (fr)")],
            "population": [("women", "women (fr)")],
            "series": [("1", "1. Investir de façon éclairée"), ("2", "2. Investir de façon éclairée")],
        }

    def test_former_ones_say_so(self, client: Any, shelf: None) -> None:
        said = words_of(client.get(address("library"), {"standing": "former"}))
        assert [word in said for word in ("Replaced", "Withdrawn")] == [True, True]
        assert "From the archive" in words_of(client.get(address("library"), {"standing": "archival"}))

    def test_nothing_matches(self, client: Any, shelf: None) -> None:
        said = words_of(client.get(address("library"), {"stage": "7"}))
        assert "Nothing matches. Choose fewer filters." in said

    def test_the_address_holds_what_was_chosen(self, client: Any, shelf: None) -> None:
        page = main_of(client.get(address("library"), {"topic": "housing", "q": "safe"}))
        assert 'value="housing" selected' in page
        assert 'value="safe"' in page

    def test_in_place_only_the_results_come(self, client: Any, shelf: None, helen: Any) -> None:
        for name in ("library", "practices"):
            part = client.get(address(name), headers={"HX-Request": "true"})
            whole = client.get(address(name))
            assert text_of(part).count("<html") == 0
            assert text_of(part).count('id="results"') == text_of(whole).count('id="results"') == 1
            assert 'hx-target="#results"' in text_of(whole)
            assert ["HX-Request" in page["Vary"] for page in (part, whole)] == [True, True]
            back = client.get(address(name), headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
            assert text_of(back).count("<html") == 1

    def test_twelve_are_two_pages_and_each_is_shown_once(self, client: Any, clock: Any) -> None:
        for number in range(12):
            make_brief(slug=f"b{number}")
        first, second = (set(shown(client, q="violence", page=page)) for page in ("1", "2"))
        assert (len(first), len(second), first & second) == (10, 2, set())
        assert 'href="?q=violence&amp;page=2" rel="next"' in text_of(client.get(address("library"), {"q": "violence"}))


class TestLinks:
    def test_the_desk_is_for_those_who_write_review_or_coordinate(
        self, client: Any, clock: Any, helen: Any, uma: Any, priya: Any, rene: Any
    ) -> None:
        for person, sees in ((None, False), (helen, False), (uma, True), (priya, True), (rene, True)):
            if person:
                client.force_login(person)
            page = main_of(client.get(address("library")))
            assert (f'href="{address("desk")}"' in page) == sees
            assert (f'href="{address("my_steps")}"' in page) == (person is not None)

    def test_both_shelves_and_the_ways_to_follow(self, client: Any, db: None) -> None:
        for name in ("library", "practices"):
            page = main_of(client.get(address(name)))
            assert f'<a href="{address(name)}" aria-current="page">' in page
            assert f'href="{address("practices")}"' in page
        page = main_of(client.get(address("library")))
        assert f'href="{address("subscribe")}"' in page
        assert f'href="{address("feed")}"' in page

    def test_in_french(self, client: Any, clock: Any) -> None:
        make_brief()
        page = client.get(address("library", language="fr"))
        assert 'lang="fr"' in text_of(page)[:200]
        assert f'hreflang="en" href="{address("library")}"' in text_of(page)

    def test_only_reading(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        for url in (address("library"), address("practices"), address("feed"), brief.get_absolute_url()):
            assert client.post(url).status_code == 405
