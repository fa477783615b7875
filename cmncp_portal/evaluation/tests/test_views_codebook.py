"""Response rates, who has not answered, the codebook, coded answers and their file. And who reads which of them."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.evaluation.models import Answer, Coding, Response, Theme
from cmncp_portal.evaluation.tests.factories import (
    OBJECTIVES,
    QUOTE,
    SUBJECTS,
    YES_NO,
    make_invitation,
    make_occasion,
    make_questionnaire,
    make_response,
    make_survey,
)
from cmncp_portal.testing.pages import heading, main_of, said, text_of, words_of

from .test_views_desk import EVERYBODY, address, make_theme

pytestmark = pytest.mark.django_db
FORM: tuple[dict[str, Any], ...] = (
    {"code": "usefulness", "kind": "rating", "indicator": "satisfaction"},
    {"code": "objectives", "kind": "rating_rows", "rows_from_survey": True},
    {"code": "knowledge", "kind": "before_after", "options": SUBJECTS},
    {"code": "return-visit", "kind": "choice", "options": YES_NO},
    {"code": "topics", "kind": "choices", "options": SUBJECTS},
    {"code": "contribution", "kind": "text"},
    {"code": "hours", "kind": "number"},
    {"code": "ideas", "kind": "ideas"},
    {"code": "reviewers-only", "kind": "text", "is_confidential": True},
    QUOTE,
)
IDEA = {"what": "A warm room", "programme": "Hub", "who": "Eve Lam", "by": "", "sure": 4}
ANSWERS = {
    "usefulness": 4,
    "objectives": {"objective-1": 5, "objective-2": "na"},
    "knowledge": {"planning": {"before": 2, "after": 4}},
    "return-visit": "yes",
    "topics": ["planning", "partners"],
    "contribution": '=HYPERLINK("x")',
    "hours": 2.5,
    "ideas": [IDEA],
    "reviewers-only": "Between us",
}


@pytest.fixture
def answered(clock: Any) -> Response:
    survey = make_survey(make_questionnaire("visitors", questions=FORM), side="visitors", rows=OBJECTIVES)
    told = "The reviewers read your answers."
    return make_response(survey, "Bob Roy", answers=ANSWERS, language="fr", may_quote="no", consent_text=told)


def sort(response: Response, code: str, theme: Theme, item: int = 0, text: str = "") -> Coding:
    answer = Answer.objects.get(response=response, question__code=code)
    made: Coding = Coding.objects.create(answer=answer, item=item, theme=theme, text=text, by_name="René")
    return made


class TestWhoMay:
    UNIVERSITY = ("rates", "codebook", "theme_add", "coded", "export")

    @pytest.mark.parametrize("name", EVERYBODY)
    def test_the_pages(self, request: Any, client: Client, clock: Any, name: str) -> None:
        client.force_login(request.getfixturevalue(name))
        kept = make_theme()
        found = {page: client.get(address(page)).status_code for page in (*self.UNIVERSITY, "not_answered")}
        found["theme"] = client.get(address("theme", kept.pk)).status_code
        found["use"] = client.post(address("theme_use", kept.pk), {"use": "no"}).status_code
        studies, calls = name not in ("amina", "rosa"), name in ("priya", "admin_user")
        expected = dict.fromkeys((*self.UNIVERSITY, "theme"), 200 if studies else 403)
        assert found == expected | {"not_answered": 200 if calls else 403, "use": 302 if studies else 403}

    def test_the_university_is_not_led_where_it_may_not_go(
        self, client: Client, clock: Any, uma: Any, priya: Any
    ) -> None:
        found = {}
        for person in (uma, priya):
            client.force_login(person)
            page = main_of(client.get(address("rates")))
            found[person.name] = [
                f'href="{address(name)}"' in page for name in ("desk", "not_answered", "coded", "codebook")
            ]
        assert found == {"Uma Sharma": [False, False, True, True], "Priya Nair": [True] * 4}


class TestRates:
    @pytest.fixture
    def asked(self, clock: Any, client: Client, uma: Any, thunder_bay: Any, gatineau: Any) -> None:
        form = make_questionnaire(questions=FORM[:1])
        visit = make_survey(form, occasion=make_occasion(on=date(2026, 11, 18)), side="visitors", place=thunder_bay)
        meeting = make_survey(form, occasion=make_occasion(activity="meeting", on=date(2027, 1, 10)))
        make_response(visit, answers={"usefulness": 5}, invited={"place": thunder_bay})
        make_response(visit, late=True, answers={"usefulness": 4}, invited={"place": thunder_bay})
        make_invitation(visit, place=thunder_bay)
        make_invitation(meeting, language="fr", place=gatineau)
        client.force_login(uma)

    @pytest.mark.parametrize(
        ("chosen", "first", "rows"),
        [
            ({}, "Activity", [("Exchange visit", 3, 2, 1), ("Meeting", 1, 0, 0)]),
            ({"by": "side"}, "Side", [("Visiting team", 3, 2, 1), ("Everybody asked alike", 1, 0, 0)]),
            ({"by": "province"}, "Province or territory", [("Ontario", 3, 2, 1), ("Quebec", 1, 0, 0)]),
            ({"by": "language"}, "Language", [("English", 3, 2, 1), ("French", 1, 0, 0)]),
            ({"activity": "meeting"}, "Activity", [("Meeting", 1, 0, 0)]),
            ({"until_on": "2026-11-18"}, "Activity", [("Exchange visit", 3, 2, 1)]),
            ({"from_on": "2026-11-19"}, "Activity", [("Meeting", 1, 0, 0)]),
        ],
    )
    def test_by(self, client: Client, asked: None, chosen: dict[str, str], first: str, rows: list[Any]) -> None:
        page = client.get(address("rates"), chosen)
        *lines, total = page.context["rows"]
        assert [(str(row.label), row.asked, row.answered, row.late) for row in lines] == rows
        assert (total.is_total, total.asked) == (True, sum(row[1] for row in rows))
        assert f"{first} Asked Answered Late Share {rows[0][0]} {rows[0][1]}" in words_of(page)

    def test_shares(self, client: Client, asked: None) -> None:
        words = words_of(client.get(address("rates")))
        assert "Exchange visit 3 2 1 67% Meeting 1 0 0 0% All together 4 2 1 50%" in words

    @pytest.mark.parametrize(
        "chosen",
        [
            {"by": "shoe size"},
            {"activity": "x"},
            {"from_on": "soon"},
            {"from_on": "2027-02-01", "until_on": "2027-01-31"},
        ],
    )
    def test_what_is_not_understood_is_said_and_kept(self, client: Client, asked: None, chosen: dict[str, str]) -> None:
        page = client.get(address("rates"), chosen)
        assert (page.status_code, "One answer needs another look" in words_of(page)) == (200, True)
        assert {name: page.context["form"][name].value() for name in chosen} == chosen

    def test_when_nobody_was_asked(self, client: Client, clock: Any, uma: Any) -> None:
        client.force_login(uma)
        assert "All together 0 0 0 —" in words_of(client.get(address("rates")))


class TestWhoHasNotAnswered:
    def test_names_addresses_and_how_it_stands(self, client: Client, clock: Any, priya: Any) -> None:
        survey = make_survey(make_questionnaire(questions=FORM[:1]))
        make_response(survey, "Done Already")
        make_response(survey, "Half Way", draft=True)
        make_invitation(survey, "Not Yet")
        client.force_login(priya)
        page = client.get(address("not_answered"))
        words = words_of(page)
        assert "2 people have not answered" in words
        assert [name in words for name in ("Done Already", "Half Way", "Not Yet")] == [False, True, True]
        assert "Closed due December 2, 2026" in words
        assert 'href="mailto:not.yet@example.ca"' in main_of(page)
        assert list(client.get(address("not_answered"), {"activity": "meeting"}).context["page"]) == []

    def test_nobody(self, client: Client, clock: Any, priya: Any) -> None:
        client.force_login(priya)
        assert "Everybody who was asked has answered." in words_of(client.get(address("not_answered")))


class TestCodebook:
    NEW = {
        "code": "warmth",
        "name_en": "Warm rooms",
        "name_fr": "Lieux chauds",
        "definition_en": "When…",
        "definition_fr": "Quand…",
        "order": "3",
    }

    @pytest.fixture
    def study(self, client: Client, clock: Any, uma: Any) -> Client:
        client.force_login(uma)
        return client

    def test_themes_with_their_uses(self, study: Client, answered: Response) -> None:
        used, retired = make_theme(), make_theme("old", is_used=False)
        for item in range(2):
            sort(answered, "ideas", used, item)
        words = words_of(study.get(address("codebook")))
        assert "Housing housing · 2 answers sorted (n = 2)" in words
        assert f"{retired.name_en} old · 0 answers sorted (n = 0) · retired" in words

    def test_empty(self, study: Client) -> None:
        assert "The codebook has no theme yet." in words_of(study.get(address("codebook")))

    def test_a_theme_is_added_and_reworded_and_its_code_stays(self, study: Client) -> None:
        assert said(study, study.post(address("theme_add"), self.NEW)) == ["The theme is saved."]
        made = Theme.objects.get()
        changed = self.NEW | {"name_en": "Shelter", "code": "other"}
        assert said(study, study.post(address("theme", made.pk), changed)) == ["The theme is saved."]
        made.refresh_from_db()
        assert (made.code, made.name_en, made.order) == ("warmth", "Shelter", 3)

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("code", "two words"),
            ("code", "housing"),
            ("name_fr", ""),
            ("definition_en", " "),
            ("order", "-1"),
            ("name_en", "x" * 121),
        ],
    )
    def test_wrong_ones_come_back(self, study: Client, field: str, typed: str) -> None:
        make_theme()
        page = study.post(address("theme_add"), self.NEW | {field: typed})
        assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
        assert {name: page.context["form"][name].value() for name in self.NEW} == self.NEW | {field: typed}
        assert Theme.objects.count() == 1

    def test_a_wrong_rewording_keeps_the_heading(self, study: Client) -> None:
        kept = make_theme()
        page = study.post(address("theme", kept.pk), self.NEW | {"name_en": ""})
        assert (page.status_code, heading(page)) == (422, "Housing")

    def test_retiring_and_bringing_back_twice(self, study: Client) -> None:
        url = address("theme_use", make_theme().pk)
        assert [said(study, study.post(url, {"use": use})) for use in ("no", "no", "yes", "yes")] == [
            ["The theme is retired. What was sorted under it stays."],
            ["This theme is out of use already."],
            ["The theme is in use again."],
            ["This theme is in use already."],
        ]
        assert study.get(url).status_code == 405


class TestCodedAnswers:
    def test_themes_counted_and_texts_without_names(self, client: Client, answered: Response, uma: Any) -> None:
        housing, work = make_theme(), make_theme("work")
        sort(answered, "contribution", housing, text="We need rooms")
        sort(answered, "ideas", work, text="A warm room")
        client.force_login(uma)
        page = client.get(address("coded"))
        words = words_of(page)
        assert "Housing 1 1 Exchange visit 1" in words
        assert [text in words for text in ("We need rooms", "A warm room", "Bob", "Winnipeg", "Between us")] == [
            True, True, False, False, False,
        ]  # fmt: skip
        only = words_of(client.get(address("coded"), {"theme": "work"}))
        assert ("A warm room" in only, "We need rooms" in only) == (True, False)
        assert "No answer is sorted under a theme yet." in words_of(
            client.get(address("coded"), {"activity": "meeting"})
        )

    @pytest.mark.parametrize("name", ["coded", "codebook", "rates", "not_answered"])
    def test_the_same_queries_at_one_and_at_many(
        self, client: Client, answered: Response, priya: Any, name: str
    ) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                client.get(address(name))
            return len(asked)

        sort(answered, "contribution", make_theme(), text="x")
        make_invitation(answered.invitation.survey)
        client.force_login(priya)
        queries()
        few = queries()
        form = make_questionnaire(questions=FORM)
        for n in range(30):
            survey = make_survey(form, occasion=make_occasion())
            sort(make_response(survey, answers=ANSWERS), "contribution", make_theme(f"theme-{n}"), text="x")
            make_invitation(survey)
        assert (queries(), few <= 8) == (few, True)


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestTheFile:
    def test_one_code_for_each_option_and_both_languages(self, client: Client, answered: Response, uma: Any) -> None:
        sort(answered, "ideas", make_theme(), text="A warm room")
        sort(answered, "ideas", make_theme("work"), text="A warm room")
        client.force_login(uma)
        answer = client.get(address("export"))
        assert answer["Content-Disposition"] == 'attachment; filename="coded-answers-2027-02-01.csv"'
        rows = rows_of(answer)
        assert {
            (r["Response"], r["Activity"], r["Year"], r["Side"], r["Language"], r["Late"], r["May be quoted"])
            for r in rows
        } == {("1", "exchange", "2026", "visitors", "fr", "0", "no")}
        columns = ("Question", "Line", "Code of the answer", "Answer in English", "Answer in French", "Text", "Themes")
        assert [tuple(row[name] for name in columns) for row in rows] == [
            ("told", "", "", "", "", "The reviewers read your answers.", ""),
            ("usefulness", "", "4", "4", "4", "", ""),
            ("objectives", "objective-1", "5", "5", "5", "", ""),
            ("objectives", "objective-2", "na", "Not applicable", "Sans objet", "", ""),
            ("knowledge", "planning.before", "2", "2", "2", "", ""),
            ("knowledge", "planning.after", "4", "4", "4", "", ""),
            ("return-visit", "", "yes", "Yes", "Oui", "", ""),
            ("topics", "", "planning", "planning", "la planification", "", ""),
            ("topics", "", "partners", "partners", "les partenaires", "", ""),
            ("contribution", "", "", "", "", '\'=HYPERLINK("x")', ""),
            ("hours", "", "2.5", "", "", "", ""),
            ("ideas", "idea-1", "4", "4", "4", "A warm room", "housing;work"),
        ]
        assert (rows[1]["Question in English"], rows[1]["Question in French"]) == ("usefulness?", "usefulness (fr)?")
        assert (rows[1]["Questionnaire"], rows[1]["Version"], rows[1]["Counted as"]) == (
            "visitors",
            "1",
            "satisfaction",
        )

    def test_no_names_no_addresses_nothing_confidential_no_drafts(
        self, client: Client, answered: Response, uma: Any
    ) -> None:
        make_response(answered.invitation.survey, "Ann Lee", draft=True, answers={"contribution": "A draft"})
        client.force_login(uma)
        text = text_of(client.get(address("export")))
        secrets = ("Bob", "Roy", "@", "Eve Lam", "Between us", "A draft", "Winnipeg")
        assert [word for word in secrets if word in text] == []

    def test_each_response_with_the_text_that_this_person_read(
        self, client: Client, answered: Response, uma: Any
    ) -> None:
        make_response(answered.invitation.survey, answers={"usefulness": 1}, consent_text="Another sentence.")
        client.force_login(uma)
        told = [
            (row["Response"], row["Text"])
            for row in rows_of(client.get(address("export")))
            if row["Question"] == "told"
        ]
        assert told == [("1", "The reviewers read your answers."), ("2", "Another sentence.")]

    @pytest.mark.parametrize(
        ("chosen", "found"),
        [
            ({"activity": "exchange"}, True),
            ({"activity": "meeting"}, False),
            ({"from_on": "2026-11-18", "until_on": "2026-11-18"}, True),
            ({"from_on": "2026-11-19"}, False),
            ({"until_on": "2026-11-17"}, False),
        ],
    )
    def test_of_one_activity_or_period(
        self, client: Client, answered: Response, uma: Any, chosen: dict[str, str], found: bool
    ) -> None:
        client.force_login(uma)
        assert bool(rows_of(client.get(address("export"), chosen))) is found

    def test_days_that_cannot_be_read(self, client: Client, answered: Response, uma: Any) -> None:
        client.force_login(uma)
        assert said(client, client.get(address("export"), {"from_on": "soon"})) == ["Please check the days."]

    def test_the_same_queries_at_one_and_at_many(self, client: Client, answered: Response, uma: Any) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as asked:
                client.get(address("export"))
            return len(asked)

        client.force_login(uma)
        queries()
        few = queries()
        survey = answered.invitation.survey
        for _n in range(20):
            make_response(survey, answers=ANSWERS)
        assert (queries(), few <= 10) == (few, True)


def test_in_french(client: Client, answered: Response, priya: Any) -> None:
    client.force_login(priya)
    pages = {
        "/fr/evaluations/taux-de-reponse/": "Taux de réponse",
        "/fr/evaluations/sans-reponse/": "Qui n’a pas répondu",
        "/fr/evaluations/grille-de-codage/": "Grille de codage",
        "/fr/evaluations/reponses-codees/": "Réponses codées",
    }
    assert {url: heading(client.get(url)) for url in pages} == pages
    header = text_of(client.get("/fr/evaluations/reponses-codees/fichier/")).partition("\r\n")[0]
    assert header.startswith("\ufeffRéponse,Activité,Année,Partie,Langue,En retard")
