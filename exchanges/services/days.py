"""The visit day and its record: ideas caught on the way, who came, and the question to both sides what it was worth."""

from datetime import datetime, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cmncp_portal.core.days import local_instant
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.evaluation.models import Occasion
from cmncp_portal.network.models import PreventionProgramme

from ..models import Idea, Side, TeamMember, Visit, VisitEvaluation
from ..selectors.ledger import titles
from ..workflow import EVALUATION_CLOSE_DAYS, EVALUATION_DUE_DAYS, VISIT
from .moving import days_both, fresh, remove_reminders

QUESTIONNAIRES = {Side.VISITORS: "exchange-visitors", Side.HOSTS: "exchange-hosts"}
EVALUATION_TIME = time(17, 0)  # On the last day, in the host's time: people are on their way home and still remember.


@transaction.atomic
def catch_idea(
    visit: Visit,
    *,
    side: str,
    text: str,
    by: Any = None,
    member: TeamMember | None = None,
    programme: PreventionProgramme | None = None,
    is_shared: bool = False,
) -> Idea:
    """Keep one line about something to take home. `by` is a person with an account, or `member` one who uses the personal link."""
    if visit.state not in (Visit.State.CONFIRMED, Visit.State.HELD):
        raise TransitionRefused(_("Ideas are noted from the day the visit is confirmed."))
    if member is None and not by.has_perm("exchanges.catch_idea", visit):
        raise PermissionDenied
    name = member.name if member else str(by)
    return Idea.objects.create(
        visit=visit,
        side=side,
        text=text,
        programme=programme,
        is_shared=is_shared,
        by_user=by,
        by_member=member,
        by_name=name,
    )


@transaction.atomic
def record_held(visit: Visit, *, by: Any, attendance: dict[int, str]) -> None:
    """Record that the visit took place and who came, and ask both sides to evaluate it.

    `attendance` maps team member to attendance; whoever is not in it counts as present. Those who did not come are not asked.
    Raises TransitionRefused before the last day, or when it was recorded already.
    """
    now = timezone.now()
    Visit.objects.filter(pk=visit.pk).update(held_at=now)
    VISIT.apply(visit, "record_held", by=by)
    for member in visit.team.filter(status=TeamMember.Status.ACCEPTED):
        came = attendance.get(member.pk) or TeamMember.Attendance.PRESENT
        TeamMember.objects.filter(pk=member.pk).update(attendance=came)
    remove_reminders(visit)
    Visit.objects.filter(pk=visit.pk).update(updated_at=now)
    visit = fresh(visit)
    for side in Side:
        _ask(visit, side, now)


def _ask(visit: Visit, side: str, now: datetime) -> None:
    assert visit.ends_on is not None
    place = visit.municipality_of(side)
    survey = surveys.issue(
        _occasion(visit),
        questionnaire=QUESTIONNAIRES[Side(side)],
        side=side,
        place=place,
        title=titles(visit),
        about=_abouts(visit),
        opens_at=max(now, local_instant(visit.ends_on, EVALUATION_TIME, visit.zone)),
        due_at=_end_of(visit, EVALUATION_DUE_DAYS, now),
        closes_at=_end_of(visit, EVALUATION_CLOSE_DAYS, now),
        time_zone=visit.zone,
        rows=[{"code": f"o{o.pk}", "en": o.text, "fr": o.text} for o in visit.exchange.objectives.all()],
    )
    VisitEvaluation.objects.create(visit=visit, side=side, survey=survey)
    came = (TeamMember.Attendance.PRESENT, TeamMember.Attendance.REMOTE)
    members = [m for m in visit.team.all() if m.side == side and m.takes_part and m.attendance in came and m.email]
    surveys.invite(
        survey,
        recipients=[
            surveys.Invitee(
                email=m.email,
                name=m.name,
                language=m.language,
                user=m.stakeholder.user if m.stakeholder else None,
                role=m.title,
                zone=place.time_zone if place else visit.zone,
                place=place,
            )
            for m in members
            if not m.wants_no_more
        ],
    )


def _occasion(visit: Visit) -> Occasion:
    assert visit.ends_on is not None
    return surveys.occasion_of(
        Occasion.Activity.EXCHANGE,
        f"visit-{visit.pk}",
        title=titles(visit),
        about=_abouts(visit),
        path=visit.get_absolute_url(),
        on=visit.ends_on,
        places=[place for side in Side if (place := visit.municipality_of(side))],
    )


def _end_of(visit: Visit, days: int, now: datetime) -> datetime:
    """The end of the day that lies `days` after the last day of the visit, in the host's zone; counted from a late record when that is later."""
    assert visit.ends_on is not None
    from_day = max(visit.ends_on, timezone.localdate(now) - timedelta(days=EVALUATION_DUE_DAYS // 2))
    return local_instant(from_day + timedelta(days=days), time(23, 59), visit.zone)


def _abouts(visit: Visit) -> tuple[str, str]:
    dates = days_both(visit)
    return f"{visit.exchange.reference}, {dates['en']}", f"{visit.exchange.reference}, {dates['fr']}"


def results_path(visit: Visit, language: str) -> str:
    """Return the address of the results in `language`."""
    with translation.override(language):
        return reverse("exchanges:evaluations", args=[visit.exchange.reference, visit.leg])
