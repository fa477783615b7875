"""The engine: each rule before, on and after its limit; equals without favour; the best set against all sets there are."""

import itertools
import random
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation
from django.utils.functional import lazystr
from django.utils.translation import ngettext_lazy

from cmncp_portal.network import matching
from cmncp_portal.network.best_set import best_set
from cmncp_portal.network.matching import (
    WEIGHTS,
    Candidate,
    LeftOut,
    Match,
    Programme,
    Seeker,
    Wording,
    band_of,
    distance,
    left_out,
    ranked,
    score,
)
from cmncp_portal.network.models import Municipality

WORDS = Wording(
    languages={"en": lazystr("English"), "fr": lazystr("French")},
    wish="wished for",
    topics="topics: %(topics)s",
    programmes="programmes: %(names)s",
    language="works in %(language)s",
    no_language="no language",
    same_size="same size (%(size)s)",
    near_size="near size (%(size)s)",
    best_stage="two ahead (%(stage)s)",
    ahead=ngettext_lazy("one ahead (%(stage)s)", "%(n)s ahead (%(stage)s)", "n"),
    not_ahead="not ahead (%(stage)s)",
    experience=ngettext_lazy("did it once", "did it %(n)s times", "n"),
    rating="rated %(mean)s, n = %(n)s",
    near="%(km)s km",
    far="%(km)s km, far",
    online_only="online only",
    hours="%(hours)s of %(asked)s hours",
    short="until %(day)s",
    load=ngettext_lazy("has one", "has %(n)s", "n"),
    busy=ngettext_lazy("asked by one", "asked by %(n)s", "n"),
)
TODAY = date(2027, 2, 1)


def east_of(km: float) -> tuple[float, float]:
    """A place on the equator that lies `km` east of (0, 0)."""
    return 0.0, km / 111.194927


def seeker(key: str = "seeker", **fields: Any) -> Seeker:
    return Seeker(**({"key": key, "wording": WORDS, "begins_on": TODAY, "languages": frozenset({"en"})} | fields))


def candidate(key: str = "candidate", **fields: Any) -> Candidate:
    return Candidate(**({"key": key, "languages": frozenset({"en"})} | fields))


def said(match: Match) -> list[tuple[str, float]]:
    """What counts beside the language, which all of them share."""
    told = [(str(reason), reason.points) for reason in (*match.reasons, *match.cautions)]
    return [pair for pair in told if pair != ("works in English", 2)]


