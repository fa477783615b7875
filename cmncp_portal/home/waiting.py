"""How many things wait for a person, for the top of every page: one query, whose SQL is put together once and not on every page.

Putting a union over all activities together takes longer than running it. Its text depends on what a person is (roles,
standings in municipalities) and on the day, and not on who it is: so it is made once for each such shape with the values of a
probe, which are then exchanged for those of the person.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone

from cmncp_portal.accounts.models import User
from cmncp_portal.evaluation import selectors as surveys
from cmncp_portal.evaluation import waiting as evaluation
from cmncp_portal.joining.selectors import waiting as joining
from cmncp_portal.network.models import Municipality, Stakeholder
from cmncp_portal.network.rules import places_of
from cmncp_portal.progress.selectors import waiting as progress
from cmncp_portal.reporting.selectors import waiting as reporting
from exchanges import selectors as exchanges
from knowledge.selectors import waiting as knowledge
from meetings.selectors import waiting as meetings
from mentoring.selectors import waiting as mentoring
from training.selectors import waiting as training

Shape = tuple[date, frozenset[str], bool, bool, tuple[tuple[str, bool], ...]]
# Values that no row and no rule has: easy to find again among the values of a query.
PROBE_KEY, PROBE_PLACE, PROBE_EMAIL = -1_000_001, -2_000_000, "probe@probe.invalid"
PROBE_NOW = datetime(1901, 1, 1, 1, 1, 1, tzinfo=UTC)


def waiting_keys(user: Any, now: datetime) -> Any:
    """Return the keys of everything that waits for `user` in all activities at `now`, not yet fetched."""
    answers = surveys.waiting_for(user, now).order_by().values_list("pk")
    activities = (meetings, knowledge, training, mentoring, progress, joining, reporting)
    others = [activity.waiting_keys(user) for activity in activities]
    return exchanges.waiting_keys(user).union(*others, *evaluation.waiting_keys(user), answers, all=True)


def waiting_count(user: Any) -> int:
    """Return how many things wait for `user`, in one query."""
    places = places_of(user)
    shape = (
        timezone.localdate(),
        frozenset(user.role_names),
        user.is_staff,
        user.is_superuser,
        tuple((place.standing, place.is_of_a_member) for place in places),  # type: ignore[attr-defined]
    )
    sql, values = _prepared(shape)
    known: dict[Any, Any] = {PROBE_KEY: user.pk, PROBE_EMAIL: user.email.lower(), PROBE_NOW: timezone.now()}
    known |= {PROBE_PLACE - number: place.municipality_id for number, place in enumerate(places)}
    with connection.cursor() as cursor:
        cursor.execute(sql, [_real(value, known) for value in values])
        return int(cursor.fetchone()[0])


def _real(value: Any, known: dict[Any, Any]) -> Any:
    """Return what stands for `value`, in the same type: the database driver tells small and large numbers apart."""
    try:
        found = known.get(value, value)
    except TypeError:  # a value that cannot be looked up, such as a list
        return value
    return type(value)(found) if isinstance(value, int) and not isinstance(value, bool) else found


@lru_cache(maxsize=512)
def _prepared(shape: Shape) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL that counts for everybody of `shape`, and its values with those of the probe in them.

    Raises AssertionError when a selector bakes an instant into its query that would be another on the next page.
    """
    keys = waiting_keys(_probe(shape), PROBE_NOW)
    sql, values = keys.query.sql_with_params()
    instants = [value for value in values if isinstance(value, datetime) and value != PROBE_NOW]
    assert not instants, f"an instant in the query that is not the one given: {instants}"
    return f"SELECT COUNT(*) FROM ({sql}) AS waiting", tuple(values)  # noqa: S608  (Django's own SQL, values apart)


def _probe(shape: Shape) -> User:
    """Return somebody of `shape` whom nobody knows."""
    _day, roles, is_staff, is_superuser, standings = shape
    probe = User(pk=PROBE_KEY, email=PROBE_EMAIL, is_staff=is_staff, is_superuser=is_superuser, is_active=True)
    probe.__dict__["role_names"] = roles
    probe._places = [_place(probe, number, *of) for number, of in enumerate(standings)]  # type: ignore[attr-defined]
    return probe


def _place(probe: User, number: int, standing: str, is_of_a_member: bool) -> Stakeholder:
    municipality = Municipality(pk=PROBE_PLACE - number, name_en="Probe", name_fr="Probe")
    place = Stakeholder(pk=PROBE_KEY, municipality=municipality, user=probe, standing=standing)
    place.is_of_a_member = is_of_a_member  # type: ignore[attr-defined]
    return place
