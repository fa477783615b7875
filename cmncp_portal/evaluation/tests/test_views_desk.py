"""The reviewers' pages: the queue, one evaluation, what is confidential, sorting by theme. And who stays outside."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cmncp_portal.evaluation.models import (
    Answer,
    Coding,
    Comment,
    ConfidentialReading,
    FollowUp,
    Occasion,
    Response,
    Theme,
)
from cmncp_portal.evaluation.tests.factories import make_occasion, make_questionnaire, make_response, make_survey
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.testing.pages import heading, main_of, said, words_of

pytestmark = pytest.mark.django_db
EVERYBODY = ("amina", "rosa", "uma", "rene", "priya", "admin_user")
ANSWERS = {"usefulness": 2, "contribution": "=Walk & <talk>", "reviewers-only": "Between us"}


def address(name: str, *args: Any) -> str:
    return reverse(f"evaluation:{name}", args=args)


def make_theme(code: str = "housing", **fields: Any) -> Theme:
    words = {"name_en": code.title(), "name_fr": f"{code} (fr)", "definition_en": "When…", "definition_fr": "Quand…"}
    return Theme.objects.create(code=code, **(words | fields))


@pytest.fixture
def visit(thunder_bay: Any, winnipeg: Any) -> Occasion:
    """The visitors have answered, the hosts have not. Everything came in November 2026."""
    there = make_occasion(places=[thunder_bay, winnipeg])
    form = make_questionnaire()
    opens = datetime(2026, 11, 18, 22, 0, tzinfo=UTC)
    days = {"opens_at": opens, "due_at": opens + timedelta(days=14), "closes_at": opens + timedelta(days=45)}
    visitors = make_survey(form, occasion=there, side="visitors", place=thunder_bay, **days)
    hosts = make_survey(form, occasion=there, side="hosts", place=winnipeg, **days)
    make_response(visitors, "Bob Roy", answers=ANSWERS)
    make_response(hosts, "Eve Lam", draft=True, answers={"contribution": "Not sent"})
    return there


@pytest.fixture
def review(client: Client, clock: Any, rene: Any) -> Client:
    """René is signed in, in English."""
    client.force_login(rene)
    return client


class TestWhoMay:
    PAGES = ("desk", "occasion", "open_answers")
    MOVES = ("confidential", "comment", "flag", "reviewed")

    @pytest.mark.parametrize("name", EVERYBODY)
    def test_only_reviewers(self, request: Any, client: Client, clock: Any, visit: Occasion, name: str) -> None:
        client.force_login(request.getfixturevalue(name))
        reviews = name in ("rene", "priya", "admin_user")
        found = {}
        for page in self.PAGES:
            found[page] = client.get(address(page, *([] if page == "desk" else [visit.pk]))).status_code
        for move in self.MOVES:
            found[move] = client.post(address(move, visit.pk)).status_code
            assert client.get(address(move, visit.pk)).status_code == 405, move
        expected = dict.fromkeys(self.PAGES, 200) | {"confidential": 200, "comment": 422, "flag": 422, "reviewed": 302}
        assert found == (expected if reviews else dict.fromkeys(found, 403))

    @pytest.mark.parametrize("name", ["rene", "priya"])
    def test_nobody_reviews_the_own_municipality(
        self, request: Any, client: Client, clock: Any, visit: Occasion, winnipeg: Any, name: str
    ) -> None:
        person = request.getfixturevalue(name)
        make_stakeholder(winnipeg, user=person, standing="staff")
        client.force_login(person)
        page = client.get(address("occasion", visit.pk))
        words = words_of(page)
        assert "People of your municipality took part, so somebody else reviews this evaluation." in words
        assert [text in words for text in ("Bob Roy", "talk", "Between us", "Comments")] == [False] * 4
        assert [(side.label, side.counts.answered) for side in page.context["counted"]] != []
        queue = words_of(client.get(address("desk")))
        assert [word in queue for word in ("Your municipality", "Lowest rating", "One confidential remark")] == [
            True, False, False,
        ]  # fmt: skip
        answer = Answer.objects.get(question__code="contribution", response__submitted_at__isnull=False)
        posts = {move: [visit.pk] for move in self.MOVES} | {"code": [visit.pk, answer.pk], "uncode": [visit.pk, 1]}
        assert {client.post(address(move, *args)).status_code for move, args in posts.items()} == {403}
        assert client.get(address("open_answers", visit.pk)).status_code == 403
        assert (Comment.objects.count(), ConfidentialReading.objects.count()) == (0, 0)

    def test_what_does_not_exist(self, review: Client) -> None:
        assert review.get(address("occasion", 999)).status_code == 404
        assert review.post(address("comment", 999)).status_code == 404

    def test_what_has_not_opened_is_not_there_yet(self, review: Client) -> None:
        far = datetime(2028, 1, 1, tzinfo=UTC)
        survey = make_survey(opens_at=far, due_at=far, closes_at=far)
        assert review.get(address("occasion", survey.occasion_id)).status_code == 404


class TestTheQueue:
    def test_what_is_said_of_each(self, review: Client, visit: Occasion) -> None:
        page = review.get(address("desk"))
        assert heading(page) == "Review of evaluations"
        words = words_of(page)
        assert "One evaluation waits for a reviewer" in words
        assert "The visit to Winnipeg Exchange visit · November 18, 2026 · 1 of 2 answered" in words
        marks = (
            "Answers missing since December 2, 2026",
            "Lowest rating 2",
            "One confidential remark",
            "One side missing",
        )
        assert [mark for mark in marks if mark not in words] == []
        assert page.context["counts"] == {"open": 1, "new": 1, "late": 1, "low": 1, "confidential": 1, "one_sided": 1}

    @pytest.mark.parametrize("shown", ["open", "new", "late", "low", "confidential", "one_sided", "all"])
    def test_lists_and_what_is_said_when_one_is_empty(self, review: Client, visit: Occasion, shown: str) -> None:
        found = review.get(address("desk"), {"list": shown})
        assert list(found.context["page"]) == [visit]
        Response.objects.all().delete()
        Occasion.objects.all()[0].surveys.all().delete()
        empty = review.get(address("desk"), {"list": shown})
        assert ("Nothing was evaluated yet." if shown == "all" else "Nothing waits in this list.") in words_of(empty)

    def test_by_activity(self, review: Client, visit: Occasion) -> None:
        assert list(review.get(address("desk"), {"activity": "exchange"}).context["page"]) == [visit]
        assert list(review.get(address("desk"), {"activity": "meeting"}).context["page"]) == []
        assert review.get(address("desk"), {"activity": "nonsense"}).status_code == 200
        assert review.get(address("desk"), {"list": "nonsense"}).status_code == 404

    def test_the_filter_keeps_the_list(self, review: Client, visit: Occasion) -> None:
        page = main_of(review.get(address("desk"), {"list": "low", "activity": "exchange"}))
        assert '<input type="hidden" name="list" value="low"' in page
        assert 'href="?list=late&amp;activity=exchange"' in page

    def test_the_same_queries_at_one_and_at_many(self, review: Client, visit: Occasion) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                page = review.get(address("desk"), {"list": "all"})
            assert len(page.context["page"]) in (1, 25)
            return len(asked)

        queries()
        few = queries()
        form = make_questionnaire(questions=({"code": "usefulness", "kind": "rating"},))
        for _n in range(30):
            make_response(make_survey(form, occasion=make_occasion()), answers={"usefulness": 5})
        assert (queries(), few <= 8) == (few, True)
        assert "1 to 25 of 31" in words_of(review.get(address("desk"), {"list": "all"}))


class TestOneEvaluation:
    def test_both_sides_next_to_each_other(self, review: Client, visit: Occasion) -> None:
        page = review.get(address("occasion", visit.pk))
        words = words_of(page)
        assert "Thunder Bay 1 1 0 Winnipeg 1 0 0" in words
        assert "Both sides next to each other" in words
        assert "Thunder Bay (n = 1)" in words
        assert "=Walk & <talk> Bob Roy" in words
        assert "Not sent" not in words
        assert "Between us" not in words
        assert page["Cache-Control"].startswith("max-age=0")

    def test_confidential_remarks_are_behind_a_button_that_writes_it_down(
        self, review: Client, visit: Occasion, priya: Any
    ) -> None:
        page = review.get(address("occasion", visit.pk))
        assert "One answer was written for the reviewers only." in words_of(page)
        assert ConfidentialReading.objects.count() == 0
        shown = review.post(address("confidential", visit.pk))
        assert (shown.status_code, "Between us Bob Roy" in words_of(shown)) == (200, True)
        assert list(ConfidentialReading.objects.values_list("occasion", "by_name")) == [(visit.pk, "René Gagnon")]
        assert "Who read the confidential remarks" not in words_of(shown)
        review.force_login(priya)
        assert "Who read the confidential remarks René Gagnon February 1, 2027" in words_of(
            review.get(address("occasion", visit.pk))
        )

    def test_nothing_confidential_no_button(self, review: Client, visit: Occasion) -> None:
        Answer.objects.filter(question__is_confidential=True).delete()
        assert "Read the confidential remarks" not in words_of(review.get(address("occasion", visit.pk)))

    def test_comments(self, review: Client, visit: Occasion) -> None:
        url = address("comment", visit.pk)
        assert said(review, review.post(url, {"comment": "Read <this>"})) == ["Your comment is saved."]
        page = review.get(address("occasion", visit.pk))
        assert "René Gagnon Read <this>" in words_of(page)
        assert "Read &lt;this&gt;" in main_of(page)

    @pytest.mark.parametrize("typed", ["", "   ", "x" * 5001, "a\x00b"])
    @pytest.mark.parametrize(
        ("move", "field", "form"), [("comment", "comment", "comment_form"), ("flag", "what", "flag_form")]
    )
    def test_wrong_words_come_back(
        self, review: Client, visit: Occasion, move: str, field: str, form: str, typed: str
    ) -> None:
        page = review.post(address(move, visit.pk), {field: typed})
        assert (page.status_code, page.context[form][field].value()) == (422, typed)
        assert f'href="#id_{field}"' in main_of(page)
        assert (Comment.objects.count(), FollowUp.objects.count()) == (0, 0)

    def test_marking_as_reviewed(self, review: Client, visit: Occasion) -> None:
        url = address("reviewed", visit.pk)
        seen = review.get(address("occasion", visit.pk)).context["last_at"].isoformat()
        assert said(review, review.post(url, {"seen_at": seen})) == ["Marked as reviewed."]
        page = review.get(address("occasion", visit.pk))
        assert "Reviewed by René Gagnon on February 1, 2027." in words_of(page)
        assert "Mark as reviewed" not in words_of(page)
        assert said(review, review.post(url, {"seen_at": seen})) == ["René Gagnon has marked this as reviewed already."]
        assert review.get(address("desk")).context["counts"]["new"] == 0

    def test_what_came_while_reading_is_looked_at_first(self, review: Client, visit: Occasion) -> None:
        page = review.get(address("occasion", visit.pk))
        sent = as_hidden(page, "seen_at")
        assert datetime.fromisoformat(sent) == page.context["last_at"]
        Response.objects.filter(submitted_at__isnull=False).update(updated_at=datetime(2027, 2, 1, 15, 30, tzinfo=UTC))
        answer = review.post(address("reviewed", visit.pk), {"seen_at": sent})
        assert said(review, answer) == ["Something new came while you were reading; please look at it first."]
        assert Occasion.objects.get().reviewed_at is None

    @pytest.mark.parametrize("seen", ["", "nonsense", "2027-13-45T99:99", "2027-02-01T10:00:00"])
    def test_a_moment_that_cannot_be_read_marks_nothing(self, review: Client, visit: Occasion, seen: str) -> None:
        answer = review.post(address("reviewed", visit.pk), {"seen_at": seen})
        assert said(review, answer) == ["Something new came while you were reading; please look at it first."]

    def test_the_page_asks_the_same_at_one_and_at_many(self, review: Client, visit: Occasion) -> None:
        def queries(name: str) -> int:
            with CaptureQueriesContext(connection) as asked:
                review.get(address(name, visit.pk))
            return len(asked)

        make_theme()
        names = ("occasion", "open_answers")
        for name in names:
            queries(name)
        few = [queries(name) for name in names]
        for survey in visit.surveys.all():
            for n in range(20):
                make_response(survey, f"Person {n}", answers=ANSWERS)
        for n in range(5):
            Comment.objects.create(occasion=visit, text="Read", by_name="René")
            FollowUp.objects.create(occasion=visit, text="Call", by_name="René")
            make_theme(f"theme-{n}")
        assert [queries(name) for name in names] == few == [8, 8]

    @pytest.mark.parametrize("name", ["rene", "priya"])
    def test_many_surveys_cost_what_one_costs(
        self, request: Any, client: Client, clock: Any, thunder_bay: Any, name: str
    ) -> None:
        def queries(page: str, surveys: int) -> int:
            with CaptureQueriesContext(connection) as asked:
                answer = client.get(address(page, there.pk))
            shown = len(answer.context["texts" if page == "open_answers" else "counted"])
            assert (answer.status_code, shown) == (200, surveys)
            return len(asked)

        make_theme()
        client.force_login(request.getfixturevalue(name))
        there, opens = make_occasion(places=[thunder_bay]), datetime(2026, 11, 18, 22, 0, tzinfo=UTC)
        pages = ("occasion", "open_answers")
        for surveys in (1, 6):
            while there.surveys.count() < surveys:
                form = make_questionnaire()
                response = make_response(make_survey(form, occasion=there, opens_at=opens), answers=ANSWERS)
                response.invitation.remarks.create(text="One more thing")
                response.answers.get(question__code="contribution").codings.create(theme=Theme.objects.get())
            client.get(address("desk"))
            assert [queries(page, surveys) for page in pages] == [8, 8]


def as_hidden(page: Any, name: str) -> str:
    found: str = main_of(page).partition(f'name="{name}" value="')[2].partition('"')[0]
    return found


class TestFollowUps:
    def test_asked_and_settled(self, review: Client, visit: Occasion, priya: Any) -> None:
        assert said(review, review.post(address("flag", visit.pk), {"what": "Who paid?"})) == [
            "The coordinators are told."
        ]
        asked = FollowUp.objects.get()
        url = address("settle", visit.pk, asked.pk)
        assert review.post(url, {"outcome": "Mine"}).status_code == 403
        review.force_login(priya)
        assert "One follow-up open" in words_of(review.get(address("desk")))
        wrong = review.post(url, {"outcome": " "})
        assert (wrong.status_code, [f["outcome"].value() for _one, f in wrong.context["follow_ups"]]) == (422, [" "])
        assert f'href="#id_{asked.pk}_outcome"' in main_of(wrong)
        assert said(review, review.post(url, {"outcome": "The city."})) == ["Settled. Whoever asked is told."]
        assert said(review, review.post(url, {"outcome": "Twice"})) == ["Priya Nair has settled this already."]
        assert "Settled Who paid? René Gagnon, February 1, 2027 The city. Priya Nair" in words_of(
            review.get(address("occasion", visit.pk))
        )

    def test_one_of_another_evaluation_is_not_found(self, review: Client, visit: Occasion, priya: Any) -> None:
        other = FollowUp.objects.create(occasion=make_occasion(), text="x", by_name="René")
        review.force_login(priya)
        assert review.post(address("settle", visit.pk, other.pk), {"outcome": "x"}).status_code == 404


class TestSorting:
    @pytest.fixture
    def answer(self, visit: Occasion) -> Answer:
        found: Answer = Answer.objects.get(question__code="contribution", response__submitted_at__isnull=False)
        return found

    def test_a_theme_is_added_once_and_taken_off(self, review: Client, visit: Occasion, answer: Answer) -> None:
        make_theme()
        page = review.get(address("open_answers", visit.pk))
        assert "=Walk & <talk> Bob Roy · Thunder Bay" in words_of(page)
        assert "Between us" not in words_of(page)
        url = address("code", visit.pk, answer.pk)
        done = review.post(f"{url}?page=1", {"item": "0", "theme": "housing"})
        assert done["Location"] == f"{address('open_answers', visit.pk)}#answer-{answer.pk}-0"
        [coding] = Coding.objects.all()
        assert (coding.theme.code, coding.text, coding.by_name) == ("housing", "=Walk & <talk>", "René Gagnon")
        again = review.post(f"{url}?page=1", {"item": "0", "theme": "housing"})
        assert said(review, again) == ["René Gagnon has sorted this answer under this theme already."]
        off = address("uncode", visit.pk, coding.pk)
        for _n in range(2):
            assert review.post(off).status_code == 302
        assert Coding.objects.count() == 0

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            ({"item": "0", "theme": ""}, "Choose a theme."),
            ({"item": "0"}, "Choose a theme."),
            ({"item": "0", "theme": "retired"}, "Select a valid choice."),
            ({"item": "x", "theme": "housing"}, "Enter a whole number."),
        ],
    )
    def test_wrong_choices_come_back_at_their_answer(
        self, review: Client, visit: Occasion, answer: Answer, typed: dict[str, str], error: str
    ) -> None:
        make_theme()
        make_theme("retired", is_used=False)
        page = review.post(address("code", visit.pk, answer.pk), typed)
        [line] = page.context["lines"]
        assert (page.status_code, line["form"].is_bound, Coding.objects.count()) == (422, True, 0)
        assert error in words_of(page)

    def test_answers_and_themes_of_another_evaluation_are_not_found(
        self, review: Client, visit: Occasion, answer: Answer
    ) -> None:
        make_theme()
        other = make_survey(make_questionnaire(questions=())).occasion
        assert review.post(address("code", other.pk, answer.pk), {"item": "0", "theme": "housing"}).status_code == 404
        coding = Coding.objects.create(answer=answer, theme=Theme.objects.get(), by_name="René")
        review.post(address("uncode", other.pk, coding.pk))
        assert Coding.objects.count() == 1

    def test_many_answers_have_pages_and_a_move_comes_back_to_its_page(self, review: Client, visit: Occasion) -> None:
        make_theme()
        survey = visit.surveys.get(side="visitors")
        for n in range(30):
            make_response(survey, f"Person {n}", answers={"contribution": f"Text {n}"})
        page = review.get(address("open_answers", visit.pk), {"page": "2"})
        assert "26 to 31 of 31" in words_of(page)
        told = page.context["lines"][0]["told"]
        url = address("code", visit.pk, told.answer.pk)
        assert f'action="{url}?page=2"' in main_of(page)
        done = review.post(f"{url}?page=2", {"item": "0", "theme": "housing"})
        assert done["Location"] == f"{address('open_answers', visit.pk)}?page=2#answer-{told.answer.pk}-0"

    def test_without_themes_one_is_led_to_the_codebook(self, review: Client, visit: Occasion) -> None:
        page = review.get(address("open_answers", visit.pk))
        assert "The codebook has no theme yet. Go to the codebook" in words_of(page)
        Response.objects.all().delete()
        assert "Nobody has written a text yet." in words_of(review.get(address("open_answers", visit.pk)))


def test_in_french(review: Client, visit: Occasion) -> None:
    make_theme()
    pages = {
        "/fr/evaluations/": "Examen des évaluations",
        f"/fr/evaluations/{visit.pk}/": "La visite à Winnipeg",
        f"/fr/evaluations/{visit.pk}/reponses-ouvertes/": "La visite à Winnipeg",
    }
    assert {url: heading(review.get(url)) for url in pages} == pages
    assert "réponses : 1 sur 2" in words_of(review.get("/fr/evaluations/"))
