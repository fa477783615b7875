"""What waits at the desk: for reviewers the evaluations to read, for coordinators the follow-ups that are not settled."""

from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.models import Role, User
from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.waiting import NextDate, Row, Task, found_in, line

from .models import FollowUp
from .occasions import first_answer, to_read_by


def _parts(user: Any) -> dict[str, QuerySet]:
    """Coordinators may review as well, but it waits for those whose task it is."""
    found: dict[str, QuerySet] = {}
    if isinstance(user, User) and user.has_role(Role.REVIEWER, Role.ADMINISTRATOR):
        found["read"] = to_read_by(user)
    if is_secretariat(user):
        found["follow_up"] = FollowUp.objects.filter(done_at__isnull=True)
    return found


def waiting_keys(user: Any) -> list[QuerySet]:
    """Return the keys of what waits for `user`, one query each, not yet fetched, so that they can be counted together with others."""
    return [rows.order_by().values_list("pk") for rows in _parts(user).values()]


def lines(user: Any) -> list[QuerySet]:
    """Return what waits for `user` as lines of one query; none for those who neither review nor coordinate."""
    return [_line(rows.order_by(), sort) for sort, rows in _parts(user).items()]


def _line(rows: QuerySet, sort: str) -> QuerySet:
    if sort == "read":
        return line(rows, "evaluation.read", en="title_en", fr="title_fr", number=F("pk"), since=first_answer())
    names = {code: f"occasion__title_{code}" for code in ("en", "fr")}
    return line(rows, "evaluation.follow_up", **names, number="occasion_id", since="at")


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user`, at most `limit`, and no dates, in one query."""
    return found_in(lines(user), {"evaluation": told}, limit=limit, dates=dates)


def told(row: Row) -> Task:
    """Put a line into words, in the active language."""
    details = {"read": _t("Read what was answered"), "follow_up": _t("Look into what a reviewer asks")}
    return Task(row.title, details[row.sort], reverse("evaluation:occasion", args=[row.number]), None, row.on)