ONE, TWO = {1: "Youth", 2: "Gangs"}, frozenset({1, 2})
LIMITS: list[tuple[str, dict[str, Any], dict[str, Any], list[tuple[str, float]]]] = [
    ("wish, another", {"wish": "other"}, {}, []),
    ("wish", {"wish": "candidate"}, {}, [("wished for", 5)]),
    ("no topic", {"topics": ONE}, {"topics": frozenset({3})}, []),
    ("one topic", {"topics": ONE}, {"topics": frozenset({2, 3})}, [("topics: Gangs", 3)]),
    ("two topics", {"topics": ONE}, {"topics": TWO}, [("topics: Youth, Gangs", 6)]),
    ("programme on something else", {"topics": ONE}, {"programmes": (Programme("A", frozenset({3})),)}, []),
    ("three programmes", {"topics": ONE}, {"programmes": tuple(Programme(n, TWO) for n in "ABC")}, [("programmes: A, B, C", 6)]),
    ("a fourth does not count", {"topics": ONE}, {"programmes": tuple(Programme(n, TWO) for n in "ABCD")}, [("programmes: A, B, C", 6)]),
    ("no language", {}, {"languages": frozenset({"fr"})}, [("no language", -4)]),
    ("same size", {"band": 1}, {"band": 1, "size": "small"}, [("same size (small)", 2)]),
    ("next size up", {"band": 1}, {"band": 2, "size": "big"}, [("near size (big)", 1)]),
    ("next size down", {"band": 1}, {"band": 0, "size": "tiny"}, [("near size (tiny)", 1)]),
    ("two sizes away", {"band": 1}, {"band": 3}, []),
    ("size not known", {"band": None}, {"band": 0}, []),
    ("behind", {"stage": 3}, {"stage": 2, "stage_name": "Diagnosis"}, [("not ahead (Diagnosis)", -3)]),
    ("level", {"stage": 3}, {"stage": 3, "stage_name": "Partnership"}, [("not ahead (Partnership)", -3)]),
    ("one ahead", {"stage": 3}, {"stage": 4, "stage_name": "Plan"}, [("one ahead (Plan)", 2)]),
    ("two ahead", {"stage": 3}, {"stage": 5, "stage_name": "Doing"}, [("two ahead (Doing)", 4)]),
    ("three ahead", {"stage": 3}, {"stage": 6, "stage_name": "Renewal"}, [("3 ahead (Renewal)", 2)]),
    ("stage 0 is a stage", {"stage": 0}, {"stage": 2, "stage_name": "Diagnosis"}, [("two ahead (Diagnosis)", 4)]),
    ("stage not known", {"stage": 0}, {"stage": None}, []),
    ("once before", {}, {"experience": 1}, [("did it once", 1)]),
    ("twice before", {}, {"experience": 2}, [("did it 2 times", 2)]),
    ("more counts no more", {}, {"experience": 9}, [("did it 9 times", 2)]),
    ("four ratings", {}, {"rating": 5.0, "ratings": 4}, []),
    ("five ratings", {}, {"rating": 4.6, "ratings": 5}, [("rated 4.6, n = 5", 1.6)]),
    ("eleven ratings", {}, {"rating": 4.6, "ratings": 11}, [("rated 4.6, n = 11", 1.6)]),
    ("neutral rating", {}, {"rating": 3.0, "ratings": 5}, [("rated 3.0, n = 5", 0)]),
    ("poor rating", {}, {"rating": 2.4, "ratings": 5}, [("rated 2.4, n = 5", -0.6)]),
    ("nobody travels", {"place": (0.0, 0.0)}, {"place": east_of(10)}, []),
    ("mentor does not travel", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(10), "travels": False}, []),
    ("place not known", {"travels": True}, {"place": east_of(10)}, []),
    ("very near", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(2)}, [("10 km", 2)]),
    ("250 km", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(249.9)}, [("250 km", 2)]),
    ("past 250 km", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(250.1)}, [("250 km", 1)]),
    ("1,000 km", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(999.9)}, [("1,000 km", 1)]),
    ("past 1,000 km", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(1000.1)}, []),
    ("2,500 km", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(2499.9)}, []),
    ("past 2,500 km", {"place": (0.0, 0.0), "travels": True}, {"place": east_of(2500.1)}, [("2,500 km, far", -1)]),
    ("in person wished for", {"in_person": True}, {"travels": False}, [("online only", -2)]),
    ("in person possible", {"in_person": True}, {"travels": True}, []),
    ("fewer hours", {"hours": 4}, {"hours": 3}, [("3 of 4 hours", -1)]),
    ("as many hours", {"hours": 4}, {"hours": 4}, []),
    ("ends within the year", {}, {"until": date(2028, 1, 31)}, [("until January 31, 2028", -1)]),
    ("lasts a year", {}, {"until": date(2028, 2, 1)}, []),
    ("has one", {}, {"load": 1}, [("has one", -1)]),
    ("has two", {}, {"load": 2}, [("has 2", -2)]),
    ("asked by two", {}, {"busy": 2}, [("asked by 2", -2)]),
]  # fmt: skip


@pytest.mark.parametrize(("wants", "has", "expected"), [row[1:] for row in LIMITS], ids=[row[0] for row in LIMITS])
def test_each_rule_at_its_limits(wants: dict[str, Any], has: dict[str, Any], expected: Any) -> None:
    match = score(seeker(**wants), candidate(**has))
    assert said(match) == expected
    language = 2 if "languages" not in has else 0
    assert match.score == round(language + sum(points for _text, points in expected), 1)
    assert all(caution.points < 0 for caution in match.cautions)
    assert all(reason.points >= 0 for reason in match.reasons)


def test_every_weight_has_a_sentence_and_every_rule_a_weight() -> None:
    used = {"topic", "programme", "language", "wish", "experience", "rating", "load", "busy"}
    assert {name for name, weight in WEIGHTS.items() if str(weight.sentence).endswith(".")} == WEIGHTS.keys()
    assert used <= WEIGHTS.keys()


def test_a_rule_without_a_sentence_does_not_count() -> None:
    silent = seeker(wording=Wording(languages=WORDS.languages), stage=1, hours=9, topics=ONE)
    match = score(silent, candidate(stage=3, hours=1, topics=TWO, load=4, rating=5.0, ratings=9))
    assert (match.score, match.reasons, match.cautions) == (0, (), ())


def test_some_load_may_be_free() -> None:
    wants = seeker(wording=replace(WORDS, free_load=1))
    assert [said(score(wants, candidate(load=n))) for n in (0, 1, 2)] == [[], [], [("has 2", -1)]]


def test_reasons_read_in_the_language_of_the_reader() -> None:
    match = score(seeker(), candidate(rating=4.6, ratings=11, until=date(2027, 3, 1)))
    with translation.override("fr"):
        assert [text for text, _points in said(match)] == ["rated 4,6, n = 11", "until 1er\u00a0mars\u00a02027"]


@pytest.mark.django_db
def test_bands_change_where_the_words_for_sizes_change() -> None:
    for limit in matching.BANDS:
        below, at = (Municipality(population=n) for n in (limit - 1, limit))
        assert str(below.size_band) != str(at.size_band)
        assert band_of(at.population) == (band_of(below.population) or 0) + 1
    assert (band_of(None), band_of(0), band_of(5_000_000)) == (None, 0, 3)


