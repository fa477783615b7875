"""From the outbox to a mail server that listens, refuses, or is away."""

import smtplib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from anymail.exceptions import AnymailRecipientsRefused
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone

from cmncp_portal.core.entries import CalendarEntry
from cmncp_portal.notifications import delivery, services
from cmncp_portal.notifications.kinds import Kind
from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.tests.conftest import AMINA, CONTEXT, LUC
from cmncp_portal.notifications.tests.factories import make_message, make_preference
from cmncp_portal.testing.sink import Sink, free_port

pytestmark = pytest.mark.django_db
State = Message.State


def test_a_letter_arrives_whole(kind: Kind, sink: Sink) -> None:
    message = services.send(kind, LUC, key="visit:12", context=CONTEXT)
    assert message
    assert services.deliver(message.pk) == "sent"
    message.refresh_from_db()
    assert (message.state, message.attempts, message.last_error) == (State.SENT, 1, "")
    (mail,) = sink.mails
    assert mail["Subject"] == "[RMCPC] Visite de Winnipeg"
    assert mail["To"] == "Luc Tremblay <luc@gatineau.example>"
    assert mail["Message-ID"] == message.message_id
    assert (mail["Content-Language"], mail["Auto-Submitted"]) == ("fr-CA", "auto-generated")
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().startswith("Bonjour,")  # type: ignore[union-attr]
    assert mail["List-Unsubscribe"] is None
    assert services.deliver(message.pk) == "skip"
    assert len(sink.mails) == 1


def test_calendar_is_a_part_and_a_file(kind: Kind, sink: Sink) -> None:
    start = datetime(2026, 11, 17, 15, tzinfo=UTC)
    entry = CalendarEntry(uid="visit-12@portal", title="Visite à Gatineau", start=start, end=start + timedelta(hours=2))
    message = services.send(kind, LUC, key="visit:12", context=CONTEXT, calendar=entry)
    assert message
    assert services.deliver(message.pk) == "sent"
    (mail,) = sink.mails
    alternative, file = mail.iter_parts()
    assert (mail.get_content_type(), alternative.get_content_type()) == ("multipart/mixed", "multipart/alternative")
    plain, html, calendar = alternative.iter_parts()
    assert [plain.get_content_type(), html.get_content_type()] == ["text/plain", "text/html"]
    assert (calendar.get_content_type(), calendar.get_param("method"), calendar.get_param("charset")) == (
        "text/calendar",
        "REQUEST",
        "utf-8",
    )
    assert (file.get_filename(), file.get_content_disposition()) == ("invitation.ics", "attachment")
    text = calendar.get_content().replace("\r\n", "\n")
    assert "UID:visit-12@portal\n" in text
    assert "Visite à Gatineau" in text
    content = file.get_content().decode()
    assert content.replace("\r\n", "\n").strip() == text.strip()


def test_announcements_carry_one_click_unsubscribe(letter: Callable[..., Kind], sink: Sink) -> None:
    make_preference("luc@gatineau.example")
    message = services.send(letter(is_announcement=True), LUC, key="news:1", context=CONTEXT)
    assert message
    assert services.deliver(message.pk) == "sent"
    (mail,) = sink.mails
    token = Message.objects.get().unsubscribe_token
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail["List-Unsubscribe"].strip(" <>")
    assert url.startswith("http://127.0.0.1:8000/fr/")
    assert url.endswith(f"/{token}/")
    assert url in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_an_address_refused_for_good_bounces(sink: Sink) -> None:
    sink.refuse["gone@example.ca"] = "550 5.1.1 no such person"
    message = make_message(to_email="gone@example.ca")
    assert services.deliver(message.pk) == "bounced"
    message.refresh_from_db()
    assert (message.state, "no such person" in message.last_error) == (State.BOUNCED, True)
    assert services.sweep() == 0


def test_a_busy_server_is_asked_again_after_growing_pauses_and_then_it_shows(sink: Sink) -> None:
    sink.refuse["slow@example.ca"] = "451 4.3.0 come back later"
    with time_machine.travel(datetime(2026, 11, 17, 9, tzinfo=UTC), tick=False) as clock:
        message = make_message(to_email="slow@example.ca")
        pauses = []
        while services.deliver(message.pk) == "retry":
            message.refresh_from_db()
            pauses.append(message.next_attempt_at - timezone.now())
            assert services.deliver(message.pk) == "skip"
            clock.move_to(message.next_attempt_at)
    assert pauses == [timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 40, 60, 120, 240, 480, 720)]
    message.refresh_from_db()
    assert (message.state, message.attempts, "come back later" in message.last_error) == (State.FAILED, 12, True)


def test_a_letter_that_kills_its_sender_is_given_up(sink: Sink) -> None:
    message = make_message(attempts=12)
    assert services.deliver(message.pk) == "failed"
    message.refresh_from_db()
    assert (message.state, sink.mails) == (State.FAILED, [])
    assert message.last_error == "The sender was interrupted at every attempt."


