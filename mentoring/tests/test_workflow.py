"""When an agreement may move: the table as a matrix, and each guard's reason before and after."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_municipality
from mentoring import workflow
from mentoring.models import Agreement, AgreementChange, MentoringNeed, MentorOffer
from mentoring.workflow import AGREEMENT, BY_HAND, PAIR_RESTS_DAYS

from .factories import make_agreement, make_goal, make_need, make_offer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MATRIX = """
            proposed   awaiting   active     paused     completed  ended      declined   withdrawn
ask_both    awaiting
begin                  active
decline                declined
withdraw    withdrawn  withdrawn
pause                             paused
resume                                       active
complete                          completed
end_early                         ended      ended
"""


def test_the_table_as_a_matrix() -> None:
    states = [str(state) for state in Agreement.State]
    head, *expected = MATRIX.strip("\n").splitlines()
    found = []
    for name, moves in AGREEMENT.matrix().items():
        line = f"{name:12}"
        for state in states:
            line = f"{line:{head.index(state)}}{moves.get(state, '')}"
        found.append(line.rstrip())
    assert (head.split(), found) == (states, [line.rstrip() for line in expected])


def test_an_agreement_begins_by_the_second_acceptance_only() -> None:
    assert set(AGREEMENT.transitions) - set(BY_HAND) == {"begin"}


def test_moves_that_others_read_the_reason_of() -> None:
    assert {move.name for move in AGREEMENT if move.needs_reason} == {"decline", "withdraw", "pause", "end_early"}


# ---- guards


def of_need(**fields: Any) -> Callable[[Agreement], None]:
    return lambda a: MentoringNeed.objects.filter(pk=a.need_id).update(**fields) and None


def of_offer(**fields: Any) -> Callable[[Agreement], None]:
    return lambda a: MentorOffer.objects.filter(pk=a.offer_id).update(**fields) and None


def of_it(**fields: Any) -> Callable[[Agreement], None]:
    return lambda a: Agreement.objects.filter(pk=a.pk).update(**fields) and None


def member_until(day: date) -> Callable[[Agreement], None]:
    return lambda a: a.mentor.memberships.update(until_on=day) and None


def another(state: str) -> Callable[[Agreement], None]:
    """The mentor's only place is asked for, or taken, by somebody else."""
    return lambda a: make_agreement(a.offer, make_need(make_municipality(), "matched"), state) and None


def asked_already(state: str) -> Callable[[Agreement], None]:
    return lambda a: make_agreement(make_offer(make_municipality()), a.need, state) and None


def declined(ago: timedelta) -> Callable[[Agreement], None]:
    def spoil(a: Agreement) -> None:
        earlier = make_agreement(a.offer, make_need(a.mentee, "done"), "declined")
        AgreementChange.objects.filter(agreement=earlier).update(at=timezone.now() - ago)

    return spoil


YEAR = timedelta(days=PAIR_RESTS_DAYS)
NO_NEED = "The municipality no longer looks for a mentor."
NO_OFFER = "The mentor’s offer no longer stands."
NO_MEMBER = "It is not a member at the moment."
FULL = "The mentor accompanies as many municipalities as it can."
ASKED = "Another mentor is asked already: one at a time."
RESTS = "This pair was declined within the last twelve months."
GUARDS = [
    ("proposed", "need_is_open", of_need(state="withdrawn"), NO_NEED),
    ("proposed", "need_is_open", of_need(state="matched"), NO_NEED),
    ("proposed", "mentor_is_a_member", member_until(date(2027, 1, 31)), NO_MEMBER),
    ("proposed", "mentor_is_a_member", member_until(date(2027, 2, 1)), None),
    ("proposed", "offer_stands", of_offer(state="paused"), NO_OFFER),
    ("proposed", "offer_stands", of_offer(until_on=date(2027, 1, 31)), NO_OFFER),
    ("proposed", "offer_stands", of_offer(until_on=date(2027, 2, 1)), None),
    ("proposed", "mentor_has_room", another("active"), FULL),
    ("proposed", "mentor_has_room", another("paused"), FULL),
    ("proposed", "mentor_has_room", another("awaiting"), None),
    ("proposed", "mentor_has_room", another("completed"), None),
    ("proposed", "no_other_is_asked", asked_already("awaiting"), ASKED),
    ("proposed", "no_other_is_asked", asked_already("active"), ASKED),
    ("proposed", "no_other_is_asked", asked_already("proposed"), None),
    ("proposed", "no_other_is_asked", asked_already("declined"), None),
    ("proposed", "pair_has_rested", declined(YEAR - timedelta(days=1)), RESTS),
    ("proposed", "pair_has_rested", declined(YEAR - timedelta(seconds=1)), RESTS),
    ("proposed", "pair_has_rested", declined(YEAR), None),
    ("proposed", "pair_has_rested", declined(YEAR + timedelta(days=1)), None),
    ("active", "both_have_accepted", of_it(mentor_accepted_at=None), "Both municipalities accept first."),
    ("active", "both_have_accepted", of_it(mentee_accepted_at=None), "Both municipalities accept first."),
    ("active", "goals_are_closed", make_goal, "Say of each goal what became of it."),
    ("active", "goals_are_closed", lambda a: make_goal(a, state="dropped") and None, None),
    ("active", "has_a_summary", of_it(summary=" "), "Write down what came of it."),
]


