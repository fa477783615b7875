"""Keeping the agenda: sessions, who speaks, links, order, exchanged times, and what the history says of them."""

from datetime import time
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from meetings.models import AgendaItem, Material, Meeting, MeetingChange, SessionAttendance
from meetings.selectors.agenda import mark_of
from meetings.services import add_item, keep_item, move_item, remove_item, reorder

from .factories import make_item, make_place, make_speaker

pytestmark = pytest.mark.django_db
K = AgendaItem.Kind
FIELDS: dict[str, Any] = {
    "day": 1,
    "starts_at": time(9),
    "ends_at": time(10),
    "title_en": "Welcome",
    "title_fr": "Bienvenue",
}


def at(meeting: Meeting, start: str, end: str, title: str, **fields: Any) -> AgendaItem:
    times = {"starts_at": time.fromisoformat(start), "ends_at": time.fromisoformat(end)}
    return make_item(meeting, **(times | {"title_en": title, "title_fr": f"{title} (fr)"} | fields))


def times_of(meeting: Meeting) -> list[tuple[str, str, str]]:
    return [
        (i.title_en, f"{i.starts_at:%H:%M}", f"{i.ends_at:%H:%M}") for i in AgendaItem.objects.filter(meeting=meeting)
    ]


def history(meeting: Meeting) -> list[tuple[str, str]]:
    return list(MeetingChange.objects.filter(meeting=meeting).values_list("text_en", "text_fr"))


class TestWho:
    def test_the_network_and_who_speaks_for_the_host(
        self, meeting: Any, priya: Any, helen: Any, henry: Any, rosa: Any, amina: Any, thunder_bay: Any
    ) -> None:
        planned = meeting("scheduled", co_host=thunder_bay)
        found = {}
        for person in (priya, helen, henry, rosa, amina):
            try:
                add_item(planned, by=person, **FIELDS)
                found[person.name] = "added"
            except PermissionDenied:
                found[person.name] = "denied"
        assert found == {
            "Priya Nair": "added",
            "Helen Friesen": "added",
            "Henry Okemaw": "denied",
            "Rosa Morin": "denied",
            "Amina Diallo": "denied",
        }

    def test_every_door_asks(self, meeting: Any, henry: Any) -> None:
        item = make_item(meeting())
        for act in (
            lambda: keep_item(item, seen=1, by=henry, room="X"),
            lambda: move_item(item, by=henry, step=1),
            lambda: remove_item(item, by=henry),
            lambda: reorder(item.meeting, by=henry, order=[item.pk], seen=""),
        ):
            with pytest.raises(PermissionDenied):
                act()
        assert AgendaItem.objects.get().room == ""

    def test_after_the_meeting_only_the_network_corrects_it(self, meeting: Any, priya: Any, helen: Any) -> None:
        item = make_item(meeting("held"))
        with pytest.raises(TransitionRefused, match="only the network still corrects its agenda"):
            keep_item(item, seen=1, by=helen, room="X")
        keep_item(item, seen=1, by=priya, starts_at=time(9, 30))
        assert (AgendaItem.objects.get().starts_at, history(item.meeting)) == (time(9, 30), [])

    def test_a_cancelled_one_stands(self, meeting: Any, priya: Any) -> None:
        with pytest.raises(TransitionRefused, match="cancelled: its agenda stays as it was"):
            add_item(meeting("cancelled"), by=priya, **FIELDS)


