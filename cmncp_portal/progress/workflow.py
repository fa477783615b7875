"""When a stage is reached, and how far a commitment may be said to be: the one place that says so."""

from collections.abc import Collection, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cmncp_portal.network.stages import Stage

from .models import CheckAnswer, Commitment

Reason = str | Promise

V = CheckAnswer.Value
MOST_PARTLY = 1  # checks of a stage that may be met in part only


def is_reached(values: Collection[str]) -> bool:
    """Tell whether a stage is reached whose checks are answered with `values` ("" for one without an answer).

    None is missing or "no", and at most one is "partly". A stage without checks is not reached by them.
    """
    partly = sum(value == V.PARTLY for value in values)
    return bool(values) and all(value in (V.YES, V.PARTLY) for value in values) and partly <= MOST_PARTLY


def stage_by_checks(values: Mapping[int, Collection[str]]) -> Stage:
    """Return the highest stage that is reached with all those below it, from the answers by stage; else the first, 0."""
    found = Stage.INTERESTED
    for stage in list(Stage)[1:]:
        if not is_reached(values.get(stage, ())):
            break
        found = stage
    return found


# ---- commitments

S = Commitment.State
ENDED = (S.DONE, S.ABANDONED)
# How far a commitment may be said to be next. None: a word may do; "why": a sentence says why. What is not here is refused.
MOVES: dict[str, dict[str, str | None]] = {
    S.PLANNED: {S.PLANNED: None, S.STARTED: None, S.DONE: None, S.ABANDONED: "why"},
    S.STARTED: {S.PLANNED: "why", S.STARTED: None, S.DONE: None, S.ABANDONED: "why"},
    S.DONE: {S.PLANNED: "why", S.STARTED: "why", S.DONE: None},
    S.ABANDONED: {S.PLANNED: "why", S.STARTED: "why", S.DONE: "why", S.ABANDONED: "why"},
}
MONTHS = (3, 6)  # after the day on which it was made, its owner is asked how far it is


def next_states(state: str) -> list[S]:
    """Return what may be said of a commitment that is in `state`, in the order of the states."""
    return [one for one in S if one in MOVES[state]]


def move_refusal(before: str, after: str, note: str) -> Reason | None:
    """Return why a commitment cannot go from `before` to `after` with `note`, or None when it can."""
    if after not in MOVES[before]:
        return _("What is done cannot be abandoned. If it is not done after all, say first how far it is.")
    if MOVES[before][after] is None or note.strip():
        return None
    if after == S.ABANDONED:
        return _("Say why it is abandoned; others learn from it.")
    if before in ENDED:
        return _("Say why it is taken up again.")
    return _("Say why it is not started after all.")
