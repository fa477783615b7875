"""Offerings in a list, on their page, and on a calendar. Constant queries at any size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from cmncp_portal.accounts.models import User
from cmncp_portal.core.dates import day_in_words
from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.core.links import make_token
from cmncp_portal.core.places import LIVE, Status
from cmncp_portal.core.screens import absolute
from cmncp_portal.core.text import active_language, pick
from cmncp_portal.network.models.municipality import Province
from cmncp_portal.network.rules import speaks_for_ids

from ..models import Enrolment, Module, Offering, OfferingStateChange, Session
from .places import Room, numbers, room_along
from .when import dates_in_words, place_in_words, runs_of, sessions_in_words, taught_in_words, zone_words

G = Offering.State
UPCOMING, PAST = "upcoming", "past"
TONES = {G.PLANNED: "under-way", G.OPEN: "good", G.HELD: "neutral", G.CANCELLED: "attention"}
MOST = 200  # dates on one calendar
MOST_STAFF = 100  # people of one's own on one page


def offering_list(user: Any) -> QuerySet[Offering]:
    """Return the offerings that `user` may see, with module, host and the number of places taken."""
    rows = Offering.objects.visible_to(user).with_module().annotate(numbers=Subquery(numbers()))
    return rows.defer("module__search_en", "module__search_fr")


def in_time(rows: QuerySet[Offering], when: str) -> QuerySet[Offering]:
    """Return those of `rows` that lie ahead, nearest first (those without a day last), or with PAST those that are over."""
    today = timezone.localdate()
    if when == PAST:
        return rows.filter(ends_on__lt=today).order_by("-starts_on", "-pk")
    ahead = Q(ends_on__gte=today) | Q(starts_on__isnull=True)
    return rows.filter(ahead).exclude(state=G.HELD).order_by(F("starts_on").asc(nulls_last=True), "pk")


def filtered(
    rows: QuerySet[Offering], *, language: str = "", mode: str = "", province: str = "", theme: str = ""
) -> QuerySet[Offering]:
    """Return those of `rows` taught in `language` (both counts for each), held as `mode`, in the host's `province`, of `theme`."""
    if language:
        rows = rows.filter(language__in=[language, Offering.Taught.BOTH])
    if mode:
        rows = rows.filter(mode=mode)
    if province:
        rows = rows.filter(host__province=province)
    return rows.filter(module__theme=theme) if theme else rows


def filter_choices() -> dict[str, list[tuple[str, Any]]]:
    """Return the choices of the list's filters; no query."""
    return {
        "language": [("en", _t("English")), ("fr", _t("French"))],
        "mode": list(Offering.Mode.choices),
        "province": list(Province.choices),
        "theme": list(Module.Theme.choices),
    }


@dataclass(frozen=True)
class Row:
    """One line of the list. `where` is the place in words, `room` how many places are left in words."""

    offering: Offering
    tone: str
    where: str
    zone: str
    taught: str
    room: str


def listed(offerings: Iterable[Offering]) -> list[Row]:
    """Return the rows for a page of `offering_list`, in the active language. No query."""
    code = active_language()
    return [
        Row(
            offering,
            TONES[G(offering.state)],
            place_in_words(offering, code),
            zone_words(offering, code),
            taught_in_words(offering, code),
            room_in_words(offering, room_along(offering)),
        )
        for offering in offerings
    ]


def room_in_words(offering: Offering, room: Room) -> str:
    """Return in the active language whether there is a place, or why one cannot enrol."""
    if offering.state == G.PLANNED:
        return _t("Not open for enrolment yet.")
    if offering.state != G.OPEN or offering.is_over:
        return ""
    if not offering.is_enrolment_open:
        return _t("Enrolment is closed.")
    if room.is_full:
        if not room.waiting:
            return _t("All places are taken; the waiting list is open.")
        return ngettext(
            "All places are taken, and one person waits.",
            "All places are taken, and %(number)s people wait.",
            room.waiting,
        ) % {"number": room.waiting}
    if room.left is None:
        return _t("Open for enrolment.")
    return ngettext("One place is left.", "%(number)s places are left.", room.left) % {"number": room.left}


# --- the page of one offering


def page_rows(user: Any) -> QuerySet[Offering]:
    """Return the offerings that `user` may see with all that the page of one reads: in three queries with sessions and facilitators."""
    moves = OfferingStateChange.objects.filter(offering=OuterRef("pk"), to_state=G.CANCELLED).order_by("-at", "-pk")
    rows = offering_list(user).annotate(
        mine=Subquery(_place_of(user)), reason=Subquery(moves.values("note")[:1]), staff=ArraySubquery(_staff_of(user))
    )
    return rows.prefetch_related("sessions", "facilitators")


def _place_of(user: Any) -> QuerySet:
    rows = Enrolment.objects.live() if isinstance(user, User) else Enrolment.objects.none()
    own = Q(learner__user=getattr(user, "pk", None)) | Q(email=getattr(user, "email", "").lower())
    mine = rows.filter(own, offering=OuterRef("pk"))
    return mine.values(place=JSONObject(pk="pk", nonce="nonce", status="status", since="waiting_since"))[:1]


@dataclass(frozen=True)
class Mine:
    """The reader's own place: its state in words, and the token of the personal page."""

    words: str
    token: str


def mine_along(offering: Any) -> Mine | None:
    """Return the reader's own place in `offering`, fetched with `page_rows`: no query."""
    found = offering.mine
    if not found:
        return None
    return Mine(str(Status(found["status"]).label), make_token(Enrolment.SCOPE, found["pk"], found["nonce"]))


