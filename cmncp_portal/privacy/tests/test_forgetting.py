"""Somebody who is everywhere asks to be forgotten: afterwards she is nowhere, what is counted is the same, nobody else changed."""

from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from cmncp_portal.evaluation.models import Answer
from cmncp_portal.notifications.models import Message
from cmncp_portal.privacy import services
from cmncp_portal.privacy.models import PersonRequest
from meetings.models import Registration
from training.models import Enrolment

from .everywhere import Kept, put_everywhere, where
from .factories import make_request

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def amina_everywhere(clock: Any, amina: Any) -> Kept:
    return put_everywhere(amina)


def forget(user: Any) -> PersonRequest:
    """As an administrator decides: some of what is everywhere runs."""
    asked = make_request("forget", user.email, confirmed_at="2027-02-01T15:00Z", done_by_name="Ada Lefebvre")
    assert services.carry_out(asked.pk)
    asked.refresh_from_db()
    return asked


def test_she_is_in_every_column_first(amina: Any, amina_everywhere: Kept) -> None:
    """Otherwise what follows would prove nothing."""
    assert len(where(amina.email, amina.name)) > 250


def after_the_night() -> None:
    """The last letter has left, and the night has passed."""
    Message.objects.filter(kind="privacy.forgotten").update(state=Message.State.SENT, sent_at=timezone.now())
    services.retain()


def test_neither_address_nor_name_is_left_in_any_table(amina: Any, amina_everywhere: Kept) -> None:
    forget(amina)
    after_the_night()
    assert where("amina@thunderbay", "amina diallo", "diallo") == []


COUNTED = (
    "evaluation.Response", "evaluation.Answer", "evaluation.Invitation", "meetings.Registration",
    "meetings.SessionAttendance", "training.Enrolment", "training.SessionAttendance", "training.Attainment",
    "training.Certificate", "exchanges.TeamMember", "progress.Commitment", "mentoring.Participant",
)  # fmt: skip


def counts() -> dict[str, int]:
    return {label: apps.get_model(label)._base_manager.count() for label in COUNTED}


def test_what_is_counted_is_counted_as_before(amina: Any, amina_everywhere: Kept) -> None:
    Registration.objects.update(attendance="present")
    Enrolment.objects.update(attendance="present")
    before, answers = counts(), list(Answer.objects.order_by("pk").values_list("question", "response__submitted_at"))
    came = (
        Registration.objects.filter(attendance="present").count(),
        Enrolment.objects.filter(attendance="present").count(),
    )
    assert min(before[label] for label in before if "Session" not in label) > 0
    forget(amina)
    assert counts() == before
    assert list(Answer.objects.order_by("pk").values_list("question", "response__submitted_at")) == answers
    assert came == (
        Registration.objects.filter(attendance="present").count(),
        Enrolment.objects.filter(attendance="present").count(),
    )


def test_nobody_else_is_touched(amina: Any, helen: Any, clock: Any) -> None:
    put_everywhere(amina)
    others = put_everywhere(helen)
    before = everything_of(others)
    forget(amina)
    after = everything_of(others)
    assert {label: after[label] for label in after if after[label] != before[label]} == {}


def everything_of(rows: Kept) -> dict[str, Any]:
    return {model._meta.label: model._base_manager.filter(pk=pk).values().get() for model, pk in rows.items()}


def test_a_second_time_there_is_nothing_left_to_do(amina: Any, amina_everywhere: Kept) -> None:
    first = forget(amina)
    assert sum(line["count"] for line in first.report) > 100
    after_the_night()
    second = make_request("forget", "amina@thunderbay.example", confirmed_at="2027-02-01T15:00Z")
    assert services.carry_out(second.pk)
    second.refresh_from_db()
    assert second.report == []


def test_what_is_empty_breaks_no_rule_of_the_tables(amina: Any, amina_everywhere: Kept) -> None:
    """Every emptied row can be saved again as it is."""
    forget(amina)
    for model, pk in amina_everywhere.items():
        found = model._base_manager.filter(pk=pk).first()
        if found is not None:
            found.save()


def test_the_report_says_how_much_and_never_whom(amina: Any, amina_everywhere: Kept) -> None:
    asked = forget(amina)
    assert asked.email == ""
    assert "iallo" not in str(asked.report)
    assert [line["code"] for line in asked.report] == [
        "accounts", "network", "exchanges", "meetings", "knowledge", "training", "mentoring", "evaluation", "progress",
        "joining", "reporting", "privacy", "notifications",
    ]  # fmt: skip
    assert {line["en"] for line in asked.report} >= {"Exchanges", "Meetings", "Letters"}
