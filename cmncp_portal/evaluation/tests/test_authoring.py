"""The secretariat's questionnaires: who may, what is frozen, both languages; and the instruments that come with the portal."""

import json
import re
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cmncp_portal.evaluation import instruments, selectors, services
from cmncp_portal.evaluation.instruments import QuestionnaireRefused
from cmncp_portal.evaluation.measures import Measure
from cmncp_portal.evaluation.models import Question, Questionnaire
from cmncp_portal.evaluation.tests.factories import make_invitation, make_questionnaire, make_survey
from cmncp_portal.testing.pages import words_of

pytestmark = pytest.mark.django_db
WORDING = dict.fromkeys(instruments.WORDING, "x") | {"minutes": 5}

# Down: the cast. Across: look at questionnaires, keep them, answer Amina's invitation.
MATRIX = {
    "amina": (False, False, True),
    "joseph": (False, False, False),
    "luc": (False, False, False),
    "rosa": (False, False, False),
    "priya": (True, True, False),
    "rene": (True, False, False),
    "uma": (True, False, False),
    "admin_user": (True, True, True),
}


@pytest.mark.parametrize("name", MATRIX)
def test_who_may(name: str, request: Any, amina: Any) -> None:
    person = request.getfixturevalue(name)
    invitation = make_invitation(make_survey(), "Amina", user=amina)
    found = (
        person.has_perm("evaluation.view_questionnaires"),
        person.has_perm("evaluation.keep_questionnaires"),
        person.has_perm("evaluation.answer_survey", invitation),
    )
    assert found == MATRIX[name]


@pytest.mark.parametrize("name", MATRIX)
def test_the_screens_keep_to_it(name: str, request: Any, client: Client) -> None:
    sees, keeps, _answers = MATRIX[name]
    draft = make_questionnaire(published_at=None)
    question = draft.questions.first()
    client.force_login(request.getfixturevalue(name))
    base = f"/en/questionnaires/{draft.pk}/"
    for path in ("/en/questionnaires/", base, f"{base}preview/"):
        assert client.get(path).status_code == (200 if sees else 403), path
    for path in ("/en/questionnaires/new/", f"{base}edit/", f"{base}questions/new/", f"{base}questions/{question.pk}/"):
        assert client.get(path).status_code == (200 if keeps else 403), path
    for path in (
        f"{base}questions/{question.pk}/move/",
        f"{base}questions/{question.pk}/remove/",
        f"{base}new-version/",
        f"{base}publish/",
    ):
        assert client.get(path).status_code == 405, path
        assert client.post(path).status_code == (302 if keeps else 403), path


def test_the_services_ask_as_well(rene: Any) -> None:
    draft = make_questionnaire(published_at=None)
    with pytest.raises(PermissionDenied):
        instruments.publish(draft, by=rene)
    with pytest.raises(PermissionDenied):
        instruments.keep_wording(None, by=rene, slug="mine", **WORDING)


def test_what_was_published_never_changes(priya: Any, client: Client) -> None:
    form = make_questionnaire()
    question = form.questions.first()
    for change in (
        lambda: instruments.keep_wording(form, by=priya, **WORDING),
        lambda: instruments.keep_question(form, by=priya, code="new", kind="text", text_en="a", text_fr="b"),
        lambda: instruments.keep_question(form, by=priya, question=question, text_en="changed"),
        lambda: instruments.move_question(question, by=priya, up=False),
        lambda: instruments.remove_question(question, by=priya),
        lambda: instruments.publish(form, by=priya),
    ):
        with pytest.raises(QuestionnaireRefused, match="published and stays as it is"):
            change()
    client.force_login(priya)
    client.post(f"/en/questionnaires/{form.pk}/edit/", WORDING)
    form.refresh_from_db()
    assert (form.title_en, form.questions.first().text_en) == ("Evaluation", "usefulness?")


def test_a_new_version_is_a_copy_and_surveys_move_to_it_once_it_is_published(priya: Any, client: Client) -> None:
    first = make_questionnaire("visitors")
    client.force_login(priya)
    answer = client.post(f"/en/questionnaires/{first.pk}/new-version/")
    second = Questionnaire.objects.get(slug="visitors", version=2)
    assert answer["Location"] == f"/en/questionnaires/{second.pk}/"
    assert list(second.questions.values_list("code", "text_fr")) == list(first.questions.values_list("code", "text_fr"))
    assert instruments.begin_version(first, by=priya) == second
    assert selectors.latest("visitors") == first
    client.post(f"/en/questionnaires/{second.pk}/publish/")
    assert selectors.latest("visitors") == second


