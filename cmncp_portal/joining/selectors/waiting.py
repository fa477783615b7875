"""What waits for a person in joining and renewal: one query for the own page, one for the count on every page."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t

from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.waiting import NextDate, Row, Task, found_in, line
from cmncp_portal.network.models import Membership
from cmncp_portal.network.rules import speaks_for_ids

from ..models import Application, Interest, OnboardingStep, Renewal
from ..models.renewal import GRACE_DAYS
from .days import answer_by


def _to_confirm(user: Any) -> QuerySet[Renewal]:
    """The representative says whether the member stays; who has said so waits for the coordinators."""
    mine = Renewal.objects.running().filter(membership__municipality__in=speaks_for_ids(user))
    return mine.filter(confirmed_at__isnull=True)


def _first_steps(user: Any, today: date) -> QuerySet[Membership]:
    still_open = OnboardingStep.objects.filter(membership=OuterRef("pk"), done_at__isnull=True)
    rows = Membership.objects.filter(municipality__in=speaks_for_ids(user), until_on__isnull=True, from_on__lte=today)
    return rows.filter(Exists(still_open))


def _parts(user: Any) -> dict[str, QuerySet]:
    today = timezone.localdate()
    found: dict[str, QuerySet] = {"renewal": _to_confirm(user), "steps": _first_steps(user, today)}
    if is_secretariat(user):
        found["interest"] = Interest.objects.waiting()
        found["application"] = Application.objects.filter(state=Application.State.SENT)
        found["grace"] = Renewal.objects.running().filter(due_on__lt=today)
    return found


def waiting_keys(user: Any) -> Any:
    """Return the keys of what waits for `user`, not yet fetched, so that they can be counted together with others."""
    first, *rest = [part.order_by().values_list("pk") for part in _parts(user).values()]
    return first.union(*rest, all=True)


# Of each sort: where the names, the address, the day and the beginning are found.
_OF_MEMBER = {"en": "membership__municipality__name_en", "fr": "membership__municipality__name_fr"}
_OF_PLACE = {"en": "municipality__name_en", "fr": "municipality__name_fr"}
_WHERE: dict[str, dict[str, str]] = {
    "renewal": _OF_MEMBER | {"slug": "membership__municipality__slug", "due": "due_on", "since": "created_at"},
    "steps": _OF_PLACE | {"slug": "municipality__slug", "first": "from_on"},
    "interest": {"en": "place_name", "fr": "place_name", "since": "confirmed_at"},
    "application": _OF_PLACE | {"since": "sent_at"},
    "grace": _OF_MEMBER | {"due": "due_on"},
}


def lines(user: Any) -> list[QuerySet]:
    """Return what waits for `user` as lines of one query."""
    return [line(rows.order_by(), f"joining.{sort}", **_WHERE[sort]) for sort, rows in _parts(user).items()]


def glance(user: Any, *, limit: int = 24, dates: int = 5) -> tuple[list[Task], list[NextDate]]:
    """Return what waits for `user`, at most `limit`, and no dates, in one query."""
    return found_in(lines(user), {"joining": told}, limit=limit, dates=dates)


def told(row: Row) -> Task:
    """Put a line into words, in the active language."""
    on = row.on if row.since else row.first or row.due or row.on
    what: dict[str, tuple[str, list[Any], date | None, str]] = {
        "renewal": ("my_renewal", [row.slug], row.due, _t("Say whether you stay in the network")),
        "steps": ("first_steps", [row.slug], None, _t("Take your first steps in the network")),
        "interest": ("interest", [row.pk], answer_by(on), _t("Answer who thinks of joining")),
        "application": ("decide", [row.pk], None, _t("Decide the application for membership")),
        "grace": ("renewals", [], _end_of_grace(row.due), _t("Settle the renewal before grace ends")),
    }
    name, args, due, detail = what[row.sort]
    return Task(row.title, detail, reverse(f"joining:{name}", args=args), due, on)


def _end_of_grace(day: date | None) -> date | None:
    return day + timedelta(days=GRACE_DAYS) if day else None
