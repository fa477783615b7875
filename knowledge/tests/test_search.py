"""Searching the library: both languages, accents, order, excerpts, spelling, and what nobody should type."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Value
from django.utils import translation

from knowledge.models import Edition
from knowledge.selectors.excerpts import beginning, headline, marked
from knowledge.selectors.spelling import closest

from .factories import make_brief, make_evidence, make_practice
from .pages import address, main_of, text_of, words_of

pytestmark = pytest.mark.django_db


def found(client: Any, q: str, language: str = "en", **more: str) -> list[str]:
    page = client.get(address("library", language=language), {"q": q, **more})
    assert page.status_code == 200
    return [row.thing.slug for row in page.context["rows"]]


def lines(client: Any, q: str, language: str = "en", name: str = "library") -> list[tuple[str, str, str]]:
    """Title, excerpt and the excerpt's language of each line."""
    page = client.get(address(name, language=language), {"q": q})
    return [(str(row.title), str(row.excerpt), row.excerpt_lang) for row in page.context["rows"]]


@pytest.fixture
def school(clock: Any) -> Any:
    return make_brief(
        slug="school",
        en={"title": "Safer schools", "summary": "For pupils and municipalities.", "challenge": "", "what_works": ""},
        fr={
            "title": "Sécurité à l’école",
            "summary": "Pour les élèves et les municipalités.",
            "challenge": "",
            "what_works": "",
        },
    )


@pytest.fixture
def streets(clock: Any) -> Any:
    return make_brief(slug="streets")


class TestWhatIsFound:
    @pytest.mark.parametrize("language", ["en", "fr"])
    @pytest.mark.parametrize(
        ("q", "expected"),
        [
            ("securite ecole", ["school"]),
            ("sécurité école", ["school"]),
            ("SÉCURITÉ à l'école", ["school"]),
            ("l’ecole", ["school"]),
            ("municipal", ["school"]),
            ("pupil", ["school"]),
            ("pupils eleves", []),
            ('"safer schools"', ["school"]),
            ("violence", ["streets"]),
            ("eclairage", ["streets"]),
            ("investment", []),
            ("zeppelin", []),
            ("securite -ecole", ["streets"]),
        ],
    )
    def test_in_both_languages_whatever_the_page_is_in(
        self, client: Any, school: Any, streets: Any, language: str, q: str, expected: list[str]
    ) -> None:
        assert found(client, q, language) == expected

    def test_title_comes_before_text(self, client: Any, clock: Any) -> None:
        often = "Housing, housing and housing: housing."
        for slug, fields in (
            ("in-text", {"summary": often, "challenge": often, "what_works": often}),
            ("in-title", {"title": "Housing", "summary": "Nothing more of it."}),
            ("once", {"summary": "Also housing."}),
        ):
            make_brief(slug=slug, en={"title": "A title", "challenge": "", "what_works": ""} | fields)
        assert found(client, "housing") == ["in-title", "in-text", "once"]

    def test_found_in_both_languages_is_one_line(self, client: Any, clock: Any) -> None:
        make_brief(slug="one", en={"title": "Prevention"}, fr={"title": "Prévention"})
        page = client.get(address("library"), {"q": "prevention"})
        assert [row.thing.slug for row in page.context["rows"]] == ["one"]
        assert page.context["page"].paginator.count == 1
        assert "One brief" in words_of(page)

    def test_what_is_being_revised_is_not_found_yet(self, client: Any, streets: Any) -> None:
        Edition.objects.filter(brief=streets, language="en").update(
            title="Zeppelins", summary="Over the harbour", version=2
        )
        assert found(client, "zeppelins") == found(client, "harbour") == []
        assert lines(client, "lighting")[0][0] == "Safe streets"
        assert found(client, "safe streets") == ["streets"]
        assert "Zeppelin" not in text_of(client.get(address("library"), {"q": "zeppelin"})).replace('"zeppelin"', "")
        assert "Did you mean" not in words_of(client.get(address("library"), {"q": "zeppelinx"}))

    def test_drafts_are_found_by_nobody(self, client: Any, clock: Any, uma: Any) -> None:
        for stage in ("idea", "draft", "translation", "approved", "scheduled"):
            make_brief(stage)
        assert found(client, "streets") == found(client, "") == []
        client.force_login(uma)
        assert found(client, "streets") == found(client, "") == []

    def test_together_with_a_filter(self, client: Any, school: Any, streets: Any) -> None:
        assert found(client, "municipalities", audience="council") == ["school"]
        assert found(client, "municipalities", audience="nobody") == ["school"]  # offered by no list: left as it is
        assert found(client, "municipalities", stage="3") == []


