"""The questionnaire about a meeting: asked, answered in either language, counted; and the page of the results."""

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from cmncp_portal.evaluation import instruments
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.models import Questionnaire, Remark
from cmncp_portal.evaluation.results import summarise
from cmncp_portal.evaluation.selectors import latest, what_is_missing
from cmncp_portal.evaluation.tests.factories import make_questionnaire, make_response
from cmncp_portal.notifications.models import Message
from meetings import services
from meetings.models import Meeting, MeetingEvaluation
from meetings.services.sweeping import follow_up

from .factories import make_place
from .screens import address, text_of

pytestmark = pytest.mark.django_db
WINNIPEG = ZoneInfo("America/Winnipeg")


@pytest.fixture
def instrument() -> Questionnaire:
    instruments.load_instruments()
    return latest("meeting")


def test_it_is_complete_in_both_languages(instrument: Questionnaire) -> None:
    assert (instrument.version, what_is_missing(instrument)) == (1, [])
    assert list(instrument.questions.values_list("code", "kind", "indicator", "is_required", "is_confidential")) == [
        ("usefulness", "rating", "satisfaction", True, False),
        ("contribution", "text", "contribution", False, False),
        ("knowledge", "before_after", "knowledge-change", False, False),
        ("sessions", "text", "process", False, False),
        ("access", "rating", "accessibility", False, False),
        ("next-topics", "text", "next-topics", False, False),
        ("quote", "choice", "", False, False),
        ("reviewers-only", "text", "", False, True),
    ]


def test_what_other_instruments_ask_as_well_can_be_counted_together(instrument: Questionnaire) -> None:
    hosts = json.loads((instruments.DATA / "exchange-hosts.json").read_text(encoding="utf-8"))["questions"]
    theirs = {question["code"]: question for question in hosts}
    for question in instrument.questions.filter(code__in=["knowledge", "quote"]):
        assert (question.kind, question.options) == (theirs[question.code]["kind"], theirs[question.code]["options"])


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "How useful was this meeting to you overall?"),
        ("fr", "Dans l’ensemble, quelle a été l’utilité de cette rencontre pour vous?"),
    ],
)
def test_a_guest_answers_by_the_link_in_the_letter(
    client: Any, meeting: Any, instrument: Questionnaire, clock: Any, language: str, words: str
) -> None:
    there = meeting("held")
    make_place(there, "guest@place.example", attendance="present", language=language)
    clock.move_to(datetime(2027, 4, 16, 9, 0, tzinfo=WINNIPEG))
    services.open_evaluation(there)
    invitation = MeetingEvaluation.objects.get().survey.invitations.get()
    assert invitation.token in Message.objects.get(kind="evaluation.invitation").text
    with translation.override(language):
        page = client.get(invitation.get_absolute_url())
    assert words in page.content.decode()
    surveys.submit(
        invitation,
        seen=0,
        language=language,
        values={"usefulness": 5, "contribution": "Do it.", "reviewers-only": "Us"},
    )
    seen = {s.code: s for s in summarise([invitation.survey], viewer="own_side")}
    assert (seen["usefulness"].n, [text.name for text in seen["contribution"].texts]) == (1, [""])
    assert "reviewers-only" not in seen


def test_the_portal_asks_by_itself_on_the_morning_after(meeting: Any, instrument: Questionnaire, clock: Any) -> None:
    there = meeting()
    make_place(there, "ann@place.example")
    for day, hour, state, count in ((15, 16, "held", 0), (16, 8, "held", 0), (16, 9, "held", 1), (17, 9, "held", 1)):
        clock.move_to(datetime(2027, 4, day, hour, 5, tzinfo=WINNIPEG))
        follow_up()
        assert (Meeting.objects.get().state, MeetingEvaluation.objects.count()) == (state, count), (day, hour)
    assert Message.objects.filter(kind="evaluation.invitation").count() == 1


@pytest.mark.parametrize("state", ["cancelled", "postponed"])
def test_what_was_called_off_is_never_asked_about(
    meeting: Any, instrument: Questionnaire, clock: Any, state: str
) -> None:
    there = meeting()
    make_place(there, attendance="present")
    Meeting.objects.update(state=state)
    clock.move_to(datetime(2027, 4, 20, 9, 0, tzinfo=WINNIPEG))
    follow_up()
    services.open_evaluation(there)
    assert (Meeting.objects.get().state, MeetingEvaluation.objects.count(), Message.objects.count()) == (state, 0, 0)


class TestResults:
    @pytest.fixture
    def held(self, meeting: Any, clock: Any) -> Any:
        def make() -> Meeting:
            clock.move_to(datetime(2027, 4, 15, 16, 0, tzinfo=WINNIPEG))
            made: Meeting = meeting("held")
            return made

        return make

    @pytest.fixture
    def evaluated(self, held: Any) -> Any:
        questions = (
            {"code": "usefulness", "kind": "rating"},
            {"code": "contribution", "kind": "text"},
            {"code": "reviewers-only", "kind": "text", "is_confidential": True},
        )
        make_questionnaire("meeting", questions=questions)
        there = held()
        make_place(there, "ann@place.example", attendance="present")
        services.open_evaluation(there)
        survey = MeetingEvaluation.objects.get().survey
        answers = {"usefulness": 4, "contribution": "Much <b>", "reviewers-only": "Between us"}
        response = make_response(survey, "Bob Roy", answers=answers)
        Remark.objects.create(invitation=response.invitation, text="A late word")
        return there

    @pytest.mark.parametrize(
        ("name", "reviews"),
        [("henry", False), ("uma", False), ("priya", True), ("rene", True), ("admin_user", True)],
    )
    def test_answers_without_names_and_reviewers_are_led_to_their_desk(
        self, client: Any, request: Any, evaluated: Any, name: str, reviews: bool
    ) -> None:
        client.force_login(request.getfixturevalue(name))
        page = client.get(address("results", evaluated))
        words = text_of(page)
        assert "Much &lt;b&gt;" in words
        assert [text in words for text in ("Between us", "A late word", "Bob Roy")] == [False] * 3
        desk = MeetingEvaluation.objects.get().survey.occasion.get_absolute_url()
        assert (page.context["desk_url"], desk in words) == ((desk, True) if reviews else ("", False))
        assert (page.context["counts"].asked, page.context["counts"].answered) == (2, 1)

    def test_before_there_is_a_survey(self, client: Any, held: Any, meeting: Any, priya: Any) -> None:
        late = held()
        client.force_login(priya)
        page = client.get(address("results", late))
        assert "On the day after the meeting" in text_of(page)
        early = meeting()
        assert client.get(address("results", early))["Location"] == early.get_absolute_url()

    def test_who_is_asked_finds_the_own_evaluation(self, client: Any, evaluated: Any, henry: Any) -> None:
        make_place(evaluated, henry.email)
        services.take_attendance(
            evaluated, by=henry, attendance={evaluated.registrations.get(email=henry.email).pk: "present"}
        )
        client.force_login(henry)
        page = client.get(address("results", evaluated))
        assert page.context["my_invitation"].get_absolute_url() in text_of(page)
