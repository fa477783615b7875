"""Dull factories: rows, not services, so that a broken service fails its own tests only. Stages by the name of the state."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from cmncp_portal.core.places import Status
from cmncp_portal.network.models import Municipality
from cmncp_portal.network.tests.factories import make_region
from meetings.models import (
    ActionItem,
    AgendaItem,
    Invitee,
    Meeting,
    MeetingStateChange,
    PollSlot,
    Registration,
    Speaker,
)

_numbers = count(1)
FIRST, LAST = date(2027, 4, 14), date(2027, 4, 15)  # a Wednesday and a Thursday


def make_meeting(stage: str = "announced", **fields: Any) -> Meeting:
    """A regional meeting in person on April 14–15, 2027, Winnipeg time, ready for everything its `stage` needs.

    Stages: idea, polling, scheduled, announced, held, postponed, cancelled. `national=True` for a national meeting.
    """
    number = next(_numbers)
    if fields.pop("national", False):
        fields = {"kind": Meeting.Kind.NATIONAL, "region": None} | fields
    dated = stage in ("scheduled", "announced", "held")
    at = datetime(2027, 1, 15, 15, 0, tzinfo=UTC)
    defaults: dict[str, Any] = {
        "slug": f"prairies-{number}",
        "kind": Meeting.Kind.REGIONAL,
        "title_en": "Safer Prairies",
        "title_fr": "Des Prairies plus sûres",
        "summary_en": "What works with young people.",
        "summary_fr": "Ce qui fonctionne auprès des jeunes.",
        "mode": Meeting.Mode.IN_PERSON,
        "time_zone": "America/Winnipeg",
        "starts_on": FIRST if dated else None,
        "ends_on": LAST if dated else None,
        "begins_at": time(9, 0) if dated else None,
        "finishes_at": time(16, 0) if dated else None,
        "venue": "City Hall, Council Building",
        "address": "510 Main Street, Winnipeg",
        "languages": ["en", "fr"],
        "interpretation": True,
        "audience": "associates",
        "state": stage,
        "published_at": at if stage in ("announced", "held", "postponed", "cancelled") else None,
        "held_at": at if stage == "held" else None,
    }
    if "kind" not in fields and "region" not in fields:
        defaults["region"] = make_region()
    meeting = Meeting.objects.create(**(defaults | fields))
    if stage != "idea":
        MeetingStateChange.objects.create(meeting=meeting, to_state=stage, transition=stage, by_name="Priya")
    return meeting


def make_item(meeting: Meeting, **fields: Any) -> AgendaItem:
    """A plenary session of the first morning, without speakers."""
    defaults: dict[str, Any] = {
        "day": 1,
        "starts_at": time(9, 0),
        "ends_at": time(10, 0),
        "title_en": "Welcome",
        "title_fr": "Mot de bienvenue",
    }
    return AgendaItem.objects.create(meeting=meeting, **(defaults | fields))


def make_speaker(item: AgendaItem, name: str = "Dr. Ann Lee", **fields: Any) -> Speaker:
    return Speaker.objects.create(item=item, name=name, **fields)


def make_slot(meeting: Meeting, day: date = FIRST, **fields: Any) -> PollSlot:
    defaults: dict[str, Any] = {"last_day": day, "begins_at": time(9, 0), "finishes_at": time(16, 0)}
    return PollSlot.objects.create(meeting=meeting, day=day, **(defaults | fields))


def make_invitee(meeting: Meeting, email: str = "", **fields: Any) -> Invitee:
    number = next(_numbers)
    email = email or f"invited{number}@place.example"
    defaults: dict[str, Any] = {"name": email.partition("@")[0].title(), "language": "en"}
    return Invitee.objects.create(meeting=meeting, email=email, **(defaults | fields))


def make_place(
    meeting: Meeting, email: str = "", municipality: Municipality | None = None, **fields: Any
) -> Registration:
    """A registered person unless `status` says otherwise; who waits has waited since the factory was called, in order."""
    number = next(_numbers)
    email = email or f"person{number}@place.example"
    defaults: dict[str, Any] = {"name": email.partition("@")[0].title(), "language": "en", "status": Status.REGISTERED}
    if fields.get("status") == Status.WAITING:
        defaults["waiting_since"] = datetime(2027, 1, 20, 15, 0, tzinfo=UTC) + timedelta(seconds=number)
    return Registration.objects.create(meeting=meeting, email=email, municipality=municipality, **(defaults | fields))


def make_action(meeting: Meeting, **fields: Any) -> ActionItem:
    defaults: dict[str, Any] = {
        "text_en": "Share the evaluation plan.",
        "text_fr": "Partager le plan d’évaluation.",
        "owner_name": "Helen Campbell",
        "owner_email": "helen@winnipeg.example",
        "owner_language": "en",
        "owner_zone": "America/Winnipeg",
        "due_on": date(2027, 5, 14),
    }
    return ActionItem.objects.create(meeting=meeting, **(defaults | fields))
