"""The original and its translation side by side."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.testing.pages import as_sent, said, text_of
from knowledge.models import ActionBrief, Edition
from knowledge.services.texts import keep_text, mark_ready

from .pages import address, main_of, words_of

pytestmark = pytest.mark.django_db
FINAL = "The text is saved and final. It is a draft again as soon as somebody changes it."


@pytest.fixture
def desk(client: Any, uma: Any, clock: Any) -> Any:
    client.force_login(uma)
    return client


@pytest.fixture
def revised(brief: Any, uma: Any) -> ActionBrief:
    """A published brief whose English was changed since, and is final."""
    made: ActionBrief = brief("published")
    keep_text(made, "en", seen=1, by=uma, challenge="Streets are where many people meet violence.\n\nAnd we know why.")
    mark_ready(made, "en", by=uma, seen=2)
    return made


def states(made: ActionBrief) -> tuple[str, str]:
    fresh = ActionBrief.objects.get(pk=made.pk)
    return fresh.state_of("en"), fresh.state_of("fr")


class TestPage:
    def test_what_is_new_in_the_original_is_marked_and_said(self, desk: Any, revised: ActionBrief) -> None:
        page = desk.get(address("translation", revised.slug))
        assert [change.name for change, _ in page.context["pairs"] if change.is_changed] == ["challenge"]
        marked = main_of(page)
        assert '<del><span class="unseen" lang="en">[removed: </span>most<span class="unseen">]</span></del>' in marked
        assert '<ins><span class="unseen" lang="en">[added: </span>many<span class="unseen">]</span></ins>' in marked
        assert "The original was changed since it was translated." in words_of(page)
        assert as_sent(page)["title"] == "Sécurité dans les rues"

    def test_the_words_for_the_ear_are_in_the_readers_language(self, desk: Any, revised: ActionBrief) -> None:
        marked = main_of(desk.get(address("translation", revised.slug, language="fr")))
        assert ('<div class="prose flow" lang="en">' in marked, 'class="unseen" lang="fr"' in marked) == (True, True)

    def test_a_first_translation_marks_nothing(self, desk: Any, brief: Any) -> None:
        page = desk.get(address("translation", brief("translation", languages=("en",)).slug))
        assert ("<ins>" in main_of(page), "<del>" in main_of(page)) == (False, False)
        assert "Streets are where most people meet violence." in words_of(page)

    def test_french_as_the_original(self, desk: Any, brief: Any, uma: Any) -> None:
        made = brief("published", source_language="fr")
        keep_text(made, "fr", seen=1, by=uma, title="Sécurité des rues")
        page = desk.get(address("translation", made.slug))
        assert (page.context["source"].language, as_sent(page)["title"]) == ("fr", "Safe streets")
        assert "[added: des" in words_of(page).replace(" ]", "]")

    def test_without_an_original(self, desk: Any, brief: Any) -> None:
        page = desk.get(address("translation", brief("draft", languages=("fr",)).slug))
        assert ("There is nothing to translate yet." in words_of(page), "<textarea" in text_of(page)) == (True, False)
        assert desk.post(page.request["PATH_INFO"], {"version": "1", "title": "x"}).status_code == 422

    def test_hostile_words_are_inert(self, desk: Any, brief: Any) -> None:
        page = text_of(desk.get(address("translation", brief("draft", en={"summary": "<script>x</script>"}).slug)))
        assert ("<script>x" in page, "&lt;script&gt;x" in page) == (False, True)

    def test_at_most_ten_queries(self, desk: Any, revised: ActionBrief) -> None:
        with CaptureQueriesContext(connection) as queries:
            desk.get(address("translation", revised.slug))
        assert len(queries) <= 10


class TestTranslating:
    def test_saved_it_is_still_out_of_date(self, desk: Any, revised: ActionBrief) -> None:
        url = address("translation", revised.slug)
        answer = desk.post(url, as_sent(desk.get(url), challenge="Nouveau."))
        assert (answer["Location"], said(desk, answer)) == (url, ["The text is saved."])
        assert states(revised) == ("current", "draft")
        assert Edition.objects.get(language="fr").based_on == 1

    def test_final_it_is_current_and_nothing_is_marked(self, desk: Any, revised: ActionBrief) -> None:
        url = address("translation", revised.slug)
        answer = desk.post(url, as_sent(desk.get(url), challenge="Nouveau.", final="1"))
        assert (said(desk, answer), states(revised)) == ([FINAL], ("current", "current"))
        assert "<ins>" not in main_of(desk.get(url))

    def test_unchanged_it_may_be_final_too(self, desk: Any, revised: ActionBrief) -> None:
        url = address("translation", revised.slug)
        assert said(desk, desk.post(url, as_sent(desk.get(url), final="1"))) == [FINAL]
        assert (states(revised), Edition.objects.get(language="fr").version) == (("current", "current"), 1)

    def test_the_original_moved_meanwhile(self, desk: Any, revised: ActionBrief, admin_user: Any) -> None:
        url = address("translation", revised.slug)
        sent = as_sent(desk.get(url), challenge="Nouveau.", final="1")
        keep_text(revised, "en", seen=2, by=admin_user, title="Safest")
        [words] = said(desk, desk.post(url, sent))
        assert words.startswith("The original was changed since you opened the page.")
        french = Edition.objects.get(language="fr")
        assert (french.challenge, french.based_on, french.current_at) == ("Nouveau.", 1, None)

    def test_two_translators_lose_nothing(self, desk: Any, revised: ActionBrief, admin_user: Any) -> None:
        url = address("translation", revised.slug)
        sent = as_sent(desk.get(url), title="Le mien")
        keep_text(revised, "fr", seen=1, by=admin_user, title="Le leur")
        page = desk.post(url, sent)
        assert (page.status_code, "Le mien" in text_of(page), "Le leur" in text_of(page)) == (409, True, True)
        answer = desk.post(url, as_sent(page))
        assert said(desk, answer) == ["The text is saved."]
        assert Edition.objects.get(language="fr").title == "Le mien"
        stale = sent | {"title": "Encore un autre"}
        assert desk.post(url, stale, headers={"x-autosave": "1"}).status_code == 409

    def test_it_saves_itself(self, desk: Any, revised: ActionBrief) -> None:
        url = address("translation", revised.slug)
        answer = desk.post(url, as_sent(desk.get(url), title="Rues sûres"), headers={"x-autosave": "1"})
        assert answer.json() == {"saved": True, "version": 2, "left_out": []}

    def test_too_long_comes_back(self, desk: Any, revised: ActionBrief) -> None:
        url = address("translation", revised.slug)
        page = desk.post(url, as_sent(desk.get(url), title="x" * 201))
        assert (page.status_code, page.context["form"]["title"].value()) == (422, "x" * 201)