class TestSessions:
    def test_a_new_one_comes_last_at_its_time_with_speakers_and_links(
        self, meeting: Any, priya: Any, rosa: Any
    ) -> None:
        planned = meeting("scheduled")
        make_item(planned)
        stakeholder = rosa.stakeholders.get()
        item = add_item(
            planned,
            by=priya,
            speakers=[
                {"stakeholder": stakeholder, "role": "moderator"},
                {"name": "Ann Lee", "title": "Professor", "email": "ann@x.example"},
            ],
            links=[{"title": "Brief 4", "url": "https://a.example/4", "kind": "brief"}],
            **FIELDS,
        )
        assert item.order == 1
        people = item.speakers.values_list("name", "title", "organisation", "email", "role", "stakeholder")
        assert list(people) == [
            (
                "Rosa Morin",
                "Coordinator, Community Safety",
                "Saskatoon",
                "rosa@saskatoon.example",
                "moderator",
                stakeholder.pk,
            ),
            ("Ann Lee", "Professor", "", "ann@x.example", "speaker", None),
        ]
        link = Material.objects.get()
        assert (link.meeting, link.item, link.kind, link.title_en, link.title_fr, link.access, link.added_by) == (
            planned, item, "brief", "Brief 4", "", "audience", priya,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("stage", "fields", "reason"),
        [
            ("scheduled", {"title_en": "", "title_fr": ""}, "Give the session a title."),
            ("announced", {"title_fr": ""}, "The meeting is announced: give the title in both languages."),
            ("scheduled", {"ends_at": time(9)}, "It ends before it begins."),
            ("scheduled", {"ends_at": time(8, 59)}, "It ends before it begins."),
        ],
    )
    def test_what_cannot_stand(self, meeting: Any, priya: Any, stage: str, fields: dict[str, Any], reason: str) -> None:
        with pytest.raises(TransitionRefused) as refused:
            add_item(meeting(stage), by=priya, **(FIELDS | fields))
        assert (str(refused.value), AgendaItem.objects.count()) == (reason, 0)

    def test_one_language_is_enough_for_a_draft(self, meeting: Any, priya: Any) -> None:
        assert add_item(meeting("scheduled"), by=priya, **(FIELDS | {"title_en": ""})).title == "Bienvenue"

    def test_keeping_replaces_speakers_when_they_are_given(self, meeting: Any, priya: Any) -> None:
        item = make_item(meeting("scheduled"))
        make_speaker(item, "Ann Lee")
        keep_item(item, seen=1, by=priya, room="Hall")
        assert [s.name for s in item.speakers.all()] == ["Ann Lee"]
        keep_item(item, seen=2, by=priya, speakers=[{"name": "Joe"}, {"name": "Ann Lee", "role": "elder"}])
        assert [(s.name, s.role) for s in item.speakers.all()] == [("Joe", "speaker"), ("Ann Lee", "elder")]

    def test_who_saved_first_is_not_overwritten(self, meeting: Any, priya: Any) -> None:
        item = make_item(meeting())
        make_speaker(item, "Ann Lee")
        keep_item(item, seen=1, by=priya, room="Hall")
        with pytest.raises(Conflict):
            keep_item(item, seen=1, by=priya, room="Attic", starts_at=time(9, 30), speakers=[])
        kept = AgendaItem.objects.get()
        assert (kept.room, kept.speakers.count(), history(item.meeting)) == ("Hall", 1, [])

    def test_links_not_named_stay_and_titles_keep_the_other_language(self, meeting: Any, priya: Any) -> None:
        item = make_item(meeting("scheduled"))
        rows = [
            Material.objects.create(
                meeting=item.meeting,
                item=item,
                url=f"https://{n}.example",
                title_en=n,
                title_fr=f"{n} fr",
                language="en",
            )
            for n in ("a", "b", "c")
        ]
        with translation.override("fr"):
            links = [
                {"pk": rows[0].pk, "title": "A nouveau", "url": "https://new.example", "kind": "slides"},
                {"pk": rows[1].pk, "title": "", "url": ""},
            ]
            keep_item(item, seen=1, by=priya, links=links)
        assert list(Material.objects.order_by("pk").values_list("title_en", "title_fr", "url", "kind")) == [
            ("a", "A nouveau", "https://new.example", "slides"),
            ("c", "c fr", "https://c.example", "document"),
        ]

    def test_a_link_of_another_session_is_not_touched(self, meeting: Any, priya: Any) -> None:
        item, other = make_item(meeting("scheduled")), make_item(meeting("scheduled"))
        theirs = Material.objects.create(
            meeting=other.meeting, item=other, url="https://a.example", title_en="a", language="en"
        )
        keep_item(item, seen=1, by=priya, links=[{"pk": theirs.pk, "title": "", "url": ""}])
        assert Material.objects.get() == theirs


