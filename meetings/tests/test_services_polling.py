"""Finding a date: proposing, asking, answering, fixing."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import (
    make_membership,
    make_municipality,
    make_region,
    make_representative,
    make_stakeholder,
)
from meetings import services
from meetings.models import Invitee, Meeting, PollAnswer, PollSlot
from meetings.selectors.poll import Outsider, people_for, poll_matrix
from meetings.services.polling import Dates

from .factories import make_invitee, make_slot
from .mailbag import forget, to, written

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAYS = [date(2027, 4, 14), date(2027, 4, 15), date(2027, 4, 20)]
CLOSES = date(2027, 2, 19)


def dates(day: date, pk: int | None = None, begins: int = 9, last: date | None = None) -> Dates:
    return Dates(day, last or day, time(begins), time(16), pk)


def begun(meeting: Any, stage: str = "polling", **fields: Any) -> Meeting:
    there: Meeting = meeting(stage, **({"poll_closes_on": CLOSES} | fields))
    for day in DAYS:
        make_slot(there, day)
    return there


def asked(meeting: Meeting, email: str = "", **fields: Any) -> Invitee:
    return make_invitee(meeting, email, is_asked_for_dates=True, **fields)


def said(invitee: Invitee) -> dict[date, str]:
    return dict(PollAnswer.objects.filter(invitee=invitee).values_list("slot__day", "value"))


def days_of(meeting: Meeting) -> list[date]:
    return list(meeting.slots.values_list("day", flat=True))


class TestProposing:
    def test_dates_are_added_changed_and_taken_away(self, meeting: Any, priya: Any) -> None:
        there = meeting("idea")
        services.keep_slots(there, slots=[dates(day) for day in DAYS], closes_on=CLOSES, by=priya)
        assert (days_of(there), Meeting.objects.get().poll_closes_on) == (DAYS, CLOSES)
        first, second, third = there.slots.all()
        new = [dates(DAYS[0], first.pk), dates(date(2027, 4, 16), second.pk, last=date(2027, 4, 17))]
        services.keep_slots(there, slots=new, removed=[third.pk], closes_on=None, by=priya)
        assert list(there.slots.values_list("day", "last_day")) == [
            (DAYS[0], DAYS[0]),
            (date(2027, 4, 16), date(2027, 4, 17)),
        ]
        assert there.slots.first() == first

    def test_what_somebody_else_added_meanwhile_stays(self, meeting: Any, priya: Any) -> None:
        there = begun(meeting, "idea")
        mine = [dates(slot.day, slot.pk) for slot in there.slots.all()]
        make_slot(there, date(2027, 5, 4))
        services.keep_slots(there, slots=mine, closes_on=CLOSES, by=priya)
        assert days_of(there) == [*DAYS, date(2027, 5, 4)]

    def test_the_same_sent_twice_makes_no_more(self, meeting: Any, priya: Any) -> None:
        there = meeting("idea")
        for _turn in range(2):
            services.keep_slots(there, slots=[dates(day) for day in DAYS], closes_on=CLOSES, by=priya)
        assert days_of(there) == DAYS

    def test_two_dates_change_places(self, meeting: Any, priya: Any) -> None:
        there = begun(meeting, "idea")
        one, two, _three = there.slots.all()
        services.keep_slots(there, slots=[dates(two.day, one.pk), dates(one.day, two.pk)], closes_on=CLOSES, by=priya)
        assert days_of(there) == DAYS

    def test_an_answered_date_goes_only_with_a_clear_word(self, meeting: Any, priya: Any) -> None:
        there = begun(meeting)
        make_slot(there, date(2027, 5, 4))
        first = there.slots.first()
        person = asked(there)
        services.answer_dates(person, answers={first.pk: "yes"})
        words = "People have answered about April 14, 2027, 9:00\xa0a.m. to 4:00\xa0p.m.: say clearly"
        with pytest.raises(TransitionRefused, match=words):
            services.keep_slots(there, slots=[], removed=[first.pk], closes_on=CLOSES, by=priya)
        with pytest.raises(TransitionRefused, match=words):
            services.keep_slots(there, slots=[dates(DAYS[0], first.pk, begins=10)], closes_on=CLOSES, by=priya)
        services.keep_slots(there, slots=[dates(DAYS[0], first.pk)], closes_on=CLOSES, by=priya)  # unchanged
        assert said(person) == {DAYS[0]: "yes"}
        services.keep_slots(there, slots=[], removed=[first.pk], closes_on=CLOSES, by=priya, drop_answered=True)
        assert said(person) == {}

    def test_how_many(self, meeting: Any, priya: Any) -> None:
        there = begun(meeting)
        many = [dates(date(2027, 5, 1) + timedelta(days=n)) for n in range(7)]
        services.keep_slots(there, slots=many, closes_on=CLOSES, by=priya)
        with pytest.raises(TransitionRefused, match="More than 10 dates are not answered."):
            services.keep_slots(there, slots=[dates(date(2027, 6, 1))], closes_on=CLOSES, by=priya)
        pks = there.slots.values_list("pk", flat=True)[:8]
        with pytest.raises(TransitionRefused, match="Fewer than 3 dates are no choice."):
            services.keep_slots(there, slots=[], removed=pks, closes_on=CLOSES, by=priya)
        slot = dates(DAYS[0], last=DAYS[1])
        with pytest.raises(TransitionRefused, match="The same day and time is proposed twice."):
            services.keep_slots(there, slots=[slot], closes_on=CLOSES, by=priya)
        assert there.slots.count() == 10

    def test_the_wrong_moment_and_the_wrong_person(self, meeting: Any, priya: Any, helen: Any) -> None:
        with pytest.raises(PermissionDenied):
            services.keep_slots(begun(meeting), slots=[], closes_on=CLOSES, by=helen)
        words = "The date is no longer looked for: the meeting is “Being prepared”."
        with pytest.raises(TransitionRefused, match=words):
            services.keep_slots(meeting("scheduled"), slots=[], closes_on=CLOSES, by=priya)


class TestWhom:
    def test_groups_municipalities_and_outsiders(
        self, meeting: Any, helen: Any, rosa: Any, amina: Any, luc: Any, gatineau: Any
    ) -> None:
        there = meeting("idea", region=make_region())
        regina = make_municipality("regina", province="SK")
        make_stakeholder(regina, name="Dan", email="dan@regina.example", standing=Standing.DEPUTY)
        make_stakeholder(gatineau, name="Eve", email="Eve@Gatineau.example", standing=Standing.DEPUTY, language="")
        make_stakeholder(gatineau, name="Left", standing=Standing.DEPUTY, left_on=date(2027, 1, 1))
        friend = make_municipality("friend", province="MB", member=False)
        make_membership(friend, kind="associate")
        make_representative(friend, "fay@friend.example")

        def emails(**chosen: Any) -> list[str]:
            return sorted(person.email for person in people_for(there, **chosen))

        prairies = ["dan@regina.example", "helen@winnipeg.example", "rosa@saskatoon.example"]
        assert emails() == []
        assert emails(groups=["region"]) == prairies
        assert emails(groups=["region_associates"]) == ["fay@friend.example"]
        assert emails(groups=["general"]) == sorted(["amina@thunderbay.example", "luc@gatineau.example", *prairies])
        assert emails(groups=["associates"]) == ["fay@friend.example"]
        assert emails(municipalities=[gatineau]) == ["eve@gatineau.example", "luc@gatineau.example"]
        both = emails(municipalities=[gatineau], outsiders=[Outsider("Luc", "Luc@Gatineau.example")])
        assert both == ["eve@gatineau.example", "luc@gatineau.example"]
        eve = next(p for p in people_for(there, municipalities=[gatineau]) if p.name == "Eve")
        assert (eve.language, eve.zone, eve.municipality) == ("both", "America/Toronto", gatineau)
        asked(there, "helen@winnipeg.example")
        assert emails(groups=["region"]) == ["dan@regina.example", "rosa@saskatoon.example"]

    def test_membership_on_the_day(self, meeting: Any) -> None:
        there = meeting("idea")
        for name, fields in {
            "last": {"until_on": date(2027, 2, 1)},
            "over": {"until_on": date(2027, 1, 31)},
            "first": {"from_on": date(2027, 2, 1)},
            "soon": {"from_on": date(2027, 2, 2)},
        }.items():
            place = make_municipality(name, member=False)
            make_membership(place, **fields)
            make_representative(place, f"{name}@place.example")
        found = sorted(person.email for person in people_for(there, groups=["general"]))
        assert found == ["first@place.example", "last@place.example"]

    def test_the_list_before_the_question(self, meeting: Any, priya: Any, helen: Any) -> None:
        there = begun(meeting, "idea")
        invited = make_invitee(there, "known@place.example")
        people = [Invitee(name="Ann", email="ann@out.example", language="en"), Invitee(name="K", email=invited.email)]
        new = services.ask_people(there, people=people, by=priya)
        assert sorted(person.email for person in new) == ["ann@out.example", "known@place.example"]
        assert services.ask_people(there, people=people, by=priya) == []
        assert (there.invitees.filter(is_asked_for_dates=True).count(), written()) == (2, [])
        with pytest.raises(PermissionDenied):
            services.ask_people(there, people=people, by=helen)
        assert services.drop_people(there, people=[new[0].pk], by=priya) == 1
        services.ask_for_dates(there, by=priya)
        with pytest.raises(TransitionRefused, match="These people have had the letter already."):
            services.drop_people(there, people=[new[1].pk], by=priya)


class TestAsking:
    def test_everyone_gets_one_letter_in_their_language(self, meeting: Any, priya: Any) -> None:
        there = begun(meeting, "idea")
        asked(there, "en@place.example", language="en")
        asked(there, "fr@place.example", language="fr")
        make_invitee(there, "not@place.example")
        services.ask_for_dates(there, by=priya)
        assert (there.state, to("dates_asked")) == ("polling", ["en@place.example", "fr@place.example"])
        english, french = sorted(written("dates_asked"), key=lambda letter: letter.language)
        assert "April 14, 2027, 9:00\xa0a.m. to 4:00\xa0p.m." in english.text
        assert "14\xa0avril\xa02027, de 9\xa0h à 16\xa0h" in french.text
        with pytest.raises(TransitionRefused, match="Already done by Priya Nair: it is “Looking for a date”."):
            services.ask_for_dates(there, by=priya)
        assert len(written("dates_asked")) == 2

    def test_those_added_later_get_it_and_only_they_with_the_dates_of_now(self, meeting: Any, priya: Any) -> None:
        there = begun(meeting, "idea")
        asked(there, "early@place.example")
        services.ask_for_dates(there, by=priya)
        forget()
        services.keep_slots(there, slots=[dates(date(2027, 5, 4))], closes_on=date(2027, 2, 26), by=priya)
        late = Invitee(name="Late", email="late@place.example", language="en")
        services.ask_people(there, people=[late], by=priya)
        [letter] = written("dates_asked")
        assert letter.to_email == "late@place.example"
        assert "May 4, 2027" in letter.text
        assert "February 26, 2027" in letter.text

    def test_nobody_is_asked_after_the_closing_day(self, meeting: Any, priya: Any, clock: Any) -> None:
        there = begun(meeting)
        clock.move_to(datetime(2027, 2, 20, 5, 0, tzinfo=UTC))  # midnight in Winnipeg
        with pytest.raises(TransitionRefused, match="Answers were possible until February 19, 2027."):
            services.ask_people(there, people=[Invitee(name="L", email="l@place.example")], by=priya)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"title_fr": ""}, "Give the meeting a title in both languages."),
            ({"poll_closes_on": None}, "Say until when people may answer."),
            ({"poll_closes_on": date(2027, 4, 14)}, "People answer before the first proposed date."),
        ],
    )
    def test_not_before_it_is_complete(self, meeting: Any, priya: Any, change: dict[str, Any], words: str) -> None:
        there = begun(meeting, "idea", **change)
        asked(there)
        with pytest.raises(TransitionRefused, match=words):
            services.ask_for_dates(there, by=priya)
        assert written() == []


class TestAnswering:
    def test_partly_and_again_until_the_closing_day(self, meeting: Any, clock: Any) -> None:
        there = begun(meeting)
        person = asked(there)
        one, two, _three = there.slots.all()
        services.answer_dates(person, answers={one.pk: "yes", two.pk: "no"}, note="Mornings only ")
        clock.move_to(datetime(2027, 2, 20, 4, 59, tzinfo=UTC))  # one minute before midnight in Winnipeg
        services.answer_dates(person, answers={two.pk: "if_need_be"}, note="")
        assert said(person) == {DAYS[0]: "yes", DAYS[1]: "if_need_be"}
        assert Invitee.objects.get().dates_note == ""
        clock.move_to(datetime(2027, 2, 20, 5, 0, tzinfo=UTC))
        with pytest.raises(TransitionRefused, match="Answers were possible until February 19, 2027."):
            services.answer_dates(person, answers={two.pk: "no"})
        assert said(person) == {DAYS[0]: "yes", DAYS[1]: "if_need_be"}

    def test_not_when_it_is_fixed_nor_by_who_was_not_asked(self, meeting: Any) -> None:
        person = asked(meeting("scheduled"))
        with pytest.raises(TransitionRefused, match="The date is fixed: April 14–15, 2027."):
            services.answer_dates(person, answers={1: "yes"})
        other = make_invitee(begun(meeting))
        with pytest.raises(TransitionRefused, match="Nobody is asked for dates at the moment."):
            services.answer_dates(other, answers={1: "yes"})

    def test_dates_that_are_none(self, meeting: Any) -> None:
        there, other = begun(meeting), begun(meeting)
        person = asked(there)
        with pytest.raises(TransitionRefused, match="One of the dates is no longer proposed; look at the list again."):
            services.answer_dates(person, answers={other.slots.first().pk: "yes"})
        with pytest.raises(ValueError, match="not an answer"):
            services.answer_dates(person, answers={there.slots.first().pk: "maybe"})
        with pytest.raises(TransitionRefused, match="Answer about one date at least."):
            services.answer_dates(person, answers={}, note="Sorry")
        assert PollAnswer.objects.count() == 0


class TestMatrix:
    def answer(self, person: Invitee, *values: str) -> None:
        slots = person.meeting.slots.all()
        rows = [PollAnswer(slot=s, invitee=person, value=v) for s, v in zip(slots, values, strict=True) if v]
        PollAnswer.objects.bulk_create(rows)

    def test_the_worst_of_several_counts_and_the_host_must(
        self, meeting: Any, winnipeg: Any, saskatoon: Any, thunder_bay: Any, gatineau: Any
    ) -> None:
        there = begun(meeting, co_host=thunder_bay)
        self.answer(asked(there, name="Helen", municipality=winnipeg), "yes", "no", "yes")
        self.answer(asked(there, name="Amina", municipality=thunder_bay), "yes", "yes", "")
        self.answer(asked(there, name="Rosa", municipality=saskatoon), "yes", "yes", "yes")
        self.answer(asked(there, name="Ravi", municipality=saskatoon), "if_need_be", "yes", "")
        self.answer(asked(there, name="Ann Lee"), "no", "yes", "yes")
        asked(there, name="Luc", municipality=gatineau)
        matrix = poll_matrix(there)
        assert [(row.label, row.is_must, [c.value for c in row.cells]) for row in matrix.rows] == [
            ("Winnipeg", True, ["yes", "no", "yes"]),
            ("Thunder Bay", True, ["yes", "yes", ""]),
            ("Gatineau", False, ["", "", ""]),
            ("Saskatoon", False, ["if_need_be", "yes", "yes"]),
            ("Ann Lee", False, ["no", "yes", "yes"]),
        ]
        assert matrix.rows[3].cells[0].title == "Ravi: If need be; Rosa: Yes"
        assert [(c.yes, c.if_need_be, c.no, c.open, c.is_impossible) for c in matrix.columns] == [
            (2, 1, 1, 1, False),
            (3, 0, 1, 1, True),
            (3, 0, 0, 2, False),
        ]
        assert matrix.best is not None
        assert matrix.best.slot.day == DAYS[2]
        assert matrix.reason == "3 of 4 that answered can come. Thunder Bay has not said yet whether it can."

    def test_all_can_and_the_earlier_of_two(self, meeting: Any) -> None:
        there = begun(meeting)
        self.answer(asked(there), "yes", "yes", "no")
        self.answer(asked(there), "if_need_be", "if_need_be", "yes")
        matrix = poll_matrix(there)
        assert matrix.best is not None
        assert matrix.best.slot.day == DAYS[0]
        assert matrix.reason == (
            "All 2 that answered can come, 1 of them if need be. "
            "As good, but later: April 15, 2027, 9:00\xa0a.m. to 4:00\xa0p.m."
        )

    def test_nobody_and_never(self, meeting: Any, winnipeg: Any) -> None:
        there = begun(meeting)
        host = asked(there, municipality=winnipeg)
        assert (poll_matrix(there).best, poll_matrix(there).reason) == (None, "")
        self.answer(host, "no", "no", "no")
        assert (poll_matrix(there).best, poll_matrix(there).reason) == (
            None,
            "The host, or the co-hosting member, can at none of these dates: propose others.",
        )

    def test_three_queries_for_one_and_for_three_hundred(self, meeting: Any) -> None:
        def queries() -> int:
            with CaptureQueriesContext(connection) as captured:
                matrix = poll_matrix(Meeting.objects.get(pk=there.pk))
                assert matrix.reason
            return len(captured)

        there = begun(meeting)
        self.answer(asked(there, municipality=make_municipality()), "yes", "yes", "yes")
        few = queries()
        for number in range(299):
            place = make_municipality() if number % 3 == 0 else None
            self.answer(asked(there, municipality=place), "yes", "no", "if_need_be")
        assert (queries(), few) == (4, 4)  # the meeting itself is the fourth


class TestFixing:
    def test_a_proposed_date_is_told_to_those_who_were_asked(self, meeting: Any, priya: Any) -> None:
        there = begun(meeting, "idea")
        asked(there, "en@place.example")
        asked(there, "fr@place.example", language="fr")
        services.ask_for_dates(there, by=priya)
        services.fix_date(there, by=priya, slot=there.slots.all()[1])
        assert (there.state, there.starts_on, there.ends_on, there.begins_at, there.finishes_at) == (
            "scheduled",
            DAYS[1],
            DAYS[1],
            time(9),
            time(16),
        )
        english, french = sorted(written("date_fixed"), key=lambda letter: letter.language)
        assert "April 15, 2027" in english.text
        assert "15\xa0avril\xa02027" in french.text
        assert to("dates_asked") == []  # what was not sent yet would ask for nothing

    def test_another_date_without_asking_anybody(self, meeting: Any, priya: Any) -> None:
        there = meeting("idea")
        when = {"starts_on": date(2027, 5, 4), "begins_at": time(9), "finishes_at": time(12)}
        services.fix_date(there, by=priya, **when)
        assert (there.state, there.ends_on, written()) == ("scheduled", date(2027, 5, 4), [])
        with pytest.raises(TransitionRefused, match="Already done by Priya Nair: it is “Being prepared”.") as again:
            services.fix_date(there, by=priya, **(when | {"starts_on": date(2027, 5, 5)}))
        assert again.value.done_already
        assert Meeting.objects.get(pk=there.pk).starts_on == date(2027, 5, 4)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"starts_on": None}, "Set the days and the times."),
            ({"begins_at": None}, "Set the days and the times."),
            ({"starts_on": date(2027, 1, 31)}, "The dates have passed: set new ones."),
            ({"ends_on": date(2027, 5, 3)}, "It ends before it begins."),
            ({"finishes_at": time(9)}, "It ends before it begins."),
        ],
    )
    def test_what_cannot_be(self, meeting: Any, priya: Any, change: dict[str, Any], words: str) -> None:
        there = meeting("polling")
        when = {"starts_on": date(2027, 5, 4), "begins_at": time(9), "finishes_at": time(12)}
        with pytest.raises(TransitionRefused, match=words):
            services.fix_date(there, by=priya, **(when | change))
        kept = Meeting.objects.get(pk=there.pk)
        assert (kept.state, kept.starts_on, kept.version) == ("polling", None, 1)

    def test_a_date_of_another_meeting_and_another_person(self, meeting: Any, priya: Any, helen: Any) -> None:
        there, other = begun(meeting), begun(meeting)
        with pytest.raises(TransitionRefused, match="This date is no longer proposed."):
            services.fix_date(there, by=priya, slot=other.slots.first())
        with pytest.raises(PermissionDenied):
            services.fix_date(there, by=helen, slot=there.slots.first())
        assert PollSlot.objects.count() == 6
