"""Planning an offering, opening it, changing it once people know of it, cancelling it."""

from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from training.models import Module, Offering, OfferingSurvey
from training.selectors.planning import preparation
from training.services import changing
from training.services import offerings as services
from training.services.offerings import Sitting
from training.services.offerings_sweep import follow_up, send_reminders

from .factories import make_enrolment, make_learner, make_module, make_offering
from .offering_screens import came, event, forget, kinds_to, to, written

pytestmark = pytest.mark.django_db

DAYS = [Sitting(date(2027, 4, 14), time(9), time(16)), Sitting(date(2027, 4, 15), time(9), time(16))]
LATER = [Sitting(date(2027, 4, 21), time(9), time(12)), DAYS[1]]
ANN = {"name": "Ann Lee", "organisation": "Lakeside", "email": "Ann@College.example", "language": "en"}


def planned(priya: Any, winnipeg: Any, module: Any = None, **fields: Any) -> Offering:
    values = {"mode": "in_person", "language": "en", "host": winnipeg, "time_zone": "America/Winnipeg"} | fields
    return services.create_offering(by=priya, module=module or make_module("approved"), **values)


def reasons(offering: Offering, user: Any) -> list[str]:
    return [check.reason for check in preparation(Offering.objects.get(pk=offering.pk), user).checks if check.reason]


def test_from_a_module_to_open_enrolment(clock: Any, priya: Any, winnipeg: Any) -> None:
    there = planned(priya, winnipeg)
    assert (there.reference, there.state, there.is_pilot) == ("TR-2027-001", "planned", False)
    assert reasons(there, priya) == [
        "Say on which days and at what time.",
        "Say where people meet.",
        "Say who facilitates.",
    ]
    services.keep_sessions(there, by=priya, seen=1, sittings=DAYS)
    services.keep_facilitators(there, by=priya, seen=2, people=[ANN])
    services.keep_offering(there, by=priya, seen=3, venue="City Hall", capacity=12)
    assert reasons(there, priya) == []
    services.open_enrolment(there, by=priya)
    there.refresh_from_db()
    assert (there.state, there.starts_on, there.ends_on) == ("open", date(2027, 4, 14), date(2027, 4, 15))
    assert there.facilitators.get().email == "ann@college.example"
    assert Module.objects.get(pk=there.module_id).state == "offered"
    assert [c.transition for c in there.changes.all()] == ["open_enrolment"]
    with pytest.raises(TransitionRefused, match="Already done by Priya") as refused:
        services.open_enrolment(there, by=priya)
    assert refused.value.done_already
    assert [m.kind for m in written() if m.kind.startswith(("training.offering", "training.place"))] == []


def test_a_reviewed_module_is_given_as_a_pilot_and_stays_reviewed(clock: Any, priya: Any, winnipeg: Any) -> None:
    there = planned(priya, winnipeg, make_module("reviewed"))
    assert there.is_pilot
    services.keep_sessions(there, by=priya, seen=1, sittings=DAYS)
    services.keep_facilitators(there, by=priya, seen=2, people=[ANN])
    services.keep_offering(there, by=priya, seen=3, venue="City Hall")
    services.open_enrolment(there, by=priya)
    assert Module.objects.get(pk=there.module_id).state == "reviewed"


@pytest.mark.parametrize("state", ["proposed", "agreed", "drafted", "retired", "dropped"])
def test_a_module_that_cannot_be_given(clock: Any, priya: Any, winnipeg: Any, state: str) -> None:
    with pytest.raises(TransitionRefused, match="cannot be given yet"):
        planned(priya, winnipeg, make_module(state))


