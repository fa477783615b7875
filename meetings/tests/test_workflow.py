"""When a meeting may move: the table as a matrix, and each guard's reason before and after."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cmncp_portal.core.workflow import TransitionRefused
from meetings import workflow
from meetings.models import Meeting
from meetings.workflow import MEETING

from .factories import make_invitee, make_item, make_slot, make_speaker

pytestmark = pytest.mark.django_db

MATRIX = """
              idea       polling    scheduled  announced  held  postponed  cancelled
ask_for_dates polling
fix_date      scheduled  scheduled
announce                            announced
postpone                                       postponed
set_new_date                                                    announced
cancel        cancelled  cancelled  cancelled  cancelled        cancelled
record_held                                    held
"""


def test_the_table_as_a_matrix() -> None:
    head, *expected = MATRIX.strip("\n").splitlines()
    states = [str(state) for state in Meeting.State]
    widths = [head.index(state, 13) for state in states]
    found = []
    for name, moves in MEETING.matrix().items():
        line = f"{name:14}"
        for start, state in zip(widths, states, strict=True):
            line = f"{line:{start}}{moves.get(state, '')}"
        found.append(line.rstrip())
    assert found == [line.rstrip() for line in expected]


def read(meeting: Meeting) -> Meeting:
    return Meeting.objects.with_places().get(pk=meeting.pk)


def change(**fields: Any) -> Callable[[Meeting], Any]:
    return lambda meeting: Meeting.objects.filter(pk=meeting.pk).update(**fields)


def dates_proposed(*days: int, closes: date | None = date(2027, 3, 1)) -> Callable[[Meeting], Any]:
    def act(meeting: Meeting) -> None:
        for day in days:
            make_slot(meeting, date(2027, 5, day))
        Meeting.objects.filter(pk=meeting.pk).update(poll_closes_on=closes)

    return act


def half_titled(meeting: Meeting) -> None:
    make_item(meeting, title_fr="")


def whole_titled(meeting: Meeting) -> None:
    meeting.agenda.update(title_fr="Conférence")


def silent_keynote(meeting: Meeting) -> None:
    make_item(meeting, kind="keynote")


def spoken_keynote(meeting: Meeting) -> None:
    make_speaker(meeting.agenda.get())


def nothing(_meeting: Meeting) -> None:
    return None


# guard, stage, what is missing, the reason that is read then, what helps
GUARDS: list[tuple[Any, str, Any, str, Any]] = [
    (workflow.has_titles, "idea", change(title_fr=""), "Give the meeting a title in both languages.", change(title_fr="Réunion")),
    (workflow.offers_three_dates, "idea", dates_proposed(3, 4), "Propose 3 to 10 dates.", dates_proposed(5)),
    (workflow.dates_of_the_poll_lie_ahead, "idea", dates_proposed(3, closes=None), "Say until when people may answer.", change(poll_closes_on=date(2027, 5, 2))),
    (workflow.dates_of_the_poll_lie_ahead, "idea", dates_proposed(3, closes=date(2027, 5, 3)), "People answer before the first proposed date.", change(poll_closes_on=date(2027, 2, 1))),
    (workflow.somebody_is_asked, "idea", nothing, "Say whom you ask about the dates.", lambda m: make_invitee(m, is_asked_for_dates=True)),
    (workflow.has_dates, "scheduled", change(begins_at=None), "Set the days and the times.", change(begins_at=time(9))),
    (workflow.is_in_both_languages, "scheduled", change(summary_fr=""), "Title and summary are needed in both languages.", change(summary_fr="x")),
    (workflow.has_place, "scheduled", change(venue="", address=""), "Say where people meet.", change(venue="Hall")),
    (workflow.has_place, "scheduled", change(mode="virtual"), "Give the link to take part online.", change(join_link="https://video.example/1", captions="no")),
    (workflow.has_place, "scheduled", change(mode="hybrid", join_link="https://video.example/1"), "Say whether there are live captions.", change(captions="yes")),
    (workflow.has_host_when_regional, "scheduled", change(host=None), "A regional meeting is hosted by a member: choose the host.", change(kind="national", region=None)),
    (workflow.names_its_languages, "scheduled", change(languages=[]), "Say in which languages the meeting works.", change(languages=["fr"])),
    (workflow.agenda_is_in_both_languages, "scheduled", half_titled, "“Welcome” has a title in one language only.", whole_titled),
    (workflow.sessions_have_speakers, "scheduled", silent_keynote, "“Welcome” has no speaker yet.", spoken_keynote),
    (workflow.agenda_fits_the_days, "scheduled", lambda m: make_item(m, day=3), "“Welcome” lies after the last day.", change(ends_on=date(2027, 4, 16))),
    (workflow.registration_ends_in_time, "scheduled", change(registration_opens_on=date(2027, 3, 2), registration_closes_on=date(2027, 3, 1)), "Registration closes before it opens.", change(registration_closes_on=date(2027, 3, 2))),
    (workflow.registration_ends_in_time, "scheduled", change(registration_closes_on=date(2027, 4, 16)), "Registration closes after the meeting is over.", change(registration_closes_on=date(2027, 4, 15))),
]  # fmt: skip


@pytest.mark.parametrize(("guard", "stage", "lacks", "reason", "helps"), GUARDS)
def test_a_guard_says_why_and_lets_pass_what_is_mended(
    meeting: Any, guard: Any, stage: str, lacks: Any, reason: str, helps: Any
) -> None:
    there = meeting(stage)
    lacks(there)
    assert str(guard(read(there))) == reason
    helps(there)
    assert guard(read(there)) is None


WINNIPEG = ZoneInfo("America/Winnipeg")


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        (datetime(2027, 4, 14, 23, 59, tzinfo=WINNIPEG), False),
        (datetime(2027, 4, 15, 0, 0, tzinfo=WINNIPEG), True),
        (datetime(2027, 4, 16, 9, 0, tzinfo=WINNIPEG), True),
    ],
)
def test_it_is_recorded_from_the_last_day_on(meeting: Any, clock: Any, moment: datetime, may: bool) -> None:
    there = meeting()
    clock.move_to(moment)
    assert (workflow.last_day_has_come(read(there)) is None) is may


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        (datetime(2027, 4, 15, 15, 59, tzinfo=WINNIPEG), True),
        (datetime(2027, 4, 15, 16, 0, tzinfo=WINNIPEG), False),
    ],
)
def test_what_is_over_is_neither_cancelled_nor_announced(meeting: Any, clock: Any, moment: datetime, may: bool) -> None:
    there = meeting()
    clock.move_to(moment)
    assert (workflow.is_not_over(read(there)) is None) is may
    assert (workflow.dates_lie_ahead(read(there)) is None) is may


def test_every_state_refuses_what_is_not_in_the_table(meeting: Any, priya: Any) -> None:
    moves = MEETING.matrix()
    for state in Meeting.State:
        there = meeting(str(state))
        for name in moves:
            if state not in moves[name]:
                with pytest.raises(TransitionRefused):
                    MEETING.apply(there, name, by=priya, note="x")
        assert read(there).state == state


def test_the_history_says_who_moved_what_and_why(meeting: Any, priya: Any) -> None:
    there = meeting()
    MEETING.apply(there, "cancel", by=priya, note="Flood.")
    row = there.changes.latest("pk")
    assert (row.from_state, row.to_state, row.transition, row.by, row.note) == (
        "announced",
        "cancelled",
        "cancel",
        priya,
        "Flood.",
    )
    assert row.at == datetime(2027, 2, 1, 15, 0, tzinfo=UTC)
