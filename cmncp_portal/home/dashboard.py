"""What waits for a person, and where their exchanges stand, asked of each activity.

A constant number of queries, whatever the size of the network: whoever adds an activity adds it to `TELLERS` and `_lines`
here, and to `waiting.waiting_keys`.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.core.days import local_day
from cmncp_portal.core.waiting import NextDate, Task, found_in
from cmncp_portal.evaluation import selectors as surveys
from cmncp_portal.evaluation import waiting as evaluation
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.joining.selectors import waiting as joining
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.rules import places_of
from cmncp_portal.progress.selectors import waiting as progress
from cmncp_portal.reporting.selectors import waiting as reporting
from exchanges import selectors as exchanges
from exchanges.selectors import Glance, Stage
from knowledge.selectors import waiting as knowledge
from meetings.selectors import waiting as meetings
from mentoring.selectors import waiting as mentoring
from training.selectors import waiting as training

SHOWN = 24  # of what waits; beyond that the lists of the activities are the better place
EXCHANGES = 8
DATES = 5

# Who puts the lines of an activity into words.
TELLERS = {
    "meetings": meetings.told,
    "knowledge": knowledge.told,
    "training": training.told,
    "mentoring": mentoring.told,
    "progress": progress.told,
    "joining": joining.told,
    "evaluation": evaluation.told,
    "reporting": reporting.told,
}

# What whoever is waited for does, by the stage of the exchange; other stages say who acts next.
ACTS = {
    Stage.DRAFT: pgettext_lazy("task", "Finish the request and send it"),
    Stage.FINDING_HOST: pgettext_lazy("task", "Find a host"),
    Stage.REQUESTED: pgettext_lazy("task", "Answer the request"),
    Stage.NEW_DATES: pgettext_lazy("task", "Answer the new dates"),
    Stage.PLANNING: pgettext_lazy("task", "Prepare the plan together"),
    Stage.POSTPONED: pgettext_lazy("task", "Agree on new dates"),
    Stage.TO_CONFIRM: pgettext_lazy("task", "Confirm the plan"),
    Stage.TO_RECORD: pgettext_lazy("task", "Record that the visit took place"),
    Stage.EVALUATED: pgettext_lazy("task", "Decide about the return visit"),
}


@dataclass(frozen=True)
class Dashboard:
    """The signed-in person's front page. `waiting` counts all tasks, of which `tasks` are the first."""

    tasks: list[Task]
    waiting: int
    exchanges: list[Glance]
    dates: list[NextDate]
    places: list[Stakeholder]


def dashboard(user: Any) -> Dashboard:
    """Return what `user` sees first: what waits, the first exchanges, the next dates, whom they represent."""
    rows = exchanges.overview(user, limit=SHOWN, dates=DATES)
    others, dated = found_in(_lines(user), TELLERS, limit=SHOWN, dates=DATES)
    tasks, waiting = waiting_for(user, rows, others)
    ahead = sorted(_dates(rows) + dated, key=lambda one: (one.first_day, one.title))[:DATES]
    return Dashboard(tasks, waiting, [row for row in rows if not row.is_over][:EXCHANGES], ahead, places_of(user))


def _lines(user: Any) -> list[QuerySet]:
    """What waits in every activity but exchanges, which tell their own: lines of one query."""
    dated = [line for activity in (meetings, training, mentoring) for line in activity.lines(user, dates=DATES)]
    others = (knowledge, progress, joining, evaluation, reporting)
    return dated + [line for activity in others for line in activity.lines(user)]


def waiting_for(user: Any, rows: list[Glance], others: list[Task]) -> tuple[list[Task], int]:
    """Return what waits for `user`, the earliest due first, then what has waited longest; and how many there are in all.

    `rows` are those of `exchanges.selectors.overview`, `others` what all other activities have, each fetched once.
    """
    invited, answers = exchanges.my_invitations(user), list(surveys.waiting_for(user)[:SHOWN])
    tasks = [_exchange_task(row) for row in rows if row.waits_for_me]
    tasks += [*invited, *others, *(_survey_task(invitation) for invitation in answers)]
    in_exchanges = rows[0].waiting_total if rows else 0
    tasks.sort(key=lambda task: task.urgency)
    return tasks[:SHOWN], in_exchanges + len(invited) + len(others) + len(answers)


def _exchange_task(row: Glance) -> Task:
    act = ACTS.get(row.stage)
    what = str(act) if act else row.step.sentence
    return Task(
        f"{row.title}, {row.exchange.reference}",
        what,
        row.visit.get_absolute_url(),
        row.step.due_on,
        row.since,
    )


def _survey_task(invitation: Invitation) -> Task:
    survey = invitation.survey
    since = local_day(max(survey.opens_at, invitation.invited_at), survey.time_zone)
    what = _("Finish your answers") if invitation.is_begun else _("Say what it was worth to you")  # type: ignore[attr-defined]
    return Task(f"{survey.title}, {survey.about}", what, invitation.get_absolute_url(), survey.due_on, since)


def _dates(rows: list[Glance]) -> list[NextDate]:
    """The visits whose dates lie ahead; one under way is the first of them."""
    today = timezone.localdate()
    return [
        NextDate(row.title, row.visit.get_absolute_url(), row.visit.starts_on, row.visit.ends_on)
        for row in rows
        if row.visit.state in ("accepted", "confirmed")
        and row.visit.starts_on is not None
        and row.visit.ends_on is not None
        and row.visit.ends_on >= today
    ]
