"""The agenda as people read it: days, parallel sessions, and clashes in words."""

from datetime import date, time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cmncp_portal.network.tests.factories import make_stakeholder, make_user
from meetings.models import AgendaItem, Material, Meeting
from meetings.selectors.agenda import (
    agenda_checklist,
    agenda_closed,
    agenda_days,
    clashes_of,
    mark_of,
    people_to_choose,
    was_on_agenda,
)

from .factories import make_item, make_meeting, make_speaker

pytestmark = pytest.mark.django_db
K = AgendaItem.Kind


def at(meeting: Meeting, start: str, end: str, title: str = "A", **fields: Any) -> AgendaItem:
    """A round table, which may stand beside anything, from `start` to `end`."""
    times = {"starts_at": time.fromisoformat(start), "ends_at": time.fromisoformat(end)}
    titles = {"title_en": title, "title_fr": f"{title} (fr)"}
    return make_item(meeting, **({"kind": K.ROUND_TABLE} | times | titles | fields))


def words(meeting: Meeting) -> list[str]:
    return [clash.words for clash in clashes_of(meeting)]


class TestDays:
    def test_what_begins_together_stands_in_one_slot_in_order(self, meeting: Any) -> None:
        held = meeting()
        at(held, "10:00", "11:00", "Second", order=1)
        at(held, "10:00", "11:30", "First", order=0)
        at(held, "09:00", "10:00", "Early")
        at(held, "09:00", "09:30", "Tomorrow", day=2)
        found = [
            (day.number, [(slot.starts_at.hour, [s.item.title_en for s in slot.sessions]) for slot in day.slots])
            for day in agenda_days(held)
        ]
        assert found == [(1, [(9, ["Early"]), (10, ["First", "Second"])]), (2, [(9, ["Tomorrow"])])]
        slots = agenda_days(held)[0].slots
        assert [(slot.is_parallel, slot.ends_at) for slot in slots] == [(False, time(10)), (True, time(11, 30))]

    def test_a_day_without_sessions_is_there_and_one_after_the_last_only_with_some(self, meeting: Any) -> None:
        held = meeting()
        assert [(day.number, str(day.day)) for day in agenda_days(held)] == [(1, "2027-04-14"), (2, "2027-04-15")]
        at(held, "09:00", "10:00", day=4)
        assert [(day.number, str(day.day)) for day in agenda_days(held)][2:] == [(4, "None")]

    def test_without_dates_the_days_are_counted(self, meeting: Any) -> None:
        idea = meeting("idea")
        assert agenda_days(idea) == []
        at(idea, "09:00", "10:00", day=2)
        assert [(day.number, day.day) for day in agenda_days(idea)] == [(2, None)]

    def test_materials_of_participants_are_not_for_everybody(self, meeting: Any) -> None:
        item = at(meeting(), "09:00", "10:00")
        for access in Material.Access:
            Material.objects.create(
                meeting=item.meeting, item=item, url="https://a.example", title_en=access, language="en", access=access
            )
        shown = {
            flag: [m.title_en for m in agenda_days(item.meeting, for_participants=flag)[0].sessions[0].materials]
            for flag in (False, True)
        }
        assert shown == {False: ["audience"], True: ["audience", "participants"]}

    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"language": "en"}, "In English"),
            ({"language": "fr", "interpretation": True}, "In French, with interpretation"),
            ({"language": "both"}, "In English and French"),
            ({"kind": K.BREAK}, ""),
        ],
    )
    def test_the_language_in_words(self, meeting: Any, fields: dict[str, Any], expected: str) -> None:
        item = at(meeting(), "09:00", "10:00", **fields)
        assert agenda_days(item.meeting)[0].sessions[0].language_words == expected

    def test_the_same_queries_for_one_and_for_many(self, meeting: Any) -> None:
        held = meeting()
        counts = []
        for number in (1, 20):
            for n in range(number):
                make_speaker(at(held, "09:00", "10:00", f"{number}-{n}"), f"Person {n}")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                days = agenda_days(Meeting.objects.get(pk=held.pk))
                assert all(session.people for session in days[0].sessions)
            counts.append(len(queries))
        assert counts == [4, 4]  # the meeting, sessions, speakers, materials


