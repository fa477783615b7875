"""What the library starts with: words, the catalogue of 2009, practices with the ratings of others."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.core.search import search_query
from cmncp_portal.network.services import load_reference_data
from knowledge.models import ActionBrief, Audience, BriefSeries, Edition, Evidence, Population, Practice, Source
from knowledge.services import data

from .factories import make_brief

pytestmark = pytest.mark.django_db

TITLES = {
    "1.1": ("Why invest", "Les raisons d’investir"),
    "1.2": ("Invest smartly", "Investir de façon éclairée"),
    "1.3": ("Take responsibility", "Assumer la responsabilité"),
    "1.4": ("Plan strategically", "Planifier stratégiquement"),
    "1.5": ("Engage the public", "L’implication du public"),
    "2.1": ("Safe streets", "La sécurité sur les rues"),
    "2.2": ("Women’s safety", "La sécurité des femmes"),
    "2.3": ("Aboriginal peoples’ safety", "La sécurité des Autochtones"),
    "2.4": ("Property safety", "La sécurité des biens"),
    "2.5": ("Policing for safety", "Police et sécurité"),
}
FUND, BRIEFINGS, TOOL = (
    "Youth Endowment Fund Toolkit",
    "College of Policing, What Works Briefings",
    "College of Policing, Crime Reduction Toolkit (March 2015)",
)
RATINGS = [
    ("cctv", FUND, "LOW", "low"),
    ("cctv", TOOL, "modestly reduces crime overall", "low"),
    ("cctv", TOOL, "no evidence of an effect on violent crime", "none"),
    ("focused-deterrence", FUND, "HIGH", "high"),
    ("hot-spots-policing", FUND, "MODERATE", "moderate"),
    ("police-in-schools", FUND, "NO CLEAR EVIDENCE", "unclear"),
    ("pre-court-diversion", FUND, "MODERATE", "moderate"),
    ("restorative-justice", FUND, "MODERATE", "moderate"),
    ("street-lighting", BRIEFINGS, "positive effect in reducing burglary and theft, but not violent crimes", "low"),
]  # fmt: skip


def load() -> tuple[list[ActionBrief], list[Practice]]:
    data.load_words()
    return data.load_archive(), data.load_practices()


@pytest.fixture
def library() -> None:
    load_reference_data()
    load()


def counts() -> list[int]:
    models: list[Any] = [Audience, Population, BriefSeries, ActionBrief, Edition, Source, Practice, Evidence]
    return [model.objects.count() for model in models]


def test_loading_twice_changes_nothing(library: Any) -> None:
    assert counts() == [15, 8, 2, 10, 20, 20, 8, 9]
    assert load() == ([], [])
    assert counts() == [15, 8, 2, 10, 20, 20, 8, 9]


def test_what_people_edited_stays(library: Any) -> None:
    council = Audience.objects.get(slug="council")
    council.sectors.clear()
    Audience.objects.filter(pk=council.pk).update(name_en="Council", standings=["staff"])
    Population.objects.filter(slug="women").update(name_fr="Femmes et filles")
    BriefSeries.objects.filter(number=1).update(title_en="Invest")
    Edition.objects.filter(brief__slug="2009-why-invest", language="en").update(summary="Kept by the team.")
    Practice.objects.filter(slug="cctv").update(name_en="Cameras")
    Evidence.objects.filter(practice__slug="cctv").delete()
    load()
    council.refresh_from_db()
    assert (council.name_en, council.standings, council.sectors.count()) == ("Council", ["staff"], 0)
    assert Population.objects.get(slug="women").name_fr == "Femmes et filles"
    assert BriefSeries.objects.get(number=1).title_en == "Invest"
    assert Edition.objects.get(brief__slug="2009-why-invest", language="en").summary == "Kept by the team."
    assert Practice.objects.get(slug="cctv").name_en == "Cameras"
    assert Evidence.objects.filter(practice__slug="cctv").count() == 0


def test_a_number_or_an_address_in_use_stays_with_its_brief() -> None:
    load_reference_data()
    data.load_words()
    make_brief("idea", series=BriefSeries.objects.get(number=1), number=3)
    make_brief("idea", slug="2009-property-safety")
    assert [brief.reference for brief in data.load_archive()] == [n for n in TITLES if n not in ("1.3", "2.4")]


def test_stakeholders_know_whom_of_the_network_they_mean(library: Any) -> None:
    found = {a.slug: (sorted(a.sectors.values_list("slug", flat=True)), a.standings) for a in Audience.objects.all()}
    assert found["council"] == (["elected"], ["leader"])
    assert found["coordination"] == (["municipal"], ["representative", "deputy", "staff"])
    assert found["schools"] == (["school"], [])
    assert found["public"] == ([], [])
    assert next(iter(found)) == "council"
    for one in (*Audience.objects.all(), *Population.objects.all(), *BriefSeries.objects.all()):
        one.full_clean()


def test_the_titles_of_2009_in_both_languages(library: Any) -> None:
    briefs = ActionBrief.objects.select_related("series").prefetch_related("editions")
    assert {b.reference: (b.by_language["en"].title, b.by_language["fr"].title) for b in briefs} == TITLES
    assert [(one.title_en, one.title_fr) for one in BriefSeries.objects.all()] == [
        ("Invest smartly in safety for the city", "Investir de façon éclairée dans la sécurité urbaine"),
        ("Tackle safety successfully in the city", "S’attaquer avec succès aux problèmes de sécurité dans les villes"),
    ]


def test_a_catalogue_entry_says_what_it_is_and_where_the_brief_is_read(library: Any) -> None:
    for brief in ActionBrief.objects.prefetch_related("editions", "sources"):
        assert (brief.state, brief.is_archival, brief.is_bilingual, brief.is_review_due) == (
            "published",
            True,
            True,
            False,
        )
        assert brief.first_published_on == date(2009, 3, 1)
        assert brief.published_at == datetime(2009, 3, 1, 17, 0, tzinfo=UTC)  # noon in Toronto
        assert brief.topics.count() == 1
        english, french = brief.sources.all()
        assert (english.language, french.language) == ("en", "fr")
        assert (english.url, "vdocuments.fr" in french.url) == (brief.archive_url, True)
        assert "Rendre les villes plus sûres\u00a0: pistes d’action" in french.citation
        for edition in brief.by_language.values():
            assert edition.published == edition.texts
            assert (edition.is_published, edition.is_being_revised) == (True, False)
            assert (edition.challenge, edition.what_works, edition.investment) == ("", "", "")
    summaries = dict(Edition.objects.filter(brief__slug="2009-safe-streets").values_list("language", "summary"))
    assert summaries["en"].startswith("This is a catalogue entry of brief 2.1 of the 2009 series")
    assert summaries["fr"].startswith("Ceci est la notice de catalogue de la piste d’action 2.1 de la série de 2009")


@pytest.mark.parametrize(
    ("words", "language", "slug"),
    [
        ("women safety", "en", "2009-womens-safety"),
        ("plan strategically", "en", "2009-plan-strategically"),
        ("securite femmes", "fr", "2009-womens-safety"),
        ("planifier strategiquement", "fr", "2009-plan-strategically"),
    ],
)
def test_search_finds_the_titles(words: str, language: str, slug: str, library: Any) -> None:
    found = Edition.objects.filter(language=language, **{f"search_{language}": search_query(words, language)})
    assert list(found.values_list("brief__slug", flat=True)) == [slug]


def test_ratings_are_quoted_word_for_word_and_never_more(library: Any) -> None:
    rows = Evidence.objects.order_by("practice__slug", "pk")
    assert list(rows.values_list("practice__slug", "system", "label", "impact")) == RATINGS
    for entry in rows:
        assert (entry.strength, entry.cost) == (None, "")  # the pages that were read do not state them
        assert (entry.read_on, entry.review_due_on) == (date(2026, 11, 22), date(2027, 11, 22))
        entry.full_clean()


def test_practices_are_in_the_library_with_their_days(library: Any) -> None:
    programmes = Practice.objects.filter(kind="programme")
    assert {(p.reviewed_on, p.review_due_on) for p in programmes} == {(date(2026, 11, 22), date(2027, 11, 22))}
    centre = Practice.objects.get(kind="governance")
    assert (centre.slug, centre.reviewed_on, centre.evidence.count()) == ("responsibility-centre", None, 0)
    for practice in Practice.objects.all():
        assert practice.published_at is not None
        assert practice.topics.count() >= 1
        assert practice.populations.count() >= 1
        practice.full_clean()
