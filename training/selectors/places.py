"""How many places are taken, who is how far from one, and what a personal page says first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from cmncp_portal.core.dates import instant_in_words
from cmncp_portal.core.places import Status, free_places
from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import active_language
from cmncp_portal.evaluation.models import Invitation
from cmncp_portal.notifications.selectors import undeliverable

from ..models import Certificate, Enrolment, ModuleMaterial, Offering
from .when import city_in

G = Offering.State
STATUS_TONES = {
    Status.REQUESTED: "attention",
    Status.REGISTERED: "good",
    Status.WAITING: "under-way",
    Status.DECLINED: "neutral",
    Status.CANCELLED: "neutral",
}


@dataclass(frozen=True)
class Room:
    """Places of an offering; `left` is None without a limit."""

    capacity: int | None
    taken: int
    waiting: int
    requested: int

    @property
    def left(self) -> int | None:
        return free_places(self.capacity, self.taken)

    @property
    def is_full(self) -> bool:
        """Whether whoever enrols now waits: nothing is left, or others wait already."""
        return self.left == 0 or (self.left is not None and self.waiting > 0)


COUNTS: dict[str, Any] = {
    "taken": Count("pk", filter=Q(status=Status.REGISTERED)),
    "waiting": Count("pk", filter=Q(status=Status.WAITING)),
    "requested": Count("pk", filter=Q(status=Status.REQUESTED)),
}


def room_of(offering: Offering) -> Room:
    """Return the places of `offering`, in one query."""
    return Room(capacity=offering.capacity, **Enrolment.objects.filter(offering=offering).aggregate(**COUNTS))


def numbers() -> QuerySet:
    """Return for a subquery of offerings how many have a place, wait, and ask; `room_along` reads it."""
    rows = Enrolment.objects.filter(offering=OuterRef("pk")).order_by().values("offering")
    return rows.annotate(counts=JSONObject(**COUNTS)).values("counts")


def room_along(offering: Any) -> Room:
    """Return the places of `offering`, fetched with `numbers`: no query."""
    found = offering.numbers or {}
    return Room(capacity=offering.capacity, **{name: found.get(name, 0) for name in COUNTS})


def position_of(place: Enrolment) -> int:
    """Return the turn of a waiting `place`: 1 for the next to come in; 0 when it does not wait."""
    if place.status != Status.WAITING:
        return 0
    earlier = Q(waiting_since__lt=place.waiting_since) | Q(waiting_since=place.waiting_since, pk__lt=place.pk)
    return Enrolment.objects.filter(earlier, offering=place.offering_id, status=Status.WAITING).count() + 1


def place_of(user: Any, offering: Offering) -> Enrolment | None:
    """Return the live place of the signed-in `user` in `offering`, by account or address, or None."""
    if not getattr(user, "is_authenticated", False):
        return None
    mine = Enrolment.objects.live().filter(Q(learner__user=user) | Q(email=user.email.lower()), offering=offering)
    found: Enrolment | None = mine.first()
    if found is not None:
        found.offering = offering
    return found


def what_happens(offering: Offering, room: Room) -> str:
    """Return in the active language what becomes of somebody who enrols now: a place, a question, or the waiting list."""
    if offering.needs_approval:
        return _t("The coordinators look at each enrolment. An answer comes by email.")
    if room.left is None:
        return _t("The place is confirmed at once, by email.")
    if not room.is_full:
        return ngettext("There is one place left.", "There are %(number)s places left.", room.left) % {
            "number": room.left
        }
    return _t("All places are taken. You join the waiting list, and get a letter when it is your turn.")


# --- the list of those who are enrolled


@dataclass(frozen=True)
class Listed:
    """An enrolment as lists show it: `words` is the state with the turn, `until` when a new place can be given back."""

    place: Enrolment
    words: str
    tone: str
    until: str = ""
    is_undeliverable: bool = False
    acts: tuple[str, ...] = ()


def enrolments_of(offering: Offering, *, with_needs: bool = False) -> QuerySet[Enrolment]:
    """Return the enrolments of `offering`: who asks, who waits in order, who comes by name, who no longer comes.

    `turn` is that of the whole list, from 1, for who waits. Personal needs are not read unless `with_needs`.
    """
    rank = Case(
        When(status=Status.REQUESTED, then=0),
        When(status=Status.WAITING, then=1),
        When(status=Status.REGISTERED, then=2),
        default=Value(3),
    )
    rows = offering.enrolments.select_related("municipality").annotate(turn=_turn())
    rows = rows.order_by(rank, "waiting_since", Fold("name"), "pk")
    return rows if with_needs else rows.defer("dietary_needs", "access_needs")


def _turn() -> Case:
    since = OuterRef("waiting_since")
    before = Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lte=OuterRef("pk"))
    ahead = Enrolment.objects.filter(before, offering=OuterRef("offering"), status=Status.WAITING)
    count = Subquery(ahead.order_by().values("offering").annotate(turn=Count("pk")).values("turn"))
    return Case(When(status=Status.WAITING, then=count), default=None)


def by_words(rows: QuerySet[Enrolment], text: str) -> QuerySet[Enrolment]:
    """Keep the enrolments whose name, organisation or address holds `text`, accents folded."""
    text = text.strip()
    if not text:
        return rows
    part = Fold(Value(text))
    rows = rows.annotate(folded=Fold("name"), folded_place=Fold("organisation"))
    return rows.filter(Q(folded__contains=part) | Q(folded_place__contains=part) | Q(email__icontains=text))


def listed(rows: Iterable[Enrolment], offering: Offering) -> list[Listed]:
    """Return `rows`, which are from `enrolments_of` for `offering`, with their words. Two queries."""
    places = list(rows)
    lost = undeliverable(place.email for place in places)
    return [_listed(place, offering, place.email.lower() in lost) for place in places]


def _listed(place: Enrolment, offering: Offering, is_lost: bool) -> Listed:
    place.offering = offering
    lies_ahead = offering.state == G.OPEN and not offering.is_over
    until = ""
    if lies_ahead and place.is_registered and place.refuse_by and place.refuse_by > timezone.now():
        city = city_in(offering, active_language())
        until = instant_in_words(place.refuse_by, offering.time_zone, city)
    acts: tuple[str, ...] = ("edit",) if place.is_live else ()
    if acts and lies_ahead:
        acts += ("approve", "decline") if place.status == Status.REQUESTED else ("cancel",)
    tone = STATUS_TONES[Status(place.status)]
    return Listed(place, status_words(place), tone, until, is_lost and place.is_live, acts)


def status_words(place: Any) -> str:
    """Return the state of `place`, which is from `enrolments_of`, in the active language, with the turn of who waits."""
    if place.status == Status.WAITING:
        return _t("On the waiting list, no. %(turn)s") % {"turn": place.turn}
    return str(place.get_status_display())


# --- the personal page


@dataclass(frozen=True)
class Word:
    """What a personal page says first, in the active language; `waits` when it is the reader who acts."""

    sentence: str
    waits: bool = False


def may_be_given_back_until(place: Enrolment, now: datetime) -> datetime | None:
    """Return until when a place from the waiting list may be given back, on the offering's clock; None when that is past."""
    if place.status != Status.REGISTERED or place.refuse_by is None or place.refuse_by <= now:
        return None
    return place.refuse_by.astimezone(ZoneInfo(place.offering.time_zone))


