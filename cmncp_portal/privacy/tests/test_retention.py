"""The night: what has outlived its limit goes, on the day after and not before; a second run finds nothing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cmncp_portal.evaluation.models import ConfidentialReading, Invitation
from cmncp_portal.evaluation.tests.factories import make_occasion, make_response, make_survey
from cmncp_portal.joining.models import Application, Interest
from cmncp_portal.joining.tests.factories import make_application, make_interest
from cmncp_portal.network.models import ImportRun
from cmncp_portal.notifications.models import Mailing, MailingLine, Message
from cmncp_portal.notifications.tests.factories import make_message
from cmncp_portal.privacy import services
from cmncp_portal.privacy.models import PersonRequest, RetentionRun
from exchanges.models import TeamMember
from exchanges.tests.factories import make_exchange, make_member
from meetings.tests.factories import make_meeting, make_place
from training.tests.factories import make_enrolment, make_offering

from .factories import make_request

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 2, 2, 8, 10, tzinfo=UTC)  # February 2, 3:10 in Toronto


@pytest.fixture(autouse=True)
def now(clock: Any) -> None:
    clock.move_to(NOW)


def removed(run: RetentionRun) -> dict[str, int]:
    return {line["code"]: line["count"] for line in run.lines if line["count"]}


def night(day: int = 2) -> dict[str, int]:
    return removed(services.retain(NOW.replace(day=day)))


def toronto(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour + 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(("day", "gone"), [(1, True), (2, False), (3, False)])
class TestTwentyFourMonths:
    """On February 2, 2027 the things of February 2, 2025 are still kept."""

    def test_letters_lose_their_text(self, day: int, gone: bool) -> None:
        letter = make_message(created_at=toronto(2025, 2, day), state="sent", sent_at=NOW, calendar="BEGIN:VCALENDAR")
        mailing = Mailing.objects.create(
            kind="x.y", key="m", context={"en": {"word": "x"}}, created_at=toronto(2025, 2, day), finished_at=NOW
        )
        line = MailingLine.objects.create(
            mailing=mailing, email="a@b.example", name="x", language="en", zone="UTC", own={"en": {"a": 1}}
        )
        assert night() == ({"letters": 1} if gone else {})
        for one in (letter, mailing, line):
            one.refresh_from_db()
        assert (letter.text == "", letter.html == "", letter.calendar == "") == (gone,) * 3
        assert letter.subject.startswith("Letter")
        assert (mailing.context == {}, line.own == {}) == (gone, gone)
        assert night() == {}

    def test_answers_lose_their_names(self, day: int, gone: bool) -> None:
        closes = toronto(2025, 2, day)
        survey = make_survey(opens_at=closes - timedelta(days=40), due_at=closes - timedelta(days=30), closes_at=closes)
        response = make_response(
            survey, "Ann Lee", answers={"contribution": "We showed it."}, invited={"role": "Planner"}
        )
        assert night() == ({"evaluations": 1} if gone else {})
        kept = Invitation.objects.get()
        assert (kept.name, kept.role) == (("", "") if gone else ("Ann Lee", "Planner"))
        assert kept.email == (f"forgotten-{kept.pk}@invalid" if gone else "ann.lee@example.ca")
        assert kept.response.answers.get().value == "We showed it."
        assert kept.response.submitted_at == response.submitted_at
        assert night() == {}

    def test_who_read_in_confidence(self, day: int, gone: bool, rene: Any) -> None:
        ConfidentialReading.objects.create(
            occasion=make_occasion(), by=rene, by_name=rene.name, at=toronto(2025, 2, day)
        )
        assert night() == ({"readings": 1} if gone else {})
        kept = ConfidentialReading.objects.get()
        assert (kept.by, kept.by_name) == ((None, "—") if gone else (rene, "René Gagnon"))
        assert night() == {}

    def test_interests_that_came_to_nothing(self, day: int, gone: bool) -> None:
        application = make_application("declined")
        Interest.objects.update(state="closed", updated_at=toronto(2025, 2, day))
        assert night() == ({"joining": 1} if gone else {})
        interest, application = Interest.objects.get(), Application.objects.get(pk=application.pk)
        assert (interest.name, application.representative_name) == (("—", "") if gone else ("Sam Voght", "Sam Voght"))
        assert interest.place_name == "Merritt"
        versions = Interest.pgh_event_model.objects.filter(name="Sam Voght")  # type: ignore[attr-defined]
        assert versions.exists() is not gone
        assert night() == {}

    def test_addresses_of_requests(self, day: int, gone: bool) -> None:
        at = toronto(2025, 2, day)
        make_request(asked_at=at, confirmed_at=at, done_at=at)
        assert night() == ({"requests": 1} if gone else {})
        assert PersonRequest.objects.get().email == ("" if gone else "sam@merritt.example")
        assert night() == {}


@pytest.mark.parametrize(("day", "gone"), [(18, True), (19, False), (20, False)])
def test_what_nobody_confirmed_goes_after_fourteen_days(day: int, gone: bool) -> None:
    make_request(asked_at=toronto(2027, 1, day))
    assert night() == ({"unconfirmed": 1} if gone else {})
    assert PersonRequest.objects.exists() is not gone
    assert night() == {}


def test_needs_are_counted_where_they_are_deleted(amina: Any) -> None:
    today = timezone.localdate()
    for days in (31, 30):
        visit = make_exchange(stage="held", by=amina, starts_on=today - timedelta(days=days + 1)).first_visit
        make_member(visit, dietary_needs="No nuts", status="accepted")
        assert visit.ends_on == today - timedelta(days=days)
    make_place(
        make_meeting("held", starts_on=today - timedelta(days=40), ends_on=today - timedelta(days=31)),
        dietary_needs="No nuts",
    )
    make_enrolment(make_offering("held", starts_on=today - timedelta(days=40)), dietary_needs="No nuts")
    assert night() == {"needs": 3}
    assert sorted(TeamMember.objects.exclude(dietary_needs="").values_list("visit__ends_on", flat=True)) == [
        today - timedelta(days=30)
    ]
    assert night() == {}


def test_lists_that_were_not_applied(amina: Any) -> None:
    ImportRun.objects.create(what="people", owner=amina, file_name="x.csv", expires_at=NOW)
    ImportRun.objects.create(what="people", owner=amina, file_name="y.csv", expires_at=NOW + timedelta(minutes=1))
    assert night() == {"lists": 1}
    assert [run.file_name for run in ImportRun.objects.all()] == ["y.csv"]


def test_the_last_letter_goes_once_it_has_left() -> None:
    asked = make_request("forget", confirmed_at=NOW)
    services.carry_out(asked.pk)
    letter = Message.objects.get(kind="privacy.forgotten")
    assert night() == {}
    Message.objects.update(state="sent", sent_at=NOW)
    assert night() == {"last_letters": 1}
    letter.refresh_from_db()
    assert (letter.to_email, letter.text, letter.subject) == (f"forgotten-{letter.pk}@invalid", "", "—")
    assert letter.key == f"privacy.forgotten:{asked.pk}:done:forgotten-{letter.pk}"
    assert night() == {}


def test_letters_that_still_wait_keep_their_text() -> None:
    make_message(created_at=toronto(2024, 1, 1), state="queued")
    assert night() == {}


def test_what_goes_on_is_not_touched() -> None:
    for state in ("confirmed", "talking", "applying"):
        make_interest(state)
    approved = make_application("approved")
    Interest.objects.filter(pk=approved.interest_id).update(state="closed")
    Interest.objects.update(updated_at=toronto(2020, 1, 1))
    assert night() == {}


def test_the_report_names_each_limit_in_both_languages_and_its_day() -> None:
    run = services.retain(NOW)
    assert run.finished_at == timezone.now()
    assert run.problem == ""
    lines = {line["code"]: line for line in run.lines}
    assert set(lines) == {
        "lists", "needs", "evaluations", "readings", "joining", "unconfirmed", "requests", "last_letters", "letters"
    }  # fmt: skip
    assert (lines["letters"]["en"], lines["letters"]["limit"]) == ("Texts of letters", "2025-02-02")
    assert (lines["needs"]["limit"], lines["unconfirmed"]["limit"]) == ("2027-01-03", "2027-01-19")
    assert all(line["count"] == 0 for line in run.lines)


def test_one_part_that_fails_does_not_keep_the_others(monkeypatch: Any) -> None:
    from dataclasses import replace

    from cmncp_portal.privacy.parts import PARTS

    def fails(_now: datetime) -> list[Any]:
        raise RuntimeError("secret words")

    monkeypatch.setattr(
        services, "PARTS", [replace(one, expires=fails) if one.code == "joining" else one for one in PARTS]
    )
    make_request(asked_at=toronto(2027, 1, 1))
    run = services.retain(NOW)
    assert removed(run) == {"unconfirmed": 1}
    assert run.problem == "joining: RuntimeError"


def test_the_task_says_how_much_went() -> None:
    from cmncp_portal.privacy import tasks

    make_request(asked_at=toronto(2027, 1, 1))
    assert tasks.retain() == 1
    assert RetentionRun.objects.count() == 1