class TestHistory:
    def test_new_times_of_an_announced_meeting_are_kept_in_both_languages(self, meeting: Any, helen: Any) -> None:
        item = make_item(meeting())
        keep_item(item, seen=1, by=helen, room="Hall", speakers=[{"name": "Ann"}])
        assert history(item.meeting) == []
        keep_item(item, seen=2, by=helen, day=2, starts_at=time(13, 30), ends_at=time(15))
        assert history(item.meeting) == [
            (
                "New time for “Welcome”: April 15, 2027, 1:30\u00a0p.m. to 3:00\u00a0p.m.",
                "Nouvel horaire de «\u00a0Mot de bienvenue\u00a0»\u00a0: 15\u00a0avril\u00a02027, de 13\u00a0h\u00a030 à 15\u00a0h",
            )
        ]
        assert MeetingChange.objects.get().by_name == str(helen)

    def test_a_cancelled_session(self, meeting: Any, priya: Any) -> None:
        item = make_item(meeting(), title_en="T" * 200)
        Material.objects.create(meeting=item.meeting, item=item, url="https://a.example", title_en="a", language="en")
        remove_item(item, by=priya)
        when = ("April 14, 2027, 9:00\u00a0a.m. to 10:00\u00a0a.m.", "14\u00a0avril\u00a02027, de 9\u00a0h à 10\u00a0h")
        assert history(item.meeting) == [
            (f"Session cancelled: {'T' * 200} ({when[0]})", f"Séance annulée\u00a0: Mot de bienvenue ({when[1]})")
        ]
        assert Material.objects.get().item is None
        assert Meeting.objects.get().sequence == 0

    @pytest.mark.parametrize("stage", ["idea", "polling", "scheduled", "postponed", "held"])
    def test_nothing_is_noted_at_other_times(self, meeting: Any, priya: Any, stage: str) -> None:
        one, other = make_item(meeting(stage)), make_item(meeting(stage))
        keep_item(one, seen=1, by=priya, starts_at=time(9, 30))
        remove_item(other, by=priya)
        assert MeetingChange.objects.count() == 0

    def test_removed_twice_and_changed_after(self, meeting: Any, priya: Any) -> None:
        item = make_item(meeting())
        again = AgendaItem.objects.select_related("meeting").get()
        remove_item(item, by=priya)
        for act in (
            lambda: remove_item(again, by=priya),
            lambda: keep_item(again, seen=1, by=priya, room="X"),
            lambda: move_item(again, by=priya, step=1),
        ):
            with pytest.raises(TransitionRefused, match="This session was taken off the agenda") as refused:
                act()
            assert refused.value.done_already
        assert MeetingChange.objects.count() == 1

    def test_a_session_with_noted_attendance_stays(self, meeting: Any, priya: Any) -> None:
        item = make_item(meeting("held"))
        SessionAttendance.objects.create(item=item, registration=make_place(item.meeting))
        with pytest.raises(TransitionRefused, match="Attendance was noted in this session"):
            remove_item(item, by=priya)


