"""Asking reviewers, reading by paragraph, remarks, answers."""

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.network.tests.factories import make_user
from cmncp_portal.testing.pages import as_sent, said, text_of
from knowledge.models import ActionBrief, Comment, Edition, Review
from knowledge.services import reviewing as services
from knowledge.services.texts import keep_text

from .mailbag import to
from .pages import address, main_of, words_of

pytestmark = pytest.mark.django_db
DUE = date(2027, 2, 11)


@pytest.fixture
def made(brief: Any, clock: Any) -> ActionBrief:
    found: ActionBrief = brief("review")
    return found


@pytest.fixture
def asked(made: ActionBrief, uma: Any, amina: Any) -> Review:
    """Amina, of a municipality, is asked by Uma."""
    return services.ask_reviewer(made, amina, due_on=DUE, by=uma)


def comment(made: ActionBrief, by: Any, text: str = "Whose?", **more: Any) -> Comment:
    place = {"field": "challenge", "paragraph": 1, "seen": 1} | more
    return services.add_comment(made.by_language["en"], by=by, text=text, **place)


class TestAsking:
    def test_ten_days_are_proposed_and_the_reviewer_hears(
        self, client: Any, made: ActionBrief, uma: Any, amina: Any
    ) -> None:
        client.force_login(uma)
        url = address("reviews", made.slug)
        sent = as_sent(client.get(url), who="Amina Diallo")
        assert sent["due_on"] == "2027-02-11"
        assert said(client, client.post(url, sent)) == ["Amina Diallo is asked by letter."]
        assert (Review.objects.get().due_on, to("review_asked")) == (DUE, [amina.email])
        assert said(client, client.post(url, sent)) == ["Amina Diallo is asked already, until February 11, 2027."]
        assert "To be read by February 11, 2027" in words_of(client.get(url))

    @pytest.mark.parametrize(
        ("typed", "field", "words"),
        [
            ({"who": ""}, "who", "This field is required."),
            ({"who": "Nobody"}, "who", "Nobody with an account has this name or address."),
            ({"who": "twin"}, "who", "Several people have this name. Give the email address."),
            ({"due_on": "2027-01-31"}, "due_on", "Choose a day from today on, within a year."),
            ({"due_on": "2028-02-02"}, "due_on", "Choose a day from today on, within a year."),
        ],
    )
    def test_what_is_wrong_comes_back(
        self, client: Any, made: ActionBrief, uma: Any, typed: dict[str, str], field: str, words: str
    ) -> None:
        for number in range(2):
            make_user(f"twin{number}@example.ca", name="Twin")
        client.force_login(uma)
        url = address("reviews", made.slug)
        page = client.post(url, {"who": uma.email, "due_on": "2027-02-11"} | typed)
        assert (page.status_code, page.context["form"].errors) == (422, {field: [words]})
        assert page.context["form"]["who"].value() == typed.get("who", uma.email)

    def test_late_answered_and_comments(
        self, client: Any, asked: Review, made: ActionBrief, clock: Any, uma: Any, amina: Any, rene: Any
    ) -> None:
        comment(made, amina)
        services.ask_reviewer(made, rene, due_on=date(2027, 2, 2), by=uma)
        services.answer_review(made, by=amina, verdict="changes", note="Shorter.")
        clock.shift(2 * 86_400)
        client.force_login(uma)
        page = client.get(address("reviews", made.slug))
        assert [(r.reviewer, r.is_late, r.verdict) for r in page.context["rows"]] == [
            (rene, True, ""),
            (amina, False, "changes"),
        ]
        assert [(each.language, n, is_open) for each, n, is_open in page.context["to_read"]] == [
            ("en", 1, 1),
            ("fr", 0, 0),
        ]
        assert all(words in words_of(page) for words in ("Late: was to be read by February 2, 2027", "Shorter."))

    def test_waiting_no_longer(self, client: Any, asked: Review, uma: Any, priya: Any) -> None:
        url = address("reviews", asked.brief.slug)
        client.force_login(priya)
        assert client.post(url, {"what": "release", "review": asked.pk}).status_code == 403
        client.force_login(uma)
        assert client.post(url, {"what": "release", "review": "x"}).status_code == 404
        answer = client.post(url, {"what": "release", "review": asked.pk})
        assert (said(client, answer), Review.objects.count()) == (["Amina Diallo is no longer waited for."], 0)

    def test_coordinators_look_and_reviewers_do_not_ask(
        self, client: Any, asked: Review, priya: Any, amina: Any, rosa: Any
    ) -> None:
        url = address("reviews", asked.brief.slug)
        client.force_login(priya)
        assert ("Ask by letter" in words_of(client.get(url)), client.post(url, {"who": "x"}).status_code) == (
            False,
            403,
        )
        for person in (amina, rosa):
            client.force_login(person)
            assert client.get(url).status_code == 403

    def test_at_most_ten_queries(self, client: Any, made: ActionBrief, uma: Any) -> None:
        client.force_login(uma)

        def counted() -> int:
            with CaptureQueriesContext(connection) as queries:
                client.get(address("reviews", made.slug))
            return len(queries)

        services.ask_reviewer(made, uma, due_on=DUE, by=uma)
        few = counted()
        for _ in range(10):
            services.ask_reviewer(made, make_user(), due_on=DUE, by=uma)
        assert counted() == few <= 10


