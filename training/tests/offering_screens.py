"""What the tests of offerings share: the outbox, addresses, the words of a page."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.testing.mailbag import Mailbag, event, forget, post
from cmncp_portal.testing.pages import words_of
from training.models import SessionAttendance
from training.services.attending import record_held, take_attendance

_bag = Mailbag("training")
written, to, kinds_to = _bag.written, _bag.to, _bag.kinds_to

__all__ = [
    "address", "came", "errors_of", "event", "forget", "held", "kinds_to", "noted", "post", "to", "words_of", "written",
]  # fmt: skip


def address(name: str, *args: Any, language: str = "en") -> str:
    """The address of a page of training; an offering or a place as its reference or token."""
    values = [getattr(one, "reference", None) or getattr(one, "token", None) or one for one in args]
    with translation.override(language):
        return reverse(f"training:{name}", args=values)


def errors_of(page: Any) -> dict[str, list[str]]:
    """The complaints of the page's form."""
    return {name: [str(one) for one in found] for name, found in page.context["form"].errors.items()}


def came(offering: Any, *places: Any, by: Any, sessions: Any = None, what: str = "present") -> None:
    """Note `what` for `places` in `sessions` (all unless given), as `by`."""
    for session in sessions if sessions is not None else offering.sessions.all():
        take_attendance(session, by=by, attendance=dict.fromkeys((one.pk for one in places), what))


def held(offering: Any, *places: Any, by: Any) -> None:
    """`places` came to everything, and it was recorded."""
    came(offering, *places, by=by)
    record_held(offering, by=by)


def noted(place: Any) -> list[str]:
    """What is noted for a person, session by session."""
    rows = SessionAttendance.objects.filter(enrolment=place).order_by("session__day", "session__begins_at")
    return list(rows.values_list("attendance", flat=True))
