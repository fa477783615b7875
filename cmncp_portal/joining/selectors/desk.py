"""The coordinators' desk: what waits for them, with whom they talk, who applies, and which renewals stand open."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.rules import members_now

from ..models import Application, Interest, Renewal
from ..workflow import APPLICATION, INTEREST
from .days import answer_by

S, A, R = Interest.State, Application.State, Renewal.State
HERE = Q(application__state=A.SENT)  # the coordinators act
LISTS: dict[str, Q] = {
    "waiting": Q(state=S.CONFIRMED),
    "applications": Q(state=S.APPLYING) & HERE,
    "talking": Q(state=S.TALKING) | Q(state=S.APPLYING) & ~HERE,
    "closed": Q(state=S.CLOSED, confirmed_at__isnull=False),
}
ORDER = {"waiting": "confirmed_at", "applications": "application__sent_at", "talking": "-answered_at", "closed": "-updated_at"}  # fmt: skip


def counts() -> dict[str, int]:
    """Return how many stand in each list of the desk. One query."""
    return Interest.objects.aggregate(**{name: Count("pk", filter=which) for name, which in LISTS.items()})


def listed(user: Any, name: str) -> QuerySet[Interest]:
    """Return the expressions of interest of the list `name`, what waits longest first; with application and municipality."""
    rows = Interest.objects.visible_to(user).filter(LISTS[name])
    return rows.select_related("application", "municipality", "assigned_to").order_by(ORDER[name], "pk")


def due_on(interest: Interest) -> date | None:
    """Return the day by which the coordinators answer; None when they have, or nobody confirmed."""
    if interest.state != S.CONFIRMED or interest.confirmed_at is None:
        return None
    return answer_by(timezone.localdate(interest.confirmed_at))


@dataclass(frozen=True)
class Line:
    """One line of the desk. `due` and `is_late` only where an answer is owed."""

    interest: Interest
    application: Application | None
    due: date | None

    @property
    def is_late(self) -> bool:
        """On the day itself it is not late."""
        return self.due is not None and self.due < timezone.localdate()


def lines(rows: Any) -> list[Line]:
    """Return the lines of the desk for `rows` of `listed`."""
    return [Line(row, getattr(row, "application", None), due_on(row)) for row in rows]


def for_page(user: Any) -> QuerySet[Interest]:
    """Return the rows of `user` with what one page needs: `has_account` tells whether the person is in, or invited, there."""
    known = Stakeholder.objects.current().filter(
        municipality=OuterRef("municipality"), email__iexact=OuterRef("email"), user__isnull=False
    )
    rows = Interest.objects.visible_to(user).select_related("application", "municipality", "assigned_to")
    return rows.annotate(has_account=Exists(known))


def story(interest: Interest) -> list[dict[str, Any]]:
    """Return what happened, newest first, for components/timeline.html."""
    return _told(interest.changes.select_related("by"), INTEREST)


def _told(rows: Any, workflow: Any) -> list[dict[str, Any]]:
    found = [
        {"at": row.at, "text": workflow[row.transition].happened, "by": row.by_name, "note": row.note} for row in rows
    ]
    return found[::-1]


def story_of_application(application: Application) -> list[dict[str, Any]]:
    """Return what happened to the application, newest first, for components/timeline.html."""
    return _told(application.changes.all(), APPLICATION)


# --- renewals


def _in_list(name: str, today: date) -> Q:
    running = Q(state=R.DUE, membership__until_on__isnull=True)
    over = Q(due_on__lt=today)
    return {
        "due": running & ~over,
        "grace": running & over,
        "lapsed": Q(state=R.LAPSED),
        "settled": Q(state__in=(R.RENEWED, R.LEFT)),
    }[name]


RENEWAL_LISTS = ("due", "grace", "lapsed", "settled")


def renewal_counts() -> dict[str, int]:
    """Return how many stand in each list of the renewals desk. One query."""
    today = timezone.localdate()
    return Renewal.objects.aggregate(**{name: Count("pk", filter=_in_list(name, today)) for name in RENEWAL_LISTS})


def renewals(user: Any, name: str) -> QuerySet[Renewal]:
    """Return the renewals of the list `name`; `is_member` tells of those that lapsed whether the municipality is one again."""
    again = members_now(OuterRef("membership__municipality"))
    rows = Renewal.objects.visible_to(user).filter(_in_list(name, timezone.localdate()))
    order = ["-due_on", "pk"] if name in ("lapsed", "settled") else ["due_on", "pk"]
    return rows.select_related("membership__municipality").annotate(is_member=Exists(again)).order_by(*order)


__all__ = [
    "LISTS", "RENEWAL_LISTS", "Line", "counts", "due_on", "for_page", "lines", "listed", "renewal_counts", "renewals",
    "story", "story_of_application",
]  # fmt: skip
