"""Who takes part on each side. An agreement is the municipalities': when somebody leaves, another takes over."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.accounts.models import User
from cmncp_portal.accounts.rules import is_secretariat
from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.network.models import Stakeholder
from cmncp_portal.network.rules import speaks_for_ids
from cmncp_portal.network.selectors import recipient_of

from ..models import Agreement, Participant, Side
from ..notifications import agreements as kinds
from ..notifications.common import both
from ..selectors.agreements import current_people, people_of
from .telling import leads, network, reader_of, speakers, tell

Acting = User | Participant  # who signs in, or who came by a personal link


def account_of(by: Any) -> User | None:
    """Return the account of who acts, None for somebody with a personal link."""
    return by if isinstance(by, User) else None


def locked(agreement: Agreement) -> Agreement:
    """Return `agreement`, locked and read again, with its municipalities, need and offer."""
    return Agreement.objects.select_for_update(of=("self",)).with_places().get(pk=agreement.pk)


def sides_led_by(by: Any, agreement: Agreement, people: Iterable[Participant] | None = None) -> set[str]:
    """Return the sides for which `by` decides: as representative or deputy, or as the one who leads.

    `people` are those who take part today, when the caller has them already.
    """
    leads_now = [person for person in (people_of(agreement) if people is None else people) if person.is_lead]
    if isinstance(by, Participant):
        return {person.side for person in leads_now if person.pk == by.pk}
    ours = speaks_for_ids(by)
    spoken = {str(side) for side in Side if agreement.municipality_of(side).pk in ours}
    return spoken | {person.side for person in leads_now if person.email == by.email.lower()}


def require_part(by: Any, agreement: Agreement) -> None:
    """Raise PermissionDenied unless `by` works in `agreement`, on either side."""
    if isinstance(by, Participant):
        if not current_people().filter(pk=by.pk, agreement=agreement).exists():
            raise PermissionDenied
    elif not by.has_perm("mentoring.work", agreement):
        raise PermissionDenied


def may_keep(by: Any, agreement: Agreement, side: str) -> bool:
    """Tell whether `by` says who takes part for `side`: who decides for that side, and the network's coordinators."""
    return isinstance(by, User) and is_secretariat(by) or side in sides_led_by(by, agreement)


def _to_keep(agreement: Agreement, side: str, by: Any) -> Agreement:
    agreement = locked(agreement)
    if not may_keep(by, agreement, side):
        raise PermissionDenied
    if agreement.state not in Agreement.LIVE:
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": agreement.get_state_display()}
        )
    return agreement


@transaction.atomic
def add_person(
    agreement: Agreement, *, side: str, by: Any, name: str, email: str, title: str = "", language: str = ""
) -> Participant:
    """Add somebody for `side`, with or without an account, and send the personal page. The first on a side leads for it.

    Raises PermissionDenied for the other side's people, TransitionRefused when the address takes part already.
    """
    agreement = _to_keep(agreement, side, by)
    address = email.strip().lower()
    if agreement.participants.filter(email=address, left_on__isnull=True).exists():
        raise TransitionRefused(_("%(email)s takes part already.") % {"email": address})
    place = agreement.municipality_of(side)
    known = Stakeholder.objects.current().filter(municipality=place, email__iexact=address).first()
    person = Participant.objects.create(
        agreement=agreement, side=side, stakeholder=known, name=name, title=title, email=address, language=language,
        zone=place.time_zone, is_lead=not _has_lead(agreement, side),
    )  # fmt: skip
    if agreement.state != Agreement.State.PROPOSED:
        send_page(person, occasion="added", by=str(by))
    return person


def send_page(person: Participant, *, occasion: str, by: str = "") -> int:
    """Send the button that opens the agreement for `person`; `by` named them, if anybody did. Return whether it is new."""
    place = person.agreement.municipality_of(person.side)
    more: dict[str, Any] = {"place": kinds.names_of(place), "by": both(by)}
    return tell(kinds.PERSON_ADDED, person.agreement, [reader_of(person)], occasion=f"{person.pk}:{occasion}", **more)


def _has_lead(agreement: Agreement, side: str) -> bool:
    return agreement.participants.filter(side=side, is_lead=True, left_on__isnull=True).exists()


@transaction.atomic
def make_lead(person: Participant, *, by: Any) -> None:
    """Let `person` lead for their side from now on. Raises TransitionRefused when they lead already, or have left."""
    agreement = _to_keep(person.agreement, person.side, by)
    person.refresh_from_db()
    if person.left_on is not None:
        raise TransitionRefused(_("%(name)s no longer takes part.") % {"name": person.name}, done_already=True)
    if person.is_lead:
        raise TransitionRefused(_("%(name)s leads already.") % {"name": person.name}, done_already=True)
    _lead(agreement, person)


def _lead(agreement: Agreement, person: Participant) -> None:
    now = timezone.now()
    agreement.participants.filter(side=person.side, is_lead=True).update(is_lead=False, updated_at=now)
    Participant.objects.filter(pk=person.pk).update(is_lead=True, updated_at=now)
    person.is_lead = True


@transaction.atomic
def remove_person(person: Participant, *, by: Any) -> None:
    """Note that `person` no longer takes part; the personal page is closed. Everybody may leave; who decides may take others off.

    After a lead the representative leads, else a deputy. Raises TransitionRefused for a second click.
    """
    is_self = isinstance(by, Participant) and by.pk == person.pk
    is_self = is_self or isinstance(by, User) and by.email.lower() == person.email
    agreement = locked(person.agreement) if is_self else _to_keep(person.agreement, person.side, by)
    person.refresh_from_db()
    if person.left_on is not None:
        raise TransitionRefused(_("%(name)s no longer takes part.") % {"name": person.name}, done_already=True)
    person.agreement = agreement
    _leave(person, timezone.localdate())


