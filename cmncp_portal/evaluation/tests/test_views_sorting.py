"""Sorting open answers of all activities without names: the university's team, and reviewers."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.evaluation.models import Answer, Coding, Theme
from cmncp_portal.evaluation.tests.factories import (
    OPENS,
    make_occasion,
    make_questionnaire,
    make_response,
    make_survey,
)
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.testing.pages import heading, main_of, said, words_of

from .test_views_desk import EVERYBODY, address, make_theme

pytestmark = pytest.mark.django_db
IDEA = {"what": "A warm room", "programme": "Hub", "who": "Eve Lam", "by": "", "sure": 4}
ANSWERS = {
    "contribution": "=Walk & <talk>",
    "ideas": [IDEA, IDEA | {"what": "A night bus"}],
    "reviewers-only": "Between us",
}


@pytest.fixture
def answer(clock: Any, thunder_bay: Any, winnipeg: Any) -> Answer:
    """Bob Roy of Thunder Bay wrote a text, two ideas and something in confidence about the visit to Winnipeg."""
    there = make_occasion(places=[thunder_bay, winnipeg])
    survey = make_survey(make_questionnaire(), occasion=there, side="visitors", place=thunder_bay)
    make_response(survey, "Bob Roy", answers=ANSWERS, late=True)
    make_response(survey, "Ann Lee", answers={"contribution": "Not sent"}, draft=True)
    off = make_survey(make_questionnaire(), cancelled_at=OPENS)
    make_response(off, "Joe Ray", answers={"contribution": "Called off"})
    found: Answer = Answer.objects.get(question__code="contribution", response__invitation__name="Bob Roy")
    return found


@pytest.fixture
def study(client: Client, clock: Any, uma: Any) -> Client:
    """Uma is signed in, in English."""
    client.force_login(uma)
    return client


def texts(page: Any) -> list[str]:
    return [line["told"].text for line in page.context["lines"]]


def in_meeting(words: str, **fields: Any) -> Answer:
    survey = make_survey(make_questionnaire(), occasion=make_occasion(activity="meeting", **fields))
    made: Answer = make_response(survey, answers={"contribution": words}, submitted_at=OPENS).answers.get()
    return made


class TestWhoMay:
    @pytest.mark.parametrize("name", EVERYBODY)
    def test_the_university_and_reviewers(self, request: Any, client: Client, answer: Answer, name: str) -> None:
        client.force_login(request.getfixturevalue(name))
        coding = Coding.objects.create(answer=answer, theme=make_theme(), text="x", by_name="René")
        sort, unsort = address("sort", answer.pk), address("unsort", coding.pk)
        found = [client.get(address("to_sort")).status_code, client.post(sort).status_code]
        found.append(client.post(unsort).status_code)
        assert found == ([403, 403, 403] if name in ("amina", "rosa") else [200, 422, 302])
        assert [client.get(url).status_code for url in (sort, unsort)] == [405, 405]

    @pytest.mark.parametrize("name", ["uma", "rene"])
    def test_nobody_sorts_what_came_from_the_own_municipality(
        self, request: Any, client: Client, answer: Answer, winnipeg: Any, name: str
    ) -> None:
        person = request.getfixturevalue(name)
        make_stakeholder(winnipeg, user=person, standing="staff")
        other = in_meeting("A table")
        coding = Coding.objects.create(answer=answer, theme=make_theme(), text="x", by_name="René")
        client.force_login(person)
        assert texts(client.get(address("to_sort"))) == ["A table"]
        typed = {"item": "0", "theme": "housing"}
        moves = [
            (address("sort", answer.pk), 403),
            (address("unsort", coding.pk), 403),
            (address("sort", other.pk), 302),
        ]
        assert [client.post(url, typed).status_code for url, _code in moves] == [code for _url, code in moves]
        assert set(Coding.objects.values_list("answer", flat=True)) == {answer.pk, other.pk}

    def test_the_desk_of_the_reviewers_stays_closed_to_the_university(self, study: Client, answer: Answer) -> None:
        there = answer.response.invitation.survey.occasion_id
        assert study.get(address("open_answers", there)).status_code == 403
        assert study.post(address("code", there, answer.pk), {"item": "0", "theme": "x"}).status_code == 403

    def test_one_is_led_to_it(self, study: Client, answer: Answer) -> None:
        for name in ("coded", "codebook", "rates"):
            assert f'href="{address("to_sort")}"' in main_of(study.get(address(name)))


class TestTheList:
    def test_texts_and_ideas_without_names_and_nothing_confidential(self, study: Client, answer: Answer) -> None:
        page = study.get(address("to_sort"))
        assert heading(page) == "Sort open answers by theme"
        assert texts(page) == ["=Walk & <talk>", "A warm room", "A night bus"]
        words = words_of(page)
        assert "contribution? =Walk & <talk> Exchange visit" in words
        hidden = ("Bob", "Roy", "Eve Lam", "Winnipeg", "Thunder Bay", "Between us", "Not sent", "Called off", "late")
        assert [name for name in hidden if name in main_of(page)] == []
        assert page["Cache-Control"].startswith("max-age=0")

    def test_who_sorted_it_is_not_said(self, study: Client, answer: Answer) -> None:
        Coding.objects.create(answer=answer, theme=make_theme(), text="x", by_name="Rita of Winnipeg")
        page = study.get(address("to_sort"))
        assert "Housing Remove Housing" in words_of(page)
        assert "Rita" not in main_of(page)

    def test_by_activity_and_theme_and_what_is_not_sorted_yet(self, study: Client, answer: Answer) -> None:
        housing, retired = make_theme(), make_theme("retired", is_used=False)
        make_theme("work")
        meeting = in_meeting("A table")
        ideas = Answer.objects.get(question__code="ideas")
        Coding.objects.create(answer=ideas, item=1, theme=housing, text="A night bus", by_name="René")
        Coding.objects.create(answer=meeting, theme=retired, text="A table", by_name="René")
        bob = ["=Walk & <talk>", "A warm room", "A night bus"]
        expected: dict[tuple[str, str], list[str]] = {
            ("", ""): [*bob, "A table"],
            ("", "not sorted"): ["=Walk & <talk>", "A warm room"],
            ("", "housing"): ["A night bus"],
            ("", "retired"): ["A table"],
            ("", "work"): [],
            ("meeting", ""): ["A table"],
            ("meeting", "not sorted"): [],
            ("exchange", "housing"): ["A night bus"],
            ("nonsense", "nonsense"): [*bob, "A table"],
        }
        pages = {
            key: study.get(address("to_sort"), dict(zip(("activity", "theme"), key, strict=True))) for key in expected
        }
        assert {key: texts(page) for key, page in pages.items()} == expected
        assert "No open answer is in this list." in words_of(pages["", "work"])
        [line] = pages["", "retired"].context["lines"]
        assert [code for code, _label in line["form"].fields["theme"].choices] == ["", "housing", "work"]

    def test_an_idea_is_sorted_once_all_that_says_something_has_a_theme(self, study: Client, answer: Answer) -> None:
        Answer.objects.exclude(question__code="ideas").delete()
        ideas, theme = Answer.objects.get(), make_theme()
        silent = IDEA | {"what": "", "programme": ""}
        Answer.objects.update(value=[silent, IDEA | {"what": ""}])
        assert texts(study.get(address("to_sort"))) == ["Hub"]
        Coding.objects.create(answer=ideas, item=0, theme=theme, text="gone", by_name="René")
        assert texts(study.get(address("to_sort"), {"theme": "not sorted"})) == ["Hub"]
        Coding.objects.create(answer=ideas, item=1, theme=theme, text="Hub", by_name="René")
        assert texts(study.get(address("to_sort"), {"theme": "not sorted"})) == []
        Answer.objects.update(value=[silent])
        assert study.get(address("to_sort")).context["page"].paginator.count == 0

    def test_what_was_handed_in_last_comes_first(self, study: Client, answer: Answer) -> None:
        last = in_meeting("Newer")
        answer.response.__class__.objects.filter(pk=last.response_id).update(submitted_at=OPENS + timedelta(days=40))
        assert texts(study.get(address("to_sort")))[:2] == ["Newer", "=Walk & <talk>"]

    @pytest.mark.parametrize("name", ["uma", "rene", "priya"])
    def test_the_same_queries_at_one_and_at_many(self, request: Any, client: Client, answer: Answer, name: str) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address("to_sort"), {"activity": "exchange"}).status_code == 200
            return len(asked)

        client.force_login(request.getfixturevalue(name))
        Coding.objects.create(answer=answer, theme=make_theme(), text="x", by_name="René")
        queries()
        few = queries()
        form = make_questionnaire()
        for n in range(15):
            one = make_response(make_survey(form, occasion=make_occasion()), answers=ANSWERS)
            Coding.objects.create(answer=one.answers.all()[0], theme=make_theme(f"theme-{n}"), text="x", by_name="René")
        assert (few, queries()) == (7, 7)


class TestSorting:
    def test_a_theme_is_added_once_and_taken_off_and_one_comes_back_to_the_list(
        self, study: Client, answer: Answer
    ) -> None:
        make_theme()
        url, query = address("sort", answer.pk), "?theme=not+sorted&activity=exchange"
        assert f'action="{url}?theme=not+sorted&amp;activity=exchange"' in main_of(
            study.get(address("to_sort") + query)
        )
        typed = {"item": "0", "theme": "housing"}
        done = study.post(f"{url}{query}&next=//elsewhere.example", typed)
        assert done["Location"] == f"{address('to_sort')}{query}#answer-{answer.pk}-0"
        assert said(study, done) == ["The answer is sorted under “Housing”."]
        [coding] = Coding.objects.all()
        assert (coding.text, coding.item, coding.by_name) == ("=Walk & <talk>", 0, "Uma Sharma")
        assert said(study, study.post(url, typed)) == ["Uma Sharma has sorted this answer under this theme already."]
        off = address("unsort", coding.pk)
        gone = study.post(off)
        assert gone["Location"] == f"{address('to_sort')}#answer-{answer.pk}-0"
        assert said(study, gone) == ["The theme is taken off the answer."]
        assert study.post(off)["Location"] == address("to_sort")
        assert Coding.objects.count() == 0

    def test_each_idea_on_its_own(self, study: Client, answer: Answer) -> None:
        make_theme()
        ideas = Answer.objects.get(question__code="ideas")
        study.post(address("sort", ideas.pk), {"item": "1", "theme": "housing"})
        assert list(Coding.objects.values_list("answer", "item", "text")) == [(ideas.pk, 1, "A night bus")]

    @pytest.mark.parametrize(
        ("typed", "error"),
        [
            ({"item": "0", "theme": ""}, "Choose a theme."),
            ({"item": "0", "theme": "retired"}, "Select a valid choice."),
            ({"item": "x", "theme": "housing"}, "Enter a whole number."),
        ],
    )
    def test_wrong_choices_come_back_at_their_answer(
        self, study: Client, answer: Answer, typed: dict[str, str], error: str
    ) -> None:
        make_theme()
        make_theme("retired", is_used=False)
        page = study.post(address("sort", answer.pk), typed)
        bound = [(line["told"].text, line["form"].is_bound) for line in page.context["lines"]]
        assert (page.status_code, Coding.objects.count()) == (422, 0)
        assert bound == [("=Walk & <talk>", True), ("A warm room", False), ("A night bus", False)]
        assert error in words_of(page)

    @pytest.mark.parametrize("code", ["reviewers-only", "usefulness"])
    def test_what_is_confidential_no_text_or_not_handed_in_is_not_found(
        self, study: Client, answer: Answer, code: str
    ) -> None:
        theme = make_theme()
        survey = answer.response.invitation.survey
        other = make_response(survey, answers={"usefulness": 4, "reviewers-only": "Psst"}).answers.get(
            question__code=code
        )
        draft = Answer.objects.get(response__submitted_at__isnull=True)
        for pk in (other.pk, draft.pk, 999_999):
            assert study.post(address("sort", pk), {"item": "0", "theme": "housing"}).status_code == 404
        coding = Coding.objects.create(answer=other, theme=theme, text="x", by_name="René")
        study.post(address("unsort", coding.pk))
        assert list(Coding.objects.all()) == [coding]

    def test_without_themes_one_is_led_to_the_codebook(self, study: Client, answer: Answer) -> None:
        assert "The codebook has no theme yet. Go to the codebook" in words_of(study.get(address("to_sort")))
        assert Theme.objects.count() == 0

    def test_many_have_pages_and_a_move_comes_back_to_its_page(self, study: Client, answer: Answer) -> None:
        make_theme()
        for n in range(30):
            make_response(answer.response.invitation.survey, answers={"contribution": f"Text {n}"})
        page = study.get(address("to_sort"), {"page": "2"})
        assert "26 to 32 of 32" in words_of(page)
        told = page.context["lines"][0]["told"]
        done = study.post(f"{address('sort', told.answer.pk)}?page=2", {"item": "0", "theme": "housing"})
        assert done["Location"] == f"{address('to_sort')}?page=2#answer-{told.answer.pk}-0"


def test_in_french(study: Client, answer: Answer) -> None:
    make_theme()
    page = study.get("/fr/evaluations/reponses-ouvertes/")
    assert heading(page) == "Classer les réponses ouvertes par thème"
    assert "Pas encore classées" in words_of(page)
