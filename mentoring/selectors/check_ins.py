"""Which check-ins are due, and what was answered: both sides next to each other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cmncp_portal.core.days import add_months as add_months
from cmncp_portal.evaluation.results import Viewer, beside, summarise
from cmncp_portal.evaluation.selectors import response_counts

from ..models import Agreement, AgreementChange, CheckIn, Side
from ..workflow import CHECK_IN_MONTHS

LATEST = timedelta(days=30)  # a moment that passed longer ago, such as during a pause, is not made up for
M = CheckIn.Moment


@dataclass(frozen=True)
class DueCheckIn:
    """A moment of an agreement that has come, and the sides that were not asked yet."""

    agreement: Agreement
    moment: str
    sides: tuple[str, ...]


def _asked(moment: str) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(agreement=OuterRef("pk"), moment=moment)


def _missing(rows: QuerySet[Agreement], moment: str) -> Iterator[DueCheckIn]:
    """Of `rows`, those with a side that was not asked at `moment`."""
    asked = _asked(moment)
    known = rows.annotate(
        asked_mentor=Exists(asked.filter(side=Side.MENTOR)), asked_mentee=Exists(asked.filter(side=Side.MENTEE))
    )
    for agreement in known.exclude(asked_mentor=True, asked_mentee=True).order_by("pk"):
        sides = ((Side.MENTOR, agreement.asked_mentor), (Side.MENTEE, agreement.asked_mentee))
        yield DueCheckIn(agreement, moment, tuple(str(side) for side, is_asked in sides if not is_asked))


def due_check_ins(today: date | None = None) -> list[DueCheckIn]:
    """Return what is to be asked on `today`: one, three and six months after the beginning, and at the end. No paused agreement."""
    on = today or timezone.localdate()
    found = []
    active = Agreement.objects.with_places().filter(state=Agreement.State.ACTIVE)
    for months in CHECK_IN_MONTHS:
        # Wide by the few days in which months differ; the day itself is reckoned below.
        near = active.filter(starts_on__range=(add_months(on, -months) - LATEST - timedelta(days=4), on))
        for one in _missing(near, str(months)):
            assert one.agreement.starts_on
            day = add_months(one.agreement.starts_on, months)
            if day <= on < day + LATEST:
                found.append(one)
    ended = AgreementChange.objects.filter(to_state__in=Agreement.OVER, at__date__gt=on - LATEST, at__date__lte=on)
    over = Agreement.objects.with_places().filter(state__in=Agreement.OVER, pk__in=ended.values("agreement"))
    return [*found, *_missing(over, M.END)]


@dataclass(frozen=True)
class Asked:
    """A check-in of one side: how many were asked and have answered."""

    check_in: CheckIn
    municipality: Any
    counts: Any


def asked_of(agreement: Agreement) -> list[Asked]:
    """Return the check-ins of `agreement` in the order of their moments, the mentor's side first; two queries."""
    order = list(M.values)
    rows = list(agreement.check_ins.select_related("survey__questionnaire"))
    rows.sort(key=lambda row: (order.index(row.moment), row.side != Side.MENTOR))
    counts = response_counts([row.survey for row in rows])
    return [Asked(row, agreement.municipality_of(row.side), counts[row.survey_id]) for row in rows]


def open_ones(agreement: Agreement) -> list[Asked]:
    """Return the check-ins that can be answered now and that somebody has not answered."""
    return [one for one in asked_of(agreement) if one.check_in.survey.is_open() and one.counts.waiting]


def results(rows: list[Asked], moment: str, viewer: Viewer) -> list[Any]:
    """Return what was answered at `moment`, the sides next to each other, as components/survey_results.html draws it."""
    there = [row for row in rows if row.check_in.moment == moment]
    return beside([(str(row.municipality), summarise([row.check_in.survey], viewer=viewer)) for row in there])
