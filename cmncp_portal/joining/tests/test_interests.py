"""Saying that one thinks of joining: one row for one wish, silence towards strangers, the button, and what is forgotten."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cmncp_portal.core.editing import Conflict
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.joining.models import Interest
from cmncp_portal.joining.selectors.days import answer_by
from cmncp_portal.joining.services import interests

from .factories import make_interest
from .screens import POST

pytestmark = pytest.mark.django_db
SAID = {"place_name": " Merritt ", "province": "BC", "name": " Sam Voght", "email": "Sam@Merritt.example", "language": "en"}  # fmt: skip
SAM = "sam@merritt.example"


def test_the_same_wish_is_one_row(clock: Any, priya: Any) -> None:
    first = interests.express(**SAID)
    assert (first.place_name, first.name, first.email, first.state) == ("Merritt", "Sam Voght", SAM, "unconfirmed")
    assert interests.express(**(SAID | {"place_name": "MERRITT"})) == first
    interests.express(**SAID)  # within the hour no third letter
    assert POST.kinds_to(SAM) == ["confirm", "confirm"]
    interests.confirm(first)
    clock.shift(timedelta(hours=1))
    assert interests.express(**SAID) == first
    assert POST.kinds_to(SAM) == ["confirm", "confirm", "received", "link_again"]
    assert interests.express(**(SAID | {"province": "AB"})) != first


def test_who_was_closed_begins_anew(clock: Any) -> None:
    closed = make_interest("closed", email=SAM)
    assert interests.express(**SAID) != closed


def test_a_mailbox_is_not_flooded(clock: Any) -> None:
    for number in range(8):
        interests.express(**(SAID | {"place_name": f"Place {number}"}))
    assert Interest.objects.count() == 5
    assert len(POST.to("confirm")) <= 6


def test_the_coordinators_hear_of_it_after_the_button(clock: Any, priya: Any) -> None:
    interest = interests.express(**SAID)
    assert POST.to("to_coordinators") == []
    interests.confirm(interest)
    interest.refresh_from_db()
    assert (interest.state, interest.confirmed_at) == ("confirmed", datetime(2027, 2, 1, 15, tzinfo=UTC))
    assert POST.to("to_coordinators") == ["priya@network.example"]
    with pytest.raises(TransitionRefused) as again:
        interests.confirm(interest)
    assert again.value.done_already
    assert POST.kinds_to(SAM) == ["confirm", "received"]


@pytest.mark.parametrize(
    ("confirmed", "due"),
    [(date(2027, 2, 1), date(2027, 2, 8)), (date(2027, 2, 6), date(2027, 2, 12)), (date(2027, 3, 22), date(2027, 3, 30))],
)  # fmt: skip
def test_an_answer_comes_within_five_working_days(confirmed: date, due: date) -> None:
    assert answer_by(confirmed) == due


def test_more_is_told_while_it_is_open(clock: Any) -> None:
    interest = make_interest()
    interests.tell_more(interest, seen=1, why="Young people", population=7_051)
    with pytest.raises(Conflict):
        interests.tell_more(Interest.objects.get(), seen=1, why="Something else")
    interest.refresh_from_db()
    assert (interest.why, interest.population) == ("Young people", 7_051)
    for state in ("unconfirmed", "closed"):
        with pytest.raises(TransitionRefused):
            interests.tell_more(make_interest(state), seen=1, why="x")


def test_links_again(clock: Any) -> None:
    make_interest("unconfirmed", email=SAM)
    make_interest("talking", email=SAM, place_name="Hope")
    make_interest("closed", email=SAM, place_name="Yale")
    assert interests.send_links(" SAM@merritt.example ") == 2
    assert sorted(POST.kinds_to(SAM)) == ["confirm", "link_again"]
    assert interests.send_links(SAM) == 0  # within the hour
    assert interests.send_links("nobody@merritt.example") == 0


@pytest.mark.parametrize(("days", "left"), [(13, 2), (14, 2), (15, 1)])
def test_what_nobody_confirmed_is_forgotten_with_its_history(clock: Any, days: int, left: int) -> None:
    waiting = interests.express(**SAID)
    make_interest("talking")
    history = Interest.pgh_event_model.objects.filter(pgh_obj=waiting.pk)  # type: ignore[attr-defined]
    assert history.exists()
    clock.shift(timedelta(days=days))
    assert interests.forget_unconfirmed() == 2 - left
    assert Interest.objects.count() == left
    assert history.exists() == (left == 2)
