"""Whom the network reaches: who visited whom, who hosted, attended, was trained, mentored; and whom nothing ever reached.

Each activity says what counts (`selectors/reach.py`). The picture is of those who are members today, whatever the period.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from cmncp_portal.core.contacts import Contact, found_in
from cmncp_portal.core.text import active_language
from cmncp_portal.network.models import Membership, Municipality, Province
from cmncp_portal.network.selectors import SIZE_BANDS, members_on, with_membership
from cmncp_portal.reporting.indicators.base import Period
from exchanges.selectors import reach as visits
from meetings.selectors import reach as meetings
from mentoring.selectors import reach as mentoring
from training.selectors import reach as training

UNKNOWN = "unknown"
SELECTORS = {"visits": visits, "meetings": meetings, "training": training, "mentoring": mentoring}
ACTIVITIES: dict[str, Any] = {
    "visits": _("Visits"),
    "meetings": _("Meetings"),
    "training": _("Training"),
    "mentoring": _("Mentoring"),
}
SIZES: dict[str, Any] = {
    "small": pgettext_lazy("population", "under 20,000"),
    "medium": pgettext_lazy("population", "20,000 to 100,000"),
    "large": pgettext_lazy("population", "100,000 to 500,000"),
    "metropolis": pgettext_lazy("population", "over 500,000"),
    UNKNOWN: _("not known"),
}
LANGUAGES: dict[str, Any] = {
    "en": pgettext_lazy("reach", "English only"),
    "fr": pgettext_lazy("reach", "French only"),
    "both": pgettext_lazy("reach", "English and French"),
    UNKNOWN: _("not known"),
}


@dataclass(frozen=True)
class Part:
    """A column of the tables: in what one takes part, by which activities, and what is counted."""

    key: str
    label: Any
    of: tuple[str, ...]


PARTS = (
    Part("visited", pgettext_lazy("reach", "Visited others"), ("visits",)),
    Part("hosted", pgettext_lazy("reach", "Hosted"), ("visits", "meetings", "training")),
    Part("attended", pgettext_lazy("reach", "Attended meetings"), ("meetings",)),
    Part("trained", pgettext_lazy("reach", "Was trained"), ("training",)),
    Part("mentor", pgettext_lazy("reach", "Mentored others"), ("mentoring",)),
    Part("mentee", pgettext_lazy("reach", "Was mentored"), ("mentoring",)),
)


@dataclass(frozen=True)
class Wanted:
    """What the reader asks for; empty is everything. `size` and `language` are keys of SIZES and LANGUAGES, `order` may be "silence"."""

    period: Period | None = None
    activity: str = ""
    province: str = ""
    size: str = ""
    language: str = ""
    membership: str = ""
    order: str = ""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The columns that the activity fills."""
        return tuple(part for part in PARTS if not self.activity or self.activity in part.of)

    @property
    def days(self) -> tuple[date | None, date | None]:
        return (self.period.from_on, self.period.until_on) if self.period else (None, None)

    def holds(self, place: Municipality) -> bool:
        """Whether `place` is one of those asked for: a member today, and of the chosen sort."""
        asked = (self.province, self.size, self.language, self.membership)
        has = (place.province, size_of(place), language_of(place), membership_of(place))
        return bool(has[3]) and all(one in ("", other) for one, other in zip(asked, has, strict=True))


@dataclass(frozen=True)
class Line:
    """One municipality: how often it took part, in the order of the columns, and when last."""

    place: Municipality
    counts: list[int]
    last_on: date | None

    @property
    def is_reached(self) -> bool:
        return self.last_on is not None


@dataclass(frozen=True)
class Journey:
    """Visits of one municipality to another: how many were held, how many are planned."""

    guest: Municipality
    host: Municipality
    held: int
    planned: int


@dataclass(frozen=True)
class Group:
    """Of `members`, how many took part, in the order of the columns; how many in anything; how many in nothing."""

    label: str
    members: int
    counts: list[int]
    reached: int

    @property
    def never(self) -> int:
        return self.members - self.reached


