"""Writing a text: saving, conflicts, drafts that save themselves, preview, being final, versions."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.testing.pages import as_sent, said, text_of
from knowledge.models import ActionBrief, Edition
from knowledge.services.texts import keep_text

from .factories import AT
from .pages import address, words_of

pytestmark = pytest.mark.django_db
AUTOSAVE = {"x-autosave": "1"}


def stored(language: str = "en") -> Edition:
    return Edition.objects.get(language=language)


@pytest.fixture
def desk(client: Any, uma: Any, clock: Any) -> Any:
    """A client in which Uma is signed in."""
    client.force_login(uma)
    return client


class TestWriting:
    def test_a_text_is_saved(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft").slug, "en")
        page = desk.get(url)
        typed = "One.\r\n\r\n<b>Two</b> & “three”."
        answer = desk.post(url, as_sent(page, title="Safer", challenge=typed))
        assert (answer["Location"], said(desk, answer)) == (url, ["The text is saved."])
        assert (stored().title, stored().challenge, stored().version) == ("Safer", "One.\n\n<b>Two</b> & “three”.", 2)

    def test_the_same_once_more(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("approved").slug, "en")
        answer = desk.post(url, as_sent(desk.get(url)))
        assert said(desk, answer) == ["Nothing has changed."]
        assert (stored().version, stored().current_at) == (1, AT)

    def test_saved_and_final(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft").slug, "en")
        answer = desk.post(url, as_sent(desk.get(url), title="Safer", final="1"))
        assert said(desk, answer) == [
            "The text is saved and final. It is a draft again as soon as somebody changes it."
        ]
        assert (stored().title, stored().current_at is None) == ("Safer", False)
        assert "This text is final." in words_of(desk.get(url))

    def test_saved_and_not_final_yet(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft").slug, "en")
        answer = desk.post(url, as_sent(desk.get(url), summary="", final="1"))
        assert said(desk, answer) == ["Write summary, challenge and what works."]
        assert (stored().summary, stored().current_at) == ("", None)

    def test_a_language_that_nobody_wrote_in(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft", languages=("en",)).slug, "fr")
        desk.post(url, as_sent(desk.get(url), title="Sécurité"))
        assert (stored("fr").title, stored("fr").version) == ("Sécurité", 2)

    def test_two_at_once_see_both_and_lose_nothing(self, desk: Any, brief: Any, admin_user: Any) -> None:
        made = brief("draft")
        url = address("text", made.slug, "en")
        sent = as_sent(desk.get(url), title="Mine", investment="My investment")
        keep_text(made, "en", seen=1, by=admin_user, title="Theirs", summary="Their summary")
        page = desk.post(url, sent)
        assert (page.status_code, stored().title) == (409, "Theirs")
        assert [(d.field.name, d.theirs, d.field.value(), d.take_theirs) for d in page.context["differences"]] == [
            ("title", "Theirs", "Mine", False),
            ("summary", "Their summary", "What a city can do so that people feel safe outside.", True),
            ("investment", "One dollar per resident and year.", "My investment", False),
        ]
        answer = desk.post(url, as_sent(page))
        assert said(desk, answer) == ["The text is saved."]
        assert (stored().title, stored().summary, stored().investment) == ("Mine", "Their summary", "My investment")

    def test_too_long_comes_back_in_french(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft").slug, "en", language="fr")
        page = desk.post(url, as_sent(desk.get(url), title="x" * 201, what_works="y" * 50_001))
        assert (page.status_code, sorted(page.context["form"].errors)) == (422, ["title", "what_works"])
        assert (page.context["form"]["title"].value(), stored().version) == ("x" * 201, 1)

    def test_what_is_no_form(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft").slug, "en")
        for data in ({}, {"version": "²"}, {"version": "1", "title": "a\x00b"}):
            assert desk.post(url, data).status_code == 422
        assert desk.get(address("text", ActionBrief.objects.get().slug, "de")).status_code == 404

    def test_a_brief_closed_meanwhile(self, desk: Any, brief: Any) -> None:
        made = brief("published")
        url = address("text", made.slug, "en")
        sent = as_sent(desk.get(url), title="Mine")
        ActionBrief.objects.update(state="withdrawn")
        page = desk.post(url, sent)
        assert (page.status_code, page.context["form"]["title"].value()) == (422, "Mine")
        assert page.context["form"].non_field_errors() == ["It is “Withdrawn”: nothing about it changes any more."]
        assert desk.post(url, sent, headers=AUTOSAVE).status_code == 409
        page = desk.get(url)
        assert ("This brief is closed" in words_of(page), "<textarea" in text_of(page)) == (True, False)

    def test_hostile_words_are_inert(self, desk: Any, brief: Any) -> None:
        made = brief("draft", en={"title": "<img src=x>", "challenge": "<script>x</script> [a](javascript:b)"})
        for name in ("text", "preview"):
            page = text_of(desk.get(address(name, made.slug, "en")))
            assert ("<script>x" in page, "<img src=x>" in page, 'href="javascript' in page) == (False, False, False)

    def test_who_may_not(self, client: Any, brief: Any, amina: Any, priya: Any, rene: Any) -> None:
        made = brief("draft")
        for person in (amina, priya, rene):
            client.force_login(person)
            for name in ("text", "ready"):
                assert client.post(address(name, made.slug, "en"), {"title": "x"}).status_code == 403
            assert client.get(address("translation", made.slug)).status_code == 403
        client.force_login(amina)
        assert [client.get(address(n, made.slug, "en")).status_code for n in ("text", "preview", "versions")] == [
            403
        ] * 3

    def test_a_brief_that_does_not_exist(self, desk: Any) -> None:
        for name in ("text", "preview", "versions", "read"):
            assert desk.get(address(name, "nothing", "en")).status_code == 404


class TestDrafts:
    def test_it_saves_itself(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft").slug, "en")
        sent = as_sent(desk.get(url), title="Safer")
        assert desk.post(url, sent, headers=AUTOSAVE).json() == {"saved": True, "version": 2, "left_out": []}
        assert desk.post(url, sent | {"version": 2, "title": "Safest"}, headers=AUTOSAVE).json()["version"] == 3
        assert stored().title == "Safest"

    def test_somebody_else_saved(self, desk: Any, brief: Any, admin_user: Any) -> None:
        made = brief("draft")
        url = address("text", made.slug, "en")
        sent = as_sent(desk.get(url), title="Mine")
        keep_text(made, "en", seen=1, by=admin_user, title="Theirs")
        answer = desk.post(url, sent, headers=AUTOSAVE)
        assert (answer.status_code, answer.json(), stored().title) == (409, {"saved": False}, "Theirs")

    def test_what_cannot_be_kept_is_said(self, desk: Any, brief: Any) -> None:
        url = address("text", brief("draft").slug, "en")
        sent = as_sent(desk.get(url), title="x" * 201, summary="Shorter.")
        answer = desk.post(url, sent, headers=AUTOSAVE).json()
        assert answer == {"saved": False, "version": 2, "left_out": ["title"]}
        assert (stored().title, stored().summary) == ("Safe streets", "Shorter.")


class TestPreview:
    def test_what_is_saved(self, desk: Any, brief: Any) -> None:
        page = desk.get(address("preview", brief("draft", en={"challenge": "It is **urgent**."}).slug, "en"))
        assert "<strong>urgent</strong>" in text_of(page)
        assert as_sent(page) == {}

    def test_in_place_while_typing(self, desk: Any, brief: Any) -> None:
        url = address("preview", brief("draft").slug, "en")
        page = desk.post(url, {"version": "1", "title": "T", "challenge": "*Now*"}, headers={"HX-Request": "true"})
        assert (page.status_code, "<em>Now</em>" in text_of(page), "<html" in text_of(page)) == (200, True, False)
        assert stored().version == 1

    def test_without_script_and_back_nothing_is_lost(self, desk: Any, brief: Any) -> None:
        made = brief("draft")
        url = address("text", made.slug, "en")
        shown = desk.post(address("preview", made.slug, "en"), as_sent(desk.get(url), challenge="*Now*\r\n\r\nThen"))
        assert ("<em>Now</em>" in text_of(shown), "Nothing is saved yet." in words_of(shown)) == (True, True)
        again = desk.post(url, as_sent(shown, back="1"))
        assert (again.status_code, as_sent(again)["challenge"].replace("\r", ""), stored().version) == (
            200,
            "*Now*\n\nThen",
            1,
        )
        assert said(desk, desk.post(url, as_sent(again))) == ["The text is saved."]
        assert stored().challenge == "*Now*\n\nThen"

    def test_what_is_too_long_is_not_drawn(self, desk: Any, brief: Any) -> None:
        page = desk.post(address("preview", brief("draft").slug, "en"), {"version": "1", "challenge": "z" * 50_001})
        assert ("zzz" * 100 in words_of(page), page.status_code) == (False, 200)

    def test_the_text_is_said_to_be_final(self, desk: Any, brief: Any) -> None:
        made = brief("draft")
        url = address("ready", made.slug, "en")
        assert desk.get(url).status_code == 405
        assert said(desk, desk.post(url, {"version": "1", "source_version": "1"}))[0].startswith(
            "The text is saved and"
        )
        assert said(desk, desk.post(url, {"version": "1"})) == ["Already said to be final by Uma Sharma."]
        assert stored().current_by_id is not None

    @pytest.mark.parametrize("data", [{}, {"version": "7"}, {"version": "x"}])
    def test_of_another_version_it_is_not(self, desk: Any, brief: Any, data: dict[str, str]) -> None:
        answer = desk.post(address("ready", brief("draft").slug, "en"), data)
        assert said(desk, answer) == ["The text was changed since you opened the page. Please read it again."]
        assert stored().current_at is None


class TestVersions:
    @pytest.fixture
    def url(self, desk: Any, brief: Any, uma: Any) -> str:
        made = brief("draft")
        keep_text(made, "en", seen=1, by=uma, title="Safer streets")
        keep_text(made, "en", seen=2, by=uma, challenge="Streets are where most people meet violence.\n\nNobody else.")
        return address("versions", made.slug, "en")

    def test_who_and_what(self, desk: Any, url: str) -> None:
        rows = desk.get(url).context["rows"]
        assert [(row.version, row.saved_by_name, row.changed) for row in rows][:2] == [
            (3, "Uma Sharma", ["The challenge"]),
            (2, "Uma Sharma", ["Title"]),
        ]

    def test_any_two_are_compared(self, desk: Any, url: str) -> None:
        page = desk.get(f"{url}?from=1&to=3")
        compared = page.context["compared"]
        assert [each.name for each in compared["differences"]] == ["title", "challenge"]
        assert "Safe ] [added: Safer ] streets" in words_of(page).replace("[removed: Safe", "Safe")
        assert desk.get(f"{url}?from=3&to=1").context["compared"]["first"] == 1

    @pytest.mark.parametrize(
        ("query", "words"),
        [
            ("from=2&to=2", "Both say the same."),
            ("from=1&to=9", "There is no such version."),
            ("to=x", "Both say the same."),
        ],
    )
    def test_odd_questions(self, desk: Any, url: str, query: str, words: str) -> None:
        page = desk.get(f"{url}?{query}")
        assert (page.status_code, words in words_of(page)) == (200, True)

    def test_an_old_one_is_put_back(self, desk: Any, url: str) -> None:
        answer = desk.post(url, {"version": "1", "seen": "3"})
        assert said(desk, answer) == ["The text of version 1 stands again, as a new version."]
        assert (stored().title, stored().version) == ("Safe streets", 4)

    def test_not_over_somebody_elses_text(self, desk: Any, url: str) -> None:
        answer = desk.post(url, {"version": "1", "seen": "2"})
        assert said(desk, answer) == ["Somebody saved the text meanwhile. Please look at the newest version first."]
        assert said(desk, desk.post(url, {"version": "9", "seen": "3"})) == ["There is no such version."]
        assert said(desk, desk.post(url, {"version": "3", "seen": "3"})) == ["Nothing has changed."]
        assert stored().version == 3

    def test_who_only_coordinates_reads_them(self, client: Any, url: str, priya: Any) -> None:
        client.force_login(priya)
        assert ("Put back" in words_of(client.get(url)), client.post(url, {"version": "1"}).status_code) == (False, 403)

    def test_two_hundred_are_read_by_pages(self, desk: Any, brief: Any, uma: Any, url: str) -> None:
        made = ActionBrief.objects.get()
        for number in range(3, 203):
            keep_text(made, "en", seen=number, by=uma, title=f"Title {number}")
        page = desk.get(url)
        assert (len(page.context["rows"]), page.context["page"].paginator.count) == (25, 203)
        assert page.context["rows"][-1].changed == ["Title"]

    def test_in_french_without_any(self, desk: Any, brief: Any) -> None:
        page = desk.get(address("versions", brief("draft", languages=("en",)).slug, "fr", language="fr"))
        assert (page.status_code, page.context["rows"]) == (200, [])


class TestQueries:
    def test_at_most_ten_for_one_and_for_many(self, desk: Any, brief: Any, uma: Any) -> None:
        made = brief("draft")
        addresses = [address(name, made.slug, "en") for name in ("text", "preview", "versions", "read")]
        addresses += [address("versions", made.slug, "en") + "?from=1&to=2"]

        def counted() -> list[int]:
            found = []
            for url in addresses:
                with CaptureQueriesContext(connection) as queries:
                    assert desk.get(url).status_code == 200
                found.append(len(queries))
            return found

        keep_text(made, "en", seen=1, by=uma, title="A")
        keep_text(made, "en", seen=2, by=uma, title="B")
        few = counted()
        for number in range(3, 20):
            keep_text(made, "en", seen=number, by=uma, title=f"{number}", challenge="A.\n\n" * number)
        assert counted() == few
        assert max(few) <= 10
