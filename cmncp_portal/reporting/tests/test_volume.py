"""Five thousand responses: the figures in less than twenty seconds, and as many queries as for a few."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.evaluation.models import Answer, Invitation, Occasion, Questionnaire, Response, Survey
from cmncp_portal.evaluation.tests.factories import make_occasion, make_questionnaire, make_survey
from cmncp_portal.network.tests.factories import make_municipality
from cmncp_portal.reporting.indicators import Period, compute
from cmncp_portal.reporting.suppression import protect
from meetings.models import Registration
from meetings.tests.factories import make_meeting

from .seeded import PLACES, QUESTIONS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PERIOD = Period(date(2025, 4, 1), date(2026, 3, 31))
ACTIVITIES = (
    ("exchange", "visitors"),
    ("exchange", "hosts"),
    ("meeting", ""),
    ("training", ""),
    ("mentoring", "mentor"),
)


def _places() -> list[Any]:
    return [
        make_municipality(
            province=province, time_zone=zone, population=population, population_year=2021, languages=spoken
        )
        for province, zone, population, spoken in PLACES
    ]


def _answered(form: Questionnaire, places: list[Any], number: int, dice: Random) -> None:
    """`number` responses in surveys of fifty, each to every question, and one person who did not answer for each five."""
    questions = list(form.questions.all())
    for start in range(0, number, 50):
        activity, side = dice.choice(ACTIVITIES)
        on = PERIOD.from_on + timedelta(days=dice.randint(0, 300))
        occasion = make_occasion(activity=Occasion.Activity(activity), on=on)
        opens_at = datetime(on.year, on.month, on.day, 22, tzinfo=UTC)
        ends = {"due_at": opens_at + timedelta(days=14), "closes_at": opens_at + timedelta(days=45)}
        survey = make_survey(form, occasion=occasion, side=side, opens_at=opens_at, **ends)
        _fill(survey, questions, places, min(50, number - start), dice)


def _fill(survey: Survey, questions: list[Any], places: list[Any], number: int, dice: Random) -> None:
    invited = Invitation.objects.bulk_create(
        Invitation(
            survey=survey, email=f"p{n}@place.example", name=f"P{n}", language=dice.choice(["en", "fr"]),
            place=dice.choice(places), invited_at=survey.opens_at,
        )
        for n in range(number + number // 5)
    )  # fmt: skip
    at = survey.opens_at + timedelta(days=3)
    responses = Response.objects.bulk_create(
        Response(invitation=one, language=one.language, submitted_at=at) for one in invited[:number]
    )
    values: dict[str, Any] = {
        "rating": lambda: dice.randint(1, 5),
        "rating_rows": lambda: {"a": dice.randint(1, 5), "b": dice.randint(1, 5)},
        "before_after": lambda: {"a": {"before": dice.randint(1, 5), "after": dice.randint(1, 5)}},
        "text": lambda: "A text.",
    }
    Answer.objects.bulk_create(
        Answer(response=response, question=question, value=values[question.kind]())
        for response in responses
        for question in questions
    )


def _met(places: list[Any], number: int, dice: Random) -> None:
    meeting = make_meeting("held", starts_on=date(2025, 9, 10), ends_on=date(2025, 9, 11))
    Registration.objects.bulk_create(
        Registration(
            meeting=meeting, municipality=dice.choice(places), name=f"P{n}", email=f"p{meeting.pk}-{n}@place.example",
            language="en", status="registered", attendance=dice.choice(["present", "absent"]),
        )
        for n in range(number)
    )  # fmt: skip


def _queries() -> int:
    with CaptureQueriesContext(
        connection,
    ) as caught:
        compute(PERIOD)
    return len(caught)


def test_five_thousand_responses(clock: Any) -> None:
    dice, places = Random(5000), _places()
    form = make_questionnaire("volume", questions=QUESTIONS)
    _answered(form, places, 1, dice)
    _met(places, 1, dice)
    few = _queries()
    _answered(form, places, 4_999, dice)
    _met(places, 800, dice)
    begun = monotonic()
    figures = compute(PERIOD)
    counted = monotonic()
    _shown, cells = protect(figures, [])
    protect(compute(Period(PERIOD.from_on, PERIOD.until_on - timedelta(days=90)), ["satisfaction"]), [cells])
    assert next(one for one in figures if one.indicator.code == "satisfaction").total.n == 5_000
    assert _queries() == few
    assert few <= 35
    assert counted - begun < 20
    assert monotonic() - counted < 40
