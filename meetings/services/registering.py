"""Coming to a meeting: taking a place, waiting for one, giving it back. The meeting's row is locked first, so that two people never take the last place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from cmncp_portal.core import places as core
from cmncp_portal.core.editing import save_version
from cmncp_portal.core.links import new_nonce
from cmncp_portal.core.places import LIVE, Status
from cmncp_portal.core.workflow import TransitionRefused

from .. import notifications as kinds
from ..models import Audience, Invitee, Meeting, Registration
from ..selectors.places import Room, position_of, room_of
from ..workflow import seats_may_change
from .persons import Person, known_people, place_for
from .telling import tell_place

MOST_AT_ONCE = 20  # people whom one person registers in one go


def locked(meeting: Meeting) -> Meeting:
    """Return `meeting` read again under a lock that lasts to the end of the transaction, with its places."""
    Meeting.objects.select_for_update(of=("self",)).only("pk").get(pk=meeting.pk)
    return Meeting.objects.with_places().get(pk=meeting.pk)


def _refuse_registration(meeting: Meeting, by: Any, invitee: Invitee | None) -> None:
    organises = by is not None and by.has_perm("meetings.keep_registrations", meeting)
    invited = invitee is not None and invitee.meeting_id == meeting.pk
    knows = by is not None and Meeting.objects.visible_to(by).filter(pk=meeting.pk).exists()
    if not (organises or invited or knows or meeting.audience == Audience.PUBLIC):
        raise PermissionDenied
    if meeting.state != Meeting.State.ANNOUNCED or meeting.is_over:
        raise TransitionRefused(
            _("One can no longer register: the meeting is “%(state)s”.") % {"state": meeting.get_state_display()}
        )
    if not organises and not meeting.is_registration_open:
        raise TransitionRefused(_("Registration is closed."))


@transaction.atomic
def register(
    meeting: Meeting, *, people: Sequence[Person], by: Any = None, by_name: str = "", invitee: Invitee | None = None
) -> list[Registration]:
    """Give each of `people` a place, or a turn on the waiting list, or ask for approval; each gets an own letter.

    `by` is the signed-in person who registers, None for somebody without an account (then `by_name` says who, and
    `invitee` opens meetings that are not public). Return the new places in order; who has a place already is left out.
    Raises PermissionDenied; TransitionRefused when registration is closed or everybody is registered already.
    """
    meeting = locked(meeting)
    _refuse_registration(meeting, by, invitee)
    wanted = {p.email.strip().lower(): p for p in people if p.email.strip()}
    live = Registration.objects.live().filter(meeting=meeting, email__in=list(wanted))
    known = {email.lower() for email in live.values_list("email", flat=True)}
    new = [person for email, person in wanted.items() if email not in known][:MOST_AT_ONCE]
    if not new:
        raise TransitionRefused(_("Everybody you named is registered already."), done_already=True)
    found = known_people([p.email for p in new])
    approval = meeting.needs_approval and not (by is not None and by.has_perm("meetings.keep_registrations", meeting))
    places = [place_for(meeting, p, found.get(p.email.strip().lower()), by, by_name) for p in new]
    _take_all(meeting, places, approval=approval)
    made = Registration.objects.bulk_create(places)
    Invitee.objects.filter(meeting=meeting, email__in=[p.email for p in made]).update(declined_at=None)
    for place in made:
        place.meeting = meeting
        _tell_status(place)
    return made


def _take_all(meeting: Meeting, places: Sequence[Registration], *, approval: bool) -> None:
    """Decide about each place in turn while the meeting is locked."""
    room, now = room_of(meeting), timezone.now()
    left, waits = room.left, room.waiting > 0
    for place in places:
        fills = _fills_the_room(meeting, place)
        core.take(place, free=left if fills else None, someone_waits=waits and fills, needs_approval=approval, now=now)
        if fills and place.status == Status.REGISTERED and left is not None:
            left -= 1
        waits = waits or place.status == Status.WAITING


def _fills_the_room(meeting: Meeting, place: Registration) -> bool:
    return not (meeting.mode == Meeting.Mode.HYBRID and place.is_online)


def _tell_status(place: Registration, again: str = "") -> None:
    """Write the letter that says what became of a registration."""
    by = place.registered_by_name if _is_by_somebody_else(place) else ""
    moment = f"{int(place.asked_at.timestamp())}{again}"
    if place.status == Status.REGISTERED:
        tell_place(
            kinds.PLACE_CONFIRMED,
            place,
            occasion=f"confirmed:{place.meeting.sequence}:{moment}",
            method="REQUEST",
            by=kinds.both(by),
            is_online=kinds.both(takes_part_online(place)),
        )
    elif place.status == Status.WAITING:
        position = kinds.both(position_of(place))
        tell_place(kinds.PLACE_WAITING, place, occasion=f"waiting:{moment}", by=kinds.both(by), position=position)
    elif place.status == Status.REQUESTED:
        tell_place(kinds.PLACE_REQUESTED, place, occasion=f"requested:{moment}", by=kinds.both(by))


def _is_by_somebody_else(place: Registration) -> bool:
    if place.registered_by is not None:
        return place.registered_by.email.lower() != place.email.lower()
    return bool(place.registered_by_name) and place.registered_by_name != place.name


def takes_part_online(place: Registration) -> bool:
    """Tell whether the person follows from afar: everyone at a virtual meeting, those who chose it at a hybrid one."""
    return place.meeting.mode == Meeting.Mode.VIRTUAL or (place.meeting.mode == Meeting.Mode.HYBRID and place.is_online)


def locked_place(place: Registration) -> Registration:
    """Lock the meeting, then the place: always in this order, so that nobody waits for each other."""
    meeting = locked(place.meeting)
    fresh: Registration = (
        Registration.objects.select_for_update(of=("self",)).select_related("registered_by").get(pk=place.pk)
    )
    fresh.meeting = meeting
    return fresh


@transaction.atomic
def cancel_place(place: Registration, *, by: Any = None, word: str = "") -> None:
    """Give a place back, or leave the waiting list; who waits longest follows at once, and is told.

    `by` is None when the person does it from the own page. A coordinator, or whoever registered the person, may do it too.
    Raises PermissionDenied; TransitionRefused when the place was given back before or the meeting is over.
    """
    place = locked_place(place)
    if by is not None and not _may_cancel(by, place):
        raise PermissionDenied
    if place.status not in LIVE:
        raise TransitionRefused(_("This place was given back already."), done_already=True)
    if place.meeting.state == Meeting.State.CANCELLED:
        raise TransitionRefused(
            _("This meeting does not take place: there is nothing to give back."), done_already=True
        )
    if place.meeting.is_over or place.meeting.state == Meeting.State.HELD:
        raise TransitionRefused(_("The meeting is over."))
    was_registered = place.status == Status.REGISTERED
    now = timezone.now()
    write(place, status=Status.CANCELLED, ended_at=now, waiting_since=None, refuse_by=None, answer_note=word)
    itself = by is None or by.email.lower() == place.email.lower()
    tell_place(
        kinds.PLACE_CANCELLED,
        place,
        occasion=f"cancelled:{int(now.timestamp())}",
        method="CANCEL" if was_registered else None,
        by=kinds.both("" if itself else str(by)),
        word=kinds.both("" if itself else word),
    )
    fill_free_places(place.meeting)


def _may_cancel(by: Any, place: Registration) -> bool:
    return (
        by.has_perm("meetings.keep_registrations", place.meeting)
        or by.email.lower() == place.email.lower()
        or place.registered_by_id == by.pk
    )


def write(place: Registration, **fields: Any) -> None:
    Registration.objects.filter(pk=place.pk).update(**fields, version=F("version") + 1, updated_at=timezone.now())
    for name, value in fields.items():
        setattr(place, name, value)
    place.version += 1


def fill_free_places(meeting: Meeting) -> list[Registration]:
    """Let those who wait come in, in order, as far as there are places; each is told until when to give it back.

    Nobody comes off the list once the meeting has begun, while it is postponed, or when it is over. Locks the meeting.
    """
    with transaction.atomic():
        meeting = locked(meeting)
        now = timezone.now()
        if meeting.state != Meeting.State.ANNOUNCED or (meeting.begins and meeting.begins <= now) or meeting.is_over:
            return []
        until = core.refuse_by(now, meeting.time_zone, meeting.begins)
        waiting = Registration.objects.filter(meeting=meeting)
        chosen: list[Registration] = list(core.promote(waiting, free=room_of(meeting).left, now=now, until=until))
        for place in chosen:
            place.meeting = meeting
            _tell_promoted(place, until)
        return chosen


def _tell_promoted(place: Registration, until: datetime) -> None:
    tell_place(
        kinds.OFF_WAITING_LIST,
        place,
        occasion=f"promoted:{int(until.timestamp())}",
        method="REQUEST",
        until=kinds.instant_words(until, place.meeting),
        is_online=kinds.both(takes_part_online(place)),
    )


@transaction.atomic
def approve(place: Registration, *, by: Any) -> None:
    """Accept somebody who asked for a place: a place if there is one, else a turn on the waiting list.

    Raises PermissionDenied; TransitionRefused when somebody answered before, or unless the meeting is announced and lies ahead.
    """
    place = _to_answer(place, by, Meeting.State.ANNOUNCED)
    _take_all(place.meeting, [place], approval=False)
    write(place, status=place.status, waiting_since=place.waiting_since, asked_at=place.asked_at)
    _tell_status(place, ":approved")


@transaction.atomic
def decline(place: Registration, *, by: Any, word: str) -> None:
    """Do not accept somebody who asked for a place; the word is read by that person. Raises as `approve`."""
    place = _to_answer(place, by, Meeting.State.ANNOUNCED, Meeting.State.POSTPONED)
    if not word.strip():
        raise TransitionRefused(_("Please give a reason; the person will read it."))
    write(place, status=Status.DECLINED, ended_at=timezone.now())
    tell_place(kinds.PLACE_DECLINED, place, occasion=f"declined:{place.version}", word=kinds.both(word))


def _to_answer(place: Registration, by: Any, *states: str) -> Registration:
    """Return `place`, locked, if `by` may answer it now: it is asked for, at a meeting in one of `states` that lies ahead."""
    place = locked_place(place)
    _require_keeping(by, place)
    if place.status != Status.REQUESTED:
        raise TransitionRefused(
            _("Already answered: “%(status)s”.") % {"status": place.get_status_display()}, done_already=True
        )
    if place.meeting.state not in states:
        raise TransitionRefused(
            _("This is not possible while it is “%(state)s”.") % {"state": place.meeting.get_state_display()}
        )
    if place.meeting.is_over:
        raise TransitionRefused(_("The meeting is over."))
    return place


def _require_keeping(by: Any, place: Registration) -> None:
    if not by.has_perm("meetings.keep_registrations", place.meeting):
        raise PermissionDenied


@transaction.atomic
def keep_needs(place: Registration, *, dietary_needs: str, access_needs: str) -> None:
    """Keep what only the organisers read; deleted thirty days after the meeting."""
    place = locked_place(place)
    if place.status not in LIVE or place.meeting.is_over or place.meeting.state == Meeting.State.CANCELLED:
        raise TransitionRefused(_("This meeting no longer asks for needs."))
    Registration.objects.filter(pk=place.pk).update(
        dietary_needs=dietary_needs, access_needs=access_needs, updated_at=timezone.now()
    )


@transaction.atomic
def keep_place(place: Registration, *, seen: int, by: Any = None, **fields: Any) -> None:
    """Correct name, title, organisation, language, or how somebody takes part. `by` is None from the person's own page.

    Raises Conflict when somebody saved since version `seen`; TransitionRefused when no place in the room is left for
    somebody who meant to follow online, or when the meeting is over: how one took part is then a matter of attendance.
    """
    fresh = locked_place(place)
    if by is not None and not by.has_perm("meetings.keep_registrations", fresh.meeting):
        raise PermissionDenied
    if fresh.status not in LIVE:
        raise TransitionRefused(_("This place was given back already."))
    attends = fields.get("attends", fresh.attends)
    if fresh.meeting.mode != Meeting.Mode.HYBRID:
        fields.pop("attends", None)
    elif attends != fresh.attends:
        fields |= _changed_seat(fresh, attends)
    save_version(place, seen=seen, fields=fields)
    if fresh.status == Status.WAITING and place.status == Status.REGISTERED:
        place.meeting = fresh.meeting
        _tell_status(place, ":online")
    fill_free_places(fresh.meeting)


def _changed_seat(place: Registration, attends: str) -> dict[str, Any]:
    """What changes for who comes after all, or follows online instead."""
    if reason := seats_may_change(place.meeting):
        raise TransitionRefused(reason)
    if attends == Registration.Attends.ONLINE:
        return {"status": Status.REGISTERED, "waiting_since": None} if place.status == Status.WAITING else {}
    room: Room = room_of(place.meeting)
    if place.status == Status.REGISTERED and room.is_full:
        raise TransitionRefused(_("No place in the room is left. You keep your place online."))
    return {}


@transaction.atomic
def readdress(place: Registration, *, email: str, by: Any) -> None:
    """Write to a person at another address: the old link is dead, the letter goes out again."""
    place = locked_place(place)
    _require_keeping(by, place)
    if place.status not in LIVE:
        raise TransitionRefused(_("This place was given back already."))
    try:
        with transaction.atomic():
            write(place, email=email.strip().lower(), nonce=new_nonce())
    except IntegrityError:
        raise TransitionRefused(_("%(email)s is registered already.") % {"email": email}) from None
    _tell_status(place, f":{place.nonce[:6]}")


@transaction.atomic
def stop_letters(place: Registration) -> None:
    """No further letters, except when a meeting to which one goes changes or is cancelled."""
    Registration.objects.filter(pk=place.pk).update(wants_no_more=True, updated_at=timezone.now())


@transaction.atomic
def send_links_again(email: str) -> int:
    """Send the personal links of meetings that are not over to `email`, at most once an hour; return how many letters."""
    address, hour = email.strip().lower(), f":again:{timezone.now():%Y%m%d%H}"
    today = timezone.localdate()
    open_ones = Meeting.objects.upcoming(today).published().with_places()
    places = Registration.objects.live().filter(email__iexact=address, meeting__in=open_ones)
    registered = set()
    for place in places.select_related("meeting__host", "meeting__region", "registered_by"):
        registered.add(place.meeting_id)
        _tell_status(place, hour)
    return len(registered) + _invitations_again(address, registered, hour)


def _invitations_again(address: str, registered: set[int], hour: str) -> int:
    from .announcing import invite_again

    today = timezone.localdate()
    asked = Invitee.objects.filter(email=address, meeting__in=Meeting.objects.upcoming(today))
    rows = asked.exclude(meeting__in=registered).select_related("meeting__host", "meeting__region")
    return sum(invite_again(invitee, hour) for invitee in rows)
