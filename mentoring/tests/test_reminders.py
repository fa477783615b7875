"""What is due: before, on and after each day."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from cmncp_portal.core.days import local_instant
from mentoring.models import Agreement
from mentoring.services import working
from mentoring.services.answering import accept
from mentoring.services.sweeping import send_reminders

from .agreeing import AMINA, CHIEF, HELEN, PRIYA, forget, mail, make_running, read
from .factories import make_agreement, make_participant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def swept(day: date, clock: time = time(9, 0)) -> dict[str, list[str]]:
    """Sweep at this hour in Toronto; return who got which kind of letter."""
    forget()
    send_reminders(local_instant(day, clock, "America/Toronto"))
    found: dict[str, list[str]] = {}
    for message in mail.written():
        found.setdefault(message.kind.removeprefix("mentoring."), []).append(message.to_email)
    return {kind: sorted(people) for kind, people in found.items()}


@pytest.fixture
def asked(winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, priya: Any, clock: Any) -> Agreement:
    """Asked on Monday, February 1; answers are due on Thursday, February 11."""
    at = datetime(2027, 2, 1, 15, 0, tzinfo=UTC)
    made = make_agreement(winnipeg, thunder_bay, "awaiting", asked_at=at, answer_due_on=date(2027, 2, 11))
    make_participant(made, "mentee", CHIEF, is_lead=True)
    return read(made)


def test_who_has_not_answered_is_reminded_after_five_and_nine_days(asked: Agreement, amina: Any, helen: Any) -> None:
    both = {"answer_reminder": [AMINA, CHIEF, HELEN]}
    assert [swept(date(2027, 2, day)) for day in (5, 6, 7, 8)] == [{}, {}, {}, both]  # the 6th is a Saturday
    accept(asked, side="mentor", by=helen)
    assert [swept(date(2027, 2, day)) for day in (9, 10)] == [
        {"answer_reminder": [AMINA, CHIEF]},  # said on Monday already; a portal that slept says it on Tuesday
        {"answer_reminder": [AMINA, CHIEF]},
    ]


def test_nothing_is_said_twice(asked: Agreement) -> None:
    now = local_instant(date(2027, 2, 10), time(9, 0), "America/Toronto")
    assert (send_reminders(now) > 0, send_reminders(now)) == (True, 0)


def test_past_the_day_the_network_hears(asked: Agreement) -> None:
    found = [swept(date(2027, 2, day)).get("answers_overdue") for day in (11, 12)]
    assert found == [None, [PRIYA]]


def test_once_answered_nobody_is_reminded(asked: Agreement) -> None:
    Agreement.objects.update(state="declined")
    assert [swept(date(2027, 2, day)) for day in (8, 10, 12)] == [{}, {}, {}]


class TestSilence:
    """Begun on January 4: 45 days are over on Thursday, February 18, another 45 on Sunday, April 4."""

    @pytest.fixture
    def running(self, winnipeg: Any, thunder_bay: Any, helen: Any, amina: Any, priya: Any, clock: Any) -> Agreement:
        return make_running(winnipeg, thunder_bay)

    def test_once_and_again_after_another_45_days(self, running: Agreement) -> None:
        told = {"silent": [CHIEF, HELEN, PRIYA]}
        days = [(2, 17), (2, 18), (2, 22), (4, 4), (4, 5)]
        assert [swept(date(2027, *day)) for day in days] == [{}, told, {}, {}, told]

    def test_each_reads_what_is_for_them(self, running: Agreement) -> None:
        send_reminders(local_instant(date(2027, 2, 18), time(9, 0), "America/Toronto"))
        texts = {m.to_email: m.text for m in mail.written("silent")}
        assert "A call may help." in texts[PRIYA]
        assert "please write down a line about it" in texts[HELEN]

    def test_a_sign_of_life_begins_it_anew(self, running: Agreement, amina: Any) -> None:
        working.keep_session(running, by=amina, held_on=date(2027, 2, 1), summary="We talked.")
        assert [swept(date(2027, *day)) for day in ((2, 18), (3, 17), (3, 18))] == [
            {}, {}, {"silent": [CHIEF, HELEN, PRIYA]},
        ]  # fmt: skip

    def test_a_pause_is_no_silence(self, running: Agreement) -> None:
        Agreement.objects.update(state="paused")
        assert swept(date(2027, 2, 18)) == {}
