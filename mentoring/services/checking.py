"""Both sides are asked how it goes: one survey for each side, so that each answers freely."""

from datetime import time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from cmncp_portal.accounts.models import User
from cmncp_portal.core.days import local_day, local_instant
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.models import Occasion, Survey

from ..models import Agreement, CheckIn, Side
from ..notifications.agreements import letter_values
from ..notifications.common import in_both
from ..selectors.check_ins import DueCheckIn
from ..workflow import CHECK_IN_CLOSE_DAYS, CHECK_IN_DUE_DAYS
from .people import locked
from .telling import participants, speakers

QUESTIONNAIRE, CLOSING = "mentoring-check-in", "mentoring-closing"
OPENS, DAY_ENDS = time(9, 0), time(23, 59)


@transaction.atomic
def open_check_in(one: DueCheckIn) -> int:
    """Ask the sides that were not asked at this moment; return how many were. A paused agreement is left alone."""
    agreement = locked(one.agreement)
    allowed = Agreement.OVER if one.moment == CheckIn.Moment.END else (Agreement.State.ACTIVE,)
    if agreement.state not in allowed:
        return 0
    asked = set(agreement.check_ins.filter(moment=one.moment).values_list("side", flat=True))
    return sum(_ask(agreement, one.moment, side) for side in one.sides if side not in asked)


def _ask(agreement: Agreement, moment: str, side: str) -> bool:
    readers = participants(agreement, side) or speakers(agreement, side)
    if not readers:
        return False  # nobody there to ask today; the next sweep looks again
    survey = _issue(agreement, moment, side)
    CheckIn.objects.create(agreement=agreement, moment=moment, side=side, survey=survey)
    emails = [reader.to.email for reader in readers]
    accounts = {user.email.lower(): user for user in User.objects.filter(email__in=emails, is_active=True)}
    invitees = [
        surveys.Invitee(
            email=to.email,
            name=to.name,
            language="" if to.language == "both" else to.language,
            user=accounts.get(to.email.lower()),
            zone=to.zone,
            place=survey.place,
        )
        for to in (reader.to for reader in readers)
    ]
    surveys.invite(survey, recipients=invitees)
    return True


def _issue(agreement: Agreement, moment: str, side: str) -> Survey:
    place = agreement.municipality_of(Side(side))
    zone = place.time_zone
    now = timezone.now()
    opens_at = max(now, local_instant(local_day(now, zone), OPENS, zone))
    opens_on = local_day(opens_at, zone)
    words = _words(agreement, moment)
    occasion = surveys.occasion_of(
        Occasion.Activity.MENTORING,
        f"agreement-{agreement.pk}-{moment}",
        title=words["title"],
        about=words["about"],
        path=agreement.get_absolute_url(),
        on=opens_on,
        places=[agreement.mentor, agreement.mentee],
    )
    return surveys.issue(
        occasion,
        questionnaire=CLOSING if moment == CheckIn.Moment.END else QUESTIONNAIRE,
        side=side,
        place=place,
        title=words["title"],
        about=words["about"],
        opens_at=opens_at,
        due_at=local_instant(opens_on + timedelta(days=CHECK_IN_DUE_DAYS), DAY_ENDS, zone),
        closes_at=local_instant(opens_on + timedelta(days=CHECK_IN_CLOSE_DAYS), DAY_ENDS, zone),
        time_zone=zone,
    )


def _words(agreement: Agreement, moment: str) -> dict[str, Any]:
    """Return title and subject of the survey, each (English, French)."""
    names = letter_values(agreement)
    moments = in_both(lambda: str(CheckIn.Moment(moment).label))
    titles = {"en": "Mentoring", "fr": "Mentorat"}
    return {
        "title": tuple(f"{titles[code]}, {moments[code][:1].lower()}{moments[code][1:]}" for code in ("en", "fr")),
        "about": tuple(names[code]["heading"][:300] for code in ("en", "fr")),
    }
