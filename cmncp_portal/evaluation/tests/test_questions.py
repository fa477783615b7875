"""One table over the kinds: what is typed, what is kept, what is shown again, and in which words."""

from typing import Any

import pytest
from django.http import QueryDict
from django.utils import translation

from cmncp_portal.evaluation.forms import AnswerForm
from cmncp_portal.evaluation.models import Question
from cmncp_portal.evaluation.questions import KINDS, LONGEST_TEXT, Asked, asked
from cmncp_portal.evaluation.tests.factories import ALL_KINDS, OBJECTIVES

QUESTIONS = [Question(pk=n, text_en=q["code"], text_fr=q["code"], **q) for n, q in enumerate(ALL_KINDS, start=1)]
TABLE: list[tuple[str, dict[str, Any], Any, list[str], list[str]]] = [
    ("usefulness", {"usefulness": "4"}, 4, ["4 of 5"], ["4 sur 5"]),
    ("usefulness", {"usefulness": "na"}, "na", ["Not applicable"], ["Sans objet"]),
    (
        "objectives",
        {"objectives.objective-1": "5"},
        {"objective-1": 5},
        ["Learn about street outreach: 5 of 5"],
        ["Connaître le travail de rue\u00a0: 5 sur 5"],
    ),
    (
        "knowledge",
        {"knowledge.planning.before": "2", "knowledge.planning.after": "4", "knowledge.partners.after": "na"},
        {"planning": {"before": 2, "after": 4}, "partners": {"after": "na"}},
        ["planning, before: 2 of 5", "planning, after: 4 of 5", "partners, after: Not applicable"],
        [
            "la planification, avant\u00a0: 2 sur 5",
            "la planification, après\u00a0: 4 sur 5",
            "les partenaires, après\u00a0: Sans objet",
        ],
    ),
    ("return-visit", {"return-visit": "yes"}, "yes", ["Yes"], ["Oui"]),
    (
        "topics",
        {"topics": ["planning", "partners"]},
        ["planning", "partners"],
        ["planning", "partners"],
        ["la planification", "les partenaires"],
    ),
    ("contribution", {"contribution": "A night shelter"}, "A night shelter", ["A night shelter"], ["A night shelter"]),
    ("hours", {"hours": "12"}, 12, ["12"], ["12"]),
    ("hours", {"hours": "2,5"}, 2.5, ["2.5"], ["2,5"]),
    ("hours", {"hours": "1,500"}, 1500, ["1,500"], ["1\u00a0500"]),
    ("hours", {"hours": "1\u00a0500,50 $"}, 1500.5, ["1,500.5"], ["1\u00a0500,5"]),
    ("hours", {"hours": "0"}, 0, ["0"], ["0"]),
    (
        "ideas",
        {
            "ideas.1.what": "A night bus",
            "ideas.1.who": "Transit",
            "ideas.1.by": "2027-03-01",
            "ideas.1.sure": "3",
            "ideas.3.programme": "SCAN",
        },
        [
            {"what": "A night bus", "programme": "", "who": "Transit", "by": "2027-03-01", "sure": 3},
            {"what": "", "programme": "SCAN", "who": "", "by": "", "sure": None},
        ],
        ["A night bus; Transit; by March 1, 2027; how sure: 3 of 5", "SCAN"],
        ["A night bus; Transit; d’ici le 1er\u00a0mars\u00a02027; certitude\u00a0: 3 sur 5", "SCAN"],
    ),
]
IDS = [f"{code}-{n}" for n, (code, *_rest) in enumerate(TABLE)]


def one(code: str) -> Asked:
    return next(a for a in asked(QUESTIONS, OBJECTIVES) if a.question.code == code)


def form_for(*codes: str, data: dict[str, Any], is_final: bool = False) -> AnswerForm:
    typed = QueryDict(mutable=True)
    for name, value in ({"version": "0"} | data).items():
        typed.setlist(name, value if isinstance(value, list) else [value])
    return AnswerForm([one(code) for code in codes], typed, answers={}, version=0, is_final=is_final)


