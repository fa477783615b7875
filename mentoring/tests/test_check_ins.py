"""Both sides are asked after one, three and six months, and at the end; what they say stands next to each other."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.evaluation.services import load_instruments, submit
from mentoring.models import Agreement, CheckIn
from mentoring.selectors.check_ins import add_months, due_check_ins
from mentoring.services.concluding import end_early
from mentoring.services.sweeping import follow_up

from .agreeing import CHIEF, HELEN, about, make_running, words_of
from .factories import make_agreement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def running(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, clock: Any) -> Agreement:
    """It began on January 4, 2027."""
    load_instruments()
    return make_running(winnipeg, thunder_bay)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2027, 12, 15), 12, date(2028, 12, 15)),
        (date(2027, 1, 4), 1, date(2027, 2, 4)),
    ],
)
def test_months_at_their_ends(day: date, months: int, then: date) -> None:
    assert add_months(day, months) == then


def due(day: date) -> list[str]:
    return [one.moment for one in due_check_ins(day)]


def test_before_on_and_after_each_moment(running: Agreement) -> None:
    days = [(2, 3), (2, 4), (3, 5), (3, 6), (4, 3), (4, 4), (7, 3), (7, 4), (8, 2), (8, 3)]
    found = {(month, day): due(date(2027, month, day)) for month, day in days}
    assert found == {
        (2, 3): [], (2, 4): ["1"], (3, 5): ["1"], (3, 6): [],
        (4, 3): [], (4, 4): ["3"], (7, 3): [], (7, 4): ["6"], (8, 2): ["6"], (8, 3): [],
    }  # fmt: skip


def test_the_last_day_of_a_month(winnipeg: Any, thunder_bay: Any) -> None:
    make_agreement(winnipeg, thunder_bay, starts_on=date(2027, 1, 31), ends_on=date(2028, 1, 31))
    assert [due(date(2027, 2, 27)), due(date(2027, 2, 28)), due(date(2027, 3, 1))] == [[], ["1"], ["1"]]


def test_each_side_has_a_survey_of_its_own_once(running: Agreement, clock: Any) -> None:
    clock.move_to("2027-02-04T15:00:00+00:00")
    assert [follow_up(), follow_up()] == [2, 0]
    rows = CheckIn.objects.filter(agreement=running).order_by("side").select_related("survey__questionnaire")
    found = [(row.moment, row.side, row.survey.questionnaire.slug, row.survey.title_fr) for row in rows]
    assert found == [("1", side, "mentoring-check-in", found[0][3]) for side in ("mentee", "mentor")]
    asked = Invitation.objects.filter(survey__check_in__agreement=running).values_list(
        "survey__check_in__side", "email"
    )
    assert sorted(asked) == [("mentee", CHIEF), ("mentor", HELEN)]
    assert (rows[0].survey.due_on, rows[0].survey.opens_at <= rows[0].survey.due_at) == (date(2027, 2, 18), True)


def test_what_is_paused_is_not_asked_and_is_when_it_goes_on_in_time(running: Agreement) -> None:
    Agreement.objects.update(state="paused")
    assert due(date(2027, 2, 10)) == []
    Agreement.objects.update(state="active")
    assert due(date(2027, 2, 20)) == ["1"]


def test_at_the_end_they_are_asked_what_it_was_worth(running: Agreement, amina: Any) -> None:
    end_early(running, by=amina, reason="Merger.")
    assert [follow_up(), follow_up()] == [2, 0]
    slugs = CheckIn.objects.values_list("moment", "survey__questionnaire__slug")
    assert list(slugs) == [("end", "mentoring-closing")] * 2
    assert due(date(2027, 2, 1) + timedelta(days=40)) == []


class TestResults:
    @pytest.fixture
    def answered(self, running: Agreement, clock: Any) -> Agreement:
        clock.move_to("2027-02-04T15:00:00+00:00")
        follow_up()
        for invitation in Invitation.objects.filter(survey__check_in__agreement=running):
            word = f"Words of {invitation.name}."
            submit(invitation, seen=0, language="en", values={"going": 4, "helped": word})
        return running

    def test_the_sides_stand_next_to_each_other(self, answered: Agreement, priya: Any, client: Client) -> None:
        client.force_login(priya)
        page = words_of(client.get(about(answered, "check_ins")))
        assert "Words of Chief Pierre." in page
        assert "Words of Helen Friesen." in page
        assert page.index("Winnipeg (n = 1)") < page.index("Thunder Bay (n = 1)")

    @pytest.mark.parametrize(("name", "reviews"), [("uma", False), ("rene", True), ("priya", True)])
    def test_nobody_reads_names_here_and_reviewers_are_led_to_their_desk(
        self, answered: Agreement, request: Any, client: Client, name: str, reviews: bool
    ) -> None:
        client.force_login(request.getfixturevalue(name))
        page = client.get(about(answered, "check_ins"))
        names = [text.name for group in page.context["groups"] for side in group.sides for text in side.summary.texts]
        desk = CheckIn.objects.first().survey.occasion.get_absolute_url()
        assert (page.status_code, names) == (200, ["", ""])
        assert (page.context["desk_url"], f'href="{desk}"' in page.content.decode()) == (
            (desk, True) if reviews else ("", False)
        )

    def test_no_side_reads_the_other(self, answered: Agreement, amina: Any, rosa: Any, client: Client) -> None:
        client.force_login(amina)
        assert client.get(about(answered, "check_ins")).status_code == 403
        client.force_login(rosa)
        assert client.get(about(answered, "check_ins")).status_code == 404

    def test_a_reviewer_does_not_read_about_the_own_municipality(
        self, answered: Agreement, rene: Any, thunder_bay: Any, client: Client
    ) -> None:
        from cmncp_portal.network.tests.factories import make_stakeholder

        client.force_login(rene)
        assert client.get(about(answered, "check_ins", language="fr")).status_code == 200
        make_stakeholder(thunder_bay, user=rene, standing="staff")
        assert client.get(about(answered, "check_ins")).status_code == 403

    def test_before_anybody_was_asked(self, running: Agreement, priya: Any, client: Client) -> None:
        client.force_login(priya)
        assert "Nobody was asked yet" in words_of(client.get(about(running, "check_ins")))