def test_distance_along_the_great_circle() -> None:
    vancouver, toronto = (49.2827, -123.1207), (43.6532, -79.3832)
    assert distance(vancouver, vancouver) == 0
    assert distance((0, 0), (90, 0)) == pytest.approx(10_007.5, abs=0.1)  # from the equator to the pole
    assert distance(toronto, vancouver) == distance(vancouver, toronto) == pytest.approx(3_360, abs=10)


@pytest.mark.parametrize(
    ("wants", "has", "expected"),
    [
        ({}, {}, None),
        ({}, {"key": "seeker"}, LeftOut.ITSELF),
        ({}, {"is_member": False}, LeftOut.NO_MEMBER),
        ({"declined": frozenset({"candidate"})}, {}, LeftOut.DECLINED),
        ({}, {"is_paused": True}, LeftOut.PAUSED),
        ({}, {"until": date(2027, 1, 31)}, LeftOut.OVER),
        ({}, {"until": date(2027, 2, 1)}, None),
        ({}, {"capacity_left": 1}, None),
        ({}, {"capacity_left": 0}, LeftOut.FULL),
        ({}, {"capacity_left": -1}, LeftOut.FULL),
    ],
)
def test_who_is_left_out(wants: dict[str, Any], has: dict[str, Any], expected: Any) -> None:
    one, other = seeker(**wants), candidate(**has)
    assert left_out(one, other) == expected
    assert len(ranked(one, [other])) == (expected is None)


# ---- equals


def keys(matches: list[Match]) -> list[str]:
    return [match.candidate.key for match in matches]


def test_better_first_then_fewer_on_hand_then_asked_longest_ago() -> None:
    old, new = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    wants = seeker(topics=ONE, wording=replace(WORDS, load=None))
    made = [
        candidate("recent", last_asked=new),
        candidate("loaded", load=1),
        candidate("long-ago", last_asked=old),
        candidate("better", topics=TWO, load=3, last_asked=new),
        candidate("never"),
    ]
    assert keys(ranked(wants, made)) == ["better", "never", "long-ago", "recent", "loaded"]


def test_the_order_in_which_they_come_decides_nothing() -> None:
    dice = random.Random(7)
    made = [candidate(f"place-{n}", load=n % 2) for n in range(30)]
    expected = keys(ranked(seeker(), made))
    for _turn in range(20):
        dice.shuffle(made)
        assert keys(ranked(seeker(), made)) == expected


def test_no_name_is_favoured_among_equals() -> None:
    """1,200 seekers, six equal candidates: each is first about 200 times, and its names' order is as good as any."""
    names = ["abbotsford", "brandon", "moncton", "quebec", "yellowknife", "zorra"]
    made = [candidate(name) for name in names]
    orders = [keys(ranked(seeker(f"town-{n}"), made)) for n in range(1200)]
    for at in (0, 5):
        counts = Counter(order[at] for order in orders)
        assert set(counts) == set(names)
        assert all(150 < number < 250 for number in counts.values()), counts
    before = sum(order.index("abbotsford") < order.index("zorra") for order in orders)
    assert 520 < before < 680


# ---- the best set


def some(dice: random.Random, seekers: int, candidates: int) -> tuple[list[Seeker], list[Candidate], dict[str, int]]:
    topics = range(12)

    def languages() -> frozenset[str]:
        return dice.choice([frozenset({"en"}), frozenset({"fr"}), frozenset({"en", "fr"})])

    def place() -> tuple[float, float]:
        return 43 + 15 * dice.random(), -125 + 70 * dice.random()

    wanting = [
        seeker(
            f"town-{n}",
            topics={t: f"Topic {t}" for t in dice.sample(topics, 3)},
            languages=languages(),
            band=dice.randrange(4),
            stage=dice.randrange(5),
            place=place(),
            travels=dice.random() < 0.7,
            hours=dice.randrange(2, 8),
            declined=frozenset({f"city-{dice.randrange(candidates)}"}),
        )
        for n in range(seekers)
    ]
    giving = [
        candidate(
            f"city-{n}",
            topics=frozenset(dice.sample(topics, 4)),
            programmes=tuple(Programme(f"P{t}", frozenset({t})) for t in dice.sample(topics, 2)),
            languages=languages(),
            band=dice.randrange(4),
            stage=dice.randrange(8),
            stage_name="stage",
            place=place(),
            hours=dice.randrange(2, 8),
            load=dice.randrange(3),
            rating=round(1 + 4 * dice.random(), 1),
            ratings=dice.randrange(9),
            is_paused=dice.random() < 0.1,
        )
        for n in range(candidates)
    ]
    return wanting, giving, {one.key: dice.randrange(4) for one in giving}


