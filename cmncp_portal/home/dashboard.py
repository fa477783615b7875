"""What waits for a person, and where their exchanges stand, asked of each activity.

Eight queries for the whole page, whatever the size of the network: whoever adds an activity adds to `waiting_for` and
`waiting_count` alike.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cmncp_portal.core.days import local_day
from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.evaluation import selectors as surveys
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.rules import places_of
from exchanges import selectors as exchanges
from exchanges.selectors import Stage
from exchanges.selectors.lists import Row, entry_of

SHOWN = 24  # of what waits; beyond that the lists of the activities are the better place
EXCHANGES = 8
DATES = 5

# What whoever is waited for does, by the stage of the exchange; other stages say who acts next.
ACTS = {
    Stage.DRAFT: gettext_lazy("Finish the request and send it"),
    Stage.FINDING_HOST: gettext_lazy("Find a host"),
    Stage.REQUESTED: gettext_lazy("Answer the request"),
    Stage.NEW_DATES: gettext_lazy("Answer the new dates"),
    Stage.PLANNING: gettext_lazy("Prepare the plan together"),
    Stage.POSTPONED: gettext_lazy("Agree on new dates"),
    Stage.TO_CONFIRM: gettext_lazy("Confirm the plan"),
    Stage.TO_RECORD: gettext_lazy("Record that the visit took place"),
    Stage.EVALUATED: gettext_lazy("Decide about the return visit"),
}


@dataclass(frozen=True)
class Task:
    """Something that waits for a person: what, about what, the page where it is done, until when, since when."""

    what: str
    about: str
    url: str
    due_on: date | None
    since: date

    @property
    def is_late(self) -> bool:
        return self.due_on is not None and self.due_on < timezone.localdate()


@dataclass(frozen=True)
class Dashboard:
    """The signed-in person's front page. `waiting` counts all tasks, of which `tasks` are the first."""

    tasks: list[Task]
    waiting: int
    exchanges: list[Row]
    dates: list[CalendarEntry]
    places: list[Stakeholder]


def waiting_count(user: Any) -> int:
    """Return how many things wait for `user` in all activities, in two queries: every page asks."""
    return exchanges.waiting_count(user) + surveys.waiting_for(user).count()


def dashboard(user: Any) -> Dashboard:
    """Return what `user` sees first: what waits, the first exchanges, the next dates, whom they represent."""
    rows = exchanges.overview(user, limit=SHOWN, dates=DATES)
    tasks, waiting = waiting_for(user, rows)
    return Dashboard(tasks, waiting, [row for row in rows if not _is_over(row)][:EXCHANGES], _dates(rows), places_of(user))


def waiting_for(user: Any, rows: list[Row]) -> tuple[list[Task], int]:
    """Return what waits for `user`, the earliest due first, then what has waited longest; and how many there are in all.

    `rows` are those of `exchanges.selectors.overview`, fetched once for the whole page.
    """
    invited, answers = exchanges.my_invitations(user), list(surveys.waiting_for(user)[:SHOWN])
    tasks = [_exchange_task(row) for row in rows if row.waits_for_me]
    tasks += [Task(task.detail, task.title, task.url, task.due_on, task.since) for task in invited]
    tasks += [_survey_task(invitation) for invitation in answers]
    in_exchanges = rows[0].exchange.current_leg.waiting_total if rows else 0
    tasks.sort(key=lambda task: (task.due_on or date.max, task.since))
    return tasks[:SHOWN], in_exchanges + len(invited) + len(answers)


def _exchange_task(row: Row) -> Task:
    act = ACTS.get(row.stage)
    what = str(act) if act else row.step.sentence
    return Task(what, f"{row.title}, {row.exchange.reference}", row.exchange.current_leg.get_absolute_url(), row.step.due_on, row.since)


def _survey_task(invitation: Invitation) -> Task:
    survey = invitation.survey
    since = local_day(max(survey.opens_at, invitation.invited_at), survey.time_zone)
    what = _("Finish your answers") if invitation.is_begun else _("Say what this exchange was worth to you")  # type: ignore[attr-defined]
    return Task(what, f"{survey.title}, {survey.about}", invitation.get_absolute_url(), survey.due_on, since)


def _is_over(row: Row) -> bool:
    return bool(row.exchange.current_leg.is_over)


def _dates(rows: list[Row]) -> list[CalendarEntry]:
    """The next dated visits of `rows`; one under way is the first of them."""
    today = timezone.localdate()
    legs = [row.exchange.current_leg for row in rows]
    ahead = [leg for leg in legs if leg.state in ("accepted", "confirmed") and leg.ends_on and leg.ends_on >= today]
    return [entry_of(leg) for leg in sorted(ahead, key=lambda leg: (leg.starts_on, leg.pk))[:DATES]]
