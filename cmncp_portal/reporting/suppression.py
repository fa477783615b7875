"""Hides small groups of people in what is published, so that no subtraction brings them back.

A published number about a group is a sum over its people. Whoever holds several can add and subtract them, so what counts is
not each group alone: it is every combination. People who are in exactly the same published groups cannot be told apart; such a
class is an atom. The audit takes the matrix of groups by atoms, and asks whether the row of any union of atoms with one to four
people is a combination of its rows. The groups of earlier snapshots are in the matrix as well. All arithmetic is exact.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import gcd
from typing import Any

from .indicators.base import Cell, Figure

SMALLEST = 5  # people; a group of fewer is never published
EXCLUDED = "excluded"  # dimension of the group that was left out of a figure
Published = Mapping[str, Sequence[Mapping[str, Any]]]  # `Snapshot.cells`
Group = frozenset[str]
Row = dict[int, int]


@dataclass(frozen=True)
class Candidate:
    """A number that may be published. `apart` are groups that are audited among themselves, not together with `groups`.

    Who answered and who was asked are audited apart: then a small number of people who did not answer may be known.
    """

    shown: dict[str, Any]
    cell: dict[str, Any]
    groups: tuple[Group, ...]
    apart: tuple[Group, ...] = field(default=())


def protect(figures: Sequence[Figure], published: Iterable[Published]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the figures as data with small groups hidden, and the published groups to keep as `Snapshot.cells`.

    `published` are the `cells` of all earlier snapshots, of whatever period. When a report shows a second period to compare
    with, protect that one first and add its cells to `published` for the other. A hidden number has "hidden" true, and None
    for value, n and denominator.
    """
    earlier, shown, kept = list(published), [], {}
    for figure in figures:
        data = figure.as_data()
        known = [cell for cells in earlier for cell in cells.get(figure.indicator.code, ())]
        candidates = _candidates(figure, data)
        for one in candidates:
            _hide(one.shown)
        admitted = _admitted(candidates, *_known_groups(known, reveals=figure.indicator.reveals))
        for one, original in admitted:
            one.shown.update(original)
        shown.append(data)
        if admitted:
            kept[figure.indicator.code] = [one.cell for one, _original in admitted]
    return shown, kept


def _hide(shown: dict[str, Any]) -> None:
    shown["_seen"] = {name: shown[name] for name in ("value", "n", "denominator", "count") if name in shown}
    shown.update(dict.fromkeys(shown["_seen"]), hidden=True)


def _candidates(figure: Figure, data: dict[str, Any]) -> list[Candidate]:
    """Return what counts people, in the order in which it is tried: the whole, the largest cells, what was left out."""
    cells = sorted(zip(figure.cells, data["cells"], strict=True), key=lambda pair: -len(pair[0].people or ()))
    found = [
        _candidate(cell, shown, reveals=figure.indicator.reveals)
        for cell, shown in [(figure.total, data["total"]), *cells]
        if cell.people is not None
    ]
    if figure.excluded_people is not None:
        cell = {"dimension": EXCLUDED, "category": "", "people": sorted(figure.excluded_people)}
        found.append(Candidate(data["excluded"], cell, (figure.excluded_people,)))
    return found


def _candidate(cell: Cell, shown: dict[str, Any], *, reveals: bool) -> Candidate:
    people, part = cell.people or frozenset(), cell.part
    stored: dict[str, Any] = {"dimension": cell.dimension, "category": cell.category, "people": sorted(people)}
    if part is None:
        return Candidate(shown, stored, (people,))
    stored["part"] = sorted(part)
    return Candidate(shown, stored, (people, part)) if reveals else Candidate(shown, stored, (people,), (part,))


def _known_groups(cells: Iterable[Mapping[str, Any]], *, reveals: bool) -> tuple[list[Group], list[Group]]:
    groups: list[Group] = []
    apart: list[Group] = []
    for cell in cells:
        groups.append(frozenset(cell["people"]))
        if "part" in cell:
            (groups if reveals else apart).append(frozenset(cell["part"]))
    return groups, apart


def _admitted(
    candidates: Sequence[Candidate], groups: Sequence[Group], apart: Sequence[Group]
) -> list[tuple[Candidate, dict[str, Any]]]:
    """Return the candidates that can be published one after the other without exposing anybody, with their numbers.

    What is exposed stays exposed when more is published, so that a whole run of candidates is tried at once and halved only
    when it fails: the outcome is the same as one by one.
    """
    touched = frozenset().union(*(group for one in candidates for group in (*one.groups, *one.apart)))
    taken = [_connected(groups, touched), _connected(apart, touched)]
    admitted: list[tuple[Candidate, dict[str, Any]]] = []
    runs = [list(candidates)] if candidates else []
    while runs:
        run = runs.pop()
        tried = [_joined(taken[0], [one.groups for one in run]), _joined(taken[1], [one.apart for one in run])]
        if not any(exposes(one) for one in tried):
            taken = tried
            admitted += [(one, one.shown | one.shown["_seen"] | {"hidden": False}) for one in run]
        elif len(run) > 1:
            middle = len(run) // 2
            runs += [run[middle:], run[:middle]]
    for one in candidates:
        del one.shown["_seen"]
    for _one, original in admitted:
        del original["_seen"]
    return admitted


