"""Whom one may ask for dates, and what they answered: municipality by date, with the best date and why."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from cmncp_portal.core.text import active_language
from cmncp_portal.network.lists import fold
from cmncp_portal.network.models import Membership, Municipality, Stakeholder, Standing
from cmncp_portal.network.models.stakeholder import SPEAKS_FOR_MUNICIPALITY
from cmncp_portal.network.selectors import recipient_of

from ..models import Invitee, Meeting, PollAnswer, PollSlot
from .people import Recipients
from .words import slot_in_words

V = PollAnswer.Value
WORST_FIRST = (V.NO, V.IF_NEED_BE, V.YES)


# --- whom one may ask


@dataclass(frozen=True)
class Outsider:
    """Somebody who is in no list of the network. `language` is "en", "fr", or "both" when it is not known."""

    name: str
    email: str
    language: str = "both"


def members_of(meeting: Meeting, day: date, kind: str, *, in_region: bool = False) -> QuerySet[Municipality]:
    """Return the members of `kind` on `day`; those of the meeting's region only when asked so."""
    running = Q(memberships__kind=kind, memberships__from_on__lte=day) & (
        Q(memberships__until_on__isnull=True) | Q(memberships__until_on__gte=day)
    )
    rows = Municipality.objects.filter(running).distinct()
    return rows.filter(province__in=meeting.region.provinces) if in_region and meeting.region else rows


GROUPS = {
    "region": (Membership.Kind.GENERAL, True),
    "region_associates": (Membership.Kind.ASSOCIATE, True),
    "general": (Membership.Kind.GENERAL, False),
    "associates": (Membership.Kind.ASSOCIATE, False),
}


def people_for(
    meeting: Meeting,
    *,
    groups: Iterable[str] = (),
    municipalities: Iterable[Municipality] = (),
    outsiders: Iterable[Outsider] = (),
) -> list[Invitee]:
    """Return those who would be asked for dates and are not yet, each address once, as unsaved rows. Three queries.

    Of a group (key of GROUPS), each member's representative, or a deputy where nobody represents it; of a municipality
    named by itself, the representative and all deputies. Who has no address is left out.
    """
    day = meeting.today()
    in_groups = Q(pk__in=[])
    for name in groups:
        kind, in_region = GROUPS[name]
        in_groups |= Q(municipality__in=members_of(meeting, day, kind, in_region=in_region).values("pk"))
    single = {place.pk for place in municipalities}
    first = Case(When(standing=Standing.REPRESENTATIVE, then=Value(0)), default=Value(1))
    speakers = Stakeholder.objects.current().filter(standing__in=SPEAKS_FOR_MUNICIPALITY)
    rows = speakers.filter(in_groups | Q(municipality__in=single)).select_related("municipality", "user")
    found: dict[str, Invitee] = {}
    answered_for: set[int] = set()
    for person in rows.order_by("municipality", first, "name", "pk"):
        to = recipient_of(person)
        place = person.municipality_id
        if to.email and (place in single or place not in answered_for):
            answered_for.add(place)
            row = Invitee(meeting=meeting, stakeholder=person, municipality=person.municipality, zone=to.zone)
            row.name, row.email, row.language = person.name, to.email.strip().lower(), to.language
            found.setdefault(row.email, row)
    for one in outsiders:
        email = one.email.strip().lower()
        row = Invitee(meeting=meeting, name=one.name, email=email, language=one.language, zone=meeting.time_zone)
        found.setdefault(email, row)
    known = set(meeting.invitees.filter(is_asked_for_dates=True, email__in=found).values_list("email", flat=True))
    return [row for email, row in found.items() if email not in known]


def told(languages: Iterable[str]) -> Recipients:
    """Count people by the language of their letters ("en", "fr" or "both")."""
    counts = Counter(languages)
    return Recipients(counts.total(), counts)


def asked(meeting: Meeting) -> Recipients:
    """Count those who are asked for dates and still want letters, by language. One query."""
    rows = meeting.invitees.filter(is_asked_for_dates=True, wants_no_more=False)
    return told(rows.values_list("language", flat=True))


# --- what they answered


@dataclass
class Cell:
    """What a municipality says about one date: the worst of its people's answers, "" while there is none."""

    value: str = ""
    names: list[str] = field(default_factory=list)

    @property
    def word(self) -> str:
        return str(V(self.value).label) if self.value else ""

    @property
    def title(self) -> str:
        """Who said what, for a closer look."""
        return "; ".join(self.names)


@dataclass
class Row:
    """One municipality, or one person from outside. `is_must` for the host and the co-hosting member."""

    label: str
    place: Municipality | None
    is_must: bool
    cells: list[Cell]
    notes: list[tuple[str, str]] = field(default_factory=list)

    @property
    def has_answered(self) -> bool:
        return any(cell.value for cell in self.cells)


