"""Which invitations are due a reminder, as a function of the moment: the same question twice has the same answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from cmncp_portal.core.days import REMINDER_TIME, local_day, local_instant, next_working_day
from cmncp_portal.notifications.kinds import Kind

from .models import Invitation, Response, Survey
from .notifications import LAST_CALL, NUDGE

NUDGE_DAYS = (4, 10, 14)  # days after the opening, in the survey's own calendar
LAST_CALL_DAYS = (21, 35)
LOOK_BACK = timedelta(days=2)  # a worker that slept for two days still sends what it missed
BREATH = timedelta(days=3)  # nobody is reminded of what they were asked less than this ago


@dataclass(frozen=True)
class Due:
    """A reminder whose moment has come. `step` is its number of days after the opening; `at` when it was due."""

    invitation: Invitation
    kind: Kind
    step: int
    at: datetime

    @property
    def key(self) -> str:
        """The name of this one reminder: whatever sends it a second time sends nothing."""
        return f"evaluation.nudge:{self.invitation.survey_id}:{self.invitation.pk}:{self.step}"


def moment(survey: Survey, step: int, zone: str) -> datetime:
    """Return when the reminder `step` days after the opening leaves: 08:30 in the recipient's `zone`, on a working day."""
    day = local_day(survey.opens_at, survey.time_zone) + timedelta(days=step)
    return local_instant(next_working_day(day), REMINDER_TIME, zone)


def due(now: datetime | None = None) -> list[Due]:
    """Return what is due at `now`, in one query: at most one reminder for each invitation, the latest.

    Nobody who answered, is excused, or is asked by a survey that was closed or cancelled, is in it.
    """
    now = now or timezone.now()
    answered = Response.objects.filter(invitation=OuterRef("pk"), submitted_at__isnull=False)
    waiting = (
        Invitation.objects.filter(
            ~Exists(answered),
            excused_at__isnull=True,
            survey__cancelled_at__isnull=True,
            survey__closed_at__isnull=True,
            survey__opens_at__lte=now,
            survey__closes_at__gt=now,
        )
        .select_related("survey__questionnaire")
        .order_by("pk")
    )
    moments: dict[tuple[int, str], tuple[int, datetime] | None] = {}
    found = []
    for invitation in waiting:
        group = (invitation.survey_id, invitation.time_zone)
        if group not in moments:
            moments[group] = _latest(invitation.survey, invitation.time_zone, now)
        step_at = moments[group]
        if step_at and step_at[1] >= invitation.invited_at + BREATH:
            found.append(Due(invitation, _kind(invitation.survey, *step_at), *step_at))
    return found


def _latest(survey: Survey, zone: str, now: datetime) -> tuple[int, datetime] | None:
    steps = [(step, moment(survey, step, zone)) for step in (*NUDGE_DAYS, *LAST_CALL_DAYS)]
    current = [(step, at) for step, at in steps if now - LOOK_BACK < at <= now]
    return current[-1] if current else None


def _kind(survey: Survey, step: int, at: datetime) -> Kind:
    """A nudge that a holiday moved past the due date can no longer say "please answer by"."""
    return LAST_CALL if step in LAST_CALL_DAYS or at > survey.due_at else NUDGE
