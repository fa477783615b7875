"""What waits for a person in mentoring, and which sessions come next: one query for the own page, one for the count."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.waiting import NextDate, Row, Task, found_in, line
from cmncp_portal.network.rules import municipality_ids_of, speaks_for_ids

from ..models import Agreement, Goal, Participant, Side
from ..workflow import SILENT_DAYS

S = Agreement.State
Parts = list[tuple[str, QuerySet[Agreement]]]


def _led(user: Any, *sides: str) -> Any:
    rows = Participant.objects.current().filter(email=user.email.lower(), is_lead=True, side__in=sides)
    return rows.values("agreement")


def _mine(user: Any) -> Q:
    ours = speaks_for_ids(user)
    return Q(mentor__in=ours) | Q(mentee__in=ours) | Q(pk__in=_led(user, Side.MENTOR, Side.MENTEE))


def _own_parts(user: Any, today: date) -> Parts:
    ours, rows = speaks_for_ids(user), Agreement.objects.all()
    as_mentor = Q(mentor_accepted_at__isnull=True) & (Q(mentor__in=ours) | Q(pk__in=_led(user, Side.MENTOR)))
    as_mentee = Q(mentee_accepted_at__isnull=True) & (Q(mentee__in=ours) | Q(pk__in=_led(user, Side.MENTEE)))
    has_goals = Goal.objects.filter(agreement=OuterRef("pk"))
    return [
        ("answer", rows.filter(as_mentor | as_mentee, state=S.AWAITING)),
        ("goals", rows.filter(_mine(user), ~Exists(has_goals), state=S.ACTIVE, ends_on__gte=today)),
        ("conclude", rows.filter(_mine(user), state__in=Agreement.RUNNING, ends_on__lt=today)),
    ]


def _network_parts(today: date) -> Parts:
    rows, quiet_since = Agreement.objects.all(), today - timedelta(days=SILENT_DAYS)
    return [
        ("prepared", rows.filter(state=S.PROPOSED)),
        ("overdue", rows.filter(state=S.AWAITING, answer_due_on__lt=today)),
        ("silent", rows.filter(state=S.ACTIVE, last_sign_at__date__lte=quiet_since)),
    ]


def _parts(user: Any, today: date) -> Parts:
    return _own_parts(user, today) + (_network_parts(today) if is_secretariat(user) else [])


def waiting_keys(user: Any) -> Any:
    """Return the keys of what waits for `user`, not yet fetched, so that they can be counted together with others."""
    first, *rest = [rows.order_by().values_list("pk") for _sort, rows in _parts(user, timezone.localdate())]
    return first.union(*rest, all=True)


DUE = {"answer": "answer_due_on", "overdue": "answer_due_on", "conclude": "ends_on"}
SINCE = {"answer": "asked_at", "overdue": "asked_at", "prepared": "created_at", "date": "next_session_at"}


def _line(rows: QuerySet[Agreement], sort: str) -> QuerySet:
    names = {code: Concat(f"mentor__name_{code}", Value(" – "), f"mentee__name_{code}") for code in ("en", "fr")}
    since = SINCE.get(sort, "last_sign_at")
    return line(rows, f"mentoring.{sort}", **names, slug="reference", due=DUE.get(sort, ""), since=since)


def _dated(user: Any) -> QuerySet[Agreement]:
    ours = municipality_ids_of(user)
    named = Participant.objects.current().filter(email=user.email.lower()).values("agreement")
    own = Q(mentor__in=ours) | Q(mentee__in=ours) | Q(pk__in=named)
    rows = Agreement.objects.filter(own, state__in=Agreement.RUNNING, next_session_at__gte=timezone.now())
    return rows.order_by("next_session_at", "pk")


def lines(user: Any, *, dates: int = 5) -> list[QuerySet]:
    """Return what waits for `user` and the next sessions they take part in, as lines of one query."""
    parts = [_line(rows.order_by(), sort) for sort, rows in _parts(user, timezone.localdate())]
    return [*parts, _line(_dated(user), "date")[:dates]]


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user` and the next sessions they take part in, at most `limit` and `dates`, in one query."""
    return found_in(lines(user, dates=dates), {"mentoring": told}, limit=limit, dates=dates)


PAGES = {"answer": "answer", "goals": "goals", "conclude": "conclude", "prepared": "ask"}


def told(row: Row) -> Task | NextDate:
    """Put a line into words, in the active language."""
    url = reverse(f"mentoring:{PAGES.get(row.sort, 'agreement')}", args=[row.slug])
    if row.sort == "date":
        return NextDate(row.title, url, row.on, row.on)
    details = {
        "answer": _t("Answer the proposal for your municipality"),
        "goals": _t("Agree on your goals"),
        "conclude": _t("Say what came of it, and conclude"),
        "prepared": _t("Read the proposal and ask both municipalities"),
        "overdue": _t("An answer is overdue: ask, or take the proposal back"),
        "silent": _t("Nothing was heard for 45 days: ask how it goes"),
    }
    return Task(row.title, details[row.sort], url, row.due, row.on)
