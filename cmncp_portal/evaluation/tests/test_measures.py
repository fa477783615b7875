"""The names under which answers are counted: each questionnaire of the portal uses known ones, and each is explained."""

import json

import pytest

from cmncp_portal.evaluation.instruments import DATA
from cmncp_portal.evaluation.measures import COUNTED, DEFINITIONS, Measure


def test_the_questionnaires_of_the_portal_use_known_names() -> None:
    questions = [
        question
        for path in DATA.glob("*.json")
        for question in json.loads(path.read_text(encoding="utf-8"))["questions"]
    ]
    assert {question["indicator"] for question in questions if question.get("indicator")} <= set(Measure.values)


def test_every_name_is_explained() -> None:
    assert set(DEFINITIONS) == set(Measure)
    assert set(COUNTED) < set(Measure)


@pytest.mark.parametrize(
    ("measure", "kind", "is_counted"),
    [
        (Measure.SATISFACTION, "rating", True),
        (Measure.OBJECTIVES_MET, "rating_rows", True),
        (Measure.OBJECTIVES_MET, "text", False),
        (Measure.KNOWLEDGE_CHANGE, "before_after", True),
        (Measure.KNOWLEDGE_CHANGE, "rating", False),
        (Measure.COST, "number", False),
    ],
)
def test_what_is_counted_depends_on_the_kind_of_question(measure: Measure, kind: str, is_counted: bool) -> None:
    assert measure.is_counted_from(kind) is is_counted
