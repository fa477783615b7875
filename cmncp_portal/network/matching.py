"""Who fits whom, with the reasons in words: mentors for a municipality, hosts for a visit. The best set of pairs: best_set.py.

Plain values in, plain values out: nothing here asks the database. Each rule gives points and the sentence that says why. A
rule for which an activity has no sentence (`Wording`) does not count there: what is not said must not decide.

Among equals the one with fewer running agreements comes first, then the one who was asked longest ago, then a lot drawn from
the keys of the pair. The lot is the same on every day and machine, and another for each seeker, so that no candidate is
favoured by its name.
"""

import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from cmncp_portal.core.dates import day_in_words

BANDS = (20_000, 100_000, 500_000)  # people; the limits between the sizes that Municipality.size_band names
FEWEST_RATINGS = 5  # below it a mean says more about one person than about a mentor
NEUTRAL_RATING = 3
BEST_STAGES_AHEAD = 2
MOST_PROGRAMMES, MOST_EXPERIENCE = 3, 2
NEAR_KM, REACH_KM, FAR_KM = 250, 1_000, 2_500  # a day on the road and back; one flight; a journey
EARTH_KM = 6_371.0088
SHORT_DAYS = 365  # an agreement is planned for a year


class Weight(NamedTuple):
    points: int
    sentence: Any


WEIGHTS = {
    "wish": Weight(5, _("The municipality has this one in mind.")),
    "topic": Weight(3, _("Each topic that one asks for and the other offers.")),
    "programme": Weight(2, _("Each programme on such a topic, three at most.")),
    "language": Weight(2, _("A language in which both work.")),
    "no_language": Weight(-4, _("No language in which both work.")),
    "same_size": Weight(2, _("Communities of similar size.")),
    "near_size": Weight(1, _("Communities of neighbouring size.")),
    "best_stage": Weight(4, _("Two stages ahead: near enough to remember, far enough to show the way.")),
    "ahead": Weight(2, _("One stage ahead, or more than two.")),
    "not_ahead": Weight(-3, _("Not ahead on the ladder of stages.")),
    "experience": Weight(1, _("Each time that it did this before, twice at most.")),
    "rating": Weight(1, _("Each point of past ratings above 3, or below it, once there are five.")),
    "near": Weight(2, _("Within 250 km, when people travel.")),
    "reach": Weight(1, _("Within 1,000 km, when people travel.")),
    "far": Weight(-1, _("More than 2,500 km away, when people travel.")),
    "online_only": Weight(-2, _("One wants to meet in person, the other works online only.")),
    "hours": Weight(-1, _("Fewer hours a month than are asked for.")),
    "short": Weight(-1, _("The offer ends within a year.")),
    "load": Weight(-1, _("Each that it has on its hands already.")),
    "busy": Weight(-1, _("Each that it is being asked for at the moment.")),
}


class Programme(NamedTuple):
    """Local work that could be shown; `name` in words, `topics` by the keys that seekers use."""

    name: Any
    topics: frozenset[Any]


class Kilometres(int):
    """Shown with its thousands apart, as the reader's language writes them."""


@dataclass(frozen=True)
class Wording:
    """The sentences of one activity, lazily translated; a rule whose sentence is None does not count.

    They may use: %(topics)s, %(names)s of programmes, %(language)s, %(size)s, %(stage)s, %(km)s, %(mean)s and %(n)s of ratings,
    %(hours)s and %(asked)s, %(day)s, and %(n)s where things are counted (then from ngettext_lazy with "n").
    """

    languages: Mapping[str, Any]  # names of languages as they stand inside a sentence
    wish: Any = None
    topics: Any = None
    programmes: Any = None
    language: Any = None
    no_language: Any = None
    same_size: Any = None
    near_size: Any = None
    best_stage: Any = None
    ahead: Any = None
    not_ahead: Any = None
    experience: Any = None
    rating: Any = None
    near: Any = None
    far: Any = None
    online_only: Any = None
    hours: Any = None
    short: Any = None
    load: Any = None
    free_load: int = 0  # how much on its hands is no burden
    busy: Any = None


