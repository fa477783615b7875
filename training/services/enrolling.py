"""Taking a place, waiting for one, giving it back. The offering's row is locked first, so that two people never take the last place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core import places as core
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.places import LIVE, Status
from cmncp_portal.core.workflow import TransitionRefused
from cmncp_portal.evaluation import services as surveys
from cmncp_portal.network.models import Municipality
from cmncp_portal.notifications.recipients import Recipient

from ..models import Certificate, Enrolment, Learner, Offering
from ..notifications import offerings as kinds
from ..selectors.places import position_of, room_of
from . import certificates
from .learners import is_known, learner_for
from .telling import tell, tell_place

G = Offering.State
MOST_AT_ONCE = 20  # people whom one person enrols in one go


@dataclass(frozen=True)
class Person:
    """Who is to come. `user` is the account when the person enrols herself; `municipality` the one that sends her."""

    name: str
    email: str
    language: str = ""
    title: str = ""
    organisation: str = ""
    municipality: Municipality | None = None
    dietary_needs: str = ""
    access_needs: str = ""
    user: Any = None


def locked(offering: Offering) -> Offering:
    """Return `offering` read again under a lock that lasts to the end of the transaction, with module and host."""
    Offering.objects.select_for_update(of=("self",)).only("pk").get(pk=offering.pk)
    return Offering.objects.with_module().get(pk=offering.pk)


def _refuse_enrolment(offering: Offering, by: Any, people: Iterable[Person]) -> None:
    organises = by.has_perm("training.organise", offering)
    if not organises:
        if not by.has_perm("training.enrol") or not Offering.objects.visible_to(by).filter(pk=offering.pk).exists():
            raise PermissionDenied
        others = [person.municipality for person in people if person.user != by]
        if not all(place and by.has_perm("training.enrol_staff", place) for place in others):
            raise PermissionDenied
    if offering.state != G.OPEN or offering.is_over:
        raise TransitionRefused(
            _("One can no longer enrol: it is “%(state)s”.") % {"state": offering.get_state_display()}
            if offering.state != G.OPEN
            else _("It is over.")
        )
    if not organises and not offering.is_enrolment_open:
        raise TransitionRefused(_("Enrolment is closed."))


@transaction.atomic
def enrol(offering: Offering, *, people: Sequence[Person], by: Any) -> list[Enrolment]:
    """Give each of `people` a place, or a turn on the waiting list, or ask for approval; each gets an own letter.

    `by` enrols herself (Person.user), staff of a municipality that she speaks for, or as coordinator anyone. Return the new
    places in order; who holds a place already is left out. Raises PermissionDenied; TransitionRefused when enrolment is
    closed, too many are named, or everybody holds a place already.
    """
    offering = locked(offering)
    _refuse_enrolment(offering, by, people)
    wanted = {p.email.strip().lower(): p for p in people if p.email.strip()}
    if len(wanted) > MOST_AT_ONCE:
        raise TransitionRefused(_("Enrol at most %(number)s people at once.") % {"number": MOST_AT_ONCE})
    known = Enrolment.objects.live().filter(offering=offering)
    taken = set(known.filter(email__in=list(wanted)).values_list("email", flat=True))
    new: list[tuple[Person, Learner]] = []
    for email, person in wanted.items():
        if email in taken:
            continue
        learner = learner_for(email=email, name=person.name.strip(), language=person.language, user=person.user)
        if not known.filter(learner=learner).exists() and learner not in [one for _p, one in new]:
            new.append((person, learner))
    if not new:
        raise TransitionRefused(_("Everybody you named has a place already."), done_already=True)
    approval = offering.needs_approval and not by.has_perm("training.organise", offering)
    places = [_place(offering, person, learner, by) for person, learner in new]
    _take_all(offering, places, approval=approval)
    made = Enrolment.objects.bulk_create(places)
    for place in made:
        _tell_status(place)
    return made


def _place(offering: Offering, person: Person, learner: Learner, by: Any) -> Enrolment:
    stakeholder = learner.stakeholder
    municipality = stakeholder.municipality if stakeholder else person.municipality
    zone = person.user.time_zone if person.user else municipality.time_zone if municipality else offering.time_zone
    return Enrolment(
        offering=offering,
        learner=learner,
        name=person.name.strip(),
        title=person.title or (stakeholder.title if stakeholder else ""),
        organisation=person.organisation,
        email=person.email.strip().lower(),
        language=person.language or learner.language or (stakeholder.language if stakeholder else ""),
        municipality=municipality,
        stakeholder=stakeholder,
        dietary_needs=person.dietary_needs,
        access_needs=person.access_needs,
        zone=zone,
        enrolled_by=by,
        enrolled_by_name=str(by),
    )


def _take_all(offering: Offering, places: Sequence[Enrolment], *, approval: bool) -> None:
    """Decide about each place in turn while the offering is locked."""
    room, now = room_of(offering), timezone.now()
    left, waits = room.left, room.waiting > 0
    for place in places:
        core.take(place, free=left, someone_waits=waits, needs_approval=approval, now=now)
        if place.status == Status.REGISTERED and left is not None:
            left -= 1
        waits = waits or place.status == Status.WAITING


def _tell_status(place: Enrolment, again: str = "") -> None:
    """Write the letter that says what became of an enrolment."""
    by = kinds.both("" if _is_by_oneself(place) else place.enrolled_by_name)
    moment = f"{int(place.asked_at.timestamp())}{again}"
    if place.status == Status.REGISTERED:
        occasion = f"confirmed:{place.offering.sequence}:{moment}"
        tell_place(kinds.PLACE_CONFIRMED, place, occasion=occasion, method="REQUEST", by=by)
    elif place.status == Status.WAITING:
        position = kinds.both(position_of(place))
        tell_place(kinds.PLACE_WAITING, place, occasion=f"waiting:{moment}", by=by, position=position)
    elif place.status == Status.REQUESTED:
        tell_place(kinds.PLACE_REQUESTED, place, occasion=f"requested:{moment}", by=by)


def _is_by_oneself(place: Enrolment) -> bool:
    if place.enrolled_by is not None:
        return place.enrolled_by.email.lower() == place.email or place.enrolled_by_id == place.learner.user_id
    return not place.enrolled_by_name or place.enrolled_by_name == place.name


def locked_place(place: Enrolment) -> Enrolment:
    """Lock the offering, then the place: always in this order, so that nobody waits for each other."""
    offering = locked(place.offering)
    rows = Enrolment.objects.select_for_update(of=("self",)).select_related("enrolled_by", "learner")
    fresh: Enrolment = rows.get(pk=place.pk)
    fresh.offering = offering
    return fresh


@transaction.atomic
def cancel_place(place: Enrolment, *, by: Any = None, word: str = "") -> None:
    """Give a place back, or leave the waiting list; who waits longest follows at once, and is told.

    `by` is None when the person does it from the own page; else herself, who enrolled her, her municipality's
    representatives, or a coordinator. Raises PermissionDenied; TransitionRefused when it was given back before or is over.
    """
    place = locked_place(place)
    if by is not None and not by.has_perm("training.cancel_place", place):
        raise PermissionDenied
    if place.status not in LIVE:
        raise TransitionRefused(_("This place was given back already."), done_already=True)
    if place.offering.state == G.CANCELLED:
        raise TransitionRefused(_("These dates are cancelled: there is nothing to give back."), done_already=True)
    if place.offering.state == G.HELD or place.offering.is_over:
        raise TransitionRefused(_("It is over."))
    was_registered, now = place.status == Status.REGISTERED, timezone.now()
    write(place, status=Status.CANCELLED, ended_at=now, waiting_since=None, refuse_by=None, answer_note=word)
    itself = by is None or by.email.lower() == place.email or by.pk == place.learner.user_id
    tell_place(
        kinds.PLACE_CANCELLED,
        place,
        occasion=f"cancelled:{int(now.timestamp())}",
        method="CANCEL" if was_registered else None,
        by=kinds.both("" if itself else str(by)),
        word=kinds.both("" if itself else word),
    )
    fill_free_places(place.offering)


def write(place: Enrolment, **fields: Any) -> None:
    """Write `fields` to a locked place; its version rises by one."""
    Enrolment.objects.filter(pk=place.pk).update(**fields, version=F("version") + 1, updated_at=timezone.now())
    for name, value in fields.items():
        setattr(place, name, value)
    place.version += 1


def _begins(offering: Offering) -> datetime | None:
    first = offering.sessions.first()
    if first is None:
        return None
    first.offering = offering
    return first.instants()[0]


def fill_free_places(offering: Offering) -> list[Enrolment]:
    """Let those who wait come in, in order, as far as there are places; each is told until when to give it back.

    Nobody comes off the list once it has begun, or when it is cancelled. Locks the offering.
    """
    with transaction.atomic():
        offering = locked(offering)
        now, begins = timezone.now(), _begins(offering)
        if offering.state != G.OPEN or begins is None or begins <= now:
            return []
        until = core.refuse_by(now, offering.time_zone, begins)
        waiting = Enrolment.objects.filter(offering=offering)
        chosen: list[Enrolment] = list(core.promote(waiting, free=room_of(offering).left, now=now, until=until))
        for place in chosen:
            place.offering = offering
            words = kinds.instant_words(until, offering)
            occasion = f"promoted:{int(until.timestamp())}"
            tell_place(kinds.OFF_WAITING_LIST, place, occasion=occasion, method="REQUEST", until=words)
        return chosen


@transaction.atomic
def approve(place: Enrolment, *, by: Any) -> None:
    """Accept somebody who asked for a place: a place if there is one, else a turn on the waiting list.

    Raises PermissionDenied; TransitionRefused when somebody answered before, or it is not open any more.
    """
    place = _to_answer(place, by)
    _take_all(place.offering, [place], approval=False)
    write(place, status=place.status, waiting_since=place.waiting_since, asked_at=place.asked_at)
    _tell_status(place, ":approved")


@transaction.atomic
def decline(place: Enrolment, *, by: Any, word: str) -> None:
    """Do not accept somebody who asked for a place; the word is read by that person. Raises as `approve`."""
    place = _to_answer(place, by)
    if not word.strip():
        raise TransitionRefused(_("Please give a reason; the person will read it."))
    write(place, status=Status.DECLINED, ended_at=timezone.now())
    tell_place(kinds.PLACE_DECLINED, place, occasion=f"declined:{place.version}", word=kinds.both(word))


def _to_answer(place: Enrolment, by: Any) -> Enrolment:
    place = locked_place(place)
    _require_organising(by, place)
    if place.status != Status.REQUESTED:
        raise TransitionRefused(
            _("Already answered: “%(status)s”.") % {"status": place.get_status_display()}, done_already=True
        )
    if place.offering.state != G.OPEN:
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": place.offering.get_state_display()}
        )
    if place.offering.is_over:
        raise TransitionRefused(_("It is over."))
    return place


def _require_organising(by: Any, place: Enrolment) -> None:
    if not by.has_perm("training.organise", place.offering):
        raise PermissionDenied


@transaction.atomic
def keep_needs(place: Enrolment, *, dietary_needs: str, access_needs: str) -> None:
    """Keep what only coordinators and facilitators read; deleted thirty days after the last day."""
    place = locked_place(place)
    if place.status not in LIVE or place.offering.state != G.OPEN or place.offering.is_over:
        raise TransitionRefused(_("Needs are no longer asked for."))
    Enrolment.objects.filter(pk=place.pk).update(
        dietary_needs=dietary_needs, access_needs=access_needs, updated_at=timezone.now()
    )


@transaction.atomic
def keep_place(place: Enrolment, *, seen: int, by: Any = None, **fields: Any) -> None:
    """Correct name, title, organisation or language. `by` is None from the person's own page.

    Raises PermissionDenied; Conflict when somebody saved since version `seen`; TransitionRefused once it was given back.
    """
    fresh = locked_place(place)
    if by is not None:
        _require_organising(by, fresh)
    if fresh.status not in LIVE:
        raise TransitionRefused(_("This place was given back already."))
    save_version(place, seen=seen, fields=fields)


@transaction.atomic
def readdress(place: Enrolment, *, email: str, by: Any) -> None:
    """Write to a person at another address: the old link is dead, the letter goes out again, and so do questions that are open.

    Until something was completed, the place follows the learner of the new address; who has an account stays the learner
    when nobody else is known there. Raises TransitionRefused when that one has a place already.
    """
    place, before, address = locked_place(place), place.email, email.strip().lower()
    _require_organising(by, place)
    if place.status not in LIVE:
        raise TransitionRefused(_("This place was given back already."))
    try:
        with transaction.atomic():
            keeps = place.completed_at is not None or (place.learner.user_id is not None and not is_known(address))
            learner = place.learner if keeps else learner_for(email=address, name=place.name, language=place.language)
            if Enrolment.objects.live().filter(offering=place.offering, email=address).exclude(pk=place.pk).exists():
                raise IntegrityError
            write(place, email=address, nonce=new_nonce(), learner=learner)
    except IntegrityError:
        raise TransitionRefused(_("%(email)s has a place already.") % {"email": address}) from None
    for one in place.offering.surveys.select_related("survey"):
        surveys.readdress(one.survey, old_email=before, new_email=address)
    _tell_again(place, f":{place.nonce[:6]}")


def _tell_again(place: Enrolment, occasion: str) -> None:
    """The letter with the link to the own page: that of the certificate once there is one, else that of the place ahead."""
    has_paper = certificates.send_again(place, occasion=occasion)
    if not has_paper and place.offering.state == G.OPEN and not place.offering.is_over:
        _tell_status(place, occasion)


@transaction.atomic
def stop_letters(place: Enrolment) -> None:
    """No further reminders about these dates; changes and what one attained are still told."""
    Enrolment.objects.filter(pk=place.pk).update(wants_no_more=True, updated_at=timezone.now())


@transaction.atomic
def send_links_again(email: str) -> int:
    """Send the personal links of offerings ahead, and of those that gave a certificate, to `email`, at most once an hour.

    Return of how many places.
    """
    address, hour = email.strip().lower(), f":again:{timezone.now():%Y%m%d%H}"
    ahead = Q(offering__in=Offering.objects.upcoming(timezone.localdate()))
    papers = Q(certificate__isnull=False, certificate__revoked_at__isnull=True)
    places = Enrolment.objects.live().filter(ahead | papers, email=address)
    found = list(places.select_related("offering__module", "offering__host", "enrolled_by", "learner"))
    for place in found:
        _tell_again(place, hour)
    return len(found)


@transaction.atomic
def not_me(place: Enrolment) -> None:
    """The link reached somebody else: name and address are removed, whoever enrolled the person is told, the place is free.

    A learner who exists only because of this place loses name and address too. After a completion nothing is removed
    (TransitionRefused): a certificate names the person, and the coordinators look into it.
    """
    place = locked_place(place)
    if Certificate.objects.filter(enrolment=place).exists():
        raise TransitionRefused(_("A certificate was issued for this place. Please write to the network."))
    registrar = place.enrolled_by
    if registrar is not None and registrar.email.lower() != place.email:
        language: Any = registrar.language
        to = Recipient(registrar.email, registrar.name, language, registrar.time_zone)
        tell(kinds.PLACE_NOT_ME, place.offering, to, occasion=f"{place.pk}", person=kinds.both(place.name))
    _forget_learner(place)
    ended = {"status": Status.CANCELLED, "waiting_since": None} if place.is_live and not place.offering.is_over else {}
    write(
        place,
        name=_("Name removed"),
        title="",
        organisation="",
        email=f"removed-{place.pk}@removed.invalid",
        dietary_needs="",
        access_needs="",
        answer_note="",
        nonce=new_nonce(),
        stakeholder=None,
        wants_no_more=True,
        ended_at=timezone.now(),
        **ended,
    )
    fill_free_places(place.offering)


def _forget_learner(place: Enrolment) -> None:
    """Remove name and address of a learner without account, whom nothing but this place speaks of."""
    others = Q(enrolments__isnull=False) & ~Q(enrolments=place.pk)
    known = Q(attainments__isnull=False) | Q(claims__isnull=False) | Q(certificates__isnull=False) | others
    if not Learner.objects.filter(known, pk=place.learner_id).exists():
        Learner.objects.filter(pk=place.learner_id, user__isnull=True, stakeholder__isnull=True).update(
            name=_("Name removed"), email=f"removed-{place.learner_id}@removed.invalid"
        )
