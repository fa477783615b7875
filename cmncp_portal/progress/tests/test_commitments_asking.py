"""How far is it? Asked once after three months and once after six, at 8:30 of a working day where the municipality is.

Made on Monday, February 1, 2027: three months later is Saturday, May 1, six months later Sunday, August 1.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.core.days import local_instant
from cmncp_portal.network.models import Standing
from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.services import record_bounce
from cmncp_portal.progress.models import Commitment, Inquiry, InquiryItem
from cmncp_portal.progress.reminders import may_ask, questions
from cmncp_portal.progress.services import inquiring
from cmncp_portal.progress.services.commitments import report
from cmncp_portal.progress.tasks import send_reminders

from .commitments import BAG, make_commitment, read

pytestmark = pytest.mark.django_db
AMINA, SAM, TORONTO = "amina@thunderbay.example", "sam@thunderbay.example", "America/Toronto"


def at(month: int, day: int, hour: int = 8, minute: int = 30, zone: str = TORONTO) -> datetime:
    return local_instant(date(2027, month, day), time(hour, minute), zone)


@pytest.fixture
def ask(clock: Any) -> Callable[[datetime], int]:
    def move(instant: datetime) -> int:
        clock.move_to(instant)
        return inquiring.ask_due()

    return move


def with_sam(place: Any, **fields: Any) -> Commitment:
    return make_commitment(place, owner_email=SAM, owner_language="en", **fields)


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (at(4, 30, 9), 0),  # before
        (at(5, 1, 9), 0),  # on: a Saturday
        (at(5, 2, 9), 0),
        (at(5, 3, 8, 29), 0),
        (at(5, 3), 1),
        (at(5, 3, 23, 59), 1),
        (at(5, 4, 8, 29), 0),
        (at(5, 4), 1),  # the portal slept
        (at(5, 24, 9), 0),  # Victoria Day
        (at(5, 28, 9), 1),
        (at(5, 31, 9), 0),  # thirty days after its day it is no longer asked
        (at(7, 30, 9), 0),
        (at(8, 1, 9), 0),
        (at(8, 2, 8, 29), 0),
        (at(8, 2), 1),
    ],
)
def test_before_on_and_after(ask: Any, thunder_bay: Any, instant: datetime, written: int) -> None:
    with_sam(thunder_bay)
    assert ask(instant) == written
    assert BAG.to("how_far") == [SAM] * written


def test_each_once_in_half_a_year(ask: Any, thunder_bay: Any) -> None:
    one = with_sam(thunder_bay)
    day, found = date(2027, 2, 1), []
    while day < date(2028, 2, 1):
        if ask(local_instant(day, time(9), TORONTO)):
            found.append(day)
        day += timedelta(days=1)
    assert found == [date(2027, 5, 3), date(2027, 8, 2)]
    assert list(one.inquiries.order_by("months").values_list("months", flat=True)) == [3, 6]


@pytest.mark.parametrize(
    ("made_on", "asked"),
    [
        (date(2026, 11, 30), date(2027, 3, 1)),  # February 28 is a Sunday
        (date(2027, 11, 30), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2027, 1, 31), date(2027, 4, 30)),
        (date(2027, 3, 25), date(2027, 6, 25)),
        (date(2026, 9, 25), date(2026, 12, 29)),  # Christmas, a weekend, Boxing Day observed
    ],
)
def test_ends_of_months_and_holidays(ask: Any, thunder_bay: Any, made_on: date, asked: date) -> None:
    with_sam(thunder_bay, made_on=made_on)
    assert ask(local_instant(asked - timedelta(days=1), time(23), TORONTO)) == 0
    assert ask(local_instant(asked, time(8, 30), TORONTO)) == 1


def test_half_past_eight_where_the_municipality_is(ask: Any, thunder_bay: Any, saskatoon: Any, rosa: Any) -> None:
    with_sam(thunder_bay)
    make_commitment(saskatoon, owner=rosa.stakeholders.get())
    assert [ask(at(5, 3)), ask(at(5, 3, 10, 29)), ask(at(5, 3, 10, 30))] == [1, 0, 1]
    assert BAG.to("how_far") == [rosa.email, SAM]


def test_a_day_is_moved_once(clock: Any) -> None:
    """The Saturday becomes the Monday; that Monday counts the thirty days from the Saturday."""
    assert [may_ask(date(2027, 5, 1), at(5, day), TORONTO) for day in (1, 3, 4, 28, 31)] == [
        False, True, True, True, False,
    ]  # fmt: skip


class TestOneLetter:
    def test_all_commitments_of_a_person_in_one_municipality(self, ask: Any, thunder_bay: Any, winnipeg: Any) -> None:
        with_sam(thunder_bay, text="First")
        with_sam(thunder_bay, text="Second", made_on=date(2026, 11, 2))  # six months: Sunday, May 2
        with_sam(winnipeg, text="Elsewhere")
        make_commitment(thunder_bay, "Hers", owner_email="zoe@thunderbay.example")
        assert ask(at(5, 3, 9, 45)) == 3
        letters = {(m.to_email, "Elsewhere" in m.text): m.text for m in BAG.written("how_far")}
        assert set(letters) == {(SAM, False), (SAM, True), ("zoe@thunderbay.example", False)}
        both = letters[SAM, False]
        assert ("First" in both, "Second" in both, "Hers" in both) == (True, True, False)
        assert sorted(InquiryItem.objects.values_list("commitment__text", "months")) == [
            ("Elsewhere", 3), ("First", 3), ("Hers", 3), ("Second", 6),
        ]  # fmt: skip
        token = Inquiry.objects.get(items__commitment__text="First").token
        assert f"/en/strategies/commitments/answer/{token}/" in both

    def test_no_second_one_on_the_same_day(self, ask: Any, thunder_bay: Any, amina: Any) -> None:
        with_sam(thunder_bay)
        late = with_sam(thunder_bay, text="Taken up again", state="done", ended_on=date(2027, 4, 1))
        assert ask(at(5, 3)) == 1
        report(late, to_state="started", note="The roof leaks", by=amina, by_name="Amina")
        assert [ask(at(5, 3, 16)), ask(at(5, 4, 7)), ask(at(5, 4))] == [0, 0, 1]

    def test_two_workers_write_one(self, clock: Any, thunder_bay: Any, monkeypatch: Any) -> None:
        with_sam(thunder_bay)
        clock.move_to(at(5, 3))
        seen = questions()
        assert inquiring.ask_due() == 1
        monkeypatch.setattr(inquiring, "questions", lambda _now: seen)  # read before the first wrote
        monkeypatch.setattr(inquiring, "_had_a_letter", lambda *_args: False)
        assert (inquiring.ask_due(), Inquiry.objects.count()) == (0, 1)

    def test_one_that_fails_keeps_nobody_elses(
        self, clock: Any, thunder_bay: Any, winnipeg: Any, monkeypatch: Any, caplog: Any
    ) -> None:
        with_sam(thunder_bay)
        with_sam(winnipeg)
        send = inquiring.send
        refuse = iter([RuntimeError("no"), None])

        def sometimes(*args: Any, **kwargs: Any) -> Any:
            if problem := next(refuse):
                raise problem
            return send(*args, **kwargs)

        monkeypatch.setattr(inquiring, "send", sometimes)
        clock.move_to(at(5, 3, 10))
        assert inquiring.ask_due() == 1
        assert (Inquiry.objects.count(), "failed" in caplog.text) == (1, True)
        monkeypatch.undo()
        assert inquiring.ask_due() == 1


class TestWhoIsAsked:
    def asked(self, ask: Any) -> list[tuple[str, str]]:
        ask(at(5, 3, 9))
        return [(letter.to_email, letter.language) for letter in BAG.written("how_far")]

    @pytest.mark.parametrize("state", ["done", "abandoned"])
    def test_nobody_about_what_is_over(self, ask: Any, thunder_bay: Any, state: str) -> None:
        with_sam(thunder_bay, state=state, ended_on=date(2027, 4, 1))
        assert self.asked(ask) == []

    def test_the_owner_at_the_address_of_today(self, ask: Any, thunder_bay: Any, joseph: Any) -> None:
        make_commitment(thunder_bay, owner=joseph.stakeholders.get(), owner_email="old@thunderbay.example")
        assert self.asked(ask) == [(joseph.email, "en")]

    def test_whose_language_is_not_known_reads_both(self, ask: Any, thunder_bay: Any) -> None:
        make_commitment(thunder_bay, owner_email=SAM)
        assert self.asked(ask) == [(SAM, "both")]

    @pytest.mark.parametrize(("left_on", "to"), [(date(2027, 5, 4), SAM), (date(2027, 5, 3), AMINA)])
    @pytest.mark.parametrize("is_linked", [True, False])
    def test_who_left_is_replaced(
        self, ask: Any, thunder_bay: Any, amina: Any, left_on: date, to: str, is_linked: bool
    ) -> None:
        sam = make_stakeholder(thunder_bay, name="Sam Roy", email=SAM, left_on=left_on)
        with_sam(thunder_bay, owner=sam if is_linked else None)
        assert [email for email, _language in self.asked(ask)] == [to]
        [letter] = BAG.written("how_far")
        assert ("Sam Roy saw to it and has left" in letter.text) == (to == AMINA)

    def test_who_came_back_is_there(self, ask: Any, thunder_bay: Any, amina: Any) -> None:
        make_stakeholder(thunder_bay, email=SAM, left_on=date(2026, 1, 1))
        make_stakeholder(thunder_bay, email=SAM)
        with_sam(thunder_bay)
        assert self.asked(ask) == [(SAM, "en")]

    def test_without_an_address_the_representative(self, ask: Any, thunder_bay: Any, amina: Any) -> None:
        make_commitment(thunder_bay)
        assert self.asked(ask) == [(AMINA, "en")]
        assert "letters do not reach Sam Roy" in BAG.written("how_far")[0].text

    def test_whose_name_was_taken_out(self, ask: Any, thunder_bay: Any, amina: Any) -> None:
        make_commitment(thunder_bay, owner_name="—")
        assert self.asked(ask) == [(AMINA, "en")]
        assert "nobody is named for it" in BAG.written("how_far")[0].text

    def test_whose_letters_come_back(self, ask: Any, thunder_bay: Any, amina: Any) -> None:
        with_sam(thunder_bay)
        ask(at(5, 3))
        [letter] = BAG.written("how_far")
        Message.objects.filter(pk=letter.pk).update(state=Message.State.SENT, sent_at=timezone.now())
        record_bounce(letter, "no such mailbox")
        assert ask(at(8, 2)) == 1
        assert BAG.to("how_far") == [AMINA, SAM]

    def test_an_address_that_is_none_stops_nothing(self, ask: Any, thunder_bay: Any, winnipeg: Any) -> None:
        make_commitment(thunder_bay, owner_email="not an address")
        with_sam(winnipeg)
        assert ask(at(5, 3, 10)) == 2
        assert sorted(letter.state for letter in BAG.written("how_far")) == ["bounced", "queued"]

    def test_a_deputy_where_nobody_represents(self, ask: Any, thunder_bay: Any) -> None:
        make_stakeholder(thunder_bay, name="Zoe", email="zoe@tb.example", standing=Standing.DEPUTY)
        make_stakeholder(thunder_bay, name="Ben", email="ben@tb.example", standing=Standing.DEPUTY)
        make_stakeholder(thunder_bay, name="Abe", email="abe@tb.example", standing=Standing.STAFF)
        make_commitment(thunder_bay)
        assert [email for email, _language in self.asked(ask)] == ["ben@tb.example"]

    def test_where_there_is_nobody_it_waits(self, ask: Any, thunder_bay: Any) -> None:
        make_commitment(thunder_bay)
        assert ask(at(5, 3)) == 0
        make_stakeholder(thunder_bay, email=AMINA, standing=Standing.REPRESENTATIVE)
        assert ask(at(5, 10, 9)) == 1

    def test_own_and_others_in_one_letter(self, ask: Any, thunder_bay: Any, amina: Any) -> None:
        make_commitment(thunder_bay, "Hers", owner=amina.stakeholders.get())
        make_commitment(thunder_bay, "Without anybody")
        assert ask(at(5, 3)) == 1
        [letter] = BAG.written("how_far")
        assert letter.text.index("Hers") < letter.text.index("so we ask you as well") < letter.text.index("Without")


@pytest.mark.parametrize("number", [1, 20])
def test_the_question_costs_the_same_at_many(
    clock: Any, thunder_bay: Any, amina: Any, joseph: Any, django_assert_num_queries: Any, number: int
) -> None:
    for n in range(number):
        with_sam(thunder_bay, text=f"A hub {n}")
        make_commitment(thunder_bay, f"With Joseph {n}", owner=joseph.stakeholders.get())
        make_commitment(thunder_bay, f"Alone {n}")
    clock.move_to(at(5, 3))
    with django_assert_num_queries(4):
        assert len(questions()) == 3 * number


def test_the_hourly_task_asks(clock: Any, thunder_bay: Any) -> None:
    one = with_sam(thunder_bay)
    clock.move_to(datetime(2027, 5, 3, 13, 38, tzinfo=UTC))
    assert (send_reminders(), send_reminders(), read(one).inquiries.count()) == (1, 0, 1)