def test_only_coordinators_plan(clock: Any, uma: Any, ann: Any, amina: Any, priya: Any, winnipeg: Any) -> None:
    there = make_offering("planned")
    for by in (uma, ann, amina):
        with pytest.raises(PermissionDenied):
            planned(by, winnipeg)
        for act in (
            lambda by=by: services.keep_offering(there, by=by, seen=1, venue="x"),
            lambda by=by: services.keep_sessions(there, by=by, seen=1, sittings=DAYS),
            lambda by=by: services.keep_facilitators(there, by=by, seen=1, people=[ANN]),
            lambda by=by: services.open_enrolment(there, by=by),
            lambda by=by: changing.cancel(there, by=by, note="x"),
            lambda by=by: changing.change(there, by=by, seen=1, sittings=DAYS),
        ):
            with pytest.raises(PermissionDenied):
                act()


def test_two_who_plan_at_once(clock: Any, priya: Any) -> None:
    there = make_offering("planned")
    services.keep_sessions(there, by=priya, seen=1, sittings=LATER)
    for act in (
        lambda: services.keep_sessions(there, by=priya, seen=1, sittings=DAYS),
        lambda: services.keep_offering(there, by=priya, seen=1, venue="x"),
        lambda: services.keep_facilitators(there, by=priya, seen=1, people=[ANN]),
    ):
        with pytest.raises(Conflict):
            act()
    assert [s.day for s in there.sessions.all()] == [date(2027, 4, 15), date(2027, 4, 21)]
    assert there.facilitators.get().name == "Dr. Ann Lee"


def test_more_places_let_in_who_waits_and_fewer_than_taken_are_refused(clock: Any, priya: Any) -> None:
    there = make_offering(capacity=1)
    make_enrolment(there, "a@x.example")
    waits = make_enrolment(there, "b@x.example", status=Status.WAITING)
    services.keep_offering(there, by=priya, seen=1, capacity=2)
    waits.refresh_from_db()
    assert (waits.status, to("off_waiting_list")) == ("registered", ["b@x.example"])
    with pytest.raises(TransitionRefused, match=r"^2 people have a place already\.$"):
        services.keep_offering(there, by=priya, seen=2, capacity=1)


def test_a_change_is_told_once_to_each_with_the_same_event(clock: Any, priya: Any, joseph: Any, luc: Any) -> None:
    there = make_offering(capacity=1)
    make_enrolment(there, learner=make_learner(user=luc, language="fr"))
    make_enrolment(there, learner=make_learner(user=joseph), status=Status.WAITING)
    lines = changing.changes_in_words(there, LATER, {"venue": "Union Hall"})
    assert lines["en"] == [
        "No longer: Wednesday, April 14, 2027, 9:00\xa0a.m. to 4:00\xa0p.m.",
        "New: Wednesday, April 21, 2027, 9:00\xa0a.m. to 12:00\xa0p.m.",
        "Place: City Hall, Council Building, 510 Main Street, Winnipeg → Union Hall, 510 Main Street, Winnipeg",
    ]
    assert len(changing.people_concerned(there)) == 3
    mailing = changing.change(there, by=priya, seen=1, sittings=LATER, word="The hall floods.", venue="Union Hall")
    assert mailing
    assert mailing.lines.count() == 3
    letters = {m.to_email: m for m in written("offering_changed")}
    assert set(letters) == {"ann@college.example", luc.email, joseph.email}
    assert "Nouveau\xa0: mercredi 21\xa0avril\xa02027, de 9\xa0h à 12\xa0h" in letters[luc.email].text
    assert letters[joseph.email].calendar == ""  # who waits has nothing on the calendar
    assert (event(letters[luc.email])["sequence"], event(letters[luc.email])["method"]) == (1, "REQUEST")
    assert event(letters[luc.email])["start"].date() == date(2027, 4, 15)
    there.refresh_from_db()
    assert (there.starts_on, there.ends_on, there.told_changes.count()) == (date(2027, 4, 15), date(2027, 4, 21), 3)
    assert changing.change(there, by=priya, seen=2, sittings=LATER, venue="Union Hall") is None
    with pytest.raises(Conflict):
        changing.change(there, by=priya, seen=1, sittings=DAYS)