def test_provider_refusals_and_numbers(settings: Any, monkeypatch: Any) -> None:
    def accept(self: Any, mails: Any) -> int:
        mails[0].anymail_status = type("Status", (), {"message_id": "abc-1"})
        return 1

    def refuse(self: Any, mails: Any) -> int:
        raise AnymailRecipientsRefused("all refused")

    monkeypatch.setattr(EmailBackend, "send_messages", accept)
    taken, refused = make_message(), make_message()
    assert services.deliver(taken.pk) == "sent"
    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert services.deliver(refused.pk) == "bounced"
    assert Message.objects.get(pk=taken.pk).provider_id == "abc-1"


def test_mail_server_down_sends_later_with_the_same_message_id(kind: Kind, sink: Sink, settings: Any) -> None:
    open_port, settings.EMAIL_PORT = settings.EMAIL_PORT, free_port()
    began = time.monotonic()
    message = services.send(kind, AMINA, key="visit:12", context=CONTEXT)
    assert time.monotonic() - began < 1
    assert message is not None
    number = message.message_id
    assert services.deliver(message.pk) == "down"
    assert services.sweep() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 0)
    settings.EMAIL_PORT = open_port
    assert services.sweep() == 1
    assert sink.message_ids("amina@thunderbay.example") == [number]


def test_an_interrupted_attempt_is_repeated_with_the_same_message_id(sink: Sink, monkeypatch: Any) -> None:
    message = make_message(to_email="twice@example.ca")
    monkeypatch.setattr(delivery.EmailMultiAlternatives, "send", _sent_and_then_lost)
    assert services.deliver(message.pk) == "retry"
    monkeypatch.undo()
    Message.objects.update(next_attempt_at=timezone.now())
    assert services.sweep() == 1
    assert sink.message_ids("twice@example.ca") == [message.message_id] * 2


def _sent_and_then_lost(mail: Any) -> int:
    mail.connection.send_messages([mail])
    raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")


def test_a_wrong_password_sends_nothing_and_blames_no_letter(sink: Sink, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "wrong"
    message = make_message()
    assert services.sweep() == 0
    message.refresh_from_db()
    assert (message.state, message.attempts, sink.mails) == (State.QUEUED, 0, [])


def test_one_bad_letter_does_not_stop_the_others(sink: Sink) -> None:
    sink.refuse["gone@example.ca"] = "550 no"
    sink.refuse["slow@example.ca"] = "450 later"
    for address in ("gone@example.ca", "slow@example.ca", "fine@example.ca"):
        make_message(to_email=address)
    assert services.sweep() == 1
    assert sink.message_ids("fine@example.ca") != []
    assert len(sink.sessions) == 1


def test_two_hundred_letters_leave_over_one_connection(sink: Sink) -> None:
    for _number in range(200):
        make_message()
    assert services.sweep() == 200
    assert (len(sink.mails), len(sink.sessions)) == (200, 1)
    assert len({mail["Message-ID"] for mail in sink.mails}) == 200


def test_a_batch_ends_in_time_and_the_next_goes_on(sink: Sink) -> None:
    pks = [make_message().pk for _number in range(3)]
    assert services.deliver_all(pks, budget=0.0) == 1
    assert services.sweep() == 2


def test_sweep_leaves_what_is_not_due_and_takes_the_longest_waiting_first(sink: Sink) -> None:
    now = timezone.now()
    make_message(next_attempt_at=now + timedelta(minutes=1))
    make_message(to_email="new@example.ca")
    make_message(to_email="old@example.ca", next_attempt_at=now - timedelta(hours=1))
    assert services.sweep(limit=1) == 1
    assert [mail["X-RcptTo"] for mail in sink.mails] == ["old@example.ca"]


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_the_mail_server_thinks(monkeypatch: Any) -> None:
    seen = []

    def look(self: Any, mails: Any) -> int:
        seen.append(connection.in_atomic_block)
        assert services.withdraw("testing:open") == 1  # nothing is locked
        return 1

    monkeypatch.setattr(EmailBackend, "send_messages", look)
    message = make_message(key="testing:open:a")
    assert services.deliver(message.pk) == "sent"
    message.refresh_from_db()
    assert (seen, message.state) == ([False], State.SENT)


def test_a_letter_withdrawn_during_a_failed_attempt_stays_withdrawn(monkeypatch: Any) -> None:
    def fail(self: Any, mails: Any) -> int:
        services.withdraw("testing:open")
        raise OSError("away")

    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    message = make_message(key="testing:open:a")
    assert services.deliver(message.pk) == "retry"
    assert Message.objects.get().state == State.WITHDRAWN


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_once(sink: Sink) -> None:
    import threading

    pk = make_message(to_email="once@example.ca").pk
    sink.pause_at = "DATA"
    outcomes: list[str] = []

    def send() -> None:
        try:
            outcomes.append(services.deliver(pk))
        finally:
            connection.close()

    first = threading.Thread(target=send)
    first.start()
    assert sink.reached.wait(5)
    send()
    assert outcomes == ["skip"]
    sink.go_on.set()
    first.join(5)
    assert (outcomes, len(sink.mails)) == (["skip", "sent"], 1)
