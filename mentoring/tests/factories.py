"""Dull factories: rows, not services, so that a broken service fails its own tests only. Stages by the name of the state."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from cmncp_portal.network.models import Municipality
from mentoring.models import Agreement, AgreementChange, Goal, MentoringNeed, MentorOffer, Participant, Side

_numbers = count(1)


def make_need(municipality: Municipality, state: str = "open", *, topics: Any = (), **fields: Any) -> MentoringNeed:
    defaults: dict[str, Any] = {
        "goals": "Set up a responsibility centre and a first plan.",
        "languages": ["en"],
        "hours": 4,
        "state": state,
        "by_name": "Amina Diallo",
    }
    need = MentoringNeed.objects.create(municipality=municipality, **(defaults | fields))
    need.topics.set(topics)
    return need


def make_offer(municipality: Municipality, state: str = "open", *, topics: Any = (), **fields: Any) -> MentorOffer:
    defaults: dict[str, Any] = {
        "languages": ["en"],
        "capacity": 1,
        "hours": 6,
        "state": state,
        "by_name": "Helen Friesen",
    }
    offer = MentorOffer.objects.create(municipality=municipality, **(defaults | fields))
    offer.topics.set(topics)
    return offer


def make_agreement(
    mentor: Municipality | MentorOffer, mentee: Municipality | MentoringNeed, state: str = "active", **fields: Any
) -> Agreement:
    """An agreement of that state, with its need and offer; running ones began on January 4, 2027 and last a year."""
    offer = mentor if isinstance(mentor, MentorOffer) else make_offer(mentor)
    if not isinstance(mentee, MentoringNeed):
        open_ones = ("proposed", "awaiting", "declined", "withdrawn")
        mentee = make_need(mentee, "open" if state in open_ones else "matched")
    at = datetime(2027, 1, 4, 15, 0, tzinfo=UTC)
    begun = state in ("active", "paused", "completed", "ended")
    defaults: dict[str, Any] = {
        "reference": f"ME-2027-{next(_numbers):03d}",
        "state": state,
        "asked_at": at if state != "proposed" else None,
        "answer_due_on": date(2027, 1, 14) if state != "proposed" else None,
        "mentor_accepted_at": at if begun else None,
        "mentee_accepted_at": at if begun else None,
        "starts_on": date(2027, 1, 4) if begun else None,
        "ends_on": date(2028, 1, 4) if begun else None,
        "last_sign_at": at if begun else None,
    }
    agreement = Agreement.objects.create(
        mentor=offer.municipality, mentee=mentee.municipality, need=mentee, offer=offer, **(defaults | fields)
    )
    AgreementChange.objects.create(agreement=agreement, to_state=state, transition=state, by_name="Priya Nair")
    return agreement


def make_participant(agreement: Agreement, side: str = Side.MENTEE, email: str = "", **fields: Any) -> Participant:
    email = email or f"participant{next(_numbers)}@place.example"
    defaults: dict[str, Any] = {"name": email.partition("@")[0].title(), "language": "en"}
    return Participant.objects.create(agreement=agreement, side=side, email=email, **(defaults | fields))


def make_goal(agreement: Agreement, text: str = "Name a responsibility centre", **fields: Any) -> Goal:
    return Goal.objects.create(agreement=agreement, text=text, order=agreement.goals.count(), **fields)
