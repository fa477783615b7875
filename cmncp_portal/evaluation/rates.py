"""How many of those asked have answered: by activity, side, province or language. One query each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cmncp_portal.network.models import Province

from .models import Invitation, Occasion

BY = ("activity", "side", "province", "language")
SUBMITTED = Q(response__submitted_at__isnull=False)
ASKED = Q(excused_at__isnull=True) | SUBMITTED
_KEYS: dict[str, Any] = {
    "activity": F("survey__occasion__activity"),
    "side": F("survey__side"),
    # Where the person comes from; who came for no municipality counts with the side that was asked.
    "province": Coalesce(F("place__province"), F("survey__place__province")),
    "language": F("language"),
}
# The owners' words for their sides.
SIDES = {
    "visitors": pgettext_lazy("side", "Visiting team"),
    "hosts": pgettext_lazy("side", "Hosts"),
    "mentor": pgettext_lazy("side", "Mentor"),
    "mentee": pgettext_lazy("side", "Mentored municipality"),
    "": pgettext_lazy("side", "Everybody asked alike"),
}
LANGUAGES = {"en": pgettext_lazy("response rates", "English"), "fr": pgettext_lazy("response rates", "French")}
NOT_KNOWN = pgettext_lazy("response rates", "Not known")


@dataclass(frozen=True)
class Rate:
    """How many of those asked have answered; `share` is from 0 to 1, None when nobody was asked. `is_total` marks the last row."""

    label: Any
    asked: int
    answered: int
    late: int
    share: float | None
    is_total: bool = False


def put_to_people(now: datetime, *, activity: str = "") -> QuerySet[Invitation]:
    """Return the invitations to surveys that have opened by `now` and were not called off, of one activity or of all."""
    rows = Invitation.objects.filter(survey__cancelled_at__isnull=True, survey__opens_at__lte=now)
    return rows.filter(survey__occasion__activity=activity) if activity else rows


def rates(
    by: str,
    *,
    activity: str = "",
    from_on: date | None = None,
    until_on: date | None = None,
    now: datetime | None = None,
) -> list[Rate]:
    """Return how many answered by "activity", "side", "province" or "language", and the total as the last row.

    The language is that in which a person was asked: whoever answers half in each counts once. `from_on` and `until_on` are days
    of the occasions, both counted. Rows where nobody was asked are left out. Raises KeyError for another `by`.
    """
    rows = put_to_people(now or timezone.now(), activity=activity)
    if from_on:
        rows = rows.filter(survey__occasion__on__gte=from_on)
    if until_on:
        rows = rows.filter(survey__occasion__on__lte=until_on)
    figures = (
        rows.order_by()
        .annotate(key=_KEYS[by])
        .values_list("key")
        .annotate(
            asked=Count("pk", filter=ASKED),
            answered=Count("pk", filter=SUBMITTED),
            late=Count("pk", filter=SUBMITTED & Q(response__is_late=True)),
        )
    )
    return _in_order({key or "": numbers for key, *numbers in figures}, _labels(by))


def _labels(by: str) -> Mapping[str, Any]:
    known: dict[str, Mapping[str, Any]] = {
        "activity": dict(Occasion.Activity.choices),
        "side": SIDES,
        "province": dict(Province.choices),
        "language": LANGUAGES,
    }
    return known[by] if by == "side" else {**known[by], "": NOT_KNOWN}


def _in_order(figures: Mapping[str, list[int]], labels: Mapping[str, Any]) -> list[Rate]:
    """The rows in the order of `labels`, words that nobody foresaw before the total."""
    keys = [key for key in [*labels, *(set(figures) - set(labels))] if key in figures and figures[key][0]]
    found = [_rate(labels.get(key, key), figures[key]) for key in keys]
    return [*found, _rate(_("All together"), _sum(figures[key] for key in keys), is_total=True)]


def _sum(rows: Iterable[list[int]]) -> list[int]:
    return [sum(column) for column in zip((0, 0, 0), *rows, strict=True)]


def _rate(label: Any, numbers: list[int], *, is_total: bool = False) -> Rate:
    asked, answered, late = numbers
    return Rate(label, asked, answered, late, answered / asked if asked else None, is_total)
