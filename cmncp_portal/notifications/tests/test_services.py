"""What lies in the outbox, and what does not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage, send_mail
from django.db import transaction
from django.utils import timezone

from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.notifications import services, tasks
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Message, Preference
from cmncp_portal.notifications.recipients import Recipient
from cmncp_portal.notifications.tests.conftest import AMINA, CONTEXT, LUC
from cmncp_portal.notifications.tests.factories import make_message, make_preference

pytestmark = pytest.mark.django_db
State = Message.State


@pytest.fixture
def queued(monkeypatch: Any) -> list[list[int]]:
    """The numbers that were handed to the broker."""
    handed: list[list[int]] = []
    monkeypatch.setattr(tasks.deliver_letters, "apply_async", lambda args, **_options: handed.append(args[0]))
    return handed


def test_a_letter_is_a_row(kind: Kind) -> None:
    message = services.send(kind, AMINA, key="visit:12:plan", context=CONTEXT)
    stored = Message.objects.get()
    assert stored == message
    assert (stored.key, stored.to_email, stored.to_name) == (
        "visit:12:plan:amina@thunderbay.example",
        "amina@thunderbay.example",
        "Amina Diallo",
    )
    assert (stored.kind, stored.category, stored.language, stored.state) == (
        "testing.visit",
        "exchanges",
        "en",
        "queued",
    )
    assert stored.subject == "[CMNCP] Visit of Winnipeg"


def test_the_same_key_twice_is_one_letter(kind: Kind) -> None:
    assert services.send(kind, AMINA, key="visit:12:plan", context=CONTEXT)
    again = Recipient("AMINA@ThunderBay.example ", "A. Diallo", "fr")
    assert services.send(kind, again, key="visit:12:plan", context=CONTEXT) is None
    assert services.send(kind, LUC, key="visit:12:plan", context=CONTEXT)
    assert Message.objects.count() == 2


def test_a_letter_written_meanwhile_by_another_process_is_not_ours(kind: Kind, monkeypatch: Any) -> None:
    render = services.render

    def slow(*args: Any) -> Any:
        if not Message.objects.exists():
            make_message(key="visit:12:plan:amina@thunderbay.example")
        return render(*args)

    monkeypatch.setattr(services, "render", slow)
    assert services.send(kind, AMINA, key="visit:12:plan", context=CONTEXT) is None
    assert Message.objects.count() == 1


def test_long_keys_do_not_collide(kind: Kind) -> None:
    key = "visit:" + "x" * 300
    assert services.send(kind, AMINA, key=key + ":a", context=CONTEXT)
    assert services.send(kind, AMINA, key=key + ":b", context=CONTEXT)
    assert services.send(kind, AMINA, key=key + ":b", context=CONTEXT) is None
    assert sorted(len(one) for one in Message.objects.values_list("key", flat=True)) == [255, 255]


@pytest.mark.django_db(transaction=True)
def test_rollback_leaves_no_letter_and_hands_nothing_over(kind: Kind, queued: list[list[int]]) -> None:
    with transaction.atomic():
        services.send(kind, AMINA, key="visit:12", context=CONTEXT)
        transaction.set_rollback(True)
    assert (Message.objects.count(), queued) == (0, [])


def test_handed_over_after_commit(kind: Kind, queued: list[list[int]], django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message = services.send(kind, AMINA, key="visit:12", context=CONTEXT)
        assert queued == []
    assert message
    assert queued == [[message.pk]]


def test_without_a_broker_the_page_goes_on_and_asks_it_once(
    kind: Kind, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    asked = []

    def refuse(args: Any, **_options: Any) -> None:
        asked.append(args)
        raise ConnectionError("nobody there")

    monkeypatch.setattr(tasks.deliver_letters, "apply_async", refuse)
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(5):
            services.send(kind, AMINA, key=f"visit:{number}", context=CONTEXT)
    assert (len(asked), Message.objects.filter(state=State.QUEUED).count()) == (1, 5)


def test_not_before_holds_back(kind: Kind, queued: list[list[int]], django_capture_on_commit_callbacks: Any) -> None:
    later = timezone.now() + timedelta(hours=3)
    with django_capture_on_commit_callbacks(execute=True):
        message = services.send(kind, AMINA, key="visit:12", context=CONTEXT, not_before=later)
    assert message
    assert (message.due_at, message.next_attempt_at, queued) == (later, later, [])
    assert services.deliver(message.pk) == "skip"


def test_an_address_that_is_none_is_seen_as_not_delivered(kind: Kind) -> None:
    message = services.send(kind, Recipient("amina@thunderbay\nBcc: x@y.ca", "Amina"), key="visit:12", context=CONTEXT)
    assert message
    assert (message.state, message.last_error) == (State.BOUNCED, "This is not an email address.")
    assert services.send(kind, Recipient(" ", "Amina"), key="visit:12", context=CONTEXT) is None


def test_a_name_makes_no_header(kind: Kind, mailoutbox: Any) -> None:
    to = Recipient("amina@thunderbay.example", 'Amina "x"\r\nBcc: evil@example.ca', "en")
    message = services.send(kind, to, key="visit:12", context=CONTEXT)
    assert message
    assert services.deliver(message.pk) == "sent"
    parsed = mailoutbox[0].message()
    assert parsed["Bcc"] is None
    assert mailoutbox[0].recipients() == ['"Amina \\"x\\" Bcc: evil@example.ca" <amina@thunderbay.example>']


# ---- many ---------------------------------------------------------------------------------------


def test_send_many_needs_as_many_queries_for_one_as_for_hundreds(
    letter: Callable[..., Kind], django_assert_num_queries: Any
) -> None:
    kind = letter(is_announcement=True)
    people = [Recipient(f"p{number}@example.ca", f"P {number}", "fr") for number in range(301)]
    Preference.objects.bulk_create(
        Preference(email=to.email, category="announcements", is_wanted=True) for to in people
    )
    with django_assert_num_queries(4):
        assert len(services.send_many(kind, [(people[0], CONTEXT)], key="news:1")) == 1
    with django_assert_num_queries(4):
        assert len(services.send_many(kind, [(to, CONTEXT) for to in people], key="news:1")) == 300
    with django_assert_num_queries(2):
        assert services.send_many(kind, [(to, CONTEXT) for to in people], key="news:1") == []


def test_send_many_keeps_the_order_and_writes_once_to_each(kind: Kind) -> None:
    written = services.send_many(kind, [(LUC, CONTEXT), (AMINA, CONTEXT), (LUC, CONTEXT)], key="visit:1")
    assert [message.to_email for message in written] == ["luc@gatineau.example", "amina@thunderbay.example"]


# ---- what people want ---------------------------------------------------------------------------


def test_announcements_only_with_consent(letter: Callable[..., Kind]) -> None:
    kind = letter(is_announcement=True)
    make_preference("luc@gatineau.example")
    make_preference("rosa@saskatoon.example", is_wanted=False)
    rosa = Recipient("rosa@saskatoon.example", "Rosa", "en")
    written = services.send_many(kind, [(AMINA, CONTEXT), (LUC, CONTEXT), (rosa, CONTEXT)], key="news:1")
    assert [message.to_email for message in written] == ["luc@gatineau.example"]
    assert (written[0].category, bool(written[0].unsubscribe_token)) == ("announcements", True)


@pytest.mark.parametrize(
    ("essential", "choice", "expected"),
    [(True, False, True), (False, None, True), (False, True, True), (False, False, False)],
)
def test_reminders_may_be_switched_off_essential_letters_not(
    letter: Callable[..., Kind], essential: bool, choice: bool | None, expected: bool
) -> None:
    kind = letter(essential=essential)
    if choice is not None:
        make_preference("amina@thunderbay.example", "exchanges", is_wanted=choice)
    assert services.is_wanted(kind, "Amina@thunderbay.example") is expected
    assert bool(services.send(kind, AMINA, key="visit:1", context=CONTEXT)) is expected


def test_the_day_and_words_of_a_consent_stay_until_it_changes() -> None:
    first = services.set_preference(
        email="Luc@gatineau.example", category="announcements", is_wanted=True, wording="I agree"
    )
    again = services.set_preference(
        email="luc@gatineau.example", category="announcements", is_wanted=True, wording="Other"
    )
    assert (again.decided_at, again.wording) == (first.decided_at, "I agree")
    off = services.set_preference(email="luc@gatineau.example", category="announcements", is_wanted=False)
    assert (off.pk, off.is_wanted, off.wording) == (first.pk, False, "")
    events = Preference.pgh_event_model.objects.order_by("pgh_id").values_list("is_wanted", "wording")  # type: ignore[attr-defined]
    assert list(events) == [(True, "I agree"), (False, "")]


def test_unsubscribing_takes_back_what_waits(letter: Callable[..., Kind]) -> None:
    kind = letter(is_announcement=True)
    choice = make_preference("luc@gatineau.example")
    waiting = services.send(kind, LUC, key="news:1", context=CONTEXT)
    services.unsubscribe(choice)
    assert waiting
    assert Message.objects.get(pk=waiting.pk).state == State.WITHDRAWN
    assert services.send(kind, LUC, key="news:2", context=CONTEXT) is None


# ---- taking back, sending again -----------------------------------------------------------------


def test_withdraw_takes_whole_parts_of_a_key() -> None:
    mine, other = make_message(key="visit:1:plan:a@b.ca"), make_message(key="visit:12:plan:a@b.ca")
    gone = make_message(key="visit:1:old:a@b.ca", state=State.SENT, sent_at=timezone.now())
    assert services.withdraw("visit:1") == 1
    assert services.withdraw("visit:1:") == 0
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {mine.pk: State.WITHDRAWN, other.pk: State.QUEUED, gone.pk: State.SENT}
    assert services.deliver(mine.pk) == "skip"


@pytest.mark.parametrize(("state", "expected"), [(s, s in (State.FAILED, State.BOUNCED)) for s in State])
def test_resend_only_what_did_not_arrive(state: str, expected: bool) -> None:
    message = make_message(
        state=state, attempts=12, last_error="no", sent_at=timezone.now() if state == State.SENT else None
    )
    assert services.resend(message) is expected
    message.refresh_from_db()
    assert (message.state, message.attempts) == ((State.QUEUED, 0) if expected else (state, 12))


# ---- the calendar part --------------------------------------------------------------------------


def entry(sequence: int) -> CalendarEntry:
    start = datetime(2026, 11, 17, 15, tzinfo=UTC)
    return CalendarEntry(
        uid="visit-12@portal", title="Visit", start=start, end=start + timedelta(hours=7), sequence=sequence
    )


def test_calendar_keeps_its_uid_and_raises_its_sequence(kind: Kind) -> None:
    first = services.send(kind, AMINA, key="visit:12:v1", context=CONTEXT, calendar=entry(0))
    second = services.send(kind, AMINA, key="visit:12:v2", context=CONTEXT, calendar=entry(1))
    off = services.send(kind, AMINA, key="visit:12:v3", context=CONTEXT, calendar=entry(2), calendar_method="CANCEL")
    calendars = [Message.objects.get(pk=one.pk).calendar for one in (first, second, off) if one]
    assert [("UID:visit-12@portal\r\n" in one) for one in calendars] == [True, True, True]
    assert [one.partition("SEQUENCE:")[2][0] for one in calendars] == ["0", "1", "2"]
    assert [("METHOD:CANCEL" in one, "STATUS:CANCELLED" in one) for one in calendars] == [(False, False)] * 2 + [
        (True, True)
    ]
    unfolded = calendars[0].replace("\r\n ", "")
    assert "mailto:amina@thunderbay.example" in unfolded.lower()


# ---- what libraries mail ------------------------------------------------------------------------


def test_django_mail_goes_through_the_outbox(settings: Any) -> None:
    settings.EMAIL_BACKEND = "cmncp_portal.notifications.backend.OutboxBackend"
    sent = send_mail(
        "Your\ncode".replace("\n", " "), "123456", None, ["A@b.ca", "c@d.ca"], html_message="<p>123456</p>"
    )
    stored = Message.objects.order_by("to_email").values_list("to_email", "kind", "subject", "text", "html", "category")
    assert sent == 1
    assert list(stored) == [
        (email, "accounts.mail", "Your code", "123456", "<p>123456</p>", "account") for email in ("a@b.ca", "c@d.ca")
    ]


def test_a_mail_with_attachments_is_not_lost_silently() -> None:
    mail = EmailMessage("S", "T", to=["a@b.ca"])
    mail.attach("a.txt", "a", "text/plain")
    with pytest.raises(ValueError, match="attachments"):
        services.queue_mail(mail)