@dataclass(frozen=True)
class Reach:
    wanted: Wanted
    lines: list[Line]
    journeys: list[Journey]

    @property
    def columns(self) -> list[str]:
        return [str(part.label) for part in self.wanted.parts]

    @cached_property
    def never(self) -> list[Line]:
        return [line for line in self.lines if not line.is_reached]

    @cached_property
    def total(self) -> Group:
        return _group(pgettext("reach", "Together"), self.lines, len(self.wanted.parts))

    @cached_property
    def groups(self) -> list[tuple[str, str, list[Group]]]:
        """The tables by province, size, language and class of membership: name, title, lines; only lines that have members."""
        return [
            ("provinces", _t("By province"), self._by(dict(Province.choices), lambda place: place.province)),
            ("sizes", _t("By size"), self._by(SIZES, size_of)),
            ("languages", _t("By language in which visitors are received"), self._by(LANGUAGES, language_of)),
            ("memberships", _t("By membership"), self._by(dict(Membership.Kind.choices), membership_of)),
        ]

    def _by(self, labels: dict[str, Any], key: Callable[[Municipality], str]) -> list[Group]:
        found: dict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            found[key(line.place)].append(line)
        return [
            _group(str(label), found[code], len(self.wanted.parts)) for code, label in labels.items() if found[code]
        ]


def size_of(place: Municipality) -> str:
    """Return the key of SIZES that holds the population."""
    population = place.population
    if population is None:
        return UNKNOWN
    return next(band for band, (_low, limit) in SIZE_BANDS.items() if limit is None or population < limit)


def language_of(place: Municipality) -> str:
    """Return the key of LANGUAGES: in which official languages it receives visitors."""
    spoken = set(place.languages) & {"en", "fr"}
    return "both" if len(spoken) == 2 else next(iter(spoken), UNKNOWN)


def membership_of(place: Municipality) -> str:
    """Return the class of the membership that runs today; "" without one."""
    return getattr(place, "membership_kind", None) or ""


def reach(wanted: Wanted) -> Reach:
    """Return the picture that is asked for, in three queries; in two when no visits are asked for."""
    ways = _ways(wanted)
    places = _places({end for way in ways for end in way})
    asked = {place.pk for place in places.values() if wanted.holds(place)}
    journeys = [Journey(places[a], places[b], *ways[a, b]) for a, b in ways if a in asked or b in asked]
    journeys.sort(key=lambda way: (-way.held, -way.planned, str(way.guest), str(way.host)))
    return Reach(wanted, _lines(wanted, [places[key] for key in places if key in asked]), journeys)


def _places(others: Iterable[int]) -> dict[int, Municipality]:
    """Return the members of today, and `others` too (ends of visits who left), by name."""
    today = members_on(timezone.localdate()).order_by().values("pk")
    rows = with_membership(Municipality.objects.filter(Q(pk__in=today) | Q(pk__in=others))).by_name(active_language())
    return {place.pk: place for place in rows.defer("about_en", "about_fr", "search_en", "search_fr")}


def _ways(wanted: Wanted) -> dict[tuple[int, int], tuple[int, int]]:
    """Return how many visits were held and are planned, by guest and host."""
    if wanted.activity not in ("", "visits"):
        return {}
    held: Counter[tuple[int, int]] = Counter()
    planned: Counter[tuple[int, int]] = Counter()
    for guest, host, held_here, planned_here in visits.journeys(*wanted.days):
        held[guest, host] += held_here
        planned[guest, host] += planned_here
    return {way: (held[way], planned[way]) for way in held}


def _lines(wanted: Wanted, places: list[Municipality]) -> list[Line]:
    chosen = [wanted.activity] if wanted.activity else list(SELECTORS)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in found_in(line for name in chosen for line in SELECTORS[name].contacts(*wanted.days)):
        contacts[contact.place].append(contact)
    lines = [_line(wanted, place, contacts[place.pk]) for place in places]
    return sorted(lines, key=lambda line: line.last_on or date.min) if wanted.order == "silence" else lines


def _line(wanted: Wanted, place: Municipality, contacts: list[Contact]) -> Line:
    counts = [sum(c.times for c in contacts if c.part == part.key) for part in wanted.parts]
    return Line(place, counts, max((c.last_on for c in contacts), default=None))


def _group(label: str, lines: list[Line], columns: int) -> Group:
    counts = [sum(line.counts[n] > 0 for line in lines) for n in range(columns)]
    return Group(label, len(lines), counts, sum(line.is_reached for line in lines))
