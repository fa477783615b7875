"""Taking places: by oneself, by the municipality, by a coordinator; the waiting list; giving a place back; who may."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import TransactionTestCase

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from training.models import Enrolment, Learner
from training.selectors.places import position_of
from training.services import enrolling as services
from training.services.enrolling import Person
from training.services.offerings_sweep import delete_needs

from .factories import make_enrolment, make_learner, make_offering
from .offering_screens import event, forget, kinds_to, to, written

pytestmark = pytest.mark.django_db


def oneself(user: Any, **more: Any) -> Person:
    return Person(name=user.name, email=user.email, user=user, **more)


def statuses(offering: Any) -> dict[str, str]:
    return dict(Enrolment.objects.filter(offering=offering).values_list("email", "status"))


def test_one_enrols_oneself_and_gets_the_dates(clock: Any, joseph: Any, thunder_bay: Any) -> None:
    there = make_offering(capacity=2)
    [place] = services.enrol(there, people=[oneself(joseph, access_needs="A seat in front")], by=joseph)
    assert (place.status, place.municipality, place.title) == ("registered", thunder_bay, "Youth Programs Planner")
    assert (place.learner.user, place.learner.stakeholder) == (joseph, Stakeholder.objects.get(user=joseph))
    [letter] = written()
    assert (letter.kind, letter.to_email) == ("training.place_confirmed", joseph.email)
    assert "Joseph Kakegamic enrolled you" not in letter.text
    assert "Wednesday, April 14, 2027, 9:00\xa0a.m. to 4:00\xa0p.m. (Winnipeg time)" in letter.text
    found = event(letter)
    assert (found["method"], found["sequence"], found["zone"]) == ("REQUEST", 0, "America/Winnipeg")
    assert found["uid"].startswith(f"offering-{there.pk}@")


def test_a_second_enrolment_is_answered_kindly(clock: Any, joseph: Any) -> None:
    there = make_offering()
    services.enrol(there, people=[oneself(joseph)], by=joseph)
    with pytest.raises(TransitionRefused, match=r"^Everybody you named has a place already\.$") as refused:
        services.enrol(there, people=[oneself(joseph)], by=joseph)
    assert refused.value.done_already
    assert kinds_to(joseph.email) == ["place_confirmed"]


def test_the_same_person_under_another_address_is_known(clock: Any, joseph: Any, amina: Any, thunder_bay: Any) -> None:
    there = make_offering()
    services.enrol(there, people=[oneself(joseph)], by=joseph)
    Learner.objects.filter(user=joseph).update(email="joe@home.example")
    person = Person(name="Joe", email="joe@home.example", municipality=thunder_bay)
    with pytest.raises(TransitionRefused, match="has a place already"):
        services.enrol(there, people=[person], by=amina)


def test_the_municipality_enrols_people_without_an_account(clock: Any, amina: Any, thunder_bay: Any) -> None:
    there = make_offering(capacity=2)
    people = [
        Person(name=name, email=f"{name}@thunderbay.example", language=code, municipality=thunder_bay)
        for name, code in (("lea", "fr"), ("max", "en"), ("kim", ""))
    ]
    made = services.enrol(there, people=people, by=amina)
    assert [(p.name, p.status, p.municipality) for p in made] == [
        ("lea", "registered", thunder_bay),
        ("max", "registered", thunder_bay),
        ("kim", "waiting", thunder_bay),
    ]
    assert [p.learner.user for p in made] == [None, None, None]
    letters = {m.to_email.partition("@")[0]: m for m in written()}
    assert "Amina Diallo vous a inscrit·e à cette formation" in letters["lea"].text
    assert letters["max"].text.startswith("Hello max,\n\nAmina Diallo enrolled you")
    assert "- Your number in line: 1" in letters["kim"].text
    assert "Votre rang sur la liste\xa0: 1" in letters["kim"].text  # no language known: both
    assert "BEGIN" not in letters["kim"].calendar


def test_nobody_enrols_the_staff_of_another_municipality(clock: Any, amina: Any, joseph: Any, winnipeg: Any) -> None:
    there = make_offering()
    for by, municipality in ((amina, winnipeg), (amina, None), (joseph, joseph.stakeholders.get().municipality)):
        with pytest.raises(PermissionDenied):
            services.enrol(there, people=[Person(name="X", email="x@y.example", municipality=municipality)], by=by)
    with pytest.raises(PermissionDenied):  # herself only as herself
        services.enrol(there, people=[Person(name="X", email="x@y.example", user=amina)], by=joseph)
    assert Enrolment.objects.count() == 0


def test_a_coordinator_enrols_anybody_even_after_the_last_day_to_enrol(clock: Any, priya: Any, joseph: Any) -> None:
    there = make_offering(needs_approval=True, enrolment_closes_on=date(2027, 1, 31))
    with pytest.raises(TransitionRefused, match="^Enrolment is closed"):
        services.enrol(there, people=[oneself(joseph)], by=joseph)
    [place] = services.enrol(there, people=[Person(name="Kim", email="Kim@Out.Example ")], by=priya)
    assert (place.status, place.email, place.municipality) == ("registered", "kim@out.example", None)


@pytest.mark.parametrize(("day", "is_open"), [(-1, True), (0, True), (1, False)])
def test_the_last_day_to_enrol_counts(clock: Any, joseph: Any, day: int, is_open: bool) -> None:
    there = make_offering(enrolment_closes_on=date(2027, 2, 1) - timedelta(days=day))
    assert there.is_enrolment_open is is_open


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_what_is_over_takes_nobody(clock: Any, priya: Any, state: str) -> None:
    with pytest.raises(TransitionRefused, match="One can no longer enrol"):
        services.enrol(make_offering(state), people=[Person(name="Kim", email="k@x.example")], by=priya)


def test_pilots_are_by_invitation(clock: Any, joseph: Any, priya: Any, amina: Any, thunder_bay: Any) -> None:
    there = make_offering(is_pilot=True)
    with pytest.raises(PermissionDenied):
        services.enrol(there, people=[oneself(joseph)], by=joseph)
    services.enrol(there, people=[Person(name="Joseph", email=joseph.email)], by=priya)
    assert statuses(there) == {joseph.email: "registered"}


def test_approval_gives_a_place_or_a_turn_and_a_no_has_its_reason(
    clock: Any, priya: Any, joseph: Any, luc: Any
) -> None:
    there = make_offering(needs_approval=True, capacity=1)
    rosa = make_learner("rosa@x.example")
    [first] = services.enrol(there, people=[oneself(joseph)], by=joseph)
    [second] = services.enrol(there, people=[oneself(luc)], by=luc)
    third = make_enrolment(there, learner=rosa, status=Status.REQUESTED)
    for place in (first, second):
        services.approve(place, by=priya)
    with pytest.raises(TransitionRefused, match="Please give a reason"):
        services.decline(third, by=priya, word=" ")
    services.decline(third, by=priya, word="It is for coordinators.")
    assert statuses(there) == {joseph.email: "registered", luc.email: "waiting", rosa.email: "declined"}
    assert kinds_to(joseph.email) == ["place_requested", "place_confirmed"]
    assert kinds_to(luc.email) == ["place_requested", "place_waiting"]
    assert "> It is for coordinators." in written("place_declined")[0].text
    with pytest.raises(TransitionRefused, match="Already answered") as refused:
        services.approve(first, by=priya)
    assert refused.value.done_already
    with pytest.raises(PermissionDenied):
        services.approve(second, by=joseph)


def test_a_place_given_back_goes_to_who_waits_longest(clock: Any, joseph: Any, amina: Any) -> None:
    there = make_offering(capacity=1)
    place = make_enrolment(there, learner=make_learner(user=joseph))
    later = make_enrolment(there, "later@x.example", status=Status.WAITING)
    make_enrolment(there, "last@x.example", status=Status.WAITING)
    services.cancel_place(place, by=amina, word="He is needed here")  # the municipality's representative
    assert list(statuses(there).values()).count("registered") == 1
    later.refresh_from_db()
    assert later.status == "registered"
    assert later.refuse_by == datetime(2027, 2, 3, 15, 0, tzinfo=UTC)  # 48 hours, within a working day
    gone, come = written("place_cancelled")[0], written("off_waiting_list")[0]
    assert "Amina Diallo took your name off" in gone.text
    assert "> He is needed here" in gone.text
    assert event(gone)["method"] == "CANCEL"
    assert come.to_email == later.email
    assert "tell us by: Wednesday, February 3, 2027, 10:00\xa0a.m. (Winnipeg time)" in come.text
    assert event(come)["method"] == "REQUEST"
    with pytest.raises(TransitionRefused, match="given back already") as refused:
        services.cancel_place(place)
    assert refused.value.done_already


def test_who_may_give_a_place_back(clock: Any, amina: Any, helen: Any, joseph: Any, priya: Any, luc: Any) -> None:
    there = make_offering()
    learner = make_learner(user=joseph)
    for by, may in ((amina, True), (joseph, True), (priya, True), (helen, False), (luc, True)):
        place = make_enrolment(there, learner=learner, enrolled_by=luc)
        if may:
            services.cancel_place(place, by=by)
            continue
        with pytest.raises(PermissionDenied):
            services.cancel_place(place, by=by)
        services.cancel_place(place)


def test_nobody_comes_off_the_list_once_it_has_begun(clock: Any, priya: Any) -> None:
    there = make_offering(capacity=1)
    place = make_enrolment(there, "a@x.example")
    waits = make_enrolment(there, "b@x.example", status=Status.WAITING)
    clock.move_to(datetime(2027, 4, 14, 14, 0, tzinfo=UTC))  # 9:00 in Winnipeg
    services.cancel_place(place)
    waits.refresh_from_db()
    assert (waits.status, to("off_waiting_list")) == ("waiting", [])


def test_not_me_removes_the_name_and_tells_who_enrolled(clock: Any, amina: Any, thunder_bay: Any) -> None:
    there = make_offering(capacity=1)
    person = Person(name="Lea", email="lea@wrong.example", municipality=thunder_bay)
    [place] = services.enrol(there, people=[person], by=amina)
    token = place.token
    services.not_me(place)
    place.refresh_from_db()
    assert (place.name, place.email, place.status) == (
        "Name removed",
        f"removed-{place.pk}@removed.invalid",
        "cancelled",
    )
    assert Enrolment.from_token(token) is None
    assert list(Learner.objects.values_list("name", "email")) == [
        ("Name removed", f"removed-{place.learner_id}@removed.invalid")
    ]
    assert to("place_not_me") == [amina.email]


def test_not_me_leaves_a_learner_whom_others_know(clock: Any, amina: Any) -> None:
    learner = make_learner("kim@x.example")
    make_enrolment(make_offering("held"), learner=learner)
    services.not_me(make_enrolment(make_offering(), learner=learner, enrolled_by=amina))
    learner.refresh_from_db()
    assert learner.email == "kim@x.example"


def test_a_new_address_ends_the_old_link_and_follows_the_right_learner(clock: Any, priya: Any, joseph: Any) -> None:
    there = make_offering()
    place = make_enrolment(there, "jospeh@thunderbay.example")
    make_enrolment(there, "taken@x.example")
    old = place.token
    with pytest.raises(TransitionRefused, match=r"^taken@x\.example has a place already\.$"):
        services.readdress(place, email="Taken@x.example", by=priya)
    known = make_learner(user=joseph)
    services.readdress(place, email=joseph.email, by=priya)
    place.refresh_from_db()
    assert (place.email, place.learner) == (joseph.email, known)
    assert Enrolment.from_token(old) is None
    assert to("place_confirmed") == [joseph.email]


def test_two_who_correct_at_once(clock: Any, priya: Any) -> None:
    place = make_enrolment(make_offering(), "a@x.example")
    services.keep_place(place, seen=1, by=priya, name="Ann")
    with pytest.raises(Conflict):
        services.keep_place(place, seen=1, name="Anne")


def test_a_lost_link_is_sent_again_once_an_hour(clock: Any) -> None:
    make_enrolment(make_offering(), "a@x.example")
    make_enrolment(make_offering("cancelled"), "a@x.example", learner=Learner.objects.get(email="a@x.example"))
    assert services.send_links_again(" A@x.example") == 1
    services.send_links_again("a@x.example")
    assert kinds_to("a@x.example") == ["place_confirmed"]
    assert services.send_links_again("nobody@x.example") == 0


@pytest.mark.parametrize(("days", "kept"), [(29, True), (30, True), (31, False)])
def test_needs_are_deleted_thirty_days_after_the_last_day(clock: Any, days: int, kept: bool) -> None:
    there = make_offering("held", starts_on=date(2027, 2, 1) - timedelta(days=days), days=1)
    place = make_enrolment(there, "a@x.example", dietary_needs="No nuts", access_needs="A ramp")
    ahead = make_enrolment(make_offering(), "b@x.example", dietary_needs="Vegan")
    delete_needs()
    for one in (place, ahead, there):
        one.refresh_from_db()
    assert (place.dietary_needs, place.access_needs) == (("No nuts", "A ramp") if kept else ("", ""))
    assert (ahead.dietary_needs, there.needs_deleted_at is None) == ("Vegan", kept)


def test_needs_of_who_does_not_come_are_deleted_the_next_night(clock: Any) -> None:
    gone = make_enrolment(make_offering(), "a@x.example", dietary_needs="Vegan", status=Status.CANCELLED)
    called_off = make_enrolment(make_offering("cancelled"), "b@x.example", dietary_needs="Vegan")
    assert delete_needs() == 2
    assert delete_needs() == 0
    for place in (gone, called_off):
        place.refresh_from_db()
        assert place.dietary_needs == ""


def test_twenty_in_the_same_number_of_questions_per_person(
    clock: Any, priya: Any, django_assert_max_num_queries: Any
) -> None:
    there = make_offering(capacity=5)
    people = [Person(name=f"P {n}", email=f"p{n}@x.example") for n in range(20)]
    with django_assert_max_num_queries(700):
        made = services.enrol(there, people=people, by=priya)
    assert [p.status for p in made] == ["registered"] * 5 + ["waiting"] * 15
    with pytest.raises(TransitionRefused, match="at most 20"):
        services.enrol(there, people=[*people, Person(name="X", email="x@x.example")], by=priya)
    forget()


@pytest.mark.slow
class TwentyPeopleAndTwoPlaces(TransactionTestCase):
    """The rows must be committed for others to see them: a test case of its own."""

    def test_two_have_a_place_and_eighteen_wait_in_order(self) -> None:
        from cmncp_portal.network.tests.factories import make_user

        there = make_offering(capacity=2, starts_on=date(2099, 5, 5), days=1)
        users = [make_user(f"p{n}@place.example", name=f"P {n}") for n in range(20)]
        gate, made, wrong = threading.Barrier(20), [], []

        def come(user: Any) -> None:
            try:
                gate.wait(30)
                [place] = services.enrol(there, people=[oneself(user)], by=user)
                made.append(place.status)
            except Exception as problem:  # shown below: a thread's exception is lost otherwise
                wrong.append(problem)
            finally:
                connection.close()

        threads = [threading.Thread(target=come, args=(user,)) for user in users]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert wrong == []
        assert sorted(made) == ["registered"] * 2 + ["waiting"] * 18
        in_turn = Enrolment.objects.filter(offering=there).in_waiting_order()
        assert [position_of(place) for place in in_turn] == list(range(1, 19))
        assert Learner.objects.count() == 20
        assert len(to("place_waiting")) == 18
