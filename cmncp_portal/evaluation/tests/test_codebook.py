"""The themes that come with the portal, and what is read of sorted answers without names."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from cmncp_portal.evaluation import reviewing
from cmncp_portal.evaluation.codebook import load_themes
from cmncp_portal.evaluation.coded_file import coded_file
from cmncp_portal.evaluation.desk import coded
from cmncp_portal.evaluation.models import Coding, Survey, Theme
from cmncp_portal.evaluation.tests.factories import make_occasion, make_response, make_survey
from cmncp_portal.network.tests.factories import make_stakeholder

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing(uma: Any) -> None:
    first = load_themes()
    assert [theme.code for theme in first] == list(Theme.objects.values_list("code", flat=True))
    assert len(first) == 13
    reviewing.keep_theme(
        first[0], by=uma, name_en="Alliances", name_fr="Alliances", definition_en="x", definition_fr="x"
    )
    reviewing.retire_theme(first[1], by=uma)
    assert load_themes() == []
    assert Theme.objects.get(pk=first[0].pk).name_en == "Alliances"
    assert not Theme.objects.get(pk=first[1].pk).is_used


def test_they_come_with_the_reference_data() -> None:
    call_command("load_reference_data", verbosity=0)
    call_command("load_reference_data", verbosity=0)
    assert Theme.objects.count() == 13


def test_each_is_explained_in_both_languages() -> None:
    faults = r"['\"]|[^\u00a0]:| [;?!%]|«[^\u00a0]|[^\u00a0]»"
    for theme in load_themes():
        words = [theme.name_en, theme.name_fr, theme.definition_en, theme.definition_fr]
        assert all(words), theme.code
        assert re.findall(faults, theme.name_fr + theme.definition_fr) == [], theme.code
    assert len(set(Theme.objects.values_list("name_fr", flat=True))) == 13


def sort(text: str, theme: str, by: Any, *, activity: str = "exchange", confidential: bool = False) -> Coding:
    code = "reviewers-only" if confidential else "contribution"
    response = make_response(make_survey(occasion=make_occasion(activity=activity)), "Amina", answers={code: text})
    return Coding.objects.create(
        answer=response.answers.get(), theme=Theme.objects.get(code=theme), text=text, by=by, by_name=str(by)
    )


def test_how_often_each_theme_occurs_and_the_texts_behind_it(rene: Any) -> None:
    load_themes()
    first = sort("A night bus", "partnerships", rene)
    second = sort("A table", "partnerships", rene, activity="meeting")
    Coding.objects.create(answer=second.answer, item=1, theme=second.theme, text="Two", by=rene, by_name="René")
    sort("A grant", "investment", rene)
    sort("The bus was cold", "obstacles", rene, confidential=True)
    Theme.objects.filter(code__in=("investment", "youth")).update(is_used=False)
    counts, texts = coded()
    found = {one.theme.code: (one.answers, one.people, [(str(a), n) for a, n in one.by_activity]) for one in counts}
    assert found["partnerships"] == (3, 2, [("Exchange visit", 1), ("Meeting", 2)])
    assert found["investment"] == (1, 1, [("Exchange visit", 1)])  # out of use, but something is sorted under it
    assert found["obstacles"] == (0, 0, [])
    assert "youth" not in found
    assert [one.text for one in texts] == ["A grant", "Two", "A table", "A night bus"]
    assert [one.text for one in coded(theme="partnerships", activity="exchange")[1]] == [first.text]
    assert [one.theme.code for one in coded(theme="partnerships")[0]] == ["partnerships"]


@pytest.mark.parametrize("many", [1, 6])
def test_the_number_of_queries_does_not_grow(many: int, rene: Any, django_assert_num_queries: Any) -> None:
    load_themes()
    for number in range(many):
        sort(f"Text {number}", "youth", rene, activity=("exchange", "meeting")[number % 2])
    with django_assert_num_queries(3):
        _counts, texts = coded()
        assert [bool(one.theme.name and one.answer.response.language) for one in texts[:25]] == [True] * many


def test_nobody_reads_here_what_was_said_of_the_own_municipality(rene: Any, winnipeg: Any) -> None:
    load_themes()
    ours, theirs = sort("A night bus", "partnerships", rene), sort("A table", "partnerships", rene)
    called_off = sort("A grant", "investment", rene)
    Survey.objects.filter(pk=called_off.answer.response.invitation.survey_id).update(cancelled_at=timezone.now())
    ours.answer.response.invitation.survey.occasion.places.add(winnipeg)
    assert [one.text for one in coded(reader=rene)[1]] == ["A table", "A night bus"]
    make_stakeholder(winnipeg, user=rene, standing="staff")
    del rene._places
    counts, texts = coded(reader=rene)
    assert list(texts) == [theirs]
    assert sum(one.answers for one in counts) == 1
    file = coded_file(rene).decode("utf-8-sig")
    assert [text in file for text in ("A table", "A night bus", "A grant")] == [True, False, False]