def _joined(taken: Sequence[Group], more: Iterable[Sequence[Group]]) -> list[Group]:
    return list(dict.fromkeys([*taken, *(group for groups in more for group in groups)]))


def _connected(groups: Sequence[Group], people: Group) -> list[Group]:
    """Return the groups that share somebody with `people`, directly or through each other; others cannot help anybody."""
    rest, found = list(dict.fromkeys(groups)), []
    while near := [group for group in rest if group & people]:
        found += near
        rest = [group for group in rest if not group & people]
        people = people.union(*near)
    return found


def exposes(groups: Sequence[Group]) -> bool:
    """Tell whether numbers published about `groups` give away a number about one to four people."""
    classes: dict[str, int] = defaultdict(int)
    for place, group in enumerate(groups):
        for person in group:
            classes[person] |= 1 << place
    atoms = {_places(mark): size for mark, size in Counter(classes.values()).items()}
    small = {atom: size for atom, size in atoms.items() if size < SMALLEST}
    if not small:
        return False
    silent = _combinations_without(len(groups), [atom for atom, size in atoms.items() if size >= SMALLEST])
    columns = list(small)
    rows = [
        {c: total for c, atom in enumerate(columns) if (total := sum(row.get(place, 0) for place in atom))}
        for row in silent
    ]
    return _has_small_union(_reduced(rows), [small[atom] for atom in columns])


def _places(mark: int) -> tuple[int, ...]:
    return tuple(place for place in range(mark.bit_length()) if mark >> place & 1)


def _combinations_without(groups: int, atoms: Sequence[tuple[int, ...]]) -> list[Row]:
    """Return a basis of the combinations of `groups` rows that are zero on all `atoms`."""
    basis: list[Row] = [{place: 1} for place in range(groups)]
    for atom in atoms:
        sums = [sum(row.get(place, 0) for place in atom) for row in basis]
        loud = [number for number, total in enumerate(sums) if total]
        if not loud:
            continue
        pivot = min(loud, key=lambda number: len(basis[number]))
        for number in loud:
            if number != pivot:
                basis[number] = _combined(basis[number], sums[pivot], basis[pivot], -sums[number])
        del basis[pivot]
    return basis


def _combined(one: Row, times: int, other: Row, by: int) -> Row:
    """Return `one` × `times` + `other` × `by`, divided by what its numbers have in common."""
    made = {place: value * times for place, value in one.items()}
    for place, value in other.items():
        made[place] = made.get(place, 0) + value * by
    common = gcd(*made.values()) or 1
    return {place: value // common for place, value in made.items() if value}


def _reduced(rows: Iterable[Row]) -> dict[int, dict[int, Fraction]]:
    """Return the reduced row echelon form: by pivot column, the rest of its row."""
    done: dict[int, Row] = {}
    for row in rows:
        for pivot in [place for place in row if place in done]:
            if pivot in row:
                row = _combined(row, done[pivot][pivot], done[pivot], -row[pivot])
        if not row:
            continue
        pivot = min(row)
        for place, other in done.items():
            if pivot in other:
                done[place] = _combined(other, row[pivot], row, -other[pivot])
        done[pivot] = row
    return {
        pivot: {place: Fraction(value, row[pivot]) for place, value in row.items() if place != pivot}
        for pivot, row in done.items()
    }


def _has_small_union(rows: Mapping[int, Mapping[int, Fraction]], sizes: Sequence[int]) -> bool:
    """Tell whether some rows add up to ones and zeros on columns of fewer than five people together.

    A union has at most four atoms. Rows of its pivots, added up, are one on its other atoms and zero elsewhere. One or two pivots
    are tried in turn; three or four as two halves that meet.
    """
    if any(_is_union(rest, sizes, (pivot,)) for pivot, rest in rows.items()):
        return True
    halves: dict[frozenset[tuple[int, Fraction]], list[tuple[int, ...]]] = defaultdict(list)
    for one, two in combinations(rows, 2):
        if sizes[one] + sizes[two] < SMALLEST:
            total = _added(rows[one], rows[two])
            if _is_union(total, sizes, (one, two)):
                return True
            halves[frozenset(total.items())].append((one, two))
    others: list[tuple[tuple[int, ...], Mapping[int, Fraction]]] = [((pivot,), rest) for pivot, rest in rows.items()]
    others += [((pivot, place), _added(rest, {place: Fraction(-1)})) for pivot, rest in rows.items() for place in rest]
    others += [(pair, dict(total)) for total, pairs in halves.items() for pair in pairs]
    return any(
        len({*pair, *atoms}) == len(pair) + len(atoms) and sum(sizes[a] for a in (*pair, *atoms)) < SMALLEST
        for atoms, rest in others
        for pair in halves.get(frozenset((place, -value) for place, value in rest.items()), ())
    )


def _added(one: Mapping[int, Fraction], other: Mapping[int, Fraction]) -> dict[int, Fraction]:
    made = dict(one)
    for place, value in other.items():
        made[place] = made.get(place, Fraction()) + value
    return {place: value for place, value in made.items() if value}


def _is_union(total: Mapping[int, Fraction], sizes: Sequence[int], pivots: tuple[int, ...]) -> bool:
    return all(value == 1 for value in total.values()) and sum(sizes[a] for a in (*pivots, *total)) < SMALLEST