class TestMoving:
    def test_parallel_ones_change_their_order_only(self, meeting: Any, priya: Any) -> None:
        held = meeting()
        a, b, c = (at(held, "10:00", "11:00", title) for title in "ABC")
        move_item(c, by=priya, step=-1)
        assert [row[0] for row in times_of(held)] == ["A", "C", "B"]
        move_item(a, by=priya, step=1)
        assert [row[0] for row in times_of(held)] == ["C", "A", "B"]
        for item, step in ((c, -1), (b, 1)):
            with pytest.raises(TransitionRefused, match="at the end of the sessions of this time"):
                move_item(item, by=priya, step=step)
        assert {row[1:] for row in times_of(held)} == {("10:00", "11:00")}
        assert (set(AgendaItem.objects.values_list("version", flat=True)), history(held)) == ({1}, [])

    def test_neighbours_exchange_their_times_and_keep_lengths_and_the_pause(self, meeting: Any, priya: Any) -> None:
        held = meeting()
        a = at(held, "09:00", "10:00", "A")
        at(held, "10:30", "12:00", "B")
        at(held, "09:00", "10:00", "Tomorrow", day=2)
        move_item(a, by=priya, step=1)
        assert times_of(held)[:2] == [("B", "09:00", "10:30"), ("A", "11:00", "12:00")]
        assert [text for text, _french in history(held)] == [
            "New time for “B”: April 14, 2027, 9:00\u00a0a.m. to 10:30\u00a0a.m.",
            "New time for “A”: April 14, 2027, 11:00\u00a0a.m. to 12:00\u00a0p.m.",
        ]
        move_item(AgendaItem.objects.get(title_en="A"), by=priya, step=-1)
        assert times_of(held)[:2] == [("A", "09:00", "10:00"), ("B", "10:30", "12:00")]
        with pytest.raises(TransitionRefused, match="at the end of its day already"):
            move_item(a, by=priya, step=-1)

    def test_parallel_ones_move_together(self, meeting: Any, priya: Any) -> None:
        held = meeting()
        at(held, "10:00", "11:00", "B")
        at(held, "10:00", "11:30", "C")
        move_item(at(held, "09:00", "10:00", "A"), by=priya, step=1)
        assert times_of(held) == [("B", "09:00", "10:00"), ("C", "09:00", "10:30"), ("A", "10:30", "11:30")]

    def test_those_that_overlap_follow_each_other(self, meeting: Any, priya: Any) -> None:
        held = meeting()
        a = at(held, "09:00", "12:00", "A")
        at(held, "10:00", "11:00", "B")
        move_item(a, by=priya, step=1)
        assert times_of(held) == [("B", "09:00", "10:00"), ("A", "10:00", "13:00")]

    def test_a_day_that_is_too_short(self, meeting: Any, priya: Any) -> None:
        held = meeting()
        a = at(held, "20:00", "23:00", "A")
        at(held, "21:00", "22:00", "B")
        with pytest.raises(TransitionRefused, match="The day is too short to exchange them"):
            move_item(a, by=priya, step=1)
        assert times_of(held) == [("A", "20:00", "23:00"), ("B", "21:00", "22:00")]


class TestReordering:
    def test_only_those_of_one_time_change_places(self, meeting: Any, priya: Any) -> None:
        held = meeting()
        a, b, c = (at(held, "10:00", "11:00", title) for title in "ABC")
        first = at(held, "09:00", "10:00", "First")
        seen = mark_of(held.agenda.all())
        mark = reorder(held, by=priya, order=[c.pk, a.pk, first.pk, b.pk], seen=seen)
        assert [row[0] for row in times_of(held)] == ["First", "C", "A", "B"]
        assert mark == mark_of(Meeting.objects.get().agenda.all()) != seen
        reorder(held, by=priya, order=[a.pk, b.pk, c.pk, first.pk], seen=mark)
        assert [row[0] for row in times_of(held)] == ["First", "A", "B", "C"]

    @pytest.mark.parametrize("change", ["edited", "added", "removed", "moved"])
    def test_an_old_page_changes_nothing(self, meeting: Any, priya: Any, change: str) -> None:
        held = meeting()
        a, b = (at(held, "10:00", "11:00", title) for title in "AB")
        seen = mark_of(held.agenda.all())
        {
            "edited": lambda: keep_item(b, seen=1, by=priya, room="X"),
            "added": lambda: at(held, "10:00", "11:00", "C"),
            "removed": lambda: remove_item(b, by=priya),
            "moved": lambda: move_item(b, by=priya, step=-1),
        }[change]()
        before = times_of(held)
        with pytest.raises(Conflict):
            reorder(held, by=priya, order=[b.pk, a.pk], seen=seen)
        assert times_of(held) == before

    @pytest.mark.parametrize("wrong", ["missing", "twice", "foreign"])
    def test_an_order_that_is_none(self, meeting: Any, priya: Any, wrong: str) -> None:
        held = meeting()
        a, b = (at(held, "10:00", "11:00", title) for title in "AB")
        foreign = make_item(meeting())
        order = {"missing": [b.pk], "twice": [b.pk, b.pk], "foreign": [b.pk, a.pk, foreign.pk]}[wrong]
        with pytest.raises(Conflict):
            reorder(held, by=priya, order=order, seen=mark_of(held.agenda.all()))
        assert [row[0] for row in times_of(held)] == ["A", "B"]
