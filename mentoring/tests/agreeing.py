"""What the tests about agreements share: addresses, letters, and two municipalities with people."""

from typing import Any

from django.urls import reverse
from django.utils import translation

from cmncp_portal.network.tests.factories import make_stakeholder
from cmncp_portal.testing.mailbag import Mailbag, event, forget
from cmncp_portal.testing.pages import as_sent, heading, said, text_of, words_of
from mentoring.models import Agreement, Participant

from .factories import make_agreement, make_participant

__all__ = ["as_sent", "event", "forget", "heading", "said", "text_of", "words_of"]

AMINA, HELEN, PRIYA, ROSA = (
    "amina@thunderbay.example",
    "helen@winnipeg.example",
    "priya@network.example",
    "rosa@saskatoon.example",
)
CHIEF = "chief@north.example"  # of a municipality that is no member and has no account
mail = Mailbag("mentoring")


def about(agreement: Any, name: str = "agreement", *args: Any, language: str = "en") -> str:
    """The address of a page about `agreement` for who signs in."""
    with translation.override(language):
        return reverse(f"mentoring:{name}", args=[agreement.reference, *args])


def own(person: Participant, name: str = "", language: str = "en") -> str:
    """The address of a personal page, or of a page behind it."""
    with translation.override(language):
        if not name:
            return reverse("mentoring:guest", args=[person.token])
        return reverse("mentoring:guest_act", args=[person.token, name])


def read(agreement: Agreement) -> Agreement:
    """The agreement as it stands now."""
    return Agreement.objects.with_places().get(pk=agreement.pk)


def make_running(mentor: Any, mentee: Any, **fields: Any) -> Agreement:
    """An active agreement; the mentored side is led by somebody without an account, the mentor's by its representative."""
    agreement = make_agreement(mentor, mentee, **fields)
    make_participant(agreement, "mentee", CHIEF, name="Chief Pierre", is_lead=True)
    person = mentor.stakeholders.filter(standing="representative").first()
    if person:
        make_participant(agreement, "mentor", person.email, name=person.name, stakeholder=person, is_lead=True)
    return read(agreement)


def make_contact(place: Any, email: str = CHIEF, **fields: Any) -> Any:
    """Somebody of `place` without an account."""
    return make_stakeholder(place, email=email, **({"name": "Chief Pierre"} | fields))
