"""What a mail provider reports about letters it had taken."""

import base64
import json
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent, tracking
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cmncp_portal.notifications.models import Message
from cmncp_portal.notifications.tests.factories import make_message

pytestmark = pytest.mark.django_db


def sent(**fields: Any) -> Message:
    return make_message(**({"state": Message.State.SENT, "sent_at": timezone.now()} | fields))


def report(**fields: Any) -> None:
    event = AnymailTrackingEvent(**({"event_type": "bounced", "mta_response": "550 mailbox full"} | fields))
    tracking.send(sender=None, event=event, esp_name="Testing")


def test_a_bounce_is_found_by_our_message_id() -> None:
    message, other = sent(), sent()
    report(message_id=message.message_id, recipient=message.to_email.upper())
    message.refresh_from_db()
    assert (message.state, message.last_error) == ("bounced", "550 mailbox full")
    assert Message.objects.get(pk=other.pk).state == "sent"


def test_a_bounce_is_found_by_the_providers_number() -> None:
    message = sent(provider_id="abc-1")
    report(message_id="abc-1", recipient=message.to_email)
    assert Message.objects.get().state == "bounced"


@pytest.mark.parametrize(
    "changes",
    [
        {"event_type": "delivered"},
        {"event_type": "opened"},
        {"event_type": "deferred"},
        {"recipient": "somebody@else.example"},
        {"message_id": None},
        {"message_id": ""},
        {"message_id": "<letter-1-1@elsewhere.example>"},
    ],
)
def test_other_news_change_nothing(changes: dict[str, Any]) -> None:
    message = sent(provider_id="")
    report(**({"message_id": message.message_id, "recipient": message.to_email} | changes))
    assert Message.objects.get().state == "sent"


def test_the_providers_call(client: Client, settings: Any) -> None:
    settings.ANYMAIL = {"WEBHOOK_SECRET": "portal:secret"}
    message = sent(provider_id="883953f4-6105-42a2-a16a-77a8eac79483", to_email="gone@example.ca")
    body = {
        "RecordType": "Bounce",
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": message.provider_id,
        "Email": "gone@example.ca",
        "Details": "unknown user",
        "BouncedAt": "2026-11-17T16:33:54.9070259Z",
    }
    address = reverse("notifications:events", args=["postmark"])
    key = {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"portal:secret").decode()}
    assert client.post(address, json.dumps(body), content_type="application/json").status_code == 400
    assert Message.objects.get().state == "sent"
    assert client.post(address, json.dumps(body), content_type="application/json", **key).status_code == 200
    assert Message.objects.get().state == "bounced"
    assert client.post(reverse("notifications:events", args=["nobody"]), **key).status_code == 404


def test_without_a_secret_nobody_may_call(client: Client) -> None:
    assert (
        client.post(
            reverse("notifications:events", args=["postmark"]), "{}", content_type="application/json"
        ).status_code
        == 404
    )
