"""When things may move: the tables as matrices, and each guard's reason."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.joining.models import Application, Interest, Renewal
from cmncp_portal.joining.workflow import APPLICATION, INTEREST, RENEWAL
from cmncp_portal.network.tests.factories import make_membership

from .factories import make_applicant, make_application, make_interest, make_renewal

pytestmark = pytest.mark.django_db

MATRICES = """
                 unconfirmed  confirmed  talking   applying  closed
confirm          confirmed
talk                          talking
invite_to_apply               applying   applying
close            closed       closed     closed    closed
reopen                                                       talking

                 draft      sent       more_asked approved   declined   withdrawn
send             sent                  sent
ask_more                    more_asked
approve                     approved
decline                     declined   declined
withdraw         withdrawn  withdrawn  withdrawn

                 due      renewed  lapsed   left
renew            renewed
lapse            lapsed
leave            left
bring_back                         renewed
"""


@pytest.mark.parametrize(
    ("number", "workflow", "model"), [(0, INTEREST, Interest), (1, APPLICATION, Application), (2, RENEWAL, Renewal)]
)
def test_the_tables_as_matrices(number: int, workflow: Any, model: Any) -> None:
    head, *expected = MATRICES.strip("\n").split("\n\n")[number].splitlines()
    states = [str(state) for state in model.State]
    starts = [re.search(rf"\b{state}\b", head).start() for state in states]  # type: ignore[union-attr]
    found = []
    for name, moves in workflow.matrix().items():
        line = f"{name:17}"
        for start, state in zip(starts, states, strict=True):
            line = f"{line:{start}}{moves.get(state, '')}"
        found.append(line.rstrip())
    assert found == [line.rstrip() for line in expected]


def refused(workflow: Any, thing: Any, name: str) -> str:
    with pytest.raises(TransitionRefused) as reason:
        workflow.apply(thing, name, note="Because.")
    return str(reason.value)


def test_who_is_invited_to_apply(clock: Any, winnipeg: Any) -> None:
    assert refused(INTEREST, make_interest(), "invite_to_apply") == "Say which municipality it is, or make it known."
    member = make_interest(municipality=winnipeg)
    assert refused(INTEREST, member, "invite_to_apply") == "This municipality is a member already."
    first = make_application("draft")
    second = make_interest(municipality=first.municipality)
    assert refused(INTEREST, second, "invite_to_apply") == "Sam Voght applies for this municipality already."
    Application.objects.update(state="withdrawn")
    INTEREST.apply(second, "invite_to_apply")


def test_what_is_opened_again(clock: Any) -> None:
    never = make_interest("closed", confirmed_at=None)
    assert refused(INTEREST, never, "reopen") == "The address was never confirmed."
    settled = make_application("declined").interest
    Interest.objects.filter(pk=settled.pk).update(state="closed")
    assert "was settled" in refused(INTEREST, settled, "reopen")
    INTEREST.apply(make_interest("closed"), "reopen")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": ""}, "Choose the class of membership."),
        ({"resolution_on": None}, "Give the date of the resolution of your council, or of the body that decides for you."),
        ({"resolution_on": date(2027, 2, 2)}, "The date of the resolution lies ahead."),
        ({"representative_email": ""}, "Say who represents you, with an email address."),
        ({"representative_name": ""}, "Say who represents you, with an email address."),
        ({"consents": {"represents": {"agreed": True}}}, "Say that you agree to each of the points."),
    ],
)  # fmt: skip
def test_what_an_application_must_say(clock: Any, fields: dict[str, Any], reason: str) -> None:
    assert refused(APPLICATION, make_application("draft", **fields), "send") == reason


def test_what_an_application_may_leave_out(clock: Any) -> None:
    draft = make_application("draft", kind="associate", resolution_on=None, deputy_name="", resolution_reference="")
    APPLICATION.apply(draft, "send")
    today = make_application("draft", municipality=make_applicant("hope"), resolution_on=date(2027, 2, 1))
    APPLICATION.apply(today, "send")
    assert set(Application.objects.values_list("pk", "state")) == {(draft.pk, "sent"), (today.pk, "sent")}


def test_a_member_is_not_admitted_twice(clock: Any) -> None:
    application = make_application()
    application.municipality.memberships.update(kind="associate", from_on=date(2027, 1, 1))
    assert refused(APPLICATION, application, "approve") == "This municipality is a member already."


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (datetime(2027, 4, 1, 16, tzinfo=UTC), "The days of grace still run."),  # the last day
        (datetime(2027, 4, 2, 16, tzinfo=UTC), ""),
    ],
)
def test_a_membership_lapses_after_its_grace(clock: Any, winnipeg: Any, now: datetime, reason: str) -> None:
    renewal = make_renewal(winnipeg.memberships.get(), date(2027, 1, 1))
    clock.move_to(now)
    if reason:
        assert refused(RENEWAL, renewal, "lapse") == reason
    else:
        RENEWAL.apply(renewal, "lapse")


def test_an_ended_membership_is_neither_renewed_nor_left(clock: Any, winnipeg: Any) -> None:
    winnipeg.memberships.update(until_on=date(2027, 3, 31))
    renewal = make_renewal(winnipeg.memberships.get())
    for name in ("renew", "leave"):
        assert refused(RENEWAL, renewal, name) == "This membership ends, or ended, on March 31, 2027."


def test_who_is_a_member_again_is_not_brought_back(clock: Any, winnipeg: Any) -> None:
    winnipeg.memberships.update(until_on=date(2026, 12, 31))
    renewal = make_renewal(winnipeg.memberships.get(), date(2026, 10, 2), state="lapsed")
    make_membership(winnipeg, kind="associate", from_on=date(2027, 1, 15))
    assert refused(RENEWAL, renewal, "bring_back") == "This municipality is a member already."
