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
from functools import cached_property
from itertools import combinations, product
from math import gcd
from typing import Any

from .indicators.base import Cell, Figure

SMALLEST = 5  # people; a group of fewer is never published
_PRIME, _BASE = (1 << 61) - 1, 37  # marks of columns are powers of the base modulo the prime
EXCLUDED = "excluded"  # dimension of the group that was left out of a figure
Published = Mapping[str, Sequence[Mapping[str, Any]]]  # `Snapshot.cells`
Group = frozenset[str]
Row = dict[int, int]  # a combination of groups: by the place of the group, how often it is added
Atom = tuple[int, ...]  # the places of the groups that it is in


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
    marks: dict[str, int] = defaultdict(int)
    for place, group in enumerate(groups):
        for person in group:
            marks[person] |= 1 << place
    sizes = Counter(marks.values())
    small = [mark for mark, size in sizes.items() if size < SMALLEST]
    if not small:
        return False
    basis: list[Row] = [{place: 1} for place in range(len(groups))]
    silent, _used = _eliminated(basis, [_places(mark) for mark, size in sizes.items() if size >= SMALLEST])
    return _Combinations(silent, [_places(mark) for mark in small], [sizes[mark] for mark in small]).has_small_union()


def _places(mark: int) -> Atom:
    return tuple(place for place in range(mark.bit_length()) if mark >> place & 1)


def _at(row: Row, atom: Iterable[int]) -> int:
    return sum(row.get(place, 0) for place in atom)


def _eliminated(basis: list[Row], atoms: Sequence[Atom]) -> tuple[list[Row], list[tuple[int, Row]]]:
    """Return a basis of the combinations that are zero on all `atoms`, and those that were used up, each with its atom's number.

    A combination that was used up is zero on the atoms of those before it.
    """
    rest, used = list(basis), []
    for number, atom in enumerate(atoms):
        sums = [_at(row, atom) for row in rest]
        loud = [n for n, total in enumerate(sums) if total]
        if not loud:
            continue
        pivot = min(loud, key=lambda n: len(rest[n]))
        for n in loud:
            if n != pivot:
                rest[n] = _combined(rest[n], sums[pivot], rest[pivot], -sums[n])
        used.append((number, rest.pop(pivot)))
    return rest, used


def _combined(one: Row, times: int, other: Row, by: int) -> Row:
    """Return `one` × `times` + `other` × `by`, divided by what its numbers have in common."""
    made = {place: value * times for place, value in one.items()}
    for place, value in other.items():
        made[place] = made.get(place, 0) + value * by
    common = gcd(*made.values()) or 1
    return {place: value // common for place, value in made.items() if value}


class _Combinations:
    """The combinations of groups that are zero on all large atoms, as seen on the small ones, in reduced row echelon form.

    `rows` has one for each pivot: it is one on its pivot and zero on the other pivots, once divided by its `heads`. A union of
    atoms is a combination if and only if the rows of its pivots add up to one on its other atoms, and to zero elsewhere.
    """

    def __init__(self, silent: list[Row], atoms: list[Atom], sizes: list[int]) -> None:
        self.atoms, self.sizes = atoms, sizes
        self.rows: dict[int, Row] = {}
        for number, row in reversed(_eliminated(silent, atoms)[1]):
            for later, other in self.rows.items():
                if value := _at(row, atoms[later]):
                    row = _combined(row, _at(other, atoms[later]), other, -value)
            self.rows[number] = row
        self.heads = {number: _at(row, atoms[number]) for number, row in self.rows.items()}
        self.free = [number for number in range(len(atoms)) if number not in self.rows]

    def has_small_union(self) -> bool:
        """Tell whether a union of atoms with one to four people, so at most four atoms, is a combination."""
        return bool(self.rows) and (any(map(self._stands_alone, self.rows)) or self._halves_meet())

    def _stands_alone(self, pivot: int) -> bool:
        """Tell whether this pivot's row is such a union: then its numbers on the other atoms are at most three ones."""
        row, head = self.rows[pivot], self.heads[pivot]
        whole = Fraction(sum(value * self._weights.get(place, 0) for place, value in row.items()), head)
        if not 0 <= whole < SMALLEST - 1 or whole.denominator > 1:
            return False
        others = [number for number in self.free if _at(row, self.atoms[number])]
        return len(others) == whole and self._is_union((pivot, *others))

    @cached_property
    def _weights(self) -> Row:
        return Counter(place for number in self.free for place in self.atoms[number])

    def _halves_meet(self) -> bool:
        """Two or more pivots: a union is two halves of at most two atoms with a pivot in each pair.

        Every atom has a mark, so that the marks of a union add up to zero modulo a prime. What adds up to zero is then tried.
        """
        marks = self._marks()
        halves: dict[int, list[tuple[int, ...]]] = defaultdict(list)
        halves[0].append(())
        for atom, mark in marks.items():
            halves[mark].append((atom,))
        for one, two in [*combinations(self.rows, 2), *product(self.rows, self.free)]:
            if self.sizes[one] + self.sizes[two] < SMALLEST:
                halves[(marks[one] + marks[two]) % _PRIME].append((one, two))
        return any(
            self._is_union((*half, *other))
            for mark, known in halves.items()
            for other in halves.get(-mark % _PRIME, ())
            for half in known
        )

    def _marks(self) -> dict[int, int]:
        marks = {number: -pow(_BASE, number + 1, _PRIME) % _PRIME for number in self.free}
        places: dict[int, int] = defaultdict(int)
        for number in self.free:
            for place in self.atoms[number]:
                places[place] -= marks[number]
        for pivot, row in self.rows.items():
            total = sum(value * places[place] for place, value in row.items())
            marks[pivot] = total * pow(self.heads[pivot], -1, _PRIME) % _PRIME
        return marks

    def _is_union(self, union: tuple[int, ...]) -> bool:
        """Tell whether exactly these atoms are a combination, and one to four people."""
        if len(set(union)) < len(union) or not 0 < sum(self.sizes[number] for number in union) < SMALLEST:
            return False
        pivots = [number for number in union if number in self.rows]
        return all(
            sum(Fraction(_at(self.rows[pivot], self.atoms[number]), self.heads[pivot]) for pivot in pivots)
            == (number in union)
            for number in self.free
        )
