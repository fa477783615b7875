"""Who came, what was shown, and the evaluation that follows: once, at the right hour, only to those who came."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.places import Attendance, Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation.tests.factories import make_questionnaire
from cmncp_portal.notifications.models import Message
from meetings import services
from meetings.models import Material, Meeting, MeetingEvaluation, Registration, SessionAttendance
from meetings.services.persons import Person

from .factories import make_item, make_place

pytestmark = pytest.mark.django_db
WINNIPEG = ZoneInfo("America/Winnipeg")
LAST_DAY = datetime(2027, 4, 15, 15, 0, tzinfo=WINNIPEG)
MORNING = datetime(2027, 4, 16, 9, 0, tzinfo=WINNIPEG)


@pytest.fixture
def held(meeting: Any, clock: Any) -> Any:
    """The meeting, on the evening of its last day, recorded as held."""

    def make(**fields: Any) -> Meeting:
        make_questionnaire("meeting")
        made: Meeting = meeting("held", **fields)
        clock.move_to(LAST_DAY)
        return made

    return make


def marks(meeting: Meeting) -> dict[str, str]:
    return dict(Registration.objects.filter(meeting=meeting).order_by("pk").values_list("name", "attendance"))


def asked(meeting: Meeting) -> list[str]:
    """Who is asked for the evaluation now."""
    survey = MeetingEvaluation.objects.get(meeting=meeting).survey
    return sorted(survey.invitations.filter(excused_at__isnull=True).values_list("email", flat=True))


class TestRecording:
    @pytest.mark.parametrize(
        ("at", "is_held"),
        [
            (datetime(2027, 4, 14, 23, 59, tzinfo=WINNIPEG), False),
            (datetime(2027, 4, 15, 0, 0, tzinfo=WINNIPEG), True),
            (datetime(2027, 4, 20, 0, 0, tzinfo=WINNIPEG), True),
        ],
    )
    def test_from_the_last_day_on_where_the_meeting_is(
        self, meeting: Any, priya: Any, clock: Any, at: datetime, is_held: bool
    ) -> None:
        there = meeting()
        clock.move_to(at)
        if is_held:
            services.record_held(there, by=priya)
        else:
            with pytest.raises(TransitionRefused, match="from the last day"):
                services.record_held(there, by=priya)
        stored = Meeting.objects.get()
        assert (stored.state, stored.held_at) == (("held", at) if is_held else ("announced", None))

    def test_twice_is_answered_and_a_stranger_is_not(self, meeting: Any, henry: Any, rosa: Any, clock: Any) -> None:
        there = meeting()
        clock.move_to(LAST_DAY)
        with pytest.raises(PermissionDenied):
            services.record_held(there, by=rosa)
        services.record_held(there, by=henry)
        with pytest.raises(TransitionRefused, match="Already done by Henry Okemaw") as refused:
            services.record_held(there, by=henry)
        assert refused.value.done_already

    def test_the_portal_does_it_by_itself(self, meeting: Any, clock: Any) -> None:
        there = meeting()
        clock.move_to(MORNING)
        services.record_held(there, by=None)
        assert Meeting.objects.get().changes.last().by is None

    def test_a_cancelled_meeting_was_not_held(self, meeting: Any, priya: Any, clock: Any) -> None:
        there = meeting("cancelled", starts_on=date(2027, 4, 14), ends_on=date(2027, 4, 15))
        clock.move_to(MORNING)
        with pytest.raises(TransitionRefused, match="Cancelled"):
            services.record_held(there, by=priya)


class TestAttendance:
    def test_each_gets_what_was_noted_and_the_others_stay(self, held: Any, henry: Any) -> None:
        there = held()
        ann, bob, cem, dan = (make_place(there, name=name) for name in ("Ann", "Bob", "Cem", "Dan"))
        waiting = make_place(there, name="Eve", status=Status.WAITING)
        noted = {ann.pk: "present", bob.pk: "remote", cem.pk: "excused", waiting.pk: "present"}
        services.take_attendance(there, by=henry, attendance=noted)
        assert marks(there) == {"Ann": "present", "Bob": "remote", "Cem": "excused", "Dan": "", "Eve": ""}
        services.take_attendance(there, by=henry, attendance={ann.pk: "", dan.pk: "absent"})
        assert marks(there) == {"Ann": "", "Bob": "remote", "Cem": "excused", "Dan": "absent", "Eve": ""}

    @pytest.mark.parametrize(("day", "may"), [(13, False), (14, True), (20, True)])
    def test_from_the_first_day_on(self, meeting: Any, henry: Any, clock: Any, day: int, may: bool) -> None:
        there = meeting()
        place = make_place(there, name="Ann")
        clock.move_to(datetime(2027, 4, day, 0, 30, tzinfo=WINNIPEG))
        if may:
            services.take_attendance(there, by=henry, attendance={place.pk: "present"})
        else:
            with pytest.raises(TransitionRefused, match="from the first day"):
                services.take_attendance(there, by=henry, attendance={place.pk: "present"})
        assert marks(there) == {"Ann": "present" if may else ""}

    @pytest.mark.parametrize("state", ["cancelled", "postponed", "scheduled"])
    def test_not_for_a_meeting_that_does_not_take_place(self, meeting: Any, henry: Any, state: str) -> None:
        there = meeting(state)
        with pytest.raises(TransitionRefused, match="that take place"):
            services.take_attendance(there, by=henry, attendance={})

    def test_not_by_others_and_not_for_other_meetings(self, held: Any, meeting: Any, henry: Any, rosa: Any) -> None:
        there, elsewhere = held(), meeting("held")
        place = make_place(elsewhere, name="Ann")
        with pytest.raises(PermissionDenied):
            services.take_attendance(there, by=rosa, attendance={})
        services.take_attendance(there, by=henry, attendance={place.pk: "present"})
        assert marks(elsewhere) == {"Ann": ""}

    def test_sessions(self, held: Any, henry: Any) -> None:
        there = held()
        ann, bob, cem = (make_place(there, name=name) for name in ("Ann", "Bob", "Cem"))
        first, second = make_item(there), make_item(there, title_en="Talk")
        services.take_attendance(
            there, by=henry, attendance={ann.pk: "present", bob.pk: "present"}, sessions={first.pk: {ann.pk, cem.pk}}
        )
        assert list(SessionAttendance.objects.values_list("item", "registration")) == [(first.pk, ann.pk)]
        first.meeting = second.meeting = there
        services.tick_session(second, by=henry, came={cem.pk}, gone={ann.pk})
        services.tick_session(first, by=henry, came={bob.pk}, gone={ann.pk})
        services.tick_session(first, by=henry, came={bob.pk}, gone=set())
        assert set(SessionAttendance.objects.values_list("item", "registration")) == {
            (first.pk, bob.pk),
            (second.pk, cem.pk),
        }
        assert marks(there) == {"Ann": "present", "Bob": "present", "Cem": "present"}

    def test_five_hundred_cost_what_one_costs(self, held: Any, henry: Any) -> None:
        there = held()
        counts = []
        henry.has_perm("meetings.take_attendance", there)  # who Henry is, is asked once
        for number in (1, 60):
            places = [make_place(there) for _n in range(number)]
            with CaptureQueriesContext(connection) as queries:
                services.take_attendance(there, by=henry, attendance={p.pk: "present" for p in places})
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestWalkIns:
    def person(self, **fields: Any) -> Person:
        return Person(**({"name": "Gwen Roy", "email": "Gwen@place.example"} | fields))

    def test_who_was_not_on_the_list(self, held: Any, henry: Any, winnipeg: Any) -> None:
        there = held()
        place = services.add_walk_in(there, by=henry, person=self.person(municipality=winnipeg, language="fr"))
        assert (place.email, place.status, place.attendance, place.municipality, place.registered_by_name) == (
            "gwen@place.example",
            Status.REGISTERED,
            Attendance.PRESENT,
            winnipeg,
            "Henry Okemaw",
        )
        assert Message.objects.filter(kind__startswith="meetings.").count() == 0

    def test_online_is_noted_as_online(self, held: Any, henry: Any) -> None:
        place = services.add_walk_in(
            held(mode="virtual", join_link="https://x.example"), by=henry, person=self.person()
        )
        assert (place.attends, place.attendance) == ("online", "remote")

    @pytest.mark.parametrize("status", [Status.WAITING, Status.REQUESTED, Status.REGISTERED])
    def test_who_was_on_it_in_some_way(self, held: Any, henry: Any, status: str) -> None:
        there = held()
        known = make_place(there, "gwen@place.example", status=status)
        place = services.add_walk_in(there, by=henry, person=self.person())
        assert (place.pk, place.status, place.attendance) == (known.pk, Status.REGISTERED, Attendance.PRESENT)

    def test_who_had_cancelled_comes_after_all(self, held: Any, henry: Any) -> None:
        there = held()
        make_place(there, "gwen@place.example", status=Status.CANCELLED)
        services.add_walk_in(there, by=henry, person=self.person())
        found = Registration.objects.order_by("pk").values_list("status", "attendance")
        assert list(found) == [(Status.CANCELLED, ""), (Status.REGISTERED, Attendance.PRESENT)]


class TestTheEvaluation:
    def test_it_opens_at_nine_on_the_day_after(self, held: Any) -> None:
        there = held()
        make_place(there, "ann@place.example")
        assert services.open_evaluation(there) is True
        survey = MeetingEvaluation.objects.get(meeting=there).survey
        assert (survey.opens_at, survey.time_zone, survey.rows) == (MORNING, "America/Winnipeg", [])
        assert survey.due_at == datetime(2027, 4, 30, 23, 59, tzinfo=WINNIPEG)
        assert survey.closes_at == datetime(2027, 5, 31, 23, 59, tzinfo=WINNIPEG)
        assert (survey.title_en, survey.title_fr) == ("Safer Prairies", "Des Prairies plus sûres")
        assert survey.about_fr.startswith("du 14 au 15\u00a0avril\u00a02027, ")
        assert survey.path == there.get_absolute_url()
        assert Message.objects.get(kind="evaluation.invitation").due_at == MORNING

    @pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=-1), timedelta(days=3, hours=2)])
    def test_or_at_once_when_that_is_past(self, held: Any, clock: Any, late: timedelta) -> None:
        there = held()
        make_place(there)
        clock.move_to(MORNING + late)
        services.open_evaluation(there)
        assert MeetingEvaluation.objects.get().survey.opens_at == max(MORNING, MORNING + late)

    def test_once(self, held: Any) -> None:
        there = held()
        make_place(there)
        assert [services.open_evaluation(there) for _n in range(2)] == [True, False]
        assert MeetingEvaluation.objects.count() == 1

    @pytest.mark.parametrize("state", ["announced", "postponed", "cancelled", "scheduled"])
    def test_only_for_what_was_held(self, meeting: Any, state: str) -> None:
        make_questionnaire("meeting")
        there = meeting(state)
        make_place(there, attendance="present")
        assert services.open_evaluation(there) is False
        assert (MeetingEvaluation.objects.count(), Message.objects.count()) == (0, 0)

    def test_nobody_to_ask(self, held: Any) -> None:
        there = held(source="Annual report 2019", attended_count=45)
        make_place(there, status=Status.CANCELLED)
        assert services.open_evaluation(there) is False

    def test_everyone_registered_while_nothing_is_noted(self, held: Any) -> None:
        there = held()
        make_place(there, "ann@place.example")
        make_place(there, "bob@place.example", wants_no_more=True)
        make_place(there, "cem@place.example", status=Status.WAITING)
        make_place(there, "dan@place.example", status=Status.CANCELLED)
        services.open_evaluation(there)
        assert asked(there) == ["ann@place.example"]

    def test_who_came_once_something_is_noted(self, held: Any, amina: Any) -> None:
        there = held()
        make_place(there, amina.email, attendance="present", title="Coordinator", language="fr", zone="America/Regina")
        make_place(there, "bob@place.example", attendance="remote")
        make_place(there, "cem@place.example", attendance="excused")
        make_place(there, "dan@place.example", attendance="absent")
        make_place(there, "eve@place.example")
        services.open_evaluation(there)
        assert asked(there) == [amina.email, "bob@place.example"]
        hers = MeetingEvaluation.objects.get().survey.invitations.get(email=amina.email)
        assert (hers.user, hers.role, hers.language, hers.time_zone) == (amina, "Coordinator", "fr", "America/Regina")

    def test_it_follows_what_is_noted_later(self, held: Any, henry: Any) -> None:
        there = held()
        ann, bob = make_place(there, "ann@place.example"), make_place(there, "bob@place.example")
        services.open_evaluation(there)
        services.take_attendance(there, by=henry, attendance={ann.pk: "present", bob.pk: "absent"})
        services.add_walk_in(there, by=henry, person=Person(name="Gwen", email="gwen@place.example"))
        assert asked(there) == ["ann@place.example", "gwen@place.example"]
        states = dict(Message.objects.values_list("to_email", "state"))
        assert states["bob@place.example"] == Message.State.WITHDRAWN
        services.take_attendance(there, by=henry, attendance={bob.pk: "present"})
        assert asked(there) == ["ann@place.example", "bob@place.example", "gwen@place.example"]

    def test_after_its_end_attendance_is_still_noted(self, held: Any, henry: Any, clock: Any) -> None:
        there = held()
        ann, bob = make_place(there, "ann@place.example"), make_place(there, "bob@place.example", attendance="present")
        services.open_evaluation(there)
        clock.move_to(datetime(2027, 7, 1, tzinfo=UTC))
        services.take_attendance(there, by=henry, attendance={ann.pk: "present", bob.pk: "present"})
        assert asked(there) == ["bob@place.example"]


class TestMaterials:
    def test_a_recording_says_its_captions(self, meeting: Any, henry: Any) -> None:
        there = meeting("held")
        made = services.add_material(
            there,
            by=henry,
            kind="recording",
            title_fr="Conférence",
            language="both",
            access="participants",
            url="https://video.example/1",
            captions=["fr", "en"],
            item=make_item(there),
        )
        assert (made.captions, made.access, made.added_by, made.filename) == (["en", "fr"], "participants", henry, "")

    def test_a_file_and_its_end(
        self, meeting: Any, henry: Any, rosa: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        there = meeting("held")
        file = ContentFile(b"%PDF", "plan.pdf")
        made = services.add_material(
            there,
            by=henry,
            kind="slides",
            title_en="Plan",
            language="en",
            access="audience",
            file=file,
            captions=["en"],
        )
        assert (made.filename, made.captions) == ("plan.pdf", [])
        with pytest.raises(PermissionDenied):
            services.remove_material(made, by=rosa)
        storage, name = made.file.storage, made.file.name
        with django_capture_on_commit_callbacks(execute=True):
            services.remove_material(made, by=henry)
        assert (Material.objects.count(), storage.exists(name)) == (0, False)

    def test_not_for_strangers_nor_with_another_meetings_session(self, meeting: Any, henry: Any, rosa: Any) -> None:
        there, fields = meeting(), {"kind": "link", "title_en": "x", "language": "en", "access": "audience"}
        with pytest.raises(PermissionDenied):
            services.add_material(there, by=rosa, url="https://x.example", **fields)
        with pytest.raises(TransitionRefused, match="another meeting"):
            services.add_material(there, by=henry, url="https://x.example", item=make_item(meeting()), **fields)
