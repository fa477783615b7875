"""When something about a report may happen: a calculation that stands still, what keeps a report from being frozen."""

from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.workflow import Reason

from .models import Calculation

STANDS_STILL = timedelta(minutes=10)  # twice the time that a worker is given
REMINDERS = (-7, 0, 3)  # days after the day on which a report is due
SHOWN_BEFORE = 30  # days before it is due, a report waits on the first page

S = Calculation.State
OPEN = (S.WAITING, S.RUNNING)


def under_way(now: datetime) -> Q:
    """Return what is true of a calculation that somebody still works on at `now`."""
    return Q(state__in=OPEN) & ~standing_still(now)


def standing_still(now: datetime) -> Q:
    """Return what is true of a calculation that nobody works on any more: asked for, or begun, more than ten minutes ago."""
    since = now - STANDS_STILL
    return Q(state=S.WAITING, asked_at__lt=since) | Q(state=S.RUNNING, started_at__lt=since)


def stands_still(one: Calculation, now: datetime) -> bool:
    """Tell the same of one calculation."""
    since = one.started_at if one.state == S.RUNNING else one.asked_at
    return one.state in OPEN and (since is None or since < now - STANDS_STILL)


NOT_CALCULATED: Reason = _("The figures are not calculated yet.")
BEING_CALCULATED: Reason = _("The figures are being calculated. Wait until they are there.")
ASKED_OTHERWISE: Reason = _("Period or figures changed since they were calculated. Calculate them again.")
FROZEN_SINCE: Reason = _("Another report was frozen since these figures were calculated. Calculate them again, so that both together show no small group.")  # fmt: skip


def already_frozen(number: int) -> str:
    """Return why figures are not frozen a second time, in the active language."""
    return _t("These figures are frozen already, as number %(number)s. To freeze anew, calculate again.") % {
        "number": number
    }


def reminder_days(due_on: date) -> list[tuple[int, date]]:
    """Return each reminder as its distance from the day and the day on which it goes out."""
    return [(days, due_on + timedelta(days=days)) for days in REMINDERS]
