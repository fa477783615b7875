"""Twenty people press the same button at once; two save the same thing at once. Real threads, real connections."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_municipality, make_representative
from cmncp_portal.notifications import services as letters
from cmncp_portal.notifications.models import Message
from exchanges import services
from exchanges.models import Confirmation, Exchange, Stop, Visit, VisitEvaluation

from .factories import instruments, make_exchange, make_stop, read

TWENTY = 20


def at_once(act: Callable[[int], Any], count: int = TWENTY) -> Counter[str]:
    """Do `act` in `count` threads with a connection each, all starting together; count what became of them."""
    start = Barrier(count)

    def one(number: int) -> str:
        try:
            start.wait(timeout=30)
            act(number)
        except TransitionRefused as refused:
            return "done already" if refused.done_already else f"refused: {refused}"
        except Conflict:
            return "conflict"
        finally:
            connections.close_all()
        return "moved"

    with ThreadPoolExecutor(count) as pool:
        return Counter(pool.map(one, range(count)))


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters stay in the outbox: this is about what is written into it."""
    monkeypatch.setattr(letters, "_hand_over", lambda pks: None)


def _places() -> tuple[Municipality, Any, Municipality, Any]:
    guest, host = make_municipality("thunder-bay"), make_municipality("winnipeg", time_zone="America/Winnipeg")
    return (
        guest,
        make_representative(guest, "amina@thunderbay.example"),
        host,
        make_representative(host, "helen@winnipeg.example"),
    )


def _fresh(user: Any) -> Any:
    return type(user).objects.get(pk=user.pk)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_broker")
def test_the_same_button_pressed_twenty_times_at_once_moves_the_state_once() -> None:
    guest, amina, host, helen = _places()
    instruments()
    asked = make_exchange(guest, host, stage="requested").first_visit
    window = asked.windows.first()
    planned = make_exchange(guest, host, stage="planned").first_visit
    Confirmation.objects.create(visit=planned, side="visitors", plan_version=1, by_name="Amina")
    yesterday = timezone.localdate() - timedelta(days=1)
    ended = make_exchange(guest, host, stage="confirmed", starts_on=yesterday, ends_on=yesterday).first_visit
    evaluated = make_exchange(guest, host, stage="evaluated")
    spring = [(timezone.localdate() + timedelta(days=90), timezone.localdate() + timedelta(days=91))]
    buttons: dict[str, Callable[[int], Any]] = {
        "accept": lambda _n: services.accept_window(read(asked), window=window, by=_fresh(helen)),
        "confirm": lambda _n: services.confirm(read(planned), side="hosts", by=_fresh(helen), seen_plan=1),
        "record_held": lambda _n: services.record_held(read(ended), by=_fresh(amina), attendance={}),
        "propose_return": lambda _n: services.propose_return(
            Exchange.objects.get(pk=evaluated.pk), windows=spring, by=_fresh(amina)
        ),
    }

    found = {name: at_once(press) for name, press in buttons.items()}

    assert found == {name: Counter({"moved": 1, "done already": TWENTY - 1}) for name in buttons}
    moves = {
        name: visit.changes.filter(transition=name).count()
        for name, visit in (("accept", asked), ("confirm", planned), ("record_held", ended))
    }
    assert moves == {"accept": 1, "confirm": 1, "record_held": 1}
    assert Confirmation.objects.filter(visit=planned).count() == 2
    assert VisitEvaluation.objects.filter(visit=ended).count() == 2
    assert evaluated.visits.count() == 2
    once = Counter(
        Message.objects.filter(kind__in=["exchanges.accepted", "exchanges.return_proposed"]).values_list(
            "kind", flat=True
        )
    )
    assert once == {"exchanges.accepted": 2, "exchanges.return_proposed": 1}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_broker")
def test_many_save_the_same_thing_at_once_and_one_wins_the_others_keep_their_text() -> None:
    guest, amina, host, helen = _places()
    planned = make_exchange(guest, host, stage="planned").first_visit
    draft = make_exchange(guest, host, stage="draft")
    stop = make_stop(planned, title="Council")
    people = (amina, helen)

    def keep_plan(number: int) -> None:
        services.keep_practical(read(planned), seen=1, by=_fresh(people[number % 2]), transport=f"Text {number}")

    def keep_stop(number: int) -> None:
        services.keep_stop(
            Stop.objects.select_related("visit").get(pk=stop.pk),
            seen=1,
            by=_fresh(people[number % 2]),
            title=f"Text {number}",
        )

    def keep_draft(number: int) -> None:
        services.keep_request(
            Exchange.objects.get(pk=draft.pk), seen=1, by=_fresh(amina), fields={"interests": f"Text {number}"}, topics=[], programmes=[],
            objectives=[f"Objective {number}"], preferred_hosts=[], windows=[(date(2030, 1, 7), date(2030, 1, 8))],
        )  # fmt: skip

    found = [at_once(act, 6) for act in (keep_plan, keep_stop, keep_draft)]

    assert found == [Counter({"moved": 1, "conflict": 5})] * 3
    saved = Exchange.objects.get(pk=draft.pk)
    assert (Visit.objects.get(pk=planned.pk).version, Stop.objects.get(pk=stop.pk).version, saved.version) == (2, 2, 2)
    assert [o.text for o in saved.objectives.all()] == [saved.interests.replace("Text", "Objective")]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_broker")
def test_one_side_confirms_while_the_other_moves_the_visit() -> None:
    """Whoever comes second is told that the plan changed; never is a plan confirmed that one side did not see."""
    guest, amina, host, helen = _places()
    planned = make_exchange(guest, host, stage="planned").first_visit
    Confirmation.objects.create(visit=planned, side="visitors", plan_version=1, by_name="Amina")
    assert planned.starts_on
    assert planned.ends_on
    later = (planned.starts_on + timedelta(days=7), planned.ends_on + timedelta(days=7))

    def act(number: int) -> None:
        if number:
            services.confirm(read(planned), side="hosts", by=_fresh(helen), seen_plan=1)
        else:
            services.set_dates(
                read(planned), starts_on=later[0], ends_on=later[1], by=_fresh(amina), seen_plan=1, word="Snow"
            )

    at_once(act, 2)
    now = read(planned)
    assert (now.state, now.starts_on, now.plan_version) == ("accepted", later[0], 2)
    assert [now.confirmed_by(side) for side in ("visitors", "hosts")] == [None, None]