@dataclass(frozen=True)
class Seeker:
    """Who looks for somebody. `topics` are names (in words) by key; `place` is (latitude, longitude) in degrees.

    `band` is from `band_of`; `travels` says that people would meet in person, `in_person` that they mostly would;
    `begins_on` is the day from which offers are looked at; `declined` are keys of candidates with whom it rests.
    """

    key: str
    wording: Wording
    begins_on: date
    topics: Mapping[Any, Any] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    band: int | None = None
    stage: int | None = None
    place: tuple[float, float] | None = None
    travels: bool = False
    in_person: bool = False
    hours: int | None = None
    wish: str = ""
    declined: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Candidate:
    """Who could be found. `load` is what it has on its hands, `busy` what it is being asked at the moment.

    `rating` is the mean of `ratings` answers from 1 to 5; `size` and `stage_name` are words; `last_asked` is an aware
    instant, None when it was never asked; `capacity_left` None means without limit.
    """

    key: str
    topics: frozenset[Any] = frozenset()
    programmes: tuple[Programme, ...] = ()
    languages: frozenset[str] = frozenset()
    band: int | None = None
    size: Any = ""
    stage: int | None = None
    stage_name: Any = ""
    place: tuple[float, float] | None = None
    travels: bool = True
    hours: int | None = None
    until: date | None = None
    load: int = 0
    busy: int = 0
    experience: int = 0
    rating: float | None = None
    ratings: int = 0
    last_asked: datetime | None = None
    capacity_left: int | None = None
    is_member: bool = True
    is_paused: bool = False


class Reason(NamedTuple):
    """Why, in words of the reader's language, and what it counts; a caution when it counts less than nothing."""

    sentence: Any
    points: float
    values: Mapping[str, Any] = MappingProxyType({})

    @property
    def text(self) -> str:
        return str(self)

    @property
    def is_caution(self) -> bool:
        return self.points < 0

    def __str__(self) -> str:
        return str(self.sentence % {name: _shown(value) for name, value in self.values.items()})


@dataclass(frozen=True)
class Match:
    seeker: Seeker
    candidate: Candidate
    score: float
    reasons: tuple[Reason, ...]
    cautions: tuple[Reason, ...]


class LeftOut(TextChoices):
    """Why a pair is not made at all, whatever its points."""

    ITSELF = "itself", _("It is the same municipality.")
    NO_MEMBER = "no_member", _("It is not a member at the moment.")
    DECLINED = "declined", _("This pair was declined within the last twelve months.")
    PAUSED = "paused", _("Its offer is paused.")
    OVER = "over", _("Its offer has ended.")
    FULL = "full", _("It has no place left.")


def _shown(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return ", ".join(str(each) for each in value)
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, float):
        return number_format(value, 1)
    if isinstance(value, Kilometres):
        return number_format(int(value), use_l10n=True, force_grouping=True)
    return value


def band_of(population: int | None) -> int | None:
    """Return the size of a population as a number from 0 (small) to 3; None when it is not known."""
    return None if population is None else sum(population >= limit for limit in BANDS)