@pytest.mark.parametrize("missing", ["title_fr", "confidentiality_en", "introduction_fr"])
def test_publishing_needs_both_languages(missing: str, priya: Any) -> None:
    texts = {"introduction_en": "Hello", "introduction_fr": "Bonjour", missing: " "}
    draft = make_questionnaire(published_at=None, **texts)
    with pytest.raises(QuestionnaireRefused, match="both languages"):
        instruments.publish(draft, by=priya)
    draft.refresh_from_db()
    assert draft.is_published is False


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"help_en": "1 = bad"}, "The question “usefulness” is needed in both languages."),
        ({"kind": "choice"}, "The question “usefulness” has nothing to choose from or to rate."),
        ({"options": [{"code": "a", "en": "A", "fr": ""}]}, "The question “usefulness” is needed in both languages."),
    ],
)
def test_what_is_missing_is_said(change: dict[str, Any], reason: str, priya: Any, client: Client) -> None:
    draft = make_questionnaire(published_at=None)
    draft.questions.filter(code="usefulness").update(**change)
    assert [str(text) for text in selectors.what_is_missing(draft)] == [reason]
    client.force_login(priya)
    assert reason in client.get(f"/en/questionnaires/{draft.pk}/").content.decode()


def test_a_questionnaire_without_questions_is_not_published(priya: Any) -> None:
    with pytest.raises(QuestionnaireRefused, match="no question"):
        instruments.publish(make_questionnaire(questions=(), published_at=None), by=priya)


def test_questions_are_written_moved_and_removed(priya: Any, client: Client) -> None:
    draft = make_questionnaire(questions=(), published_at=None)
    client.force_login(priya)
    path = f"/en/questionnaires/{draft.pk}/questions/"
    for code in ("first", "second"):
        typed = {
            "code": code,
            "kind": "choice",
            "text_en": "Which?",
            "text_fr": "Lequel?",
            "options_text": "yes | Yes | Oui\nno | No | Non",
        }
        assert client.post(f"{path}new/", typed).status_code == 302
    first, second = draft.questions.all()
    assert first.options == [{"code": "yes", "en": "Yes", "fr": "Oui"}, {"code": "no", "en": "No", "fr": "Non"}]
    client.post(f"{path}{second.pk}/move/", {"direction": "up"})
    client.post(f"{path}{second.pk}/move/", {"direction": "up"})
    assert list(draft.questions.values_list("code", flat=True)) == ["second", "first"]
    client.post(f"{path}{first.pk}/remove/")
    assert list(draft.questions.values_list("code", flat=True)) == ["second"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"options_text": "yes | Yes"}, "options_text"),
        ({"options_text": "yes | Yes | "}, "options_text"),
        ({"options_text": "yes | Yes | Oui\nyes | No | Non"}, "options_text"),
        ({"text_fr": ""}, "text_fr"),
        ({"code": "usefulness"}, "code"),
        ({"code": "two words"}, "code"),
    ],
)
def test_a_question_typed_wrongly(typed: dict[str, str], field: str, priya: Any, client: Client) -> None:
    draft = make_questionnaire(published_at=None)
    client.force_login(priya)
    good = {
        "code": "new",
        "kind": "choice",
        "text_en": "Which?",
        "text_fr": "Lequel?",
        "options_text": "yes | Yes | Oui",
    }
    page = client.post(f"/en/questionnaires/{draft.pk}/questions/new/", good | typed)
    assert list(page.context["form"].errors) == [field]
    assert draft.questions.filter(text_en="Which?").count() == 0


def test_a_questionnaire_of_ones_own(priya: Any, client: Client) -> None:
    make_questionnaire("taken")
    client.force_login(priya)
    taken = client.post("/en/questionnaires/new/", WORDING | {"slug": "taken"})
    assert list(taken.context["form"].errors) == ["slug"]
    made = client.post("/en/questionnaires/new/", WORDING | {"slug": "meetings"})
    assert made["Location"] == f"/en/questionnaires/{Questionnaire.objects.get(slug='meetings').pk}/"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_preview_shows_both_languages_next_to_each_other(language: str, priya: Any, client: Client) -> None:
    instruments.load_instruments()
    client.force_login(priya)
    path = f"/{language}/questionnaires/{selectors.latest('exchange-visitors').pk}/"
    page = client.get(f"{path}{'preview' if language == 'en' else 'apercu'}/").content.decode()
    english, _half, french = page.partition('<section class="flow" lang="fr">')
    assert '<section class="flow" lang="en">' in english
    for here, there in ((english, french), (french, english)):
        words = (
            "How useful was this exchange to you overall?",
            "Not applicable",
            "Idea 1",
            "Your answers and your privacy",
        )
        assert [word in here for word in words] == [here is english] * 4
        assert ("quelle a été l’utilité de cet échange" in here, "quelle a été l’utilité de cet échange" in there) == (
            here is french,
            there is french,
        )
    ids = re.findall(r' id="([^"]+)"', page)
    assert [one for one in ids if ids.count(one) > 1] == []
    assert {name.partition("-")[0] for name in re.findall(r'type="radio" name="([^"]+)"', page)} == {"en", "fr"}
    assert 'value="submit"' not in page


