"""Response rates: by what, in which order, whom they count, and each person once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from cmncp_portal.evaluation import services
from cmncp_portal.evaluation.desk import rates
from cmncp_portal.evaluation.models import Answer, Response
from cmncp_portal.evaluation.results import summarise
from cmncp_portal.evaluation.selectors import Counts, response_counts
from cmncp_portal.evaluation.tests.factories import (
    OPENS,
    make_invitation,
    make_occasion,
    make_questionnaire,
    make_response,
    make_survey,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _while_it_is_open(clock: Any) -> None:
    clock.move_to(OPENS + 3 * DAY)


def table(by: str, **narrowed: Any) -> list[tuple[str, int, int, int]]:
    return [(str(row.label), row.asked, row.answered, row.late) for row in rates(by, **narrowed)]


def test_by_activity_in_the_order_of_the_activities_with_the_total_last() -> None:
    for activity in ("training", "exchange"):
        survey = make_survey(occasion=make_occasion(activity=activity))
        make_response(survey, late=activity == "training")
        make_invitation(survey)
    found = rates("activity")
    assert [(str(r.label), r.asked, r.answered, r.late, r.share, r.is_total) for r in found] == [
        ("Exchange visit", 2, 1, 0, 0.5, False),
        ("Training", 2, 1, 1, 0.5, False),
        ("All together", 4, 2, 1, 0.5, True),
    ]
    assert [str(row.label) for row in rates("activity", activity="training")] == ["Training", "All together"]


def test_by_side_in_words() -> None:
    occasion = make_occasion()
    make_response(make_survey(occasion=occasion, side="hosts"))
    make_invitation(make_survey(occasion=occasion, side="visitors"))
    make_invitation(make_survey())
    assert table("side") == [
        ("Visiting team", 1, 0, 0),
        ("Hosts", 1, 1, 0),
        ("Everybody asked alike", 1, 0, 0),
        ("All together", 3, 1, 0),
    ]


def test_by_province_of_the_person_else_of_the_side(winnipeg: Any, gatineau: Any) -> None:
    survey = make_survey(side="hosts", place=winnipeg)
    make_response(survey)
    make_response(survey, invited={"place": gatineau})
    make_invitation(make_survey())
    assert table("province") == [
        ("Manitoba", 1, 1, 0),
        ("Quebec", 1, 1, 0),
        ("Not known", 1, 0, 0),
        ("All together", 3, 2, 0),
    ]


def test_whoever_is_excused_is_not_asked_unless_they_answered_and_drafts_are_no_answers() -> None:
    survey = make_survey()
    make_invitation(survey, excused_at=OPENS)
    make_response(survey, invited={"excused_at": OPENS})
    make_response(survey, draft=True)
    make_invitation(make_survey(cancelled_at=OPENS))
    make_invitation(make_survey(opens_at=OPENS + 4 * DAY))
    assert table("language") == [("English", 2, 1, 0), ("All together", 2, 1, 0)]


@pytest.mark.parametrize(("on", "counts"), [(17, False), (18, True), (20, True), (21, False)])
def test_both_days_of_a_period_count(on: int, counts: bool) -> None:
    make_response(make_survey(occasion=make_occasion(on=date(2026, 11, on))))
    found = table("activity", from_on=date(2026, 11, 18), until_on=date(2026, 11, 20))
    assert found[-1] == ("All together", int(counts), int(counts), 0)


def test_nobody_asked_has_no_share() -> None:
    (total,) = rates("language")
    assert (total.asked, total.share, total.is_total) == (0, None, True)


def test_another_table_does_not_exist() -> None:
    with pytest.raises(KeyError):
        rates("shoe size")


@pytest.mark.parametrize("many", [1, 9])
def test_one_query_for_each_table(many: int, winnipeg: Any, django_assert_num_queries: Any) -> None:
    for _n in range(many):
        make_response(make_survey(place=winnipeg))
    for by in ("activity", "side", "province", "language"):
        with django_assert_num_queries(1):
            rates(by)


def test_answered_half_in_english_and_half_in_french_counts_as_one() -> None:
    """Amina is asked in English, begins in English, changes the language and sends it in French."""
    survey = make_survey(make_questionnaire())
    invitation = make_invitation(survey, "Amina", language="en")
    services.save_draft(invitation, seen=0, language="en", values={"usefulness": 4, "return-visit": "yes"})
    services.submit(invitation, seen=1, language="fr", values={"contribution": "Une table de quartier", "hours": 3})
    make_response(survey, "Luc", language="fr", invited={"language": "fr"}, answers={"return-visit": "yes"})
    assert Response.objects.filter(invitation=invitation).count() == 1
    assert Answer.objects.filter(response__invitation=invitation).count() == 4
    assert response_counts([survey])[survey.pk] == Counts(asked=2, answered=2)
    assert table("language") == [("English", 1, 1, 0), ("French", 1, 1, 0), ("All together", 2, 2, 0)]
    for language in ("en", "fr"):
        with translation.override(language):
            found = {one.code: one for one in summarise([survey], viewer="reviewer")}
            bars = found["return-visit"].lines[0].scales[0].bars
            assert [(bar.code, bar.count) for bar in bars] == [("yes", 2), ("no", 0)]
            assert (found["usefulness"].n, found["hours"].n, found["contribution"].n) == (1, 1, 1)
