"""Seven days before, on the day, three days after; and what becomes of it when the day moves."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.tests.factories import make_user
from cmncp_portal.notifications.models import Message
from cmncp_portal.reporting.models import Report
from cmncp_portal.reporting.services import writing
from cmncp_portal.reporting.tasks import send_reminders

from .factories import World, frozen, make_maker, make_report
from .screens import POST

pytestmark = pytest.mark.django_db

PRIYA, MAKER = "priya@network.example", "maker@network.example"


def at(month: int, day: int, hour: int = 9) -> datetime:
    """In Toronto, in summer time."""
    return datetime(2027, month, day, hour + 4, 0, tzinfo=UTC)


@pytest.fixture
def report(clock: Any, priya: Any) -> Report:
    return make_report(make_maker(), due_on=date(2027, 5, 12))  # a Wednesday


@pytest.mark.parametrize(
    ("day", "number"),
    [(4, 0), (5, 2), (6, 2), (7, 0), (8, 0), (11, 0), (12, 2), (13, 2), (14, 0), (17, 2), (18, 2), (19, 0)],
)
def test_when(report: Report, clock: Any, day: int, number: int) -> None:
    """May 15 is a Saturday: what is due then goes out on Monday. What was missed is sent within two working days."""
    clock.move_to(at(5, day))
    assert (send_reminders(), send_reminders()) == (number, 0)


def test_not_before_half_past_eight_in_the_readers_zone(report: Report, clock: Any) -> None:
    make_user("west@network.example", name="Wes", roles=("coordinator",), time_zone="America/Vancouver")
    clock.move_to(at(5, 5, 8))
    assert send_reminders() == 0
    clock.move_to(at(5, 5, 9))
    assert (send_reminders(), POST.to("due")) == (2, [MAKER, PRIYA])
    clock.move_to(at(5, 5, 12))
    assert send_reminders() == 1


def test_the_three_letters(report: Report, clock: Any) -> None:
    for day in (5, 12, 17):
        clock.move_to(at(5, day))
        send_reminders()
    assert [message.subject for message in POST.written() if message.to_email == PRIYA] == [
        "[CMNCP] Due on May 12, 2027: Report for 2026–2027",
        "[CMNCP] Due today: Report for 2026–2027",
        "[CMNCP] Three days late: Report for 2026–2027",
    ]
    assert f"http://127.0.0.1:8000/en/reports/{report.pk}/" in POST.written()[0].text


def test_when_the_day_moves_the_letters_move_too(report: Report, clock: Any, priya: Any) -> None:
    clock.move_to(at(5, 5))
    send_reminders()
    writing.move_due_date(report, by=priya, due_on=date(2027, 5, 26), reason="The funder asked for more.")
    assert POST.written() == []  # not sent yet: taken back
    clock.move_to(at(5, 12))
    assert send_reminders() == 0
    clock.move_to(at(5, 19))
    assert (send_reminders(), [m.subject for m in POST.written()]) == (
        2, ["[CMNCP] Due on May 26, 2027: Report for 2026–2027"] * 2,
    )  # fmt: skip
    # … and back again, to the day about which letters were written once.
    writing.move_due_date(report, by=priya, due_on=date(2027, 5, 12), reason="A slip.")
    writing.move_due_date(report, by=priya, due_on=date(2027, 5, 26), reason="No slip.")
    assert (send_reminders(), len(POST.written())) == (2, 2)
    writing.move_due_date(report, by=priya, due_on=None, reason="No day any more.")
    clock.move_to(at(5, 26))
    assert (send_reminders(), POST.written()) == (0, [])
    history = [(str(one.before), str(one.after), one.reason, one.by_name) for one in report.due_date_changes.all()]
    assert history == [
        ("2027-05-12", "2027-05-26", "The funder asked for more.", "Priya Nair"),
        ("2027-05-26", "2027-05-12", "A slip.", "Priya Nair"),
        ("2027-05-12", "2027-05-26", "No slip.", "Priya Nair"),
        ("2027-05-26", "None", "No day any more.", "Priya Nair"),
    ]


def test_a_move_needs_a_reason_and_another_day(report: Report, priya: Any) -> None:
    with pytest.raises(TransitionRefused, match="give a reason"):
        writing.move_due_date(report, by=priya, due_on=date(2027, 6, 1), reason="  ")
    with pytest.raises(TransitionRefused, match="due on this day already"):
        writing.move_due_date(report, by=priya, due_on=date(2027, 5, 12), reason="Again.")
    assert report.due_date_changes.count() == 0


def test_none_after_it_is_handed_in(report: Report, clock: Any, priya: Any) -> None:
    clock.move_to(at(5, 5))
    send_reminders()
    with pytest.raises(TransitionRefused, match="lies ahead"):
        writing.hand_in(report, by=priya, on=date(2027, 5, 6))
    writing.hand_in(report, by=priya, on=date(2027, 5, 5))
    assert POST.written() == []
    with pytest.raises(TransitionRefused, match="noted already"):
        writing.hand_in(report, by=priya, on=date(2027, 5, 5))
    clock.move_to(at(5, 12))
    assert send_reminders() == 0
    writing.hand_in(report, by=priya, on=None)  # it was not, after all
    assert send_reminders() == 2


def test_who_reads_them(report: Report, clock: Any, world: World, rene: Any, uma: Any, amina: Any) -> None:
    """Coordinators, and whoever began it while they make reports; each once."""
    clock.move_to(at(5, 5))
    report.by.groups.clear()
    assert (send_reminders(), POST.to("due")) == (1, [PRIYA])
    own = make_report(rene, due_on=date(2027, 5, 12))
    frozen(own, rene)
    send_reminders()
    [french] = list(Message.objects.filter(to_email=rene.email))
    assert french.subject == "[RMCPC] À remettre le 12\u00a0mai\u00a02027\u00a0: Rapport de 2026-2027"
    assert "Il a été figé pour la dernière fois le 5\u00a0mai\u00a02027." in french.text