class TestReading:
    def test_by_paragraph_with_comments_beside(self, client: Any, asked: Review, amina: Any, uma: Any) -> None:
        comment(asked.brief, uma, "Since <when>?")
        client.force_login(amina)
        page = client.get(address("read", asked.brief.slug, "en"))
        assert "Uma Sharma asks you to read this draft by February 11, 2027." in words_of(page)
        assert [b.number for s in page.context["sections"] for b in s.blocks] == [1, 2, 3, 4, 5, 6]
        beside = main_of(page).partition('id="challenge-1"')[2].partition('id="what_works-0"')[0]
        assert ("Since &lt;when&gt;?" in beside, "earlier wording" in beside) == (True, False)
        assert "Editorial desk" not in words_of(page)

    def test_a_comment_on_words_that_changed(self, client: Any, asked: Review, amina: Any, uma: Any) -> None:
        comment(asked.brief, amina)
        keep_text(asked.brief, "en", seen=1, by=uma, challenge="Streets.\n\nNobody else.")
        client.force_login(amina)
        words = words_of(client.get(address("read", asked.brief.slug, "en")))
        assert "on an earlier wording: Young people meet it most. Whose?" in words

    def test_only_what_one_is_asked_to_read(
        self, client: Any, brief: Any, asked: Review, amina: Any, rosa: Any, uma: Any
    ) -> None:
        other = brief("review")
        client.force_login(amina)
        assert client.get(address("read", other.slug, "en")).status_code == 404
        assert client.get(address("read", asked.brief.slug, "de")).status_code == 404
        assert client.get(address("text", asked.brief.slug, "en")).status_code == 403
        client.force_login(rosa)
        assert client.get(address("read", asked.brief.slug, "en")).status_code == 403
        assert client.post(address("read", asked.brief.slug, "en"), {"what": "answer"}).status_code == 403

    def test_a_language_without_a_text(self, client: Any, brief: Any, uma: Any) -> None:
        client.force_login(uma)
        assert client.get(address("read", brief("draft", languages=("en",)).slug, "fr")).status_code == 404

    def test_at_most_ten_queries(self, client: Any, asked: Review, amina: Any, uma: Any) -> None:
        for person in (amina, uma):
            client.force_login(person)
            counts = []
            for _ in range(2):
                with CaptureQueriesContext(connection) as queries:
                    client.get(address("read", asked.brief.slug, "en", language="fr"))
                counts.append(len(queries))
                for number in range(15):
                    comment(asked.brief, uma, f"{person} {number}")
            assert counts[0] == counts[1] <= 10