@pytest.mark.parametrize(
    ("state", "guard", "spoil", "reason"), GUARDS, ids=[f"{g[1]}-{n}" for n, g in enumerate(GUARDS)]
)
def test_a_guard_says_why_not_and_else_nothing(
    winnipeg: Any, thunder_bay: Any, state: str, guard: str, spoil: Any, reason: str | None
) -> None:
    ready = make_agreement(winnipeg, thunder_bay, state, summary="A plan was adopted.")
    asked = getattr(workflow, guard)
    assert asked(Agreement.objects.get(pk=ready.pk)) is None
    spoil(ready)
    found = asked(Agreement.objects.get(pk=ready.pk))
    assert (None if found is None else str(found)) == reason


def test_each_guard_of_the_table_is_tried() -> None:
    assert {guard.__name__ for move in AGREEMENT for guard in move.guards} == {guard for _s, guard, _p, _r in GUARDS}


# ---- who moves, and a second click


@pytest.mark.parametrize(
    ("state", "move", "by", "target"),
    [
        ("proposed", "ask_both", "priya", "awaiting"),
        ("awaiting", "decline", "helen", "declined"),
        ("awaiting", "decline", "amina", "declined"),
        ("proposed", "withdraw", "priya", "withdrawn"),
        ("active", "pause", "amina", "paused"),
        ("paused", "resume", "helen", "active"),
        ("active", "complete", "amina", "completed"),
        ("paused", "end_early", "helen", "ended"),
    ],
)
def test_a_move_is_made_once_and_by_who_may(
    request: Any, winnipeg: Any, thunder_bay: Any, helen: Any, rosa: Any, state: str, move: str, by: str, target: str
) -> None:
    agreement = make_agreement(winnipeg, thunder_bay, state, summary="A plan was adopted.")
    user = request.getfixturevalue(by)
    with pytest.raises(PermissionDenied):
        AGREEMENT.apply(agreement, move, by=rosa, note="Because.")
    AGREEMENT.apply(agreement, move, by=user, note="Because.")
    agreement.refresh_from_db()
    last = agreement.changes.last()
    assert last is not None
    assert (agreement.state, last.from_state, last.to_state, last.by_name) == (target, state, target, user.name)
    with pytest.raises(TransitionRefused) as refused:
        AGREEMENT.apply(agreement, move, by=user, note="Because.")
    assert (refused.value.done_already, user.name in str(refused.value)) == (True, True)


def test_a_grave_move_needs_its_reason(winnipeg: Any, thunder_bay: Any, helen: Any) -> None:
    agreement = make_agreement(winnipeg, thunder_bay, asked_at=datetime(2027, 1, 4, tzinfo=UTC))
    with pytest.raises(TransitionRefused, match="Please give a reason"):
        AGREEMENT.apply(agreement, "end_early", by=helen, note="  ")
    agreement.refresh_from_db()
    assert agreement.state == "active"