def distance(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the kilometres between two places in degrees, along the great circle."""
    lat, lon, other_lat, other_lon = map(math.radians, (*here, *there))
    half = math.sin((other_lat - lat) / 2) ** 2
    half += math.cos(lat) * math.cos(other_lat) * math.sin((other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))


# ---- the rules: each gives a reason, a caution, or nothing


def _wish(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if seeker.wish != candidate.key:
        return None
    return Reason(seeker.wording.wish, WEIGHTS["wish"].points)


def _topics(seeker: Seeker, candidate: Candidate) -> Reason | None:
    shared = [name for key, name in seeker.topics.items() if key in candidate.topics]
    if not shared:
        return None
    return Reason(seeker.wording.topics, WEIGHTS["topic"].points * len(shared), {"topics": shared})


def _programmes(seeker: Seeker, candidate: Candidate) -> Reason | None:
    fitting = [programme.name for programme in candidate.programmes if not programme.topics.isdisjoint(seeker.topics)]
    shown = fitting[:MOST_PROGRAMMES]
    if not shown:
        return None
    return Reason(seeker.wording.programmes, WEIGHTS["programme"].points * len(shown), {"names": shown})


def _language(seeker: Seeker, candidate: Candidate) -> Reason | None:
    wording, shared = seeker.wording, seeker.languages & candidate.languages
    if not shared:
        return Reason(wording.no_language, WEIGHTS["no_language"].points)
    names = [wording.languages[code] for code in sorted(shared)]
    return Reason(wording.language, WEIGHTS["language"].points, {"language": names})


def _size(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if seeker.band is None or candidate.band is None or abs(seeker.band - candidate.band) > 1:
        return None
    wording, values = seeker.wording, {"size": candidate.size}
    if seeker.band == candidate.band:
        return Reason(wording.same_size, WEIGHTS["same_size"].points, values)
    return Reason(wording.near_size, WEIGHTS["near_size"].points, values)


def _stage(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if seeker.stage is None or candidate.stage is None:
        return None
    ahead, wording, values = candidate.stage - seeker.stage, seeker.wording, {"stage": candidate.stage_name}
    if ahead < 1:
        return Reason(wording.not_ahead, WEIGHTS["not_ahead"].points, values)
    if ahead == BEST_STAGES_AHEAD:
        return Reason(wording.best_stage, WEIGHTS["best_stage"].points, values)
    return Reason(wording.ahead, WEIGHTS["ahead"].points, values | {"n": ahead})


def _experience(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if not candidate.experience:
        return None
    points = WEIGHTS["experience"].points * min(candidate.experience, MOST_EXPERIENCE)
    return Reason(seeker.wording.experience, points, {"n": candidate.experience})


def _rating(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if candidate.rating is None or candidate.ratings < FEWEST_RATINGS:
        return None
    points = round((candidate.rating - NEUTRAL_RATING) * WEIGHTS["rating"].points, 1)
    return Reason(seeker.wording.rating, points, {"mean": float(candidate.rating), "n": candidate.ratings})


def _distance(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if not (seeker.travels and candidate.travels and seeker.place and candidate.place):
        return None
    away = distance(seeker.place, candidate.place)
    wording, values = seeker.wording, {"km": Kilometres(max(round(away, -1), 10))}
    if away > FAR_KM:
        return Reason(wording.far, WEIGHTS["far"].points, values)
    if away > REACH_KM:
        return None
    return Reason(wording.near, WEIGHTS["near" if away <= NEAR_KM else "reach"].points, values)


def _online_only(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if not seeker.in_person or candidate.travels:
        return None
    return Reason(seeker.wording.online_only, WEIGHTS["online_only"].points)


def _hours(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if seeker.hours is None or candidate.hours is None or candidate.hours >= seeker.hours:
        return None
    values = {"hours": candidate.hours, "asked": seeker.hours}
    return Reason(seeker.wording.hours, WEIGHTS["hours"].points, values)


def _short(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if candidate.until is None or candidate.until >= seeker.begins_on + timedelta(days=SHORT_DAYS):
        return None
    return Reason(seeker.wording.short, WEIGHTS["short"].points, {"day": candidate.until})


def _load(seeker: Seeker, candidate: Candidate) -> Reason | None:
    burden = candidate.load - seeker.wording.free_load
    if burden < 1:
        return None
    return Reason(seeker.wording.load, WEIGHTS["load"].points * burden, {"n": candidate.load})


def _busy(seeker: Seeker, candidate: Candidate) -> Reason | None:
    if not candidate.busy:
        return None
    return Reason(seeker.wording.busy, WEIGHTS["busy"].points * candidate.busy, {"n": candidate.busy})


Rule = Callable[[Seeker, Candidate], Reason | None]
RULES: tuple[Rule, ...] = (
    _wish, _topics, _programmes, _language, _size, _stage, _experience, _rating, _distance, _online_only, _hours, _short,
    _load, _busy,
)  # fmt: skip


# ---- one pair, one list


def left_out(seeker: Seeker, candidate: Candidate) -> LeftOut | None:
    """Return why this pair is not made at all, or None. The last day of an offer counts."""
    if candidate.key == seeker.key:
        return LeftOut.ITSELF
    if not candidate.is_member:
        return LeftOut.NO_MEMBER
    if candidate.key in seeker.declined:
        return LeftOut.DECLINED
    if candidate.is_paused:
        return LeftOut.PAUSED
    if candidate.until is not None and candidate.until < seeker.begins_on:
        return LeftOut.OVER
    return LeftOut.FULL if candidate.capacity_left is not None and candidate.capacity_left < 1 else None


def told(seeker: Seeker, candidate: Candidate) -> list[Reason]:
    """Return everything that counts for or against the pair, in the order in which it is said."""
    found = [rule(seeker, candidate) for rule in RULES]
    return [reason for reason in found if reason is not None and reason.sentence is not None]


def total(reasons: Iterable[Reason]) -> float:
    """Return the sum of the points, to a tenth."""
    return round(sum([reason.points for reason in reasons]), 1)


def score(seeker: Seeker, candidate: Candidate) -> Match:
    """Return how well `candidate` fits `seeker`, with every reason that counted. Whether the pair may be made is `left_out`."""
    found = told(seeker, candidate)
    reasons = tuple(reason for reason in found if not reason.is_caution)
    return Match(seeker, candidate, total(found), reasons, tuple(reason for reason in found if reason.is_caution))


def lot(*keys: str) -> int:
    """Return the number that `keys` draw: the same always and everywhere, and without order in the names."""
    return int.from_bytes(hashlib.blake2b("\n".join(keys).encode(), digest_size=6).digest())


def turn(candidate: Candidate) -> tuple[int, datetime]:
    """Return what comes first among equals: fewer on its hands, then asked longest ago or never."""
    return candidate.load, candidate.last_asked or datetime.min.replace(tzinfo=UTC)


def ranked(seeker: Seeker, candidates: Iterable[Candidate], limit: int | None = None) -> list[Match]:
    """Return the pairs that may be made for `seeker`, best first, at most `limit`; in whatever order `candidates` come."""
    possible = [candidate for candidate in candidates if left_out(seeker, candidate) is None]
    order = sorted(possible, key=lambda one: (-total(told(seeker, one)), *turn(one), lot(seeker.key, one.key)))
    return [score(seeker, candidate) for candidate in order[:limit]]
