"""Asking those who came: the day after what it was worth to them, three months later whether they used it."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from cmncp_portal.accounts.models import User
from cmncp_portal.core.days import local_day, local_instant
from cmncp_portal.core.places import Attendance
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.models import Occasion, Survey

from ..models import Enrolment, Offering, OfferingSurvey
from ..selectors.when import dates_in_words, place_in_words
from ..workflow import (
    EVALUATION_CLOSE_DAYS,
    EVALUATION_DUE_DAYS,
    EVALUATION_OPENS_DAYS,
    USE_CLOSE_DAYS,
    USE_DUE_DAYS,
    USE_MONTHS,
)
from .enrolling import locked

G, P = Offering.State, OfferingSurvey.Purpose
QUESTIONNAIRES = {P.EVALUATION: "training-offering", P.USE: "training-use"}
OPENS, DAY_ENDS = time(9, 0), time(23, 59)
DAYS = {P.EVALUATION: (EVALUATION_DUE_DAYS, EVALUATION_CLOSE_DAYS), P.USE: (USE_DUE_DAYS, USE_CLOSE_DAYS)}
LATEST = timedelta(days=30)  # what should have been asked longer ago is not asked any more
NOT_THERE = (Attendance.EXCUSED, Attendance.ABSENT)


def months_after(day: date, months: int) -> date:
    """Return the same day `months` later; the last of the month where that has fewer days."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def opens_at(offering: Offering, purpose: str) -> datetime:
    """Return when the questions of `purpose` open: at 9:00 where the offering was."""
    assert offering.ends_on
    day = months_after(offering.ends_on, USE_MONTHS)
    if purpose == P.EVALUATION:
        day = offering.ends_on + timedelta(days=EVALUATION_OPENS_DAYS)
    return local_instant(day, OPENS, offering.time_zone)


@transaction.atomic
def open_survey(offering: Offering, purpose: str) -> bool:
    """Ask those who came, once for each purpose; return whether this call did it.

    Nobody is asked before the hour, of a cancelled offering, while no attendance is noted, or more than thirty days late.
    """
    offering = locked(offering)
    now = timezone.now()
    if offering.state not in (G.OPEN, G.HELD) or offering.ends_on is None:
        return False
    begins = opens_at(offering, purpose)
    if not begins <= now < begins + LATEST or offering.surveys.filter(purpose=purpose).exists():
        return False
    places = Enrolment.objects.came().filter(offering=offering, wants_no_more=False)
    people: list[Enrolment] = list(places.select_related("learner__user", "municipality"))
    if not people:
        return False
    survey = _issue(offering, purpose, begins, now)
    OfferingSurvey.objects.create(offering=offering, purpose=purpose, survey=survey)
    _invite(survey, people)
    return True


def _issue(offering: Offering, purpose: str, begins: datetime, now: datetime) -> Survey:
    zone, module = offering.time_zone, offering.module
    at = max(begins, now)
    first = local_day(at, zone)
    due, closes = DAYS[P(purpose)]
    assert offering.ends_on
    title, about = (module.title_in("en"), module.title_in("fr")), (_about(offering, "en"), _about(offering, "fr"))
    occasion = surveys.occasion_of(
        Occasion.Activity.TRAINING,
        f"offering-{offering.pk}",
        title=title,
        about=about,
        path=offering.get_absolute_url(),
        on=offering.ends_on,
        places=[offering.host] if offering.host else [],
    )
    return surveys.issue(
        occasion,
        questionnaire=QUESTIONNAIRES[P(purpose)],
        title=title,
        about=about,
        opens_at=at,
        due_at=local_instant(first + timedelta(days=due), DAY_ENDS, zone),
        closes_at=local_instant(first + timedelta(days=closes), DAY_ENDS, zone),
        time_zone=zone,
    )


def _about(offering: Offering, language: str) -> str:
    return f"{dates_in_words(offering, language)}, {place_in_words(offering, language)}"[:300]


def _invite(survey: Survey, places: Sequence[Enrolment]) -> None:
    accounts = {u.email.lower(): u for u in User.objects.filter(is_active=True, email__in=[p.email for p in places])}
    surveys.invite(
        survey,
        recipients=[
            surveys.Invitee(
                email=place.email,
                name=place.name,
                language=place.language,
                user=accounts.get(place.email) or place.learner.user,
                role=place.title,
                zone=place.zone,
                place=place.municipality,
            )
            for place in places
        ],
    )


def ask_after(offering: Offering, changed: Sequence[Enrolment]) -> None:
    """Let questions that are open follow what is noted now: who came is asked, who did not is excused."""
    if not changed:
        return
    now = timezone.now()
    for one in offering.surveys.select_related("survey"):
        survey = one.survey
        for place in changed:
            if place.attendance in NOT_THERE:
                surveys.excuse(survey, email=place.email)
        came = [place for place in changed if place.has_come and not place.wants_no_more]
        if came and survey.closed_at is None and survey.cancelled_at is None and now < survey.closes_at:
            _invite(survey, came)