def test_every_kind_has_a_class() -> None:
    assert set(KINDS) == set(Question.Kind.values)


@pytest.mark.parametrize(("code", "typed", "value", "english", "french"), TABLE, ids=IDS)
def test_what_is_typed_is_kept_as_codes(
    code: str, typed: dict[str, Any], value: Any, english: list[str], french: list[str]
) -> None:
    form = form_for(code, data=typed)
    assert form.is_valid(), form.errors
    assert form.values() == {code: value}


@pytest.mark.parametrize(("code", "typed", "value", "english", "french"), TABLE, ids=IDS)
def test_what_is_kept_is_shown_again_and_kept_the_same(
    code: str, typed: Any, value: Any, english: list[str], french: list[str]
) -> None:
    """In either language: whoever switches in the middle posts the same value back."""
    for language in ("en", "fr"):
        with translation.override(language):
            shown = AnswerForm([one(code)], answers={code: value}, version=3)
            again = {name: shown[name].value() for name in shown.fields if shown[name].value() is not None}
            back = form_for(code, data={k: v if isinstance(v, list) else str(v) for k, v in again.items()})
            assert back.is_valid(), back.errors
            kept = back.values()[code]
        compact = [idea for idea in value if any(idea.values())] if code == "ideas" else value
        assert kept == compact


@pytest.mark.parametrize(("code", "typed", "value", "english", "french"), TABLE, ids=IDS)
def test_an_answer_in_words(code: str, typed: Any, value: Any, english: list[str], french: list[str]) -> None:
    asked_one = one(code)
    assert asked_one.kind.words(asked_one, value) == english
    with translation.override("fr"):
        assert asked_one.kind.words(asked_one, value) == french


@pytest.mark.parametrize("code", [q["code"] for q in ALL_KINDS])
def test_nothing_typed_is_no_answer(code: str) -> None:
    form = form_for(code, data={})
    assert form.is_valid(), form.errors
    assert form.values() == {code: None}


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        ("usefulness", {"usefulness": "6"}),
        ("usefulness", {"usefulness": "Not applicable"}),
        ("objectives", {"objectives.objective-1": "0"}),
        ("return-visit", {"return-visit": "Oui"}),
        ("topics", {"topics": ["planning", "fishing"]}),
        ("contribution", {"contribution": "x" * (LONGEST_TEXT + 1)}),
        ("contribution", {"contribution": "nul\x00"}),
        ("hours", {"hours": "twelve"}),
        ("hours", {"hours": "-1"}),
        ("hours", {"hours": "NaN"}),
        ("hours", {"hours": "1e12"}),
        ("ideas", {"ideas.1.by": "soon"}),
    ],
)
def test_what_cannot_be_kept_is_refused_and_the_rest_kept(code: str, typed: dict[str, Any]) -> None:
    form = form_for(
        code,
        "return-visit" if code != "return-visit" else "usefulness",
        data=typed | ({"return-visit": "no"} if code != "return-visit" else {"usefulness": "2"}),
    )
    assert not form.is_valid()
    assert form.values() == ({"return-visit": "no"} if code != "return-visit" else {"usefulness": 2})


def test_a_megabyte_is_refused_kindly() -> None:
    form = form_for("contribution", data={"contribution": "é" * 1_048_576})
    assert form.errors["contribution"] == ["Please shorten this to 5000 characters; it has 1048576."]


def test_only_sending_insists_on_required_answers() -> None:
    assert form_for("usefulness", data={}).is_valid()
    final = form_for("usefulness", data={}, is_final=True)
    assert list(final.errors) == ["usefulness"]


def test_a_question_whose_lines_the_survey_does_not_give_is_not_asked() -> None:
    assert [a.question.code for a in asked(QUESTIONS, [])] == [
        q["code"] for q in ALL_KINDS if q["code"] != "objectives"
    ]
