"""Two doors lead to an agreement: signing in, and a personal link. Behind both are the same pages."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.screens import require

from ..models import Agreement, Participant, Side
from ..models.agreements import AgreementQuerySet
from ..rules import remember_sides
from ..selectors.agreements import TONES, for_its_page, people_of
from ..services.people import sides_led_by

# How a page is called behind a personal link, where the name is one word of the address.
OWN_NAMES = {
    "answer": "answer",
    "people": "people",
    "person_act": "person",
    "goals": "goals",
    "goal_act": "goal",
    "session_add": "session",
    "session_edit": "session",
    "next_session": "next",
    "calendar": "calendar",
    "documents": "documents",
    "document_remove": "document-remove",
    "hand_over": "hand-over",
}


@dataclass(frozen=True)
class Door:
    """Who came in, to which agreement, and where the other pages are from there. `by` is a User or a Participant."""

    agreement: Agreement
    by: User | Participant

    @property
    def is_guest(self) -> bool:
        return isinstance(self.by, Participant)

    def to(self, name: str, *args: Any) -> str:
        """Return the address of the page `name` (a URL name) behind this door."""
        if isinstance(self.by, User):
            return reverse(f"mentoring:{name}", args=[self.agreement.reference, *args])
        if name == "agreement":
            return reverse("mentoring:guest", args=[self.by.token])
        if name == "document":
            return reverse("mentoring:guest_document", args=[self.by.token, *args])
        return reverse("mentoring:guest_act", args=[self.by.token, "-".join(map(str, (OWN_NAMES[name], *args)))])

    @cached_property
    def urls(self) -> dict[str, str]:
        """The pages that every page may link to, by name."""
        names = (
            "agreement",
            "answer",
            "people",
            "goals",
            "session_add",
            "next_session",
            "calendar",
            "documents",
            "hand_over",
        )
        return {name: self.to(name) for name in names}

    @cached_property
    def people(self) -> list[Participant]:
        """Who takes part today."""
        return people_of(self.agreement)

    @cached_property
    def sides_led(self) -> set[str]:
        """The sides for which who came in decides."""
        return sides_led_by(self.by, self.agreement, self.people)

    @cached_property
    def sides_kept(self) -> list[str]:
        """The sides whose people who came in may change."""
        everything = isinstance(self.by, User) and is_secretariat(self.by)
        return [str(side) for side in (Side.MENTEE, Side.MENTOR) if everything or side in self.sides_led]

    @cached_property
    def may_work(self) -> bool:
        return self.is_guest or self._has("mentoring.work")

    @cached_property
    def may_conclude(self) -> bool:
        return self._has("mentoring.conclude")

    @cached_property
    def may_hand_over(self) -> bool:
        return self.is_guest or self._has("mentoring.hand_over")

    @cached_property
    def may_read_check_ins(self) -> bool:
        return self._has("mentoring.read_check_ins")

    def _has(self, permission: str) -> bool:
        return isinstance(self.by, User) and self.by.has_perm(permission, self.agreement)


def door_of(request: HttpRequest, reference: str, *permissions: str, whole: bool = False) -> Door:
    """Return the door of who signed in: 404 for whom the agreement does not exist, 403 without one of `permissions`.

    `whole` brings what the agreement's own page lists.
    """
    user: Any = request.user
    door = Door(get_object_or_404(_rows(Agreement.objects.visible_to(user), whole), reference=reference), user)
    remember_sides(user, door.agreement, door.people)
    for permission in permissions:
        require(user, permission, door.agreement)
    return door


def _rows(rows: AgreementQuerySet, whole: bool) -> AgreementQuerySet:
    return for_its_page(rows) if whole else rows.with_places()


def guest_door(token: str, *, whole: bool = False) -> Door:
    """Return the door that the personal link opens; 404 when it opens nothing any more."""
    person = Participant.from_token(token)
    if person is None or person.agreement.state == Agreement.State.PROPOSED:
        raise Http404
    person.agreement = _rows(Agreement.objects.all(), whole).get(pk=person.agreement_id)
    door = Door(person.agreement, person)
    if person not in door.people:  # left the municipality, and nobody has noted it here yet
        raise Http404
    return door


def head(door: Door) -> dict[str, Any]:
    """Return what each page about an agreement says on top."""
    return {
        "door": door,
        "agreement": door.agreement,
        "tone": TONES[Agreement.State(door.agreement.state)],
        "cancel_url": door.to("agreement"),
    }