def best_sum(wanting: list[Seeker], giving: list[Candidate], places: dict[str, int]) -> tuple[float, int]:
    """The highest sum of points, and the most pairs with it, by trying every set there is."""
    seats = [None, *(one for one in giving for _n in range(places[one.key]))]
    best = (0.0, 0)
    for chosen in itertools.product(range(len(seats)), repeat=len(wanting)):
        taken = [at for at in chosen if at]
        if len(taken) != len(set(taken)):
            continue
        pairs = [(one, seats[at]) for one, at in zip(wanting, chosen, strict=True) if at]
        if any(left_out(one, other) for one, other in pairs):  # type: ignore[arg-type]
            continue
        points = [score(one, other).score for one, other in pairs]  # type: ignore[arg-type]
        if all(point >= 0 for point in points):
            best = max(best, (round(sum(points), 1), len(points)))
    return best


@pytest.mark.parametrize("seed", range(12))
def test_no_other_set_is_better(seed: int) -> None:
    wanting, giving, places = some(random.Random(seed), 3, 4)
    found = best_set(wanting, giving, places)
    assert (round(sum(match.score for match in found), 1), len(found)) == best_sum(wanting, giving, places)


def test_the_set_gives_up_the_best_pair_when_all_together_do_better() -> None:
    both = seeker("both", topics=ONE, languages=frozenset({"en", "fr"}))
    english = seeker("english", topics={1: "Youth"})
    strong = candidate("strong", topics=TWO)
    french = candidate("french", topics=frozenset({2}), languages=frozenset({"fr"}))
    assert keys(ranked(both, [strong, french])) == ["strong", "french"]
    found = best_set([both, english], [strong, french], {"strong": 1, "french": 1})
    assert [(m.seeker.key, m.candidate.key, m.score) for m in found] == [
        ("both", "french", 5),
        ("english", "strong", 5),
    ]
    alone = best_set([both, english], [strong], {"strong": 1})
    assert [(m.seeker.key, m.score) for m in alone] == [("both", 8)]


def test_capacity_zero_and_pairs_below_zero_are_never_used() -> None:
    wants = seeker()
    assert best_set([wants], [candidate()], {"candidate": 0}) == []
    assert best_set([wants], [candidate()], {}) == []
    assert best_set([], [candidate()], {"candidate": 1}) == []
    assert best_set([wants], [candidate(busy=3)], {"candidate": 1}) == []
    assert [m.score for m in best_set([wants], [candidate(busy=2)], {"candidate": 1})] == [0]


def test_one_mentor_with_three_places_gets_three() -> None:
    wanting = [seeker(f"town-{n}") for n in range(5)]
    found = best_set(wanting, [candidate()], {"candidate": 3})
    assert len(found) == 3
    assert len({m.seeker.key for m in found}) == 3


def test_equal_mentors_share_the_work() -> None:
    wanting = [seeker(f"town-{n}") for n in range(4)]
    giving = [candidate(f"city-{n}") for n in range(4)]
    found = best_set(wanting, giving, dict.fromkeys([one.key for one in giving], 4))
    assert sorted(keys(found)) == ["city-0", "city-1", "city-2", "city-3"]


def test_the_set_does_not_depend_on_the_order_in_which_they_come() -> None:
    dice = random.Random(3)
    wanting, giving, places = some(dice, 25, 15)
    expected = {m.seeker.key: m.candidate.key for m in best_set(wanting, giving, places)}
    for _turn in range(4):
        dice.shuffle(wanting)
        dice.shuffle(giving)
        found = best_set(wanting, giving, places)
        assert {m.seeker.key: m.candidate.key for m in found} == expected
        assert [m.seeker.key for m in found] == [one.key for one in wanting if one.key in expected]


def test_no_name_is_favoured_in_the_set() -> None:
    giving = [candidate("abbotsford"), candidate("zorra")]
    first = Counter(
        best_set([seeker(f"town-{n}")], giving, {"abbotsford": 1, "zorra": 1})[0].candidate.key for n in range(400)
    )
    assert 160 < first["abbotsford"] < 240


@pytest.mark.slow
def test_two_hundred_seekers_and_a_hundred_and_fifty_mentors_take_under_two_seconds() -> None:
    wanting, giving, places = some(random.Random(11), 200, 150)
    best_set(wanting[:1], giving[:1], {"city-0": 1})  # loads SciPy, once per process
    start = time.process_time()
    found = best_set(wanting, giving, places)
    reasons = [[str(reason) for reason in (*match.reasons, *match.cautions)] for match in found]
    assert time.process_time() - start < 2
    assert len(found) > 100
    assert all(reasons)
    assert all(match == score(match.seeker, match.candidate) for match in found)
    used = Counter(keys(found))
    assert all(number <= places[key] for key, number in used.items())
