"""Reading what came out of a meeting: who came, what was shown and decided, how delegates voted."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext, pgettext

from cmncp_portal.core.places import CAME, Attendance
from cmncp_portal.core.search import Fold
from cmncp_portal.core.text import active_language, pick
from cmncp_portal.evaluation.models import Survey
from cmncp_portal.network.models import Membership, Municipality
from cmncp_portal.network.models.municipality import Province

from ..models import (
    ActionItem,
    AgendaItem,
    Decision,
    Delegate,
    Meeting,
    MeetingEvaluation,
    Motion,
    Registration,
    SessionAttendance,
    Vote,
)

# --- who came


@dataclass(frozen=True)
class Tally:
    """How many people, of those who had a place: `unknown` are those for whom nothing was noted."""

    registered: int = 0
    came: int = 0
    excused: int = 0
    absent: int = 0

    @property
    def unknown(self) -> int:
        return self.registered - self.came - self.excused - self.absent

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.registered + other.registered,
            self.came + other.came,
            self.excused + other.excused,
            self.absent + other.absent,
        )


@dataclass(frozen=True)
class CountTable:
    """Counts by one trait: `rows` are (words, tally) in order, `total` is the same in every table of a meeting."""

    code: str
    title: str
    rows: list[tuple[str, Tally]]
    total: Tally


_TALLY = {
    "registered": Count("pk"),
    "came": Count("pk", filter=Q(attendance__in=CAME)),
    "excused": Count("pk", filter=Q(attendance=Attendance.EXCUSED)),
    "absent": Count("pk", filter=Q(attendance=Attendance.ABSENT)),
}
# Who is noted as present online came online, whatever was planned.
_HOW = Case(
    When(attendance=Attendance.REMOTE, then=Value("online")),
    default=F("attends"),
    output_field=CharField(max_length=10),
)


def tally_of(places: QuerySet[Registration]) -> Tally:
    """Return how many of `places` there are and how many of these people came, in one query."""
    return Tally(**places.order_by().aggregate(**_TALLY))


def count_tables(meeting: Meeting) -> list[CountTable]:
    """Return who registered and came, by municipality, province, sector, language and way of taking part.

    The database counts each combination once, in one query whatever the number of people; the tables add these up.
    """
    rows: list[Any] = list(
        Registration.objects.registered()
        .filter(meeting=meeting)
        .order_by()
        .values(
            "municipality__name_en", "municipality__name_fr", "municipality__province", "sector__name_en",
            "sector__name_fr", "language", how=_HOW,
        )
        .annotate(**_TALLY)
    )  # fmt: skip
    none = _t("Not known")
    languages = {"en": "English", "fr": "Français"}
    ways = dict(Registration.Attends.choices)
    by: list[tuple[str, str, Callable[[dict[str, Any]], str]]] = [
        ("municipality", _t("By municipality"), lambda r: _named(r, "municipality") or _t("Without a municipality")),
        ("province", _t("By province or territory"), lambda r: _province(r["municipality__province"]) or none),
        ("sector", _t("By sector"), lambda r: _named(r, "sector") or none),
        ("language", _t("By language of letters"), lambda r: languages.get(r["language"], none)),
        ("mode", _t("By way of taking part"), lambda r: str(ways[r["how"]])),
    ]
    return [_table(code, title, rows, name) for code, title, name in by]


def _named(row: dict[str, Any], what: str) -> str:
    return str(pick(row[f"{what}__name_en"] or "", row[f"{what}__name_fr"] or ""))


def _province(code: str | None) -> str:
    return str(Province(code).label) if code else ""


def _table(code: str, title: str, rows: Iterable[dict[str, Any]], name: Callable[[dict[str, Any]], str]) -> CountTable:
    found: dict[str, Tally] = {}
    for row in rows:
        tally = Tally(row["registered"], row["came"], row["excused"], row["absent"])
        found[name(row)] = found.get(name(row), Tally()) + tally
    ordered = sorted(found.items(), key=lambda pair: (-pair[1].registered, pair[0]))
    return CountTable(code, title, ordered, sum(found.values(), Tally()))


def session_counts(meeting: Meeting) -> list[AgendaItem]:
    """Return the sessions in which people were noted, each with `there`: how many."""
    return list(meeting.agenda.annotate(there=Count("attendance")).filter(there__gt=0))


def people_at(
    meeting: Meeting, *, words: str = "", mark: str = "", session: AgendaItem | None = None
) -> QuerySet[Registration]:
    """Return who has a place, by name. `words` looks in names and places, `mark` is an Attendance or "none" for not noted.

    With `session` each row carries `was_there`.
    """
    rows = Registration.objects.registered().filter(meeting=meeting).select_related("municipality")
    for word in words.split()[:5]:
        place = Q(municipality__name_en__icontains=word) | Q(municipality__name_fr__icontains=word)
        rows = rows.filter(Q(name__icontains=word) | Q(organisation__icontains=word) | place)
    if mark:
        rows = rows.filter(attendance="" if mark == "none" else mark)
    if session:
        there = SessionAttendance.objects.filter(item=session, registration=OuterRef("pk"))
        rows = rows.annotate(was_there=Exists(there))
    return rows.order_by(Fold("name"), "pk")


# --- what was decided, and what it was worth


def wording_of(decision: Decision) -> str:
    """Return a short mark of what a decision says, so that two people who correct it at once notice each other."""
    words = "\0".join(" ".join(text.split()) for text in (decision.text_en, decision.text_fr))
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def actions_of(meeting: Meeting) -> list[ActionItem]:
    """Return what is to be done, in the order of the days, open ones first."""
    rows = meeting.actions.select_related("municipality").order_by("due_on", "pk")
    return sorted(rows, key=lambda action: not action.is_open)


def survey_of(meeting: Meeting) -> Survey | None:
    """Return the survey in which people are asked about the meeting, or None while it was not issued."""
    found = MeetingEvaluation.objects.select_related("survey").filter(meeting=meeting).first()
    return found.survey if found else None


# --- the general meeting


@dataclass(frozen=True)
class Members:
    """General members, who vote, and associate ones, who do not, on the day of a meeting; each in alphabetical order."""

    general: list[Municipality]
    associates: list[Municipality]


def members_on_the_day(meeting: Meeting) -> Members:
    """Return the members on the first day of `meeting` (today while it has none), in one query."""
    day = meeting.starts_on or meeting.today()
    rows = Membership.objects.filter(
        Q(until_on__isnull=True) | Q(until_on__gte=day),
        from_on__lte=day,
        kind__in=[Membership.Kind.GENERAL, Membership.Kind.ASSOCIATE],
    )
    rows = rows.select_related("municipality").order_by(Fold(f"municipality__name_{active_language()}"), "pk")
    general: dict[int, Municipality] = {}
    associates: dict[int, Municipality] = {}
    for row in rows:
        kind = general if row.kind == Membership.Kind.GENERAL else associates
        kind.setdefault(row.municipality_id, row.municipality)
    return Members(list(general.values()), [place for pk, place in associates.items() if pk not in general])


@dataclass(frozen=True)
class RollLine:
    """A general member and its delegate; None while the list was not prepared."""

    municipality: Municipality
    delegate: Delegate | None


@dataclass(frozen=True)
class Roll:
    lines: list[RollLine]
    associates: list[Municipality]

    @property
    def present(self) -> int:
        return sum(bool(line.delegate and line.delegate.is_present) for line in self.lines)

    @property
    def is_complete(self) -> bool:
        """Whether each general member has its line on the prepared list."""
        return all(line.delegate for line in self.lines)


def roll_of(meeting: Meeting) -> Roll:
    """Return the general members of the meeting's day with their delegates, in two queries.

    Once delegates were called, who stands on the list stays on it, whatever becomes of the membership.
    """
    members = members_on_the_day(meeting)
    delegates = {d.municipality_id: d for d in meeting.delegates.select_related("municipality")}
    general = {place.pk for place in members.general}
    lines = [RollLine(place, delegates.get(place.pk)) for place in members.general]
    lines += [RollLine(d.municipality, d) for pk, d in delegates.items() if pk not in general]
    return Roll(lines, [place for place in members.associates if place.pk not in delegates])


def has_quorum(meeting: Meeting, present: int) -> bool:
    """Whether `present` delegates are enough. Without a number set for the meeting nobody can say so."""
    return meeting.quorum is not None and present >= meeting.quorum


def quorum_in_words(meeting: Meeting, present: int) -> str:
    """Return "12 delegates present, 9 needed: there is a quorum." in the active language."""
    here = ngettext("One delegate present", "%(count)s delegates present", present) % {"count": present}
    if present == 0:
        here = _t("No delegate present yet")
    if meeting.quorum is None:
        return _t("%(here)s. No quorum is set for this meeting.") % {"here": here}
    values = {"here": here, "needed": meeting.quorum}
    if has_quorum(meeting, present):
        return _t("%(here)s, %(needed)s needed: there is a quorum.") % values
    return _t("%(here)s, %(needed)s needed: there is no quorum.") % values


@dataclass(frozen=True)
class Result:
    """A motion and how it was voted on; more for than against carries it."""

    motion: Motion
    votes: list[Vote]

    def count(self, choice: str) -> int:
        return sum(vote.choice == choice for vote in self.votes)

    @property
    def is_carried(self) -> bool:
        return self.count(Vote.Choice.FOR) > self.count(Vote.Choice.AGAINST)

    @property
    def word(self) -> str:
        return pgettext("motion", "Carried") if self.is_carried else pgettext("motion", "Defeated")

    @property
    def in_words(self) -> str:
        """ "9 for, 2 against, 1 abstains" in the active language."""
        return _t("%(for)s for, %(against)s against, %(abstain)s abstaining") % {
            choice: self.count(choice) for choice in Vote.Choice.values
        }


def motions_of(meeting: Meeting) -> list[Result]:
    """Return the motions of the meeting with their votes, in the order of the day; two queries."""
    rows = meeting.motions.prefetch_related("votes__municipality")
    return [Result(motion, list(motion.votes.all())) for motion in rows]
