"""How far a commitment may be said to be: the table as a matrix, and each reason."""

import pytest

from cmncp_portal.progress.models import Commitment
from cmncp_portal.progress.workflow import MOVES, move_refusal, next_states

# Down what it is, across what is said: "yes", "why" when a sentence says why, "." never.
MATRIX = """
           planned  started  done     abandoned
planned    yes      yes      yes      why
started    why      yes      yes      why
done       why      why      yes      .
abandoned  why      why      why      why
"""


def test_the_table_as_a_matrix() -> None:
    states = [str(state) for state in Commitment.State]
    head, *lines = MATRIX.strip("\n").splitlines()
    assert head.split() == states
    for line in lines:
        before, *cells = line.split()
        for after, cell in zip(states, cells, strict=True):
            plain, reasoned = move_refusal(before, after, "  ") is None, move_refusal(before, after, "So it is") is None
            assert (before, after, plain, reasoned) == (before, after, cell == "yes", cell != ".")


def test_every_state_is_in_it() -> None:
    assert list(MOVES) == list(Commitment.State)
    assert next_states("done") == ["planned", "started", "done"]
    assert next_states("planned") == list(Commitment.State)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("started", "abandoned", "Say why it is abandoned; others learn from it."),
        ("abandoned", "abandoned", "Say why it is abandoned; others learn from it."),
        ("done", "started", "Say why it is taken up again."),
        ("abandoned", "done", "Say why it is taken up again."),
        ("started", "planned", "Say why it is not started after all."),
        (
            "done",
            "abandoned",
            "What is done cannot be abandoned. If it is not done after all, say first how far it is.",
        ),
    ],
)
def test_each_refusal_says_why(before: str, after: str, reason: str) -> None:
    assert str(move_refusal(before, after, "")) == reason