class TestCommenting:
    def test_a_comment_is_kept_beside_its_paragraph(self, client: Any, asked: Review, amina: Any) -> None:
        client.force_login(amina)
        url = address("read", asked.brief.slug, "en")
        sent = {"field": "challenge", "paragraph": "1", "seen": "1", "text": "Whose?"}
        answer = client.post(url, sent)
        kept = Comment.objects.get()
        assert (answer["Location"], kept.text, kept.by, kept.language) == (
            f"{url}#comment-{kept.pk}",
            "Whose?",
            amina,
            "en",
        )
        assert said(client, answer) == ["Your comment is kept."]

    @pytest.mark.parametrize(
        "wrong",
        [{"text": ""}, {"text": "x" * 4001}, {"paragraph": "9"}, {"field": "version"}, {"seen": "9"}, {"seen": ""}],
    )
    def test_what_cannot_be_kept_comes_back(
        self, client: Any, asked: Review, amina: Any, wrong: dict[str, str]
    ) -> None:
        client.force_login(amina)
        sent = {"field": "challenge", "paragraph": "1", "seen": "1", "text": "Whose?"} | wrong
        page = client.post(address("read", asked.brief.slug, "en"), sent)
        assert (page.status_code, Comment.objects.count()) == (422, 0)
        if sent["field"] == "challenge" and sent["paragraph"] == "1":
            assert f">{sent['text']}</textarea>" in text_of(page)

    def test_what_was_done_is_said_and_may_be_doubted(self, client: Any, asked: Review, amina: Any, uma: Any) -> None:
        made = comment(asked.brief, amina)
        urls = {name: address("comment_move", asked.brief.slug, made.pk, name) for name in ("resolve", "reopen", "x")}
        client.force_login(uma)
        page = client.post(urls["resolve"], {"reply": "x" * 4001})
        assert (page.status_code, "x" * 4001 in text_of(page)) == (422, True)
        assert client.post(urls["resolve"], {"reply": ""}).status_code == 422
        answer = client.post(urls["resolve"], {"reply": "Said now."})
        assert answer["Location"] == address("read", asked.brief.slug, "en") + f"#comment-{made.pk}"
        assert said(client, answer) == ["The comment is answered."]
        assert said(client, client.post(urls["resolve"], {"reply": "Twice."})) == [
            "Uma Sharma answered this comment already."
        ]
        assert (client.post(urls["x"]).status_code, client.get(urls["reopen"]).status_code) == (404, 405)
        client.force_login(amina)
        page = client.get(address("read", asked.brief.slug, "en"))
        assert "What was done: Said now. · Uma Sharma" in words_of(page)
        assert client.post(urls["resolve"], {"reply": "No."}).status_code == 403
        assert said(client, client.post(urls["reopen"])) == ["The comment is open again."]
        assert said(client, client.post(urls["reopen"])) == ["This comment is open already."]

    def test_not_those_of_another_brief(
        self, client: Any, brief: Any, asked: Review, amina: Any, uma: Any, rosa: Any
    ) -> None:
        other = brief("review")
        foreign = comment(other, uma)
        client.force_login(amina)
        for slug in (asked.brief.slug, other.slug):
            assert client.post(address("comment_move", slug, foreign.pk, "reopen")).status_code == 404
        client.force_login(rosa)
        assert client.post(address("comment_move", other.slug, foreign.pk, "reopen")).status_code == 403


class TestAnswering:
    def test_the_answer_ends_the_review(self, client: Any, asked: Review, amina: Any, uma: Any) -> None:
        client.force_login(amina)
        url = address("read", asked.brief.slug, "en")
        sent = as_sent(client.get(url), verdict="changes", note="Shorter.")
        answer = client.post(url, sent)
        assert said(client, answer) == ["Thank you: your answer is with the people who write the brief."]
        assert (Review.objects.get().verdict, to("review_answered")) == ("changes", [uma.email])
        page = client.get(url)
        assert "You answered on February 1, 2027: Needs changes." in words_of(page)
        assert ("Keep the comment" in words_of(page), "Send your answer" in words_of(page)) == (False, False)
        assert said(client, client.post(url, sent | {"verdict": "fine"})) == [
            "You answered already, on February 1, 2027."
        ]
        assert client.post(url, {"field": "title", "paragraph": "0", "seen": "1", "text": "x"}).status_code == 403
        assert (Review.objects.get().verdict, to("review_answered")) == ("changes", [uma.email])

    @pytest.mark.parametrize(
        ("typed", "field"), [({}, "verdict"), ({"verdict": "x"}, "verdict"), ({"verdict": "changes"}, "note")]
    )
    def test_what_is_missing(self, client: Any, asked: Review, amina: Any, typed: dict[str, str], field: str) -> None:
        client.force_login(amina)
        url = address("read", asked.brief.slug, "en", language="fr")
        page = client.post(url, {"what": "answer"} | typed)
        assert (page.status_code, list(page.context["verdict"].errors)) == (422, [field])
        assert Review.objects.get().answered_at is None

    def test_changes_that_comments_name_need_no_note(self, client: Any, asked: Review, amina: Any) -> None:
        comment(asked.brief, amina)
        client.force_login(amina)
        client.post(address("read", asked.brief.slug, "en"), {"what": "answer", "verdict": "changes"})
        assert Review.objects.get().verdict == "changes"

    def test_who_was_not_asked(self, client: Any, asked: Review, uma: Any) -> None:
        client.force_login(uma)
        url = address("read", asked.brief.slug, "en")
        assert "Send your answer" not in words_of(client.get(url))
        assert client.post(url, {"what": "answer", "verdict": "fine"}).status_code == 403

    def test_what_readers_have_stays_as_it_is(self, client: Any, brief: Any, uma: Any) -> None:
        made = brief("published")
        comment(made, uma)
        assert Edition.objects.get(language="en").published["title"] == "Safe streets"
