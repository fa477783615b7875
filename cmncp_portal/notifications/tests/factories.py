"""Dull factories: rows, not services."""

from itertools import count
from typing import Any

from cmncp_portal.notifications.models import Category, Message, Preference

_numbers = count(1)


def make_message(**fields: Any) -> Message:
    """A letter in English that waits to be sent now."""
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "key": f"testing:{number}",
        "kind": "testing.visit",
        "category": Category.EXCHANGES,
        "to_email": f"person{number}@example.ca",
        "to_name": f"Person {number}",
        "language": "en",
        "subject": f"Letter {number}",
        "text": "Hello.",
        "html": "<p>Hello.</p>",
    }
    return Message.objects.create(**(defaults | fields))


def make_preference(email: str, category: str = Category.ANNOUNCEMENTS, *, is_wanted: bool = True) -> Preference:
    return Preference.objects.create(email=email, category=category, is_wanted=is_wanted)
