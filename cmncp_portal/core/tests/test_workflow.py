"""The table of states: who, when, the lock, and the row that keeps each move. Tried on visits, with a table of its own."""

from collections.abc import Iterator
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pytest
import rules
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.translation import gettext_lazy, override

from cmncp_portal.core.workflow import Offer, Transition, TransitionRefused, Workflow
from exchanges.models import Visit
from exchanges.tests.factories import make_visit

S = Visit.State
MOVE, CLOSE = "core_tests.move", "core_tests.close"


def has_a_telephone(visit: Visit) -> Any:
    return None if visit.emergency_phone else gettext_lazy("Give a telephone number for the day.")


def has_an_address(visit: Visit) -> str | None:
    return None if visit.address else "Say where to arrive."


SUBMIT = Transition("submit", (S.DRAFT,), S.PROPOSED, MOVE, "Send", guards=(has_a_telephone, has_an_address))
ACCEPT = Transition("accept", (S.PROPOSED,), S.ACCEPTED, MOVE, "Accept")
POSTPONE = Transition("postpone", (S.ACCEPTED,), S.ACCEPTED, MOVE, "Postpone", needs_reason=True)
DECLINE = Transition("decline", (S.DRAFT, S.PROPOSED), S.DECLINED, CLOSE, "Decline", needs_reason=True, grave=True)
TABLE = Workflow(SUBMIT, ACCEPT, POSTPONE, DECLINE, history="changes")


@pytest.fixture(autouse=True)
def _permissions() -> Iterator[None]:
    """Amina and Luc may move; only Amina may close."""
    rules.add_perm(MOVE, rules.predicate(lambda user, visit: user.name in ("Amina Diallo", "Luc Tremblay")))
    rules.add_perm(CLOSE, rules.predicate(lambda user, visit: user.name == "Amina Diallo" and visit.state != S.HELD))
    yield
    rules.remove_perm(MOVE)
    rules.remove_perm(CLOSE)


@pytest.fixture
def draft(db: None) -> Visit:
    return make_visit()


@pytest.fixture
def ready(draft: Visit) -> Visit:
    Visit.objects.filter(pk=draft.pk).update(address="510 Main Street", emergency_phone="204-555-0142")
    draft.refresh_from_db()
    return draft


def stored(visit: Visit) -> tuple[str, list[tuple[Any, ...]]]:
    """The state in the database and the history: move, from, to, who, by name, why."""
    rows = visit.changes.values_list("transition", "from_state", "to_state", "by__email", "by_name", "note")
    return Visit.objects.values_list("state", flat=True).get(pk=visit.pk), list(rows)


# ---- it moves ---------------------------------------------------------------------------------------


def test_a_move_is_written_with_who_and_why(ready: Visit, amina: Any) -> None:
    TABLE.apply(ready, "submit", by=amina, note="As agreed by telephone.")
    row = ("submit", "draft", "proposed", "amina@thunderbay.example", "Amina Diallo", "As agreed by telephone.")
    assert stored(ready) == ("proposed", [row])
    assert ready.state == "proposed"


def test_the_portal_itself_asks_nobody(ready: Visit) -> None:
    TABLE.apply(ready, "submit")
    assert stored(ready) == ("proposed", [("submit", "draft", "proposed", None, "", "")])


def test_a_move_may_lead_to_the_state_it_came_from(ready: Visit, amina: Any) -> None:
    for name in ("submit", "accept"):
        TABLE.apply(ready, name, by=amina)
    TABLE.apply(ready, "postpone", by=amina, note="Snow.")
    TABLE.apply(ready, "postpone", by=amina, note="More snow.")
    state, rows = stored(ready)
    assert (state, [(row[0], row[5]) for row in rows[2:]]) == (
        "accepted",
        [("postpone", "Snow."), ("postpone", "More snow.")],
    )


def test_the_history_is_told_in_order_and_outlives_the_account(ready: Visit, amina: Any, luc: Any) -> None:
    TABLE.apply(ready, "submit", by=amina)
    TABLE.apply(ready, "accept", by=luc)
    assert [(c.transition, c.by_name) for c in ready.changes.all()] == [
        ("submit", "Amina Diallo"),
        ("accept", "Luc Tremblay"),
    ]
    first = ready.changes.first()
    type(first).objects.filter(pk=first.pk).update(by=None)
    assert stored(ready)[1][0][3:5] == (None, "Amina Diallo")


