"""What is due now: the yearly question where the strategy stands, and once more what was not answered.

At which hour a letter leaves is the matter of `core.timely`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from cmncp_portal.core.timely import is_due, is_due_somewhere
from cmncp_portal.network.models import Municipality, Stakeholder, Standing
from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY
from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient

from .notifications import NUDGE, NUDGE_AGAIN
from .selectors.waiting import asked_on, not_confirmed

ASKED_AGAIN_ON = (3, 20)


@dataclass(frozen=True)
class Due:
    """A question that is due somewhere: about which municipality, to whom. Nobody in `to`: there is nobody to be asked."""

    municipality: Municipality
    kind: Kind
    day: date
    to: tuple[Recipient, ...]

    def is_due_in(self, zone: str, now: datetime) -> bool:
        """Tell whether the letter is to leave at `now` for a recipient in the IANA `zone`."""
        return is_due(self.day, now, zone)


def due(now: datetime | None = None) -> Iterator[Due]:
    """Yield the questions that are due at `now` (an aware instant; the present unless given), two queries for each kind."""
    now = now or timezone.now()
    year = timezone.localdate(now).year
    for kind, day in ((NUDGE, asked_on(year)), (NUDGE_AGAIN, date(year, *ASKED_AGAIN_ON))):
        if not is_due_somewhere(day, now):
            continue
        places = list(not_confirmed(year).select_related("strategy").order_by("pk"))
        people = _people(places)
        for place in places:
            yield Due(place, kind, day, people.get(place.pk, ()))


def _people(places: list[Municipality]) -> dict[int, tuple[Recipient, ...]]:
    """Who is asked, by municipality: the representative; the deputies where there is none who can be written to."""
    rows = Stakeholder.objects.current().filter(municipality__in=places, standing__in=SPEAKS_FOR_MUNICIPALITY)
    found: dict[int, dict[str, list[Recipient]]] = {}
    for person in rows.select_related("user", "municipality").order_by("name", "pk"):
        to = recipient_of(person)
        if to.email:
            found.setdefault(person.municipality_id, {}).setdefault(person.standing, []).append(to)
    first, second = Standing.REPRESENTATIVE, Standing.DEPUTY
    return {place: tuple(people.get(first) or people.get(second, [])) for place, people in found.items()}
