"""What is due now: the yearly question where the strategy stands, and once more what was not answered; how far commitments are.

At which hour a letter leaves is the matter of `core.timely`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef
from django.utils import timezone

from cmncp_portal.core.days import REMINDER_TIME, add_months, is_working_day, next_working_day
from cmncp_portal.core.personal import NOBODY
from cmncp_portal.core.timely import is_due, is_due_somewhere
from cmncp_portal.network.models import Municipality, Stakeholder, Standing
from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY
from cmncp_portal.network.selectors import recipient_of
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.notifications.selectors import undeliverable

from .models import Commitment, InquiryItem
from .notifications import NUDGE, NUDGE_AGAIN
from .selectors.waiting import asked_on, not_confirmed
from .workflow import MONTHS

ASKED_AGAIN_ON = (3, 20)
LATEST = timedelta(days=30)  # how long after its day a question about a commitment is still asked


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


# ---- commitments


@dataclass(frozen=True)
class Question:
    """A commitment of which it is to be asked how far it is, `months` after it was made, and whom.

    `why` says why that is not its owner: "left", "silent" (no address, or letters come back), "nobody" (whose name was taken out);
    empty when it is.
    """

    commitment: Commitment
    months: int
    to: Recipient
    why: str


def may_ask(day: date, now: datetime, zone: str) -> bool:
    """Tell whether a question meant for `day` may leave at `now` for somebody in the IANA `zone`.

    From 8:30 on, on working days, the first of them on or after `day`; not thirty days later.
    """
    here = now.astimezone(ZoneInfo(zone))
    today = here.date()
    in_time = next_working_day(day) <= today < day + LATEST
    return in_time and is_working_day(today) and here.time() >= REMINDER_TIME


def questions(now: datetime | None = None) -> list[Question]:
    """Return what is to be asked at `now` (an aware instant; the present unless given), in at most six queries.

    Nobody is asked about what is done or abandoned, and about each of the two moments once. Where the owner has left or cannot
    be reached, the representative is asked, or a deputy; where there is nobody, the question waits.
    """
    now = now or timezone.now()
    due = [(one, months) for months in MONTHS for one in _due_after(months, now)]
    if not due:
        return []
    people = _People([one for one, _months in due])
    found = []
    for one, months in due:
        to, why = people.asked_about(one)
        if to:
            found.append(Question(one, months, to, why))
    return found


def _due_after(months: int, now: datetime) -> list[Commitment]:
    today = timezone.localdate(now)
    # Wide by the few days in which months, and zones, differ; the day itself is reckoned below.
    first = add_months(today, -months) - LATEST - timedelta(days=5)
    asked = InquiryItem.objects.filter(commitment=OuterRef("pk"), months=months)
    rows = Commitment.objects.open().filter(~Exists(asked), made_on__range=(first, today))
    rows = rows.select_related("municipality", "owner__user", "owner__municipality").order_by("due_on", "pk")
    return [one for one in rows if may_ask(add_months(one.made_on, months), now, one.municipality.time_zone)]


class _People:
    """Who can be asked about `rows`: three queries, however many they are."""

    def __init__(self, rows: Iterable[Commitment]) -> None:
        rows = list(rows)
        places = {one.municipality_id for one in rows}
        known = Stakeholder.objects.filter(municipality__in=places).select_related("user", "municipality")
        self.speakers: dict[int, list[Recipient]] = {}
        self.there: set[tuple[int, str]] = set()
        self.gone: set[tuple[int, str]] = set()
        for person in known.order_by("name", "pk"):
            to = recipient_of(person)
            here = person.municipality_id
            (self.there if person.is_current() else self.gone).add((here, to.email.lower()))
            if person.is_current() and person.standing in SPEAKS_FOR_MUNICIPALITY and to.email:
                first = person.standing == Standing.REPRESENTATIVE
                self.speakers.setdefault(here, []).insert(0 if first else len(self.speakers.get(here, [])), to)
        emails = {self._owner(one).email for one in rows} | {
            to.email for group in self.speakers.values() for to in group
        }
        self.dead = undeliverable(email for email in emails if email)

    def asked_about(self, one: Commitment) -> tuple[Recipient | None, str]:
        """Return who is asked about `one`, and why that is not its owner."""
        owner = self._owner(one)
        if owner.name == NOBODY:
            why = "nobody"
        elif self._has_left(one, owner):
            why = "left"
        elif not self._is_reached(owner):
            why = "silent"
        else:
            return owner, ""
        return next((to for to in self.speakers.get(one.municipality_id, []) if self._is_reached(to)), None), why

    def _owner(self, one: Commitment) -> Recipient:
        zone = one.municipality.time_zone
        if one.owner is None:
            return Recipient(one.owner_email, one.owner_name, one.owner_language or "both", zone)  # type: ignore[arg-type]
        to = recipient_of(one.owner)
        return to if to.email else Recipient(one.owner_email, to.name, to.language, zone)

    def _has_left(self, one: Commitment, owner: Recipient) -> bool:
        if one.owner is not None:
            return not one.owner.is_current()
        key = (one.municipality_id, owner.email.lower())
        return bool(owner.email) and key in self.gone and key not in self.there

    def _is_reached(self, to: Recipient) -> bool:
        return bool(to.email) and to.email.lower() not in self.dead
