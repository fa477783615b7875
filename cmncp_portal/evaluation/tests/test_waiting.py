"""What waits at the desk for each of the cast, in one query."""

from datetime import timedelta
from typing import Any

import pytest

from cmncp_portal.evaluation import reviewing
from cmncp_portal.evaluation.models import Remark
from cmncp_portal.evaluation.tests.factories import OPENS, make_occasion, make_response, make_survey
from cmncp_portal.evaluation.waiting import glance, waiting_keys
from cmncp_portal.home.dashboard import dashboard
from cmncp_portal.home.waiting import waiting_count

pytestmark = pytest.mark.django_db
TITLE = "The visit to Winnipeg"


@pytest.fixture(autouse=True)
def _while_it_is_open(clock: Any) -> None:
    clock.move_to(OPENS + timedelta(days=3))


def waits(user: Any) -> list[tuple[str, str, str]]:
    tasks, dates = glance(user)
    assert (sum(rows.count() for rows in waiting_keys(user)), dates) == (len(tasks), [])
    return [(task.title, task.detail, task.url) for task in tasks]


def test_reviewers_read_what_is_new(rene: Any, admin_user: Any, priya: Any, uma: Any, helen: Any) -> None:
    survey = make_survey()
    response = make_response(survey, submitted_at=OPENS)
    make_response(make_survey(), draft=True)
    task = (TITLE, "Read what was answered", f"/en/evaluations/{survey.occasion_id}/")
    assert [waits(user) for user in (rene, admin_user, priya, uma, helen)] == [[task], [task], [], [], []]
    reviewing.mark_reviewed(survey.occasion, by=rene, seen_at=OPENS)
    assert waits(rene) == []
    Remark.objects.create(invitation=response.invitation, text="More")
    Remark.objects.update(at=OPENS + timedelta(days=4))
    assert waits(rene) == [task]


def test_not_of_their_own_municipality(winnipeg: Any, gatineau: Any) -> None:
    from cmncp_portal.network.tests.factories import make_stakeholder, make_user

    rita = make_user("rita@winnipeg.example", name="Rita", roles=("reviewer",))
    make_stakeholder(winnipeg, user=rita, standing="staff")
    for place in (winnipeg, gatineau):
        make_response(make_survey(occasion=make_occasion(places=(place,), title_en=str(place))))
    assert [title for title, _detail, _url in waits(rita)] == ["Gatineau"]
    assert waiting_count(rita) == dashboard(rita).waiting == 1


def test_coordinators_settle_follow_ups(rene: Any, priya: Any, admin_user: Any) -> None:
    occasion = make_occasion()
    asked = reviewing.flag(occasion, by=rene, text="Look")
    task = (TITLE, "Look into what a reviewer asks", f"/en/evaluations/{occasion.pk}/")
    assert [waits(user) for user in (priya, admin_user, rene)] == [[task], [task], []]
    reviewing.settle(asked, by=priya, outcome="Done")
    assert waits(priya) == []


@pytest.mark.parametrize("many", [1, 30])
def test_it_is_on_the_own_page_and_counted_in_one_query(
    many: int, rene: Any, priya: Any, django_assert_num_queries: Any
) -> None:
    form = make_survey().questionnaire
    for _n in range(many):
        occasion = make_occasion()
        make_response(make_survey(form, occasion=occasion), submitted_at=OPENS)
        reviewing.flag(occasion, by=rene, text="Look")
    for user in (rene, priya):
        assert dashboard(user).waiting == min(many, 24)
        assert len(dashboard(user).tasks) == min(many, 24)
        with django_assert_num_queries(1):
            assert waiting_count(user) == many
        with django_assert_num_queries(1):
            glance(user)
    assert dashboard(rene).tasks[0].since == OPENS.date()