def test_other_fields_of_the_thing_in_hand_are_not_saved(ready: Visit, amina: Any) -> None:
    ready.address = "typed, not saved"
    TABLE.apply(ready, "submit", by=amina)
    assert Visit.objects.get(pk=ready.pk).address == "510 Main Street"


# ---- who --------------------------------------------------------------------------------------------


def test_whoever_has_no_permission_is_denied_whatever_the_moment(ready: Visit, rosa: Any) -> None:
    for name in ("submit", "accept", "decline"):
        with pytest.raises(PermissionDenied):
            TABLE.apply(ready, name, by=rosa, note="Because.")
    assert stored(ready) == ("draft", [])


def test_the_permission_is_asked_of_the_row_as_it_stands_now(ready: Visit, amina: Any) -> None:
    old = Visit.objects.get(pk=ready.pk)
    Visit.objects.filter(pk=ready.pk).update(
        state=S.HELD, held_at="2026-11-18T12:00Z", starts_on="2026-11-17", ends_on="2026-11-18"
    )
    assert old.state == "draft"
    with pytest.raises(PermissionDenied):
        TABLE.apply(old, "decline", by=amina, note="Because.")


# ---- when -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "language", "reason"),
    [
        ({}, "en", "Give a telephone number for the day."),
        ({}, "fr", "Indiquez un numéro de téléphone pour le jour de la visite."),
        ({"emergency_phone": "204-555-0142"}, "fr", "Say where to arrive."),
    ],
    ids=["first guard", "first guard in French", "second guard, which has but one language"],
)
def test_a_guard_refuses_with_its_reason(
    draft: Visit, amina: Any, fields: dict[str, Any], language: str, reason: str
) -> None:
    if fields:
        Visit.objects.filter(pk=draft.pk).update(**fields)
    with pytest.raises(TransitionRefused) as refused:
        TABLE.apply(draft, "submit", by=amina)
    with override(language):
        assert (str(refused.value), refused.value.done_already) == (reason, False)
    assert stored(draft) == ("draft", [])


def test_guards_look_at_the_row_as_it_stands_now(ready: Visit, amina: Any) -> None:
    Visit.objects.filter(pk=ready.pk).update(address="")
    assert ready.address == "510 Main Street"
    with pytest.raises(TransitionRefused, match="Say where to arrive."):
        TABLE.apply(ready, "submit", by=amina)


def test_the_portal_may_pass_the_guards_but_not_the_order(draft: Visit) -> None:
    with pytest.raises(TransitionRefused, match="This is not possible while it is “Draft”."):
        TABLE.apply(draft, "accept", guarded=False)
    TABLE.apply(draft, "submit", guarded=False)
    assert stored(draft)[0] == "proposed"


@pytest.mark.parametrize(
    ("language", "reason"),
    [
        ("en", "This is not possible while it is “Draft”."),
        ("fr", "L’état actuel, «\u00a0Brouillon\u00a0», ne le permet pas."),
    ],
)
def test_the_wrong_moment_is_named(ready: Visit, amina: Any, language: str, reason: str) -> None:
    with override(language), pytest.raises(TransitionRefused) as refused:
        TABLE.apply(ready, "accept", by=amina)
    assert (str(refused.value), refused.value.done_already) == (reason, False)


@pytest.mark.parametrize("note", ["", "   ", "\n\t"])
def test_a_grave_move_needs_a_reason(ready: Visit, amina: Any, note: str) -> None:
    with pytest.raises(TransitionRefused, match="Please give a reason; the others will read it."):
        TABLE.apply(ready, "decline", by=amina, note=note)
    assert stored(ready) == ("draft", [])
    TABLE.apply(ready, "decline", by=amina, note="Nobody is free.")
    assert stored(ready)[0] == "declined"


def test_a_refused_move_leaves_the_callers_transaction_whole(ready: Visit, amina: Any) -> None:
    with transaction.atomic():
        with pytest.raises(TransitionRefused):
            TABLE.apply(ready, "accept", by=amina)
        TABLE.apply(ready, "submit", by=amina)
    assert stored(ready)[0] == "proposed"


def test_an_unknown_move_is_a_mistake_of_the_programme(ready: Visit, amina: Any) -> None:
    with pytest.raises(KeyError):
        TABLE.apply(ready, "fly", by=amina)