def _staff_of(user: Any) -> QuerySet:
    """Live places of people whom `user` enrolled, or of the municipalities that `user` speaks for."""
    if not isinstance(user, User):
        return Enrolment.objects.none().values("pk")
    theirs = Q(enrolled_by=user) | Q(municipality__in=speaks_for_ids(user))
    rows = Enrolment.objects.live().filter(theirs, offering=OuterRef("pk")).exclude(email=user.email.lower())
    rows = rows.order_by("name", "pk")[:MOST_STAFF]
    return rows.values(
        found=JSONObject(pk="pk", name="name", status="status", en="municipality__name_en", fr="municipality__name_fr")
    )


@dataclass(frozen=True)
class Sent:
    """Somebody whom the reader enrolled or speaks for; `place` is the municipality."""

    pk: int
    name: str
    words: str
    place: str


def staff_along(offering: Any) -> list[Sent]:
    """Return the people whom the reader enrolled or speaks for, fetched with `page_rows`: no query."""
    return [
        Sent(one["pk"], one["name"], str(Status(one["status"]).label), str(pick(one["en"] or "", one["fr"] or "")))
        for one in offering.staff or ()
    ]


def step_in_words(offering: Any, room: Room) -> str:
    """Return what happens next with `offering`, in the active language."""
    if offering.state == G.PLANNED:
        return _t("These dates are being prepared. People can enrol once they are open.")
    if offering.state == G.CANCELLED:
        return _t("These dates are cancelled.")
    if offering.state == G.HELD:
        return _t("It took place.")
    if offering.is_over:
        return _t("It is over; the facilitators note who came.")
    if offering.is_enrolment_open and offering.enrolment_closes_on:
        day = day_in_words(offering.enrolment_closes_on, active_language())
        return _t("Enrolment is open until %(day)s.") % {"day": day} + " " + room_in_words(offering, room)
    return room_in_words(offering, room)


# --- calendar


def uid_of(offering: Offering, number: int = 1) -> str:
    """Return the UID of an event of the offering; the one that letters carry is number 1, for its whole life."""
    tail = f"-{number}" if number > 1 else ""
    return f"offering-{offering.pk}{tail}@{settings.DEFAULT_FROM_ADDRESS.rpartition('@')[2]}"


def entries_of(offering: Offering, sessions: Sequence[Session]) -> list[CalendarEntry]:
    """Return `offering` on a calendar, in the active language: one event for each run of days that follow one another.

    From the beginning of a run's first session to the end of its last, in the offering's zone. The join link is not in
    it: calendars are shared further than one thinks. Empty without a session.
    """
    language = active_language()
    runs = runs_of(sessions)
    lines = sessions_in_words(sessions, language) if len(runs) > 1 else []
    found = []
    for number, run in enumerate(runs, 1):
        for session in run:
            session.offering = offering
        found.append(
            CalendarEntry(
                uid=uid_of(offering, number),
                title=str(offering.module.title),
                start=run[0].instants()[0],
                end=max(session.instants()[1] for session in run),
                place=place_in_words(offering, language),
                url=absolute(offering.get_absolute_url()),
                tone=TONES[G(offering.state)],
                sequence=offering.sequence,
                cancelled=offering.state == G.CANCELLED,
                description="\n".join(lines),
                activity="training",
                state=str(offering.get_state_display()),
            )
        )
    return found


def calendar_entries(user: Any, start: date, end: date) -> list[CalendarEntry]:
    """Return the offerings with a session between `start` and `end` (inclusive) that `user` may see, as dates on a calendar.

    Cancelled ones are left out; planned ones stand there for those who prepare them. One query: the page has many sources.
    """
    rows = Offering.objects.visible_to(user).with_module().filter(starts_on__lte=end, ends_on__gte=start)
    rows = rows.defer("module__search_en", "module__search_fr").exclude(state=G.CANCELLED)
    sittings = Session.objects.filter(offering=OuterRef("pk")).order_by("day", "begins_at", "pk")
    along = ArraySubquery(sittings.values(one=JSONObject(day="day", begins="begins_at", finishes="finishes_at")))
    found = []
    for offering in rows.annotate(sittings=along).order_by("starts_on", "pk")[:MOST]:
        entries = entries_of(offering, [_sitting(one) for one in offering.sittings])
        found += [entry for entry in entries if entry.first_day <= end and entry.last_day >= start]
    return found


def _sitting(found: dict[str, str]) -> Session:
    """A session as the query of its offering brought it along."""
    begins, finishes = time.fromisoformat(found["begins"]), time.fromisoformat(found["finishes"])
    return Session(day=date.fromisoformat(found["day"]), begins_at=begins, finishes_at=finishes)


def ahead_of(user: Any, today: date) -> QuerySet[Offering]:
    """Return the offerings ahead in which `user` has a place, or which `user` facilitates."""
    email = user.email.lower()
    places = Enrolment.objects.filter(Q(learner__user=user) | Q(email=email), status__in=LIVE).values("offering")
    taught = Q(pk__in=Offering.objects.filter(facilitators__email=email).values("pk"))
    return Offering.objects.filter(Q(pk__in=places) | taught, state=G.OPEN, ends_on__gte=today)


def title_words(offering: Offering) -> str:
    """Return "Planning with the community, April 14–15, 2027" in the active language."""
    dates = dates_in_words(offering, active_language())
    return f"{offering.module.title}, {dates}" if dates else str(offering.module.title)