class TestExcerpts:
    def test_the_words_are_marked_as_written(self, client: Any, school: Any) -> None:
        assert lines(client, "securite ecole", "fr") == [
            ("<mark>Sécurité</mark> à l’<mark>école</mark>", "Pour les élèves et les municipalités.", "fr")
        ]
        assert lines(client, "municipal", "fr")[0][1] == "Pour les élèves et les <mark>municipalités</mark>."

    def test_found_in_the_other_language(self, client: Any, school: Any) -> None:
        assert lines(client, "eleves") == [
            ("Safer schools", "Pour les <mark>élèves</mark> et les municipalités.", "fr")
        ]
        page = client.get(address("library"), {"q": "eleves"})
        assert 'lang="fr">Pour les <mark>élèves</mark>' in main_of(page)
        assert "found in the French text" in words_of(page)
        assert "found in the French text" not in words_of(client.get(address("library"), {"q": "municipal"}))

    def test_one_word_in_the_title_the_other_in_the_text(self, client: Any, clock: Any) -> None:
        make_brief(en={"title": "Violence", "summary": "In the harbour.", "challenge": "", "what_works": ""})
        assert lines(client, "violence harbour") == [("<mark>Violence</mark>", "In the <mark>harbour</mark>.", "en")]

    def test_from_the_middle_of_a_long_text(self, client: Any, clock: Any) -> None:
        long = "Something quite different. " * 60
        make_brief(en={"challenge": f"{long}\n\n## The *harbour* of [Halifax](https://x.example/)\n\n{long}"})
        excerpt = lines(client, "harbour")[0][1]
        assert excerpt.startswith("… ")
        assert excerpt.endswith(" …")
        assert "<mark>harbour</mark>" in excerpt
        assert {"#", "*", "[", "]"} & set(excerpt) == set()
        assert len(excerpt.split()) < 50

    @pytest.mark.parametrize("q", ["harbour", "script", "alert", "mark"])
    def test_hostile_texts_are_inert(self, client: Any, clock: Any, q: str) -> None:
        nasty = 'harbour <script>alert("harbour")</script> \x02mark\x03 &lt;mark&gt; <img src=x onerror=alert(1)>'
        make_brief(en={"title": nasty, "summary": nasty, "challenge": "", "what_works": ""})
        page = client.get(address("library"), {"q": q})
        body = main_of(page)
        assert len(page.context["rows"]) == (q != "script")  # which is read as a mark, not as a word
        assert re.findall(r"<(?:script|img)", body) == []
        assert body.count("<mark>") == body.count("</mark>")
        assert {word.lower() for word in re.findall(r"<mark>(.*?)</mark>", body)} <= {
            "harbour",
            "script",
            "alert",
            "mark",
        }

    @pytest.mark.parametrize(
        ("text", "typed", "language", "expected"),
        [
            ("Œuvre et cœur", "oeuvre", "fr", "<mark>Œuvre</mark> et cœur"),
            ("Œuvre et cœur", "coeur", "fr", "Œuvre et <mark>cœur</mark>"),
            ("E\u0301cole e\u0301levée", "ecole", "fr", "<mark>E\u0301cole</mark> e\u0301levée"),
            ("l’aujourd’hui", "hui", "fr", "l’aujourd’<mark>hui</mark>"),
            (
                "Les municipalités et l’école",
                "municipal ecole",
                "fr",
                "Les <mark>municipalités</mark> et l’<mark>école</mark>",
            ),
            ("a < b & housing > c", "housing", "en", "a &lt; b &amp; <mark>housing</mark> c"),
            ("Nothing of it", "housing", "en", None),
            ("", "housing", "en", None),
            ("one two", "-one two", "en", "one <mark>two</mark>"),
        ],
    )
    def test_marking(self, streets: Any, text: str, typed: str, language: str, expected: str | None) -> None:
        both = [headline(Value(text), typed, language, whole=True, folded=folded) for folded in (False, True)]
        row = Edition.objects.annotate(written=both[0], folded=both[1]).values_list("written", "folded")[0]
        assert marked(text, *row) == expected

    def test_without_words_the_summary_begins(self, client: Any, streets: Any) -> None:
        assert lines(client, "") == [("Safe streets", "What a city can do so that people feel safe outside.", "en")]

    def test_a_beginning_is_plain(self) -> None:
        assert beginning("## A **word** <b>\n\n" + "more " * 100) == "A word &lt;b&gt; " + "more " * 37 + "…"