# ---- twice ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "answer"),
    [
        ("en", "Already done by Luc Tremblay: it is “Requested”."),
        ("fr", "Déjà fait par Luc Tremblay\u00a0: l’état est maintenant «\u00a0Demandée\u00a0»."),
    ],
)
def test_a_second_click_hears_who_was_first(ready: Visit, amina: Any, luc: Any, language: str, answer: str) -> None:
    TABLE.apply(ready, "submit", by=luc)
    with override(language), pytest.raises(TransitionRefused) as refused:
        TABLE.apply(ready, "submit", by=amina)
    assert (str(refused.value), refused.value.done_already) == (answer, True)
    assert [row[0] for row in stored(ready)[1]] == ["submit"]


def test_a_second_click_after_the_portal_acted(ready: Visit, amina: Any) -> None:
    TABLE.apply(ready, "submit")
    with pytest.raises(TransitionRefused, match="Already done by the portal: it is “Requested”."):
        TABLE.apply(ready, "submit", by=amina)


def test_the_last_one_who_did_it_is_named(ready: Visit, amina: Any, luc: Any) -> None:
    TABLE.apply(ready, "submit", by=luc)
    Visit.objects.filter(pk=ready.pk).update(state=S.DRAFT)
    TABLE.apply(ready, "submit", by=amina)
    with pytest.raises(TransitionRefused, match="Already done by Amina Diallo"):
        TABLE.apply(ready, "submit", by=luc)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_moves_and_the_other_hears_who(amina: Any, luc: Any) -> None:
    visit = make_visit(stage="requested")
    heard: list[Any] = []

    def second() -> None:
        try:
            heard.append(TABLE.apply(Visit.objects.get(pk=visit.pk), "accept", by=luc))
        except Exception as problem:
            heard.append(problem)
        finally:
            connection.close()

    late = Thread(target=second)
    with transaction.atomic():
        TABLE.apply(visit, "accept", by=amina)
        late.start()
        _until_somebody_waits_for_a_lock()
        assert heard == []
    late.join(20)
    assert [(type(one), str(one), one.done_already) for one in heard] == [
        (TransitionRefused, "Already done by Amina Diallo: it is “Accepted”.", True)
    ]
    assert list(visit.changes.filter(transition="accept").values_list("by_name", flat=True)) == ["Amina Diallo"]


def _until_somebody_waits_for_a_lock() -> None:
    end = monotonic() + 20
    with connection.cursor() as cursor:
        while monotonic() < end:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            sleep(0.02)
    raise AssertionError("nobody waited: the row was not locked")


# ---- what a page shows ------------------------------------------------------------------------------


def offers(user: Any, visit: Visit) -> list[tuple[str, str | None]]:
    return [(o.transition.name, o.reason and str(o.reason)) for o in TABLE.offered_to(user, visit)]


def test_offers_are_the_moves_of_the_moment_with_the_reason_of_each_blocked_one(draft: Visit, amina: Any) -> None:
    assert offers(amina, draft) == [("submit", "Give a telephone number for the day."), ("decline", None)]


def test_offers_of_one_who_may_less(ready: Visit, luc: Any, rosa: Any) -> None:
    assert TABLE.offered_to(luc, ready) == [Offer(SUBMIT, None)]
    assert TABLE.offered_to(rosa, ready) == []


def test_offers_change_with_the_state(ready: Visit, amina: Any) -> None:
    TABLE.apply(ready, "submit", by=amina)
    assert offers(amina, ready) == [("accept", None), ("decline", None)]
    TABLE.apply(ready, "accept", by=amina)
    assert offers(amina, ready) == [("postpone", None)]


def test_the_page_and_the_service_give_the_same_reason(draft: Visit, amina: Any) -> None:
    with pytest.raises(TransitionRefused) as refused:
        TABLE.apply(draft, "submit", by=amina)
    assert str(refused.value) == str(TABLE.offered_to(amina, draft)[0].reason) == str(SUBMIT.refusal(draft))


def test_the_table_reads_as_a_matrix() -> None:
    assert TABLE.matrix() == {
        "submit": {"draft": "proposed"},
        "accept": {"proposed": "accepted"},
        "postpone": {"accepted": "accepted"},
        "decline": {"draft": "declined", "proposed": "declined"},
    }
    assert [move.name for move in TABLE] == ["submit", "accept", "postpone", "decline"]
    assert TABLE["accept"] is ACCEPT
