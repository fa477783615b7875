"""Both sides on one page: stops, practical sheet, documents; small changes collected, large ones confirmed again."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from exchanges import services
from exchanges.models import Confirmation, PlanChange, Side, Stop, Visit
from exchanges.services import sweeping

from .factories import make_stop, read
from .mailbag import event, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

NINE, TEN, ELEVEN, NOON = time(9), time(10), time(11), time(12)


def stored(stop: Stop) -> Stop:
    return Stop.objects.select_related("visit").get(pk=stop.pk)


def untold(visit: Visit) -> list[str]:
    return [c.text_en for c in PlanChange.objects.filter(visit=visit, told_at=None)]


def propose(visit: Visit, by: Any, **fields: Any) -> Stop:
    return services.add_stop(
        visit,
        by=by,
        **({"day": 1, "starts_at": TEN, "ends_at": ELEVEN, "title": "Meet the chief", "kind": "meeting"} | fields),
    )


def test_a_stop_is_proposed_by_one_side_and_agreed_by_the_other(visit: Any, joseph: Any, henry: Any) -> None:
    accepted = visit("accepted")
    stop = propose(accepted, joseph, objectives=accepted.exchange.objectives.all()[:1])
    assert (stop.proposed_by, stop.status, stop.objectives.count()) == ("visitors", "proposed", 1)
    with pytest.raises(TransitionRefused, match="Your own side proposed this stop: the other side agrees to it."):
        services.agree_stop(stop, by=joseph)
    services.agree_stop(stop, by=henry)
    assert stored(stop).status == "agreed"


@pytest.mark.parametrize("who", ["rosa", "rene", "uma"])
def test_strangers_plan_nothing(who: str, visit: Any, request: pytest.FixtureRequest) -> None:
    accepted, by = visit("planned"), request.getfixturevalue(who)
    stop = accepted.stops.first()
    acts = [
        lambda: propose(accepted, by),
        lambda: services.keep_stop(stop, seen=1, by=by, title="Mine"),
        lambda: services.agree_stop(stop, by=by),
        lambda: services.drop_stop(stop, by=by),
        lambda: services.move_stop(stop, earlier=True, by=by),
        lambda: services.keep_practical(accepted, seen=1, by=by, address="Here"),
        lambda: services.add_document(accepted, by=by, title="A", language="en", file=ContentFile(b"a", "a.pdf")),
    ]
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()


def test_a_changed_time_is_agreed_again_even_when_a_form_wrote_on_the_stop(visit: Any, joseph: Any) -> None:
    """Regression: a model form had written the new time onto the stop, so that nothing seemed to move."""
    stop = visit("planned").stops.first()
    stop.starts_at = TEN  # what a form does before the service is called
    services.keep_stop(stop, seen=1, by=joseph, starts_at=TEN)
    assert (stored(stop).status, stored(stop).proposed_by, stored(stop).starts_at) == ("proposed", "visitors", TEN)


def test_a_new_title_stays_agreed_and_objectives_stay(visit: Any, joseph: Any) -> None:
    """Regression: leaving the objectives out emptied them."""
    stop = visit("planned").stops.get(day=1)
    services.keep_stop(stop, seen=1, by=joseph, title="Main Street Project")
    assert (stored(stop).status, stored(stop).title, stored(stop).objectives.count(), stored(stop).version) == (
        "agreed",
        "Main Street Project",
        2,
        2,
    )
    services.keep_stop(stored(stop), seen=2, by=joseph, objectives=[])
    assert stored(stop).objectives.count() == 0


def test_two_people_change_a_stop_and_the_second_sees_the_first(visit: Any, joseph: Any, henry: Any) -> None:
    stop = visit("planned").stops.first()
    services.keep_stop(stored(stop), seen=1, by=henry, title="Thunderbird House", notes="Bring tobacco")
    with pytest.raises(Conflict) as conflict:
        services.keep_stop(stored(stop), seen=1, by=joseph, title="Main Street Project")
    assert (conflict.value.current.title, stored(stop).title, stored(stop).notes) == (
        "Thunderbird House",
        "Thunderbird House",
        "Bring tobacco",
    )


def test_stops_change_places_with_their_lengths_kept(visit: Any, henry: Any) -> None:
    accepted = visit("accepted")
    first = make_stop(accepted, starts_at=NINE, ends_at=TEN)
    second = make_stop(accepted, starts_at=time(10, 30), ends_at=NOON)
    services.move_stop(stored(second), earlier=True, by=henry)
    assert [(s.pk, s.starts_at, s.ends_at) for s in read(accepted).stops.all()] == [
        (second.pk, NINE, time(10, 30)),
        (first.pk, ELEVEN, NOON),
    ]
    services.move_stop(stored(first), earlier=True, by=henry)
    assert [s.pk for s in read(accepted).stops.all()] == [first.pk, second.pk]
    before = list(read(accepted).stops.values_list("pk", "starts_at"))
    services.move_stop(stored(first), earlier=True, by=henry)  # it is the first already
    services.move_stop(stored(second), earlier=False, by=henry)
    services.drop_stop(stored(second), by=henry)
    services.move_stop(stored(second), earlier=True, by=henry)  # off the programme
    assert list(read(accepted).stops.values_list("pk", "starts_at")) == before


def test_late_stops_do_not_pass_midnight(visit: Any, henry: Any) -> None:
    accepted = visit("accepted")
    long = make_stop(accepted, starts_at=time(12), ends_at=time(23))
    make_stop(accepted, starts_at=time(22, 30), ends_at=time(23, 45))
    services.move_stop(stored(long), earlier=False, by=henry)
    assert stored(long).ends_at <= time(23, 59)
    assert stored(long).starts_at < stored(long).ends_at


@pytest.mark.parametrize("stage", ["draft", "held"])
def test_the_plan_is_open_from_the_request_until_the_visit(stage: str, visit: Any, amina: Any) -> None:
    with pytest.raises((PermissionDenied, TransitionRefused)):
        propose(visit(stage), amina)


def test_small_changes_of_a_confirmed_plan_make_one_letter_half_an_hour_later(
    clock: Any, visit: Any, henry: Any, joseph: Any
) -> None:
    confirmed = visit("confirmed")
    stop = confirmed.stops.first()
    services.keep_stop(stored(stop), seen=1, by=henry, title="Thunderbird House")
    clock.shift(timedelta(minutes=20))
    services.keep_practical(confirmed, seen=confirmed.version, by=henry, lodging="Inn at the Forks")
    clock.shift(timedelta(minutes=29))
    assert sweeping.tell_changes() == 0
    clock.shift(timedelta(minutes=1))
    assert sweeping.tell_changes() == confirmed.team.filter(status="accepted").count()
    assert sweeping.tell_changes() == 0
    assert to("programme_updated") == sorted(m.email for m in confirmed.team.filter(status="accepted"))
    letter = written("programme_updated")[0]
    assert [
        line for line in ("Changed: Thunderbird House (9:00\xa0a.m.)", "Practical details") if line not in letter.text
    ] == []
    assert (event(letter)["method"], event(letter)["sequence"], read(confirmed).sequence) == ("REQUEST", 2, 2)
    assert (read(confirmed).state, read(confirmed).plan_version) == ("confirmed", 1)


def test_a_stop_belongs_to_the_programme_once_both_sides_agreed(visit: Any, henry: Any, joseph: Any) -> None:
    """Regression: a stop that one side had only proposed was announced to everyone."""
    confirmed = visit("confirmed")
    stop = propose(confirmed, henry)
    services.keep_stop(stored(stop), seen=1, by=henry, title="Meet the chief of police")
    assert untold(confirmed) == []
    services.agree_stop(stored(stop), by=joseph)
    services.agree_stop(stored(stop), by=joseph)
    assert untold(confirmed) == ["New: Meet the chief of police (10:00\xa0a.m.)"]
    other = propose(confirmed, henry, title="Never agreed")
    services.drop_stop(other, by=henry)
    services.drop_stop(stored(stop), by=henry)
    services.drop_stop(stored(stop), by=henry)
    assert untold(confirmed)[1:] == ["Dropped: Meet the chief of police (10:00\xa0a.m.)"]


def test_before_confirmation_nobody_needs_a_letter_about_stops(visit: Any, henry: Any, joseph: Any) -> None:
    planned = visit("planned")
    services.agree_stop(propose(planned, henry), by=joseph)
    services.drop_stop(planned.stops.first(), by=henry)
    assert (PlanChange.objects.count(), written()) == (0, [])


def test_dropping_the_meeting_with_council_asks_both_sides_again(visit: Any, helen: Any, henry: Any) -> None:
    confirmed = visit("confirmed")
    council = make_stop(confirmed, kind=Stop.Kind.COUNCIL, title="Council", starts_at=ELEVEN, ends_at=NOON)
    with pytest.raises(PermissionDenied):
        services.drop_stop(stored(council), by=henry)
    assert stored(council).status == "agreed"
    services.drop_stop(stored(council), by=helen, word="No quorum")
    assert (read(confirmed).state, [read(confirmed).confirmed_by(s) for s in Side]) == ("accepted", [None, None])
    assert "Dropped: Council (11:00\xa0a.m.)" in written("changed")[0].text


def test_a_new_place_of_arrival_asks_both_sides_again(visit: Any, helen: Any) -> None:
    confirmed = visit("confirmed")
    services.keep_practical(
        confirmed,
        seen=confirmed.version,
        by=helen,
        word="Renovation",
        address="65 Garry Street",
        emergency_phone="204-555-0142",
    )
    assert (read(confirmed).state, read(confirmed).address) == ("accepted", "65 Garry Street")
    assert "Where to arrive: 510 Main Street → 65 Garry Street" in written("changed")[0].text


def test_a_new_link_is_not_called_a_place(visit: Any, helen: Any) -> None:
    confirmed = visit("confirmed")
    services.keep_practical(
        confirmed, seen=confirmed.version, by=helen, address="510 Main Street", join_link="https://meet.example/1"
    )
    assert "A new link to take part online" in written("changed")[0].text


def test_a_new_place_undoes_the_one_confirmation_there_is(visit: Any, henry: Any) -> None:
    """Regression: the other side confirmed a place that the first had never seen."""
    planned = visit("planned")
    Confirmation.objects.create(visit=planned, side=Side.VISITORS, plan_version=1, by_name="Amina")
    services.keep_practical(planned, seen=planned.version, by=henry, address="65 Garry Street")
    assert read(planned).confirmed_by(Side.VISITORS) is None
    assert to("changed") == ["amina@thunderbay.example", "helen@winnipeg.example"]


def test_two_people_save_the_practical_sheet_and_nothing_is_lost(visit: Any, henry: Any, joseph: Any) -> None:
    planned = visit("planned")
    services.keep_practical(read(planned), seen=1, by=henry, transport="The city’s bus", lodging="")
    with pytest.raises(Conflict) as conflict:
        services.keep_practical(read(planned), seen=1, by=joseph, transport="Taxis", lodging="")
    assert (conflict.value.current.transport, read(planned).transport) == ("The city’s bus", "The city’s bus")
    services.keep_practical(read(planned), seen=2, by=joseph, transport="The city’s bus; taxis at night", lodging="")
    assert read(planned).transport == "The city’s bus; taxis at night"


def test_saving_the_same_again_is_nothing(visit: Any, henry: Any) -> None:
    confirmed = visit("confirmed")
    services.keep_practical(confirmed, seen=99, by=henry, address="510 Main Street")
    assert (read(confirmed).version, untold(confirmed)) == (confirmed.version, [])


def test_documents_go_with_the_side_that_added_them(
    visit: Any,
    henry: Any,
    joseph: Any,
    priya: Any,
    settings: Any,
    tmp_path: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path
    planned = visit("planned")
    added = services.add_document(
        planned, by=henry, title="Map", language="en", file=ContentFile(b"%PDF", "../map of Winnipeg.PDF")
    )
    assert (
        added.side,
        added.file.name.startswith("exchanges/"),
        added.file.name.endswith(".pdf"),
        "map" in added.file.name,
    ) == ("hosts", True, True, False)
    path = added.file.path
    with pytest.raises(PermissionDenied):
        services.remove_document(added, by=joseph)
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_document(added, by=priya)
    assert (planned.documents.count(), added.file.storage.exists(path)) == (0, False)
