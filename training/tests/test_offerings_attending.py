"""Who came, that it took place, and what completing it gives: attainments under the version that counts, one certificate."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cmncp_portal.core.places import Status
from cmncp_portal.core.workflow import TransitionRefused
from training.models import Attainment, Certificate, Enrolment, Session, StandardVersion
from training.selectors.attendance import is_fully_noted, tallies
from training.services.attending import CORRECTED, record_held, take_attendance
from training.services.certificates import revoke

from .factories import make_enrolment, make_module, make_offering, make_version
from .offering_screens import came, event, held, kinds_to, noted, to, written

pytestmark = pytest.mark.django_db
LAST = datetime(2027, 4, 15, 22, 0, tzinfo=UTC)


@pytest.fixture
def version(clock: Any) -> Any:
    return make_version()


@pytest.fixture
def offering(version: Any, clock: Any) -> Any:
    """Builds the first two competencies, at levels 2 and 1; it is the evening of the last day."""
    first, second = list(version.texts.in_order())[:2]
    made = make_offering(module=make_module(builds=[(first.competency, 2), (second.competency, 1)]))
    clock.move_to(LAST)
    return made


def attained(place: Any) -> list[tuple[str, int, Any]]:
    rows = Attainment.objects.standing().filter(enrolment=place).order_by("competency")
    return [
        (row.standard_version.texts.get(competency=row.competency).title_en, row.level, row.standard_version)
        for row in rows
    ]


def test_who_attends_all_sessions_gets_attainments_and_one_certificate(offering: Any, version: Any, ann: Any) -> None:
    place, half = make_enrolment(offering, "a@x.example"), make_enrolment(offering, "b@x.example")
    first = offering.sessions.first()
    came(offering, half, by=ann, sessions=[first])
    held(offering, place, by=ann)
    place.refresh_from_db()
    assert attained(place) == [("Diagnosis 1", 2, version), ("Diagnosis 2", 1, version)]
    assert {row.attained_on for row in place.attainments.all()} == {date(2027, 4, 15)}
    assert (place.attendance, place.completed_at) == ("present", LAST)
    assert [line["en"] for line in place.certificate.lines] == ["Diagnosis 1", "Diagnosis 2"]
    assert kinds_to(place.email) == ["certificate"]
    half.refresh_from_db()
    assert (attained(half), half.completed_at, kinds_to(half.email)) == ([], None, [])
    with pytest.raises(TransitionRefused, match="Already done by Ann Lee") as refused:
        record_held(offering, by=ann)
    assert refused.value.done_already
    assert Certificate.objects.count() == 1


@pytest.mark.parametrize(
    ("needed", "sessions", "completes"), [(1, 1, True), (2, 1, False), (None, 1, False), (None, 2, True)]
)
def test_how_many_sessions_complete_it(offering: Any, ann: Any, needed: Any, sessions: int, completes: bool) -> None:
    type(offering).objects.filter(pk=offering.pk).update(sessions_needed=needed)
    place = make_enrolment(offering, "a@x.example")
    came(offering, place, by=ann, sessions=list(offering.sessions.all())[:sessions], what="remote")
    record_held(offering, by=ann)
    assert Certificate.objects.filter(enrolment=place).exists() is completes


def test_attainments_are_of_the_version_in_force_or_the_last_that_held_it(
    offering: Any, version: Any, ann: Any
) -> None:
    """The standard was superseded while people were enrolled; the new version left one competency out."""
    place = make_enrolment(offering, "a@x.example")
    StandardVersion.objects.filter(pk=version.pk).update(state="superseded", superseded_on=date(2027, 3, 1))
    newer = make_version(standard=version.standard)
    second = list(version.texts.in_order())[1].competency
    newer.texts.filter(competency=second).delete()
    draft = make_version("draft", standard=version.standard)
    assert draft.texts.filter(competency=second).exists()  # what is only drafted does not count
    held(offering, place, by=ann)
    assert attained(place) == [("Diagnosis 1", 2, newer), ("Diagnosis 2", 1, version)]
    title = "Community safety strategies"
    assert place.certificate.standard_en == f"{title}, version 2; {title}, version 1"


def test_a_competency_that_no_version_held_yet_is_not_given(clock: Any, ann: Any) -> None:
    draft = make_version("draft")
    there = make_offering(module=make_module(builds=[(draft.texts.first().competency, 1)]))
    clock.move_to(LAST)
    place = make_enrolment(there, "a@x.example")
    held(there, place, by=ann)
    assert (attained(place), to("certificate")) == ([], ["a@x.example"])


def test_correcting_attendance_takes_back_and_gives_again_and_says_so(offering: Any, ann: Any, priya: Any) -> None:
    place = make_enrolment(offering, "a@x.example")
    held(offering, place, by=ann)
    [_first, last] = offering.sessions.all()
    came(offering, place, by=priya, sessions=[last], what="absent")
    place.refresh_from_db()
    certificate = place.certificate
    assert (attained(place), place.completed_at, certificate.is_valid) == ([], None, False)
    assert {row.revoke_reason for row in place.attainments.all()} == {CORRECTED, certificate.revoke_reason}
    assert place.attainments.first().revoked_by == priya
    [letter] = written("completion_changed")
    assert letter.subject.startswith("[CMNCP] Your certificate is withdrawn: Planning with the community")
    assert "1.1 Diagnosis 1 (Practitioner)" in letter.text
    came(offering, place, by=priya, sessions=[last])
    place.refresh_from_db()
    certificate.refresh_from_db()
    assert (len(attained(place)), certificate.is_valid, certificate.revoke_reason) == (2, True, "")
    assert place.attainments.count() == 2
    assert Certificate.objects.count() == 1
    came(offering, place, by=priya, sessions=[last], what="remote")  # nothing that matters
    assert kinds_to(place.email) == [
        "completion_changed",
        "completion_changed",
    ]  # the certificate's letter had not left yet
    assert written("completion_changed")[1].subject.startswith("[CMNCP] Your certificate holds again")


def test_attendance_noted_later_gives_the_certificate(offering: Any, ann: Any) -> None:
    early, late = make_enrolment(offering, "a@x.example"), make_enrolment(offering, "b@x.example")
    held(offering, early, by=ann)
    came(offering, late, by=ann)
    assert to("certificate") == ["a@x.example", "b@x.example"]


def test_what_a_coordinator_revoked_does_not_come_back_by_attendance(offering: Any, ann: Any, priya: Any) -> None:
    place = make_enrolment(offering, "a@x.example")
    held(offering, place, by=ann)
    revoke(place.certificate, by=priya, reason="It was another person.")
    [_first, last] = offering.sessions.all()
    came(offering, place, by=ann, sessions=[last], what="absent")
    came(offering, place, by=ann, sessions=[last])
    assert (attained(place), Certificate.objects.get().revoke_reason) == ([], "It was another person.")
    assert to("completion_changed") == []


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (datetime(2027, 4, 14, 4, 59, tzinfo=UTC), "from the first day on"),
        (datetime(2027, 4, 14, 5, 0, tzinfo=UTC), ""),
        (datetime(2027, 4, 15, 4, 59, tzinfo=UTC), "from the day of the session on"),
        (datetime(2027, 4, 15, 5, 0, tzinfo=UTC), ""),
    ],
)
def test_attendance_is_noted_from_the_day_on(offering: Any, ann: Any, clock: Any, at: datetime, reason: str) -> None:
    """By the calendar of the place: Winnipeg."""
    clock.move_to(at)
    place = make_enrolment(offering, "a@x.example")
    session = offering.sessions.all()[at.day - 14]
    if reason:
        with pytest.raises(TransitionRefused, match=reason):
            take_attendance(session, by=ann, attendance={place.pk: "present"})
        return
    take_attendance(session, by=ann, attendance={place.pk: "present"})
    assert noted(place) == ["present"]


def test_it_is_recorded_from_the_last_day_on_and_once_somebody_is_noted(offering: Any, ann: Any, clock: Any) -> None:
    place = make_enrolment(offering, "a@x.example")
    with pytest.raises(TransitionRefused, match="^Note first who came"):
        record_held(offering, by=ann)
    came(offering, place, by=ann)
    clock.move_to(datetime(2027, 4, 15, 4, 0, tzinfo=UTC))  # still the 14th in Winnipeg
    with pytest.raises(TransitionRefused, match="from the last day on"):
        record_held(offering, by=ann)
    offering.refresh_from_db()
    assert (offering.state, offering.held_at) == ("open", None)


def test_who_may_note_and_record(offering: Any, ann: Any, joan: Any, uma: Any, priya: Any, amina: Any) -> None:
    place = make_enrolment(offering, "a@x.example")
    for stranger in (joan, uma, amina):
        with pytest.raises(PermissionDenied):
            came(offering, place, by=stranger)
        with pytest.raises(PermissionDenied):
            record_held(offering, by=stranger)
    came(offering, place, by=priya)
    assert noted(place) == ["present", "present"]


def test_who_waits_is_not_noted_and_other_offerings_are_left_alone(offering: Any, ann: Any) -> None:
    waits = make_enrolment(offering, "a@x.example", status=Status.WAITING)
    elsewhere = make_enrolment(make_offering(), "b@x.example")
    came(offering, waits, elsewhere, by=ann)
    assert (noted(waits), noted(elsewhere)) == ([], [])
    assert Enrolment.objects.exclude(attendance="").count() == 0


def test_the_sum_of_the_sessions(offering: Any, ann: Any) -> None:
    place = make_enrolment(offering, "a@x.example")
    one, two = offering.sessions.all()
    for first, second, summed in (
        ("absent", "", "absent"),
        ("absent", "excused", "excused"),
        ("remote", "excused", "remote"),
        ("remote", "present", "present"),
        ("", "", ""),
    ):
        came(offering, place, by=ann, sessions=[one], what=first)
        came(offering, place, by=ann, sessions=[two], what=second)
        place.refresh_from_db()
        assert place.attendance == summed


def test_tallies_and_whether_all_is_noted(offering: Any, ann: Any) -> None:
    a, b = make_enrolment(offering, "a@x.example"), make_enrolment(offering, "b@x.example")
    one, two = offering.sessions.all()
    came(offering, a, b, by=ann, sessions=[one])
    came(offering, a, by=ann, sessions=[two], what="absent")
    found = tallies(offering, [one, two], 2)
    assert [(t.places, t.came, t.unknown) for t in found] == [(2, 2, 0), (2, 0, 1)]
    assert is_fully_noted(offering) is False
    came(offering, b, by=ann, sessions=[two])
    assert is_fully_noted(offering) is True


def test_the_calendar_has_one_event_for_each_run_of_days(clock: Any, priya: Any, joseph: Any) -> None:
    from training.selectors.offerings import entries_of
    from training.services.enrolling import Person, enrol

    there = make_offering()
    Session.objects.create(offering=there, day=date(2027, 4, 28), begins_at=time(13, 0), finishes_at=time(16, 0))
    enrol(there, people=[Person(name="Joseph", email=joseph.email, user=joseph)], by=joseph)
    entries = entries_of(there, list(there.sessions.all()))
    assert [(e.first_day, e.last_day) for e in entries] == [
        (date(2027, 4, 14), date(2027, 4, 15)),
        (date(2027, 4, 28), date(2027, 4, 28)),
    ]
    [letter] = written("place_confirmed")
    assert event(letter)["uid"] == entries[0].uid != entries[1].uid
    assert "April 28" in letter.text
