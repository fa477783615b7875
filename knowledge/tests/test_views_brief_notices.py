"""What the page of a brief says first: archive, replaced, withdrawn, being revised, the other language, a review that is due."""

from datetime import date
from typing import Any

import pytest

from knowledge.models import ActionBrief, Edition

from .factories import make_brief
from .pages import address, main_of, page_of, revise, said, words_of

pytestmark = pytest.mark.django_db


class TestNotices:
    def notices(self, client: Any, brief: ActionBrief, language: str = "en") -> int:
        return main_of(page_of(client, brief, language)).count('class="notice')

    def test_none_for_what_is_as_it_should_be(self, client: Any, clock: Any) -> None:
        brief = make_brief(next_review_on=date(2027, 2, 2))
        assert self.notices(client, brief) == self.notices(client, brief, "fr") == 0

    def test_from_the_archive(self, client: Any, clock: Any) -> None:
        brief = make_brief(
            is_archival=True, archive_url="https://archive.example/2009", first_published_on=date(2009, 5, 1)
        )
        page = page_of(client, brief)
        assert "From the archive: published elsewhere in 2009, listed here so that it can be found." in words_of(page)
        assert "By University of Ottawa team. Read it where it was published" in words_of(page)
        assert 'href="https://archive.example/2009"' in main_of(page)
        assert page.context["read"].files == []
        assert "“Safe streets”. 2009. https://archive.example/2009" in words_of(page)

    def test_replaced(self, client: Any, clock: Any) -> None:
        brief = make_brief("superseded")
        assert "This brief is replaced and no longer kept up to date." in said(client, brief)
        newer = make_brief(replaces=brief, en={"title": "Safer streets"})
        page = page_of(client, brief)
        assert "Replaced by a newer brief: Safer streets" in words_of(page)
        assert f'href="{newer.get_absolute_url()}"' in main_of(page)
        assert self.notices(client, newer) == 0

    def test_a_replacement_that_is_still_a_draft_stays_unknown(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        make_brief("draft", replaces=brief, en={"title": "Safer streets"})
        assert self.notices(client, brief) == 0

    def test_withdrawn(self, client: Any, clock: Any, helen: Any) -> None:
        brief = make_brief("withdrawn", withdrawn_why_en="The study was retracted.")
        assert "This brief is withdrawn. Do not rely on it. The study was retracted." in said(client, brief)
        assert '<span lang="en">The study was retracted.</span>' in main_of(page_of(client, brief, "fr"))
        client.force_login(helen)
        assert f'href="{address("use", brief.slug)}"' not in main_of(page_of(client, brief))

    def test_being_revised(self, client: Any, clock: Any) -> None:
        brief = make_brief()
        revise(brief, "en", summary="New")
        assert "This text is being revised. You are reading the version of January 15, 2027." in said(client, brief)

        page = page_of(client, brief, "fr")
        standing = page.context["standing"]
        assert (standing.is_behind, standing.is_newer_public) == (True, False)

    def test_the_other_text_is_newer(self, client: Any, clock: Any) -> None:
        brief = make_brief(source_language="fr")
        Edition.objects.filter(brief=brief, language="fr").update(version=2, published_version=2)
        words = said(client, brief)
        assert "The French text is newer. This English text is being revised." in words
        assert self.notices(client, brief, "fr") == 0

    def test_revised_in_the_language_in_which_it_is_written(self, client: Any, clock: Any) -> None:
        brief = make_brief(source_language="fr")
        revise(brief, "fr", summary="Nouveau")
        assert "The French text is being revised, and this English text will follow." in said(client, brief)

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_an_exception_is_said_with_its_day(self, client: Any, clock: Any, language: str) -> None:
        brief = make_brief(languages=("en",), exception_reason="The election", exception_until=date(2027, 2, 15))
        page = page_of(client, brief, language)
        standing = page.context["standing"]
        assert (standing.awaited, standing.is_other) == ("fr", language == "fr")
        assert "The election" in words_of(page)
        if language == "en":
            assert "French version to come by February 15, 2027. Why: The election" in words_of(page)

    def test_an_exception_that_is_over_is_not_said(self, client: Any, clock: Any) -> None:
        brief = make_brief(exception_reason="The election", exception_until=date(2027, 2, 15))
        assert self.notices(client, brief) == 0

    def test_the_other_language_is_read_and_marked(self, client: Any, clock: Any) -> None:
        brief = make_brief(languages=("fr",), source_language="fr")
        page = page_of(client, brief)
        assert "The text of this brief is in French: there is no English version to read yet." in words_of(page)
        assert '<h1><span lang="fr">Sécurité dans les rues</span></h1>' in main_of(page)
        assert '<div class="prose flow" lang="fr"><p>C’est dans la rue' in main_of(page)
        assert len(page.context["citations"]) == 1

    @pytest.mark.parametrize(
        ("day", "is_due"), [(date(2027, 1, 31), True), (date(2027, 2, 1), True), (date(2027, 2, 2), False)]
    )
    def test_a_review_that_is_due(self, client: Any, clock: Any, day: date, is_due: bool) -> None:
        assert ("was to be reviewed by" in said(client, make_brief(next_review_on=day))) == is_due
