"""No number about one to four people is published, nor can be worked out of what is: the attacker tries everything."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from random import Random
from typing import Any

import pytest

from cmncp_portal.reporting.indicators.base import COUNT, MEAN, PERCENT, TOTAL, Cell, Figure, Indicator
from cmncp_portal.reporting.suppression import SMALLEST, exposes, protect

Group = frozenset[str]


def people(*numbers: int) -> Group:
    return frozenset(f"response:{number}" for number in numbers)


def make_indicator(code: str = "satisfaction", unit: str = MEAN, *, reveals: bool = False) -> Indicator:
    return Indicator(code, "reaction", code, "", "", unit, 1, lambda facts: None, reveals)  # type: ignore[arg-type,return-value]


def make_cell(dimension: str, category: str, group: Group | None, part: Group | None = None) -> Cell:
    label = (category, category)
    if group is None:
        return Cell(dimension, category, label, None, 2, 2)
    if part is None:
        return Cell(dimension, category, label, group, Fraction(7, 2), len(group))
    return Cell(dimension, category, label, group, Fraction(50), len(part), len(group), part)


def make_figure(
    total: Group, told: Indicator | None = None, part: Group | None = None, **cells: dict[str, Group]
) -> Figure:
    """A figure with its cells by dimension: make_figure(total, province={"ON": …}). With `part` it is a share."""
    rows = [
        make_cell(dimension, code, group, part & group if part is not None else None)
        for dimension, groups in cells.items()
        for code, group in groups.items()
    ]
    return Figure(told or make_indicator(), make_cell(TOTAL, "", total, part), rows)


def shown(data: dict[str, Any]) -> list[str]:
    """The categories that are published, the whole as "total"."""
    cells = [("total", data["total"]), *((cell["category"], cell) for cell in data["cells"])]
    return [name for name, cell in cells if not cell["hidden"]]


# ---- the attacker


def _rank(rows: Iterable[Sequence[int]]) -> int:
    table, rank = [[Fraction(number) for number in row] for row in rows], 0
    for column in range(len(table[0]) if table else 0):
        pivot = next((n for n in range(rank, len(table)) if table[n][column]), None)
        if pivot is None:
            continue
        table[rank], table[pivot] = table[pivot], table[rank]
        for n in range(rank + 1, len(table)):
            if factor := table[n][column] / table[rank][column]:
                table[n] = [a - factor * b for a, b in zip(table[n], table[rank], strict=True)]
        rank += 1
    return rank


def worked_out(groups: Sequence[Group]) -> list[Group]:
    """Every group of one to four people whose number follows from those of `groups`: each person alone, no short cuts."""
    everybody = sorted(frozenset().union(*groups)) if groups else []
    rows = [[int(person in group) for person in everybody] for group in groups]
    known = _rank(rows)
    return [
        frozenset(few)
        for size in range(1, SMALLEST)
        for few in combinations(everybody, size)
        if _rank([*rows, [int(person in few) for person in everybody]]) == known
    ]


def published_groups(cells: dict[str, Any]) -> list[Group]:
    return [
        frozenset(cell[name]) for one in cells.values() for cell in one for name in ("people", "part") if cell.get(name)
    ]


# ---- one report


def test_nothing_is_hidden_when_every_group_is_large_enough() -> None:
    figure = make_figure(people(*range(10)), province={"ON": people(*range(5)), "QC": people(*range(5, 10))})
    [data], cells = protect([figure], [])
    assert shown(data) == ["total", "ON", "QC"]
    assert data == figure.as_data()
    assert [(cell["dimension"], cell["category"], len(cell["people"])) for cell in cells["satisfaction"]] == [
        ("total", "", 10), ("province", "ON", 5), ("province", "QC", 5),
    ]  # fmt: skip


@pytest.mark.parametrize(("size", "is_shown"), [(0, True), (1, False), (4, False), (5, True)])
def test_a_group_of_one_to_four_is_hidden(size: int, is_shown: bool) -> None:
    [data], cells = protect([make_figure(people(*range(size)))], [])
    assert (data["total"]["hidden"], bool(cells)) == (not is_shown, is_shown)
    if not is_shown:
        assert [data["total"][name] for name in ("value", "n", "denominator")] == [None, None, None]


def test_the_rest_of_a_small_group_is_hidden_as_well() -> None:
    figure = make_figure(people(*range(12)), province={"ON": people(*range(9)), "QC": people(9, 10, 11)})
    [data], _cells = protect([figure], [])
    assert shown(data) == ["total"]


def test_the_largest_groups_are_kept() -> None:
    parts = {"ON": people(*range(9)), "QC": people(*range(9, 15)), "BC": people(*range(15, 20)), "NU": people(20, 21)}
    [data], _cells = protect([make_figure(people(*range(22)), province=parts)], [])
    assert shown(data) == ["total", "ON", "QC"]


def test_two_breakdowns_cannot_be_subtracted_from_each_other() -> None:
    """Eight in English, of whom seven are hosts; all others are visitors in French: the eighth would stand alone."""
    everybody = people(*range(16))
    figure = make_figure(
        everybody,
        language={"en": people(*range(8)), "fr": people(*range(8, 16))},
        side={"hosts": people(*range(7)), "visitors": people(*range(7, 16))},
    )
    [data], cells = protect([figure], [])
    assert shown(data) == ["total", "hosts", "visitors"]
    assert worked_out(published_groups(cells)) == []


def test_things_are_not_hidden() -> None:
    figure = Figure(make_indicator(unit=COUNT), make_cell(TOTAL, "", None), [make_cell("province", "ON", None)])
    [data], cells = protect([figure], [])
    assert (shown(data), cells) == (["total", "ON"], {})


def test_who_was_left_out_is_hidden_when_they_are_few() -> None:
    few = Figure(
        make_indicator(),
        make_cell(TOTAL, "", people(*range(9))),
        excluded=2,
        why=("a", "b"),
        excluded_people=people(20, 21),
    )
    [data], cells = protect([few], [])
    assert data["excluded"] == {"count": None, "why": {"en": "a", "fr": "b"}, "hidden": True}
    assert [cell["dimension"] for cell in cells["satisfaction"]] == ["total"]


@pytest.mark.parametrize(("yes", "is_shown"), [(0, True), (4, False), (5, True), (8, True), (9, False), (13, True)])
def test_what_few_said_is_hidden_whether_yes_or_no(yes: int, is_shown: bool) -> None:
    figure = make_figure(people(*range(13)), make_indicator("capacity", PERCENT, reveals=True), people(*range(yes)))
    [data], _cells = protect([figure], [])
    assert shown(data) == (["total"] if is_shown else [])


@pytest.mark.parametrize(("answered", "is_shown"), [(0, True), (4, False), (5, True), (12, True), (13, True)])
def test_that_few_did_not_answer_may_be_known_but_not_that_few_did(answered: int, is_shown: bool) -> None:
    figure = make_figure(people(*range(13)), make_indicator("rate", PERCENT), people(*range(answered)))
    [data], _cells = protect([figure], [])
    assert shown(data) == (["total"] if is_shown else [])


# ---- two reports


def test_a_year_and_its_quarters() -> None:
    quarters = [people(*range(20)), people(*range(20, 23)), people(*range(23, 40)), people(*range(40, 60))]
    published: list[Any] = []
    for quarter in quarters:
        [data], cells = protect([make_figure(quarter)], published)
        published.append(cells)
        assert data["total"]["hidden"] == (len(quarter) < SMALLEST)
    [data], cells = protect([make_figure(frozenset().union(*quarters))], published)
    assert data["total"]["hidden"]  # less the three other quarters it is three people
    assert cells == {}


@pytest.mark.parametrize(("more", "is_shown"), [(0, True), (1, False), (4, False), (5, True)])
def test_a_period_one_day_longer(more: int, is_shown: bool) -> None:
    _data, before = protect([make_figure(people(*range(30)))], [])
    [data], _cells = protect([make_figure(people(*range(30 + more)))], [before])
    assert shown(data) == (["total"] if is_shown else [])


def test_a_chain_of_reports_that_only_together_give_somebody_away() -> None:
    chain = [people(*range(10)), people(*range(10, 20)), people(*range(20, 30))]
    published = [protect([make_figure(one)], [])[1] for one in chain]
    [data], _cells = protect([make_figure(people(*range(31)))], published)
    assert shown(data) == []
    [data], _cells = protect([make_figure(people(*range(31)))], published[:2])
    assert shown(data) == ["total"]


def test_other_indicators_and_other_people_do_not_matter() -> None:
    _data, other = protect([make_figure(people(*range(29)), make_indicator("relevance"))], [])
    _data, far = protect([make_figure(people(*range(100, 120)))], [])
    [data], _cells = protect([make_figure(people(*range(30)))], [other, far])
    assert shown(data) == ["total"]


def test_the_same_report_frozen_twice_hides_the_same() -> None:
    figure = make_figure(people(*range(22)), province={"ON": people(*range(9)), "QC": people(*range(9, 15))})
    first, cells = protect([figure], [])
    again, same = protect([figure], [cells])
    assert (again, same) == (first, cells)


# ---- anything at all


def _split(dice: Random, group: Group, parts: int) -> dict[str, Group]:
    drawn = {person: dice.randrange(parts) for person in sorted(group)}
    return {str(n): frozenset(p for p in group if drawn[p] == n) for n in range(parts)}


def _drawn(dice: Random, group: Group) -> Figure:
    told = make_indicator(reveals=True)
    part = frozenset(person for person in sorted(group) if dice.random() < 0.6) if dice.random() < 0.4 else None
    return make_figure(
        group, told, part, province=_split(dice, group, 3), side=_split(dice, group, 2), language=_split(dice, group, 2)
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_two_random_reports_that_overlap_give_nobody_away(seed: int) -> None:
    dice = Random(seed)
    size = dice.randint(9, 13)
    first, second = people(*range(size)), people(*range(dice.randint(0, 3), size + dice.randint(0, 2)))
    _data, cells = protect([_drawn(dice, first)], [])
    _data, more = protect([_drawn(dice, second)], [cells])
    assert worked_out([*published_groups(cells), *published_groups(more)]) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_the_audit_finds_what_the_attacker_finds(seed: int) -> None:
    dice = Random(1000 + seed)
    everybody = sorted(people(*range(dice.randint(6, 11))))
    groups = [frozenset(dice.sample(everybody, dice.randint(5, len(everybody)))) for _n in range(dice.randint(1, 6))]
    assert exposes(groups) == bool(worked_out(groups))


@pytest.mark.slow
def test_what_is_hidden_would_give_somebody_away() -> None:
    """Nothing is hidden without need: adding a hidden group to what is published exposes a small one."""
    for seed in range(30):
        dice = Random(seed)
        figure = _drawn(dice, people(*range(dice.randint(10, 40))))
        [data], cells = protect([figure], [])
        known = published_groups(cells)
        for cell, told in zip(figure.cells, data["cells"], strict=True):
            if told["hidden"]:
                assert exposes([*known, cell.people or frozenset(), cell.part or frozenset()])


@pytest.mark.slow
def test_large_reports_that_overlap_take_seconds() -> None:
    dice, published = Random(5), []
    for start in range(0, 800, 200):
        group = people(*range(start, start + 3000))
        figure = make_figure(
            group,
            province=_split(dice, group, 13),
            size=_split(dice, group, 5),
            side=_split(dice, group, 6),
            activity=_split(dice, group, 4),
            language=_split(dice, group, 3),
        )
        [data], cells = protect([figure], published)
        published.append(cells)
        assert not data["total"]["hidden"]