def _leave(person: Participant, on: date) -> None:
    """`person` leaves; when they led, somebody else of the side does, and its people and the network are told, once."""
    led = person.is_lead
    now = timezone.now()
    Participant.objects.filter(pk=person.pk).update(left_on=on, is_lead=False, nonce=new_nonce(), updated_at=now)
    if led:
        _succeed(person.agreement, person.side, person.name, occasion=str(person.pk))


def _succeed(agreement: Agreement, side: str, gone: str, *, occasion: str) -> Participant | None:
    """Let the representative, else a deputy, lead for `side`; tell those who speak for it and the coordinators."""
    place = agreement.municipality_of(side)
    successor = appoint(agreement, side, [p for p in _who_may_lead(agreement, side) if p.name != gone])
    more: dict[str, Any] = {
        "place": kinds.names_of(place),
        "person": both(gone),
        "successor": both(successor.name if successor else ""),
    }
    readers = [*([reader_of(successor)] if successor else []), *speakers(agreement, side), *network(agreement)]
    tell(kinds.LEAD_LEFT, agreement, readers, occasion=f"{side}:{occasion}", **more)
    return successor


def _who_may_lead(agreement: Agreement, side: str) -> list[Stakeholder]:
    """Who speaks for `side`, without those who said no: who left this agreement is not called back by the portal."""
    gone = agreement.participants.filter(side=side, left_on__isnull=False)
    people, addresses = set(gone.values_list("stakeholder", flat=True)), set(gone.values_list("email", flat=True))
    rows = Stakeholder.objects.speaking_for(agreement.municipality_of(side)).select_related("municipality", "user")
    return [p for p in rows if p.pk not in people and recipient_of(p).email.strip().lower() not in addresses]


def appoint(agreement: Agreement, side: str, candidates: list[Stakeholder]) -> Participant | None:
    """Let the first of `candidates` who can be reached, and does not take part for the other side, lead for `side`."""
    for person in candidates:
        to = recipient_of(person)
        address = to.email.strip().lower()
        known = agreement.participants.filter(email=address, left_on__isnull=True).first()
        if not address or known and known.side != side:
            continue
        if known is None:
            known = Participant.objects.create(
                agreement=agreement, side=side, stakeholder=person, name=person.name, title=person.title, email=address,
                language="" if to.language == "both" else to.language, zone=to.zone,
            )  # fmt: skip
        _lead(agreement, known)
        return known
    return None


@transaction.atomic
def not_me(person: Participant) -> None:
    """The link reached somebody else: name and address are removed, who leads for the side is told, the link opens nothing."""
    agreement = locked(person.agreement)
    person = Participant.objects.select_related("agreement__mentor", "agreement__mentee").get(pk=person.pk)
    name, place = person.name, agreement.municipality_of(person.side)
    _leave(person, timezone.localdate())
    readers = [r for r in [*leads(agreement, person.side), *network(agreement)] if r.to.email.lower() != person.email]
    more: dict[str, Any] = {"place": kinds.names_of(place), "person": both(name)}
    tell(kinds.NOT_ME, agreement, readers, occasion=str(person.pk), **more)
    Participant.objects.filter(pk=person.pk).update(name="—", title="", email=f"nobody-{person.pk}@invalid.invalid")


def send_links_again(email: str) -> int:
    """Send the personal pages of `email` once more, for agreements that are not over; return how many letters.

    At most once an hour and agreement, so that the page cannot be used to fill somebody's mailbox.
    """
    hour = timezone.now().strftime("%Y-%m-%d-%H")
    live = (Agreement.State.AWAITING, *Agreement.RUNNING)
    rows = current_people().filter(email=email.strip().lower(), agreement__state__in=live)
    people = rows.select_related("agreement__mentor", "agreement__mentee")[:10]
    return sum(send_page(person, occasion=f"again:{hour}") for person in people)


def follow_leavers(today: date | None = None) -> int:
    """End the part of who left their municipality, or whose account was closed, and see that each side of a live agreement has a lead; return how many changed.

    May run as often as one likes: what was told is not told again.
    """
    on = today or timezone.localdate()
    live = (Agreement.State.AWAITING, *Agreement.RUNNING)
    rows = Participant.objects.filter(left_on__isnull=True, agreement__state__in=live)
    gone = rows.exclude(pk__in=Participant.objects.current(on).values("pk"))
    left = [pk for pk in gone.order_by("pk").values_list("pk", flat=True) if _follow_one(pk, on)]
    return len(left) + sum(_find_lead(pk, side) for pk, side in _without_lead(live))


@transaction.atomic
def _follow_one(pk: int, on: date) -> bool:
    person = Participant.objects.select_related("agreement", "stakeholder").get(pk=pk)
    person.agreement = locked(person.agreement)
    person.refresh_from_db(fields=["left_on", "is_lead"])
    if person.left_on is not None:
        return False
    _leave(person, on)
    return True


def _without_lead(live: tuple[str, ...]) -> list[tuple[int, str]]:
    """Return (agreement, side) where nobody leads: the municipality had nobody then, and may have somebody now."""
    rows = Agreement.objects.filter(state__in=live).order_by("pk").values_list("pk", flat=True)
    led = set(Participant.objects.filter(is_lead=True, left_on__isnull=True).values_list("agreement_id", "side"))
    return [(pk, str(side)) for pk in rows for side in Side if (pk, str(side)) not in led]


@transaction.atomic
def _find_lead(pk: int, side: str) -> bool:
    agreement = locked(Agreement(pk=pk))
    if _has_lead(agreement, side):
        return False
    found = appoint(agreement, side, _who_may_lead(agreement, side))
    if found is not None:
        send_page(found, occasion="leads")
    return found is not None