def test_a_questionnaire_shows_both_languages_and_its_versions(priya: Any, rene: Any, client: Client) -> None:
    first = make_questionnaire("visitors")
    second = instruments.begin_version(first, by=priya)
    client.force_login(rene)
    page = client.get(f"/en/questionnaires/{first.pk}/").content.decode()
    assert ("usefulness?" in page, "usefulness (fr)?" in page) == (True, True)
    assert f'<a href="/en/questionnaires/{second.pk}/">Version 2</a>' in page
    assert "<strong>Version 1</strong>" in page
    assert [q.version for q in client.get("/en/questionnaires/").context["page"]] == [2, 1]


class TestWhatAnswersAreCountedFor:
    TYPED = {"code": "new", "kind": "rating", "text_en": "Useful?", "text_fr": "Utile?"}

    def test_one_of_the_names_that_the_report_knows(self, priya: Any, client: Client) -> None:
        draft = make_questionnaire(questions=(), published_at=None)
        client.force_login(priya)
        url = f"/en/questionnaires/{draft.pk}/questions/new/"
        assert client.post(url, self.TYPED | {"indicator": "satisfaction"}).status_code == 302
        page = words_of(client.get(f"/en/questionnaires/{draft.pk}/"))
        assert f"Counted as: Satisfaction ( satisfaction ). {Measure.SATISFACTION.definition}" in page
        again = client.post(url, self.TYPED | {"code": "other", "indicator": ""})
        assert (again.status_code, draft.questions.get(code="other").indicator) == (302, "")

    def test_no_other_name(self, priya: Any, client: Client) -> None:
        draft = make_questionnaire(questions=(), published_at=None)
        client.force_login(priya)
        page = client.post(f"/en/questionnaires/{draft.pk}/questions/new/", self.TYPED | {"indicator": "happiness"})
        assert list(page.context["form"].errors) == ["indicator"]
        assert page.context["form"]["text_en"].value() == "Useful?"
        assert draft.questions.count() == 0

    def test_a_name_of_before_stays_until_it_is_changed(self, priya: Any, client: Client) -> None:
        question = {"code": "new", "kind": "rating", "indicator": "older"}
        draft = make_questionnaire(questions=(question,), published_at=None)
        client.force_login(priya)
        assert "It carries the name “older”, which the report does not know." in words_of(
            client.get(f"/en/questionnaires/{draft.pk}/")
        )
        url = f"/en/questionnaires/{draft.pk}/questions/{draft.questions.get().pk}/"
        assert client.post(url, self.TYPED | {"indicator": "older"}).status_code == 302
        assert draft.questions.get().indicator == "older"

    def test_every_name_in_the_instruments_is_known(self) -> None:
        instruments.load_instruments()
        used = set(Question.objects.exclude(indicator="").values_list("indicator", flat=True))
        assert used - set(Measure.values) == set()


@pytest.mark.parametrize("number", [1, 24])
def test_the_list_asks_the_same_number_of_queries(number: int, priya: Any, client: Client) -> None:
    for _n in range(number):
        make_questionnaire(questions=())
    client.force_login(priya)
    with CaptureQueriesContext(connection) as queries:
        client.get("/en/questionnaires/")
    assert len(queries) <= 8


def test_the_instruments_are_loaded_once_published_and_in_both_languages() -> None:
    made = services.load_instruments()
    assert [(q.slug, q.version, q.is_published) for q in made] == [
        ("exchange-hosts", 1, True),
        ("exchange-visitors", 1, True),
        ("meeting", 1, True),
        ("mentoring-check-in", 1, True),
        ("mentoring-closing", 1, True),
        ("training-offering", 1, True),
        ("training-use", 1, True),
    ]
    assert services.load_instruments() == []
    assert Question.objects.filter(questionnaire__slug="exchange-visitors").count() == 13
    assert [selectors.what_is_missing(q) for q in made] == [[]] * 7


def test_the_instruments_ask_both_sides_what_the_network_wants_to_know() -> None:
    visitors, hosts = (
        {
            q["code"]: q
            for q in json.loads((instruments.DATA / f"exchange-{side}.json").read_text(encoding="utf-8"))["questions"]
        }
        for side in ("visitors", "hosts")
    )
    assert list(visitors) == [
        "usefulness", "objectives", "contribution", "knowledge", "capacity", "ideas", "improve", "hours", "cost", "return-visit",
        "return-topics", "quote", "reviewers-only",
    ]  # fmt: skip
    assert set(hosts) - set(visitors) == {"visiting-team", "learned"}
    assert all(hosts[code] == visitors[code] for code in set(hosts) & set(visitors))
    assert visitors["contribution"]["text_en"] == (
        "What could this exchange contribute to more effective and sustained crime prevention in your municipality?"
    )
    assert [code for code, q in visitors.items() if q.get("is_confidential")] == ["reviewers-only"]