class TestClashes:
    @pytest.mark.parametrize(
        ("second", "clash"),
        [
            (("08:00", "09:00"), False),
            (("08:00", "09:01"), True),
            (("09:59", "11:00"), True),
            (("10:00", "11:00"), False),
        ],
    )
    def test_the_same_room_before_on_and_after(self, meeting: Any, second: tuple[str, str], clash: bool) -> None:
        held = meeting(begins_at=None, finishes_at=None)
        at(held, "09:00", "10:00", "A", room="Hall 1")
        at(held, *second, "B", room=" hall 1 ")
        found = words(held)
        assert bool(found) is clash
        if clash:
            one, other = ("A", "B") if second[0] > "09:00" else ("B", "A")
            room = "Hall 1" if one == "A" else "hall 1"
            assert found == [f"“{one}” and “{other}” use the same room at the same time: {room}."]

    def test_no_room_is_no_clash_and_another_day_neither(self, meeting: Any) -> None:
        held = meeting()
        at(held, "09:00", "10:00")
        at(held, "09:00", "10:00")
        at(held, "09:00", "10:00", room="Hall", day=1)
        at(held, "09:00", "10:00", room="Hall", day=2)
        assert words(held) == []

    def test_a_speaker_in_two_places(self, meeting: Any, winnipeg: Any) -> None:
        held = meeting()
        one, other = at(held, "09:00", "10:00", "A"), at(held, "09:30", "10:30", "B")
        helen = make_stakeholder(winnipeg, name="Helen Campbell")
        for item in (one, other):
            make_speaker(item, "Helen Campbell", stakeholder=helen)
            make_speaker(item, "Ann Lee", email="ANN@x.example" if item == one else "ann@x.example")
        make_speaker(one, "Joe Doe", email="joe@a.example")
        make_speaker(other, "Joe Doe", email="joe@b.example")  # two people of one name
        assert words(held) == [
            "Helen Campbell is needed in “A” and in “B” at the same time.",
            "Ann Lee is needed in “A” and in “B” at the same time.",
        ]

    @pytest.mark.parametrize("kind", [K.PLENARY, K.KEYNOTE, K.GENERAL_MEETING])
    def test_what_is_for_everybody_stands_alone_but_for_breaks(self, meeting: Any, kind: str) -> None:
        held = meeting()
        at(held, "09:00", "10:00", "Coffee", kind=K.BREAK)
        at(held, "09:00", "10:00", "All", kind=kind)
        assert words(held) == []
        at(held, "09:30", "10:00", "Beside", kind=K.PARALLEL)
        assert words(held) == ["“All” is for everybody, but “Beside” is on at the same time."]

    def test_after_the_last_day_and_outside_the_hours(self, meeting: Any) -> None:
        held = meeting()
        at(held, "09:00", "16:00", "In time")
        at(held, "08:59", "09:30", "Early", day=2)
        at(held, "15:00", "16:01", "Late", day=2)
        at(held, "09:00", "10:00", "Too late", day=3)
        hours = "the hours of the meeting (9:00\u00a0a.m. – 4:00\u00a0p.m.)."
        assert words(held) == [
            f"“Early” lies outside {hours}",
            f"“Late” lies outside {hours}",
            "“Too late” lies after the last day of the meeting.",
        ]

    def test_a_clash_is_said_beside_both(self, meeting: Any) -> None:
        held = meeting()
        at(held, "09:00", "10:00", "A", room="Hall")
        at(held, "09:00", "10:00", "B", room="Hall")
        sentence = "“A” and “B” use the same room at the same time: Hall."
        assert [s.clashes for s in agenda_days(held)[0].sessions] == [[sentence], [sentence]]

    def test_titles_in_the_language_of_the_page(self, meeting: Any) -> None:
        held = meeting()
        at(held, "09:00", "10:00", "A", day=5)
        with translation.override("fr"):
            assert "A (fr)" in words(held)[0]


class TestWhatItLacks:
    def test_titles_speakers_days(self, meeting: Any) -> None:
        ready = meeting("scheduled")
        item = at(ready, "09:00", "10:00", "Talk", kind=K.KEYNOTE, title_fr="", day=3)
        assert agenda_days(ready)[2].sessions[0].lacks == [
            "It has a title in one language only.",
            "It has no speaker yet.",
        ]
        assert agenda_checklist(ready) == [
            "“Talk” has a title in one language only.",
            "“Talk” has no speaker yet.",
            "“Talk” lies after the last day.",
        ]
        make_speaker(item)
        AgendaItem.objects.update(title_fr="Conférence", day=2)
        assert agenda_checklist(Meeting.objects.get()) == []

    def test_when_the_agenda_is_closed(self, meeting: Any, helen: Any, priya: Any) -> None:
        over = "The meeting took place: only the network still corrects its agenda."
        cancelled = "The meeting is cancelled: its agenda stays as it was."
        found = {
            stage: [agenda_closed(meeting(stage), user) for user in (priya, helen)]
            for stage in ("idea", "scheduled", "announced", "postponed", "held", "cancelled")
        }
        open_for_both = ["", ""]
        assert found == {
            "idea": open_for_both,
            "scheduled": open_for_both,
            "announced": open_for_both,
            "postponed": open_for_both,
            "held": ["", over],
            "cancelled": [cancelled, cancelled],
        }


class TestWhomToName:
    def test_the_people_of_the_network_who_have_not_left(self, helen: Any, rosa: Any, winnipeg: Any) -> None:
        make_stakeholder(winnipeg, name="Gone", left_on=date(2020, 1, 1))
        assert list(people_to_choose(helen)) == ["Helen Friesen (Winnipeg)", "Rosa Morin (Saskatoon)"]
        assert list(people_to_choose(make_user())) == []

    def test_who_speaks_already_can_stay(self, meeting: Any, helen: Any, winnipeg: Any) -> None:
        item = at(meeting(), "09:00", "10:00")
        make_speaker(item, "Gone", stakeholder=make_stakeholder(winnipeg, name="Gone", left_on=date(2020, 1, 1)))
        assert list(people_to_choose(helen, item)) == ["Gone (Winnipeg)", "Helen Friesen (Winnipeg)"]


def test_the_mark_changes_with_each_change(meeting: Any) -> None:
    held = meeting()
    item = at(held, "09:00", "10:00")
    marks = [mark_of(held.agenda.all())]
    for change in ({"version": 2}, {"order": 3}):
        AgendaItem.objects.filter(pk=item.pk).update(**change)
        marks.append(mark_of(held.agenda.all()))
    at(held, "09:00", "10:00")
    marks.append(mark_of(held.agenda.all()))
    assert len(set(marks)) == 4
    assert mark_of(held.agenda.all()) == marks[-1]


def test_what_was_on_the_agenda_is_remembered(meeting: Any) -> None:
    held, other = meeting(), make_meeting()
    item = at(held, "09:00", "10:00")
    pk = item.pk
    item.delete()
    assert (was_on_agenda(held, pk), was_on_agenda(other, pk), was_on_agenda(held, pk + 1)) == (True, False, False)