def test_a_new_link_is_told_to_those_who_take_part(clock: Any, priya: Any) -> None:
    there = make_offering(mode="online", join_link="https://a.example/1")
    make_enrolment(there, "a@x.example")
    make_enrolment(there, "b@x.example", status=Status.WAITING)
    changing.change(there, by=priya, seen=1, sittings=DAYS, join_link="https://a.example/2")
    assert to("offering_changed") == ["a@x.example", "ann@college.example"]
    assert "https://a.example/2" not in written("offering_changed")[0].text


@pytest.mark.parametrize(
    ("sittings", "fields", "reason"),
    [
        ([], {}, "Say on which days"),
        ([Sitting(date(2027, 1, 31), time(9), time(10))], {}, "New sessions lie ahead"),
        (DAYS, {"venue": "", "address": ""}, "Say where people meet"),
        (DAYS, {"mode": "online"}, "Give the link"),
        (DAYS, {"language": "fr"}, "cannot be taught in this language"),
        (DAYS[:1], {}, "More sessions are needed"),
    ],
)
def test_what_could_not_be_opened_is_refused(clock: Any, priya: Any, sittings: Any, fields: Any, reason: str) -> None:
    there = make_offering(module=make_module(languages=["en"]), sessions_needed=2)
    with pytest.raises(TransitionRefused, match=reason):
        changing.change(there, by=priya, seen=1, sittings=sittings, **fields)
    there.refresh_from_db()
    assert (there.version, there.sessions.count(), to("offering_changed")) == (1, 2, [])


def test_a_session_with_attendance_stays(clock: Any, priya: Any) -> None:
    from datetime import UTC, datetime

    there = make_offering()
    place = make_enrolment(there, "a@x.example")
    clock.move_to(datetime(2027, 4, 14, 20, 0, tzinfo=UTC))
    came(there, place, by=priya, sessions=[there.sessions.first()])
    with pytest.raises(TransitionRefused, match="Attendance is noted"):
        changing.change(there, by=priya, seen=1, sittings=LATER)
    changing.change(there, by=priya, seen=1, sittings=[DAYS[0], LATER[0]])
    assert [s.attendances.count() for s in there.sessions.all()] == [1, 0]


def test_cancelled_with_a_reason_and_then_silence(clock: Any, priya: Any) -> None:
    from datetime import UTC, datetime

    there = make_offering(needs_approval=True)
    make_enrolment(there, "a@x.example")
    make_enrolment(there, "b@x.example", status=Status.REQUESTED)
    changing.change(there, by=priya, seen=1, sittings=LATER)  # not sent yet when all is called off
    with pytest.raises(TransitionRefused, match="Please give a reason"):
        changing.cancel(there, by=priya, note=" ")
    changing.cancel(there, by=priya, note="Ann is ill.")
    assert to("offering_changed") == []
    letters = {m.to_email: m for m in written("offering_cancelled")}
    assert set(letters) == {"a@x.example", "b@x.example", "ann@college.example"}
    found = event(letters["a@x.example"])
    assert (found["method"], found["sequence"], found["status"]) == ("CANCEL", 2, "CANCELLED")
    assert "> Ann is ill." in letters["a@x.example"].text
    with pytest.raises(TransitionRefused, match="Already done by Priya") as refused:
        changing.cancel(there, by=priya, note="again")
    assert refused.value.done_already
    forget()
    for day in (7, 13, 14, 16, 20):
        clock.move_to(datetime(2027, 4, day, 22, 0, tzinfo=UTC))
        assert (send_reminders(), follow_up()) == (0, 0)
    assert (written(), OfferingSurvey.objects.count()) == ([], 0)


def test_what_nobody_knew_of_is_cancelled_quietly(clock: Any, priya: Any) -> None:
    there = make_offering("planned")
    changing.cancel(there, by=priya, note="No room.")
    assert kinds_to("ann@college.example") == []
