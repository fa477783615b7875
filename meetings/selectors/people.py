"""Who comes to a meeting: places and how many are left, the list of registrations, and to whom an invitation goes."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import JSONObject, Lower
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from cmncp_portal.core.dates import instant_in_words
from cmncp_portal.core.places import Status
from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import pick
from cmncp_portal.network.lists import fold
from cmncp_portal.network.models import Membership, Municipality, Stakeholder, Standing
from cmncp_portal.network.models.stakeholder import WORKS_FOR_MUNICIPALITY
from cmncp_portal.notifications.selectors import undeliverable

from ..models import Invitee, Meeting, Registration
from .places import Room, numbers

MOST_MUNICIPALITIES = 60  # named on one page; the rest is counted
STATUS_TONES = {
    Status.REQUESTED: "attention",
    Status.REGISTERED: "good",
    Status.WAITING: "under-way",
    Status.DECLINED: "neutral",
    Status.CANCELLED: "neutral",
}


# ---- places


def what_happens(meeting: Meeting, room: Room) -> str:
    """Return in the active language what becomes of somebody who registers now: a place, a question, or the waiting list."""
    if meeting.needs_approval:
        return _t("The organisers look at each registration. You get an answer by email.")
    if room.left is None:
        return _t("You are registered at once, and get a confirmation by email.")
    if not room.is_full:
        return ngettext("There is one place left.", "There are %(number)s places left.", room.left) % {
            "number": room.left
        }
    online = _t("Those who follow online are registered at once.") if meeting.mode == Meeting.Mode.HYBRID else ""
    return f"{_waiting(room)} {online}".strip()


def _waiting(room: Room) -> str:
    if not room.waiting:
        return _t("All places are taken. You are the first on the waiting list, and get a letter when a place is free.")
    return ngettext(
        "All places are taken and one person waits. You join the waiting list, and get a letter when it is your turn.",
        "All places are taken and %(number)s people wait. You join the waiting list, and get a letter when it is your turn.",
        room.waiting,
    ) % {"number": room.waiting}


def addresses_taken(meeting: Meeting, emails: Iterable[str]) -> set[str]:
    """Return those of `emails` (in small letters) that have a live place at `meeting`. One query."""
    low = meeting.registrations.live().annotate(low=Lower("email"))
    return set(low.filter(low__in=set(emails)).values_list("low", flat=True))


# ---- the list of registrations


@dataclass(frozen=True)
class Listed:
    """A registration as lists show it: `words` is the state with the turn, `until` when a new place can be given back."""

    place: Registration
    words: str
    tone: str
    until: str = ""
    is_undeliverable: bool = False
    acts: tuple[str, ...] = ()


def registrations_of(meeting: Meeting, *, with_needs: bool = False) -> QuerySet[Registration]:
    """Return the registrations of `meeting`: who asks, who waits in order, who comes by name, who no longer comes.

    `turn` is that of the whole list, from 1, for who waits. Personal needs are not read unless `with_needs`.
    """
    rank = Case(
        When(status=Status.REQUESTED, then=0),
        When(status=Status.WAITING, then=1),
        When(status=Status.REGISTERED, then=2),
        default=Value(3),
    )
    rows = meeting.registrations.select_related("municipality", "sector").annotate(turn=_turn())
    rows = rows.order_by(rank, "waiting_since", Fold("name"), "pk")
    return rows if with_needs else rows.defer("dietary_needs", "access_needs")


def _turn() -> Case:
    since = OuterRef("waiting_since")
    before = Q(waiting_since__lt=since) | Q(waiting_since=since, pk__lte=OuterRef("pk"))
    ahead = Registration.objects.filter(before, meeting=OuterRef("meeting"), status=Status.WAITING)
    count = Subquery(ahead.order_by().values("meeting").annotate(turn=Count("pk")).values("turn"))
    return Case(When(status=Status.WAITING, then=count), default=None)


def by_words(rows: QuerySet[Registration], text: str) -> QuerySet[Registration]:
    """Keep the registrations whose name, address or organisation holds `text`, accents folded."""
    text = text.strip()
    if not text:
        return rows
    part = Fold(Value(text))
    rows = rows.annotate(folded=Fold("name"), folded_place=Fold("organisation"))
    return rows.filter(Q(folded__contains=part) | Q(folded_place__contains=part) | Q(email__icontains=text))


def with_people(user: Any) -> QuerySet[Meeting]:
    """Return the meetings that `user` may know of, each with its numbers and from where people come: one query when read.

    `places.room_along` and `municipalities_at` read what came along.
    """
    registered = Registration.objects.filter(meeting=OuterRef(OuterRef("pk"))).values("municipality")
    homes = Municipality.objects.filter(pk__in=registered).order_by()
    return (
        Meeting.objects.visible_to(user)
        .with_places()
        .defer("search_en", "search_fr")
        .annotate(
            numbers=Subquery(numbers()),
            homes=ArraySubquery(homes.values(found=JSONObject(pk="pk", en="name_en", fr="name_fr"))),
        )
    )


def municipalities_at(meeting: Any) -> list[tuple[int, str]]:
    """Return the municipalities of those who registered as choices, by name. `meeting` is from `with_people`."""
    names = [(home["pk"], str(pick(home["en"], home["fr"]))) for home in meeting.homes]
    return sorted(names, key=lambda choice: fold(choice[1]))


def listed(rows: Iterable[Registration], meeting: Meeting) -> list[Listed]:
    """Return `rows`, which are from `registrations_of` for `meeting`, with their words. Two queries."""
    places = list(rows)
    lost = undeliverable(place.email for place in places)
    return [_listed(place, meeting, place.email.lower() in lost) for place in places]


def _listed(place: Registration, meeting: Meeting, is_lost: bool) -> Listed:
    place.meeting = meeting
    until = ""
    is_over = meeting.is_over or meeting.state in (Meeting.State.HELD, Meeting.State.CANCELLED)
    if place.is_registered and place.refuse_by and place.refuse_by > timezone.now() and not is_over:
        until = instant_in_words(place.refuse_by, meeting.time_zone, meeting.zone_city)
    asked = place.status == Status.REQUESTED
    acts: tuple[str, ...] = ("correct",) if place.is_live else ()
    if acts and not is_over:
        approve = ("approve",) if meeting.state == Meeting.State.ANNOUNCED else ()
        acts += (*approve, "decline") if asked else ("cancel",)
    tone = STATUS_TONES[Status(place.status)]
    return Listed(place, status_words(place), tone, until, is_lost and place.is_live, acts)


def status_words(place: Any) -> str:
    """Return the state of `place`, which is from `registrations_of`, in the active language, with the turn of who waits."""
    if place.status == Status.WAITING:
        return _t("On the waiting list, no. %(turn)s") % {"turn": place.turn}
    return str(place.get_status_display())


def undeliverable_at(meeting: Meeting) -> list[Registration]:
    """Return the live registrations of `meeting` that letters do not reach, by name. Two queries."""
    places = list(meeting.registrations.live().select_related("municipality").order_by("name", "pk"))
    lost = undeliverable(place.email for place in places)
    return [place for place in places if place.email.lower() in lost]


# ---- to whom an invitation goes


@dataclass(frozen=True)
class Recipients:
    """How many people get a letter, in which language, of which group, and from where (the first MOST_MUNICIPALITIES)."""

    total: int
    languages: Counter[str]
    groups: list[tuple[str, int]] = field(default_factory=list)
    municipalities: list[tuple[str, int]] = field(default_factory=list)
    more: int = 0

    @property
    def sentence(self) -> str:
        """Return "3 people will receive this: 1 in English, 1 in French, 1 in both languages." in the active language."""
        if not self.total:
            return _t("Nobody will receive this.")
        people = ngettext("One person will receive this", "%(number)s people will receive this", self.total)
        parts = (
            ("en", _t("%(number)s in English")),
            ("fr", _t("%(number)s in French")),
            ("both", _t("%(number)s in both languages")),
        )
        found = [words % {"number": self.languages[code]} for code, words in parts if self.languages[code]]
        return _t("%(people)s: %(languages)s.") % {
            "people": people % {"number": self.total},
            "languages": ", ".join(found),
        }


def recipients(invitees: Sequence[Invitee]) -> Recipients:
    """Count `invitees` (saved or not) by language, membership and municipality. Two queries, whatever their number."""
    by_place = Counter(invitee.municipality_id for invitee in invitees)
    here = {pk for pk in by_place if pk}
    names = Municipality.objects.in_bulk(here)
    kinds = _memberships_of(here)
    groups = Counter(kinds.get(invitee.municipality_id or 0, "") for invitee in invitees)
    labels = {
        Membership.Kind.GENERAL.value: _t("People of general members"),
        Membership.Kind.ASSOCIATE.value: _t("People of associate members"),
        Membership.Kind.PROSPECTIVE.value: _t("People of municipalities thinking of joining"),
        "": _t("Others"),
    }
    places = sorted((str(names[pk]), count) for pk, count in by_place.items() if pk in names)
    return Recipients(
        total=len(invitees),
        languages=Counter(invitee.language for invitee in invitees),
        groups=[(label, groups[kind]) for kind, label in labels.items() if groups[kind]],
        municipalities=places[:MOST_MUNICIPALITIES],
        more=max(len(places) - MOST_MUNICIPALITIES, 0),
    )


def _memberships_of(municipalities: set[int]) -> dict[int, str]:
    today = timezone.localdate()
    running = Membership.objects.filter(municipality__in=municipalities, from_on__lte=today)
    running = running.filter(Q(until_on__isnull=True) | Q(until_on__gte=today)).order_by("from_on", "pk")
    return dict(running.values_list("municipality_id", "kind"))


def people_of(municipalities: Iterable[Municipality], *, with_partners: bool) -> list[Stakeholder]:
    """Return the people who work for `municipalities`, their local partners too when wanted. One query."""
    wanted = Standing.values if with_partners else WORKS_FOR_MUNICIPALITY
    rows = Stakeholder.objects.current().filter(municipality__in=list(municipalities), standing__in=wanted)
    return list(rows.select_related("municipality", "user").order_by("municipality", "name", "pk"))


def known_of(meeting: Meeting) -> QuerySet[Invitee]:
    """Return the invitees of `meeting` who are not to be invited once more: they were, or want no more letters."""
    return meeting.invitees.filter(Q(invited_at__isnull=False) | Q(wants_no_more=True))


def not_yet_told(meeting: Meeting, invitees: Iterable[Invitee]) -> list[Invitee]:
    """Return `invitees` once per address, without those who are invited to `meeting` already, have a place, or want no letters.

    Two queries.
    """
    rows = {invitee.email: invitee for invitee in invitees}
    emails = set(rows)
    told = set(known_of(meeting).filter(email__in=emails).values_list("email", flat=True))
    told |= addresses_taken(meeting, emails)
    return [invitee for email, invitee in rows.items() if email not in told]