class TestNothingFound:
    def test_says_what_to_try(self, client: Any, streets: Any) -> None:
        said = words_of(client.get(address("library"), {"q": "zeppelin harbour"}))
        assert "Nothing holds all of “zeppelin harbour”." in said
        assert "Use fewer words" in said
        assert "Did you mean" not in said
        assert "everywhere" not in said

    def test_the_closest_spelling_is_offered(self, client: Any, school: Any) -> None:
        for q, meant in (("scholls", "schools"), ("securty ecole", "sécurité ecole"), ("safre", "safer")):
            page = client.get(address("library"), {"q": q, "stage": "2", "page": "3"})
            assert page.context["meant"] == [meant]
            assert f">{meant}</a>" in main_of(page)
        link = re.search(r'Did you mean: <a href="([^"]+)"', main_of(page))
        assert link
        assert client.get(link[1].replace("&amp;", "&").replace("stage=2", "")).context["rows"][0].thing == school

    def test_with_filters_the_same_words_everywhere(self, client: Any, streets: Any) -> None:
        page = client.get(address("library"), {"q": "streets", "stage": "2"})
        assert f'href="{address("library")}?q=streets"' in main_of(page)

    @pytest.mark.parametrize(
        ("typed", "expected"),
        [
            ("violance", ["violence"]),
            ("VIOLANCE in scholls", ["violence in schools"]),
            ("violence", []),
            ("ecole", []),
            ("qzx", []),
            ("", []),
            ("a.*+?[ (violance", ["a.*+?[ (violence"]),
        ],
    )
    def test_closest(self, typed: str, expected: list[str]) -> None:
        assert closest(typed, ["Violence", "Safer schools", "L’école"]) == expected


NASTY = [
    "x" * 10_000,
    "municipalities " * 700,
    "\x00",
    "munici\x00palities",
    "!!!",
    "&|!():*<->",
    "'; drop table knowledge_edition; --",
    '"',
    '"unclosed phrase',
    "-",
    "- - -",
    "-municipalities",
    "or",
    "and or not",
    "%s %(x)s {0}",
    "\\",
    "🦫 \u202eאב",
    "le la les",
    "the",
    "a" * 3000 + " " + "é" * 3000,
]


class TestWhatNobodyShouldType:
    @pytest.mark.parametrize("q", NASTY, ids=range(len(NASTY)))
    @pytest.mark.parametrize("name", ["library", "practices"])
    def test_behaves(self, client: Any, school: Any, name: str, q: str) -> None:
        make_practice()
        for language in ("en", "fr"):
            page = client.get(address(name, language=language), {"q": q})
            assert page.status_code == 200
            assert "\x00" not in text_of(page)

    def test_ten_thousand_characters_are_cut(self, client: Any, school: Any) -> None:
        page = client.get(address("library"), {"q": "municipalities " * 700})
        assert [row.thing for row in page.context["rows"]] == [school]
        assert len(page.context["filter"].text) <= 200
        assert max(len(value) for value in re.findall(r'value="([^"]*)"', main_of(page))) <= 200

    def test_nul_is_a_space(self, client: Any, school: Any) -> None:
        assert found(client, "safer\x00schools") == ["school"]
        assert found(client, "\x00") == found(client, "   ") == ["school"]


class TestPractices:
    def test_in_both_languages_by_name_first(self, client: Any, clock: Any) -> None:
        make_practice("deterrence")
        make_practice("other", name_en="Hot spots", summary_en="Beside focused deterrence.", name_fr="Points chauds")
        for q, expected in (
            ("deterrence", ["deterrence", "other"]),
            ("dissuasion ciblee", ["deterrence"]),
            ("hot spot", ["other"]),
            ("zeppelin", []),
        ):
            for language in ("en", "fr"):
                page = client.get(address("practices", language=language), {"q": q})
                assert [row.thing.slug for row in page.context["rows"]] == expected

    def test_marked_and_in_the_other_language(self, client: Any, clock: Any) -> None:
        make_practice()
        name, summary, language = lines(client, "police", name="practices")[0]
        assert (name, language) == ("Focused deterrence", "en")
        assert summary.startswith("<mark>Police</mark>, services")
        name, summary, language = lines(client, "communaute", name="practices")[0]
        assert (name, language) == ("Focused deterrence", "fr")
        assert "<mark>communauté</mark>" in summary

    def test_spelling(self, client: Any, clock: Any) -> None:
        make_practice()
        make_practice(name_en="Secret", published_at=None)
        assert client.get(address("practices"), {"q": "deterence"}).context["meant"] == ["deterrence"]
        assert client.get(address("practices"), {"q": "secrets"}).context["meant"] == []

    def test_drafts_are_for_those_who_write(self, client: Any, clock: Any, uma: Any, helen: Any) -> None:
        make_practice("open")
        make_evidence(make_practice("hidden", published_at=None))
        for person, expected in ((None, ["open"]), (helen, ["open"]), (uma, ["hidden", "open"])):
            if person:
                client.force_login(person)
            page = client.get(address("practices"))
            assert sorted(row.thing.slug for row in page.context["rows"]) == expected
            assert client.get(address("practice", "hidden")).status_code == (200 if person == uma else 404)


def test_how_old_a_text_is_makes_no_difference(client: Any, streets: Any, clock: Any) -> None:
    clock.shift(timedelta(days=4000))
    with translation.override("fr"):
        assert found(client, "rues") == ["streets"]