def surveys_of(place: Enrolment) -> list[Invitation]:
    """Return the questions after the offering that this person is asked, in the order in which they were opened."""
    mine = Invitation.objects.filter(
        survey__offering_survey__offering=place.offering_id, email__iexact=place.email, excused_at__isnull=True
    )
    return list(mine.select_related("survey__questionnaire").order_by("survey__opens_at", "pk"))


def certificate_of(place: Enrolment) -> Certificate | None:
    """Return the certificate that completing it gave, revoked or not."""
    return Certificate.objects.filter(enrolment=place).first()


def materials_for(place: Enrolment) -> list[ModuleMaterial]:
    """Return the materials of the module that this person may open: those for participants only when the place is held."""
    rows = ModuleMaterial.objects.filter(module=place.offering.module_id)
    open_to = [ModuleMaterial.Access.EVERYONE]
    if place.is_registered and place.offering.state != G.CANCELLED:
        open_to.append(ModuleMaterial.Access.PARTICIPANTS)
    return list(rows.filter(access__in=open_to))


def word_to(place: Enrolment, turn: int, until: datetime | None) -> Word:
    """Return what became of an enrolment. `turn` is from `position_of`, `until` from `may_be_given_back_until`."""
    offering = place.offering
    if offering.state == G.CANCELLED:
        return Word(_t("These dates are cancelled. Nothing more is asked of you."))
    if place.status == Status.CANCELLED:
        return Word(_t("This place was given back. You are no longer expected."))
    if place.status == Status.DECLINED:
        return Word(_t("The coordinators could not give you a place."))
    if place.completed_at:
        return Word(_t("You completed it. Thank you for taking part."))
    if offering.state == G.HELD or offering.is_over:
        return Word(_t("These dates are over. Thank you."))
    if place.status == Status.REQUESTED:
        return Word(_t("You asked for a place. The coordinators look at each enrolment and answer by letter."))
    if place.status == Status.WAITING:
        return Word(
            _t("You are number %(turn)s on the waiting list. As soon as a place is free for you, you get a letter.")
            % {"turn": turn}
        )
    if until:
        words = {"until": instant_in_words(until, offering.time_zone, city_in(offering, active_language()))}
        return Word(
            _t("A place became free, and it is yours. If you cannot come, give it back until %(until)s.") % words
        )
    return Word(_t("Your place is confirmed."))
