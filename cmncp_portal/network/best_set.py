"""The best set of pairs for the whole network: everybody at once, under the places that each candidate has.

Which pairs give the highest sum is the assignment problem; SciPy solves it. 200 seekers and 150 candidates take under a second.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .matching import Candidate, Match, Seeker, left_out, lot, score, told, total, turn

if TYPE_CHECKING:
    import numpy as np


def best_set(seekers: Sequence[Seeker], candidates: Sequence[Candidate], capacities: Mapping[str, int]) -> list[Match]:
    """Return the pairs with the highest sum of points: one for each seeker at most, in the order of `seekers`.

    No candidate gets more than its number in `capacities` (by key). Pairs that are left out, and pairs below zero, are
    never made. Among sets of the same sum the one with more pairs, and then that which the single lists would prefer;
    the order in which seekers and candidates come decides nothing.
    """
    import numpy as np  # here: both take half a second to load, and few processes ever need them
    from scipy.optimize import linear_sum_assignment

    rows = sorted(seekers, key=lambda seeker: lot(seeker.key))
    columns = sorted(candidates, key=lambda candidate: lot(candidate.key))
    most = [min(max(capacities.get(candidate.key, 0), 0), len(rows)) for candidate in columns]
    places = np.array([(at, nth) for at, free in enumerate(most) for nth in range(free)], dtype=int).reshape(-1, 2)
    if not rows or not len(places):
        return []
    points = _points(rows, columns)[:, places[:, 0]]
    # Tenths of points, each of which weighs more than all preferences together; a forbidden pair is worth nothing.
    wanted = _preference(rows, columns)[:, places[:, 0]] / (places[:, 1] + 1)
    worth = np.where(np.isnan(points), 0, np.rint(points * 10) * (len(rows) + 1) + wanted)
    chosen = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    found = {rows[row].key: columns[places[at, 0]] for row, at in chosen if worth[row, at] > 0}
    return [score(seeker, found[seeker.key]) for seeker in seekers if seeker.key in found]


def _points(rows: Sequence[Seeker], columns: Sequence[Candidate]) -> "np.ndarray":
    """Return the points of every pair; no number where a pair may not be made."""
    import numpy as np

    table = np.full((len(rows), len(columns)), np.nan)
    for row, seeker in enumerate(rows):
        for column, candidate in enumerate(columns):
            if left_out(seeker, candidate) is None and (points := total(told(seeker, candidate))) >= 0:
                table[row, column] = points
    return table


def _preference(rows: Sequence[Seeker], columns: Sequence[Candidate]) -> "np.ndarray":
    """Return for every pair how much it is preferred among equals, above 0 up to 1, in the order of `ranked`."""
    import numpy as np

    turns = [turn(candidate) for candidate in columns]
    table = np.empty((len(rows), len(columns)))
    for row, seeker in enumerate(rows):
        order = sorted(range(len(columns)), key=lambda at: (*turns[at], lot(seeker.key, columns[at].key)))
        table[row, order] = 1 - np.arange(len(columns)) / len(columns)
    return table