@dataclass
class Column:
    """One date with its totals over municipalities. `is_impossible` when the host or co-host cannot."""

    slot: PollSlot
    yes: int = 0
    if_need_be: int = 0
    no: int = 0
    open: int = 0
    is_impossible: bool = False

    @property
    def can(self) -> int:
        return self.yes + self.if_need_be

    @property
    def words(self) -> str:
        """The date in the active language."""
        return slot_in_words(self.slot, active_language())


@dataclass
class Matrix:
    """`recipients` are those who were asked and still want letters."""

    columns: list[Column]
    rows: list[Row]
    recipients: Recipients

    @property
    def answered(self) -> int:
        """How many rows have answered about one date at least."""
        return sum(row.has_answered for row in self.rows)

    @cached_property
    def best(self) -> Column | None:
        """The date that suits most; None while nobody answered, or when the host can at none."""
        possible = [column for column in self.columns if not column.is_impossible]
        if not self.answered or not possible:
            return None
        order = {id(column): n for n, column in enumerate(self.columns)}
        return min(possible, key=lambda c: (-c.can, c.no, -c.yes, order[id(c)]))

    @property
    def reason(self) -> str:
        """Why `best` is the best, or why there is none, in the active language; empty while nobody answered."""
        if not self.answered:
            return ""
        if self.best is None:
            return _t("The host, or the co-hosting member, can at none of these dates: propose others.")
        return " ".join(part for part in (_who_can(self.best, self.answered), self._host(), self._tie()) if part)

    def _host(self) -> str:
        assert self.best
        place = self.columns.index(self.best)
        open_ones = [row.label for row in self.rows if row.is_must and not row.cells[place].value]
        if open_ones:
            return _t("%(who)s has not said yet whether it can.") % {"who": ", ".join(open_ones)}
        return ""

    def _tie(self) -> str:
        best = self.best
        assert best
        same = [
            c.words
            for c in self.columns
            if c is not best and not c.is_impossible and (c.can, c.no, c.yes) == (best.can, best.no, best.yes)
        ]
        return _t("As good, but later: %(dates)s") % {"dates": "; ".join(same)} if same else ""


def _who_can(column: Column, answered: int) -> str:
    if column.can == answered:
        text = ngettext("The one that answered can come", "All %(number)s that answered can come", answered)
    else:
        text = ngettext("%(can)s of %(number)s that answered can come", "%(can)s of %(number)s that answered can come", answered)  # fmt: skip
    text = text % {"number": answered, "can": column.can}
    if column.if_need_be:
        some = ngettext("%(number)s of them if need be", "%(number)s of them if need be", column.if_need_be)
        return f"{text}, {some % {'number': column.if_need_be}}."
    return f"{text}."


def poll_matrix(meeting: Meeting) -> Matrix:
    """Return who can when: the host first, the co-host, the municipalities by name, then people from outside. Three queries."""
    slots = list(meeting.slots.all())
    people = list(meeting.invitees.filter(is_asked_for_dates=True).select_related("municipality"))
    answers: dict[int, dict[int, str]] = {}
    known = PollAnswer.objects.filter(slot__meeting=meeting, invitee__is_asked_for_dates=True)
    for invitee, slot, value in known.values_list("invitee_id", "slot_id", "value"):
        answers.setdefault(invitee, {})[slot] = value
    groups: dict[Any, list[Invitee]] = {}
    for person in people:
        groups.setdefault(person.municipality_id or f"person {person.pk}", []).append(person)
    rows = [_row(meeting, group, slots, answers) for group in groups.values()]
    musts = [meeting.host_id, meeting.co_host_id]

    def order(row: Row) -> tuple[Any, ...]:
        first = musts.index(row.place.pk) if row.is_must and row.place else len(musts)
        return first, row.place is None, fold(row.label)

    rows.sort(key=order)
    recipients = told(person.language for person in people if not person.wants_no_more)
    return Matrix([_column(slot, n, rows) for n, slot in enumerate(slots)], rows, recipients)


def _row(meeting: Meeting, group: list[Invitee], slots: list[PollSlot], answers: dict[int, dict[int, str]]) -> Row:
    place = group[0].municipality
    cells = []
    for slot in slots:
        said = [(p.name, V(answers[p.pk][slot.pk])) for p in group if slot.pk in answers.get(p.pk, {})]
        worst = min((value for _name, value in said), key=WORST_FIRST.index, default="")
        names = [_t("%(name)s: %(answer)s") % {"name": name, "answer": value.label} for name, value in said]
        cells.append(Cell(str(worst), names))
    is_must = place is not None and place.pk in (meeting.host_id, meeting.co_host_id)
    notes = [(person.name, person.dates_note) for person in group if person.dates_note]
    return Row(str(place) if place else group[0].name, place, is_must, cells, notes)


def _column(slot: PollSlot, number: int, rows: list[Row]) -> Column:
    counts = Counter(row.cells[number].value for row in rows)
    impossible = any(row.is_must and row.cells[number].value == V.NO for row in rows)
    return Column(slot, counts[V.YES], counts[V.IF_NEED_BE], counts[V.NO], counts[""], impossible)
